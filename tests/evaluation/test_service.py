"""Runs from their start to their end: frozen, ranked once, explained, replayed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Update, commit, update
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Standing, UploadRow
from chalicelib.creditfile.rules_standing import exempted, publicity_ended
from chalicelib.evaluation import (
    chunkstore,
    explain,
    holdstore,
    replays,
    replaystore,
    service,
    store,
)
from chalicelib.evaluation import work as evaluation_work
from chalicelib.evaluation.messages import RESEND_AFTER, next_messages
from chalicelib.evaluation.runs import Pin, Replay, Result, Run
from chalicelib.evaluation.work import work
from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chalicelib.web import idempotency
from chalicelib.web.model import Answer, Scope
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, WEST, caller, order
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60")


def results(world: World, run: Run) -> dict[str, Result]:
    return {each.body.subject_id: each for each in service.results_of(world.platform, run.run_id)}


def replay(world: World, run: Run) -> Replay:
    def present(started: Replay) -> Answer:
        return Answer(202, None, location=f"/{started.replay_id}")

    answer = service.start_replay(world.platform, caller(), run, claim=None, present=present)
    town.work_all(world)
    return service.find_replay(world.platform, run, (answer.location or "")[1:])


def claim_of(world: World, key: str = "key-1") -> idempotency.IdempotencyClaim:
    return idempotency.claim_for(
        world.platform, key=key, client_id="client-1", operation="start", request=("body",)
    )


def work_one(world: World, message: Mapping[str, Any]) -> None:
    work(world.platform, message, town.all_finished)


def test_a_run_scores_ranks_and_explains_every_body(world: World) -> None:
    bodies = town.settle(world)
    run = town.run_through(world)
    assert (run.bodies, run.chunks, run.settled) == (5, 3, 3)
    found = results(world, run)
    assert set(found) == {each.subject_id for each in bodies}
    for result in found.values():
        assert result.placing is not None and result.version == 2
        _, document = service.explained_result(
            world.platform, caller(), Scope.REGION, run, result.body.subject_id
        )
        assert explain.discrepancies(document) == []
        assert Decimal(document["total"]) == result.total
        assert document["grade"]["code"] == result.grade


def test_records_of_the_period_and_the_scheme_make_the_points(world: World) -> None:
    honest, late, punished = (town.body(number) for number in range(3))
    town.register(world.platform, honest, late, punished)
    town.keep(
        world.platform,
        town.record("r_honest", honest),
        town.record("r_late", late, on_time=False),
        town.penalty("r_punished", punished),
        # None of these counts: withdrawn, of another year, of a type the scheme does not use.
        town.penalty("r_withdrawn", honest, status="withdrawn"),
        town.penalty("r_old", honest, occurred_on="2024-12-31"),
        town.penalty("r_new", honest, occurred_on="2026-01-01"),
        town.record("r_other", honest, type="annual_report", on_time=False),
    )
    found = results(world, town.run_through(world))
    assert found[honest.subject_id].points["double_publicity_on_time"] == "20.00"
    assert found[late.subject_id].points["double_publicity_on_time"] == "0.00"
    assert found[honest.subject_id].points["decisions_against"] == "15.00"
    assert found[punished.subject_id].points["decisions_against"] == "10.00"
    placings = {subject_id: result.placing for subject_id, result in found.items()}
    assert placings[honest.subject_id] is not None
    assert placings[honest.subject_id].place == 1 and placings[honest.subject_id].of == 3
    assert placings[late.subject_id] is not None and placings[late.subject_id].place == 3


def test_the_edges_of_the_period_belong_to_it(world: World) -> None:
    subject = town.body(1)
    town.register(world.platform, subject)
    town.keep(
        world.platform,
        town.penalty("r_first", subject, occurred_on="2025-01-01"),
        town.penalty("r_last", subject, occurred_on="2025-12-31"),
    )
    (result,) = results(world, town.run_through(world)).values()
    assert result.points["decisions_against"] == "5.00"


def test_rows_of_an_unfinished_upload_are_left_out(world: World) -> None:
    subject = town.body(1)
    town.register(world.platform, subject)
    town.keep(
        world.platform,
        town.of_upload(town.penalty("r_open", subject), "up_open"),
        town.of_upload(town.penalty("r_final", subject), "up_final"),
    )
    asked: list[set[str]] = []

    def finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
        asked.append(set(upload_ids))
        return {"up_final"}

    run_id = town.start(world)
    world.drain(
        world.platform.evaluation_queue,
        lambda message: work(world.platform, message, finished),
    )
    (result,) = service.results_of(world.platform, run_id)
    assert asked == [{"up_open", "up_final"}]
    assert result.points["decisions_against"] == "10.00"


def test_a_row_displaced_before_its_file_was_finished_does_not_count(world: World) -> None:
    """Between the reading of a row and the end of its file a lower row takes the record over, in
    the same version: what was frozen, what was scored and what is replayed are the lower row."""
    subject, other = town.body(1), town.body(2)
    town.register(world.platform, subject, other)
    early = town.penalty("r_1", subject, severity="serious")
    moved, left = town.penalty("r_2", subject), town.penalty("r_3", subject)
    rows = [replace(one, upload=UploadRow("up", 9)) for one in (early, moved, left)]
    town.keep(world.platform, *rows)
    final = [
        replace(rows[0], severity="general", upload=UploadRow("up", 1)),
        replace(rows[1], occurred_on="2024-12-31", upload=UploadRow("up", 2)),
        replace(rows[2], subject_id=other.subject_id, upload=UploadRow("up", 3)),
    ]

    def finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
        while final:
            commit([files.displacing_put(platform, final.pop(), 9)])
        return set(upload_ids)

    run_id = town.start(world)
    world.drain(
        world.platform.evaluation_queue,
        lambda message: work(world.platform, message, finished),
    )
    run = service.completed_run(world.platform, run_id)
    assert run is not None
    found = results(world, run)
    assert found[subject.subject_id].points["decisions_against"] == "10.00"
    replayed = replay(world, run)
    assert (replayed.compared, replayed.is_equal) == (2, True)


def test_kinds_the_scheme_is_not_about_are_not_evaluated(world: World) -> None:
    town.register(world.platform, town.body(1), town.body(2, kind="enterprise"))
    assert town.run_through(world).bodies == 1


def test_a_run_over_some_regions_takes_what_lies_below_them(world: World) -> None:
    town.register(world.platform, town.body(1, CITY), town.body(2, EAST), town.body(3, WEST))
    assert town.run_through(world, order(regions=(WEST,))).bodies == 1
    assert town.run_through(world, order(regions=(CITY,))).bodies == 3


@pytest.mark.parametrize("seed", range(4))
def test_duplicated_and_disordered_messages_change_nothing(world: World, seed: int) -> None:
    town.settle(world)
    calm = town.run_through(world)
    run_id = town.start(world)
    seen: list[dict[str, Any]] = []
    while messages := world.take(world.platform.evaluation_queue):
        seen += messages
        for message in town.shuffled(messages, seed):
            work_one(world, message)
    completed = service.completed_run(world.platform, run_id)
    assert completed is not None
    for message in town.shuffled(seen, seed):  # and all of them again, long after
        work_one(world, message)
    again = service.completed_run(world.platform, run_id)
    assert again == completed
    assert completed.results_digest == calm.results_digest
    assert all(result.version == 2 for result in results(world, completed).values())


def test_a_finish_that_comes_too_early_ranks_nothing(world: World) -> None:
    town.settle(world)
    run_id = town.start(world)
    (plan,) = world.take(world.platform.evaluation_queue)
    work_one(world, {"job": "finish", "run_id": run_id})
    work_one(world, plan)
    first, *rest = world.take(world.platform.evaluation_queue)
    work_one(world, first)
    work_one(world, {"job": "finish", "run_id": run_id})
    assert all(each.placing is None for each in store.results_of(world.platform, run_id))
    for message in rest:
        work_one(world, message)
    town.work_all(world)
    assert service.completed_run(world.platform, run_id) is not None


def test_lost_messages_are_sent_again_when_a_run_stands_still(world: World) -> None:
    town.settle(world)
    run_id = town.start(world)
    world.take(world.platform.evaluation_queue)  # the plan is lost
    assert service.resend_lost(world.platform) == 0  # not yet
    world.clock.now += RESEND_AFTER
    assert service.resend_lost(world.platform) == 1
    (plan,) = world.take(world.platform.evaluation_queue)
    work_one(world, plan)
    first, *_ = world.take(world.platform.evaluation_queue)  # all chunks but one are lost
    work_one(world, first)
    world.clock.now += RESEND_AFTER
    assert service.resend_lost(world.platform) == 2
    for lost, left in (("tally", 1), ("settle", 3), ("finish", 1), ("tell", 1)):
        for message in world.take(world.platform.evaluation_queue):
            work_one(world, message)
        assert {message["job"] for message in world.take(world.platform.evaluation_queue)} == {lost}
        world.clock.now += RESEND_AFTER
        assert service.resend_lost(world.platform) == left
    town.work_all(world)
    assert service.completed_run(world.platform, run_id) is not None
    world.clock.now += RESEND_AFTER
    assert service.resend_lost(world.platform) == 0


def test_what_was_frozen_counts_when_scoring_is_repeated_after_a_correction(
    world: World,
) -> None:
    """A chunk dies after freezing; before it comes again its record is corrected."""
    subject = town.body(1)
    town.register(world.platform, subject)
    against = town.penalty("r_1", subject)
    town.keep(world.platform, against)
    run_id = town.start(world)
    (plan,) = world.take(world.platform.evaluation_queue)
    work_one(world, plan)
    (chunk,) = world.take(world.platform.evaluation_queue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunkstore, "mark_gathered", _die)
        with pytest.raises(Unavailable):
            work_one(world, chunk)
    town.correct(world.platform, against, severity="minor")
    town.keep(world.platform, town.penalty("r_2", subject, severity="serious"))
    work_one(world, chunk)
    town.work_all(world)
    (result,) = service.results_of(world.platform, run_id)
    assert result.points["decisions_against"] == "10.00"


def _die(*_: object) -> None:
    raise Unavailable


def test_a_run_replays_to_the_same_digits_after_its_records_were_corrected(
    world: World,
) -> None:
    subject, other = town.body(1), town.body(2)
    town.register(world.platform, subject, other)
    against, licence = town.penalty("r_1", subject), town.record("r_2", other, on_time=False)
    town.keep(world.platform, against, licence)
    run = town.run_through(world)
    corrected = town.correct(world.platform, against, severity="minor")
    town.correct(world.platform, corrected, status="withdrawn")
    town.correct(world.platform, licence, on_time=True)
    town.keep(world.platform, town.penalty("r_3", other))
    found = replay(world, run)
    assert found.is_equal is True
    assert (found.compared, found.difference_count) == (2, 0)
    assert found.results_digest == run.results_digest
    later = town.run_through(world)
    assert later.results_digest != run.results_digest


@pytest.mark.requirement("R-32", "R-33")
@pytest.mark.parametrize("decided", [publicity_ended, exempted], ids=["修复", "容错"])
def test_a_repaired_or_exempted_record_counts_in_no_later_run_and_the_earlier_one_stands(
    world: World, decided: Callable[[Standing, Deed], Standing]
) -> None:
    """It is used until it is repaired, and from then on no more: 停止共享和使用."""
    subject = town.body(1)
    town.register(world.platform, subject)
    against = town.penalty("r_1", subject)
    town.keep(world.platform, against)
    before = town.run_through(world)
    with_it = results(world, before)[subject.subject_id].points["decisions_against"]
    standing = decided(Standing(), Deed("2026-06-15", "c_1", "履行完毕"))
    at = "2026-06-15T04:00:00.000Z"
    after = files.with_standing(against, standing, at=at, by="office-1", reason="案件决定")
    commit(files.next_version_writes(world.platform, against, after))
    later = town.run_through(world)
    without = results(world, later)[subject.subject_id].points["decisions_against"]
    assert (with_it, without) == ("10.00", "15.00")
    assert replay(world, before).is_equal and replay(world, later).is_equal


@pytest.mark.requirement("R-32")
def test_that_a_record_was_repaired_changes_nothing_for_the_agency_that_reported_it(
    world: World,
) -> None:
    subject, other = town.body(1), town.body(2)
    town.register(world.platform, subject, other)
    reported = town.record("r_1", other, reporter=subject.unified_code)
    late = town.record("r_2", other, reporter=subject.unified_code, on_time=False)
    town.keep(world.platform, reported, late)
    before = results(world, town.run_through(world))[subject.subject_id]
    standing = publicity_ended(Standing(), Deed("2026-06-15", "c_1"))
    at = "2026-06-15T04:00:00.000Z"
    after = files.with_standing(late, standing, at=at, by="office-1", reason="案件决定")
    commit(files.next_version_writes(world.platform, late, after))
    assert results(world, town.run_through(world))[subject.subject_id].points == before.points


@pytest.mark.parametrize(
    ("expression", "value", "field"),
    [
        ("SET #total = :value", "99.99", "total"),
        ("SET #place = :value", 7, "rank"),
        ("SET #explanation_sha256 = :value", "0" * 64, "explanation"),
    ],
)
def test_a_replay_names_what_is_not_the_same(
    world: World, expression: str, value: str | int, field: str
) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    changed = town.body(0, EAST).subject_id
    key = world.platform.evaluation.key(f"RUN#{run.run_id}", f"BODY#{changed}")
    update(Update(key, expression, {"value": value}))
    found = replay(world, run)
    assert found.is_equal is False
    assert (changed, field) in {(each.subject_id, each.field) for each in found.differences}


def test_a_replay_notices_that_the_digest_of_the_run_is_another(world: World) -> None:
    town.settle(world, 2)
    run = town.run_through(world)
    key = world.platform.evaluation.key(f"RUN#{run.run_id}")
    update(Update(key, "SET #results_digest = :value", {"value": "0" * 64}))
    found = replay(world, run)
    assert [each.field for each in found.differences] == ["results_digest"]
    assert found.is_equal is False


def test_a_replay_counts_a_result_that_is_missing_or_too_much() -> None:
    assert [each.field for each in replays.compare({}, [])] == []
    result = Result(
        run_id="ev",
        body=_body_of(town.body(1)),
        chunk=0,
        total=Decimal("1"),
        grade="A",
        grade_title="优",
        points={},
        explanation_sha256="",
    )
    assert [each.field for each in replays.compare({}, [result])] == ["result"]
    assert [each.field for each in replays.compare({"b": result}, [])] == ["result"]


def _body_of(subject: Any) -> Any:
    from chalicelib.evaluation.runs import Body

    names = [each.name for each in dataclasses.fields(Body)]
    return Body(**{name: getattr(subject, name) for name in names})


def test_a_lost_replay_message_is_sent_again(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    answer = service.start_replay(
        world.platform,
        caller(),
        run,
        claim=None,
        present=lambda started: Answer(202, None, location=f"/{started.replay_id}"),
    )
    world.take(world.platform.evaluation_queue)
    world.clock.now += RESEND_AFTER
    assert service.resend_lost(world.platform) == 2
    town.work_all(world)
    found = service.find_replay(world.platform, run, (answer.location or "")[1:])
    assert found.is_equal is True
    assert list(replaystore.unfinished_replays(world.platform, "nanjing")) == []


def test_an_unfinished_run_can_be_neither_read_nor_replayed(world: World) -> None:
    bodies = town.settle(world, 3)
    run_id = town.start(world)
    run = service.find_run(world.platform, caller(), Scope.REGION, run_id)
    assert service.completed_run(world.platform, run_id) is None
    assert service.result_of(world.platform, run_id, bodies[0].subject_id) is None
    assert list(service.results_of(world.platform, run_id)) == []
    with pytest.raises(Conflict):
        service.list_results(
            world.platform, caller(), Scope.REGION, run, service.ResultQuery(), 50, None
        )
    with pytest.raises(Conflict):
        service.start_replay(
            world.platform, caller(), run, claim=None, present=lambda _: Answer(202)
        )


def test_a_key_starts_one_run_however_often_it_is_sent(world: World) -> None:
    town.settle(world, 2)

    def once() -> Answer:
        return service.start_run(
            world.platform, caller(), Scope.REGION, order(), claim=claim_of(world),
            present=town.present,
        )  # fmt: skip

    first = once()
    assert world.take(world.platform.evaluation_queue)
    again = once()
    assert again.location == first.location and again.status == 202
    # The run has not begun: its message may have been lost, so it was sent again.
    assert [each["job"] for each in world.take(world.platform.evaluation_queue)] == ["plan"]
    assert len(list(store.runs_of(world.platform, "nanjing"))) == 1


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (order(scheme="nothing"), "/scheme"),
        (order(period="25"), "/period"),
        (order(period="2027"), "/period"),
        (order(period="1999"), "/period"),
        (order(regions=("329901", "110000")), "/regions/1"),
        (order(regions=("329906",)), "/regions"),
    ],
)
def test_a_wrong_order_is_refused_naming_field_and_rule(
    world: World, wanted: service.Order, pointer: str
) -> None:
    town.register(world.platform, town.body(1))
    with pytest.raises(Invalid) as refused:
        town.start(world, wanted)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert world.take(world.platform.evaluation_queue) == []
    assert list(store.runs_of(world.platform, "nanjing")) == []


def test_an_office_evaluates_within_its_region_only(world: World) -> None:
    town.settle(world)
    with pytest.raises(Forbidden):
        town.start(world, order(regions=(WEST,)), caller(EAST))
    with pytest.raises(Forbidden):
        town.start(world, order(regions=(CITY,)), caller(EAST))
    run_id = town.start(world, who=caller(EAST))
    town.work_all(world)
    run = service.completed_run(world.platform, run_id)
    assert run is not None and run.regions == (EAST,)


def test_readers_see_the_results_within_their_scope(world: World) -> None:
    bodies = town.settle(world)
    run = town.run_through(world)

    def seen(who: Any, scope: Scope, **query: str) -> list[str]:
        found, _ = service.list_results(
            world.platform, who, scope, run, service.ResultQuery(**query), 50, None
        )
        return [each.body.subject_id for each in found]

    east = [each.subject_id for each in bodies if each.region == EAST]
    assert sorted(seen(caller(), Scope.REGION)) == sorted(each.subject_id for each in bodies)
    assert sorted(seen(caller(EAST), Scope.REGION)) == east
    assert seen(caller(WEST), Scope.REGION) == []
    assert sorted(seen(caller(), Scope.REGION, level="county")) == east
    assert sorted(seen(caller(), Scope.REGION, region=EAST)) == east
    clerk = caller(EAST, agency_code=bodies[0].unified_code)
    assert seen(clerk, Scope.OWN) == [bodies[0].subject_id]
    named = caller("", agency_code="", subject_id=bodies[1].subject_id)
    assert seen(named, Scope.OWN) == [bodies[1].subject_id]
    with pytest.raises(NotFound):
        service.explained_result(world.platform, clerk, Scope.OWN, run, bodies[1].subject_id)
    with pytest.raises(NotFound):
        elsewhere = caller("320100")
        service.find_run(
            world.platform, dataclasses.replace(elsewhere, jurisdiction="national"),
            Scope.REGION, run.run_id,
        )  # fmt: skip


def test_pages_follow_rank_within_a_level_and_lose_nothing(world: World) -> None:
    town.settle(world, 7)
    run = town.run_through(world)
    found: list[Result] = []
    cursor = None
    while True:
        page, cursor = service.list_results(
            world.platform, caller(), Scope.REGION, run, service.ResultQuery(), 2, cursor
        )
        found += page
        if cursor is None:
            break
        assert len(page) == 2
    order_of = [(each.placing.group, each.placing.place) for each in found if each.placing]
    assert len({each.body.subject_id for each in found}) == 7
    assert order_of == sorted(order_of)
    assert {group for group, _ in order_of} == {"city", "county"}


def test_runs_are_listed_newest_first(world: World) -> None:
    town.settle(world, 2)
    ids = []
    for _ in range(3):
        ids.append(town.start(world))
        world.clock.advance(minutes=1)
    page, cursor = service.list_runs(world.platform, caller(), Scope.REGION, 2, None)
    rest, end = service.list_runs(world.platform, caller(), Scope.REGION, 2, cursor)
    assert [run.run_id for run in (*page, *rest)] == ids[::-1]
    assert end is None


def test_a_due_run_is_started_once_however_often_the_clock_ticks(world: World) -> None:
    town.settle(world, 3)
    assert service.start_due_runs(world.platform) == ["ev_nanjing-annual_integrity-2025"]
    town.work_all(world)
    assert service.start_due_runs(world.platform) == []
    assert world.take(world.platform.evaluation_queue) == []
    run = service.completed_run(world.platform, "ev_nanjing-annual_integrity-2025")
    assert run is not None and (run.trigger, run.bodies) == ("schedule", 3)


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2026-01-09T17:59:59+00:00", "2024"),  # 01:59:59 in Shanghai: the year is not due yet
        ("2026-01-09T18:00:00+00:00", "2025"),  # 02:00 on 10 January
        ("2026-12-31T00:00:00+00:00", "2025"),  # nobody ticked for months
    ],
)
def test_what_is_due_is_decided_by_the_clock_in_shanghai(
    world: World, now: str, period: str
) -> None:
    from datetime import datetime

    town.settle(world, 2)
    world.clock.now = datetime.fromisoformat(now)
    (run_id,) = service.start_due_runs(world.platform)
    assert run_id.endswith(period)


def test_a_tick_whose_message_was_lost_is_made_up_for_by_the_next(world: World) -> None:
    town.settle(world, 2)
    service.start_due_runs(world.platform)
    world.take(world.platform.evaluation_queue)
    assert len(service.start_due_runs(world.platform)) == 1
    town.work_all(world)
    assert service.start_due_runs(world.platform) == []


def test_a_jurisdiction_without_bodies_starts_nothing(world: World) -> None:
    assert service.start_due_runs(world.platform) == []


def test_an_explanation_that_was_changed_is_not_shown(world: World) -> None:
    bodies = town.settle(world, 2)
    run = town.run_through(world)
    key = world.platform.evaluation.key(f"RUN#{run.run_id}", f"BODY#{bodies[0].subject_id}")
    why = world.platform.evaluation.get(key.pk, f"BODY#{bodies[1].subject_id}") or {}
    update(Update(key, "SET #why = :why", {"why": why["why"]}))
    with pytest.raises(Unavailable):
        service.explained_result(world.platform, caller(), Scope.REGION, run, bodies[0].subject_id)


def test_what_a_run_waits_for_follows_from_its_state(world: World) -> None:
    town.settle(world)
    run_id = town.start(world)
    run = store.load_run(world.platform, run_id)
    assert run is not None
    assert next_messages(run, []) == [{"job": "plan", "run_id": run_id}]
    half = dataclasses.replace(run, status="running", chunks=3, gathered=1)
    assert next_messages(half, [0, 2]) == [
        {"job": "chunk", "run_id": run_id, "chunk": chunk} for chunk in (0, 2)
    ]
    gathered = dataclasses.replace(half, gathered=3)
    assert next_messages(gathered, []) == [{"job": "tally", "run_id": run_id}]
    tallied = dataclasses.replace(gathered, tally=Pin("tally.json", "v1", "aa"), settled=2)
    assert next_messages(tallied, [1]) == [{"job": "settle", "run_id": run_id, "chunk": 1}]
    last = dataclasses.replace(tallied, settled=3)
    assert next_messages(last, []) == [{"job": "finish", "run_id": run_id}]
    assert next_messages(dataclasses.replace(last, status="completed"), []) == []


def test_ranks_are_written_a_part_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_work, "FINISH_BODIES", 2)
    town.settle(world)
    run = town.run_through(world)
    placed = [result.placing for result in results(world, run).values()]
    assert len(placed) == 5 and all(placed)


def test_a_run_that_is_ranked_and_told_of_part_by_part_does_not_count_as_standing_still(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_work, "FINISH_BODIES", 2)
    monkeypatch.setattr(evaluation_work, "TELL_BODIES", 2)
    town.settle(world)
    town.poor(world, town.body(7, CITY))
    run_id = town.start(world)
    town.work_until(world, "finish")
    jobs: list[str] = []

    def one(message: Mapping[str, Any]) -> None:
        world.clock.now += RESEND_AFTER * 2 / 3
        assert service.completed_run(world.platform, run_id) is None
        work_one(world, message)
        jobs.append(str(message["job"]))
        assert service.resend_lost(world.platform) == 0

    one({"job": "finish", "run_id": run_id})
    world.drain(world.platform.evaluation_queue, one)
    assert jobs == ["finish"] * 3 + ["tell"] * 4 + ["finish"]
    assert service.completed_run(world.platform, run_id) is not None
    assert set(holdstore.holds_of(world.platform, run_id)) == {town.body(7).subject_id}


def test_of_two_deliveries_at_once_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_work, "FINISH_BODIES", 2)
    town.settle(world)
    finish = {"job": "finish", "run_id": town.start(world)}
    town.work_until(world, "finish")
    put_placings = store.put_placings

    def meanwhile(*asked: Any) -> None:
        monkeypatch.setattr(store, "put_placings", put_placings)
        work_one(world, finish)
        put_placings(*asked)

    monkeypatch.setattr(store, "put_placings", meanwhile)
    work_one(world, finish)
    assert world.take(world.platform.evaluation_queue) == [finish]
