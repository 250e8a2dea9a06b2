"""The daily look: what is raised, when it falls, what its case learns, and that nothing is lost,
doubled or mixed up on the way."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.evaluation.model import FactRow
from chalicelib.kernel.errors import Unavailable
from chalicelib.monitoring import service, sources, store, store_warnings
from chalicelib.monitoring.handlers import do_job, work_jobs
from chalicelib.monitoring.presenting import back_test_out
from chalicelib.policy.model import Pack
from chalicelib.web.model import Answer
from tests.evaluation.town import caller
from tests.invariants.events import EVENTS
from tests.monitoring import town
from tests.monitoring.town import BUREAU, GOVERNMENT, breach
from tests.support.faults import Recorder, state
from tests.support.world import World, fresh_world, sqs_event

pytestmark = pytest.mark.requirement("R-64")



def run_of(world: World) -> Any:
    found = store.load_run(world.platform, f"mr_nanjing-{town.today(world)}")
    assert found is not None
    return found


def test_three_dishonesty_records_in_a_year_warn_the_body_and_open_one_case(world: World) -> None:
    town.settle(world)
    town.tick(world)
    warning = town.one_warning(world, "dishonesty_count")
    assert (warning.level, warning.peak, warning.value) == ("yellow", "yellow", "3")
    assert warning.reason == "2025-06-16至2026-06-15，失信记录件数（件数）为3，达到黄色阈值3"
    assert {row.row_id for row in warning.rows} == {f"rec_breach_{n}" for n in range(3)}
    case = town.case_of(world, warning)
    assert (case.case.state, case.parties.subject_id) == ("notified", BUREAU.subject_id)
    assert case.parties.superior == GOVERNMENT.unified_code
    assert case.case.values["level"] == "yellow" and case.case.values["reason"] == warning.reason
    run = run_of(world)
    assert (run.status, run.bodies, run.chunks, run.percentage) == ("completed", 3, 2, 100)


def test_the_same_warning_is_not_raised_again_while_it_stands(world: World) -> None:
    town.settle(world)
    town.tick(world)
    before = state(world)
    do_job(world.platform, {"job": "daily"})
    town.work_all(world)
    assert state(world) == before
    town.on_days(world, 2)
    assert len(town.warnings(world, "dishonesty_count")) == 1
    assert town.one_warning(world, "dishonesty_count").cases == 1


def test_a_value_that_flaps_is_one_warning_that_falls_after_the_calm_days(world: World) -> None:
    town.settle(world)
    town.tick(world)
    town.repaired(world, "rec_breach_0")
    town.on_days(world, 1)
    town.keep(world.platform, breach("rec_more", on=town.today(world)))
    town.on_days(world, 1)
    assert len(town.warnings(world, "dishonesty_count")) == 1
    for record_id in ("rec_breach_1", "rec_breach_2", "rec_more"):
        town.repaired(world, record_id)
    town.on_days(world, 1)
    assert town.one_warning(world, "dishonesty_count").is_open
    world.clock.advance(days=30)
    town.tick(world)
    warning = town.one_warning(world, "dishonesty_count")
    assert (warning.level, warning.peak) == ("none", "yellow")
    assert warning.closed_on == town.today(world)
    changes = [one.change for one in store_warnings.history_of(world.platform, warning.warning_id)]
    assert changes == ["raised", "closed"]
    # What was not handled is not over with the number: the case is told and goes on.
    case = town.case_of(world, warning)
    assert case.case.state == "notified" and case.case.done["subside"] == 1


def test_a_run_of_an_earlier_day_that_comes_late_changes_nothing(world: World) -> None:
    town.settle(world)
    do_job(world.platform, {"job": "daily"})
    late = world.take(world.platform.monitoring_queue)
    for number in range(3):
        town.repaired(world, f"rec_breach_{number}")
    town.on_days(world, 1)  # nobody is above any threshold, and today's word is the last
    for number in range(3):
        town.keep(world.platform, breach(f"rec_more_{number}"))
    for message in late:
        do_job(world.platform, message)
    town.work_all(world)
    assert town.warnings(world) == []


def test_a_body_that_left_the_register_has_its_warning_closed_and_its_case_told(
    world: World,
) -> None:
    town.settle(world)
    town.tick(world)
    town.struck_off(world, BUREAU)
    town.on_days(world, 1)
    warning = town.one_warning(world, "dishonesty_count")
    assert (warning.level, warning.closed_on, warning.case_level) == ("none", "2026-06-16", "none")
    assert "已不在监测范围内" in warning.reason
    assert town.case_of(world, warning).case.done["subside"] == 1
    before = state(world)
    do_job(world.platform, {"job": "daily"})
    town.work_all(world)
    assert state(world) == before


@pytest.mark.parametrize("left", [(), ("lost_lawsuits",)])
def test_warnings_end_with_their_rule_even_the_last_one(
    world: World, monkeypatch: pytest.MonkeyPatch, left: tuple[str, ...]
) -> None:
    town.settle(world, breaches=5)
    town.tick(world)
    assert {one.subject.watched for one in town.warnings(world)} == {"body", "region"}
    monkeypatch.setenv("POLICY_DIR", town.one_city(left))
    town.on_days(world, 1)
    assert not any(one.is_open for one in town.warnings(world))
    town.on_days(world, 1)
    again = store.load_run(world.platform, f"mr_nanjing-{town.today(world)}")
    assert (again is not None) == bool(left)  # with the last warning the looks end, too


def test_a_back_test_whose_messages_are_lost_goes_on_the_next_day_or_is_given_up(
    world: World,
) -> None:
    town.settle(world)
    order = service.BackTestOrder("lost_lawsuits", None, date(2026, 5, 1), date(2026, 6, 1))

    def start() -> str:
        answer = service.start_back_test(
            world.platform, caller(), order, claim=None,
            present=lambda run: Answer(202, {}, location=f"/{run.run_id}"),
        )  # fmt: skip
        world.take(world.platform.monitoring_queue)
        return str(answer.location)[1:]

    first = start()
    town.on_days(world, 1)
    done = store.load_run(world.platform, first)
    assert done is not None and done.status == "completed"
    second = start()
    world.clock.advance(days=4)
    town.tick(world)
    failed = store.load_run(world.platform, second)
    assert failed is not None
    assert (failed.status, failed.failure[:6]) == ("failed", "多日重试仍未")
    shown = back_test_out(failed)
    assert (shown.status, shown.failure) == ("failed", failed.failure)


def test_a_graver_level_is_told_to_the_same_case_at_once(world: World) -> None:
    town.settle(world)
    town.tick(world)
    for number in range(5):
        town.keep(world.platform, breach(f"rec_more_{number}", on="2026-06-14"))
    town.on_days(world, 1)
    warning = town.one_warning(world, "dishonesty_count")
    case = town.case_of(world, warning)
    assert (warning.level, warning.cases, warning.case_level) == ("red", 1, "red")
    assert case.case.values["level"] == "red" and case.case.done["raise_level"] == 1


def test_who_worsens_after_the_case_is_closed_has_a_new_case(world: World) -> None:
    town.settle(world)
    town.tick(world)
    first = town.one_warning(world, "dishonesty_count")
    item = world.platform.cases.get(f"CASE#{first.case_id}")
    assert item is not None
    item["state"] = "closed"
    world.platform.cases.put(item)
    for number in range(5):
        town.keep(world.platform, breach(f"rec_more_{number}", on="2026-06-14"))
    town.on_days(world, 1)
    warning = town.one_warning(world, "dishonesty_count")
    assert warning.cases == 2 and warning.case_id != first.case_id
    assert town.case_of(world, warning).case.values["level"] == "red"


def test_a_region_is_judged_by_all_its_bodies_and_its_government_is_warned(world: World) -> None:
    town.settle(world, breaches=5)
    town.tick(world)
    found = {one.subject.code: one for one in town.warnings(world, "dishonesty_concentration")}
    assert set(found) == {town.EAST, town.CITY}
    east = found[town.EAST]
    assert (east.value, east.level, east.body_id) == ("1", "orange", GOVERNMENT.subject_id)
    assert [(one.name, one.sample) for one in east.bodies] == [(BUREAU.name, 5)]
    assert town.case_of(world, east).case.values["reason"].startswith("示例")
    # The city has no government on the register: its credit office sees it, nobody else is told.
    assert (found[town.CITY].body_id, found[town.CITY].case_id) == ("", "")


def test_the_map_has_every_region_with_its_value_and_its_bodies(world: World) -> None:
    town.settle(world, breaches=5)
    town.tick(world)
    maps = store.maps_on(world.platform, town.JURISDICTION, town.today(world))
    concentration = {cell.region: cell for cell in maps["dishonesty_concentration"]}
    assert (concentration[town.EAST].value, concentration[town.EAST].level) == ("1", "orange")
    assert (concentration[town.WEST].value, concentration[town.WEST].level) == ("", "none")
    counts = {cell.region: cell.counts for cell in maps["dishonesty_count"]}
    assert counts[town.EAST] == {"none": 1, "orange": 1}
    assert counts[town.CITY] == {"none": 2, "orange": 1}


def test_overdue_rectifications_are_counted_among_the_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = FactRow("case/c_1", 3, "cases.rectification_overdue", date(2026, 6, 1))

    def figures(
        _: object, pack: Pack, codes: frozenset[str], bodies: Any, period: object
    ) -> dict[str, Any]:
        assert (pack.jurisdiction, codes) == ("nanjing", {"cases.rectification_overdue"})
        rows = (late, replace(late, record_id="case/c_2"))
        return {one.subject_id: rows for one in bodies if one.subject_id == BUREAU.subject_id}

    monkeypatch.setattr(sources, "figures_of", figures)
    town.settle(world, breaches=0)
    town.tick(world)
    (warning,) = town.warnings(world)
    assert (warning.rule, warning.level, warning.value) == ("overdue_rectifications", "yellow", "2")
    assert {row.row_id for row in warning.rows} == {"case/c_1", "case/c_2"}


def test_rows_of_an_unfinished_file_do_not_count_yet(world: World) -> None:
    from tests.evaluation.town import of_upload

    town.settle(world, breaches=2)
    town.keep(world.platform, of_upload(breach("rec_row"), "up_unfinished"))
    town.tick(world)
    assert town.one_warning(world, "dishonesty_count").value == "2"


def test_messages_come_twice_and_in_any_order(world: World) -> None:
    town.settle(world)
    do_job(world.platform, {"job": "daily"})
    do_job(world.platform, {"job": "daily"})
    chance = random.Random(64)
    while messages := world.take(world.platform.monitoring_queue):
        mixed = [*messages, *messages]
        chance.shuffle(mixed)
        for message in mixed:
            do_job(world.platform, message)
    warning = town.one_warning(world, "dishonesty_count")
    assert (warning.level, warning.cases) == ("yellow", 1)
    assert run_of(world).done == 2


def test_two_runs_at_once_do_not_mix(world: World) -> None:
    """One run's chunks are worked between those of another; the end is as after either alone."""
    town.settle(world)
    do_job(world.platform, {"job": "daily"})
    world.platform.monitoring.put(
        store.run_item(
            store.run_from(
                {**store.run_item(run_of(world)), "run_id": "mr_other", "requested_by": "OFFICE"}
            )
        )
    )
    world.platform.monitoring_queue.send({"job": "plan", "run_id": "mr_other"})
    while messages := world.take(world.platform.monitoring_queue):
        for message in sorted(messages, key=lambda one: json.dumps(one, sort_keys=True)):
            do_job(world.platform, message)
    other = store.load_run(world.platform, "mr_other")
    assert other is not None and other.status == run_of(world).status == "completed"
    assert (other.done, run_of(world).done) == (2, 2)
    assert town.one_warning(world, "dishonesty_count").cases == 1


