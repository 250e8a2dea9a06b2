"""The working calendar of a pack: days off, and weekend days worked instead, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import Field as Constrained

from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.base import Frozen, LegalBasis


class CalendarYear(Frozen):
    """One year of 国务院办公厅's notice: days off, and weekend days worked instead."""

    year: Annotated[int, Constrained(ge=1950, le=2200)]
    holidays: Mapping[date, str]
    working_weekends: tuple[date, ...]
    basis: LegalBasis


class WorkCalendar(Frozen):
    """Working days as data. A year without an entry counts weekends only and is provisional."""

    years: tuple[CalendarYear, ...] = ()

    @cached_property
    def working_days(self) -> Calendar:
        """The calendar the kernel counts with."""
        return Calendar(
            holidays=frozenset(day for year in self.years for day in year.holidays),
            working_weekends=frozenset(day for year in self.years for day in year.working_weekends),
            known_years=frozenset(year.year for year in self.years),
        )
