"""What the hourly sweep and the operator do for the public table: end terms, find what was lost,
build everything again. Bounded, and harmless to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from chalicelib.aws.attributes import Item
from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.disclosure import store
from chalicelib.disclosure.case_results import all_results, results_behind
from chalicelib.disclosure.documents import is_listed
from chalicelib.disclosure.projection import (
    SLICE,
    Assessment,
    Progress,
    assess,
    load_settling,
    project_records,
    record_change,
)
from chalicelib.disclosure.rules import has_ended
from chalicelib.disclosure.runs import all_runs, runs_behind
from chalicelib.evaluation import service as evaluations
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import GovcreditError
from chalicelib.policy import service as policy

GRACE = timedelta(minutes=15)
"""Longer than any function runs: after it nobody still holds what has ended or was withdrawn."""
SETTLING = timedelta(minutes=2)
"""A younger change is still on its way and not missed."""
LOOK_BACK = timedelta(hours=3)
"""What changed so long ago is compared every hour."""
CATCH_UP = timedelta(hours=72)
"""Hours one sweep makes up for."""
FIRST_LOOK_BACK = timedelta(days=31)
"""How far the first sweep looks back."""
REBUILD_SLICE = 500
"""Records one message of a rebuild projects (and the rest of that day)."""


def end_terms(platform: Platform) -> int:
    """Remove what has ended (readers stopped showing it at its very second), clear away graves and
    wake records whose hour has come; how many items were dealt with."""
    now = platform.clock()
    today = civil_date(now)
    done = 0
    for day in _days(_first_day(platform, today), today):
        for item in store.ending_on(platform, day.isoformat()):
            done += _end(platform, item, now)
    # Days wholly past are empty now, but for the grace of the last one.
    store.note_swept(platform, "terms", (today - timedelta(days=2)).isoformat())
    return done


def _first_day(platform: Platform, today: date) -> date:
    through = store.swept_through(platform, "terms")
    return date.fromisoformat(through) if through else today - FIRST_LOOK_BACK


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _end(platform: Platform, item: Item, now: datetime) -> int:
    until = str(item["until"])
    if item["entity"] == "waiting":
        if not has_ended(until, now):
            return 0
        record_id = str(item["pk"]).partition("#")[2]
        platform.disclosure_queue.send(_change("record", f"RECORD#{record_id}", item["version"]))
    elif not has_ended(until, now - GRACE):
        return 0
    return int(store.remove_ended(platform, item))


def reconcile(platform: Platform) -> int:
    """Compare what has changed with what is shown; have looked at again what differs. Returns how
    many. The last hours are compared every time, and before them what an absent sweep has left
    out, CATCH_UP hours at most: the next one goes on there."""
    now = platform.clock()
    behind = 0
    recent = now - LOOK_BACK
    known = store.swept_through(platform, "changes")
    moment = _hour_at(known) if known else recent
    for hour in [*_hours(recent, now), _name_of(now)]:
        behind += _reconcile_hour(platform, hour, now)
    for hour in _hours(moment, min(recent, moment + CATCH_UP)):
        behind += _reconcile_hour(platform, hour, now, for_good=True)
        store.note_swept(platform, "changes", _name_of(_hour_at(hour) + timedelta(hours=1)))
    if not known:
        store.note_swept(platform, "changes", _name_of(recent))
    first = min(moment, recent)
    missing = [*runs_behind(platform), *results_behind(platform, first, now - SETTLING)]
    platform.disclosure_queue.send_many(missing)
    behind += len(missing)
    store.note_check(platform, instant_text(now), behind)
    return behind


def _hours(first: datetime, end: datetime) -> Iterator[str]:
    """The names of the hours from that of `first` up to that of `end`, which is not among them."""
    last = _name_of(end)
    while (name := _name_of(first)) < last:
        yield name
        first += timedelta(hours=1)


def _name_of(moment: datetime) -> str:
    return instant_text(moment)[:13]


def _hour_at(name: str) -> datetime:
    return parse_instant(f"{name}:00:00.000Z")


def _reconcile_hour(platform: Platform, hour: str, now: datetime, *, for_good: bool = False) -> int:
    keys = (
        key
        for key, changed_at in files.changed_in(platform, hour)
        if parse_instant(changed_at) <= now - SETTLING
    )
    return sum(_reconcile_part(platform, part, now, for_good) for part in _slices(keys))


def _slices(keys: Iterable[str]) -> Iterator[list[str]]:
    source = iter(keys)
    while part := list(islice(source, SLICE)):
        yield part


def _reconcile_part(platform: Platform, keys: list[str], now: datetime, for_good: bool) -> int:
    named = [key.partition("#") for key in keys]
    finished: set[str] = set()
    record_ids = [name for kind, _, name in named if kind == "RECORD"]
    records = load_settling(platform, record_ids, finished)
    subjects = files.subjects_by_id(
        platform, [name for kind, _, name in named if kind == "SUBJECT"]
    )
    missed = [
        *_records_behind(platform, records, finished, now),
        *_subjects_behind(platform, subjects.values()),
        *_erased_behind(platform, subjects.values()),
    ]
    platform.disclosure_queue.send_many(missed)
    # Which cases they give rise to, and whether those were opened, is judged by the worker.
    cases.look_again(platform, records)
    if for_good:
        # What was made from them before takes long to find: once, as their hour is left behind.
        evaluations.look_again(platform, records)
    return len(missed)


def _records_behind(
    platform: Platform, records: list[Record], finished: set[str], now: datetime
) -> Iterator[dict[str, object]]:
    keys = {record.record_id: store.record_key(platform, record.record_id) for record in records}
    shown = store.find_items(platform, list(keys.values()))
    for record in records:
        try:
            (entry,) = assess([record], finished, now)
        except (GovcreditError, ValueError, KeyError):
            # It fails by itself, where that is seen, and does not hold up the others here.
            yield record_change(record)
            continue
        if not _is_right(platform, entry, shown.get(keys[record.record_id])):
            yield record_change(record)


def _is_right(platform: Platform, entry: Assessment, item: Item | None) -> bool:
    """Whether the public table holds of a record what it should."""
    record = entry.record
    if entry.state == "public":
        # A grave of the same version counts: taken away for a reason the record does not know.
        return item is not None and item["version"] == record.version
    if entry.state == "unsettled":
        return True
    if entry.state == "pending":
        alarm = store.find_item(platform, f"WAITING#{record.record_id}")
        return alarm is not None and alarm["version"] == record.version
    return item is None or "gone" in item


def _subjects_behind(
    platform: Platform, subjects: Iterable[Subject]
) -> Iterator[dict[str, object]]:
    listed = [subject for subject in subjects if is_listed(subject)]
    keys = {
        subject.subject_id: store.body_key(platform, subject.unified_code) for subject in listed
    }
    shown = store.find_items(platform, list(keys.values()))
    for subject in listed:
        item = shown.get(keys[subject.subject_id])
        if item is None or item["version"] != subject.version:
            yield _change("subject", f"SUBJECT#{subject.subject_id}", subject.version)


def _erased_behind(platform: Platform, subjects: Iterable[Subject]) -> Iterator[dict[str, object]]:
    """Persons that were erased while records about them are still shown."""
    for subject in subjects:
        if not (subject.is_person and subject.is_erased):
            continue
        about = (record.record_id for record in files.records_about(platform, subject.subject_id))
        if any(_is_any_shown(platform, part) for part in _slices(about)):
            yield _change("subject", f"SUBJECT#{subject.subject_id}", subject.version)


def _is_any_shown(platform: Platform, record_ids: list[str]) -> bool:
    keys = [store.record_key(platform, record_id) for record_id in record_ids]
    return any("gone" not in item for item in store.find_items(platform, keys).values())


def _change(entity: str, key: str, version: object) -> dict[str, object]:
    return Change("records", key, int(str(version)), entity).message()


def rebuild(platform: Platform) -> int:
    """Have everything projected again from the tables: every registered body, every record by its
    reporter, every public evaluation, every published result, the keys. Returns how many messages
    were sent."""
    first = [
        Change("keys", "KEYRING", 1, "keyring").message(),
        *all_runs(platform),
        *all_results(platform),
    ]
    platform.disclosure_queue.send_many(first)
    sent = len(first)
    today = civil_date(platform.clock())
    for jurisdiction in policy.jurisdictions():
        regions = sorted(policy.pack_for(jurisdiction, today).regions)
        bodies = files.bodies(platform, jurisdiction, regions)
        while part := list(islice(bodies, SLICE)):
            messages: list[dict[str, object]] = []
            for body in part:
                messages.append(_change("subject", f"SUBJECT#{body.subject_id}", body.version))
                messages.append({"reporter": body.unified_code, "from": ""})
            platform.disclosure_queue.send_many(messages)
            sent += len(messages)
    return sent


def rebuild_reporter(platform: Platform, reporter: str, first_day: str, progress: Progress) -> None:
    """Project the records an agency reported again, from `first_day` on: one slice, whole days;
    the rest is left to a message of its own."""
    records = files.records_reported(platform, reporter, first_day or "0000")
    part: list[str] = []
    last_day = ""
    for record in records:
        if len(part) >= REBUILD_SLICE and record.occurred_on != last_day:
            platform.disclosure_queue.send({"reporter": reporter, "from": record.occurred_on})
            break
        part.append(record.record_id)
        last_day = record.occurred_on
    project_records(platform, part, progress, is_change=False)
