"""Items of the checks table.

| item | pk | sk | read by |
|---|---|---|---|
| check | CHECK#<id> | - | id; by_listing (a client's, newest last); by_due (feedback awaited) |
| overdue mark | CHECK#<id> | OVERDUE | by_listing `overdue#<jurisdiction>`: what is late |
| reminder | CHECK#<id> | REMINDER#<kind> | by_listing `reminders#<client>` |
| looks left to copy | CHECK#<id> | LOOKS | id; by_listing `open_looks` |
| tally | TALLY#<jurisdiction>#<month> | <scene>#<agency>#<part> | jurisdiction and month |
| head of a client's chain of looks | TRAIL#<client> | - | key |
| how far the day's job has come | DAILY | - | key |

What is told about a person is kept by place and reference alone. Of a subject's measures the texts
are kept once per check.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, cast

from chalicelib.access.model import AuditEntry
from chalicelib.access.service import Head
from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Condition, Delete, Key, Put, Update
from chalicelib.checks.model import Check, Done, MeasureTold, Told
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.base import LegalBasis

_TEXTS: Final = (
    "check_id",
    "kind",
    "client_id",
    "agency",
    "agency_name",
    "jurisdiction",
    "region",
    "pack",
    "scene",
    "purpose",
    "reference",
    "asked_at",
    "asked_on",
    "request_mac",
    "due_on",
    "file_id",
    "feedback_at",
)
_TOLD: Final = (
    "number",
    "subject_id",
    "code",
    "reference",
    "is_person",
    "answer",
    "reason",
    "until",
    "as_of",
    "version",
)
_PARTS: Final = 8
"""A busy agency's figures are counted in so many parts, so that checks seldom wait for another."""


def check_item(check: Check) -> Item:
    """The item of a check; while feedback is awaited it is also found by the day it is due."""
    item: Item = {name: getattr(check, name) for name in _TEXTS}
    texts: list[dict[str, Value]] = []
    item |= {
        "pk": f"CHECK#{check.check_id}",
        "sk": "-",
        "entity": "check",
        "version": check.version,
        "told": [told_value(one, texts) for one in check.told],
        "texts": cast(Value, texts),
        "done": [asdict(one) for one in check.done],
        "due_provisional": check.due_provisional,
        "marked_overdue": check.marked_overdue,
        "listing": f"checks#{check.client_id}",
        "position": f"{check.asked_at}#{check.check_id}",
    }
    if check.due_on and not check.feedback_at:
        item["due_day"] = check.due_on
    return item


def told_value(told: Told, texts: list[dict[str, Value]]) -> dict[str, Value]:
    """An answer as it is kept; the texts of its measures are added to `texts`, each once."""
    value: dict[str, Value] = {name: getattr(told, name) for name in _TOLD}
    measures: list[Value] = []
    for one in told.measures:
        text: dict[str, Value] = {
            "code": one.code,
            "title": one.title,
            "effect": one.effect,
            "text": one.text,
            "basis": cast(Value, one.basis.model_dump(mode="json")),
        }
        if text not in texts:
            texts.append(text)
        measures.append([texts.index(text), one.reason, one.since, one.until])
    return {**value, "measures": measures}


def check_from(item: Item) -> Check:
    """The check an item holds."""
    body = cast(dict[str, Any], item)
    texts = body["texts"]
    return Check(
        **{name: body.get(name, "") for name in _TEXTS},
        version=body["version"],
        told=tuple(told_from(one, texts) for one in body["told"]),
        done=tuple(Done(**one) for one in body["done"]),
        due_provisional=body["due_provisional"],
        marked_overdue=body["marked_overdue"],
    )


def told_from(value: Mapping[str, Any], texts: list[dict[str, Any]]) -> Told:
    """The inverse of `told_value`."""
    measures = tuple(
        MeasureTold(
            **{**texts[at], "basis": LegalBasis.model_validate(texts[at]["basis"])},
            reason=reason,
            since=since,
            until=until,
        )
        for at, reason, since, until in value["measures"]
    )
    return Told(**{name: value[name] for name in _TOLD}, measures=measures)


