"""Pure judgement of a record against the one that is already there: taken over, duplicate, or in
conflict (design §2.6)."""

from __future__ import annotations

from chalicelib.creditfile.model import Record
from chalicelib.intake.model import Outcome, Submission
from chalicelib.kernel.errors import Fault


def judge(
    position: int, content_mac: str, submission: Submission, existing: Record
) -> Outcome | None:
    """The outcome against `existing`; None: this row of a file takes the record over, because the
    higher row of the same file that owns it gives way."""
    upload = existing.upload
    contest: tuple[tuple[int, str], ...] = ()
    if upload is not None and upload.upload_id == submission.upload_id and existing.version == 1:
        if upload.row > position:
            return None
        contest = upload.displaced
        if upload.row == position and existing.content_mac == content_mac:
            return Outcome(position, "accepted", existing, (), contest, content_mac)
        contest = ((upload.row, existing.content_mac), *contest)
    return lost_to(position, content_mac, existing, contest)


def judge_repeat(position: int, content_mac: str, first: Outcome) -> Outcome:
    """A later record of the same submission that states the same fact as an earlier one."""
    if first.record is None:
        return Outcome(position, "rejected", None, first.faults)
    is_contest = first.verdict == "accepted" or bool(first.contest)
    contest = ((first.position, first.content_mac), *first.contest) if is_contest else ()
    return lost_to(position, content_mac, first.record, contest)


def lost_to(
    position: int, content_mac: str, existing: Record, contest: tuple[tuple[int, str], ...]
) -> Outcome:
    """A duplicate of some version of `existing`, or in conflict with it."""
    if content_mac in existing.known:
        return Outcome(position, "duplicate", existing, (), contest, content_mac)
    fault = conflict_fault(existing)
    return Outcome(position, "conflict", existing, (fault,), contest, content_mac)


def conflict_fault(existing: Record) -> Fault:
    """What to do about a record that is already there with other content."""
    how = f"PATCH /v1/records/{existing.record_id}"
    if existing.status == "withdrawn":
        message = (
            f"同一事项已报送过并已撤回（编号 {existing.record_id}，第 {existing.version} 版）。"
            f"如需恢复，请用 {how}，注明 reinstate 和理由"
        )
    else:
        message = (
            f"同一事项已报送过（编号 {existing.record_id}，第 {existing.version} 版），"
            f"内容与本次不同。如需更正，请用 {how} 并说明理由"
        )
    return Fault("", "conflict", message)
