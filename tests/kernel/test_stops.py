"""A clock that stands still: days between stop and resumption are shown and not counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.deadlines import Limit, Stop, Unit, deadline
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.compile import PACKS, build_all

CALENDAR = build_all(PACKS)[0][0].calendar.working_days
DAYS = st.dates(date(2026, 1, 1), date(2027, 6, 30))


def limit(amount: int, unit: Unit = "working_days", workday: bool = True) -> Limit:
    return Limit(amount, unit, "期限", "依据", workday)


def stop(first: str, last: str) -> Stop:
    return Stop(date.fromisoformat(first), date.fromisoformat(last), "专家鉴定")


@pytest.mark.requirement("R-31")
@pytest.mark.parametrize(
    ("amount", "start", "stopped", "resumed", "due"),
    [
        # Monday 2026-05-11; stopped on Wednesday (two days used), resumed a week later.
        (5, "2026-05-11", "2026-05-13", "2026-05-20", "2026-05-25"),
        # Stopped and resumed on one day: nothing changes.
        (5, "2026-05-11", "2026-05-13", "2026-05-13", "2026-05-18"),
        # National Day 2026-10-01..07; Saturday 10-10 is worked. One day used (09-30), stopped
        # over the holiday until 10-08: 10-09 is the second, Saturday 10-10 the third.
        (3, "2026-09-29", "2026-09-30", "2026-10-08", "2026-10-10"),
        # The same without a stop: 09-30, 10-08, 10-09.
        (3, "2026-09-29", "2026-09-29", "2026-09-29", "2026-10-09"),
        # Spring Festival; Saturday 2026-02-14 is worked: 02-11, then 02-14 (stopped 12 and 13).
        (2, "2026-02-10", "2026-02-11", "2026-02-13", "2026-02-14"),
    ],
)
def test_working_days_around_holidays_by_hand(
    amount: int, start: str, stopped: str, resumed: str, due: str
) -> None:
    found = deadline(CALENDAR, date.fromisoformat(start), limit(amount), [stop(stopped, resumed)])
    assert found.due_on.isoformat() == due
    assert sum(day.counted for day in found.days) == amount
    still = [day for day in found.days if "专家鉴定" in day.why]
    assert len(still) == (date.fromisoformat(resumed) - date.fromisoformat(stopped)).days


@pytest.mark.parametrize(
    ("amount", "unit", "due"),
    [
        (15, "days", "2026-05-25"),  # 2026-05-05 and 20 days (15 and 5 of the stop)
        (2, "months", "2026-07-10"),  # 2026-07-05 and 5 days
        (3, "months", "2026-08-10"),
    ],
)
def test_days_and_months_move_by_the_days_of_the_stop(amount: int, unit: Unit, due: str) -> None:
    found = deadline(
        CALENDAR, date(2026, 5, 5), limit(amount, unit), [stop("2026-05-08", "2026-05-13")]
    )
    assert found.due_on.isoformat() == due


@given(DAYS, st.integers(0, 40), st.sampled_from(["working_days", "days"]), st.booleans())
def test_a_stop_that_is_over_before_the_start_changes_nothing(
    start: date, amount: int, unit: Unit, workday: bool
) -> None:
    earlier = [Stop(start - timedelta(days=9), start, "鉴定")]
    with_stop = deadline(CALENDAR, start, limit(amount, unit, workday), earlier)
    assert with_stop == deadline(CALENDAR, start, limit(amount, unit, workday))


@given(DAYS, st.integers(1, 24), st.booleans())
def test_months_with_a_stop_without_effect_are_the_same(
    start: date, amount: int, workday: bool
) -> None:
    earlier = [Stop(start, start, "鉴定")]
    with_stop = deadline(CALENDAR, start, limit(amount, "months", workday), earlier)
    assert with_stop == deadline(CALENDAR, start, limit(amount, "months", workday))


@given(
    DAYS,
    st.integers(1, 30),
    st.sampled_from(["working_days", "days", "months"]),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=3),
)
def test_a_stop_never_shortens_and_every_day_is_accounted_for(
    start: date, amount: int, unit: Unit, spans: list[tuple[int, int]]
) -> None:
    stops = [
        Stop(start + timedelta(days=first), start + timedelta(days=first + length), "鉴定")
        for first, length in spans
    ]
    found = deadline(CALENDAR, start, limit(amount, unit), stops)
    assert found.due_on >= deadline(CALENDAR, start, limit(amount, unit)).due_on
    assert [day.date for day in found.days] == [
        start + timedelta(days=offset) for offset in range(len(found.days))
    ]
    assert found.days[-1].date == found.due_on
    assert not any(day.counted for day in found.days if any(s.holds(day.date) for s in stops))


def test_a_stop_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        stop("2026-05-13", "2026-05-12")


def test_years_nobody_knows_are_provisional_only_if_they_count() -> None:
    unknown = Calendar()
    assert deadline(unknown, date(2026, 5, 5), limit(3), [stop("2026-05-05", "2026-05-06")])
    shown = deadline(unknown, date(2026, 5, 5), limit(3), [stop("2026-05-05", "2026-05-06")])
    assert shown.provisional and "尚未公布" in shown.days[-1].why
    fixed = limit(3, "days", workday=False)
    plain = deadline(unknown, date(2026, 5, 5), fixed, [stop("2026-05-05", "2026-05-06")])
    assert not plain.provisional
