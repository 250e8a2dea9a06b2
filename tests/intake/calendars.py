"""A made-up arrangement of the holidays of 2027, published while a test runs."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.intake import recounting, service
from chalicelib.policy.model import CalendarYear, Pack, WorkCalendar
from chalicelib.policy.service import pack_for

YEAR_2027 = CalendarYear.model_validate(
    {
        "year": 2027,
        "holidays": {"2027-01-01": "元旦", "2027-01-04": "元旦"},
        "working_weekends": ["2027-01-09"],
        "basis": {"document": "示例安排", "clause": "示例", "verified": False},
    }
)


def with_2027(jurisdiction: str, on: date) -> Pack:
    """The pack of a jurisdiction with the holidays of 2027 in its calendar."""
    pack = pack_for(jurisdiction, on)
    calendar = WorkCalendar(years=(*pack.calendar.years, YEAR_2027))
    return pack.model_copy(update={"calendar": calendar})


def publish_2027(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the packs in force know the holidays of 2027."""
    for module in (recounting, service):
        monkeypatch.setattr(module, "pack_for", with_2027)
