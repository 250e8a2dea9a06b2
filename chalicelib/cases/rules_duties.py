"""Whether whoever had to act in a case did so within its limits. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from chalicelib.cases.model import Case
from chalicelib.cases.rules_clocks import deadline_of, running
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import CaseKind


@dataclass(frozen=True, slots=True)
class Duty:
    """How a case stands for one of those who had to act in it."""

    case_id: str
    version: int
    kind: str
    day: date
    """The last of the days on which a limit of theirs fell due."""
    missed: bool
    """Whether one of them was missed; it stays so when the case goes on."""


def due_and_missed(
    kind: CaseKind, case: Case, limits: Collection[str], calendar: Calendar, today: date
) -> tuple[date, bool] | None:
    """The last day on which one of the `limits` fell due, and whether any was missed: the platform
    said so when it was over, or it is over and still runs. None where none was started, or those
    that were still run or stand still."""
    still = {clock.limit for clock in running(kind, case)}
    days: list[date] = []
    missed = any(_is_escalation(key, limits) for key in case.told)
    for clock in case.clocks:
        shown = deadline_of(kind, clock, calendar) if clock.limit in limits else None
        if shown is None:
            continue
        runs = clock.limit in still
        if runs and shown.due_on >= today:
            continue
        days.append(shown.due_on)
        missed = missed or runs
    return (max(days), missed) if days else None


def _is_escalation(key: str, limits: Collection[str]) -> bool:
    limit, _, rest = key.partition("/")
    return limit in limits and rest.endswith("/escalation")
