"""Corrections and withdrawals: new versions with a reason; nothing is overwritten.

A correction that touches a field of the natural key speaks of another fact: the old record is
withdrawn and a new one, linked by `supersedes`, takes its place, in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.access.service import may_act_on
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    Record,
)
from chalicelib.intake.answers import CorrectionIn, result_of
from chalicelib.intake.model import Outcome, Submission
from chalicelib.intake.revising import (
    Draft,
    draft_of,
    must_be_settled,
    revised,
    revision_writes,
    withdrawn,
)
from chalicelib.intake.service import reporter_of, submission_of
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
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
    must_be_settled(platform, record)
    subject = files.find_subject(platform, record.subject_id)
    submission = submission_of(platform, reporter_of(edit.caller), "correction", edit.body)
    draft = draft_of(platform, submission, record, subject, correction, edit.reason)
    done = _already_done(platform, edit, record, draft)
    if done is not None:
        return done
    if record.status == "withdrawn":
        _must_be_reinstated(platform, record, correction)
    _must_be_current(edit, record)
    revision = revised(platform, draft)
    _commit(revision_writes(platform, revision))
    status = 200 if revision.successor is None else 201
    return _answer(platform, revision.current, status, submission)


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
    must_be_settled(platform, record)
    if record.status == "withdrawn":
        raise Conflict("这条信用信息已经撤回", code="already_withdrawn")
    _must_be_current(edit, record)
    submission = submission_of(platform, reporter_of(edit.caller), "correction", edit.body)
    after = withdrawn(record, edit.reason, edit.caller.client_id, submission.stored_at)
    _commit(files.next_version_writes(platform, record, after))
    return _answer(platform, after, 200)


def _find_own(platform: Platform, edit: Edit) -> Record:
    record = files.find_record(platform, edit.record_id)
    if not may_act_on(edit.caller, edit.scope, record.reporter, record.region):
        raise Forbidden("只能更正或撤回本单位报送的信用信息", code="not_your_record")
    return record


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


def _already_done(platform: Platform, edit: Edit, record: Record, draft: Draft) -> Answer | None:
    """The answer, if what this very edit asks for is already so: the caller repeats it."""
    if (
        record.version != edit.expected_version + 1
        or record.reason != edit.reason
        or record.submitted_by != edit.caller.client_id
    ):
        return None
    record_id, content_mac = draft.record_id, draft.content_mac
    if record_id == record.record_id:
        is_done = record.status == "active" and record.content_mac == content_mac
        return _answer(platform, record, 200) if is_done else None
    if record.superseded_by != record_id:
        return None
    successor = files.find_record(platform, record_id)
    return _answer(platform, successor, 201) if content_mac in successor.known else None


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
