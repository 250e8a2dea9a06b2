"""Reading little of much: what is needed of records and subjects that are only counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import Condition
from chalicelib.creditfile import store
from chalicelib.creditfile.model import Record, RecordBrief, RecordFacts, Subject
from chalicelib.creditfile.rules import HONOUR_CATEGORIES
from chalicelib.creditfile.store_standing import standing_from

_BRIEF = (
    "record_id",
    "type",
    "reporter",
    "jurisdiction",
    "occurred_on",
    "status",
    "on_time",
    "version",
)
_FACTS_PLAIN = (
    "record_id", "version", "type", "occurred_on", "status", "severity", "subject_id", "on_time",
    "due_on", "fields",
)  # fmt: skip
_FACTS = (*_FACTS_PLAIN, "upload_id", "standing")
_MOST_EMPTY_PAGES = 20
GROUNDS_PAGE = 2_000
GROUNDS_PAGES = 10


def reported_in_brief(
    platform: Platform, reporter: str, first_day: str, last_day: str
) -> Iterator[RecordBrief]:
    """What counting needs of the records an agency reported that occurred on the days [first_day,
    last_day], oldest first."""
    days = (first_day, f"{last_day}~")
    found = platform.records.each_in_index("by_reporter", reporter, between=days, names=_BRIEF)
    return (brief_from(item) for item in found)


def dishonest_about(platform: Platform, subject_id: str, last_day: str) -> Iterator[Record]:
    """The active dishonesty records about a subject that occurred on `last_day` at the latest,
    oldest first: of the others nothing is brought back."""
    wanted = Condition(
        "#dishonesty = :dishonesty AND #status = :status",
        {"dishonesty": True, "status": "active"},
    )
    start: Item | None = None
    while True:
        page = platform.records.query_index(
            "by_subject", subject_id, between=("0000", f"{last_day}~"), where=wanted, start=start
        )
        yield from map(store.record_from, page.items)
        start = page.next_start
        if start is None:
            return


def subjects_reported(platform: Platform, reporter: str, after: str) -> tuple[set[str], str]:
    """The ids of the subjects whose dishonesty records and honours an agency reported, behind the
    place `after` (`<day>#<record id>`, empty: from the first): one slice of its records, and the
    place behind which the next begins, empty after the last."""
    honours = {f"honour_{number}": one for number, one in enumerate(sorted(HONOUR_CATEGORIES))}
    among = ", ".join(f":{name}" for name in honours)
    wanted = Condition(
        f"#dishonesty = :dishonesty OR #category IN ({among})", {"dishonesty": True, **honours}
    )
    found: set[str] = set()
    start: Item | None = None
    for _ in range(GROUNDS_PAGES):
        page = platform.records.query_index(
            "by_reporter",
            reporter,
            between=(f"{after}~" if after else "0000", "9999~"),
            where=wanted,
            limit=GROUNDS_PAGE,
            start=start,
            names=("subject_id",),
        )
        found |= {str(item["subject_id"]) for item in page.items}
        start = page.next_start
        if start is None:
            return found, ""
    return found, "" if start is None else str(start["occurred"])


def brief_from(item: Item) -> RecordBrief:
    """The brief of a record in an item of which little else was read."""
    return RecordBrief(
        record_id=str(item["record_id"]),
        type=str(item["type"]),
        reporter=str(item["reporter"]),
        jurisdiction=str(item["jurisdiction"]),
        occurred_on=str(item["occurred_on"]),
        is_active=item["status"] == "active",
        on_time=bool(item["on_time"]),
        version=int(str(item["version"])),
    )


def facts_about(
    platform: Platform, subject_id: str, first_day: str, last_day: str
) -> Iterator[RecordFacts]:
    """What evaluating needs of the records about a subject that occurred on the days [first_day,
    last_day], oldest first."""
    return _facts(platform, "by_subject", subject_id, (first_day, f"{last_day}~"))


def facts_reported(
    platform: Platform, reporter: str, first_day: str, last_day: str
) -> Iterator[RecordFacts]:
    """`facts_about`, of the records an agency reported."""
    return _facts(platform, "by_reporter", reporter, (first_day, f"{last_day}~"))


def _facts(
    platform: Platform, index: str, value: str, days: tuple[str, str]
) -> Iterator[RecordFacts]:
    for item in platform.records.each_in_index(index, value, between=days, names=_FACTS):
        entry: dict[str, Any] = item
        yield RecordFacts(
            **{name: entry[name] for name in _FACTS_PLAIN},
            upload_id=entry.get("upload_id", ""),
            standing=standing_from(entry.get("standing")),
        )


def page_of_late(
    platform: Platform, reporter: str, days: tuple[str, str], limit: int, start: Item | None
) -> Page:
    """A page of the records an agency reported late that occurred on the days [first, last],
    oldest first (items for `record_from`). Most records are on time, so the page may hold fewer
    than `limit` and still not be the last."""
    between = (days[0], f"{days[1]}~")
    late = Condition(
        "#on_time = :on_time AND #status = :status", {"on_time": False, "status": "active"}
    )
    for _ in range(_MOST_EMPTY_PAGES):
        page = platform.records.query_index(
            "by_reporter", reporter, between=between, where=late, limit=limit, start=start
        )
        start = page.next_start
        if page.items or start is None:
            break
    return page


def load_briefs(platform: Platform, record_ids: Iterable[str]) -> dict[str, RecordBrief]:
    """The briefs of the records that exist among `record_ids`."""
    keys = [store.record_key(platform, record_id) for record_id in record_ids]
    briefs = [brief_from(item) for item in batch_get(keys, names=_BRIEF).values()]
    return {brief.record_id: brief for brief in briefs}


def has_records(platform: Platform, subject_id: str) -> bool:
    """Whether anything is on file about a subject."""
    page = platform.records.query_index("by_subject", subject_id, limit=1, names=("pk",))
    return bool(page.items)


def subject_ids_of(platform: Platform, listing: str) -> Iterator[str]:
    """The ids of everybody in a listing (see `listing_of`)."""
    found = platform.records.each_in_index("by_listing", listing, names=("subject_id",))
    return (str(item["subject_id"]) for item in found)


def page_of_subjects(
    platform: Platform, listing: str, limit: int, start: Item | None, kind: str = ""
) -> Page:
    """One page of a listing (see `listing_of`), only of one `kind` if given."""
    where = Condition("#kind = :kind", {"kind": kind}) if kind else None
    return platform.records.query_index(
        "by_listing", listing, where=where, limit=limit, start=start
    )


def changed_in(platform: Platform, hour: str) -> Iterator[tuple[str, str]]:
    """(entity key, instant) of everything changed in `hour` (`2026-11-22T03`)."""
    for shard in range(store.CHANGE_SHARDS):
        for item in platform.records.each_in_index("by_change", f"{hour}#{shard}"):
            yield str(item["pk"]), str(item["changed_at"]).split("#", 1)[0]


def registered_in(
    platform: Platform, jurisdiction: str, region: str, *, persons: bool
) -> Iterator[Subject]:
    """The registered bodies of one region by unified code, or its officials by employer."""
    listing = store.listing_of(jurisdiction, region, persons)
    for item in platform.records.each_in_index("by_listing", listing):
        yield store.subject_from(item)


def settled_uploads(platform: Platform, upload_ids: Iterable[str]) -> set[str]:
    """Those of `upload_ids` whose outcomes are final: records of the others may still change
    hands within their file. Reads one attribute intake keeps, as intake lies above."""
    keys = [platform.intake.key(f"UPLOAD#{upload_id}") for upload_id in upload_ids]
    found = batch_get(keys) if keys else {}
    return {
        key.pk.removeprefix("UPLOAD#")
        for key, item in found.items()
        if item.get("state") == "completed"
    }
