"""A record is corrected, withdrawn, repaired or exempted: results made from it say so, until a new
run takes their place; nothing else makes them say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.access.service import authorize
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    Deed,
    Delivery,
    Mark,
    Notices,
    Record,
    Standing,
    Statement,
)
from chalicelib.evaluation import handlers, service, stalestore, store
from chalicelib.evaluation.routes import routes
from chalicelib.evaluation.runs import Replay, Result, Run
from chalicelib.evaluation.stale import reason_of
from chalicelib.evaluation.work import work
from chalicelib.web import edge
from chalicelib.web.model import Answer
from tests.evaluation import town
from tests.invariants.events import sample
from tests.support.faults import counting
from tests.support.world import World, sqs_event
from tests.web.build import Reply, call

pytestmark = [pytest.mark.requirement("R-31"), pytest.mark.requirement("R-60")]

DEED = Deed("2026-06-14", "case_1", "理由")
Change = Callable[[Record], Record]


def became(**changes: Any) -> Change:
    """The record with these changes."""
    return lambda record: replace(record, **changes)


def stood(**changes: Any) -> Change:
    """The record with this standing."""
    return became(standing=Standing(**changes))


def told(world: World, record_id: str, version: int = 2) -> None:
    """The stream's message of a record, worked."""
    work(world.platform, town.change(record_id, version), town.all_finished)


def stale(world: World, run_id: str) -> dict[str, Result]:
    """The results of a run that are to be computed again, by unified code."""
    return {
        result.body.unified_code: result
        for result in service.results_of(world.platform, run_id)
        if result.stale is not None
    }


def now(world: World, run: Run) -> Run:
    """The run as it is now."""
    found = store.load_run(world.platform, run.run_id)
    assert found is not None
    return found


def seen(world: World, path: str) -> Reply:
    """What the credit office is shown."""
    api = edge.build(
        [routes], lambda platform, token: town.caller(), authorize, lambda: world.platform
    )
    reply = call(api, "GET", path, None, headers={"Authorization": "Bearer office"})
    assert reply.status == 200, reply.json
    return reply


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (became(status="withdrawn"), "withdrawn"),
        (became(status="withdrawn", superseded_by="r_2"), "corrected"),
        (became(severity="minor"), "corrected"),
        (became(fields={"amount": 1}), "corrected"),
        (became(occurred_on="2025-06-16"), "corrected"),
        (became(due_on="2025-06-24", on_time=False), "corrected"),
        (stood(repaired=DEED), "repaired"),
        (stood(exempted=DEED), "exempted"),
        (stood(exempted=DEED, repaired=DEED), "exempted"),
        # None of these is anything an evaluation looks at.
        (became(notices=Notices("2025-06-20", "2025-06-20", "回证")), None),
        (became(sealed={"head": "sealed:1:AAAA"}), None),
        (became(changed_at="2026-06-14T00:00:00.000Z", reason="无"), None),
        (stood(marks=(Mark("objection", "有异议", "2026-06-14", "case_1"),)), None),
        (stood(statement=Statement("情况说明", "", "2026-06-14", "case_1")), None),
        (stood(deliveries=(Delivery("decision", "2026-06-14", "回证", "case_1"),)), None),
        (stood(eased=DEED, measures_ended=True, sharing_ended=True), None),
    ],
)
def test_what_changes_a_result_and_what_does_not(change: Change, reason: str | None) -> None:
    before = town.penalty("r_1", town.body(1), due_on="2025-06-24")
    after = replace(change(before), version=2)

    assert reason_of(before, after) == reason


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        (became(status="withdrawn"), "withdrawn", "所依据的信用信息已撤回，结果待重新计算"),
        (became(severity="minor"), "corrected", "所依据的信用信息已更正，结果待重新计算"),
        (stood(repaired=DEED), "repaired", "所依据的信用信息已修复，结果待重新计算"),
        (stood(exempted=DEED), "exempted", "所依据的信用信息已认定容错免责，结果待重新计算"),
    ],
)
def test_a_result_says_that_its_record_is_no_longer_so(
    world: World, change: Change, reason: str, text: str
) -> None:
    bodies = town.settle(world, 3)
    run = town.run_through(world)
    before = files.find_record(world.platform, "rec_penalty_1")
    path = f"/v1/evaluations/{run.run_id}"
    result_path = f"{path}/results/{bodies[1].subject_id}"
    tags = [seen(world, each).headers["ETag"] for each in (path, result_path)]

    after = change(before)
    told_of = {name: getattr(after, name) for name in ("status", "severity", "standing")}
    town.correct(world.platform, before, **told_of)
    told(world, "rec_penalty_1")

    shown, whole = seen(world, result_path), seen(world, path)
    assert shown.json["stale"] == {
        "since": "2026-06-15T04:00:00.000Z",
        "reason": reason,
        "text": text,
        "records": ["rec_penalty_1"],
    }
    assert whole.json["stale_results"] == 1
    assert whole.headers["ETag"] != tags[0]
    assert shown.headers["ETag"] != tags[1]
    listed = seen(world, f"{path}/results").json["items"]
    assert {item["unified_code"]: item["stale"] is not None for item in listed} == {
        "DEPT00000": False,
        "DEPT00001": True,
        "DEPT00002": False,
    }