def check_key(platform: Platform, check_id: str) -> Key:
    """Where a check lies."""
    return platform.checks.key(f"CHECK#{check_id}")


def new_check_put(platform: Platform, check: Check) -> Put:
    """The write that keeps a check as it was told; fails if it is there."""
    return Put(platform.checks.name, check_item(check), ABSENT)


def next_check_put(platform: Platform, before: Check, after: Check) -> Put:
    """The write that replaces a check by its next version."""
    unchanged = Condition(
        "#version = :expected_version AND #marked_overdue = :marked",
        {"expected_version": before.version, "marked": before.marked_overdue},
    )
    return Put(platform.checks.name, check_item(after), unchanged)


def load_check(platform: Platform, check_id: str) -> Check:
    """A check by its id. Raises NotFound."""
    item = platform.checks.get(f"CHECK#{check_id}")
    if item is None:
        raise NotFound("没有这次核查")
    return check_from(item)


def page_of_checks(
    platform: Platform, client_id: str, where: Condition | None, limit: int, start: Item | None
) -> Page:
    """One page of a client's checks, newest first; `where` leaves out of it what does not fit."""
    return platform.checks.query_index(
        "by_listing",
        f"checks#{client_id}",
        where=where,
        descending=True,
        limit=limit,
        start=start,
    )


@dataclass(frozen=True, slots=True)
class DuePage:
    """Some of the checks due on a day, and after which to go on (empty: these were the last)."""

    checks: list[Check]
    after: str


def due_page(platform: Platform, day: date, after: str, limit: int) -> DuePage:
    """Checks whose feedback is due on a day and not given, after a place in their order."""
    page = platform.checks.query_index(
        "by_due",
        day.isoformat(),
        between=(f"{after} ", "~") if after else None,
        limit=limit,
        names=("check_id", "position"),
    )
    found = (platform.checks.get(f"CHECK#{item['check_id']!s}") for item in page.items)
    checks = [check_from(one) for one in found if one and one.get("due_day") == day.isoformat()]
    return DuePage(checks, str(page.items[-1]["position"]) if page.next_start else "")


def mark_overdue(platform: Platform, check: Check) -> list[Put | Update]:
    """The writes that let the office see that feedback is late, once. The version of the check
    stays: whoever is about to give feedback has seen all there is."""
    item: Item = {
        "pk": f"CHECK#{check.check_id}",
        "sk": "OVERDUE",
        "check_id": check.check_id,
        "client_id": check.client_id,
        "agency": check.agency,
        "agency_name": check.agency_name,
        "region": check.region,
        "scene": check.scene,
        "asked_on": check.asked_on,
        "due_on": check.due_on,
        "subjects": len(check.told),
        "listing": f"overdue#{check.jurisdiction}",
        "position": f"{check.due_on}#{check.check_id}",
    }
    unmarked = Condition(
        "#marked_overdue = :no AND #feedback_at = :none", {"no": False, "none": ""}
    )
    marking = Update(
        check_key(platform, check.check_id),
        "SET #marked_overdue = :yes",
        {"yes": True},
        unmarked,
    )
    return [marking, Put(platform.checks.name, item)]


def unmark_overdue(platform: Platform, check: Check) -> Delete:
    """The write that takes a check off the list of what is late."""
    return Delete(platform.checks.key(f"CHECK#{check.check_id}", "OVERDUE"))


def overdue_page(platform: Platform, jurisdiction: str, limit: int, start: Item | None) -> Page:
    """One page of what is late in a jurisdiction, the longest overdue first."""
    return platform.checks.query_index(
        "by_listing", f"overdue#{jurisdiction}", limit=limit, start=start
    )


def reminder_put(platform: Platform, check: Check, kind: str, at: str) -> Put:
    """The write that reminds a client of a check; the same again is no second reminder."""
    item: Item = {
        "pk": f"CHECK#{check.check_id}",
        "sk": f"REMINDER#{kind}",
        "check_id": check.check_id,
        "kind": kind,
        "scene": check.scene,
        "reference": check.reference,
        "due_on": check.due_on,
        "reminded_at": at,
        "listing": f"reminders#{check.client_id}",
        "position": f"{at}#{check.check_id}#{kind}",
    }
    return Put(platform.checks.name, item, ABSENT)


