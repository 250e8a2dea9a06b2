"""What an evaluation was made from has changed: the public sees it, and what took its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.disclosure import runs, upkeep
from chalicelib.evaluation import service as evaluations
from chalicelib.evaluation.runs import Result
from chalicelib.evaluation.work import work as evaluate
from tests.disclosure.builders import (
    AGENCY,
    BODY,
    change,
    deliver,
    drain,
    get,
    next_version,
    record,
    run_change,
    run_evaluation,
    store_body,
    store_record,
    subject_change,
    work,
)
from tests.evaluation import town
from tests.support.faults import counting
from tests.support.world import World


def _correct_and_follow(world: World, run_id: str, *, severity: str) -> None:
    """A correction, as the stream tells evaluation of it, and then disclosure of the run."""
    after = next_version(world, files.find_record(world.platform, "r_1"), severity=severity)
    evaluate(world.platform, change(after), town.all_finished)
    work(world, change(after), run_change(run_id))


@pytest.mark.requirement("R-31")
def test_the_public_sees_which_results_are_to_be_computed_again_and_by_what(world: World) -> None:
    first_version = record(world, "r_1", occurred_on="2025-09-01", reporter=BODY)
    deliver(world, change(store_record(world, first_version)))
    deliver(world, subject_change(store_body(world)))
    first = run_evaluation(world)
    path = f"/public/v1/evaluations/{first}"
    work(world, run_change(first))
    before = get(world, f"{path}/results/{BODY}")
    assert before["body"]["result"]["stale"] is None

    _correct_and_follow(world, first, severity="minor")

    stale = {"since": "2026-06-15T04:00:30.000Z", "text": "所依据的信用信息已更正，结果待重新计算"}
    shown = get(world, f"{path}/results/{BODY}", etag=before["headers"]["ETag"])
    assert shown["body"]["result"]["stale"] == stale
    listed = get(world, f"{path}/results")["body"]["items"]
    assert {item["body"]["code"]: item["stale"] for item in listed} == {AGENCY: None, BODY: stale}
    assert get(world, f"/public/v1/subjects/{BODY}")["body"]["evaluation"]["stale"] == stale
    (run,) = get(world, "/public/v1/evaluations")["body"]["items"]
    assert (run["stale_results"], run["superseded_by"]) == (1, None)

    world.clock.advance(days=1)
    second = run_evaluation(world)
    work(world, run_change(second), run_change(first))

    runs = get(world, "/public/v1/evaluations")["body"]["items"]
    assert [(each["run"], each["superseded_by"]) for each in runs] == [
        (second, None),
        (first, second),
    ]
    page = get(world, f"/public/v1/subjects/{BODY}")["body"]
    assert (page["evaluation"]["run"], page["evaluation"]["stale"]) == (second, None)


def test_a_result_marked_while_its_run_is_being_published_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLICE_BODIES", 1)
    first_version = record(world, "r_1", occurred_on="2025-09-01", reporter=AGENCY)
    store_record(world, first_version)
    store_body(world)
    run_id = run_evaluation(world)
    work(world, run_change(run_id))  # the agency's result is out, the rest and the run are not
    after = next_version(world, first_version, status="withdrawn")
    evaluate(world.platform, change(after), town.all_finished)
    drain(world)

    work(world, run_change(run_id))

    shown = get(world, f"/public/v1/evaluations/{run_id}/results/{AGENCY}")["body"]["result"]
    assert shown["stale"]["text"] == "所依据的信用信息已撤回，结果待重新计算"


def test_every_slice_reads_on_where_the_one_before_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLICE_BODIES", 1)
    for number in range(3):
        store_body(world, f"1132010000000002{number}D")
    run_id = run_evaluation(world)
    subjects = [each.body.subject_id for each in evaluations.results_of(world.platform, run_id)]
    begun: list[str] = []
    results_of = evaluations.results_of

    def watched(platform: Platform, run: str, after: str = "") -> Iterator[Result]:
        begun.append(after)
        return results_of(platform, run, after)

    monkeypatch.setattr(evaluations, "results_of", watched)
    work(world, run_change(run_id))
    drain(world)
    assert begun == ["", *subjects[:-1], ""], "once more for the run, when all its results are out"


def test_a_change_to_a_shown_run_projects_what_changed_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLICE_BODIES", 1)
    bodies = [store_body(world, f"1132010000000002{number}D") for number in range(3)]
    for number, body in enumerate(bodies):
        store_record(
            world,
            record(world, f"r_{number}", occurred_on="2025-09-01", reporter=body.unified_code),
        )
    run_id = run_evaluation(world)
    work(world, run_change(run_id))
    drain(world)
    for number in (1, 2):
        after = next_version(
            world, files.find_record(world.platform, f"r_{number}"), status="withdrawn"
        )
        evaluate(world.platform, change(after), town.all_finished)

    with counting() as made:
        work(world, run_change(run_id))
        drain(world)  # two results are one more than a slice here holds

    assert [call.operation for call in made].count("update_item") == 3
    results = get(world, f"/public/v1/evaluations/{run_id}/results")["body"]["items"]
    assert [bool(each["stale"]) for each in sorted(results, key=lambda it: it["body"]["code"])] == [
        False,
        False,
        True,
        True,
    ]
    work(world, run_change(run_id))
    assert not upkeep.reconcile(world.platform)
