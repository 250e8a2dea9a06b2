"""An account and its late list as files for spreadsheets: no cell is taken for a formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from chalicelib.accounts import reading
from chalicelib.accounts.model import Account, Line
from chalicelib.accounts.rules import RATE_TITLES, lines_of, rates_of, total_of
from chalicelib.accounts.views import late_out
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.sheets.rules import csv_line

Sheet = Literal["account", "late"]

LINK_SECONDS = 300
_IN_MEMORY = 1_048_576
_PAGE = 500
_LINES = ("信息类型", "产生", "入库", "退回", "待报", "多报", "迟报", "已办结", "零报告")
_LATE = ("信息编号", "信息类型", "文书号", "决定日期", "截止日期", "收到日期", "迟报天数")


def export_link(platform: Platform, frame: reading.Frame, account: Account, sheet: Sheet) -> str:
    """Make the file and tell where it can be fetched for five minutes (CSV, UTF-8 with a byte
    order mark so that spreadsheets read it)."""
    rows = _account_rows(frame, account) if sheet == "account" else _late_rows(platform, account)
    key = f"exports/accounts/{account.agency}/{account.month}/{sheet}.csv"
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        file.write(b"\xef\xbb\xbf")
        for row in rows:
            file.write(csv_line(row).encode())
        file.seek(0)
        platform.work.put_file(key, file, content_type="text/csv; charset=utf-8")
    name = f"{sheet}-{account.agency}-{account.month}.csv"
    return platform.work.presign_get(key, name, LINK_SECONDS)


def _account_rows(frame: reading.Frame, account: Account) -> Iterator[Sequence[str]]:
    lines = lines_of(account, account.types)
    yield _LINES
    for line in lines:
        found = frame.pack.types.get(line.type)
        yield _cells(line, found.title if found else line.type)
    yield _cells(total_of(lines), "合计")
    for code, rate in rates_of(frame.assessment, lines).items():
        value = "" if rate.value is None else str(rate.value)
        yield (RATE_TITLES[code], value, str(rate.numerator), str(rate.denominator))


def _cells(line: Line, title: str) -> Sequence[str]:
    numbers: Iterable[int] = (
        line.accepted,
        line.rejected,
        line.pending,
        line.undeclared,
        line.late,
        line.closed,
    )
    produced = "未申报" if line.produced is None else str(line.produced)
    zero = "是" if line.is_zero_report else ""
    return (title, produced, *(str(number) for number in numbers), zero)


def _late_rows(platform: Platform, account: Account) -> Iterator[Sequence[str]]:
    yield _LATE
    start: Item | None = None
    while True:
        records, start = reading.late_records(platform, account, _PAGE, start)
        for record in records:
            shown = late_out(record)
            yield (
                shown.record_id,
                shown.type,
                shown.decision_number or "",
                shown.decided_on,
                shown.due_on,
                shown.received_on,
                str(shown.days_late),
            )
        if start is None:
            return
