"""Items of chunks, in the run's partition (see `store`): what each froze, and that it is done.

A chunk is done by an item of its own; the run counts them, in the same transaction. Nothing grows
with the number of chunks, so what a chunk costs does not either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
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


def put_chunk(platform: Platform, run: Run, chunk: int, manifest: Pin) -> Pin:
    """Remember where a chunk's manifest lies; the pin that was remembered first counts."""
    item: Item = {
        "pk": f"RUN#{run.run_id}",
        "sk": f"CHUNK#{chunk:06d}",
        "version": 1,
        "manifest": dict(asdict(manifest)),
    }
    try:
        platform.evaluation.put(item, ABSENT)
    except ConditionFailed as error:
        found = error.items[0]
        return manifest if found is None else pin_from(found)
    return manifest


def load_chunk(platform: Platform, run_id: str, chunk: int) -> Pin | None:
    """Where a chunk's manifest lies, if it was frozen."""
    item = platform.evaluation.get(f"RUN#{run_id}", f"CHUNK#{chunk:06d}")
    return None if item is None else pin_from(item)


def pin_from(item: Item) -> Pin:
    """Where the manifest lies that a chunk's item names."""
    entry: Any = item["manifest"]
    return Pin(**entry)


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
    counted = Update(
        platform.evaluation.key(f"RUN#{run.run_id}"),
        "SET #updated_at = :at ADD #settled :one",
        {"at": at, "one": 1},
        Condition("#status = :running", {"running": "running"}),
    )
    commit([Put(platform.evaluation.name, item, ABSENT), counted])


def standings_of(platform: Platform, run_id: str) -> Iterator[Standings]:
    """The standings of the chunks that are done, in their order."""
    for item in platform.evaluation.each(f"RUN#{run_id}", prefix="STANDING#"):
        entry: dict[str, Any] = item
        yield Standings(entry["chunk"], entry["digest"], standings_from(entry["standings"]))


def open_chunks(platform: Platform, run: Run) -> list[int]:
    """The chunks still to be done of a run that has begun."""
    if not run.settled:
        return list(range(run.chunks))
    done = platform.evaluation.each(f"RUN#{run.run_id}", prefix="STANDING#", names=("chunk",))
    found = {item["chunk"] for item in done}
    return [chunk for chunk in range(run.chunks) if chunk not in found]


def standings_text(entries: Sequence[Entry]) -> str:
    """Standings as an item keeps them: as one text they are a tenth of the work to read."""
    return canonical_json([[each.subject_id, each.total, each.group] for each in entries]).decode()


def standings_from(text: str) -> list[Entry]:
    """The inverse of `standings_text`."""
    return [Entry(*each) for each in json.loads(text)]
