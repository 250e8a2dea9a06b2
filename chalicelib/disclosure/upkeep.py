"""What the hourly sweep and the operator do for the public table: end terms, find what was lost,
build everything again. Bounded, and harmless to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import cast

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
from chalicelib.disclosure.runs import all_runs, contests_behind, runs_behind
from chalicelib.disclosure.third_party_ratings import all_ratings, ratings_behind
from chalicelib.evaluation import service as evaluations
from chalicelib.feed import service as feed
from chalicelib.feed.model import Entity, document_id
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import GovcreditError
from chalicelib.measures import service as measures
from chalicelib.policy import service as policy

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
    """Withdraw what has ended (readers stopped showing it at its very second) and wake records
    whose hour has come; how many items were dealt with."""
    now = platform.clock()
    today = civil_date(now)
    ended: list[str] = []
    woken = 0
    for day in _days(_first_day(platform, today), today):
        for item in feed.ending_on(platform, day.isoformat()):
            if not has_ended(str(item["until"]), now):
                continue
            if item["entity"] == "waiting":
                woken += _wake(platform, item)
            else:
                ended += _end(platform, item)
    feed.request_sequencing(platform, ended)
    # Days wholly past are empty now.
    store.note_swept(platform, "terms", (today - timedelta(days=2)).isoformat())
    return len(ended) + woken


def _first_day(platform: Platform, today: date) -> date:
    through = store.swept_through(platform, "terms")
    return date.fromisoformat(through) if through else today - FIRST_LOOK_BACK


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _end(platform: Platform, item: Item) -> list[str]:
    """Withdraw a document whose term is over, unless it has been replaced meanwhile."""
    name = str(item["pk"]).partition("#")[2]
    entity, version = cast(Entity, item["kind"]), cast(int, item["version"])
    return [name] if feed.hide(platform, name, entity, version, "term_ended") else []


def _wake(platform: Platform, alarm: Item) -> int:
    record_id = str(alarm["pk"]).partition("#")[2]
    platform.disclosure_queue.send(_change("record", f"RECORD#{record_id}", alarm["version"]))
    return int(store.stop_alarm(platform, alarm))


def resend_waiting(platform: Platform) -> int:
    """Ask again for changes whose message to the sequencer got lost; how many."""
    return feed.resend_waiting(platform, instant_text(platform.clock() - SETTLING))


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
    settled = now - SETTLING
    missing = [
        *runs_behind(platform),
        *results_behind(platform, first, settled),
        *contests_behind(platform, first, settled),
        *ratings_behind(platform, first, settled),
    ]
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
    measures.look_again(platform, records)
    if for_good:
        # What was made from them before takes long to find: once, as their hour is left behind.
        evaluations.look_again(platform, records)
    return len(missed)


def _records_behind(
    platform: Platform, records: list[Record], finished: set[str], now: datetime
) -> Iterator[dict[str, object]]:
    shown = feed.decided(platform, [record.record_id for record in records])
    for record in records:
        try:
            (entry,) = assess([record], finished, now)
        except (GovcreditError, ValueError, KeyError):
            # It fails by itself, where that is seen, and does not hold up the others here.
            yield record_change(record)
            continue
        if not _is_right(platform, entry, shown.get(record.record_id)):
            yield record_change(record)


def _is_right(platform: Platform, entry: Assessment, shown: feed.Written | None) -> bool:
    """Whether of a record was decided what should be."""
    record = entry.record
    if entry.state == "public":
        # A withdrawal of the same version counts: for a reason the record does not know.
        return shown is not None and shown.version == record.version
    if entry.state == "unsettled":
        return True
    if entry.state == "pending":
        alarm = store.find_alarm(platform, record.record_id)
        return alarm is not None and alarm["version"] == record.version
    return shown is None or shown.is_gone


def _subjects_behind(
    platform: Platform, subjects: Iterable[Subject]
) -> Iterator[dict[str, object]]:
    listed = [subject for subject in subjects if is_listed(subject)]
    names = {subject.subject_id: document_id("subject", subject.unified_code) for subject in listed}
    shown = feed.decided(platform, names.values())
    for subject in listed:
        found = shown.get(names[subject.subject_id])
        if found is None or found.version != subject.version:
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
    return any(not found.is_gone for found in feed.decided(platform, record_ids).values())


def _change(entity: str, key: str, version: object) -> dict[str, object]:
    return Change("records", key, int(str(version)), entity).message()


def rebuild(platform: Platform) -> int:
    """Have everything projected again from the tables: every registered body, every record by its
    reporter, every public evaluation, published result and rating, the keys. Returns how many
    messages were sent."""
    first = [
        Change("keys", "KEYRING", 1, "keyring").message(),
        *all_runs(platform),
        *all_results(platform),
        *all_ratings(platform),
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
