"""Pure rules of check files: columns, one row read, one row of the result."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from chalicelib.checks.model import ANSWER_TITLES, REASON_TITLES, Asked, Check, Told
from chalicelib.checks.rules import identification_of, personal_faults
from chalicelib.kernel.errors import Fault
from chalicelib.sheets.model import Row, SheetRefused, plain

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "unified_code": ("统一社会信用代码", "社会信用代码"),
        "citizen_code": ("公民身份号码", "身份证号", "身份证号码"),
        "registration_number": ("工商注册号", "注册号"),
        "name": ("名称", "姓名", "单位名称", "企业名称", "主体名称"),
        "reference": ("编号", "业务编号", "序号"),
    }
)
"""Names a column may go by, beside its own."""
_CODES: Final = ("unified_code", "citizen_code", "registration_number")
_TRUSTED_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number."""
_BY_NAME: Final = MappingProxyType(
    {plain(name): column for column, names in COLUMNS.items() for name in (column, *names)}
)
RESULT_HEADER: Final = (
    "行号", "核查编号", "序号", "编号", "主体代码", "结论", "说明", "措施", "结论有效期至",
    "须反馈",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file: whom it names, or what is wrong with it."""

    row: int
    reference: str
    asked: Asked | None
    fault: str
    """In words that repeat nothing of the row."""


def known_names(names: Sequence[str]) -> int:
    """How many of these are names of columns."""
    return sum(plain(name) in _BY_NAME for name in names)


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Column -> its position. Raises SheetRefused where one stands twice, or no code is there."""
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        column = _BY_NAME.get(plain(name))
        if column in found:
            message = f"表头有两列都是“{COLUMNS[column][0]}”，请只保留一列"
            raise SheetRefused("duplicate_column", message)
        if column:
            found[column] = position
    if not any(column in found for column in _CODES):
        titles = "、".join(f"“{COLUMNS[column][0]}”" for column in _CODES)
        raise SheetRefused("missing_column", f"文件须有{titles}中的一列")
    return found


def row_of(
    columns: Mapping[str, int], row: Row, number: int, today: date, allowed: Container[str]
) -> FileRow:
    """One row; `number` is its place in the check it goes into."""
    values = {column: row.cells[at].strip() for column, at in columns.items()}
    reference = values.get("reference", "")[:100]
    wrong = _unread(columns, row)
    if wrong:
        return FileRow(row.number, "", None, wrong)
    if personal_faults({"": reference}):
        return FileRow(row.number, "", None, "“编号”中不要填写公民身份号码、手机号码或银行账号")
    codes = [values.get(column, "") for column in _CODES]
    named = identification_of(
        (codes[0], codes[1], codes[2]), values.get("name", "")[:200], today, allowed, ""
    )
    if isinstance(named, Fault):
        return FileRow(row.number, reference, None, named.message)
    return FileRow(row.number, reference, Asked(number, named, reference), "")


def _unread(columns: Mapping[str, int], row: Row) -> str:
    if row.fault:
        return row.fault[1]
    for column, at in columns.items():
        if at in row.formulas | row.errors:
            return f"“{COLUMNS[column][0]}”是公式或错误值，请改为值"
        if column in _CODES and at in row.numeric and len(row.cells[at]) > _TRUSTED_DIGITS:
            return f"“{COLUMNS[column][0]}”按数字存储，末几位已失真，请改为文本并重新填写"
    return ""


def result_cells(row: FileRow, check: Check | None, told: Told | None) -> tuple[str, ...]:
    """One row of the result; a person is named by row and reference only."""
    if check is None or told is None:
        fault = row.fault or "这一行没有核查，请重新提交"
        return (str(row.row), "", "", row.reference, "", "错误", fault, "", "", "")
    measures = "；".join(
        f"{one.title}（{one.text}）{f'至{one.until}' if one.until else ''}" for one in told.measures
    )
    return (
        str(row.row),
        check.check_id,
        str(told.number),
        told.reference,
        told.code,
        ANSWER_TITLES[told.answer],
        REASON_TITLES[told.reason],
        measures,
        told.until,
        "是" if told.needs_feedback else "",
    )
