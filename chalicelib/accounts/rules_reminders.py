"""Pure rules of reminders: what an agency still has to do for an account, and by when.

A reminder is not kept anywhere. It follows from the account and the day, so it can neither be
doubled nor lost while the platform is away, and is gone with its cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from chalicelib.accounts.model import Account, Line, Reminder, ReminderCode
from chalicelib.accounts.rules import declare_by, last_day, lines_of, month_after, month_of
from chalicelib.creditfile.rules import reporting_due_on
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Assessment

LOOK_BACK_MONTHS = 3
"""Accounts of so many months before the present one are still reminded of: older ones are closed
in practice, and an agency registered later owes nothing for the years before."""


def reminded_months(today: date) -> tuple[str, ...]:
    """The months whose accounts are looked at, the oldest first."""
    present = month_of(today)
    return tuple(month_after(present, -back) for back in range(LOOK_BACK_MONTHS, -1, -1))


def reminders_of(
    pack: Pack, assessment: Assessment, accounts: Iterable[Account], today: date
) -> tuple[Reminder, ...]:
    """Everything the agencies of `accounts` are reminded of on that day, the most urgent first."""
    found = [
        reminder
        for account in accounts
        for reminder in _of_account(pack, assessment, account, today)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_on, one.agency, one.month, one.type)))


def _of_account(
    pack: Pack, assessment: Assessment, account: Account, today: date
) -> Iterator[Reminder]:
    for line in lines_of(account, account.types):
        for code, count, due in _open_matters(pack, assessment, account, line, today):
            yield Reminder(
                code=code,
                agency=account.agency,
                agency_name=account.agency_name,
                region=account.region,
                month=account.month,
                type=line.type,
                count=count,
                due_on=due.isoformat(),
                overdue=today > due,
            )


def _open_matters(
    pack: Pack, assessment: Assessment, account: Account, line: Line, today: date
) -> Iterator[tuple[ReminderCode, int, date]]:
    month_due = declare_by(assessment, account.month)
    if line.produced is None and today >= _reminded_from(assessment.remind_days, month_due):
        yield ("declaration_due" if line.reported else "zero_report_missing"), 0, month_due
    if line.rejected:
        # From the first day on: the clock of seven working days runs while the row is put right.
        first_due = account.counts[line.type].first_due_on
        due = date.fromisoformat(first_due) if first_due else month_due
        yield "refused_rows_open", line.rejected, due
    if line.pending:
        due = _last_due(pack, account.month, line.type) or month_due
        if today >= _reminded_from(assessment.remind_days, due):
            yield "decisions_pending", line.pending, due


def _last_due(pack: Pack, month: str, type_code: str) -> date | None:
    """The last day for a decision of the month's last day: then nothing may be pending."""
    record_type = pack.types.get(type_code)
    found = reporting_due_on(pack, record_type, last_day(month).isoformat()) if record_type else ""
    return date.fromisoformat(found) if found else None


def _reminded_from(remind_days: Sequence[int], due: date) -> date:
    return due - timedelta(days=max(remind_days, default=0))
