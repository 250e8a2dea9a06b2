"""Items of warnings and of what became of them (the table is described in `store`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import ABSENT, Condition, Key, Put, Update
from chalicelib.monitoring.model import Standing, Subject
from chalicelib.monitoring.model_runs import (
    Contribution,
    HistoryEntry,
    RaisedWarning,
    RowReference,
)

_READ_AHEAD = 500
_NOT_OF_THE_WARNING = ("pk", "sk", "listing", "position", "state")


def warning_key(platform: Platform, warning_id: str) -> Key:
    """Where a warning lies."""
    return platform.monitoring.key(f"WARNING#{warning_id}")


def warning_item(warning: RaisedWarning) -> Item:
    """The item of a warning."""
    values: dict[str, Any] = asdict(warning)
    return {
        **{name: list(one) if isinstance(one, tuple) else one for name, one in values.items()},
        "pk": f"WARNING#{warning.warning_id}",
        "sk": "-",
        "state": "open" if warning.is_open else "closed",
        "listing": f"warnings#{warning.jurisdiction}",
        "position": f"{warning.raised_on}#{warning.warning_id}",
    }


def warning_from(item: Item) -> RaisedWarning:
    """The warning an item holds."""
    entry: dict[str, Any] = {
        name: value for name, value in item.items() if name not in _NOT_OF_THE_WARNING
    }
    return RaisedWarning(
        **{
            **entry,
            "subject": Subject(**entry["subject"]),
            "rows": tuple(RowReference(**one) for one in entry["rows"]),
            "bodies": tuple(Contribution(**one) for one in entry["bodies"]),
        }
    )


def new_warning_put(platform: Platform, warning: RaisedWarning) -> Put:
    """The write that raises a warning, once."""
    return Put(platform.monitoring.name, warning_item(warning), ABSENT)


def change_update(platform: Platform, warning: RaisedWarning) -> Update:
    """Write what a run found out about a warning that is there; what the case was told stays."""
    item = warning_item(warning)
    names = ("level", "day", "value", "sample", "reason", "run_id", "rows", "row_count", "bodies",
             "state", "closed_on", "rule_title", "pack", "peak")  # fmt: skip
    sets = ", ".join(f"#{name} = :{name}" for name in names)
    values: dict[str, Any] = {name: item[name] for name in names}
    values["one"] = 1
    expression = f"SET {sets}, #version = #version + :one"
    there = Condition("attribute_exists(#pk)")
    return Update(warning_key(platform, warning.warning_id), expression, values, there)


def told_update(
    platform: Platform, warning: RaisedWarning, case_id: str, cases: int, level: Standing
) -> Update:
    """Note that a case was told of a level; fails if another delivery has done so."""
    values: dict[str, Any] = {
        "case_id": case_id, "cases": cases, "level": level, "before": warning.case_level,
        "known": warning.cases, "one": 1,
    }  # fmt: skip
    return Update(
        warning_key(platform, warning.warning_id),
        "SET #case_id = :case_id, #cases = :cases, #case_level = :level,"
        " #version = #version + :one",
        {name: value for name, value in values.items() if name not in ("before", "known")},
        Condition(
            "#case_level = :before AND #cases = :known",
            {"before": warning.case_level, "known": warning.cases},
        ),
    )


def history_put(
    platform: Platform, warning_id: str, number: int, entry: HistoryEntry
) -> Put:
    """One change of a warning; `number` rises from change to change."""
    item: Item = {
        "pk": f"WARNING#{warning_id}",
        "sk": f"HISTORY#{number:09d}",
        "version": 1,
        **asdict(entry),
    }
    return Put(platform.monitoring.name, item)


def history_of(platform: Platform, warning_id: str) -> list[HistoryEntry]:
    """What became of a warning, the first change first."""
    found: list[HistoryEntry] = []
    for item in platform.monitoring.each(f"WARNING#{warning_id}", prefix="HISTORY#"):
        entry: dict[str, Any] = {
            name: value for name, value in item.items() if name not in ("pk", "sk", "version")
        }
        found.append(HistoryEntry(**entry))
    return found


def load_warning(platform: Platform, warning_id: str) -> RaisedWarning | None:
    """A warning by its id."""
    item = platform.monitoring.get(f"WARNING#{warning_id}")
    return None if item is None else warning_from(item)


def page_of_warnings(
    platform: Platform, jurisdiction: str, where: Condition | None, limit: int, start: Item | None
) -> Page:
    """A page of the warnings of a jurisdiction, the newest first; `where` filters."""
    return platform.monitoring.query_index(
        "by_listing",
        f"warnings#{jurisdiction}",
        where=where,
        descending=True,
        limit=limit,
        start=start,
    )


def open_since(platform: Platform, jurisdiction: str, since: str) -> Iterator[RaisedWarning]:
    """The warnings that are open, or were on the day `since` (ISO) or after it. The index may be
    behind, and all warnings there have been are passed over: for once a run, not for a request."""
    where = Condition(
        "#state = :open OR #closed_on >= :since", {"open": "open", "since": since}
    )
    start: Item | None = None
    while True:
        page = page_of_warnings(platform, jurisdiction, where, _READ_AHEAD, start)
        yield from map(warning_from, page.items)
        start = page.next_start
        if start is None:
            return


def behind_with_case(platform: Platform, warning_ids: Iterable[str]) -> list[str]:
    """Those of these warnings whose case has not been told of their level, in order."""
    keys = [warning_key(platform, warning_id) for warning_id in sorted(set(warning_ids))]
    names = ("warning_id", "level", "case_level", "case_kind", "body_id")
    return [
        str(item["warning_id"])
        for item in batch_get(keys, names=names).values()
        if item["level"] != item["case_level"] and item["case_kind"] and item["body_id"]
    ]
