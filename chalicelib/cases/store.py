"""The items of cases in the CASES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| case | CASE#<case_id> | - | id; by_subject; by_reporter; by_actor; by_listing; by_due |
| event | CASE#<case_id> | E#<version> | case; case and version |
| event a paper was given with | CASE#<case_id> | P#<evidence_id>#<version> | case and paper |
| what an informant said or was told | VOICE#<case_id> | E#<version> | case |
| open case of a kind about a record | OPEN#<kind>#<record_id> | - | kind and record |
| bar to being rated 优秀 | EXCELLENT#<subject_id> | <year>#<case_id> | subject and year |
| progress of the sweep | SWEEP | - | its name |
| letter | LETTERS#<recipient> | <at>#<case_id>#<version>#<number> | recipient; by_listing |

A case is listed for its subject, its source agency (by_reporter), its superior (by_actor) and, by
region, for the credit office; letters to offices by region too.
Of a kind that hides the informant everything personal lies under `VOICE#`: whoever reads a case and
its events by any other way cannot come upon it. `due_day` is `<day>#<shard>` and only on a case
that time alone will move: a sweep reads what is due and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Condition, Delete, Key, Put, Write, version_is
from chalicelib.cases.model import (
    Bar,
    Case,
    CaseFile,
    Clock,
    Entry,
    Event,
    Parties,
    Pending,
)
from chalicelib.kernel.clock import instant_text, parse_instant
from chalicelib.kernel.deadlines import Stop
from chalicelib.policy.model import FieldValue

DUE_SHARDS = 8
"""Partitions of one due day; a constant, because the sweep must fan out alike."""

CHANGES_PAGE = 500
"""Cases looked at by one reading of what has changed."""

_DIGITS = 8
"""After every instant as it is written."""
_FILE_TEXTS = (
    "case_id", "jurisdiction", "region", "pack", "kind", "title", "wrapped_key", "record_id",
    "parent",
)  # fmt: skip
_PARTIES = (
    "subject_id", "subject_kind", "subject_code", "subject_name", "source_agency", "superior"
)  # fmt: skip


def case_key(platform: Platform, case_id: str) -> Key:
    """Where a case lies."""
    return platform.cases.key(f"CASE#{case_id}")


def open_key(platform: Platform, kind: str, record_id: str) -> Key:
    """What stands there while a case of the kind about the record is open."""
    return platform.cases.key(f"OPEN#{kind}#{record_id}")


def load(platform: Platform, case_id: str) -> CaseFile | None:
    """A case by its id."""
    item = platform.cases.get(f"CASE#{case_id}")
    return None if item is None else file_from(item)


def load_entry(platform: Platform, case_id: str, version: int) -> Entry | None:
    """One event of a case."""
    item = platform.cases.get(f"CASE#{case_id}", f"E#{version:0{_DIGITS}d}")
    return None if item is None else entry_from(item)


def entries_with(platform: Platform, case_id: str, evidence_id: str) -> list[Entry]:
    """The events that a paper was given with, the newest first; as a rule there is one."""
    places = platform.cases.each(f"CASE#{case_id}", prefix=f"P#{evidence_id}#")
    versions = sorted((cast(int, item["version"]) for item in places), reverse=True)
    found = (load_entry(platform, case_id, version) for version in versions)
    return [entry for entry in found if entry is not None]


def open_case_id(platform: Platform, kind: str, record_id: str) -> str:
    """The case of a kind that is open about a record, empty for none."""
    item = platform.cases.get(f"OPEN#{kind}#{record_id}") if record_id else None
    return "" if item is None else str(item["case_id"])


def page_of_entries(
    platform: Platform, case_id: str, limit: int, start: Item | None
) -> tuple[list[Entry], Item | None]:
    """Events of a case, the newest first."""
    page = platform.cases.query(
        f"CASE#{case_id}", prefix="E#", descending=True, limit=limit, start=start
    )
    return [entry_from(item) for item in page.items], page.next_start


def voice_of(platform: Platform, case_id: str) -> dict[int, Mapping[str, str]]:
    """What was sealed of an informant's dialogue, by event; callers answer for the right to it."""
    return {
        cast(int, item["version"]): cast("Mapping[str, str]", item["sealed"])
        for item in platform.cases.each(f"VOICE#{case_id}")
    }


def page_of_due(
    platform: Platform, day: date, shard: int, limit: int, start: Item | None
) -> tuple[list[str], Item | None]:
    """Ids of the cases of a shard that time is to move on a day."""
    page = platform.cases.query_index(
        "by_due", f"{day}#{shard}", limit=limit, start=start, names=("case_id",)
    )
    return [str(item["case_id"]) for item in page.items], page.next_start