@pytest.mark.parametrize("call", [4, 9])
def test_a_killed_run_is_taken_up_by_the_next_tick(
    aws: dict[str, str], world: World, call: int
) -> None:
    town.settle(world)
    do_job(world.platform, {"job": "daily"})
    with calls.observed(Recorder(fail_at=call)), pytest.raises(Unavailable):
        town.work_all(world)
    world.take(world.platform.monitoring_queue)  # and every message is lost
    town.tick(world)
    after_crash = state(world)
    undisturbed = fresh_world(aws)
    town.settle(undisturbed)
    town.tick(undisturbed)
    assert after_crash == state(undisturbed)


def test_the_samples_bring_a_look_to_its_end(world: World) -> None:
    town.register(world.platform, BUREAU)
    town.keep(world.platform, *(breach(f"rec_breach_{number}") for number in range(3)))
    do_job(world.platform, {"job": "daily"})
    for name in ("plan", "chunk", "finish"):
        event = json.loads((EVENTS / f"monitoring_{name}.json").read_text("utf-8"))
        assert work_jobs(world.platform, event) == {"batchItemFailures": []}, name
    assert run_of(world).status == "completed"
    event = json.loads((EVENTS / "monitoring_case.json").read_text("utf-8"))
    named = town.one_warning(world, "dishonesty_count").warning_id
    event["Records"][0]["body"] = json.dumps({"job": "case", "warning_id": named})
    assert work_jobs(world.platform, event) == {"batchItemFailures": []}
    assert town.one_warning(world, "dishonesty_count").case_id


def test_what_is_no_message_fails_by_itself(world: World) -> None:
    event = sqs_event({"job": "dance"}, {"job": "plan", "run_id": "mr_nothing"}, {"job": "daily"})
    answer = work_jobs(world.platform, event)
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["m0", "m1"]
