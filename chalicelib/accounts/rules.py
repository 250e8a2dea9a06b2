"""Pure rules of the account: lines that add up, rates, ranking, who may see it when.

Rates after domain §1.6 and the pack's `assessments.collection`:
归集率 accepted / every decision known of; 及时率 1 - 迟报率, 迟报率 late / accepted (a refused row
has no day of receipt to judge by); 合规率 accepted / (accepted + rejected).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from chalicelib.accounts.model import (
    Account,
    Count,
    Figure,
    FigureCode,
    Line,
    RateCode,
    RateValue,
    Standing,
)
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Assessment, Rate

COLLECTION = "collection"
"""The assessment of a pack that the account follows."""
RATE_TITLES: Mapping[RateCode, str] = {
    "collection_rate": "归集率",
    "on_time_rate": "及时率",
    "compliance_rate": "合规率",
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_HUNDREDTH = Decimal("0.01")


def is_month(text: str) -> bool:
    """Whether a text names a month: `2026-05`."""
    return _MONTH.fullmatch(text) is not None and text >= "1949-10"


def month_of(day: date) -> str:
    """The month of a day."""
    return day.isoformat()[:7]


def first_day(month: str) -> date:
    """The first day of a month."""
    return date.fromisoformat(f"{month}-01")


def month_after(month: str, months: int = 1) -> str:
    """The month `months` later (earlier, if negative)."""
    year, month0 = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04d}-{month0 + 1:02d}"


def last_day(month: str) -> date:
    """The last day of a month."""
    return first_day(month_after(month)) - timedelta(days=1)


def collection_of(pack: Pack) -> Assessment | None:
    """How the pack assesses collection; None where it does not, or the mechanism is off."""
    found = pack.assessments.get(COLLECTION)
    if found is None or found.mechanism is None:
        return found
    mechanism = pack.mechanisms.get(found.mechanism)
    return None if mechanism is not None and mechanism.state == "off" else found


def declare_by(assessment: Assessment, month: str) -> date:
    """The last day for declaring a month's decisions, or that there were none."""
    return first_day(month_after(month)).replace(day=assessment.declare_by_day)


def assessed_month(assessment: Assessment, on: date) -> str:
    """The latest month whose day of declaration has passed on that day."""
    month = month_after(month_of(on), -1)
    return month if on > declare_by(assessment, month) else month_after(month, -1)


def obliged_types(pack: Pack, assessment: Assessment, roles: Iterable[str]) -> tuple[str, ...]:
    """The types an agency of these roles accounts for, in the pack's order."""
    held = set(roles)
    found = [pack.types[code] for code in assessment.types if code in pack.types]
    return tuple(one.code for one in found if not one.reporters or held & set(one.reporters))


def lines_of(account: Account, types: Sequence[str]) -> tuple[Line, ...]:
    """A line for each of `types`, and for any other that was declared all the same."""
    others = sorted(set(account.declarations) - set(types))
    return tuple(_line(account, code) for code in (*types, *others))


def _line(account: Account, code: str) -> Line:
    declared, count = account.declarations.get(code), account.counts.get(code, Count())
    produced = None if declared is None else declared.produced
    missing = (produced or 0) - count.accepted - count.rejected
    return Line(
        type=code,
        produced=produced,
        accepted=count.accepted,
        rejected=count.rejected,
        late=count.late,
        closed=count.closed,
        pending=max(0, missing),
        undeclared=max(0, -missing),
    )


def total_of(lines: Sequence[Line]) -> Line:
    """All lines together. Pending and undeclared are summed, not worked out anew: what one type
    has too much of does not make up for what another lacks."""
    declared = [line.produced for line in lines if line.produced is not None]
    return Line(
        type="",
        produced=sum(declared) if declared else None,
        accepted=sum(line.accepted for line in lines),
        rejected=sum(line.rejected for line in lines),
        late=sum(line.late for line in lines),
        closed=sum(line.closed for line in lines),
        pending=sum(line.pending for line in lines),
        undeclared=sum(line.undeclared for line in lines),
        all_declared=len(declared) == len(lines),
    )


def rates_of(assessment: Assessment, lines: Sequence[Line]) -> dict[RateCode, RateValue]:
    """The three rates over `lines`, each with its points by the pack. 归集率 needs every line
    declared: what nobody declared cannot be complete."""
    accepted = sum(line.accepted for line in lines)
    known = sum(line.known for line in lines)
    declared = bool(lines) and all(line.produced is not None for line in lines)
    late = sum(line.late for line in lines)
    fractions: dict[RateCode, tuple[int, int]] = {
        "collection_rate": (accepted, known) if declared else (0, 0),
        "on_time_rate": (accepted - late, accepted),
        "compliance_rate": (accepted, sum(line.reported for line in lines)),
    }
    return {
        code: RateValue(code, part, whole, points_of(_rate(assessment, code), part, whole))
        for code, (part, whole) in fractions.items()
    }


