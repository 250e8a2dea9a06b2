"""Working days of 2026 as announced, and what happens where nothing is announced yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.workdays import Calendar, add_working_days, next_workday


def _span(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def calendar_2026() -> Calendar:
    holidays = (
        _span(date(2026, 1, 1), date(2026, 1, 3))
        | _span(date(2026, 2, 15), date(2026, 2, 23))
        | _span(date(2026, 4, 4), date(2026, 4, 6))
        | _span(date(2026, 5, 1), date(2026, 5, 5))
        | _span(date(2026, 6, 19), date(2026, 6, 21))
        | _span(date(2026, 9, 25), date(2026, 9, 27))
        | _span(date(2026, 10, 1), date(2026, 10, 7))
    )
    worked = {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    }
    return Calendar(frozenset(holidays), frozenset(worked), frozenset({2026}))


CALENDAR = calendar_2026()
days = st.dates(date(2025, 6, 1), date(2027, 12, 31))


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("start", "due"),
    [
        (date(2026, 2, 10), date(2026, 2, 26)),
        (date(2026, 2, 13), date(2026, 3, 2)),
        (date(2026, 4, 30), date(2026, 5, 13)),
        (date(2026, 9, 24), date(2026, 10, 12)),
        (date(2026, 9, 30), date(2026, 10, 15)),
        (date(2026, 11, 20), date(2026, 12, 1)),
    ],
)
def test_seven_working_days_of_double_publicity(start: date, due: date) -> None:
    assert add_working_days(CALENDAR, start, 7) == (due, False)


@pytest.mark.parametrize("day", [date(2026, 2, 14), date(2026, 9, 20), date(2026, 10, 10)])
def test_weekend_days_worked_in_exchange_are_working_days(day: date) -> None:
    assert day.weekday() >= 5
    assert CALENDAR.is_workday(day)


@pytest.mark.requirement("R-20")
def test_a_limit_that_reaches_an_unannounced_year_is_provisional() -> None:
    # Seven weekdays from 28 December: 29, 30, 31, then 1, 4, 5, 6 January of an unknown year.
    assert add_working_days(CALENDAR, date(2026, 12, 28), 7) == (date(2027, 1, 6), True)
    assert add_working_days(CALENDAR, date(2026, 12, 28), 3) == (date(2026, 12, 31), False)


def test_a_day_off_moves_to_the_next_working_day() -> None:
    assert next_workday(CALENDAR, date(2026, 10, 1)) == (date(2026, 10, 8), False)
    assert next_workday(CALENDAR, date(2026, 10, 8)) == (date(2026, 10, 8), False)
    assert next_workday(CALENDAR, date(2027, 1, 2)) == (date(2027, 1, 4), True)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(CALENDAR, date(2026, 1, 1), -1)


@given(days, st.integers(0, 40))
def test_the_answer_is_the_day_on_which_the_count_is_reached(start: date, count: int) -> None:
    due, _ = add_working_days(CALENDAR, start, count)
    passed = _span(start + timedelta(days=1), due) if due > start else set()
    assert sum(CALENDAR.is_workday(day) for day in passed) == count
    assert count == 0 or CALENDAR.is_workday(due)


@given(days, days, st.integers(0, 30))
def test_starting_later_never_ends_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert (
        add_working_days(CALENDAR, first, count)[0] <= add_working_days(CALENDAR, second, count)[0]
    )
