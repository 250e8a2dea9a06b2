"""Told before publication: nobody outside knows a poor result, nor its rank, before its day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws.writes import commit
from chalicelib.cases.contests import contest_put, contest_update
from chalicelib.cases.model_results import Contest
from chalicelib.creditfile import service as files
from chalicelib.disclosure import runs, upkeep
from chalicelib.evaluation import service as evaluations
from chalicelib.kernel.clock import instant_text
from tests.disclosure.builders import (
    AGENCY,
    BODY,
    drain,
    get,
    policy_folder,
    record,
    run_change,
    run_evaluation,
    store_body,
    store_record,
    work,
)
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60", "R-30")


@pytest.fixture
def run_id(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run in which the body is in the lowest grade, the agency in the highest; shown."""
    monkeypatch.setenv("POLICY_DIR", policy_folder(told=True))
    store_body(world)
    late = {"on_time": False, "reporter": BODY}
    good = {"reporter": AGENCY, "due_on": "2025-09-10"}
    store_record(world, record(world, "r_1", occurred_on="2025-09-01", **late))
    store_record(world, record(world, "r_2", occurred_on="2025-09-01", **good))
    found = run_evaluation(world)
    work(world, run_change(found))
    return found


def _shown(world: World, run_id: str) -> dict[str, Any]:
    """The public results by unified code."""
    items = get(world, f"/public/v1/evaluations/{run_id}/results")["body"]["items"]
    return {item["body"]["code"]: item for item in items}


def _run(world: World) -> dict[str, Any]:
    (run,) = get(world, "/public/v1/evaluations")["body"]["items"]
    return dict(run)


def _tomorrow(world: World, run_id: str) -> int:
    """The next day's sweep, and what the stream then tells."""
    world.clock.advance(days=1)
    settled = evaluations.publish_due(world.platform)
    if settled:
        work(world, run_change(run_id))
    return settled


def _contested(world: World, run_id: str, before: Contest | None = None, state: Any = "open",
               text: str = "正在复核") -> Contest:  # fmt: skip
    """The mark an appeal leaves, and what the stream tells of it."""
    at = instant_text(world.clock())
    subject_id = files.body_id(BODY)
    if before is None:
        contest = Contest(run_id, subject_id, "c_1", state, text, at, at)
        commit([contest_put(world.platform, contest, None)])
    else:
        contest = replace(before, state=state, text=text, at=at, version=before.version + 1)
        commit([contest_update(world.platform, contest)])
    work(world, runs.contest_change(contest))
    return contest


def test_a_poor_result_waits_five_working_days_and_no_rank_gives_it_away(
    world: World, run_id: str
) -> None:
    shown = _shown(world, run_id)
    assert set(shown) == {AGENCY}
    assert (shown[AGENCY]["place"], shown[AGENCY]["ranks_pending"]) == (None, True)
    run = _run(world)
    assert (run["bodies"], run["pending_results"]) == (2, 1)
    assert [(one["grade"], one["count"]) for one in run["grades"]] == [("A", 1)]
    box = f"LETTERS#subject:{files.body_id(BODY)}"
    (letter,) = world.platform.cases.query(box).items
    # Told on Monday 06-15: 06-16, 17, 18, and 22 and 23; 06-19..21 are off in no year known here.
    assert "等级“差”" in str(letter["text"]) and letter["run_id"] == run_id
    last = str(letter["text"]).partition("在")[2][:10]
    days = 0
    while not _tomorrow(world, run_id):
        days += 1
        assert set(_shown(world, run_id)) == {AGENCY}
        assert days < 15
    assert instant_text(world.clock())[:10] > last
    shown = _shown(world, run_id)
    assert (shown[BODY]["grade"], shown[BODY]["place"], shown[BODY]["place_of"]) == ("C", 2, 2)
    assert (shown[AGENCY]["place"], shown[AGENCY]["ranks_pending"]) == (1, False)
    run = _run(world)
    assert run["pending_results"] == 0
    assert {one["grade"]: one["count"] for one in run["grades"]} == {"A": 1, "C": 1}
    assert evaluations.publish_due(world.platform) == 0


def test_no_working_of_a_peer_gives_a_result_away_that_waits(world: World, run_id: str) -> None:
    def working() -> str:
        page = get(world, f"/public/v1/evaluations/{run_id}/results/{AGENCY}")["body"]
        (indicator,) = page["indicators"]
        return str(indicator["working"])

    # Both bodies taken together: with its own row anyone could tell the other's from the sum.
    assert working() == runs.PEERS_WAIT
    while not _tomorrow(world, run_id):
        assert working() == runs.PEERS_WAIT
    assert "1 ÷ 2" in working()


def test_an_appeal_keeps_it_back_until_it_is_turned_down(world: World, run_id: str) -> None:
    contest = _contested(world, run_id)
    for _ in range(15):
        assert _tomorrow(world, run_id) == 0
    assert set(_shown(world, run_id)) == {AGENCY}
    _contested(world, run_id, contest, "upheld", "经复核，维持原结果")
    assert _tomorrow(world, run_id) == 1
    shown = _shown(world, run_id)[BODY]
    assert shown["review"]["text"] == "经复核，维持原结果"
    assert shown["place"] == 2


def test_an_appeal_turned_down_early_shortens_nothing_of_the_days_told(
    world: World, run_id: str
) -> None:
    (letter,) = world.platform.cases.query(f"LETTERS#subject:{files.body_id(BODY)}").items
    last = str(letter["text"]).partition("在")[2][:10]
    contest = _contested(world, run_id)
    _contested(world, run_id, contest, "upheld", "经复核，维持原结果")
    while instant_text(world.clock())[:10] < last:
        assert _tomorrow(world, run_id) == 0
        assert set(_shown(world, run_id)) == {AGENCY}
    assert _tomorrow(world, run_id) == 1
    assert set(_shown(world, run_id)) == {AGENCY, BODY}


def test_a_result_to_be_computed_again_is_never_published(world: World, run_id: str) -> None:
    contest = _contested(world, run_id)
    _contested(world, run_id, contest, "granted", "应重新计算")
    for _ in range(15):
        _tomorrow(world, run_id)
    assert set(_shown(world, run_id)) == {AGENCY}
    assert evaluations.is_held(world.platform, run_id, files.body_id(BODY))


def test_a_result_that_is_public_is_marked_while_it_is_looked_at_again(
    world: World, run_id: str
) -> None:
    while not _tomorrow(world, run_id):
        pass
    contest = _contested(world, run_id)
    page = get(world, f"/public/v1/evaluations/{run_id}/results/{BODY}")["body"]
    assert page["result"]["review"]["text"] == "正在复核"
    _contested(world, run_id, contest, "dropped", "已撤回")
    assert _shown(world, run_id)[BODY]["review"] is None


def test_a_mark_whose_message_was_lost_is_found(world: World, run_id: str) -> None:
    while not _tomorrow(world, run_id):
        pass
    upkeep.reconcile(world.platform)
    at = instant_text(world.clock())
    contest = Contest(run_id, files.body_id(BODY), "c_1", "open", "正在复核", at, at)
    commit([contest_put(world.platform, contest, None)])
    world.clock.advance(minutes=5)
    upkeep.reconcile(world.platform)
    drain(world)
    assert _shown(world, run_id)[BODY]["review"]["text"] == "正在复核"
