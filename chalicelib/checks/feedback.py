"""What was done with an answer (自动监督): told by the asking system, awaited until a day, reminded
of, counted, and shown to the offices without anybody's identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.checks import store
from chalicelib.checks.model import Check, Done
from chalicelib.checks.rules import difference, feedback_faults
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.kernel.workdays import add_working_days
from chalicelib.policy.service import pack_for

REMINDED_BEFORE: Final = 1
"""How many working days before its last day a client is reminded of feedback."""
MOST_AT_ONCE: Final = 200
"""Checks looked at in one message."""
_LOOKS_BACK: Final = timedelta(days=30)


def give(platform: Platform, check: Check, done: Sequence[Done], version: int) -> Check:
    """Note what was done; the check as it stands then. Feedback may be replaced, each time on the
    version read. Raises Invalid, Conflict for a proof, PreconditionFailed."""
    if check.kind == "proof":
        raise Conflict("信用证明不需要反馈处理结果", code="no_feedback")
    faults = feedback_faults(check, done)
    if faults:
        raise Invalid("处理结果不符合要求", faults=faults)
    if check.version == version + 1 and check.done == tuple(done):
        return check  # a retry: the first attempt took effect, its answer got lost
    if check.version != version:
        raise PreconditionFailed()
    after = replace(
        check,
        version=version + 1,
        done=tuple(done),
        feedback_at=check.feedback_at or instant_text(platform.clock()),
    )
    writes: list[Write] = [store.next_check_put(platform, check, after)]
    if check.marked_overdue and not check.feedback_at:
        writes.append(store.unmark_overdue(platform, check))
    changed = difference(check, after)
    if changed:
        writes.append(store.tally_update(platform, after, changed))
    try:
        commit(writes)
    except ConditionFailed as error:
        raise PreconditionFailed() from error
    return after


# -- the day's job ------------------------------------------------------------------------------


def begin_day(platform: Platform) -> None:
    """Ask for the work of a day in parts, each of them small: late feedback of every day since the
    last time, feedback soon due, and what got lost."""
    today = civil_date(platform.clock())
    told = store.last_day(platform)
    begin = date.fromisoformat(told) + timedelta(days=1) if told else today - _LOOKS_BACK
    over = [day - timedelta(days=1) for day in _days(begin, today)]
    parts: list[dict[str, object]] = [{"part": part} for part in ("looks", "files", "deliveries")]
    parts += [{"part": "late", "day": day.isoformat()} for day in over]
    parts += [{"part": "due", "day": day.isoformat()} for day in _soon_due(platform, today)]
    platform.checks_queue.send_many([{"job": "upkeep", **part} for part in parts])
    store.note_day(platform, today)


def look_at_day(platform: Platform, message: Mapping[str, Any]) -> None:
    """Remind of some checks due on a day, or mark them as late; the rest is left to another
    message, which goes on after them."""
    day = date.fromisoformat(message["day"])
    page = store.due_page(platform, day, message.get("after", ""), MOST_AT_ONCE)
    for check in page.checks:
        if message["part"] == "late":
            mark_late(platform, check)
        else:
            _remind(platform, check, "due")
    if page.after:
        platform.checks_queue.send({**message, "after": page.after})


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _soon_due(platform: Platform, today: date) -> Iterator[date]:
    """The days whose feedback is to be reminded of now. Working days differ by pack only in
    years that are not announced: the national calendar serves."""
    calendar = pack_for("national", today).calendar.working_days
    last, _ = add_working_days(calendar, today, REMINDED_BEFORE)
    return _days(today, last)


def mark_late(platform: Platform, check: Check) -> None:
    """Mark a check whose last day for feedback is over, count it, remind of it; once."""
    late = replace(check, marked_overdue=True)
    marks = store.mark_overdue(platform, check)
    tally = store.tally_update(platform, late, difference(check, late))
    if not check.marked_overdue:
        try:
            commit([*marks, tally])
        except ConditionFailed:
            pass  # feedback came, or another worker marked it, a moment ago
    _remind(platform, check, "overdue")


def _remind(platform: Platform, check: Check, kind: str) -> None:
    try:
        put = store.reminder_put(platform, check, kind, instant_text(platform.clock()))
        commit([put])
    except ConditionFailed:
        pass  # reminded already


