"""The consumer of changes: reads what changed, asks whether it is public, has it shown or hidden.

A message only says what to look at; what is found there decides (design §2.7). Every deed here may
be repeated, doubled, late or out of order.

    record ─ decide ─┬─ public   ─ show (never over something newer)
                     ├─ pending  ─ hide older versions, set the alarm clock
                     ├─ ended    ─ hide
                     ├─ withheld ─ hide, for good if an earlier version could still be shown
                     └─ unsettled (its upload is unfinished) ─ nothing; the upload's end comes

What is decided here is public, or public no more, once the sequencer of the feed has numbered it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Literal, cast

from chalicelib.aws.events import Change
from chalicelib.aws.logkey import LOG_KEY
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.creditfile.rules import archive_commitment
from chalicelib.disclosure import store
from chalicelib.disclosure.documents import (
    Opened,
    body_view,
    facts_of,
    is_listed,
    needs_opening,
    record_view,
)
from chalicelib.disclosure.model import RecordView
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument, WithdrawalReason, document_id
from chalicelib.intake import service as uploads
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import GovcreditError, NotFound, Unavailable
from chalicelib.kernel.keyring import Erased
from chalicelib.policy import service as policy
from chalicelib.policy.base import PERSONS
from chalicelib.policy.model import Pack
from chalicelib.publicity.model import Decision, PublicityFacts
from chalicelib.publicity.rules import decide, state_at

SLICE = 100
"""Records read and projected at a time."""
SOON_SECONDS = 900
"""A queue can hold a message back this long; what becomes public later gets an alarm clock."""

State = Literal["unsettled", "withheld", "pending", "public", "ended"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A record and what the publicity decision says of it at this moment."""

    record: Record
    state: State
    facts: PublicityFacts | None = None
    decision: Decision | None = None
    pack: Pack | None = None


@dataclass(slots=True)
class Progress:
    """What an invocation has projected: written down once at its end, before its messages are
    taken off the queue."""

    waiting: list[str] = field(default_factory=list)
    """Documents whose change is to be numbered, in the order in which they were written."""
    changed_at: str = ""
    lag_ms: int = 0
    finished: set[str] = field(default_factory=set)
    """Uploads found finished so far: what is read from now on of their rows is final."""

    def note(self, platform: Platform) -> None:
        """Write it down, and have what was written numbered. Repeating is harmless."""
        feed.request_sequencing(platform, self.waiting)
        if self.changed_at:
            now = instant_text(platform.clock())
            store.note_change(platform, self.changed_at, now, self.lag_ms)

    def saw_change(self, changed_at: str, now: datetime) -> None:
        """A change of that instant is now reflected."""
        if changed_at >= self.changed_at:
            self.changed_at = changed_at
            lag = (now - parse_instant(changed_at)).total_seconds()
            self.lag_ms = max(0, round(lag * 1000))


def load_records(platform: Platform, record_ids: Iterable[str]) -> list[Record]:
    """The current versions of the records that exist."""
    keys = [files.record_key(platform, record_id) for record_id in record_ids]
    return [files.record_from(item) for item in batch_get(keys).values()]


def load_settling(
    platform: Platform, record_ids: Iterable[str], finished: set[str]
) -> list[Record]:
    """The current versions of the records that exist; the uploads of theirs that are finished are
    added to `finished`.

    Until its file is finished a lower row may take a record over in the same version. So a row
    is read after its upload was found finished; one read before is read again.
    """
    records = load_records(platform, record_ids)
    named = {record.upload.upload_id for record in records if record.upload} - finished
    found = uploads.finished_uploads(platform, named) if named else set()
    early = [one.record_id for one in records if one.upload and one.upload.upload_id in found]
    if not early:
        return records
    finished |= found
    final = {record.record_id: record for record in load_records(platform, early)}
    return [final.get(record.record_id, record) for record in records]


def assess(records: Sequence[Record], finished: set[str], now: datetime) -> list[Assessment]:
    """What may be shown now of each record of `load_settling`. Opens nothing that is sealed."""
    return [_assess(record, now, settled=_is_settled(record, finished)) for record in records]


def _is_settled(record: Record, finished: set[str]) -> bool:
    return record.upload is None or record.upload.upload_id in finished


def _assess(record: Record, now: datetime, *, settled: bool) -> Assessment:
    if not settled:
        return Assessment(record, "unsettled")
    pack = policy.pack_version(record.jurisdiction, record.pack)
    facts = facts_of(record, pack, settled=True)
    if facts is None:
        return Assessment(record, "withheld")
    decision = decide(facts)
    return Assessment(record, state_at(decision, now), facts, decision, pack)


