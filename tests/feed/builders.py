"""Documents as disclosure hands them over, and the sequencer at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.feed import sequencer, service
from chalicelib.feed.model import Change, NewDocument
from tests.support.world import World


def document(
    name: str = "r_1", version: int = 1, *, marks: Sequence[str] = (), **more: Any
) -> NewDocument:
    """A record's document; `more` are members of it, `until` and `end_day` its term."""
    term = {key: more.pop(key) for key in ("until", "end_day") if key in more}
    body: Mapping[str, Any] = {"id": name, "version": version, "marks": list(marks), **more}
    return NewDocument(name, "record", version, body, **term)


def show(world: World, *documents: NewDocument) -> None:
    """Decide that these are public, and let the sequencer number them."""
    for one in documents:
        service.show(world.platform, one)
    number(world, *(one.id for one in documents))


def hide(world: World, name: str, version: int, **more: Any) -> None:
    """Decide that a record is public no more, and let the sequencer number that."""
    service.hide(world.platform, name, "record", version, more.pop("reason", "withdrawn"), **more)
    number(world, name)


def number(world: World, *ids: str) -> None:
    """The sequencer's turn."""
    sequencer.sequence(world.platform, ids)


def log(world: World) -> tuple[Change, ...]:
    """The whole feed."""
    return service.changes_after(world.platform, 0, 10_000)


def told(world: World) -> list[tuple[int, str, str, int]]:
    """The whole feed in short: number, kind, id, version."""
    return [(c.entry.seq, c.entry.kind, c.entry.id, c.entry.version) for c in log(world)]
