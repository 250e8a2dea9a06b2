"""Count working days over a calendar that is data.

The State Council announces the holidays of a year late in the year before. For a year the calendar
does not know, only weekends count as days off and the answer says that it is provisional; it is
computed again when the announcement comes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off by law, weekend days worked in exchange, and the years for which both are known."""

    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()
    known_years: frozenset[int] = frozenset()

    def is_known(self, day: date) -> bool:
        """Whether the arrangement of that day's year has been announced."""
        return day.year in self.known_years

    def is_workday(self, day: date) -> bool:
        """Whether that day is worked; for an unknown year, whether it is Monday to Friday."""
        if day in self.holidays:
            return False
        return day.weekday() < _SATURDAY or day in self.working_weekends


def add_working_days(calendar: Calendar, start: date, count: int) -> tuple[date, bool]:
    """The `count`-th working day after `start` (itself never counted), and whether provisional.

    `count` 0 is `start`. Provisional means that a day of an unknown year was passed. Raises
    ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("a limit cannot be negative")
    return _add(calendar, start, count)


@lru_cache(maxsize=16_384)
def _add(calendar: Calendar, start: date, count: int) -> tuple[date, bool]:
    # Bulk intake asks for the same few hundred decision dates again and again.
    day, left, provisional = start, count, False
    while left:
        day += _DAY
        provisional = provisional or not calendar.is_known(day)
        left -= calendar.is_workday(day)
    return day, provisional


def next_workday(calendar: Calendar, day: date) -> tuple[date, bool]:
    """`day` if it is worked, else the first working day after it, and whether provisional."""
    provisional = not calendar.is_known(day)
    while not calendar.is_workday(day):
        day += _DAY
        provisional = provisional or not calendar.is_known(day)
    return day, provisional
