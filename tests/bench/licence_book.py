"""A licence workbook as an agency saves it: a title, the double-publicity columns, days as real
dates, every tenth as text that needs tidying, and one row in a hundred that names no day."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

from chalicelib.policy.fields import column_map
from chalicelib.policy.model import RecordType
from chalicelib.policy.service import pack_for
from tests.bench import licence_file
from tests.intake import town

TODAY = date(2026, 6, 15)
_DAY = 7
_ODD_EVERY = 10


def record_type() -> RecordType:
    """The type of its rows."""
    return pack_for(town.JURISDICTION, TODAY).types[licence_file.TYPE]


def bad_rows(rows: int) -> int:
    """How many rows of `write(rows)` are refused."""
    return licence_file.bad_rows(rows)


def odd_rows(rows: int) -> int:
    """How many rows of `write(rows)` are tidied."""
    return sum(map(_is_odd, range(rows)))


def _is_odd(number: int) -> bool:
    return number % _ODD_EVERY == 5


def write(path: Path, rows: int) -> None:
    """Write a workbook of `rows` licences."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("行政许可")
    sheet.append(["行政许可信息报送表"])
    day = TODAY - timedelta(days=3)
    text = (line.decode("utf-8-sig") for line in licence_file.lines(rows, TODAY))
    for number, cells in enumerate(csv.reader(text), -1):
        line: list[object] = list(cells)
        if number >= 0 and number % licence_file.BAD_EVERY:
            line[_DAY] = f"{day:%Y}年{day.month}月{day.day}日" if _is_odd(number) else day
        if number >= 0:
            line[_DAY + 1] = day
        sheet.append(line)
    book.save(path)


def columns() -> list[str]:
    """What its columns fill."""
    header = next(licence_file.lines(0, TODAY)).decode("utf-8-sig").strip().split(",")
    targets, faults = column_map(record_type(), header)
    assert not faults
    return targets
