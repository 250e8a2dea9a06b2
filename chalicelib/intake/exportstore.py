"""Items of exports in the intake table.

| item | pk | sk | read by |
|---|---|---|---|
| export | EXPORT#<id> | - | id; by_listing `open_exports` until it is done |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Put, version_is
from chalicelib.kernel.errors import NotFound

OPEN_EXPORTS = "open_exports"

_TEXTS = (
    "export_id",
    "jurisdiction",
    "agency",
    "region",
    "type",
    "layout",
    "format",
    "first_day",
    "last_day",
    "pack",
    "client_id",
    "created_at",
    "state",
    "position",
    "completed_at",
    "problem",
)
_NUMBERS = ("reporter", "parts", "rows", "version")


@dataclass(frozen=True, slots=True)
class Export:
    """A file of records on its way out. It is brought forward slice by slice."""

    export_id: str
    jurisdiction: str
    agency: str
    """Whose records; empty: those of every agency of the region and below."""
    region: str
    type: str
    layout: str
    format: Literal["csv", "xlsx"]
    first_day: str
    last_day: str
    pack: str
    client_id: str
    created_at: str
    state: Literal["collecting", "writing", "completed", "failed"] = "collecting"
    reporter: int = 0
    """Which agency of the list comes next."""
    position: str = ""
    """How far its records are taken: `<day>#<record id>`, empty at its beginning."""
    parts: int = 0
    rows: int = 0
    completed_at: str = ""
    problem: str = ""
    """Why there is no file (Chinese), for a failed export."""
    version: int = 1

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in ("completed", "failed")


def export_from(item: Item) -> Export:
    """The export an item holds."""
    values: dict[str, Any] = {name: item[name] for name in (*_TEXTS, *_NUMBERS)}
    values["position"] = item["reached"]
    return Export(**values)


def _item(export: Export) -> Item:
    item: Item = {name: getattr(export, name) for name in (*_TEXTS, *_NUMBERS)}
    item["reached"] = export.position
    item |= {"pk": f"EXPORT#{export.export_id}", "sk": "-", "entity": "export"}
    item["position"] = f"{export.created_at}#{export.export_id}"
    if not export.is_done:
        item["listing"] = OPEN_EXPORTS
    return item


def new_export_put(platform: Platform, export: Export) -> Put:
    """The write that begins an export."""
    return Put(platform.intake.name, _item(export), ABSENT)


def next_step_put(platform: Platform, before: Export, after: Export) -> Put:
    """The write that brings an export one step forward, once."""
    stepped = replace(after, version=before.version + 1)
    return Put(platform.intake.name, _item(stepped), version_is(before.version))


def load_export(platform: Platform, export_id: str) -> Export:
    """An export by its id. Raises NotFound."""
    item = platform.intake.get(f"EXPORT#{export_id}")
    if item is None:
        raise NotFound("没有这个导出任务")
    return export_from(item)


def open_exports(platform: Platform, created_before: str) -> Iterator[Export]:
    """Exports asked for before an instant and not done."""
    found = platform.intake.each_in_index(
        "by_listing", OPEN_EXPORTS, between=("0", created_before)
    )
    for item in found:
        yield export_from(item)
