"""A correction made ready: checked like a new record, archived, as writes of a larger deed.

A correction that touches a field of the natural key speaks of another fact: the old record is
withdrawn and a new one, linked by `supersedes`, takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.service import allowed_codes
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    ArchivePointer,
    Identification,
    Notices,
    Record,
    Standing,
    Subject,
)
from chalicelib.creditfile.rules_standing import standing_as, taken_over
from chalicelib.intake import originals
from chalicelib.intake.answers import CorrectionIn
from chalicelib.intake.judging import conflict_fault
from chalicelib.intake.model import Candidate, Examined, SentForm, Submission
from chalicelib.intake.rules import (
    content_mac_of,
    examine_content,
    judged,
    record_id_of,
    split_personal,
)
from chalicelib.intake.rules_subject import counterpart_faults
from chalicelib.intake.uploads import finished_uploads
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Invalid,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction whose content was checked: what it would be, and as which fact."""

    submission: Submission
    record: Record
    subject: Subject
    examined: Examined
    record_id: str
    content_mac: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A correction that is archived and ready to be written (`revision_writes`)."""

    before: Record
    after: Record
    """The next version of `before`: corrected, or withdrawn where another record takes over."""
    successor: Record | None = None
    """The record that takes over, where the correction speaks of another fact."""
    reinstates: Record | None = None
    """The withdrawn record the successor is the next version of."""

    @property
    def current(self) -> Record:
        """The record that holds the corrected content."""
        return self.successor or self.after


def revise(
    platform: Platform,
    submission: Submission,
    record: Record,
    subject: Subject,
    correction: CorrectionIn,
) -> Revision:
    """Check and archive a correction of a settled, active record, for a use case that writes it
    together with more. Raises Conflict, Invalid."""
    if record.status == "withdrawn":
        raise Conflict("这条信用信息已经撤回，不能更正", code="already_withdrawn")
    must_be_settled(platform, record)
    reason = correction.reason
    return revised(platform, draft_of(platform, submission, record, subject, correction, reason))


def draft_of(
    platform: Platform,
    submission: Submission,
    record: Record,
    subject: Subject,
    correction: CorrectionIn,
    reason: str,
) -> Draft:
    examined = _corrected(platform, submission, record, subject, correction)
    keyring = platform.keyring
    mac = content_mac_of(keyring, record.subject_id, examined.fields, examined.notices)
    record_id = record_id_of(keyring, submission.reporter, examined, record.subject_id)
    return Draft(submission, record, subject, examined, record_id, mac, reason)


def revised(platform: Platform, draft: Draft) -> Revision:
    """The archived revision. A correction that speaks of another fact withdraws the record and
    lets the new one take its place; one that was reported before and withdrawn is reinstated.
    Raises Conflict if that fact stands."""
    record, submission = draft.record, draft.submission
    if draft.content_mac == record.content_mac and record.status == "active":
        raise Invalid("更正后的内容与现有内容相同，没有需要更正的地方", code="nothing_changed")
    entry = _original(platform, draft)
    pointer = originals.archive(platform, submission, [entry])[0]
    after = _next_version(platform, draft, entry, pointer)
    if draft.record_id == record.record_id:
        return Revision(record, after)
    fresh = _as_new_record(submission, record, replace(after, record_id=draft.record_id))
    there = files.load_record(platform, draft.record_id)
    if there is not None and there.status != "withdrawn":
        fault = conflict_fault(there)
        raise Conflict(fault.message, code="record_conflict", faults=[fault])
    if there is not None:
        version = there.version + 1
        known = {**there.known, fresh.content_mac: version}
        fresh = standing_as(fresh, taken_over(fresh.standing, there.standing))
        fresh = replace(fresh, version=version, known=known)
    client_id, at = submission.reporter.client_id, submission.stored_at
    # A mark goes with the fact: whoever takes it off finds it there alone.
    bare = replace(record, standing=replace(record.standing, marks=()))
    old = withdrawn(bare, draft.reason, client_id, at)
    return Revision(record, replace(old, superseded_by=fresh.record_id), fresh, there)


def revision_as(revision: Revision, standing: Standing) -> Revision:
    """The revision of a record that a case leaves with this standing. A successor reinstated has
    its own besides."""
    successor, older = revision.successor, revision.reinstates
    if successor is None:
        return replace(revision, after=standing_as(revision.after, standing))
    kept = standing if older is None else taken_over(standing, older.standing)
    left = replace(standing, marks=())
    return replace(
        revision,
        after=standing_as(revision.after, left),
        successor=standing_as(successor, kept),
    )


def revision_writes(platform: Platform, revision: Revision) -> list[Write]:
    """The writes of a revision: it happens as a whole or not at all."""
    writes = files.next_version_writes(platform, revision.before, revision.after)
    if revision.successor is None:
        return writes
    if revision.reinstates is None:
        return [*writes, files.new_record_put(platform, revision.successor)]
    return [
        *writes,
        *files.next_version_writes(platform, revision.reinstates, revision.successor),
    ]


def withdrawn(record: Record, reason: str, client_id: str, at: str) -> Record:
    """The record's next version, in which it is withdrawn."""
    return replace(
        record,
        version=record.version + 1,
        status="withdrawn",
        reason=reason,
        submitted_by=client_id,
        changed_at=at,
    )


