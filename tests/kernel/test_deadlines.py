"""Deadlines: the working shown adds up to the day stated."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.deadlines import Limit, Unit, add_months, deadline, due_on, is_on_time
from tests.kernel.test_workdays import CALENDAR

SEVEN = Limit(7, "working_days", "自决定之日起7个工作日内报送并公示", "发改办财金〔2018〕424号")
units: st.SearchStrategy[Unit] = st.sampled_from(["working_days", "days", "months"])
limits = st.builds(
    Limit, st.integers(0, 12), units, st.just("时限"), st.just("依据"), st.booleans()
)
days = st.dates(date(2025, 6, 1), date(2027, 12, 31))


@pytest.mark.requirement("R-20")
def test_a_deadline_shows_every_day_and_why() -> None:
    found = deadline(CALENDAR, date(2026, 9, 30), SEVEN).as_json()
    shown = found.pop("days")
    assert found == {
        "due_on": "2026-10-15",
        "started_on": "2026-09-30",
        "rule": "自决定之日起7个工作日内报送并公示",
        "basis": "发改办财金〔2018〕424号",
        "provisional": False,
    }
    assert isinstance(shown, list)
    assert len(shown) == 16
    assert shown[0] == {"date": "2026-09-30", "counted": False, "why": "起算当日，不计入"}
    assert shown[1] == {
        "date": "2026-10-01",
        "counted": False,
        "why": "星期四，法定节假日放假，不计入",
    }
    assert shown[8] == {"date": "2026-10-08", "counted": True, "why": "星期四，工作日，第1日"}
    assert shown[10] == {"date": "2026-10-10", "counted": True, "why": "星期六，调休上班，第3日"}
    assert shown[11] == {"date": "2026-10-11", "counted": False, "why": "星期日，休息日，不计入"}
    assert shown[15] == {"date": "2026-10-15", "counted": True, "why": "星期四，工作日，第7日"}


@pytest.mark.requirement("R-20")
def test_a_provisional_deadline_says_so_on_the_day_it_is() -> None:
    found = deadline(CALENDAR, date(2026, 12, 28), SEVEN)
    assert found.provisional
    assert "尚未公布" in found.days[-1].why
    assert "尚未公布" not in found.days[1].why


def test_a_limit_in_months_that_ends_on_a_day_off_moves_on() -> None:
    limit = Limit(2, "months", "两个月内回复检察建议", "司法解释第二十一条")
    found = deadline(CALENDAR, date(2026, 8, 1), limit)
    assert found.due_on == date(2026, 10, 8)
    assert found.days[-1].why == "期满日为休息日，顺延至本日（星期四，工作日）"
    fixed = Limit(2, "months", "两个月内", "依据", ends_on_workday=False)
    assert deadline(CALENDAR, date(2026, 8, 1), fixed).due_on == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 5), 0, date(2026, 12, 5)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


@pytest.mark.requirement("R-20")
def test_on_time_until_midnight_in_shanghai() -> None:
    started_on = date(2026, 9, 30)
    midnight = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
    assert is_on_time(CALENDAR, started_on, SEVEN, midnight - timedelta(microseconds=1))
    assert not is_on_time(CALENDAR, started_on, SEVEN, midnight)


def test_a_negative_limit_cannot_be_stated() -> None:
    with pytest.raises(ValueError, match="negative"):
        Limit(-1, "days", "", "")


@given(days, limits)
def test_the_days_shown_prove_the_day_stated(start: date, limit: Limit) -> None:
    found = deadline(CALENDAR, start, limit)
    assert due_on(CALENDAR, start, limit) == found.due_on
    assert [day.date for day in found.days] == [
        start + timedelta(days=n) for n in range((found.due_on - start).days + 1)
    ]
    counted = [day.date for day in found.days if day.counted]
    if limit.unit == "months":
        assert len(counted) == (add_months(start, limit.amount) - start).days
    else:
        assert len(counted) == limit.amount
    if limit.unit != "working_days" and limit.ends_on_workday:
        assert CALENDAR.is_workday(found.due_on)
