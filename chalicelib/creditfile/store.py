"""Items of the records table.

| item | pk | sk | read by |
|---|---|---|---|
| subject | SUBJECT#<subject_id> | - | id; by_listing (registered bodies, officials of a region) |
| person look-up | PERSON#<keyed digest of the citizen code> | - | digest |
| record, current version | RECORD#<record_id> | - | id; by_subject, by_reporter, by_change |
| record with a provisional deadline | RECORD#<record_id> | - | by_listing |
| record, earlier version | RECORD#<record_id> | V#<version> | id and version |

An earlier version is kept whole under `body`, without index attributes, so that only the current
one is ever listed. A record whose deadline is provisional is listed beside, by that day, until it
is counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import ABSENT, Condition, Delete, Key, Put, Write, version_is
from chalicelib.creditfile.model import (
    ArchivePointer,
    Notices,
    Record,
    RecordReference,
    Subject,
    UploadRow,
)
from chalicelib.creditfile.store_standing import standing_from, standing_value

CHANGE_SHARDS = 4
"""Partitions of the by_change index per hour; a constant, because readers must fan out alike."""

_RECORD_TEXTS = (
    "record_id",
    "jurisdiction",
    "region",
    "type",
    "category",
    "severity",
    "subject_id",
    "subject_kind",
    "subject_code",
    "subject_name",
    "reporter",
    "occurred_on",
    "status",
    "content_mac",
    "pack",
    "received_at",
    "received_sha256",
    "due_on",
    "submitted_by",
    "changed_at",
    "reason",
    "supersedes",
    "superseded_by",
    "due_calendar",
)
_SUBJECT_TEXTS = (
    "subject_id",
    "kind",
    "jurisdiction",
    "region",
    "wrapped_key",
    "name_mac",
    "unified_code",
    "registration_number",
    "name",
    "level",
    "superior",
    "employer",
    "sealed_profile",
    "updated_at",
    "erased_at",
    "erased_by",
    "erasure_reason",
)


def subject_key(platform: Platform, subject_id: str) -> Key:
    """Where a subject lies."""
    return platform.records.key(f"SUBJECT#{subject_id}")


def person_key(platform: Platform, code_mac: str) -> Key:
    """Where the look-up item of a person lies."""
    return platform.records.key(f"PERSON#{code_mac}")


def record_key(platform: Platform, record_id: str) -> Key:
    """Where the current version of a record lies."""
    return platform.records.key(f"RECORD#{record_id}")


def subject_item(subject: Subject) -> Item:
    """The item of a subject; registered ones are also listed by region."""
    item: Item = {name: getattr(subject, name) for name in _SUBJECT_TEXTS}
    item |= {
        "pk": f"SUBJECT#{subject.subject_id}",
        "sk": "-",
        "entity": "subject",
        "registered": subject.registered,
        "version": subject.version,
        "change_shard": change_shard(subject.updated_at, subject.subject_id),
        "changed_at": f"{subject.updated_at}#SUBJECT#{subject.subject_id}",
    }
    if subject.registered:
        item["listing"] = listing_of(subject.jurisdiction, subject.region, subject.is_person)
        officer = f"{subject.employer}#{subject.subject_id}"
        item["position"] = officer if subject.is_person else subject.unified_code
    return item


def listing_of(jurisdiction: str, region: str, persons: bool) -> str:
    """The by_listing partition of a region's registered bodies (by unified code) or of its
    officials (by employer)."""
    return f"{'officials' if persons else 'bodies'}#{jurisdiction}#{region}"


def subject_from(item: Item) -> Subject:
    """The subject an item holds; a look-up item yields the part that intake needs."""
    values: dict[str, Any] = {name: item.get(name, "") for name in _SUBJECT_TEXTS}
    return Subject(
        **values, registered=bool(item.get("registered", True)), version=_int(item, "version")
    )


def subject_writes(platform: Platform, subject: Subject, code_mac: str = "") -> list[Write]:
    """The writes that create a subject (a person with its look-up item)."""
    writes: list[Write] = [Put(platform.records.name, subject_item(subject), ABSENT)]
    if code_mac:
        writes.append(Put(platform.records.name, _lookup_item(subject, code_mac), ABSENT))
    return writes


def subject_update(platform: Platform, subject: Subject, code_mac: str = "") -> list[Write]:
    """The writes that replace version `subject.version` with the next one."""
    following = replace(subject, version=subject.version + 1)
    writes: list[Write] = [
        Put(platform.records.name, subject_item(following), version_is(subject.version))
    ]
    if code_mac:
        writes.append(Put(platform.records.name, _lookup_item(following, code_mac)))
    return writes


def _lookup_item(subject: Subject, code_mac: str) -> Item:
    # Holds what intake needs of a known person, so that accepting a record reads one item.
    return {
        "pk": f"PERSON#{code_mac}",
        "sk": "-",
        "entity": "person_lookup",
        "version": subject.version,
        "subject_id": subject.subject_id,
        "kind": subject.kind,
        "jurisdiction": subject.jurisdiction,
        "region": subject.region,
        "wrapped_key": subject.wrapped_key,
        "name_mac": subject.name_mac,
        "employer": subject.employer,
        "registered": subject.registered,
    }


def change_shard(instant: str, identity: str) -> str:
    """The by_change partition of a change: its hour and a shard of its id."""
    return f"{instant[:13]}#{sum(identity.encode()) % CHANGE_SHARDS}"


def record_item(record: Record) -> Item:
    """The item of a record's current version."""
    item: Item = {name: getattr(record, name) for name in _RECORD_TEXTS}
    item |= {
        "pk": f"RECORD#{record.record_id}",
        "sk": "-",
        "entity": "record",
        "version": record.version,
        "dishonesty": record.dishonesty,
        "on_time": record.on_time,
        "row_position": record.position,
        "fields": dict(record.fields),
        "sealed": dict(record.sealed),
        "known": dict(record.known),
        "notices": {
            "decision_delivered_on": record.notices.decision_delivered_on,
            "repair_delivered_on": record.notices.repair_delivered_on,
            "proof": record.notices.proof,
        },
        "archive": {
            "key": record.archive.key,
            "version_id": record.archive.version_id,
            "sha256": record.archive.sha256,
            "offset": record.archive.offset,
            "length": record.archive.length,
        },
        "subject": record.subject_id,
        "occurred": f"{record.occurred_on}#{record.record_id}",
        "change_shard": change_shard(record.changed_at, record.record_id),
        "changed_at": f"{record.changed_at}#RECORD#{record.record_id}",
    }
    if record.upload is not None:
        item["upload_id"] = record.upload.upload_id
        item["upload_row"] = record.upload.row
        item["displaced"] = [[row, mac] for row, mac in record.upload.displaced]
    standing = standing_value(record.standing)
    if standing:
        item["standing"] = standing
    if record.due_provisional:
        item["due_provisional"] = True
        item["listing"] = _provisional(record.jurisdiction)
        item["position"] = f"{record.due_on}#{record.record_id}"
    return item


