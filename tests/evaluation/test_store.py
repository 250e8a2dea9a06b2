"""Each access pattern of the store, and the conditions that keep what was written first."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.writes import commit
from chalicelib.evaluation import chunkstore, replaystore, store
from chalicelib.evaluation.chunkstore import Gathered, Standings
from chalicelib.evaluation.explanations import keep_explanations
from chalicelib.evaluation.ranking import Entry
from chalicelib.evaluation.replaystore import Findings
from chalicelib.evaluation.roster import Roster
from chalicelib.evaluation.runs import Basis, Body, Difference, Pin, Placing, Replay, Result, Run
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
    return store.begin_run(world.platform, RUN, Roster(PIN, 3, 2, 100), Basis(AT, 1), AT)


def found(world: World) -> Run:
    run = store.load_run(world.platform, "ev_1")
    assert run is not None
    return run


def gather(world: World, run: Run, chunk: int) -> Run:
    gathered = Gathered(PIN, PIN, '{"of":1}')
    chunkstore.mark_gathered(world.platform, run, chunk, gathered, AT)
    return found(world)


def settle(world: World, run: Run, chunk: int) -> Run:
    entries = [Entry(f"b_{chunk}", "91.50", "county")]
    chunkstore.mark_settled(world.platform, run, Standings(chunk, "dd", entries), AT)
    return found(world)


def keep(world: World, *results: Result, text: bytes = b"{}") -> None:
    places = keep_explanations(world.platform, "ev_1", 0, [(each, text) for each in results])
    store.put_results(world.platform, results, places)


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
        store.begin_run(world.platform, RUN, Roster(PIN, 3, 2, 100), Basis(AT, 1), AT)
    assert chunkstore.ungathered(world.platform, run) == [0, 1]
    run = gather(world, run, 1)
    with pytest.raises(ConditionFailed):
        gather(world, run, 1)
    run = found(world)
    assert (run.gathered, chunkstore.ungathered(world.platform, run)) == (1, [0])
    assert gather(world, run, 0).all_gathered
    assert store.tally_run(world.platform, run, PIN, AT).tally == PIN
    assert store.tally_run(world.platform, run, dataclasses.replace(PIN, key="x"), AT).tally == PIN
    assert chunkstore.unsettled(world.platform, run) == [0, 1]
    assert settle(world, run, 1).settled == 1
    with pytest.raises(ConditionFailed):
        settle(world, run, 1)
    run = found(world)
    assert (run.settled, run.steps) == (1, (3, 4))
    assert chunkstore.unsettled(world.platform, run) == [0]
    assert chunkstore.is_settled(world.platform, "ev_1", 1)
    assert not chunkstore.is_settled(world.platform, "ev_1", 0)
    assert settle(world, run, 0).all_done
    assert [each.chunk for each in chunkstore.standings_of(world.platform, "ev_1")] == [0, 1]
    completed = store.complete_run(world.platform, run, "dd", AT)
    assert (completed.status, completed.version, completed.results_digest) == (
        "completed", 3, "dd",
    )  # fmt: skip
    with pytest.raises(ConditionFailed):
        store.complete_run(world.platform, run, "ee", AT)
    with pytest.raises(ConditionFailed):
        settle(world, run, 5)
    assert list(store.runs_of(world.platform, "nanjing", unfinished=True)) == []


def test_what_a_chunk_froze_is_kept_once(world: World) -> None:
    run = begun(world)
    assert chunkstore.load_chunk(world.platform, "ev_1", 0) is None
    gather(world, run, 0)
    kept = Gathered(PIN, PIN, '{"of":1}')
    with pytest.raises(ConditionFailed):
        later = Gathered(dataclasses.replace(PIN, version_id="v2"), PIN, "{}")
        chunkstore.mark_gathered(world.platform, run, 0, later, AT)
    assert chunkstore.load_chunk(world.platform, "ev_1", 0) == kept
    assert chunkstore.load_chunks(world.platform, "ev_1", [0, 1]) == {0: kept}
    assert list(chunkstore.tallies_of(world.platform, "ev_1")) == ['{"of":1}']


def test_in_which_chunk_a_body_was_is_found_for_many_at_once(world: World) -> None:
    keep(world, *(result(number) for number in range(3)))
    assert store.chunks_of(world.platform, "ev_1", ["b_0", "b_2", "b_9"]) == {"b_0": 0, "b_2": 0}


def test_results_are_kept_once_and_ranked_once(world: World) -> None:
    platform = world.platform
    several = [result(number) for number in range(3)]
    keep(world, several[0])
    keep(world, *several)
    assert list(store.results_of(platform, "ev_1")) == several
    assert list(store.results_of(platform, "ev_1", after="b_0")) == several[1:]
    first = {"b_0": Placing("county", 1, 3)}
    store.put_placings(platform, "ev_1", first.items())
    wrong = Placing("county", 3, 3)
    store.put_placings(platform, "ev_1", [("b_0", wrong), ("b_1", Placing("county", 2, 3))])
    loaded = store.load_results(platform, "ev_1", ["b_0", "b_1", "b_2", "b_9"])
    placings = {each: loaded[each].placing for each in loaded}
    assert placings == dict(store.placings_of(platform, "ev_1"))
    assert placings == {
        "b_0": Placing("county", 1, 3),
        "b_1": Placing("county", 2, 3),
        "b_2": None,
    }
    # A late repetition of the chunk leaves ranks alone.
    keep(world, *several)
    ranked = store.load_result(platform, "ev_1", "b_0")
    assert ranked is not None and ranked.placing == first["b_0"] and ranked.version == 2
    listed = platform.evaluation.query_index("by_listing", "results#ev_1").items
    assert [item["sk"] for item in listed] == ["BODY#b_0", "BODY#b_1"]


def test_ranking_a_body_without_a_result_is_refused(world: World) -> None:
    with pytest.raises(ConditionFailed):
        store.put_placings(world.platform, "ev_1", [("b_9", Placing("county", 1, 1))])


def test_an_explanation_is_read_back_from_the_object_of_its_chunk(world: World) -> None:
    platform, several = world.platform, [result(number) for number in range(3)]
    texts = [(each, f'"{each.body.subject_id}"'.encode() * 9) for each in several]
    store.put_results(platform, several, keep_explanations(platform, "ev_1", 0, texts))
    for each, text in texts:
        assert store.load_explanation(platform, "ev_1", each.body.subject_id) == text
    assert store.load_explanation(platform, "ev_1", "b_9") is None


@pytest.mark.parametrize("inline", [True, False])
def test_an_explanation_of_earlier_runs_is_read_wherever_it_lies(
    world: World, inline: bool
) -> None:
    item: Item = {"pk": "RUN#ev_1", "sk": "WHY#b_1", "version": 1}
    if inline:
        item["text"] = '{"a":1}'
    else:
        stored = world.platform.archive.put_once(
            "evaluations/ev_1/explanations/b_1.json", b'{"a":1}', content_type="application/json"
        )
        item["object"] = dict(dataclasses.asdict(Pin.of(stored)))
    world.platform.evaluation.put(item)
    world.platform.evaluation.put(store.result_item(result(1)))
    assert store.load_explanation(world.platform, "ev_1", "b_1") == b'{"a":1}'


def test_a_run_completed_in_the_earlier_form_is_read(world: World) -> None:
    item = store.run_item(dataclasses.replace(RUN, status="completed", chunks=2))
    world.platform.evaluation.put(item | {"done": frozenset({0, 1})})
    assert (found(world).settled, found(world).steps) == (2, (2, 2))


def test_a_replay_is_kept_with_its_findings_and_completed_once(world: World) -> None:
    platform = world.platform
    replay = Replay("rp_1", "ev_1", "nanjing", "OFFICE", AT, chunks=2)
    commit([replaystore.new_replay_put(platform, replay)])
    assert replaystore.load_replay(platform, "ev_1", "rp_1") == replay
    assert list(replaystore.unfinished_replays(platform, "nanjing")) == [replay]
    difference = Difference("b_1", "total", "1", "2")
    first = Findings(0, 2, 1, (difference,), "aa", [Entry("b_1", "2", "county")])
    assert replaystore.open_chunks(platform, replay) == [0, 1]
    replaystore.put_findings(platform, replay, first, AT)
    with pytest.raises(ConditionFailed):
        again = dataclasses.replace(first, difference_count=9)
        replaystore.put_findings(platform, replay, again, AT)
    assert list(replaystore.findings_of(platform, replay)) == [first]
    assert replaystore.is_replayed(platform, replay, 0)
    assert not replaystore.is_replayed(platform, replay, 1)
    counted = replaystore.load_replay(platform, "ev_1", "rp_1")
    assert counted is not None and counted.replayed == 1
    assert replaystore.open_chunks(platform, counted) == [1]

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
        replaystore.put_findings(platform, replay, dataclasses.replace(first, chunk=1), AT)
    assert list(replaystore.unfinished_replays(platform, "nanjing")) == []
