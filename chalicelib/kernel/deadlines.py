"""Legal time limits with their working shown, day by day, so that anyone can count along.

Two ways to the same day: `deadline` explains, `due_on` only answers (bulk intake). The day on which
a limit starts is never counted (Civil Code §201), nor are days on which its clock stands still. A
limit in calendar days or months that ends on a day off ends on the next working day (§203) where
its rule says so.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.workdays import Calendar, add_working_days, next_workday

Unit: TypeAlias = Literal["working_days", "days", "months"]

_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = ("一", "二", "三", "四", "五", "六", "日")
_UNKNOWN: Final = "（该年放假安排尚未公布，按周末推算）"


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as the policy pack states it."""

    amount: int
    unit: Unit
    rule: str
    """What the limit is, in Chinese, as shown to people."""
    basis: str
    """The document and clause it comes from."""
    ends_on_workday: bool = True
    """Whether a limit in days or months that ends on a day off moves to the next working day."""

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a limit cannot be negative")


@dataclass(frozen=True, slots=True)
class Stop:
    """A time in which a clock stood still: the day of the stop still counts, the day on which the
    clock is resumed does not, as the day of an event is never counted. Raises ValueError if it ends
    before it begins."""

    stopped_on: date
    resumed_on: date
    reason: str
    """Why, in Chinese, as shown to people."""

    def __post_init__(self) -> None:
        if self.resumed_on < self.stopped_on:
            raise ValueError("a stop cannot end before it begins")

    def holds(self, day: date) -> bool:
        """Whether the clock stands still on that day."""
        return self.stopped_on < day <= self.resumed_on


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day between start and due day: whether it counts, and why (Chinese)."""

    date: date
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day something is due, by which rule, and every day counted on the way."""

    due_on: date
    started_on: date
    rule: str
    basis: str
    days: tuple[CountedDay, ...]
    provisional: bool

    def as_json(self) -> dict[str, JsonValue]:
        """The object every API answer uses for a deadline."""
        return {
            "due_on": self.due_on.isoformat(),
            "started_on": self.started_on.isoformat(),
            "rule": self.rule,
            "basis": self.basis,
            "days": [
                {"date": day.date.isoformat(), "counted": day.counted, "why": day.why}
                for day in self.days
            ],
            "provisional": self.provisional,
        }


def deadline(
    calendar: Calendar, started_on: date, limit: Limit, stops: Sequence[Stop] = ()
) -> Deadline:
    """The deadline of a limit that starts on `started_on`, with its working; days on which the
    clock stood still are shown and not counted."""
    if stops:
        return _with_stops(calendar, started_on, limit, stops)
    due, provisional = _end(calendar, started_on, limit)
    return Deadline(
        due_on=due,
        started_on=started_on,
        rule=limit.rule,
        basis=limit.basis,
        days=tuple(_days(calendar, started_on, due, limit)),
        provisional=provisional,
    )


def _with_stops(
    calendar: Calendar, started_on: date, limit: Limit, stops: Sequence[Stop]
) -> Deadline:
    """Day by day; a limit in months has as many days as it would have without stops."""
    in_working_days = limit.unit == "working_days"
    needed = limit.amount
    if limit.unit == "months":
        needed = (add_months(started_on, limit.amount) - started_on).days
    days = [CountedDay(started_on, counted=False, why="起算当日，不计入")]
    count, day, decided_by = 0, started_on, [started_on] if not in_working_days else []
    while count < needed:
        day += _DAY
        stop = _stop_on(stops, day)
        counted = stop is None and (not in_working_days or calendar.is_workday(day))
        count += counted
        if stop is not None:
            why = _still(stop)
        else:
            why = _why(calendar, day) if in_working_days else "自然日"
            decided_by = [*decided_by, day] if in_working_days else [day]
        days.append(CountedDay(day, counted, f"{why}，第{count}日" if counted else why))
    if not in_working_days:
        rolled = list(_rolled(calendar, day, stops)) if limit.ends_on_workday else []
        days += rolled
        day = rolled[-1].date if rolled else day
        decided_by = [*decided_by, *(one.date for one in rolled)] if limit.ends_on_workday else []
    provisional = not all(map(calendar.is_known, decided_by))
    return Deadline(day, started_on, limit.rule, limit.basis, tuple(days), provisional)


