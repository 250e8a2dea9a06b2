"""Rows of a sheet out of its XML: the innermost loop of reading workbooks."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.sheets.model import MAX_CELL_CHARACTERS, MAX_ROW_CHARACTERS, Row, SheetRefused
from chalicelib.sheets.rules import number_text, percent_text, serial_text, unescaped
from chalicelib.sheets.strings import SharedStrings, oversized

_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
_DIGITS = "0123456789"
_NONE: frozenset[int] = frozenset()


class CellStyles(NamedTuple):
    """Numbers of the cell styles (as cells write them) that show something else than what is
    stored: a day, a percentage, a thousandth."""

    dates: frozenset[str]
    percents: frozenset[str]
    scaled: frozenset[str]


class SheetCells:
    """Handler of a worksheet part; finished rows stand in `ready` until the caller takes them."""

    def __init__(
        self, strings: SharedStrings, styles: CellStyles, *, from_1904: bool
    ) -> None:
        self.ready: list[Row] = []
        self._strings = strings
        self._dates, self._percents, self._scaled = styles
        self._from_1904 = from_1904
        self._columns: dict[str, int] = {}
        self._number = 0
        self._begin_row()
        self._is_value = self._is_phonetic = self._has_formula = False
        self._kind = self._style = ""
        self._column = 0
        self._parts: list[str] = []
        self._length = 0

    def _begin_row(self) -> None:
        self._cells: list[str] = []
        self._numeric: list[int] = []
        self._formulas: list[int] = []
        self._errors: list[int] = []
        self._taken = 0
        self._next_column = 0
        self._is_hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            reference = attributes.get("r")
            column = self._column_of(reference) if reference else self._next_column
            if not self._next_column <= column < _LAST_COLUMN:
                raise SheetRefused("damaged", "工作表的列号错乱，请重新保存后上传", self._number)
            self._column = column
            self._next_column = self._column + 1
            self._has_formula = False
            self._parts, self._length = [], 0
        elif name == "v":
            self._is_value = self._kind != "inlineStr"
        elif name == "t":
            self._is_value = self._kind == "inlineStr" and not self._is_phonetic
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._start_row(attributes)
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._is_value = False
        elif name == "c":
            if self._has_formula:
                self._formulas.append(self._column)
            elif self._parts:
                self._finish_cell("".join(self._parts))
        elif name == "row":
            self._finish_row()
        elif name == "rPh":
            self._is_phonetic = False

    def text(self, data: str) -> None:
        if self._is_value:
            self._length += len(data)
            if self._length > MAX_CELL_CHARACTERS:
                raise oversized(self._number)
            self._parts.append(data)

    def _start_row(self, attributes: dict[str, str]) -> None:
        stated = attributes.get("r", "")
        number = int(stated) if stated.isdecimal() and len(stated) < 8 else self._number + 1
        if not self._number < number <= _LAST_ROW:
            raise SheetRefused(
                "damaged", "工作表的行号错乱，请重新保存后上传", self._number or None
            )
        self._number = number
        self._begin_row()
        self._is_hidden = attributes.get("hidden") in ("1", "true")

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        known = self._columns.get(letters)
        if known is not None:
            return known
        column = 0
        for letter in letters[:4]:
            column = column * 26 + ord(letter) - 64
        if not (letters.isascii() and letters.isupper() and 1 <= column <= _LAST_COLUMN):
            raise SheetRefused("damaged", "工作表的列号错乱，请重新保存后上传", self._number)
        self._columns[letters] = column - 1
        return column - 1

    def _finish_cell(self, stored: str) -> None:
        text = self._read(stored)
        if text is None:
            self._errors.append(self._column)
            return
        self._taken += len(text)
        if self._taken > MAX_ROW_CHARACTERS:
            message = f"第 {self._number} 行超过 {MAX_ROW_CHARACTERS} 个字符，请缩短后上传"
            raise SheetRefused("row_too_long", message, self._number)
        if text:
            cells = self._cells
            gap = self._column - len(cells)
            if gap:
                cells.extend([""] * gap)
            cells.append(text)

    def _read(self, stored: str) -> str | None:
        """The cell as text; None if it holds no readable value."""
        kind = self._kind
        if kind == "s":
            try:
                return self._strings[int(stored)]
            except (ValueError, IndexError):
                return None
        if kind == "n":
            if self._style in self._dates:
                return serial_text(stored, from_1904=self._from_1904)
            if self._style in self._scaled:
                return None
            if self._style in self._percents:
                return percent_text(stored)
            text = number_text(stored)
            if text:
                self._numeric.append(self._column)
            return text
        if kind == "inlineStr" or kind == "str":
            return unescaped(stored)
        if kind == "b":
            return {"1": "是", "0": "否"}.get(stored.strip())
        if kind == "d":
            return stored.strip().replace("T", " ").removesuffix(" 00:00:00")
        return None

    def _finish_row(self) -> None:
        self.ready.append(
            Row(
                self._number,
                tuple(self._cells),
                frozenset(self._numeric) if self._numeric else _NONE,
                frozenset(self._formulas) if self._formulas else _NONE,
                frozenset(self._errors) if self._errors else _NONE,
                None,
                self._is_hidden,
            )
        )
