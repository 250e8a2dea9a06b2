"""Ratings in a file: CSV or JSON Lines, read row by row. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from chalicelib.kernel.errors import Fault, Invalid, Malformed
from chalicelib.third_parties.model import Row
from chalicelib.web.body import strict_json

Format = Literal["csv", "jsonl"]
MOST_ROWS: Final = 5_000
"""Of one file."""
MOST_NOTE: Final = 500
_COLUMNS: Final = ("unified_code", "score", "grade", "note")
_PREFIX: Final = "indicators."
_LONGEST: Final = {"unified_code": 18, "score": 20, "grade": 32, "note": MOST_NOTE}


def rows_in(form: Format, content: str) -> list[Row]:
    """The ratings of a file. Raises Invalid naming the lines that cannot be read: what was signed
    has to be read whole."""
    text = content.removeprefix("\ufeff")
    faults: list[Fault] = []
    found = list(_csv_rows(text, faults) if form == "csv" else _json_rows(text, faults))
    if not found and not faults:
        faults.append(Fault("/content", "no_ratings", "文件里没有评分"))
    if len(found) > MOST_ROWS:
        faults.append(Fault("/content", "too_many_ratings", f"一个文件最多 {MOST_ROWS} 行"))
    for line, row in found:
        faults += _row_shape_faults(line, row)
    if faults:
        raise Invalid(f"文件有 {len(faults)} 处无法读取", faults=faults[:100])
    return [_row(row) for _, row in found]


def _csv_rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        unknown = [
            name for name in header if name not in _COLUMNS and not name.startswith(_PREFIX)
        ]
        if unknown or len(set(header)) != len(header) or not {*header} >= {*_COLUMNS[:2]}:
            message = (
                "首行应为列名：unified_code、score，可有 grade、note、indicators.<指标代码>，不重复"
            )
            faults.append(Fault("/content", "wrong_columns", message))
            return
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                message = f"第 {reader.line_num} 行有 {len(cells)} 列，应为 {len(header)} 列"
                faults.append(Fault("/content", "wrong_columns", message))
                continue
            yield reader.line_num, _from_cells(header, cells)
    except csv.Error:
        message = f"第 {reader.line_num} 行的引号没有配对，无法分列"
        faults.append(Fault("/content", "csv_syntax", message))


def _from_cells(header: list[str], cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {}
    indicators: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=True):
        if name.startswith(_PREFIX):
            if cell:
                indicators[name.removeprefix(_PREFIX)] = cell
        else:
            row[name] = cell
    return {**row, "indicators": indicators}


def _json_rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = strict_json(line)
        except Malformed:
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            faults.append(Fault("/content", "not_json", f"第 {number} 行不是 JSON 对象"))


def _row_shape_faults(line: int, row: Mapping[str, object]) -> Iterator[Fault]:
    unknown = sorted(set(row) - {*_COLUMNS, "indicators"})
    if unknown:
        message = f"第 {line} 行有不认识的成员：{'、'.join(unknown)[:60]}"
        yield Fault("/content", "not_wanted", message)
    for name, longest in _LONGEST.items():
        value = row.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            message = f"第 {line} 行的 {name} 应为文本，最多 {longest} 字"
            yield Fault("/content", "not_text", message)
    indicators = row.get("indicators", {})
    if not isinstance(indicators, dict) or not all(
        isinstance(value, str) and len(value) <= 20 for value in indicators.values()
    ):
        message = f"第 {line} 行的 indicators 应为指标代码到得分（文本）的对象"
        yield Fault("/content", "not_text", message)


def _row(row: Mapping[str, object]) -> Row:
    indicators = row.get("indicators")
    return Row(
        unified_code=str(row.get("unified_code", "")),
        score=str(row.get("score", "")),
        grade=str(row.get("grade", "")),
        indicators={} if not isinstance(indicators, dict) else dict(indicators),
        note=str(row.get("note", "")),
    )