def _rate(assessment: Assessment, code: RateCode) -> Rate | None:
    # 入库率 of the pack is 合规率: what passes and is stored, of what was sent (domain §1.6).
    # 完整率 of the pack counts data items, not decisions: the account knows no such figure.
    if code == "on_time_rate":
        return assessment.rates.get("on_time")
    return assessment.rates.get("stored") if code == "compliance_rate" else None


def points_of(rate: Rate | None, numerator: int, denominator: int) -> Decimal | None:
    """The points for a share: all from `full_at` on, below it pro rata of the share reached."""
    if rate is None or not denominator:
        return None
    reached = Decimal(numerator) / Decimal(denominator)
    return (rate.points * (1 if reached >= rate.full_at else reached)).quantize(_HUNDREDTH)


def office_sees(account: Account, assessment: Assessment, today: date) -> bool:
    """Whether the credit office may see an account: the agency sees it first, until it has
    confirmed it or its day of declaration has passed."""
    return bool(account.confirmed_at) or today > declare_by(assessment, account.month)


def undeclared_types(account: Account, types: Sequence[str]) -> tuple[str, ...]:
    """The types that still have to be declared, be it as a zero report."""
    return tuple(code for code in types if code not in account.declarations)


def ranking(
    accounts: Iterable[Account], assessment: Assessment, by: RateCode
) -> tuple[Standing, ...]:
    """The agencies by a rate, the best first; equal rates share a rank (1, 1, 3). Those with too
    small a sample, or without that rate, follow without a rank and say why."""
    unplaced = [_unplaced(account, assessment, by) for account in accounts]
    unplaced.sort(key=lambda one: (one.account.region, one.account.agency))
    ranked = sorted(
        (one for one in unplaced if not one.unranked_why), key=lambda one: -_value(one, by)
    )
    found: list[Standing] = []
    for position, one in enumerate(ranked, 1):
        tied = found and _value(found[-1], by) == _value(one, by)
        found.append(_placed(one, found[-1].rank if tied else position))
    return (*found, *(one for one in unplaced if one.unranked_why))


def _unplaced(account: Account, assessment: Assessment, by: RateCode) -> Standing:
    lines = lines_of(account, account.types)
    total, rates = total_of(lines), rates_of(assessment, lines)
    known = sum(line.known for line in lines)
    why = ""
    if known < assessment.least_sample:
        why = f"当月决定 {known} 件，少于 {assessment.least_sample} 件，不参加排名"
    elif rates[by].value is None:
        why = "没有申报产生数，无法计算归集率" if by == "collection_rate" else "没有可计算的信息"
    called_out = is_called_out(assessment, total)
    return Standing(account, total, rates, None, why, called_out)


def _placed(one: Standing, rank: int | None) -> Standing:
    return Standing(one.account, one.total, one.rates, rank, "", one.called_out)


def _value(one: Standing, by: RateCode) -> Decimal:
    return one.rates[by].value or Decimal(0)


def is_called_out(assessment: Assessment, total: Line) -> bool:
    """Whether 迟报 is above the share at which an agency is called out by name."""
    limit = assessment.late_share_called_out
    return limit is not None and total.accepted > 0 and total.late > limit * total.accepted


def figure_of(code: FigureCode, accounts: Sequence[Account], assessment: Assessment) -> Figure:
    """A figure over accounts of one month: the rates, or the share of zero reports among types in
    which nothing was decided (the rest says nothing at all)."""
    found = [lines_of(account, account.types) for account in accounts]
    # An account nobody counted yet adds nothing, and does not make the others uncounted.
    computed_at = min((one.computed_at for one in accounts if one.computed_at), default="")
    if code == "zero_report_share":
        quiet = [line for lines in found for line in lines if not line.known]
        zero = sum(line.is_zero_report for line in quiet)
        return Figure(code, zero, len(quiet), computed_at)
    numerator = denominator = 0
    for lines in found:
        # Summed per agency: one that declared nothing must not hide what the others collected.
        rate = rates_of(assessment, lines)[_as_rate(code)]
        numerator += rate.numerator
        denominator += rate.denominator
    return Figure(code, numerator, denominator, computed_at)


def _as_rate(code: FigureCode) -> RateCode:
    if code == "on_time_rate" or code == "compliance_rate" or code == "collection_rate":
        return code
    raise LookupError(f"{code} does not come from accounts")
