"""Each access pattern of the store, and the conditions that keep what was written first."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.writes import commit
from chalicelib.evaluation import replaystore, store
from chalicelib.evaluation.replaystore import Findings
from chalicelib.evaluation.roster import Roster
from chalicelib.evaluation.runs import Body, Difference, Pin, Placing, Replay, Result, Run
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60")

PIN = Pin("evaluations/ev_1/plan.jsonl", "v1", "aa")
RUN = Run(
    run_id="ev_1",
    jurisdiction="nanjing",
    scheme="annual_integrity",
    title="年度评价",
    period="2025",
    first_day="2025-01-01",
    last_day="2025-12-31",
    pack="2024-09-13",
    pack_digest="bb",
    regions=("329900",),
    trigger="request",
    requested_by="OFFICE",
    created_at="2026-06-15T04:00:00.000Z",
)
AT = "2026-06-15T04:01:00.000Z"


def result(number: int) -> Result:
    body = Body(f"b_{number}", f"C{number}", f"局{number}", "department", "329901", "county")
    return Result("ev_1", body, 0, Decimal("91.50"), "A", "优", {"leaf": "91.50"}, "cc")


def begun(world: World) -> Run:
    commit([store.new_run_put(world.platform, RUN)])
    return store.begin_run(world.platform, RUN, Roster(PIN, 3, 2, 100), AT)


def test_a_run_is_found_by_id_and_by_jurisdiction(world: World) -> None:
    assert store.load_run(world.platform, "ev_1") is None
    commit([store.new_run_put(world.platform, RUN)])
    assert store.load_run(world.platform, "ev_1") == RUN
    assert list(store.runs_of(world.platform, "nanjing")) == [RUN]
    assert list(store.runs_of(world.platform, "nanjing", unfinished=True)) == [RUN]
    assert list(store.runs_of(world.platform, "national")) == []
    with pytest.raises(ConditionFailed):
        commit([store.new_run_put(world.platform, RUN)])


def test_a_run_moves_forward_only_and_each_step_once(world: World) -> None:
    run = begun(world)
    assert (run.status, run.version, run.plan, run.chunks) == ("running", 2, PIN, 2)
    with pytest.raises(ConditionFailed):
        store.begin_run(world.platform, RUN, Roster(PIN, 3, 2, 100), AT)
    assert store.mark_done(world.platform, run, 1, AT).open_chunks == [0]
    assert store.mark_done(world.platform, run, 1, AT).done == {1}
    assert store.mark_done(world.platform, run, 0, AT).all_done
    completed = store.complete_run(world.platform, run, "dd", AT)
    assert (completed.status, completed.version, completed.results_digest) == (
        "completed", 3, "dd",
    )  # fmt: skip
    with pytest.raises(ConditionFailed):
        store.complete_run(world.platform, run, "ee", AT)
    with pytest.raises(ConditionFailed):
        store.mark_done(world.platform, run, 1, AT)
    assert list(store.runs_of(world.platform, "nanjing", unfinished=True)) == []


def test_the_first_manifest_of_a_chunk_counts(world: World) -> None:
    later = dataclasses.replace(PIN, version_id="v2")
    assert store.load_chunk(world.platform, "ev_1", 0) is None
    assert store.put_chunk(world.platform, RUN, 0, PIN) == PIN
    assert store.put_chunk(world.platform, RUN, 0, later) == PIN
    assert store.load_chunk(world.platform, "ev_1", 0) == PIN


def test_results_are_kept_once_and_ranked_once(world: World) -> None:
    platform = world.platform
    several = [result(number) for number in range(3)]
    store.put_results(platform, [(several[0], b"{}")])
    store.put_results(platform, [(each, b"{}") for each in several])
    assert list(store.results_of(platform, "ev_1")) == several
    assert list(store.results_of(platform, "ev_1", after="b_0")) == several[1:]
    first = {"b_0": Placing("county", 1, 3)}
    store.put_placings(platform, "ev_1", first)
    wrong = Placing("county", 3, 3)
    store.put_placings(platform, "ev_1", {"b_0": wrong, "b_1": Placing("county", 2, 3)})
    found = store.load_results(platform, "ev_1", ["b_0", "b_1", "b_2", "b_9"])
    assert {each: found[each].placing for each in found} == {
        "b_0": Placing("county", 1, 3),
        "b_1": Placing("county", 2, 3),
        "b_2": None,
    }
    # A late repetition of the chunk leaves ranks alone.
    store.put_results(platform, [(each, b"{}") for each in several])
    ranked = store.load_result(platform, "ev_1", "b_0")
    assert ranked is not None and ranked.placing == first["b_0"] and ranked.version == 2
    listed = platform.evaluation.query_index("by_listing", "results#ev_1").items
    assert [item["sk"] for item in listed] == ["BODY#b_0", "BODY#b_1"]


def test_ranking_a_body_without_a_result_is_refused(world: World) -> None:
    with pytest.raises(ConditionFailed):
        store.put_placings(world.platform, "ev_1", {"b_9": Placing("county", 1, 1)})


@pytest.mark.parametrize("size", [10, store.INLINE_BYTES + 1])
def test_an_explanation_is_read_back_wherever_it_lies(world: World, size: int) -> None:
    text = b'"' + b"x" * size + b'"'
    store.put_results(world.platform, [(result(1), text)])
    assert store.load_explanation(world.platform, "ev_1", "b_1") == text
    assert store.load_explanation(world.platform, "ev_1", "b_2") is None


def test_results_heavier_than_a_transaction_are_kept_in_several(world: World) -> None:
    heavy = b"x" * (store.INLINE_BYTES - 1)
    store.put_results(world.platform, [(result(number), heavy) for number in range(12)])
    assert len(list(store.results_of(world.platform, "ev_1"))) == 12


def test_a_replay_is_kept_with_its_findings_and_completed_once(world: World) -> None:
    platform = world.platform
    replay = Replay("rp_1", "ev_1", "nanjing", "OFFICE", AT, chunks=2)
    commit([replaystore.new_replay_put(platform, replay)])
    assert replaystore.load_replay(platform, "ev_1", "rp_1") == replay
    assert list(replaystore.unfinished_replays(platform, "nanjing")) == [replay]
    difference = Difference("b_1", "total", "1", "2")
    first = Findings(0, 2, 1, (difference,), "aa")
    replaystore.put_findings(platform, replay, first)
    replaystore.put_findings(platform, replay, dataclasses.replace(first, difference_count=9))
    assert list(replaystore.findings_of(platform, replay)) == [first]
    assert replaystore.mark_replayed(platform, replay, 0, AT).done == {0}

    def complete() -> Replay:
        return replaystore.complete_replay(
            platform, replay, compared=2, difference_count=1, differences=[difference],
            digest="dd", at=AT,
        )  # fmt: skip

    completed = complete()
    assert (completed.is_equal, completed.differences) == (False, (difference,))
    with pytest.raises(ConditionFailed):
        complete()
    with pytest.raises(ConditionFailed):
        replaystore.mark_replayed(platform, replay, 1, AT)
    assert list(replaystore.unfinished_replays(platform, "nanjing")) == []
