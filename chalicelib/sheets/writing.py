"""Workbooks that leave the platform: every cell is text, so none can start a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from chalicelib.sheets.model import TemplateColumn

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

_LAST_ROW = 1_048_576
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_TEXT, _DATE = "@", "yyyy-mm-dd"
_REQUIRED_FILL, _FILL = "FFF2CC", "E7E6E6"
_CHOICES = "选项"


def write_workbook(
    file: IO[bytes], sheet: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """One sheet with a frozen header, written row by row: memory does not grow with the rows."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    written: Worksheet = book.create_sheet(sheet)
    written.freeze_panes = "A2"
    for position, name in enumerate(header, 1):
        written.column_dimensions[get_column_letter(position)].width = _width(name)
    written.append(list(_cells(written, header, Font(bold=True))))
    for row in rows:
        written.append(list(_cells(written, row)))
    book.save(file)


def _cells(sheet: Worksheet, texts: Sequence[str], font: Font | None = None) -> Iterator[Cell]:
    from openpyxl.cell import WriteOnlyCell

    for text in texts:
        cell = WriteOnlyCell(sheet, writable(text))
        # openpyxl takes text that starts with = for a formula, unless told; the text format keeps
        # a spreadsheet from doing the same when somebody edits the cell.
        cell.data_type = "s"
        cell.number_format = _TEXT
        if font is not None:
            cell.font = font
        yield cell


def writable(text: str) -> str:
    """Text without what XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def template_workbook(
    sheet: str, columns: Sequence[TemplateColumn], notes: Sequence[Sequence[str]]
) -> bytes:
    """An empty table to fill in: its header with a comment per column, drop-downs for choices, and
    a second sheet 填写说明. Columns of codes are text, so that no digit is lost."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    data = book.create_sheet(sheet)
    data.freeze_panes = "A2"
    lists = book.create_sheet(_CHOICES)
    lists.sheet_state = "hidden"
    for position, column in enumerate(columns, 1):
        letter = get_column_letter(position)
        _head(data, letter, column)
        if column.choices:
            _offer(data, lists, letter, column.choices)
    _write_notes(book.create_sheet("填写说明", 1), notes)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _head(data: Worksheet, letter: str, column: TemplateColumn) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = data[f"{letter}1"]
    cell.value = column.name
    cell.data_type = "s"
    cell.font = Font(bold=column.is_required)
    cell.fill = PatternFill("solid", _REQUIRED_FILL if column.is_required else _FILL)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    comment = Comment(column.note, "govcredit")
    comment.width, comment.height = 320, 30 + 20 * (column.note.count("\n") + 2)
    cell.comment = comment
    data.column_dimensions[letter].width = _width(column.name)
    data.column_dimensions[letter].number_format = _DATE if column.is_date else _TEXT


def _offer(data: Worksheet, lists: Worksheet, letter: str, choices: Sequence[str]) -> None:
    """A drop-down. The choices stand on a hidden sheet: written into the rule itself they may not
    exceed 255 characters."""
    from openpyxl.worksheet.datavalidation import DataValidation

    for row, choice in enumerate(choices, 1):
        lists[f"{letter}{row}"] = choice
        lists[f"{letter}{row}"].data_type = "s"
    rule = DataValidation(
        type="list",
        formula1=f"'{_CHOICES}'!${letter}$1:${letter}${len(choices)}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="请从列表中选择",
        error="只能填写下拉列表中的内容",
    )
    data.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{_LAST_ROW}")


def _write_notes(notes_sheet: Worksheet, notes: Sequence[Sequence[str]]) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    for row, texts in enumerate(notes, 1):
        for position, text in enumerate(texts, 1):
            cell = notes_sheet.cell(row, position, writable(text))
            cell.data_type = "s"
            cell.number_format = _TEXT
            cell.alignment = Alignment(wrap_text=len(texts) > 1, vertical="top")
    for position, width in enumerate((26, 14, 30, 40, 34, 26), 1):
        notes_sheet.column_dimensions[get_column_letter(position)].width = width


def _width(name: str) -> float:
    """Wide enough for the name, a Chinese character counting two."""
    return min(max(12, 2 + sum(2 if ord(one) > 0x2E80 else 1 for one in name)), 40)