def swept_to(platform: Platform) -> date | None:
    """The first day the next sweep looks at; None before the first sweep."""
    item = platform.cases.get("SWEEP")
    return None if item is None else date.fromisoformat(str(item["day"]))


def note_swept(platform: Platform, day: date) -> None:
    """Nothing is left under the days before this one."""
    platform.cases.put({"pk": "SWEEP", "sk": "-", "day": day.isoformat()})


def case_put(
    platform: Platform, file: CaseFile, before: CaseFile | None, due_on: date | None
) -> Put:
    """The write that brings a case from `before` (None: nothing) to `file`."""
    condition = ABSENT if before is None else version_is(before.case.version)
    return Put(platform.cases.name, _file_item(file, due_on), condition)


def entry_writes(platform: Platform, case_id: str, entry: Entry) -> list[Write]:
    """The writes that keep an event, once."""
    version, item = entry.version, _entry_item(case_id, entry)
    papers = [
        _paper_put(platform, case_id, paper, version)
        for paper in sorted(set(entry.papers.values()))
    ]
    if not entry.in_voice or not entry.sealed:
        return [Put(platform.cases.name, item, ABSENT), *papers]
    item["sealed"] = {}
    voice: Item = {
        "pk": f"VOICE#{case_id}",
        "sk": f"E#{version:0{_DIGITS}d}",
        "version": version,
        "sealed": dict(entry.sealed),
    }
    kept = (Put(platform.cases.name, item, ABSENT), Put(platform.cases.name, voice, ABSENT))
    return [*kept, *papers]


def _paper_put(platform: Platform, case_id: str, evidence_id: str, version: int) -> Put:
    item: Item = {
        "pk": f"CASE#{case_id}",
        "sk": f"P#{evidence_id}#{version:0{_DIGITS}d}",
        "version": version,
    }
    return Put(platform.cases.name, item)


def open_put(platform: Platform, kind: str, record_id: str, case_id: str) -> Put:
    """The write that fails while another case of the kind about the record is open."""
    key = open_key(platform, kind, record_id)
    item: Item = {"pk": key.pk, "sk": key.sk, "case_id": case_id}
    return Put(key.table, item, ABSENT)


def open_delete(platform: Platform, kind: str, record_id: str) -> Delete:
    """The write that lets a case of the kind about the record be opened again."""
    return Delete(open_key(platform, kind, record_id))


def bar_put(platform: Platform, file: CaseFile, year: int) -> Put:
    """The write that bars the subject of a case from being rated 优秀 in a year."""
    item: Item = {
        "pk": f"EXCELLENT#{file.parties.subject_id}",
        "sk": f"{year:04d}#{file.case_id}",
        "case_id": file.case_id,
        "kind": file.kind,
        "action_version": file.case.version,
        "since": instant_text(file.case.changed_at),
    }
    return Put(platform.cases.name, item)


def bars_in(platform: Platform, subject_id: str, year: int) -> list[Bar]:
    """The cases that bar a subject from being rated 优秀 in a year."""
    items = platform.cases.each(f"EXCELLENT#{subject_id}", prefix=f"{year:04d}#")
    return [Bar(*(str(item[name]) for name in ("case_id", "kind", "since"))) for item in items]


def standing_in(
    platform: Platform, subject_id: str, states: Mapping[str, Collection[str]]
) -> list[Pending]:
    """The cases about a subject that stand in one of the `states` of their kind (kind -> states),
    the oldest first; nothing else of a case is read."""
    names = ("case_id", "kind", "state", "changed_at")
    items = platform.cases.each_in_index("by_subject", subject_id, names=names)
    found = (Pending(*(str(item[name]) for name in names)) for item in items)
    return [one for one in found if one.state in states.get(one.kind, ())]


def changed_since(
    platform: Platform, jurisdiction: str, instant: str, after: str
) -> tuple[list[tuple[str, int]], str]:
    """(id, version) of the cases of a jurisdiction that took a step since an instant, behind the
    place `after` (empty: from the first): one slice, and behind which place the next begins, empty
    after the last."""
    page = platform.cases.query_index(
        "by_listing",
        f"cases#{jurisdiction}",
        between=(f"{after}~" if after else "0", "~"),
        where=Condition("#changed_at >= :since", {"since": instant}),
        limit=CHANGES_PAGE,
        names=("case_id", "version"),
    )
    found = [(str(item["case_id"]), cast(int, item["version"])) for item in page.items]
    return found, "" if page.next_start is None else str(page.next_start["position"])


