"""Pure rules of reported figures: what may be stated, by when, and what a review does to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from chalicelib.evaluation.model import Period
from chalicelib.evaluation.model_reported import Report, Verdict
from chalicelib.evaluation.rules_periods import period_of, previous
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import scrub
from chalicelib.policy.reported import ReportedFigure

_NUMBER: Final = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,4})?")


def value_faults(figure: ReportedFigure, value: str, at: str = "/value") -> Iterator[Fault]:
    """Why a value cannot be one of the figure: no number, out of bounds, too many decimals."""
    if _NUMBER.fullmatch(value) is None:
        yield Fault(at, "not_a_number", "应为数字，例如 92.5")
        return
    number = Decimal(value)
    if not figure.least <= number <= figure.most:
        message = f"应在 {figure.least} 到 {figure.most} {figure.unit}之间"
        yield Fault(at, "out_of_bounds", message)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > figure.decimals:
        yield Fault(at, "too_precise", f"最多 {figure.decimals} 位小数")


def statement_faults(
    figure: ReportedFigure, value: str, text: str, evidence: Sequence[str]
) -> Iterator[Fault]:
    """Why a statement cannot be taken."""
    yield from value_faults(figure, value)
    if figure.text and not text.strip():
        yield Fault("/text", "required", "须附自评报告")
    if scrub(text) != text:
        yield Fault("/text", "personal_number", "请不要写公民身份号码或手机号码")
    if figure.evidence and not evidence:
        yield Fault("/evidence", "required", "须附佐证材料")
    if len(set(evidence)) != len(evidence):
        yield Fault("/evidence", "named_twice", "同一份材料只列一次")


def due_on(figure: ReportedFigure, period: Period) -> date:
    """The last day for stating a figure of a period."""
    return period.last + timedelta(days=figure.due_days)


def latest_period(figure: ReportedFigure, today: date) -> Period:
    """The latest period that is over."""
    name = {
        "year": f"{today.year:04}",
        "half_year": f"{today.year:04}-H{(today.month - 1) // 6 + 1}",
        "quarter": f"{today.year:04}-Q{(today.month - 1) // 3 + 1}",
        "month": f"{today.year:04}-{today.month:02}",
    }[figure.period]
    return previous(figure.period, period_of(figure.period, name))


def periods_in(figure: ReportedFigure, period: Period) -> list[Period]:
    """The periods of a figure whose last day lies in a period: those that count there."""
    found: list[Period] = []
    one = latest_period(figure, period.last + timedelta(days=1))
    while period.holds(one.last):
        found.append(one)
        one = previous(figure.period, one)
    return found[::-1]


def reviewed(report: Report, verdict: Verdict, value: str, reason: str) -> Report:
    """A report after its review, one version on. What counts is what the reviewer accepted."""
    if verdict == "return":
        return replace(
            report, state="returned", accepted_value="", reason=reason, version=report.version + 1
        )
    counts = value if verdict == "amend" else report.value
    return replace(
        report, state="accepted", accepted_value=counts, reason=reason, version=report.version + 1
    )


def verdict_faults(
    figure: ReportedFigure, verdict: Verdict, value: str, reason: str
) -> Iterator[Fault]:
    """Why a review cannot be taken: another value needs a value and a reason, a return a reason."""
    if verdict == "amend":
        yield from value_faults(figure, value)
    elif value:
        yield Fault("/value", "not_wanted", "只有认定为其他数值（amend）时填写")
    if verdict != "accept" and not reason.strip():
        yield Fault("/reason", "required", "须写明理由")
    if scrub(reason) != reason:
        yield Fault("/reason", "personal_number", "请不要写公民身份号码或手机号码")


def may_state(before: Report | None) -> bool:
    """Whether a body may state the figure (anew): until it is accepted."""
    return before is None or before.state != "accepted"


def may_review(report: Report, verdict: Verdict) -> bool:
    """Whether a verdict may follow: what was stated is accepted or returned; what was accepted may
    only be returned, so that the body states it anew."""
    return report.state == "submitted" or (report.state == "accepted" and verdict == "return")
