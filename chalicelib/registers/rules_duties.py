"""Whether what a register demands was done, and in time. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.registers.rules import Case, assess, days_done, required


@dataclass(frozen=True, slots=True)
class Duty:
    """How one entry stands for whoever had to do what it demands."""

    entry_id: str
    version: int
    agency: str
    day: date
    """When it was due; of an entry that is never due, when it was made."""
    has_limit: bool
    done: bool
    """Every required step."""
    in_time: bool
    is_open: bool
    """Not done, and still in time."""


def done_and_when(case: Case, agency: str, today: date) -> tuple[bool, date | None]:
    """Whether an agency has done every required step, and the day of the last. What others in the
    lead have not done is not held against it."""
    own = replace(
        case,
        doers=(agency,),
        reports=tuple(report for report in case.reports if report.agency_code == agency),
    )
    done = not assess(own, today).missing
    days = list(_days(own))
    return done, max(days, default=None)


def _days(case: Case) -> Iterator[date]:
    done = days_done(case.reports)
    for step in case.register.steps:
        if step.code in done and required(step, case.fields):
            yield date.fromisoformat(done[step.code])
