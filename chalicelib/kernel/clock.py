"""Time: aware UTC instants inside, civil dates in Asia/Shanghai where the law counts days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

Clock = Callable[[], datetime]

# China has had one zone without daylight saving since 1991: a fixed offset needs no zone database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def civil_date(instant: datetime) -> date:
    """The calendar day in Asia/Shanghai on which `instant` falls."""
    return instant.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """00:00 Asia/Shanghai of `day`, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def day_end(day: date) -> datetime:
    """24:00 Asia/Shanghai of `day` (the first instant that no longer belongs to it), in UTC."""
    return day_start(day + timedelta(days=1))


def instant_text(instant: datetime) -> str:
    """`2026-11-22T03:04:05.678Z`: fixed width, so that text order is time order."""
    moment = instant.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """The inverse of `instant_text`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