def project_records(
    platform: Platform,
    record_ids: Iterable[str],
    progress: Progress,
    *,
    is_change: bool = True,
) -> None:
    """Bring the public table in line with these records as they are now. `is_change`: they have
    just changed (and count for freshness); False when projected again."""
    wanted = list(dict.fromkeys(record_ids))
    for begin in range(0, len(wanted), SLICE):
        part = wanted[begin : begin + SLICE]
        records = load_settling(platform, part, progress.finished)
        for record, waits in _project_slice(platform, records, progress.finished):
            if waits:
                progress.waiting.append(record.record_id)
            if is_change:
                progress.saw_change(record.changed_at, platform.clock())


def _project_slice(
    platform: Platform, records: Sequence[Record], finished: set[str]
) -> list[tuple[Record, bool]]:
    """The records that were judged, and whether a change of theirs waits for its number.

    One record that cannot be judged must not hold up the others: then each comes again by itself.
    """
    try:
        return _project_together(platform, records, finished)
    except Unavailable:
        raise
    except (GovcreditError, ValueError, KeyError):
        if len(records) == 1:
            raise
        platform.disclosure_queue.send_many([record_change(record) for record in records])
        return []


def _project_together(
    platform: Platform, records: Sequence[Record], finished: set[str]
) -> list[tuple[Record, bool]]:
    now = platform.clock()
    assessed = assess(records, finished, now)
    subjects = _subjects_for(platform, assessed)
    deeds = [entry for entry in assessed if entry.state != "unsettled"]
    waits = _each(platform, lambda entry: _project(platform, entry, subjects, now), deeds)
    return [(entry.record, waiting) for entry, waiting in zip(deeds, waits, strict=True)]


def _each(
    platform: Platform,
    deed: Callable[[Assessment], bool],
    entries: Sequence[Assessment],
) -> list[bool]:
    threads = min(platform.settings.write_threads, len(entries))
    if threads <= 1:
        return [deed(entry) for entry in entries]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(deed, entries))


def _subjects_for(platform: Platform, assessed: Sequence[Assessment]) -> dict[str, Subject]:
    """The reporters of what is public (for their names), and the subjects whose key is needed."""
    wanted: set[str] = set()
    for entry in assessed:
        if entry.state == "public" and entry.pack is not None:
            wanted.add(files.body_id(entry.record.reporter))
            if needs_opening(entry.record, entry.pack):
                wanted.add(entry.record.subject_id)
    return files.subjects_by_id(platform, sorted(wanted)) if wanted else {}


def _project(
    platform: Platform, entry: Assessment, subjects: Mapping[str, Subject], now: datetime
) -> bool:
    """Show or hide one record. True: a change waits for its number."""
    record = entry.record
    if entry.state == "public":
        view = _view(platform, entry, subjects)
        if view is None:
            return _bury(platform, record.record_id, record.version)
        return feed.show(platform, _document_of(view))
    if entry.state == "pending":
        hidden = record.version > 1 and _hide(platform, entry, record.version - 1, now)
        _come_back(platform, entry, now)
        return hidden
    if entry.state == "withheld" and record.version == 1:
        # Nothing of it can ever have been shown: it leaves no trace, not even a grave.
        return False
    return _hide(platform, entry, record.version, now)


def _document_of(view: RecordView) -> NewDocument:
    return NewDocument(
        id=view.id,
        entity="record",
        version=view.version,
        document=view.model_dump(mode="json"),
        until=view.publicity.until or "",
        end_day=view.publicity.last_day or "",
    )


def _view(
    platform: Platform, entry: Assessment, subjects: Mapping[str, Subject]
) -> RecordView | None:
    """The document of a public record. None: it is about a person whose data are erased."""
    record, pack, facts, decision = entry.record, entry.pack, entry.facts, entry.decision
    if pack is None or facts is None or decision is None:
        raise ValueError("only what was decided is shown")
    if needs_opening(record, pack):
        try:
            opened = _open(platform, record, subjects.get(record.subject_id))
        except Erased:
            if record.subject_kind in PERSONS:
                return None
        else:
            found = facts_of(record, pack, settled=True, opened=opened)
            if found is not None:
                facts, decision = found, decide(found)
    reporter = subjects.get(files.body_id(record.reporter))
    digest = archive_commitment(platform.keyring, record).digest
    name = reporter.name if reporter else ""
    return record_view(record, pack, facts, decision, name, digest)


def _open(platform: Platform, record: Record, subject: Subject | None) -> Opened:
    if subject is None:
        raise Erased()
    fields = files.open_fields(platform, record, subject)
    if not subject.is_person:
        return Opened(record.subject_name, fields)
    return Opened(files.open_profile(platform, subject).name, fields)


