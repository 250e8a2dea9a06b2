"""Schedules are written in Shanghai time; the emulator's scheduler knows only UTC."""

from __future__ import annotations

import re

SHANGHAI_AHEAD_HOURS = 8  # no daylight saving since 1991


class CronError(Exception):
    """A cron expression whose hour cannot be shifted by itself."""


def to_utc(expression: str) -> str:
    """The expression for a UTC scheduler. Rates stay; a daily cron's hour moves by eight.

    Raises CronError where a shift would also move the day: such a schedule must be daily.
    """
    match = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if match is None:
        return expression
    minute, hour, day, month, weekday, year = match.groups()
    if hour == "*":
        return expression
    if not hour.isdigit():
        raise CronError(f"only a single hour can be shifted: {expression}")
    shifted = int(hour) - SHANGHAI_AHEAD_HOURS
    if shifted < 0 and not (day in "*?" and weekday in "*?" and month == "*"):
        raise CronError(f"the shift would move the day: {expression}")
    return f"cron({minute} {shifted % 24} {day} {month} {weekday} {year})"
