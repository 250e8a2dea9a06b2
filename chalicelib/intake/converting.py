"""The convert job: a workbook, or a CSV that is not plain UTF-8 under one header, becomes rows of
cells in the work bucket, one JSON array a line:

    [number as the clerk sees it, cells, numeric, formulas, errors, (code, message) of a bad row]

From there on it is cut and worked like any other file. The object holds what the file holds, so it
goes when the file goes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.intake import cutting, jobs, splitting, store
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import Upload
from chalicelib.intake.tidying import kind_of_column
from chalicelib.kernel.errors import Fault
from chalicelib.policy.fields import column_map, known_columns
from chalicelib.policy.model import RecordType
from chalicelib.sheets.model import Form, Row, SheetRefused, Table
from chalicelib.sheets.rules import DAYS_1904
from chalicelib.sheets.service import open_table

_SERIAL_DIGITS = 5
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def convert(platform: Platform, upload: Upload) -> None:
    """Write the rows of a file as cells, plan the work on them and send it; refuse a file that
    holds no table of its type."""
    if upload.state == "converting":
        record_type = jobs.pack_of(upload).types[upload.type]
        try:
            with _fetched(platform, upload) as file:
                faults = _convert(platform, upload, record_type, file)
        except SheetRefused as refused:
            pointer = f"/rows/{refused.row}" if refused.row else ""
            faults = [Fault(pointer, refused.code, refused.message)]
        if faults:
            jobs.refuse(platform, upload, faults)
            return
        upload = store.load_upload(platform, upload.upload_id)
    if upload.is_over:
        # Another worker was faster, to the very end: these rows came after it had tidied up.
        jobs.empty(platform, upload)
    jobs.resend(platform, upload)


@contextmanager
def _fetched(platform: Platform, upload: Upload) -> Iterator[BinaryIO]:
    """The file on disk: a workbook is read from its end."""
    with tempfile.TemporaryFile() as file:
        for block in platform.inbox.stream(upload.object_key, upload.object_version):
            file.write(block)
        file.seek(0)
        yield cast(BinaryIO, file)


def _convert(
    platform: Platform, upload: Upload, record_type: RecordType, file: BinaryIO
) -> list[Fault]:
    form: Form = "xlsx" if upload.format == "xlsx" else "csv"

    def recognise(names: tuple[str, ...]) -> int:
        return known_columns(record_type, names)

    with open_table(file, form, recognise) as table, tempfile.TemporaryFile() as rows:
        columns, faults = _columns(record_type, table)
        if faults:
            return faults
        plan: list[Chunk] = []
        days = [
            at
            for at, column in enumerate(columns)
            if table.from_1904 and kind_of_column(record_type, column) == "date"
        ]
        for chunk in splitting.chunks_of(_written(table, columns, days, rows), "jsonl", 0):
            plan.append(chunk)
        faults = cutting.faults_of_plan(plan)
        if faults:
            return faults
        rows.seek(0)
        key = jobs.rows_key(upload.upload_id)
        platform.work.put_file(key, rows, content_type="application/x-ndjson")
        values: Item = {
            "columns": list(columns),
            "sheet": table.sheet,
            "remarks": list(table.notes),
            "rows_key": key,
        }
        cutting.begin(platform, upload, plan, values)
        return []


def _columns(record_type: RecordType, table: Table) -> tuple[list[str], list[Fault]]:
    """What each column fills. A column without a name fills nothing and must be empty."""
    columns, faults = column_map(record_type, table.header)
    nameless = {f"/header/{at}" for at, name in enumerate(table.header) if not name.strip()}
    return columns, [fault for fault in faults if fault.pointer not in nameless]


def _written(
    table: Table, columns: Sequence[str], days: Sequence[int], file: BinaryIO
) -> Iterator[bytes]:
    """The lines of `table`, each written to `file` as it is handed out. `days`: columns whose
    numbers are days counted from 1904."""
    nameless = [at for at, column in enumerate(columns) if not column]
    for row in table.rows():
        line = _line(_as_of_1900(row, days) if days else row, nameless)
        file.write(line)
        yield line


def _as_of_1900(row: Row, days: Sequence[int]) -> Row:
    """The row with the numbers of days as every other workbook counts them."""
    cells = list(row.cells)
    for at in row.numeric.intersection(days):
        day, point, rest = cells[at].partition(".")
        if day.isdecimal() and len(day) == _SERIAL_DIGITS:
            cells[at] = f"{int(day) + DAYS_1904}{point}{rest}"
    return replace(row, cells=tuple(cells))


def _line(row: Row, nameless: Sequence[int]) -> bytes:
    fault = row.fault
    surplus = next((at for at in nameless if row.cells[at].strip()), None)
    if fault is None and surplus is not None:
        fault = ("column_count", f"第 {surplus + 1} 列有内容而没有列名")
    line: list[object] = [row.number, row.cells]
    if row.numeric or row.formulas or row.errors or fault:
        line += [sorted(row.numeric), sorted(row.formulas), sorted(row.errors), fault]
    return _COMPACT(line).encode() + b"\n"
