"""When somebody is to be reminded of an entry: before a day it is due, and the day after. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.registers.model import ReminderKind


@dataclass(frozen=True, slots=True)
class Term:
    """A day something is due, and what it is about: the entry, its validity, a supervision."""

    kind: ReminderKind
    due_on: date
    about: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A reminder that falls due: `late` from the day after the due day on."""

    term: Term
    day: date

    @property
    def late(self) -> bool:
        """Whether the due day has passed."""
        return self.day > self.term.due_on


def calls_of(term: Term, remind_days: Sequence[int]) -> list[Call]:
    """Every reminder of a term, earliest first: some days before, and the day after."""
    days = {term.due_on - timedelta(days=before) for before in remind_days}
    return [Call(term, day) for day in sorted({*days, term.due_on + timedelta(days=1)})]


def calls_due(terms: Sequence[Term], remind_days: Sequence[int], today: date) -> list[Call]:
    """The reminders to make today: of each term the last one that has fallen due. Earlier ones
    that nobody made while the sweep was away would only repeat it."""
    found: list[Call] = []
    for term in terms:
        past = [call for call in calls_of(term, remind_days) if call.day <= today]
        found += past[-1:]
    return found


def next_look(terms: Sequence[Term], remind_days: Sequence[int], today: date) -> date | None:
    """The next day after `today` on which a reminder falls due."""
    days = [call.day for term in terms for call in calls_of(term, remind_days) if call.day > today]
    return min(days, default=None)
