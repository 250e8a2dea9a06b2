"""Items of chunks, in the run's partition (see `store`): what each froze, and that it is done.

A chunk is done by an item of its own; the run counts them, in the same transaction. Nothing grows
with the number of chunks, so what a chunk costs does not either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Condition, Put, Update, commit
from chalicelib.evaluation.ranking import Entry
from chalicelib.evaluation.runs import Pin, Run
from chalicelib.kernel.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Standings:
    """What ranking needs of a chunk that is done, and the digest over its results."""

    chunk: int
    digest: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a chunk froze: which inputs, the raw values made from them (runs until 2026: none), and
    what these come to (canonical JSON)."""

    manifest: Pin
    raws: Pin | None
    tally: str


def mark_gathered(platform: Platform, run: Run, chunk: int, found: Gathered, at: str) -> None:
    """Remember what a chunk froze and count it on the run, once. Raises ConditionFailed if the run
    is not running, or the chunk has been gathered."""
    item: Item = {
        "pk": f"RUN#{run.run_id}",
        "sk": f"CHUNK#{chunk:06d}",
        "version": 1,
        "chunk": chunk,
        "manifest": dict(asdict(found.manifest)),
        "raws": None if found.raws is None else dict(asdict(found.raws)),
        "tally": found.tally,
    }
    commit([Put(platform.evaluation.name, item, ABSENT), _counted(platform, run, "gathered", at)])


def load_chunk(platform: Platform, run_id: str, chunk: int) -> Gathered | None:
    """What a chunk froze, if it has been gathered."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"CHUNK#{chunk:06d}")
    return None if item is None else gathered_from(item)


def load_chunks(platform: Platform, run_id: str, chunks: Iterable[int]) -> dict[int, Gathered]:
    """What some chunks froze."""
    keys = {platform.evaluation.key(f"RUN#{run_id}", f"CHUNK#{each:06d}"): each for each in chunks}
    return {keys[key]: gathered_from(item) for key, item in batch_get(list(keys)).items()}


def gathered_from(item: Item) -> Gathered:
    """What the item of a chunk tells."""
    entry: Any = item
    raws = entry.get("raws")
    return Gathered(
        Pin(**entry["manifest"]), Pin(**raws) if raws else None, entry.get("tally") or ""
    )


def tallies_of(platform: Platform, run_id: str) -> Iterator[str]:
    """What the raw values of each chunk come to, in the order of chunks."""
    for item in platform.evaluation.each(f"RUN#{run_id}", prefix="CHUNK#", names=("tally",)):
        yield str(item["tally"])


def is_settled(platform: Platform, run_id: str, chunk: int) -> bool:
    """Whether a chunk is done."""
    return platform.evaluation.get(f"RUN#{run_id}", f"STANDING#{chunk:06d}") is not None


def mark_settled(platform: Platform, run: Run, found: Standings, at: str) -> None:
    """Keep a chunk's standings and count it on the run, once. Raises ConditionFailed if the run is
    not running, or the chunk is done."""
    item: Item = {
        "pk": f"RUN#{run.run_id}",
        "sk": f"STANDING#{found.chunk:06d}",
        "version": 1,
        "chunk": found.chunk,
        "digest": found.digest,
        "standings": standings_text(found.entries),
    }
    commit([Put(platform.evaluation.name, item, ABSENT), _counted(platform, run, "settled", at)])


def standings_of(platform: Platform, run_id: str) -> Iterator[Standings]:
    """The standings of the chunks that are done, in their order."""
    for item in platform.evaluation.each(f"RUN#{run_id}", prefix="STANDING#"):
        entry: dict[str, Any] = item
        yield Standings(entry["chunk"], entry["digest"], standings_from(entry["standings"]))


def ungathered(platform: Platform, run: Run) -> list[int]:
    """The chunks still to be gathered of a run that has begun."""
    return _open(platform, run, "CHUNK#", run.gathered)


def unsettled(platform: Platform, run: Run) -> list[int]:
    """The chunks still to be settled of a run that has been tallied."""
    return _open(platform, run, "STANDING#", run.settled)


def _open(platform: Platform, run: Run, prefix: str, count: int) -> list[int]:
    if not count:
        return list(range(run.chunks))
    done = platform.evaluation.each(f"RUN#{run.run_id}", prefix=prefix, names=("chunk",))
    found = {item["chunk"] for item in done}
    return [chunk for chunk in range(run.chunks) if chunk not in found]


def _counted(platform: Platform, run: Run, step: str, at: str) -> Update:
    return Update(
        platform.evaluation.key(f"RUN#{run.run_id}"),
        f"SET #updated_at = :at ADD #{step} :one",
        {"at": at, "one": 1},
        Condition("#status = :running", {"running": "running"}),
    )


def standings_text(entries: Sequence[Entry]) -> str:
    """Standings as an item keeps them: as one text they are a tenth of the work to read."""
    return canonical_json([[each.subject_id, each.total, each.group] for each in entries]).decode()


def standings_from(text: str) -> list[Entry]:
    """The inverse of `standings_text`."""
    return [Entry(*each) for each in json.loads(text)]
