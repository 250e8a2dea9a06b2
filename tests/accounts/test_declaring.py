"""What an agency does with its account, and what others see of it."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import pytest

from chalicelib.accounts import counting, declaring, reading, service, store
from chalicelib.accounts.declaring import Declared
from chalicelib.accounts.model import Account
from chalicelib.accounts.rules import lines_of
from chalicelib.aws.writes import Update
from chalicelib.intake import corrections
from chalicelib.intake.answers import CorrectionIn
from chalicelib.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.web.model import Scope
from tests.accounts import town
from tests.intake import town as intake
from tests.support.world import World, make_world

CLERK = intake.clerk()


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("POLICY_DIR", os.environ["POLICY_DIR"])  # put back afterwards
    world = make_world(aws)
    town.settle(world)
    return world


def declare(world: World, produced: int, expected: int = 0, **more: str) -> object:
    wanted = Declared(
        more.get("month", town.MONTH), more.get("type", town.LICENCE), produced, "", expected
    )
    return declaring.declare(world.platform, CLERK, wanted)


def own(world: World, month: str = town.MONTH) -> Account:
    return reading.find_account(world.platform, CLERK, Scope.OWN, month, "")


@pytest.mark.requirement("R-27")
def test_a_changed_declaration_keeps_what_was_declared_before(world: World) -> None:
    declare(world, 3)
    world.clock.advance(days=1)
    declare(world, 5, expected=1)
    kept = store.declarations_of(world.platform, town.BUREAU, town.MONTH, town.LICENCE)
    assert [(one.version, one.produced, one.declared_by) for one in kept] == [
        (1, 3, "clerk-1"),
        (2, 5, "clerk-1"),
    ]
    assert kept[0].declared_at < kept[1].declared_at
    assert own(world).declarations[town.LICENCE].produced == 5


def test_an_edit_needs_the_version_it_is_based_on_and_may_be_sent_again(world: World) -> None:
    declare(world, 3)
    assert declare(world, 3) == declare(world, 3)  # sent again
    with pytest.raises(PreconditionFailed):
        declare(world, 4)
    with pytest.raises(PreconditionFailed):
        declare(world, 4, expected=2)
    assert declare(world, 4, expected=1) == declare(world, 4, expected=1)
    assert own(world).declarations[town.LICENCE].version == 2


@pytest.mark.requirement("R-27")
def test_declared_fewer_than_reported_shows_the_difference(world: World) -> None:
    town.submit_licences(world, "2026-05-06", "2026-05-07", "2026-05-08")
    declare(world, 2)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    licences, penalties = lines_of(own(world), own(world).types)
    assert (licences.produced, licences.accepted, licences.pending) == (2, 3, 0)
    assert (licences.undeclared, licences.is_consistent) == (1, False)
    assert penalties.produced is None


def test_what_is_declared_is_checked(world: World) -> None:
    for wrong in ({"month": "2026-07"}, {"month": "2026-13"}, {"type": "honour"}):
        with pytest.raises(Invalid):
            declare(world, 1, **wrong)
    wanted = Declared(town.MONTH, town.LICENCE, 1, f"见{intake.OFFICIAL}", 0)
    with pytest.raises(Invalid):
        declaring.declare(world.platform, CLERK, wanted)


@pytest.mark.requirement("R-27")
def test_the_clerk_sees_the_account_before_the_credit_office_does(world: World) -> None:
    office = town.caller("credit_office")

    def seen(month: str) -> int:
        found = reading.rank(world.platform, office, Scope.REGION, month, "", "compliance_rate")
        return len(found.standings)

    declare(world, 0, month="2026-06")
    declare(world, 0, month="2026-06", type=town.PENALTY)
    assert own(world, "2026-06").declarations
    assert seen("2026-06") == 0
    with pytest.raises(NotFound):
        reading.find_account(world.platform, office, Scope.REGION, "2026-06", town.BUREAU)
    declaring.confirm(world.platform, CLERK, "2026-06")
    assert seen("2026-06") == 1
    declare(world, 0, month="2026-05")
    assert seen("2026-05") == 1  # its day, 10 June, has passed


@pytest.mark.requirement("R-27")
def test_an_account_is_confirmed_only_with_every_type_declared(world: World) -> None:
    declare(world, 3)
    with pytest.raises(Conflict) as refused:
        declaring.confirm(world.platform, CLERK, town.MONTH)
    assert refused.value.code == "not_declared"
    assert "零报告" in refused.value.detail
    declare(world, 0, type=town.PENALTY)
    first = declaring.confirm(world.platform, CLERK, town.MONTH)
    world.clock.advance(days=1)
    assert declaring.confirm(world.platform, CLERK, town.MONTH) == first


@pytest.mark.requirement("R-27")
def test_a_refused_row_is_closed_with_a_reason_that_is_kept(world: World) -> None:
    town.file_licences(world, [(2, "2026-05-08", "wrong")])
    town.work(world)
    (row,) = store.open_rows(world.platform, town.BUREAU, town.MONTH, 1)
    for _ in range(2):
        declaring.close_row(world.platform, CLERK, town.MONTH, row.row_id, "不属于应报范围")
    town.work(world)
    count = own(world).counts[town.LICENCE]
    assert (count.rejected, count.closed) == (0, 1)
    kept = store.closures_of(world.platform, town.BUREAU, town.MONTH)[row.row_id]
    assert (kept.reason, kept.closed_by) == ("不属于应报范围", "clerk-1")
    with pytest.raises(Conflict):
        declaring.close_row(world.platform, CLERK, town.MONTH, row.row_id, "重复")
    with pytest.raises(NotFound):
        declaring.close_row(world.platform, CLERK, town.MONTH, "x_none", "重复")


@pytest.mark.requirement("R-27", "R-28")
def test_figures_are_those_of_the_latest_month_whose_day_has_passed(world: World) -> None:
    town.submit_licences(world, "2026-05-06", "2026-05-29")
    declare(world, 4)
    declare(world, 0, type=town.PENALTY)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    counting.count(world.platform, town.HOUSING, town.MONTH, "nanjing")

    def figure(code: service.FigureCode, on: date, **whose: str) -> tuple[int, int]:
        found = service.figure(world.platform, code, jurisdiction="nanjing", on=on, **whose)
        return (found.numerator, found.denominator)

    after, before = date(2026, 6, 15), date(2026, 6, 10)
    assert figure("collection_rate", after, agency=town.BUREAU) == (2, 4)
    assert figure("on_time_rate", after, agency=town.BUREAU) == (0, 2)
    assert figure("compliance_rate", after, region=town.CITY) == (2, 2)
    assert figure("collection_rate", before, agency=town.BUREAU) == (0, 0)
    # Of three types in which nothing was decided one was reported as zero.
    assert figure("zero_report_share", after, region=town.CITY) == (1, 3)


@pytest.mark.requirement("R-27")
def test_the_sweep_has_every_agency_counted_once_a_day_and_what_changed_every_hour(
    world: World,
) -> None:
    world.clock.advance(hours=3)
    assert service.sweep(world.platform)["accounts"] == 2 * 4 + 1  # agencies x months, one region
    town.work(world)
    assert own(world).computed_at
    town.submit_licences(world, "2026-05-06", "2026-05-07")
    world.clock.advance(hours=1, minutes=5)
    assert service.sweep(world.platform) == {"accounts": 1}
    town.work(world)
    assert own(world).counts[town.LICENCE].accepted == 2
    assert service.sweep(world.platform) == {"accounts": 0}
    world.clock.advance(days=1)
    assert service.sweep(world.platform)["accounts"] == 9


@pytest.mark.requirement("R-27")
def test_a_sweep_that_was_away_makes_up_for_it(world: World) -> None:
    service.sweep(world.platform)
    town.work(world)
    town.submit_licences(world, "2025-12-08")  # a month the daily round does not look at
    world.clock.advance(days=2)
    service.sweep(world.platform)
    town.work(world)
    assert own(world, "2025-12").counts[town.LICENCE].accepted == 1


@pytest.mark.requirement("R-27")
def test_a_corrected_date_has_both_months_counted_again(world: World) -> None:
    town.submit_licences(world, "2025-11-10")
    counting.count(world.platform, town.BUREAU, "2025-11", "nanjing")
    assert own(world, "2025-11").counts[town.LICENCE].accepted == 1
    service.sweep(world.platform)
    town.work(world)
    (record,) = world.platform.records.query_index("by_reporter", town.BUREAU).items
    edit = corrections.Edit(CLERK, Scope.OWN, str(record["record_id"]), 1, "日期有误", b"{}")
    change = CorrectionIn(fields={"decided_on": "2025-12-10"}, reason="日期有误")
    corrections.correct_record(world.platform, edit, change)
    world.clock.advance(hours=2)
    service.sweep(world.platform)
    town.work(world)
    assert own(world, "2025-11").counts[town.LICENCE].accepted == 0
    assert own(world, "2025-12").counts[town.LICENCE].accepted == 1


@pytest.mark.requirement("R-27")
def test_a_declaration_changed_after_the_confirmation_has_to_be_confirmed_again(
    world: World,
) -> None:
    office = town.caller("credit_office")
    declare(world, 1, month="2026-06")
    declare(world, 0, month="2026-06", type=town.PENALTY)
    assert declaring.confirm(world.platform, CLERK, "2026-06").confirmed_by == "clerk-1"
    declare(world, 1, month="2026-06")  # sent again: nothing has changed
    assert own(world, "2026-06").confirmed_at
    declare(world, 2, month="2026-06", expected=1)
    assert not own(world, "2026-06").confirmed_at
    with pytest.raises(NotFound):
        reading.find_account(world.platform, office, Scope.REGION, "2026-06", town.BUREAU)
    declaring.confirm(world.platform, CLERK, "2026-06")
    assert reading.find_account(world.platform, office, Scope.REGION, "2026-06", town.BUREAU)


def test_a_declaration_that_changes_during_the_confirmation_is_not_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(world, 1)
    declare(world, 0, type=town.PENALTY)
    write = store.confirming_write

    def overtaken(*found: Any) -> Update:
        declare(world, 9, expected=1)
        return write(*found)

    monkeypatch.setattr(store, "confirming_write", overtaken)
    with pytest.raises(PreconditionFailed):
        declaring.confirm(world.platform, CLERK, town.MONTH)
    assert not own(world).confirmed_at


@pytest.mark.requirement("R-27")
def test_a_row_closed_and_accepted_all_the_same_counts_once(world: World) -> None:
    town.file_licences(world, [(2, "2026-05-08", "wrong")])
    town.work(world)
    (row,) = store.open_rows(world.platform, town.BUREAU, town.MONTH, 1)
    declaring.close_row(world.platform, CLERK, town.MONTH, row.row_id, "不属于应报范围")
    town.file_licences(world, [(2, "2026-05-08", "ordinary")])
    town.work(world)
    count = own(world).counts[town.LICENCE]
    assert (count.accepted, count.rejected, count.closed) == (1, 0, 0)


@pytest.mark.requirement("R-27")
def test_a_type_not_counted_yet_is_shown_to_the_office_by_what_the_agency_reports(
    world: World,
) -> None:
    declare(world, 3)
    office = town.caller("credit_office")
    shown = reading.find_account(world.platform, office, Scope.REGION, town.MONTH, town.BUREAU)
    assert shown.types == own(world).types and town.PENALTY in shown.types
