"""What a table of text is, whatever file it came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Form = Literal["csv", "xlsx"]

MAX_WORKBOOK_BYTES = 52_428_800
"""An .xlsx file larger than this is refused: 50 MiB."""
MAX_ROW_CHARACTERS = 262_144
"""A row longer than this is refused: an unclosed quote must not swallow the file."""
MAX_CELL_CHARACTERS = 32_767
"""What a spreadsheet itself can hold in one cell."""
MAX_COLUMNS = 1_000
"""Far more than any record type has; a wider header is refused."""
HEADER_SEARCH_ROWS = 50
"""The header must stand within the first rows of a sheet."""


class SheetRefused(Exception):
    """The file cannot be read as a table: a stable code, what to do in Chinese, and where known
    the row as the clerk sees it (1 is the first)."""

    def __init__(self, code: str, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Every cell is text: numbers in plain decimals without exponent, dates as
    2026-03-01, booleans as 是 or 否. Of a `Table`, cells are as many as its header has."""

    number: int
    """As the clerk sees it: the first row of the sheet is 1, title rows and empty rows count."""
    cells: tuple[str, ...]
    numeric: frozenset[int] = frozenset()
    """Positions stored as numbers: of those only 15 digits are to be trusted, and in a column of
    dates they are serial numbers."""
    formulas: frozenset[int] = frozenset()
    """Positions holding a formula. It is not evaluated, the stored result is not taken: the cell is
    empty."""
    errors: frozenset[int] = frozenset()
    """Positions holding no readable value (#REF!, an impossible date, a number shown as another):
    the cell is empty."""
    fault: tuple[str, str] | None = None
    """(code, Chinese message) if the row as a whole cannot be read."""
    is_hidden: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing stands in it, not even something unreadable."""
        return not (
            self.fault or self.formulas or self.errors or any(cell.strip() for cell in self.cells)
        )


RowSource: TypeAlias = Callable[[], Iterator[Row]]
Recognise: TypeAlias = Callable[[tuple[str, ...]], int]
"""How many of these header names are known."""


def plain(text: str) -> str:
    """Text without any white space: how header names are compared."""
    return "".join(text.split())


@dataclass(slots=True)
class Table:
    """The rows below a recognised header. May be read several times, each from the start."""

    sheet: str
    """Name of the sheet; empty for CSV."""
    header: tuple[str, ...]
    """Column names; empty where a column has none."""
    header_row: int
    """The last row of the header, as the clerk sees it."""
    source: RowSource
    skipped: frozenset[tuple[str, ...]]
    """Title and header rows (without white space): further down they are repetitions."""
    remarks: tuple[str, ...] = ()
    from_1904: bool = False
    """Whether days are counted from 1904: a number no style calls a date, too, is 1462 less than
    elsewhere."""
    repeated: int = 0
    empty: int = 0
    hidden: int = 0
    _width: int = field(init=False)
    _firsts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._width = len(self.header)
        self._firsts = frozenset(key[0] for key in self.skipped)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader did on its own, in Chinese; complete once the rows were read."""
        counted = (
            (self.repeated, "表中重复的标题或表头 {} 行，已跳过"),
            (self.empty, "数据之间的空行 {} 行，已跳过"),
            (self.hidden, "被筛选或隐藏的数据 {} 行，已一并读取"),
        )
        return (*self.remarks, *(text.format(count) for count, text in counted if count))

    def rows(self) -> Iterator[Row]:
        """Rows with data. Raises SheetRefused where the file cannot be read further."""
        self.repeated = self.empty = self.hidden = pending = 0
        for row in self.source():
            if row.number <= self.header_row:
                continue
            if row.is_empty:
                pending += 1
            elif self._is_repeated(row):
                self.repeated += 1
            else:
                self.empty += pending
                self.hidden += row.is_hidden
                pending = 0
                yield self._fitted(row)

    def _is_repeated(self, row: Row) -> bool:
        if row.fault or not row.cells or plain(row.cells[0]) not in self._firsts:
            return False
        return key_of(row.cells) in self.skipped

    def _fitted(self, row: Row) -> Row:
        """The row with as many cells as the header has."""
        cells, width = row.cells, self._width
        if row.fault:
            return Row(row.number, ("",) * width, fault=row.fault)
        filled = {i for i in range(width, len(cells)) if cells[i].strip()}
        filled.update(i for i in row.formulas | row.errors if i >= width)
        if filled:
            surplus = min(filled)
            message = f"第 {surplus + 1} 列有内容而没有列名：表头只有 {width} 列"
            return Row(row.number, ("",) * width, fault=("column_count", message))
        if len(cells) == width:
            return row
        fitted = cells[:width] + ("",) * (width - len(cells))
        return Row(row.number, fitted, row.numeric, row.formulas, row.errors, None, row.is_hidden)


def key_of(cells: tuple[str, ...]) -> tuple[str, ...]:
    """A row without white space and without empty cells at its end: what repetitions share."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return tuple(plain(cell) for cell in cells[:end])


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a table to be filled in, with what the clerk should know about it."""

    name: str
    note: str
    is_required: bool = False
    is_date: bool = False
    choices: tuple[str, ...] = ()
    """Offered as a drop-down."""