def _provisional(jurisdiction: str) -> str:
    return f"provisional#{jurisdiction}"


def provisional_page(
    platform: Platform, jurisdiction: str, last_day: str, limit: int, after: str = ""
) -> list[Record]:
    """Records whose provisional deadline is no later than `last_day`, by that day and their id,
    beginning after the position `after` (`<day>#<record id>`)."""
    page = platform.records.query_index(
        "by_listing",
        _provisional(jurisdiction),
        between=(f"{after}~" if after else "0000", f"{last_day}~"),
        limit=limit,
    )
    return [record_from(item) for item in page.items]


def record_from(item: Item) -> Record:
    """The record an item holds."""
    body: dict[str, Any] = item["body"] if "body" in item else item  # type: ignore[assignment]
    values: dict[str, Any] = {name: body.get(name, "") for name in _RECORD_TEXTS}
    values["changed_at"] = values["changed_at"].split("#", 1)[0]
    upload = None
    if body.get("upload_id"):
        displaced = tuple((row, mac) for row, mac in body["displaced"])
        upload = UploadRow(body["upload_id"], body["upload_row"], displaced)
    return Record(
        **values,
        version=body["version"],
        dishonesty=body["dishonesty"],
        on_time=body["on_time"],
        position=body["row_position"],
        fields=body["fields"],
        sealed=body["sealed"],
        known=body["known"],
        notices=Notices(**body["notices"]),
        archive=ArchivePointer(**body["archive"]),
        upload=upload,
        due_provisional=bool(body.get("due_provisional")),
        standing=standing_from(body.get("standing")),
    )


def new_record_put(platform: Platform, record: Record) -> Put:
    """The write of a record seen for the first time."""
    return Put(platform.records.name, record_item(record), ABSENT)


