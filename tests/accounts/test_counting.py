"""Counting: what was accepted, late or refused in a month of decisions, from what is on file."""

from __future__ import annotations

import json
import os
from datetime import date

import pytest

from chalicelib.accounts import counting, service, store
from chalicelib.accounts.model import Count
from chalicelib.accounts.service import COVERAGE
from chalicelib.intake import corrections
from chalicelib.web.model import Scope
from tests.accounts import town
from tests.intake import town as intake
from tests.support.faults import counting as calls_made
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("POLICY_DIR", os.environ["POLICY_DIR"])  # put back afterwards
    world = make_world(aws)
    town.settle(world)
    return world


def licences(world: World, month: str = town.MONTH, agency: str = town.BUREAU) -> Count:
    account = store.load_account(world.platform, agency, month)
    assert account is not None
    return account.counts[town.LICENCE]


@pytest.mark.requirement("R-27")
def test_accepted_and_late_are_counted_by_the_month_of_the_decision(world: World) -> None:
    town.submit_licences(world, "2026-05-06", "2026-05-31", "2026-06-10")
    counting.count(world.platform, town.BUREAU, "2026-05", "nanjing")
    counting.count(world.platform, town.BUREAU, "2026-06", "nanjing")
    # The last days were 14 May (the 9th was worked) and 9 June; received on 15 June.
    assert licences(world, "2026-05") == Count(accepted=2, late=2)
    assert licences(world, "2026-06") == Count(accepted=1)


@pytest.mark.requirement("R-27")
def test_a_withdrawn_record_no_longer_counts(world: World) -> None:
    town.submit_licences(world, "2026-05-06", "2026-05-07")
    (first, _) = world.platform.records.query_index("by_reporter", town.BUREAU).items
    edit = corrections.Edit(
        intake.clerk(), Scope.OWN, str(first["record_id"]), 1, "不应报送", b"{}"
    )
    corrections.withdraw_record(world.platform, edit)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    assert licences(world).accepted == 1


@pytest.mark.requirement("R-27")
def test_a_finished_file_has_its_months_counted_and_its_wrong_rows(world: World) -> None:
    town.file_licences(
        world,
        [(1, "2026-05-06", "ordinary"), (2, "2026-05-08", "wrong"), (3, "2026-06-10", "ordinary")],
    )
    town.work(world)
    assert licences(world, "2026-05") == Count(
        accepted=1, late=1, rejected=1, first_due_on="2026-05-18"
    )
    assert licences(world, "2026-06").accepted == 1
    (row,) = store.open_rows(world.platform, town.BUREAU, "2026-05", 1)
    assert (row.row, row.decided_on, row.due_on) == (3, "2026-05-08", "2026-05-18")
    assert row.faults == (("/fields/licence_category", "not_a_choice"),)


@pytest.mark.requirement("R-27")
def test_the_same_wrong_row_sent_twice_is_one_and_counts_no_more_once_accepted(
    world: World,
) -> None:
    for _ in range(2):
        world.clock.advance(minutes=1)
        town.file_licences(world, [(2, "2026-05-08", "wrong")])
        town.work(world)
        assert licences(world).rejected == 1
    world.clock.advance(minutes=1)
    town.file_licences(world, [(2, "2026-05-08", "ordinary")])
    town.work(world)
    assert licences(world) == Count(accepted=1, late=1)


@pytest.mark.requirement("R-27")
def test_a_row_whose_date_cannot_be_read_counts_to_the_month_of_receipt(world: World) -> None:
    town.file_licences(world, [(2, "soon", "ordinary")])
    town.work(world)
    assert licences(world, "2026-06") == Count(rejected=1)


@pytest.mark.requirement("R-27")
def test_nothing_personal_is_kept_of_a_refused_row(world: World) -> None:
    sent = intake.licence(7, decided_on="2026-05-08", licence_category="wrong")
    person = intake.citizen_code(9)
    sent["subject"] = {"citizen_code": person, "name": "李某乙"}
    sent["fields"][person] = "x"
    content = (json.dumps(sent, ensure_ascii=False) + "\n").encode()
    upload_id = intake.post_file(world, content, form="jsonl", record_type=town.LICENCE)
    intake.work_file(world, upload_id)
    town.work(world)
    assert licences(world).rejected == 1
    kept = repr(list(store.refused_in(world.platform, town.BUREAU, town.MONTH)))
    assert person not in kept and "李某乙" not in kept


@pytest.mark.requirement("R-27")
def test_calls_grow_with_pages_not_with_rows(world: World) -> None:
    rows = [(number, "2026-05-08", "wrong") for number in range(1, 1001)]
    rows += [(number, "2026-05-11", "ordinary") for number in range(1001, 1501)]
    town.file_licences(world, rows)
    gather, *_ = world.take(world.platform.accounts_queue)
    with calls_made() as gathered:
        counting.do_job(world.platform, gather)
    with calls_made() as counted:
        counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    found = licences(world)
    assert (found.accepted, found.rejected) == (500, 1000)
    # 1 000 refused rows: the chunks read, two items written and read, ten look-ups of a hundred;
    # 500 accepted ones: a page or two of the index.
    assert len(gathered) <= 10
    assert len(counted) <= 22


@pytest.mark.requirement("R-28")
def test_coverage_is_the_share_of_a_region_s_bodies_and_officials_with_anything_on_file(
    world: World,
) -> None:
    intake.submit(world, intake.honour())  # about the housing bureau, one of two
    intake.submit(world, intake.discipline())  # about the only official
    counting.cover(world.platform, town.CITY)
    for code, share in zip(COVERAGE, ((1, 2), (1, 1)), strict=True):
        found = service.figure(
            world.platform,
            code,
            jurisdiction="nanjing",
            on=date(2026, 6, 15),
            region=town.CITY,
        )
        assert (found.numerator, found.denominator) == share
        assert found.computed_at == "2026-06-15T04:00:00.000Z"


def test_an_agency_nobody_registered_has_no_account(world: World) -> None:
    counting.count(world.platform, intake.body_code(99), town.MONTH, "nanjing")
    assert store.load_account(world.platform, intake.body_code(99), town.MONTH) is None


def test_a_count_that_began_earlier_does_not_replace_a_later_one(world: World) -> None:
    town.submit_licences(world, "2026-05-06")
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    town.submit_licences(world, "2026-05-07", start=2)
    world.clock.advance(minutes=-1)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    assert licences(world).accepted == 1
    world.clock.advance(minutes=2)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    assert licences(world).accepted == 2
