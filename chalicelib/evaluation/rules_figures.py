"""How what other rooms count becomes rows of figures. Pure; the day of a row places it in a period.

Shares carry both sides of their fraction, and their quotient where there is one; of what was not
due yet, or not counted, there is no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.accounts.model import Account, Figure, RateCode
from chalicelib.accounts.rules import (
    declare_by,
    last_day,
    lines_of,
    month_after,
    month_of,
    rates_of,
    undeclared_types,
)
from chalicelib.cases.service import Duty as CaseDuty
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.policy.model import FieldValue
from chalicelib.policy.programme import Assessment
from chalicelib.registers.service import Duty as RegisterDuty

_SIX = Decimal("0.000001")
_RATES: Mapping[str, RateCode] = {
    "accounts.stored": "compliance_rate",
    "accounts.on_time": "on_time_rate",
    "accounts.collected": "collection_rate",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a row was made from: its id, its version, and the day that places it."""

    record_id: str
    version: int
    on: date

    def row(self, code: str, values: Mapping[str, FieldValue]) -> FactRow:
        """The row of a figure."""
        return FactRow(self.record_id, self.version, code, self.on, values=values)


def share_row(code: str, made: Made, numerator: int, denominator: int) -> FactRow:
    """A row of a share; over nothing it has no quotient."""
    values: dict[str, FieldValue] = {"numerator": numerator, "denominator": denominator}
    if denominator:
        exact = Decimal(numerator) / Decimal(denominator)
        values["value"] = str(exact.quantize(_SIX, ROUND_HALF_UP))
    return made.row(code, values)


def months_in(period: Period) -> tuple[str, ...]:
    """The months that lie in a period as a whole."""
    found = []
    month = month_of(period.first)
    while last_day(month) <= period.last:
        if date.fromisoformat(f"{month}-01") >= period.first:
            found.append(month)
        month = month_after(month)
    return tuple(found)


def account_rows(
    codes: Iterable[str], accounts: Iterable[Account], assessment: Assessment, today: date
) -> Iterator[FactRow]:
    """The rows of the accounts of one agency, on the last day of each month. Nothing of a month
    nobody counted; 上报率 once the day for declaring it has passed."""
    wanted = sorted(codes)
    for account in accounts:
        if not account.types:
            continue
        version = max(1, account.version)
        made = Made(f"account/{account.agency}/{account.month}", version, last_day(account.month))
        rates = rates_of(assessment, lines_of(account, account.types))
        for code in wanted:
            if code == "accounts.declared":
                if today > declare_by(assessment, account.month):
                    all_types = len(account.types)
                    missing = len(undeclared_types(account, account.types))
                    yield share_row(code, made, all_types - missing, all_types)
            elif rates[_RATES[code]].denominator:
                rate = rates[_RATES[code]]
                yield share_row(code, made, rate.numerator, rate.denominator)


def coverage_row(code: str, region: str, figure: Figure, counted_on: date) -> FactRow:
    """The row of a coverage as last counted."""
    made = Made(f"coverage/{region}/{figure.code}", 1, counted_on)
    return share_row(code, made, figure.numerator, figure.denominator)


def case_rows(code: str, in_time: bool, duties: Iterable[CaseDuty]) -> Iterator[FactRow]:
    """The rows of cases: one of each in a share of those in time, one of each overdue otherwise. A
    body that had two parts in a case has one row of it, missed if either was."""
    latest: dict[str, CaseDuty] = {}
    missed: set[str] = set()
    for duty in duties:
        known = latest.get(duty.case_id)
        if known is None or duty.day > known.day:
            latest[duty.case_id] = duty
        if duty.missed:
            missed.add(duty.case_id)
    for case_id in sorted(latest):
        duty = latest[case_id]
        made = Made(f"case/{case_id}", duty.version, duty.day)
        if in_time:
            yield share_row(code, made, int(case_id not in missed), 1)
        elif case_id in missed:
            yield made.row(code, {"value": 1})


def register_rows(code: str, what: str, duties: Iterable[RegisterDuty]) -> Iterator[FactRow]:
    """The rows of entries of registers: `in_time` and `complete` a share, `overdue` one of each.
    What is open and still in time is not judged yet, except that it may be complete."""
    for duty in sorted(duties, key=lambda one: one.entry_id):
        made = Made(f"register/{duty.entry_id}", duty.version, duty.day)
        if what == "complete":
            if not duty.is_open or not duty.has_limit:
                yield share_row(code, made, int(duty.done), 1)
        elif duty.has_limit and not duty.is_open:
            if what == "in_time":
                yield share_row(code, made, int(duty.in_time), 1)
            elif not duty.in_time:
                yield made.row(code, {"value": 1})


def scored_row(code: str, made: Made, value: str, answers: int) -> FactRow:
    """The row of an average: the answers are its weight."""
    return made.row(code, {"value": value, "weight": answers})