def reminder_page(platform: Platform, client_id: str, limit: int, start: Item | None) -> Page:
    """One page of the reminders of a client, newest first."""
    return platform.checks.query_index(
        "by_listing", f"reminders#{client_id}", descending=True, limit=limit, start=start
    )


# -- figures ------------------------------------------------------------------------------------


def tally_update(platform: Platform, check: Check, counts: Mapping[str, int]) -> Update:
    """The write that adds to the figures of a check's scene, agency and month."""
    part = zlib.crc32(check.check_id.encode()) % _PARTS
    names: dict[str, Value] = {
        "scene": check.scene,
        "agency": check.agency,
        "agency_name": check.agency_name,
        "region": check.region,
    }
    sets = ", ".join(f"#{name} = :{name}" for name in names)
    adds = ", ".join(f"#{name} :{name}" for name in counts)
    return Update(
        platform.checks.key(
            f"TALLY#{check.jurisdiction}#{check.asked_on[:7]}",
            f"{check.scene}#{check.agency}#{part}",
        ),
        f"SET {sets} ADD {adds}",
        {**names, **counts},
    )


def tallies(platform: Platform, jurisdiction: str, month: str) -> Iterator[Item]:
    """The parts of all figures of a jurisdiction's month, by scene and agency."""
    return platform.checks.each(f"TALLY#{jurisdiction}#{month}")


# -- the chain of looks -------------------------------------------------------------------------


def head_key(platform: Platform, client_id: str) -> Key:
    """Where the head of a client's chain of looks lies."""
    return platform.checks.key(f"TRAIL#{client_id}")


def head_from(item: Item | None) -> Head:
    """The head an item holds; that of an empty chain without one."""
    return Head() if item is None else Head(int(str(item["seq"])), str(item["mac"]))


def head_put(platform: Platform, client_id: str, head: Head) -> Put:
    """The write that moves the head. That nobody else did is what the entry's own write asks."""
    key = head_key(platform, client_id)
    item: Item = {"pk": key.pk, "sk": key.sk, "seq": head.seq, "mac": head.mac}
    return Put(key.table, item)


def looks_mark(platform: Platform, check_id: str, entry: AuditEntry) -> Put:
    """The write that tells that some persons have no copy of a look yet."""
    item: Item = {
        "pk": f"CHECK#{check_id}",
        "sk": "LOOKS",
        "check_id": check_id,
        "look": cast(Value, asdict(entry)),
        "listing": "open_looks",
        "position": f"{entry.at}#{check_id}",
    }
    return Put(platform.checks.name, item)


def looks_unmark(platform: Platform, check_id: str) -> Delete:
    """The write that tells that all have."""
    return Delete(platform.checks.key(f"CHECK#{check_id}", "LOOKS"))


def marked_look(platform: Platform, check_id: str) -> AuditEntry | None:
    """The look of a check that is left to copy."""
    item = platform.checks.get(f"CHECK#{check_id}", "LOOKS")
    return None if item is None else _look_in(item)


def marked_looks(platform: Platform) -> Iterator[tuple[str, AuditEntry]]:
    """All that are left to copy."""
    for item in platform.checks.each_in_index("by_listing", "open_looks"):
        yield str(item["check_id"]), _look_in(item)


def _look_in(item: Item) -> AuditEntry:
    return AuditEntry(**cast(dict[str, Any], item)["look"])


# -- the day's job ------------------------------------------------------------------------------


def last_day(platform: Platform) -> str:
    """The last day (ISO) the day's job has looked at; empty at first."""
    item = platform.checks.get("DAILY")
    return "" if item is None else str(item["day"])


def note_day(platform: Platform, day: date) -> None:
    """Note how far the day's job has come."""
    platform.checks.put({"pk": "DAILY", "sk": "-", "day": day.isoformat()})
