"""Tables out of uploaded files, whatever software saved them.

    with open("/tmp/upload", "rb") as file, open_table(file, "xlsx", recognise) as table:
        for row in table.rows():
            ...

Whatever the file holds, reading it takes less than 64 MiB of memory: rows stream by, the strings
of a workbook go to a file in the temporary folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from chalicelib.sheets.model import (
    HEADER_SEARCH_ROWS,
    MAX_COLUMNS,
    Form,
    Recognise,
    Row,
    RowSource,
    SheetRefused,
    Table,
    key_of,
)
from chalicelib.sheets.rules import Heading, find_heading
from chalicelib.sheets.text import DELIMITERS, NAMES, encoding_of, rows_of, stated_delimiter
from chalicelib.sheets.workbook import SheetPart, Workbook, open_workbook
from chalicelib.sheets.writing import template_workbook as template_workbook
from chalicelib.sheets.writing import write_workbook as write_workbook

_MAX_HEADER = 65_536
_DELIMITER_NAMES = {";": "分号", "\t": "制表符"}


@contextmanager
def open_table(file: BinaryIO, form: Form, recognise: Recognise) -> Iterator[Table]:
    """The one table in a file on disk. `recognise` says how many of some header names are known.

    Raises SheetRefused, here or while rows are read. The file stays open and belongs to the caller.
    """
    if form == "csv":
        yield _csv_table(file, recognise)
        return
    workbook = open_workbook(file)
    try:
        yield _workbook_table(workbook, recognise)
    finally:
        workbook.close()


def _csv_table(file: BinaryIO, recognise: Recognise) -> Table:
    file.seek(0)
    if file.read(4) in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        message = "文件内容是 Excel 工作簿而不是 CSV，请按 .xlsx 上传"
        raise SheetRefused("not_csv", message)
    encoding = encoding_of(file)
    stated = stated_delimiter(file, encoding)
    found: list[tuple[Heading, str]] = []
    for delimiter in (stated,) if stated else DELIMITERS:
        heading = _heading(rows_of(file, encoding, delimiter), recognise)
        if heading:
            found.append((heading, delimiter))
    if not found:
        raise _no_header()
    # Of equals the comma: a table of one column has no delimiter at all.
    heading, delimiter = max(found, key=lambda entry: entry[0].known)
    remarks = []
    if encoding not in ("utf-8", "utf-8-sig"):
        remarks.append(f"文件编码为 {NAMES[encoding]}，已按此读取")
    if delimiter != ",":
        remarks.append(f"文件以{_DELIMITER_NAMES[delimiter]}分隔，已按此读取")
    return _table("", heading, lambda: rows_of(file, encoding, delimiter), tuple(remarks))


def _workbook_table(workbook: Workbook, recognise: Recognise) -> Table:
    """The table of the sheet whose header is recognised. A sheet that knows less than half as many
    names as the best (notes, lists of choices) does not compete."""
    found: list[tuple[Heading, SheetPart]] = []
    for sheet in workbook.sheets:
        heading = _heading(workbook.rows_of(sheet), recognise)
        if heading:
            found.append((heading, sheet))
    best = max((heading.known for heading, _ in found), default=0)
    tables = [
        _table(sheet.name, heading, _source(workbook, sheet))
        for heading, sheet in found
        if heading.known * 2 > best
    ]
    if not tables:
        raise _no_header([sheet.name for sheet in workbook.sheets])
    with_data = tables[:1]
    if len(tables) > 1:
        with_data = [table for table in tables if next(table.rows(), None)]
    if len(with_data) > 1:
        names = "、".join(f"“{table.sheet}”" for table in with_data)
        message = f"工作表{names}都有数据，请合并到一张工作表，或分成几个文件上传"
        raise SheetRefused("several_sheets", message)
    table = (with_data or tables)[0]
    table.from_1904 = workbook.from_1904
    if workbook.from_1904:
        table.remarks = (*table.remarks, "工作簿使用 1904 年日期系统，日期已按此换算")
    if len(workbook.sheets) > 1:
        table.remarks = (*table.remarks, f"读取的是工作表“{table.sheet}”")
    return table


def _heading(rows: Iterator[Row], recognise: Recognise) -> Heading | None:
    # Rows too long for a header are passed over: fifty of them would take memory.
    return find_heading(
        [
            row if sum(map(len, row.cells), len(row.cells)) <= _MAX_HEADER else Row(row.number, ())
            for row in islice(rows, HEADER_SEARCH_ROWS)
        ],
        recognise,
    )


def _source(workbook: Workbook, sheet: SheetPart) -> RowSource:
    return lambda: workbook.rows_of(sheet)


def _table(sheet: str, heading: Heading, source: RowSource, remarks: tuple[str, ...] = ()) -> Table:
    if len(heading.names) > MAX_COLUMNS:
        message = f"表头超过 {MAX_COLUMNS} 列，请删除无关的列后上传"
        raise SheetRefused("too_many_columns", message, heading.last_row)
    above = islice(source(), HEADER_SEARCH_ROWS)
    skipped = {key_of(row.cells) for row in above if row.number <= heading.last_row}
    if heading.first_row > 1:
        remarks = (*remarks, f"表头在第 {heading.first_row} 行，以上各行未读取")
    if heading.last_row > heading.first_row:
        remarks = (*remarks, f"表头有两行（第 {heading.first_row}、{heading.last_row} 行），已合并")
    return Table(
        sheet=sheet,
        header=heading.names,
        header_row=heading.last_row,
        source=source,
        skipped=frozenset(skipped - {()}),
        remarks=remarks,
    )


def _no_header(sheets: list[str] | None = None) -> SheetRefused:
    where = f"文件前 {HEADER_SEARCH_ROWS} 行"
    if sheets is not None:
        names = "、".join(f"“{name}”" for name in sheets[:10]) or "（没有可见的工作表）"
        where = f"工作表{names}的前 {HEADER_SEARCH_ROWS} 行"
    message = f"在{where}没有找到表头：应有一行是本类记录的列名，请对照模板检查"
    return SheetRefused("header_not_found", message)
