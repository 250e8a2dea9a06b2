"""Cells that leave the platform start no formula; values are text in one form only."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sheets.rules import (
    csv_line,
    is_date_format,
    is_scaled_format,
    number_text,
    safe_cell,
    serial_text,
)

pytestmark = pytest.mark.requirement("R-01")


@given(st.text())
def test_no_cell_starts_a_formula(text: str) -> None:
    assert safe_cell(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2))
def test_a_line_reads_back_as_its_cells(cells: list[str]) -> None:
    line = csv_line(cells)
    assert next(csv.reader([line], strict=True)) == [safe_cell(cell) for cell in cells]


@given(st.decimals(-(10**11), 10**11, places=4))
def test_amounts_survive_the_spreadsheet(amount: Decimal) -> None:
    """Stored as a binary number with 17 digits, as spreadsheets do, and read back."""
    text = number_text(format(float(amount), ".17g"))
    assert text is not None and Decimal(text) == amount
    assert "E" not in text and not text.endswith(".0")


@pytest.mark.parametrize("stored", ["inf", "nan", "", "abc", "1e400", "1,000", "一"])
def test_what_is_no_number_is_none(stored: str) -> None:
    assert number_text(stored) is None


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_days_of_either_calendar(day: date) -> None:
    assert serial_text(str((day - date(1899, 12, 30)).days)) == day.isoformat()
    if day > date(1904, 1, 1):
        since = (day - date(1904, 1, 1)).days
        assert serial_text(str(since), from_1904=True) == day.isoformat()


def test_days_that_never_were() -> None:
    assert serial_text("60") is None
    assert serial_text("-1") is None
    assert serial_text("2958466") is None
    assert serial_text("59") == (date(1900, 3, 1) - timedelta(1)).isoformat()


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy/m/d", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", True),
        ("h:mm:ss", True),
        ("[h]:mm", False),
        ("0.00_ ", False),
        ("[Red]#,##0", False),
        ('0"d"', False),
        ("G/通用格式", False),
        ("0.00E+00", False),
        ("@", False),
    ],
)
def test_formats_of_dates_are_told_from_those_of_numbers(code: str, is_date: bool) -> None:
    assert is_date_format(164, code) is is_date


@pytest.mark.parametrize(
    ("code", "is_scaled"),
    [
        ("#,##0", False),
        ("#,##0.00", False),
        ("_ * #,##0.00_ ;_ * -#,##0.00_ ", False),
        ('0"万元"', False),
        ("0,", True),
        ('#,##0,,"百万"', True),
        ('0!.0,"万"', True),
        ("0\\.0000", True),
        ('0"."0000"万元"', True),
        ("General", False),
    ],
)
def test_formats_that_show_another_number_are_known(code: str, is_scaled: bool) -> None:
    assert is_scaled_format(code) is is_scaled
