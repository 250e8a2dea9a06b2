"""What somebody is told when a case moves: the words, and whose box they go to. Pure.

A letter names no person and repeats nothing personal: it lies in a list, and whoever may know more
opens the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chalicelib.cases.model import CaseFile, Letter, Message
from chalicelib.cases.rules import in_words
from chalicelib.cases.rules_clocks import deadline_of, running
from chalicelib.cases.rules_parties import recipient_of
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import CaseAction, CaseKind


def letters_of(
    kind: CaseKind,
    file: CaseFile,
    action: CaseAction | None,
    messages: Iterable[Message],
    calendar: Calendar,
    due_on: date | None = None,
) -> list[Letter]:
    """The letters that an event (the last of `file`) sends. `action` is None for what time alone
    brought about; `due_on` is then the day it speaks of."""
    words = words_of(kind, file, action, calendar, due_on)
    case, found = file.case, []
    for number, message in enumerate(messages):
        recipient = recipient_of(message.to, file)
        if not recipient:
            continue
        found.append(
            Letter(
                to=message.to,
                recipient=recipient,
                case_id=file.case_id,
                case_version=case.version,
                number=number,
                kind=kind.code,
                text=in_words(message.template, words),
                at=instant_text(case.changed_at),
                region=file.region,
                jurisdiction=file.jurisdiction,
            )
        )
    return found


def words_of(
    kind: CaseKind,
    file: CaseFile,
    action: CaseAction | None,
    calendar: Calendar,
    due_on: date | None = None,
) -> dict[str, object]:
    """The words a template may use: the standard ones, and the plain fields of the action."""
    case = file.case
    due = due_on or _next_due(kind, file, action, calendar)
    words: dict[str, object] = {
        "kind": kind.title,
        "subject": file.parties.subject_name or "当事人",
        "state": kind.state(case.state).title,
        "today": civil_date(case.changed_at),
        "due_on": due or "",
        "record": file.title,
    }
    for field in action.fields if action is not None else ():
        value = case.values.get(field.code)
        if value is not None and not field.personal:
            words[field.code] = field.text_of(value)
    return words


def _next_due(
    kind: CaseKind, file: CaseFile, action: CaseAction | None, calendar: Calendar
) -> date | None:
    clocks = running(kind, file.case)
    if action is not None and action.extends is not None:
        clocks = tuple(clock for clock in clocks if clock.limit == action.extends)
    ends = [found.due_on for clock in clocks if (found := deadline_of(kind, clock, calendar))]
    return min(ends, default=None)