# -- items ----------------------------------------------------------------------------------------


def _file_item(file: CaseFile, due_on: date | None) -> Item:
    case, parties = file.case, file.parties
    opened = f"{instant_text(case.opened_at)}#{file.case_id}"
    item: Item = {name: getattr(file, name) for name in _FILE_TEXTS}
    item |= {
        "pk": f"CASE#{file.case_id}",
        "sk": "-",
        "entity": "case",
        "version": case.version,
        "parties": {name: getattr(parties, name) for name in _PARTIES},
        "published": list[Value](file.published),
        "state": case.state,
        "opened_at": instant_text(case.opened_at),
        "changed_at": instant_text(case.changed_at),
        "clocks": [_clock_item(clock) for clock in case.clocks],
        "values": dict(case.values),
        "done": dict(case.done),
        "told": list[Value](sorted(case.told)),
        "listing": f"cases#{file.jurisdiction}",
        "position": f"{file.region}#{opened}",
        "occurred": opened,
        "at": opened,
    }
    if parties.subject_id:
        item["subject"] = parties.subject_id
    if parties.source_agency:
        item["reporter"] = parties.source_agency
    if parties.superior:
        item["actor"] = parties.superior
    if due_on is not None:
        item["due_day"] = f"{due_on}#{sum(file.case_id.encode()) % DUE_SHARDS}"
    return item


def file_from(item: Item) -> CaseFile:
    """The case an item holds."""
    body: dict[str, Any] = item
    case = Case(
        kind=body["kind"],
        state=body["state"],
        opened_at=parse_instant(body["opened_at"]),
        changed_at=parse_instant(body["changed_at"]),
        version=body["version"],
        clocks=tuple(_clock_from(clock) for clock in body["clocks"]),
        values=body["values"],
        done=body["done"],
        told=frozenset(body["told"]),
    )
    return CaseFile(
        **{name: body[name] for name in _FILE_TEXTS},
        parties=Parties(**body["parties"]),
        case=case,
        published=tuple(body["published"]),
    )


def _clock_item(clock: Clock) -> Item:
    item: Item = {"limit": clock.limit, "started_on": clock.started_on.isoformat()}
    if clock.extensions:
        item["extensions"] = clock.extensions
    if clock.stops:
        item["stops"] = [
            [stop.stopped_on.isoformat(), stop.resumed_on.isoformat(), stop.reason]
            for stop in clock.stops
        ]
    if clock.stopped_on is not None:
        item["stopped_on"] = clock.stopped_on.isoformat()
        item["stopped_for"] = clock.stopped_for
    return item


def _clock_from(body: dict[str, Any]) -> Clock:
    day = date.fromisoformat
    return Clock(
        limit=body["limit"],
        started_on=day(body["started_on"]),
        extensions=body.get("extensions", 0),
        stops=tuple(Stop(day(a), day(b), why) for a, b, why in body.get("stops", ())),
        stopped_on=day(body["stopped_on"]) if "stopped_on" in body else None,
        stopped_for=body.get("stopped_for", ""),
    )


def _entry_item(case_id: str, entry: Entry) -> Item:
    event, version = entry.event, entry.version
    return {
        "pk": f"CASE#{case_id}",
        "sk": f"E#{version:0{_DIGITS}d}",
        "version": version,
        "what": event.what,
        "code": event.code,
        "at_instant": instant_text(event.at),
        "relation": event.relation,
        "identity": event.identity,
        "agency": entry.agency,
        "state": event.state,
        "values": dict(event.values),
        "evidence": list(event.evidence),
        "stopped": list(event.stopped),
        "told": event.told,
        "sealed": dict(entry.sealed),
        "papers": dict(entry.papers),
        "holder": entry.holder,
        "results": dict(entry.results),
        "request": entry.request,
        "in_voice": entry.in_voice,
    }


def entry_from(item: Item) -> Entry:
    """The event an item holds."""
    body: dict[str, Any] = item
    values: Mapping[str, FieldValue] = body["values"]
    event = Event(
        what=body["what"],
        code=body["code"],
        at=parse_instant(body["at_instant"]),
        relation=body["relation"],
        identity=body["identity"],
        state=body["state"],
        values=values,
        evidence=tuple(body["evidence"]),
        stopped=tuple(body["stopped"]),
        told=body["told"],
    )
    return Entry(
        version=body["version"],
        event=event,
        agency=body["agency"],
        sealed=body["sealed"],
        papers=body["papers"],
        holder=body["holder"],
        results=body["results"],
        request=body["request"],
        in_voice=body["in_voice"],
    )
