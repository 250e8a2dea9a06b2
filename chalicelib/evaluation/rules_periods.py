"""Which days a period of a scheme covers, what it is called, and when its run is due.

Names: `2025` (year), `2025-H1` (half year), `2025-Q3` (quarter), `2025-07` (month).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from chalicelib.evaluation.model import Period
from chalicelib.kernel.clock import civil_date, day_start
from chalicelib.policy.scheme import PeriodKind, Scheme

_MONTHS: Final[Mapping[PeriodKind, int]] = MappingProxyType(
    {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
)
_NAMES: Final[Mapping[PeriodKind, re.Pattern[str]]] = MappingProxyType(
    {
        "year": re.compile(r"([0-9]{4})"),
        "half_year": re.compile(r"([0-9]{4})-H([12])"),
        "quarter": re.compile(r"([0-9]{4})-Q([1-4])"),
        "month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    }
)
EXAMPLES: Final[Mapping[PeriodKind, str]] = MappingProxyType(
    {"year": "2025", "half_year": "2025-H1", "quarter": "2025-Q3", "month": "2025-07"}
)
"""How a period of each kind is named."""

FORMS: Final[Mapping[PeriodKind, str]] = MappingProxyType(
    {
        "year": "四位数的年份",
        "half_year": "年份和半年",
        "quarter": "年份和季度",
        "month": "年份和月份",
    }
)
"""The same in words."""


def period_of(kind: PeriodKind, name: str) -> Period:
    """The days of the period of that name. Raises ValueError if it names none of that kind."""
    found = _NAMES[kind].fullmatch(name)
    if found is None or found[1] == "0000":
        raise ValueError(f"{name!r} names no {kind}, as {EXAMPLES[kind]} does")
    place = int(found[2]) if kind != "year" else 1
    return _from_month(kind, int(found[1]) * 12 + (place - 1) * _MONTHS[kind])


def name_of(period: Period) -> str:
    """The name of a period: `period_of` the other way round. Raises ValueError if it is none."""
    year, month = period.first.year, period.first.month
    for kind, months in _MONTHS.items():
        if (month - 1) % months == 0 and _from_month(kind, year * 12 + month - 1) == period:
            place = (month - 1) // months + 1
            names = {
                "year": f"{year:04}",
                "half_year": f"{year:04}-H{place}",
                "quarter": f"{year:04}-Q{place}",
                "month": f"{year:04}-{place:02}",
            }
            return names[kind]
    raise ValueError(f"{period.first}..{period.last} is no period")


def previous(kind: PeriodKind, period: Period) -> Period:
    """The period before. Raises ValueError before the year 1."""
    return _from_month(kind, _month(period.first) - _MONTHS[kind])


def due_at(scheme: Scheme, period: Period) -> datetime:
    """The instant at which the run for a period that has ended is due."""
    schedule = scheme.schedule
    month = _month(period.last) + schedule.months_after
    day = _day(month).replace(day=schedule.day)
    return day_start(day) + timedelta(hours=schedule.hour)


def latest_due(scheme: Scheme, now: datetime) -> Period:
    """The latest period whose run is due by `now`: decided by the clock, never by a tick."""
    months = _MONTHS[scheme.period]
    today = _month(civil_date(now))
    period = _from_month(scheme.period, today - today % months)
    while due_at(scheme, period) > now:
        period = previous(scheme.period, period)
    return period


def _from_month(kind: PeriodKind, first: int) -> Period:
    return Period(_day(first), _day(first + _MONTHS[kind]) - timedelta(days=1))


def _month(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _day(month: int) -> date:
    """The first day of that month."""
    return date(month // 12, month % 12 + 1, 1)