def test_an_objection_under_examination_changes_no_result(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    mark = Standing(marks=(Mark("objection", "有异议", "2026-06-15", "case_1"),))
    before = files.find_record(world.platform, "rec_penalty_1")
    town.correct(world.platform, before, standing=mark)

    with counting() as made:
        told(world, "rec_penalty_1")

    assert (stale(world, run.run_id), now(world, run)) == ({}, run)
    assert len(made) == 1


def test_who_reported_the_record_and_whom_it_is_about_are_both_told(world: World) -> None:
    reporter, about, other = (town.body(number) for number in range(3))
    town.register(world.platform, reporter, about, other)
    town.keep(world.platform, town.record("r_1", about, reporter=reporter.unified_code))
    town.keep(world.platform, town.penalty("r_2", about, reporter=reporter.unified_code))
    run = town.run_through(world)

    for record_id in ("r_1", "r_2"):
        town.withdraw(world.platform, record_id)
        told(world, record_id)

    found = stale(world, run.run_id)
    # A licence counts for who reports it in time, a penalty against whom it is about too.
    assert set(found) == {"DEPT00000", "DEPT00001"}
    assert now(world, run).stale_results == 2


@pytest.mark.parametrize("standing", [Standing(repaired=DEED), Standing(exempted=DEED)])
def test_repair_and_exemption_change_nothing_for_the_agency_that_reported(
    world: World, standing: Standing
) -> None:
    reporter, about = town.body(0), town.body(1)
    town.register(world.platform, reporter, about)
    # The yearly scheme looks at licences from their reporter's side only.
    licence = town.record("r_1", about, reporter=reporter.unified_code)
    penalty = town.penalty("r_2", about, reporter=reporter.unified_code)
    town.keep(world.platform, licence, penalty)
    run = town.run_through(world)

    for before in (licence, penalty):
        town.correct(world.platform, before, standing=standing)
        told(world, before.record_id)

    assert set(stale(world, run.run_id)) == {"DEPT00001"}


def test_told_twice_or_late_a_result_is_marked_and_counted_once(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")
    once = (now(world, run), stale(world, run.run_id))

    world.clock.advance(days=1)
    told(world, "rec_penalty_1")

    assert (now(world, run), stale(world, run.run_id)) == once


def test_a_marked_run_still_computes_to_the_same_digits(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")

    def present(replay: Replay) -> Answer:
        return Answer(202, None, location=f"/{replay.replay_id}")

    answer = service.start_replay(
        world.platform, town.caller(), now(world, run), claim=None, present=present
    )
    town.work_all(world)
    assert answer.location is not None
    replay = service.find_replay(world.platform, run, answer.location[1:])
    assert (replay.is_equal, replay.results_digest) == (True, run.results_digest)


def test_the_message_of_the_queue_is_worked_and_one_of_another_entity_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "current_platform", lambda: world.platform)
    town.settle(world, 3)
    run = town.run_through(world)
    town.withdraw(world.platform, "rec_penalty_1")

    assert handlers.work_evaluation_queue(sample("evaluation_record"), None) == {
        "batchItemFailures": []
    }
    assert set(stale(world, run.run_id)) == {"DEPT00001"}
    other = sqs_event({"table": "records", "key": "SUBJECT#b_1", "version": 2, "entity": "subject"})
    assert handlers.work_evaluation_queue(other, None) == {
        "batchItemFailures": [{"itemIdentifier": "m0"}]
    }


def test_further_records_join_the_list_as_long_as_there_is_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stalestore, "MOST_RECORDS", 2)
    town.settle(world, 3)
    run = town.run_through(world)
    for record_id in ("rec_penalty_1", "rec_on_time_1", "rec_second_1"):
        town.withdraw(world.platform, record_id)
        told(world, record_id)

    (result,) = stale(world, run.run_id).values()
    assert result.stale is not None
    assert result.stale.records == ("rec_penalty_1", "rec_on_time_1")
    assert (result.stale.reason, now(world, run).stale_results) == ("withdrawn", 1)


def test_two_at_once_lose_neither_record_nor_count(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    read = store.load_result(world.platform, run.run_id, "b_DEPT00001")
    assert read is not None

    for record_id in ("r_1", "r_2", "r_1"):  # each from what was read before any was written
        stalestore.mark_stale(world.platform, read, record_id, "corrected", "2026-06-15")

    (result,) = stale(world, run.run_id).values()
    assert result.stale is not None and result.stale.records == ("r_1", "r_2")
    assert now(world, run).stale_results == 1


def test_a_run_of_another_year_is_left_alone(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world, town.order(period="2024"))
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")

    assert stale(world, run.run_id) == {}


def test_a_run_made_after_the_correction_is_left_alone(world: World) -> None:
    town.settle(world, 3)
    town.withdraw(world.platform, "rec_penalty_1")
    run = town.run_through(world)
    told(world, "rec_penalty_1")

    assert stale(world, run.run_id) == {}


def test_only_so_many_of_the_newest_runs_are_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stalestore, "LOOK_BACK_RUNS", 2)
    town.settle(world, 3)
    made: list[Run] = []
    for _ in range(3):
        world.clock.advance(days=1)
        made.append(town.run_through(world))
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")

    assert [len(stale(world, run.run_id)) for run in made] == [0, 1, 1]


def test_a_record_that_changes_while_a_run_is_under_way_is_not_missed(world: World) -> None:
    town.settle(world, 3)
    run_id = town.start(world)
    town.work_until(world, "finish")
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")
    assert stale(world, run_id) == {}

    work(world.platform, {"job": "finish", "run_id": run_id}, town.all_finished)
    town.work_all(world)

    assert set(stale(world, run_id)) == {"DEPT00001"}


def test_a_new_run_takes_the_place_of_the_one_to_be_computed_again(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    before = total_of(world, run, "b_DEPT00001")
    town.withdraw(world.platform, "rec_penalty_1")
    told(world, "rec_penalty_1")
    world.clock.advance(days=1)

    again = town.run_through(world)

    old, new = (seen(world, f"/v1/evaluations/{each.run_id}").json for each in (run, again))
    assert (old["superseded_by"], old["stale_results"]) == (again.run_id, 1)
    assert (new["superseded_by"], new["stale_results"]) == (None, 0)
    assert total_of(world, again, "b_DEPT00001") > before


def test_of_two_runs_under_way_at_once_the_later_stands_whichever_is_done_first(
    world: World,
) -> None:
    town.settle(world, 3)
    first = town.start(world)
    town.work_until(world, "finish")
    world.clock.advance(days=1)
    later = town.run_through(world)

    work(world.platform, {"job": "finish", "run_id": first}, town.all_finished)
    town.work_all(world)

    done = [store.load_run(world.platform, run_id) for run_id in (first, later.run_id)]
    assert [run and (run.status, run.superseded_by) for run in done] == [
        ("completed", later.run_id),
        ("completed", ""),
    ]


def total_of(world: World, run: Run, subject_id: str) -> Any:
    """The points of a body in a run."""
    found = service.result_of(world.platform, run.run_id, subject_id)
    assert found is not None
    return found.total


def test_a_run_over_fewer_regions_or_another_year_replaces_nothing(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    world.clock.advance(days=1)
    town.run_through(world, town.order(regions=(town.EAST,)))
    town.run_through(world, town.order(period="2024"))

    assert now(world, run).superseded_by == ""


def test_an_exempted_record_deducts_nothing_in_the_new_run(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    before = files.find_record(world.platform, "rec_penalty_1")
    town.correct(world.platform, before, standing=Standing(exempted=DEED))
    world.clock.advance(days=1)
    again = town.run_through(world)

    totals = [total_of(world, each, "b_DEPT00001") for each in (run, again)]
    assert totals[0] < totals[1]


@pytest.mark.parametrize("records", [1, 300])
def test_finding_and_marking_a_result_costs_seven_calls_however_much_was_scored(
    world: World, records: int
) -> None:
    bodies = town.settle(world, 3)
    more = (town.record(f"rec_more_{number}", bodies[1]) for number in range(records))
    town.keep(world.platform, *more)
    town.run_through(world)
    town.withdraw(world.platform, "rec_penalty_1")

    with counting() as made:
        told(world, "rec_penalty_1")

    # Its versions, whose it is, the runs, their results and manifests; the mark, with its count.
    assert [call.operation for call in made] == [
        "query",
        "batch_get_item",
        "query",
        "batch_get_item",
        "batch_get_item",
        "get_object",
        "transact_write_items",
    ]
