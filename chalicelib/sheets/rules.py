"""Pure rules of tables: formula-safe text, numbers and dates as text, finding the header."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from chalicelib.sheets.model import Recognise, Row, plain

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_PART = re.compile(r"[ymdhs]", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_FALSE_POINT = re.compile(r'[0#?](?:[!\\]\.|"\.")[0#?]')
DAYS_1904 = 1462
"""By how much the number of a day is less where days are counted from 1904."""
_BUILT_IN_PERCENTS = frozenset((9, 10))
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
"""Built-in formats that show dates or times (ECMA-376 part 1 §18.8.30), those that Chinese Excel
uses for 2026年3月1日 (27 to 36, 50 to 58) included; 46 is an elapsed time."""


def safe_cell(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text


def csv_line(cells: Sequence[str]) -> str:
    """One CSV line, formula-safe, ended as spreadsheets like it."""
    quoted = (
        '"' + safe_cell(cell).replace('"', '""') + '"'
        if any(mark in cell for mark in ',"\r\n')
        else safe_cell(cell)
        for cell in cells
    )
    return ",".join(quoted) + "\r\n"


def number_text(stored: str) -> str | None:
    """A stored number as plain decimal text: whole numbers digit by digit, others with the 15
    significant digits a spreadsheet shows (it stores 0.2 as 0.20000000000000001). None if it is no
    finite number."""
    text = stored.strip()
    if _WHOLE.fullmatch(text):
        return str(int(text))
    try:
        number = float(text)
        plain_text = format(Decimal(format(number, ".15g")), "f")
    except (ValueError, InvalidOperation, OverflowError):
        return None
    if not plain_text.lstrip("-")[:1].isdigit():
        return None
    if "." in plain_text:
        plain_text = plain_text.rstrip("0").rstrip(".")
    return "0" if plain_text == "-0" else plain_text


def is_date_format(number: int, code: str | None = None) -> bool:
    """Whether a number format shows a date or a time of day; elapsed times stay numbers."""
    if code is None:
        return number in _BUILT_IN_DATES
    if _ELAPSED.search(code):
        return False
    return _DATE_PART.search(_LITERAL.sub("", code.split(";")[0])) is not None


def is_percent_format(number: int, code: str | None = None) -> bool:
    """Whether a number format shows a hundred times what is stored."""
    if code is None:
        return number in _BUILT_IN_PERCENTS
    return "%" in _LITERAL.sub("", code.split(";")[0])


def is_scaled_format(code: str | None) -> bool:
    """Whether a number format shows a thousandth of what is stored, or sets a point of its own
    into it, as where 50000 is made to look like 5.0000万: what the clerk sees is not the value."""
    shown = (code or "").split(";")[0]
    plain_code = _LITERAL.sub("", shown)
    return bool(_SCALED.search(plain_code) or _FALSE_POINT.search(shown))


def percent_text(stored: str) -> str | None:
    """A stored number as the percentage a spreadsheet shows: 0.15 as 15%."""
    text = number_text(stored)
    return None if text is None else f"{number_text(str(Decimal(text) * 100))}%"


def serial_text(stored: str, *, from_1904: bool = False) -> str | None:
    """The day a serial number of a spreadsheet stands for, as 2026-03-01; with 08:30:00 behind if
    it is not midnight, and only that for a time without a day. None if there is no such day (the
    calendar of Excel has a 29 February 1900)."""
    try:
        serial = float(stored)
    except ValueError:
        return None
    if not 0 <= serial < 2_958_466:
        return None
    seconds = round(serial * 86_400)
    if seconds < 86_400 and not from_1904:
        return str(timedelta(seconds=seconds)).zfill(8)
    if from_1904:
        start = datetime(1904, 1, 1)  # noqa: DTZ001
    elif seconds < 60 * 86_400:
        start = datetime(1899, 12, 31)  # noqa: DTZ001
    elif seconds < 61 * 86_400:
        return None
    else:
        start = datetime(1899, 12, 30)  # noqa: DTZ001
    try:
        return iso_text(start + timedelta(seconds=seconds))
    except OverflowError:
        return None  # after 9999-12-31, as the calendar of 1904 and a rounded last second can be


def iso_text(moment: datetime) -> str:
    """2026-03-01, or 2026-03-01 08:30:00 if it is not midnight."""
    text = moment.isoformat(sep=" ", timespec="seconds")
    return text.removesuffix(" 00:00:00")


def unescaped(text: str) -> str:
    """Text of a workbook with _x000D_ and the like as the characters they stand for."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        # Half of a surrogate pair alone is no character: it could not be written anywhere.
        text = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the header was found and what it says."""

    names: tuple[str, ...]
    first_row: int
    last_row: int
    known: int


def find_heading(rows: Sequence[Row], recognise: Recognise) -> Heading | None:
    """The row (or two rows: groups above, names below) with most known names; the first of
    equals. None if no name is known anywhere."""
    best: Heading | None = None
    for index, row in enumerate(rows):
        names = _trimmed(row.cells)
        known = recognise(names) if names else 0
        if known and (best is None or known > best.known):
            best = Heading(names, row.number, row.number, known)
        following = rows[index + 1] if index + 1 < len(rows) else None
        if not names or following is None or following.number != row.number + 1:
            continue
        joined = _joined(row.cells, following.cells, lambda name: recognise((name,)) > 0)
        known = recognise(joined)
        # More than the upper row alone, and more than the lower row would have alone.
        if known > max(best.known if best else 0, recognise(_trimmed(following.cells))):
            best = Heading(joined, row.number, following.number, known)
    return best


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    names = [plain(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _joined(
    groups: tuple[str, ...], names: tuple[str, ...], is_known: Callable[[str], bool]
) -> tuple[str, ...]:
    """Names of a header of two rows. A group stands over the columns to its right that have none of
    their own; a column without a lower name has been merged downwards."""
    joined, group = [], ""
    for position in range(max(len(groups), len(names))):
        own = plain(groups[position]) if position < len(groups) else ""
        name = plain(names[position]) if position < len(names) else ""
        group = own or (group if name else "")
        choices = (name, group + name, own)
        fallback = name or own
        joined.append(next((c for c in choices if c and is_known(c)), fallback))
    return _trimmed(tuple(joined))