def _hide(platform: Platform, entry: Assessment, version: int, now: datetime) -> bool:
    """Take away whatever is shown of `version` and older ones."""
    record = entry.record
    if _shown_before(platform, record, now):
        return _bury(platform, record.record_id, version)
    reason: WithdrawalReason = "term_ended" if entry.state == "ended" else "withdrawn"
    return feed.hide(platform, record.record_id, "record", version, reason)


def _shown_before(platform: Platform, record: Record, now: datetime) -> bool:
    """Whether an earlier version would be public now: then somebody may still be about to show
    it, and only a withdrawal that stands keeps it away."""
    if record.version == 1:
        return False
    return any(
        _assess(earlier, now, settled=True).state == "public"
        for earlier in files.find_versions(platform, record.record_id)
        if earlier.version < record.version
    )


def _bury(platform: Platform, record_id: str, version: int) -> bool:
    return feed.hide(platform, record_id, "record", version, "withdrawn", stand=True)


def _come_back(platform: Platform, entry: Assessment, now: datetime) -> None:
    """See to it that a record that becomes public later is looked at again then."""
    record, decision = entry.record, entry.decision
    if decision is None or decision.starts_at is None:
        raise ValueError("only a pending record comes back")
    seconds = ceil((decision.starts_at - now).total_seconds())
    if seconds <= SOON_SECONDS:
        platform.disclosure_queue.send(record_change(record), delay_seconds=seconds)
        return
    store.wait_until(
        platform,
        record.record_id,
        record.version,
        instant_text(decision.starts_at),
        civil_date(decision.starts_at).isoformat(),
    )


def record_change(record: Record) -> dict[str, object]:
    """The message that has a record looked at."""
    key = f"RECORD#{record.record_id}"
    return Change("records", key, record.version, "record").message()


def project_subject(platform: Platform, subject_id: str, progress: Progress) -> None:
    """Bring the public entry of a body in line with the register. Of a person nothing is shown;
    but once a person is erased, the records about it leave."""
    try:
        subject = files.find_subject(platform, subject_id)
    except NotFound:
        return
    if subject.is_person:
        if not subject.wrapped_key:
            about = [record.record_id for record in files.records_about(platform, subject_id)]
            project_records(platform, about, progress)
        return
    now = platform.clock()
    if is_listed(subject):
        pack = policy.pack_for(subject.jurisdiction, civil_date(now))
        view = body_view(subject, pack, _name_of(platform, subject.superior))
        name = document_id("subject", view.code)
        new = NewDocument(name, "subject", subject.version, view.model_dump(mode="json"))
        if feed.show(platform, new):
            progress.waiting.append(name)
            progress.saw_change(subject.updated_at, now)
    elif subject.version > 1 and subject.unified_code:
        name = document_id("subject", subject.unified_code)
        if feed.hide(platform, name, "subject", subject.version, "withdrawn"):
            progress.waiting.append(name)


def _name_of(platform: Platform, code: str) -> str:
    if not code:
        return ""
    subject_id = files.body_id(code)
    found = files.subjects_by_id(platform, [subject_id]).get(subject_id)
    return found.name if found else ""


def fan_out_upload(platform: Platform, upload_id: str) -> None:
    """A file is finished: have each of its chunks projected."""
    if upload_id not in uploads.finished_uploads(platform, {upload_id}):
        return
    chunks = uploads.upload_chunks(platform, upload_id)
    platform.disclosure_queue.send_many(
        [{"upload_id": upload_id, "chunk": chunk} for chunk in chunks]
    )


def project_chunk(platform: Platform, upload_id: str, chunk: int, progress: Progress) -> None:
    """Project the records that one chunk of a finished file brought."""
    if upload_id not in progress.finished:
        # Asked first, so that the rows need to be read but once.
        progress.finished |= uploads.finished_uploads(platform, {upload_id})
    project_records(platform, uploads.records_of_chunk(platform, upload_id, chunk), progress)


def project_keys(platform: Platform) -> None:
    """Publish the verification keys of the keyring and of the log. Needs nothing sealed."""
    keyring, log_key = platform.keys.get("KEYRING"), platform.keys.get(LOG_KEY)
    if keyring is None:
        return
    jwks = cast("dict[str, list[dict[str, str]]]", keyring["public_jwks"])
    found = [item for item in (keyring, log_key) if item is not None]
    # Either alone going forward takes the published set forward.
    version = sum(cast(int, item["version"]) for item in found)
    verifier_key = "" if log_key is None else str(log_key["verifier_key"])
    store.show_keys(platform, jwks["keys"], verifier_key, version)
