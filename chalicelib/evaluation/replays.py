"""Replay: compute a completed run again from what it froze, and compare every digit.

The bodies come from the plan, the records at their versions and the figures from the manifests,
what everybody is compared with from the tally, the rules from the pinned pack. Nothing of the run
is changed; what was found is kept with the replay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, replaystore, scoring, store
from chalicelib.evaluation.freezing import frozen_facts
from chalicelib.evaluation.gathering import gathered_from
from chalicelib.evaluation.messages import send_next_replay
from chalicelib.evaluation.ranking import Entry, by_subject, ranked
from chalicelib.evaluation.rawstore import read_tally
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
    if replay.status != "running":
        return
    if not replaystore.is_replayed(platform, replay, chunk):
        findings = _compare_chunk(platform, run, chunk)
        try:
            replaystore.put_findings(platform, replay, findings, instant_text(platform.clock()))
        except ConditionFailed:
            pass  # another delivery has done this chunk
        _, replay = _both(platform, run_id, replay_id)
    if replay.status == "running" and replay.all_done:
        send_next_replay(platform, replay)


def finish_replay(platform: Platform, run_id: str, replay_id: str) -> None:
    """Add up the findings, compare ranks and the digest of the whole, and complete, once."""
    run, replay = _both(platform, run_id, replay_id)
    if replay.status != "running" or not replay.all_done:
        return
    tallied = _Tallied()
    placings = by_subject(list(ranked(tallied.entries(replaystore.findings_of(platform, replay)))))
    digest = run_digest(tallied.digests, placings)
    tallied.add(_compare_placings(store.placings_of(platform, run_id), placings))
    if digest != run.results_digest:
        tallied.differences.insert(0, Difference("", "results_digest", run.results_digest, digest))
        tallied.count += 1
    try:
        replaystore.complete_replay(
            platform,
            replay,
            compared=tallied.compared,
            difference_count=tallied.count,
            differences=tallied.differences[:_MOST_KEPT],
            digest=digest,
            at=instant_text(platform.clock()),
        )
    except ConditionFailed:
        return


@dataclass(slots=True)
class _Tallied:
    """What the chunks of a replay found, added up."""

    compared: int = 0
    count: int = 0
    differences: list[Difference] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)

    def entries(self, found: Iterable[Findings]) -> Iterator[Entry]:
        """What is ranked, while everything else is added up."""
        for each in found:
            self.compared += each.compared
            self.count += each.difference_count
            self.digests[each.chunk] = each.digest
            self._list(each.differences)
            yield from each.entries

    def add(self, found: Iterable[Difference]) -> None:
        """Count more differences, and list them while there is room."""
        for each in found:
            self.count += 1
            self._list((each,))

    def _list(self, found: Sequence[Difference]) -> None:
        if len(self.differences) < _MOST_KEPT:
            self.differences += found


def _compare_chunk(platform: Platform, run: Run, number: int) -> Findings:
    gathered = chunkstore.load_chunk(platform, run.run_id, number)
    if gathered is None:
        raise ValueError(f"run {run.run_id} has no manifest for chunk {number}")
    chunk = read_chunk(platform, run, number)
    plan = scoring.plan_for(platform, run)
    raws = gathered_from(plan, run, frozen_facts(platform, plan, gathered.manifest))
    # Runs until 2026 compared nobody with peers.
    own = scoring.tally_of(plan, chunk.bodies, raws)
    whole = own if run.tally is None else read_tally(platform, run.tally)
    replayed = [result for result, _ in scoring.score(chunk, plan, raws, whole)]
    ids = [body.subject_id for body in chunk.bodies]
    found = list(compare(store.load_results(platform, run.run_id, ids), replayed))
    return Findings(
        number,
        len(ids),
        len(found),
        tuple(found[:MOST_LISTED]),
        chunk_digest(replayed),
        scoring.entries_of(plan.scheme, replayed),
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
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield Difference(subject_id, name, old.get(name, ""), new.get(name, ""))
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
    stored: Iterable[tuple[str, Placing | None]], placings: Iterable[tuple[str, Placing]]
) -> Iterator[Difference]:
    """Both by subject id."""
    computed = dict(placings)
    for subject_id, placing in stored:
        found = computed.get(subject_id)
        if placing != found:
            yield Difference(subject_id, "rank", _rank_text(placing), _rank_text(found))


def _rank_text(placing: Placing | None) -> str:
    return "" if placing is None else f"{placing.group} {placing.place}/{placing.of}"


def _both(platform: Platform, run_id: str, replay_id: str) -> tuple[Run, Replay]:
    run = store.load_run(platform, run_id)
    replay = replaystore.load_replay(platform, run_id, replay_id)
    if run is None or replay is None:
        raise ValueError(f"no replay {replay_id} of run {run_id}")
    return run, replay
