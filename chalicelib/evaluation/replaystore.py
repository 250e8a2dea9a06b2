"""Items of replays, in the run's partition (see `store`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Condition, Key, Put, Update, commit, update
from chalicelib.evaluation.chunkstore import standings_from, standings_text
from chalicelib.evaluation.ranking import Entry
from chalicelib.evaluation.runs import Difference, Replay

_RUNNING = Condition("#status = :running", {"running": "running"})
_PLAIN = (
    "replay_id",
    "run_id",
    "jurisdiction",
    "requested_by",
    "created_at",
    "status",
    "updated_at",
    "completed_at",
    "results_digest",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one chunk of a replay found."""

    chunk: int
    compared: int
    difference_count: int
    differences: tuple[Difference, ...]
    digest: str
    entries: Sequence[Entry] = ()
    """What the results computed again are ranked by."""


def new_replay_put(platform: Platform, replay: Replay) -> Put:
    """The write that starts a replay, once."""
    item: Item = {name: getattr(replay, name) for name in _PLAIN}
    item |= {
        "pk": f"RUN#{replay.run_id}",
        "sk": f"REPLAY#{replay.replay_id}",
        "version": replay.version,
        "chunks": replay.chunks,
        "listing": f"replays#{replay.jurisdiction}",
        "position": f"{replay.created_at}#{replay.replay_id}",
    }
    return Put(platform.evaluation.name, item, ABSENT)


def replay_from(item: Item) -> Replay:
    """The replay an item holds."""
    entry: dict[str, Any] = item
    return Replay(
        **{name: entry[name] for name in _PLAIN},
        version=entry["version"],
        chunks=entry["chunks"],
        replayed=entry.get("replayed", len(entry.get("done", ()))),
        compared=entry.get("compared", 0),
        difference_count=entry.get("difference_count", 0),
        differences=_differences(entry.get("differences", [])),
    )


def load_replay(platform: Platform, run_id: str, replay_id: str) -> Replay | None:
    """A replay of a run."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"REPLAY#{replay_id}")
    return None if item is None else replay_from(item)


def unfinished_replays(platform: Platform, jurisdiction: str) -> Iterator[Replay]:
    """The replays of a jurisdiction that are still running, the oldest first."""
    for item in platform.evaluation.each_in_index("by_listing", f"replays#{jurisdiction}"):
        if item["status"] != "completed":
            yield replay_from(item)


def put_findings(platform: Platform, replay: Replay, findings: Findings, at: str) -> None:
    """Keep what a chunk found and count the chunk on the replay, once. Raises ConditionFailed if
    it has been counted, or the replay is complete."""
    item: Item = {
        "pk": f"RUN#{replay.run_id}",
        "sk": f"FOUND#{replay.replay_id}#{findings.chunk:06d}",
        "version": 1,
        "chunk": findings.chunk,
        "compared": findings.compared,
        "difference_count": findings.difference_count,
        "differences": [dict(asdict(difference)) for difference in findings.differences],
        "digest": findings.digest,
        "standings": standings_text(findings.entries),
    }
    counted = Update(
        _key(platform, replay),
        "SET #updated_at = :at ADD #replayed :one",
        {"at": at, "one": 1},
        _RUNNING,
    )
    commit([Put(platform.evaluation.name, item, ABSENT), counted])


def is_replayed(platform: Platform, replay: Replay, chunk: int) -> bool:
    """Whether a chunk has been computed again."""
    sk = f"FOUND#{replay.replay_id}#{chunk:06d}"
    return platform.evaluation.get(f"RUN#{replay.run_id}", sk) is not None


def open_chunks(platform: Platform, replay: Replay) -> list[int]:
    """The chunks still to be computed again."""
    if not replay.replayed:
        return list(range(replay.chunks))
    prefix = f"FOUND#{replay.replay_id}#"
    done = platform.evaluation.each(f"RUN#{replay.run_id}", prefix=prefix, names=("chunk",))
    found = {item["chunk"] for item in done}
    return [chunk for chunk in range(replay.chunks) if chunk not in found]


def findings_of(platform: Platform, replay: Replay) -> Iterator[Findings]:
    """What the chunks found so far."""
    prefix = f"FOUND#{replay.replay_id}#"
    for item in platform.evaluation.each(f"RUN#{replay.run_id}", prefix=prefix):
        entry: dict[str, Any] = item
        yield Findings(
            chunk=entry["chunk"],
            compared=entry["compared"],
            difference_count=entry["difference_count"],
            differences=_differences(entry["differences"]),
            digest=entry["digest"],
            entries=standings_from(entry["standings"]),
        )


def complete_replay(
    platform: Platform,
    replay: Replay,
    *,
    compared: int,
    difference_count: int,
    differences: Sequence[Difference],
    digest: str,
    at: str,
) -> Replay:
    """running -> completed, once. Raises ConditionFailed if it is not running."""
    changed = Update(
        _key(platform, replay),
        "SET #status = :completed, #version = :next, #compared = :compared,"
        " #difference_count = :count, #differences = :differences, #results_digest = :digest,"
        " #completed_at = :at, #updated_at = :at",
        {
            "completed": "completed",
            "next": replay.version + 1,
            "compared": compared,
            "count": difference_count,
            "digest": digest,
            "at": at,
            "differences": [dict(asdict(difference)) for difference in differences],
        },
        _RUNNING,
    )
    return replay_from(update(changed))


def _key(platform: Platform, replay: Replay) -> Key:
    return platform.evaluation.key(f"RUN#{replay.run_id}", f"REPLAY#{replay.replay_id}")


def _differences(entries: Sequence[dict[str, str]]) -> tuple[Difference, ...]:
    return tuple(Difference(**entry) for entry in entries)