def must_be_settled(platform: Platform, record: Record) -> None:
    """Raises Conflict while the file a record came from is still being worked."""
    upload = record.upload
    if upload is not None and not finished_uploads(platform, [upload.upload_id]):
        raise Conflict("这条信用信息所在的文件还在处理，完成后才能更改", code="file_in_progress")


def _corrected(
    platform: Platform,
    submission: Submission,
    record: Record,
    subject: Subject,
    correction: CorrectionIn,
) -> Examined:
    """The record's content with the correction merged in, checked like a new one."""
    record_type = submission.pack.types.get(record.type)
    if record_type is None:
        raise Conflict("这类信息已不在现行归集目录中，不能更正，只能撤回", code="type_retired")
    merged = {**files.open_fields(platform, record, subject), **correction.fields}
    if correction.notices is None:
        notices: Mapping[str, object] = _as_sent(record.notices)
    else:
        notices = correction.notices.model_dump(exclude_none=True)
    today = date.fromisoformat(submission.received_on)
    faults: list[Fault] = []
    allowed = allowed_codes(platform)
    content = examine_content(record_type, merged, notices, today, faults, allowed)
    if content is None:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    named = Identification(
        subject.unified_code, "", subject.name, registration_number=subject.registration_number
    )
    misfits = counterpart_faults(record_type, named, content[0], is_person=subject.is_person)
    if misfits:
        raise Invalid(f"有 {len(misfits)} 处不符合要求", faults=misfits)
    return judged(submission.pack, record_type, named, content)


def _as_sent(notices: Notices) -> dict[str, str]:
    values = {
        "decision_delivered_on": notices.decision_delivered_on,
        "repair_delivered_on": notices.repair_delivered_on,
        "proof": notices.proof,
    }
    return {name: value for name, value in values.items() if value}


def _original(platform: Platform, draft: Draft) -> originals.Entry:
    """What the archive keeps of a correction: the content as corrected, and the reason."""
    record, subject, examined = draft.record, draft.subject, draft.examined
    sent = SentForm(
        {
            "type": record.type,
            "corrects": {"record_id": record.record_id, "version": record.version},
            "fields": dict(examined.fields),
            "notices": _as_sent(examined.notices),
            "reason": draft.reason,
        }
    )
    key = None
    if originals.has_personal(examined.record_type, examined.fields, person=subject.is_person):
        key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    candidate = Candidate(0, sent, examined)
    return originals.Entry(candidate, examined, draft.record_id, draft.content_mac, key)


def _next_version(
    platform: Platform, draft: Draft, entry: originals.Entry, pointer: ArchivePointer
) -> Record:
    """The corrected content as the record's next version. Whether reporting was on time was
    settled when the record first came, and correcting it does not change it; unless that was
    provisional and no longer is."""
    record, submission = draft.record, draft.submission
    examined, key, version = entry.examined, entry.key, record.version + 1
    plain, personal = split_personal(examined.record_type, examined.fields)
    sealed: dict[str, str] = {}
    sha256 = submission.received_sha256
    if key is not None:
        sealed = files.seal_fields(key, personal, platform)
        sha256 = key.seal(sha256, platform.ids)
    return replace(
        record,
        version=version,
        status="active",
        superseded_by="",
        severity=examined.severity,
        occurred_on=examined.occurred_on,
        fields=plain,
        sealed=sealed,
        notices=examined.notices,
        content_mac=entry.content_mac,
        known={**record.known, entry.content_mac: version},
        pack=submission.pack.version,
        due_on=examined.due_on,
        on_time=_still_on_time(record, examined),
        due_provisional=examined.due_provisional,
        due_calendar="",
        received_sha256=sha256,
        archive=pointer,
        submitted_by=submission.reporter.client_id,
        changed_at=submission.stored_at,
        position=0,
        upload=None,
        reason=draft.reason,
    )


def _still_on_time(record: Record, examined: Examined) -> bool:
    if examined.due_provisional or not record.due_provisional or not examined.due_on:
        return record.on_time
    return civil_date(parse_instant(record.received_at)).isoformat() <= examined.due_on


def _as_new_record(submission: Submission, record: Record, corrected: Record) -> Record:
    """The corrected content as a fact of its own, in the place of `record`, whose standing it has:
    what was decided about the one goes on to hold of the other."""
    return replace(
        corrected,
        version=1,
        known={corrected.content_mac: 1},
        received_at=submission.received_at,
        on_time=not corrected.due_on or submission.received_on <= corrected.due_on,
        supersedes=record.record_id,
    )
