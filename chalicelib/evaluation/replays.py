"""Replay: compute a completed run again from what it froze, and compare every digit.

The bodies come from the plan, the records at their versions from the manifests, the rules from the
pinned pack. Nothing of the run is changed; what was found is kept with the replay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import replaystore, scoring, store
from chalicelib.evaluation.freezing import frozen_facts
from chalicelib.evaluation.messages import send_next_replay
from chalicelib.evaluation.replaystore import Findings
from chalicelib.evaluation.roster import read_chunk
from chalicelib.evaluation.runs import (
    Difference,
    Placing,
    Replay,
    Result,
    Run,
    chunk_digest,
    run_digest,
)
from chalicelib.kernel.clock import instant_text

MOST_LISTED = 20
"""Differences listed per chunk; all are counted."""
_MOST_KEPT = 500


def replay_chunk(platform: Platform, run_id: str, replay_id: str, chunk: int) -> None:
    """Score a chunk again and keep how it compares; the last one sends `replay_finish`."""
    run, replay = _both(platform, run_id, replay_id)
    if replay.status == "running" and chunk not in replay.done:
        replaystore.put_findings(platform, replay, _compare_chunk(platform, run, chunk))
        try:
            at = instant_text(platform.clock())
            replay = replaystore.mark_replayed(platform, replay, chunk, at)
        except ConditionFailed:
            return
    if replay.status == "running" and len(replay.done) >= replay.chunks:
        send_next_replay(platform, replay)


def finish_replay(platform: Platform, run_id: str, replay_id: str) -> None:
    """Add up the findings, compare ranks and the digest of the whole, and complete, once."""
    run, replay = _both(platform, run_id, replay_id)
    if replay.status != "running" or len(replay.done) < replay.chunks:
        return
    findings = list(replaystore.findings_of(platform, replay))
    stored = {result.body.subject_id: result for result in store.results_of(platform, run_id)}
    placings = scoring.placings_of(scoring.pinned_scheme(run), stored.values())
    wrong_ranks = list(_compare_placings(stored, placings))
    digest = run_digest({each.chunk: each.digest for each in findings}, placings)
    differences = [entry for each in findings for entry in each.differences] + wrong_ranks
    count = sum(each.difference_count for each in findings) + len(wrong_ranks)
    if digest != run.results_digest:
        differences.insert(0, Difference("", "results_digest", run.results_digest, digest))
        count += 1
    try:
        replaystore.complete_replay(
            platform,
            replay,
            compared=sum(each.compared for each in findings),
            difference_count=count,
            differences=differences[:_MOST_KEPT],
            digest=digest,
            at=instant_text(platform.clock()),
        )
    except ConditionFailed:
        return


def _compare_chunk(platform: Platform, run: Run, chunk: int) -> Findings:
    manifest = store.load_chunk(platform, run.run_id, chunk)
    if manifest is None:
        raise ValueError(f"run {run.run_id} has no manifest for chunk {chunk}")
    bodies = read_chunk(platform, run, chunk)
    plan = scoring.plan_for(run)
    facts = frozen_facts(platform, plan, manifest)
    replayed = [result for result, _ in scoring.score(run, plan, chunk, bodies, facts)]
    stored = store.load_results(platform, run.run_id, [body.subject_id for body in bodies])
    found = list(compare(stored, replayed))
    return Findings(
        chunk, len(bodies), len(found), tuple(found[:MOST_LISTED]), chunk_digest(replayed)
    )


def compare(stored: Mapping[str, Result], replayed: Iterable[Result]) -> Iterator[Difference]:
    """Everything in which replayed results are not the stored ones."""
    seen: set[str] = set()
    for result in replayed:
        subject_id = result.body.subject_id
        seen.add(subject_id)
        before = stored.get(subject_id)
        if before is None:
            yield Difference(subject_id, "result", "", str(result.total))
            continue
        old, new = _digits(before), _digits(result)
        for field in sorted(old.keys() | new.keys()):
            if old.get(field) != new.get(field):
                yield Difference(subject_id, field, old.get(field, ""), new.get(field, ""))
    for subject_id in sorted(stored.keys() - seen):
        yield Difference(subject_id, "result", str(stored[subject_id].total), "")


def _digits(result: Result) -> dict[str, str]:
    points = {f"points.{leaf}": value for leaf, value in result.points.items()}
    return points | {
        "total": str(result.total),
        "grade": result.grade,
        "explanation": result.explanation_sha256,
    }


def _compare_placings(
    stored: Mapping[str, Result], placings: Mapping[str, Placing]
) -> Iterator[Difference]:
    for subject_id, result in stored.items():
        if result.placing != placings[subject_id]:
            yield Difference(
                subject_id, "rank", _rank_text(result.placing), _rank_text(placings[subject_id])
            )


def _rank_text(placing: Placing | None) -> str:
    return "" if placing is None else f"{placing.group} {placing.place}/{placing.of}"


def _both(platform: Platform, run_id: str, replay_id: str) -> tuple[Run, Replay]:
    run = store.load_run(platform, run_id)
    replay = replaystore.load_replay(platform, run_id, replay_id)
    if run is None or replay is None:
        raise ValueError(f"no replay {replay_id} of run {run_id}")
    return run, replay