def displacing_put(platform: Platform, record: Record, owner_row: int) -> Put:
    """The write with which a lower row of one file takes the record from `owner_row` of it."""
    if record.upload is None:
        raise ValueError("only a file row displaces another")
    mine = Condition(
        "#upload_id = :upload AND #upload_row = :owner AND #version = :one",
        {"upload": record.upload.upload_id, "owner": owner_row, "one": 1},
    )
    return Put(platform.records.name, record_item(record), mine)


def next_version_writes(platform: Platform, before: Record, after: Record) -> list[Write]:
    """The writes that make `after` current and keep `before` as history."""
    history: Item = {
        "pk": f"RECORD#{before.record_id}",
        "sk": f"V#{before.version:08d}",
        "entity": "record_version",
        "version": before.version,
        "body": record_item(before),
    }
    return [
        Put(platform.records.name, record_item(after), version_is(before.version)),
        Put(platform.records.name, history, ABSENT),
    ]


def load_record(platform: Platform, record_id: str) -> Record | None:
    """The current version of a record."""
    item = platform.records.get(f"RECORD#{record_id}")
    return None if item is None else record_from(item)


def load_versions(platform: Platform, record_id: str) -> list[Record]:
    """All versions of a record, the oldest first."""
    items = platform.records.each(f"RECORD#{record_id}")
    return sorted((record_from(item) for item in items), key=lambda record: record.version)


def load_subject(platform: Platform, subject_id: str) -> Subject | None:
    """A subject by its id."""
    item = platform.records.get(f"SUBJECT#{subject_id}")
    return None if item is None else subject_from(item)


def load_subjects(platform: Platform, subject_ids: Iterable[str]) -> dict[str, Subject]:
    """The subjects that exist, by id."""
    found = batch_get([subject_key(platform, subject_id) for subject_id in subject_ids])
    return {str(item["subject_id"]): subject_from(item) for item in found.values()}


def load_person(platform: Platform, code_mac: str) -> Subject | None:
    """A person by the keyed digest of the citizen code."""
    item = platform.records.get(f"PERSON#{code_mac}")
    return None if item is None else subject_from(item)


def load_references(
    platform: Platform, references: Sequence[RecordReference]
) -> dict[RecordReference, Record]:
    """Records exactly as they were at the pinned versions."""
    current = batch_get([record_key(platform, wanted.record_id) for wanted in references])
    found: dict[RecordReference, Record] = {}
    earlier: list[RecordReference] = []
    for wanted in references:
        item = current.get(record_key(platform, wanted.record_id))
        if item is not None and item["version"] == wanted.version:
            found[wanted] = record_from(item)
        else:
            earlier.append(wanted)
    keys = {
        platform.records.key(f"RECORD#{wanted.record_id}", f"V#{wanted.version:08d}"): wanted
        for wanted in earlier
    }
    for key, item in batch_get(list(keys)).items():
        found[keys[key]] = record_from(item)
    return found


def records_about(
    platform: Platform, subject_id: str, first_day: str = "0000", last_day: str = "9999"
) -> Iterator[Record]:
    """Records about a subject that occurred on the days [first_day, last_day], oldest first."""
    return _records_in(platform, "by_subject", subject_id, first_day, last_day)


def records_reported(
    platform: Platform, reporter: str, first_day: str = "0000", last_day: str = "9999"
) -> Iterator[Record]:
    """Records an agency reported, by the day on which they occurred, oldest first."""
    return _records_in(platform, "by_reporter", reporter, first_day, last_day)


def _records_in(
    platform: Platform, index: str, value: str, first_day: str, last_day: str
) -> Iterator[Record]:
    days = (first_day, f"{last_day}~")  # `~` sorts after `#<record_id>`
    for item in platform.records.each_in_index(index, value, between=days):
        yield record_from(item)


def page_of_records(
    platform: Platform,
    index: str,
    value: str,
    limit: int,
    start: Item | None,
    where: Condition | None = None,
) -> Page:
    """One page of `by_subject` or `by_reporter`, the newest occurrence first."""
    return platform.records.query_index(
        index, value, where=where, descending=True, limit=limit, start=start
    )


def erasing_writes(platform: Platform, subject: Subject, code_mac: str) -> list[Write]:
    """The writes that make `subject` (its key destroyed) the version after `subject.version` and
    take its look-up item away."""
    return [
        *subject_update(platform, subject),
        Delete(
            person_key(platform, code_mac),
            Condition("#subject_id = :subject", {"subject": subject.subject_id}),
        ),
    ]


def _int(item: Item, name: str) -> int:
    value = item.get(name, 1)
    return value if isinstance(value, int) else 1
