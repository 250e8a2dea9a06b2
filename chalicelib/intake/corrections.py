"""Corrections and withdrawals: new versions with a reason; nothing is overwritten.

A correction that touches a field of the natural key speaks of another fact: the old record is
withdrawn and a new one, linked by `supersedes`, takes its place, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.service import allowed_codes, may_act_on
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    ArchivePointer,
    Identification,
    Notices,
    Record,
    Subject,
)
from chalicelib.intake import originals
from chalicelib.intake.answers import CorrectionIn, result_of
from chalicelib.intake.judging import conflict_fault
from chalicelib.intake.model import Candidate, Examined, Outcome, SentForm, Submission
from chalicelib.intake.rules import (
    content_mac_of,
    examine_content,
    judged,
    record_id_of,
    split_personal,
)
from chalicelib.intake.rules_subject import counterpart_faults
from chalicelib.intake.service import finished_uploads, reporter_of, submission_of
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    PreconditionFailed,
)
from chalicelib.web.model import Answer, Caller, Scope


@dataclass(frozen=True, slots=True)
class Edit:
    """A wish to change one version of a record: whose, which, why, and the bytes received."""

    caller: Caller
    scope: Scope
    record_id: str
    expected_version: int
    reason: str
    body: bytes


def correct_record(
    platform: Platform,
    edit: Edit,
    correction: CorrectionIn,
) -> Answer:
    """Make the next version of a record. 200 with its receipt (201 where a new record took over).

    Raises NotFound, Forbidden (another agency's), PreconditionFailed, Conflict (withdrawn, or its
    file is still being worked), Invalid. Repeating a correction that is already made answers it
    again.
    """
    record = _find_own(platform, edit)
    _must_be_settled(platform, record)
    subject = files.find_subject(platform, record.subject_id)
    submission = submission_of(platform, reporter_of(edit.caller), "correction", edit.body)
    examined = _corrected(platform, submission, record, subject, correction)
    keyring = platform.keyring
    mac = content_mac_of(keyring, record.subject_id, examined.fields, examined.notices)
    record_id = record_id_of(keyring, submission.reporter, examined, record.subject_id)
    done = _already_done(platform, edit, record, (record_id, mac))
    if done is not None:
        return done
    if record.status == "withdrawn":
        _must_be_reinstated(platform, record, correction)
    _must_be_current(edit, record)
    if mac == record.content_mac and record.status == "active":
        raise Invalid("更正后的内容与现有内容相同，没有需要更正的地方", code="nothing_changed")
    entry = _original(platform, edit, record, subject, examined, (record_id, mac))
    pointer = originals.archive(platform, submission, [entry])[0]
    after = _next_version(platform, edit, submission, record, entry, pointer)
    if record_id == record.record_id:
        _commit(files.next_version_writes(platform, record, after))
        return _answer(platform, after, 200, submission)
    fresh = _replace(platform, edit, submission, record, replace(after, record_id=record_id))
    return _answer(platform, fresh, 201, submission)


def _replace(
    platform: Platform, edit: Edit, submission: Submission, record: Record, corrected: Record
) -> Record:
    """Withdraw `record` and let `corrected`, another fact, take its place, in one transaction. If
    that fact was reported before and withdrawn, it is reinstated. Raises Conflict if it stands."""
    fresh = _as_new_record(submission, record, corrected)
    old = _withdrawn(edit, record, submission)
    old = replace(old, superseded_by=fresh.record_id)
    withdrawal = files.next_version_writes(platform, record, old)
    try:
        commit([*withdrawal, files.new_record_put(platform, fresh)])
    except ConditionFailed as failed:
        there = failed.items.get(len(withdrawal))
        if there is None:
            raise _overtaken() from None
        existing = files.record_from(there)
        if existing.status != "withdrawn":
            fault = conflict_fault(existing)
            raise Conflict(fault.message, code="record_conflict", faults=[fault]) from None
        version = existing.version + 1
        fresh = replace(
            fresh, version=version, known={**existing.known, fresh.content_mac: version}
        )
        _commit([*withdrawal, *files.next_version_writes(platform, existing, fresh)])
    return fresh


def withdraw_record(platform: Platform, edit: Edit) -> Answer:
    """Withdraw a record: it stays in history and leaves every place that shows it. Raises as
    `correct_record`; repeating a withdrawal that is already made answers it again."""
    record = _find_own(platform, edit)
    if (
        record.status == "withdrawn"
        and record.version == edit.expected_version + 1
        and record.reason == edit.reason
    ):
        return _answer(platform, record, 200)
    _must_be_settled(platform, record)
    if record.status == "withdrawn":
        raise Conflict("这条信用信息已经撤回", code="already_withdrawn")
    _must_be_current(edit, record)
    submission = submission_of(platform, reporter_of(edit.caller), "correction", edit.body)
    after = _withdrawn(edit, record, submission)
    _commit(files.next_version_writes(platform, record, after))
    return _answer(platform, after, 200)


def _find_own(platform: Platform, edit: Edit) -> Record:
    record = files.find_record(platform, edit.record_id)
    if not may_act_on(edit.caller, edit.scope, record.reporter, record.region):
        raise Forbidden("只能更正或撤回本单位报送的信用信息", code="not_your_record")
    return record


def _must_be_settled(platform: Platform, record: Record) -> None:
    upload = record.upload
    if upload is not None and not finished_uploads(platform, [upload.upload_id]):
        raise Conflict("这条信用信息所在的文件还在处理，完成后才能更改", code="file_in_progress")


def _must_be_reinstated(platform: Platform, record: Record, correction: CorrectionIn) -> None:
    """A withdrawn record changes only by being reinstated, and not beside its successor."""
    if record.superseded_by:
        successor = files.find_record(platform, record.superseded_by)
        if successor.status == "active":
            message = f"这条信用信息已由 {successor.record_id} 取代，请更正那一条"
            raise Conflict(message, code="already_withdrawn")
    if not correction.reinstate:
        message = "这条信用信息已经撤回；确需恢复的，请注明 reinstate 为 true 并说明理由"
        raise Conflict(message, code="already_withdrawn")


def _must_be_current(edit: Edit, record: Record) -> None:
    if record.version != edit.expected_version:
        raise PreconditionFailed(f"这条信用信息已是第 {record.version} 版，请重新读取后再改")


def _already_done(
    platform: Platform, edit: Edit, record: Record, identity: tuple[str, str]
) -> Answer | None:
    """The answer, if what this very edit asks for is already so: the caller repeats it."""
    if (
        record.version != edit.expected_version + 1
        or record.reason != edit.reason
        or record.submitted_by != edit.caller.client_id
    ):
        return None
    record_id, content_mac = identity
    if record_id == record.record_id:
        is_done = record.status == "active" and record.content_mac == content_mac
        return _answer(platform, record, 200) if is_done else None
    if record.superseded_by != record_id:
        return None
    successor = files.find_record(platform, record_id)
    return _answer(platform, successor, 201) if content_mac in successor.known else None


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


def _original(
    platform: Platform,
    edit: Edit,
    record: Record,
    subject: Subject,
    examined: Examined,
    identity: tuple[str, str],
) -> originals.Entry:
    """What the archive keeps of a correction: the content as corrected, and the reason."""
    sent = SentForm(
        {
            "type": record.type,
            "corrects": {"record_id": record.record_id, "version": record.version},
            "fields": dict(examined.fields),
            "notices": _as_sent(examined.notices),
            "reason": edit.reason,
        }
    )
    key = None
    if originals.has_personal(examined.record_type, examined.fields, person=subject.is_person):
        key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
    record_id, mac = identity
    return originals.Entry(Candidate(0, sent, examined), examined, record_id, mac, key)


def _next_version(
    platform: Platform,
    edit: Edit,
    submission: Submission,
    record: Record,
    entry: originals.Entry,
    pointer: ArchivePointer,
) -> Record:
    """The corrected content as the record's next version. Whether reporting was on time was
    settled when the record first came, and correcting it does not change it; unless that was
    provisional and no longer is."""
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
        submitted_by=edit.caller.client_id,
        changed_at=submission.stored_at,
        position=0,
        upload=None,
        reason=edit.reason,
    )


def _still_on_time(record: Record, examined: Examined) -> bool:
    if examined.due_provisional or not record.due_provisional or not examined.due_on:
        return record.on_time
    return civil_date(parse_instant(record.received_at)).isoformat() <= examined.due_on


def _as_new_record(submission: Submission, record: Record, corrected: Record) -> Record:
    """The corrected content as a fact of its own, in the place of `record`."""
    return replace(
        corrected,
        version=1,
        known={corrected.content_mac: 1},
        received_at=submission.received_at,
        on_time=not corrected.due_on or submission.received_on <= corrected.due_on,
        supersedes=record.record_id,
    )


def _withdrawn(edit: Edit, record: Record, submission: Submission) -> Record:
    return replace(
        record,
        version=record.version + 1,
        status="withdrawn",
        reason=edit.reason,
        submitted_by=edit.caller.client_id,
        changed_at=submission.stored_at,
    )


def _commit(writes: Sequence[Write]) -> None:
    try:
        commit(writes)
    except ConditionFailed:
        raise _overtaken() from None


def _overtaken() -> PreconditionFailed:
    return PreconditionFailed("这条信用信息刚刚被更新，请重新读取后再改")


def _answer(
    platform: Platform, record: Record, status: int, submission: Submission | None = None
) -> Answer:
    sha256 = "" if submission is None else submission.received_sha256
    result = result_of(platform, Outcome(0, "accepted", record), sha256=sha256)
    location = f"/v1/records/{record.record_id}"
    return Answer(status, result, version=record.version, location=location)
