"""Pure facts about records: by when each was to be reported, and how that was counted."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from chalicelib.kernel.deadlines import Deadline, Limit, deadline, due_on
from chalicelib.policy.model import Pack, RecordType


@lru_cache(maxsize=1024)
def _limit(title: str, working_days: int, document: str, clause: str) -> Limit:
    return Limit(
        amount=working_days,
        unit="working_days",
        rule=f"“{title}”自决定之日起 {working_days} 个工作日内报送",
        basis=f"{document} {clause}".strip(),
    )


def reporting_limit(record_type: RecordType) -> Limit | None:
    """The time limit within which records of this type are to be reported, if it has one."""
    limit = record_type.time_limit
    if limit is None:
        return None
    return _limit(record_type.title, limit.working_days, limit.basis.document, limit.basis.clause)


def reporting_due_on(pack: Pack, record_type: RecordType, occurred_on: str) -> str:
    """The last day on which reporting is on time (ISO), or an empty text without a limit."""
    limit = reporting_limit(record_type)
    if limit is None:
        return ""
    return due_on(pack.calendar.working_days, date.fromisoformat(occurred_on), limit).isoformat()


def reporting_deadline(pack: Pack, record_type: RecordType, occurred_on: str) -> Deadline | None:
    """The reporting deadline with its working shown, day by day."""
    limit = reporting_limit(record_type)
    if limit is None:
        return None
    return deadline(pack.calendar.working_days, date.fromisoformat(occurred_on), limit)