def _rolled(calendar: Calendar, last: date, stops: Sequence[Stop]) -> Iterator[CountedDay]:
    """The days from an end on a day off to the working day it moves to."""
    day = last
    while not calendar.is_workday(day) or (day != last and _stop_on(stops, day) is not None):
        day += _DAY
        stop = _stop_on(stops, day)
        ends = calendar.is_workday(day) and stop is None
        why = _still(stop) if stop is not None else _roll(calendar, day, day if ends else last)
        yield CountedDay(day, False, why)


def _stop_on(stops: Sequence[Stop], day: date) -> Stop | None:
    return next((stop for stop in stops if stop.holds(day)), None)


def _still(stop: Stop) -> str:
    return f"{stop.reason}，中止计算，不计入"


def due_on(calendar: Calendar, started_on: date, limit: Limit) -> date:
    """Only the day, cached: always equal to `deadline(...).due_on`."""
    return _end(calendar, started_on, limit)[0]


def due_or_provisional(calendar: Calendar, started_on: date, limit: Limit) -> tuple[date, bool]:
    """The day, and whether it is provisional: a year without published holidays was passed."""
    return _end(calendar, started_on, limit)


def is_on_time(calendar: Calendar, started_on: date, limit: Limit, received_at: datetime) -> bool:
    """Whether something received at that instant met the limit (until 24:00 Asia/Shanghai)."""
    return civil_date(received_at) <= due_on(calendar, started_on, limit)


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day (Civil Code §202)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


@lru_cache(maxsize=16_384)
def _end(calendar: Calendar, started_on: date, limit: Limit) -> tuple[date, bool]:
    if limit.unit == "working_days":
        return add_working_days(calendar, started_on, limit.amount)
    if limit.unit == "days":
        last = started_on + timedelta(days=limit.amount)
    else:
        last = add_months(started_on, limit.amount)
    # Only the last day's year matters here: the days before it all count, worked or not.
    return next_workday(calendar, last) if limit.ends_on_workday else (last, False)


def _days(calendar: Calendar, start: date, due: date, limit: Limit) -> Iterator[CountedDay]:
    yield CountedDay(start, counted=False, why="起算当日，不计入")
    count, day = 0, start
    last = _last_calendar_day(start, limit)
    while day < due:
        day += _DAY
        if last is None:
            counted, why = calendar.is_workday(day), _why(calendar, day)
        else:
            counted = day <= last
            why = "自然日" if counted else _roll(calendar, day, due)
        count += counted
        yield CountedDay(day, counted, f"{why}，第{count}日" if counted else why)


def _last_calendar_day(start: date, limit: Limit) -> date | None:
    if limit.unit == "working_days":
        return None
    if limit.unit == "days":
        return start + timedelta(days=limit.amount)
    return add_months(start, limit.amount)


def _roll(calendar: Calendar, day: date, due: date) -> str:
    if day == due:
        return f"期满日为休息日，顺延至本日（{_why(calendar, day)}）"
    return f"{_why(calendar, day)}，继续顺延"


def _why(calendar: Calendar, day: date) -> str:
    weekday = f"星期{_WEEKDAYS[day.weekday()]}"
    doubt = "" if calendar.is_known(day) else _UNKNOWN
    if day in calendar.holidays:
        return f"{weekday}，法定节假日放假，不计入"
    if not calendar.is_workday(day):
        return f"{weekday}，休息日，不计入{doubt}"
    if day in calendar.working_weekends:
        return f"{weekday}，调休上班"
    return f"{weekday}，工作日{doubt}"
