"""Import of the register from CSV: each row stands for itself, and the file is safe to send again.

text -> header -> rows -> rules of one row -> rows of the same file and the register
     -> bodies from the top down, then officials; one conditional write per row
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.access.service import allowed_codes, region_covers
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import register
from chalicelib.creditfile.model import ImportOutcome, Subject
from chalicelib.creditfile.register import Known, look_up
from chalicelib.creditfile.registration import Registration, examine_registration
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Invalid, Malformed, Unavailable
from chalicelib.policy.fields import printable
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller

MAX_ROWS: Final = 2_000
_RACES = 5

COLUMN_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("主体类别", "类别"),
    "unified_code": ("统一社会信用代码", "主体统一社会信用代码"),
    "citizen_code": ("公民身份号码", "身份证号", "身份证号码"),
    "name": ("名称", "姓名", "主体名称", "单位名称"),
    "region": ("行政区划", "行政区划代码"),
    "level": ("层级",),
    "superior": ("上级单位", "上级单位统一社会信用代码"),
    "employer": ("所在单位", "所在单位统一社会信用代码", "工作单位"),
    "post": ("职务",),
}
"""Chinese headers a column may go by."""

_BY_TITLE: Final = {
    title: column for column, titles in COLUMN_TITLES.items() for title in (column, *titles)
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that meets the rules of a single registration."""

    number: int
    wanted: Registration

    @property
    def code(self) -> str:
        return self.wanted.unified_code or self.wanted.citizen_code


@dataclass(frozen=True, slots=True)
class _Import:
    """The frame of one import."""

    platform: Platform
    caller: Caller
    pack: Pack
    today: date
    allowed: Container[str]


def import_subjects(platform: Platform, caller: Caller, content: bytes) -> list[ImportOutcome]:
    """Register every row that can be registered; what became of each, in the file's order. Rows
    are numbered as a spreadsheet does: the header is row 1.

    Raises Malformed (not UTF-8, not CSV) and Invalid (columns, number of rows): then nothing was
    done.
    """
    today = civil_date(platform.clock())
    pack = pack_for(caller.jurisdiction, today)
    frame = _Import(platform, caller, pack, today, allowed_codes(platform))
    outcomes: dict[int, ImportOutcome] = {}
    rows = list(_checked(frame, content, outcomes))
    known = look_up(platform, [row.wanted for row in rows])
    rows = list(_standing(frame, rows, known, outcomes))
    waves = _waves(frame, rows, known, outcomes)
    for wave in waves:
        for outcome in _each(platform, wave, lambda row: _write(frame, row, known)):
            outcomes[outcome.row] = outcome
    return [outcomes[number] for number in sorted(outcomes)]


def read_rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """(row number, its values by column, None where its cells do not fit the header); blank rows
    are left out. Raises Malformed, Invalid."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    header: list[str] | None = None
    count = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if header is None:
                header = _header(cells)
            elif any(cell.strip() for cell in cells):
                count += 1
                if count > MAX_ROWS:
                    message = f"一次最多导入 {MAX_ROWS} 行，请分成几个文件"
                    raise Invalid(message, code="too_many_rows")
                fits = len(cells) == len(header)
                yield number, dict(zip(header, cells, strict=True)) if fits else None
    except csv.Error as error:
        message = f"第 {reader.line_num} 行不是有效的 CSV，请检查引号"
        raise Malformed(message, code="not_csv") from error
    if not count:
        raise Invalid("文件中没有数据行", code="no_rows")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "文件须为 UTF-8 编码：在电子表格中另存为“CSV UTF-8”"
        raise Malformed(message, code="not_csv") from error


def _header(cells: Sequence[str]) -> list[str]:
    header: list[str] = []
    faults: list[Fault] = []
    for position, cell in enumerate(cells):
        column = _BY_TITLE.get(cell.strip(), "")
        pointer = f"/header/{position}"
        if not column:
            known = "、".join(f"{name}（{titles[0]}）" for name, titles in COLUMN_TITLES.items())
            message = f"第 {position + 1} 列“{printable(cell)}”不认识，可用的列：{known}"
            faults.append(Fault(pointer, "unknown_column", message))
        elif column in header:
            message = f"第 {position + 1} 列“{printable(cell)}”重复"
            faults.append(Fault(pointer, "duplicate_column", message))
        header.append(column)
    for column in ("kind", "name", "region"):
        if column not in header:
            message = f"缺少必填列 {column}（{COLUMN_TITLES[column][0]}）"
            faults.append(Fault("/header", "missing_column", message))
    if not {"unified_code", "citizen_code"} & set(header):
        message = "缺少主体标识列：统一社会信用代码或公民身份号码"
        faults.append(Fault("/header", "missing_column", message))
    if faults:
        raise Invalid(f"表头有 {len(faults)} 处不符合要求", faults=faults)
    return header


def _checked(frame: _Import, content: bytes, outcomes: dict[int, ImportOutcome]) -> Iterator[_Row]:
    """The rows that are right by themselves, each subject once; the others get their outcome."""
    first: dict[str, int] = {}
    # All rows are read before any is judged: a file that cannot be read changes nothing.
    for number, values in list(read_rows(content)):
        if values is None:
            fault = Fault("/", "wrong_column_count", "单元格的个数与表头不一致")
            outcomes[number] = _rejected(number, (fault,))
            continue
        wanted = examine_registration(frame.pack, values, frame.today, frame.allowed)
        if isinstance(wanted, tuple):
            outcomes[number] = _rejected(number, wanted)
            continue
        row = _Row(number, wanted)
        if not region_covers(frame.caller.region, wanted.region):
            fault = Fault("/region", "outside_region", "只能登记本行政区划及以下的主体")
            outcomes[number] = _rejected(number, (fault,))
        elif first.setdefault(row.code, number) != number:
            field = "unified_code" if wanted.unified_code else "citizen_code"
            message = f"与第 {first[row.code]} 行是同一主体，只处理那一行"
            outcomes[number] = _rejected(number, (Fault(f"/{field}", "duplicate_row", message),))
        else:
            yield row


def _standing(
    frame: _Import, rows: Sequence[_Row], known: Known, outcomes: dict[int, ImportOutcome]
) -> Iterator[_Row]:
    """The rows whose subject is not on another region's register."""
    for row in rows:
        fault = register.standing_fault(frame.caller, known.subject(frame.platform, row.wanted))
        if fault is None:
            yield row
        else:
            outcomes[row.number] = _rejected(row.number, (fault,))


def _waves(
    frame: _Import, rows: Sequence[_Row], known: Known, outcomes: dict[int, ImportOutcome]
) -> list[list[_Row]]:
    """The rows in the order of writing: nobody before the body it refers to. A row that refers
    to what is neither registered nor in the file, or goes in a circle, is rejected."""
    waiting = {row.code: row for row in rows}
    taken: set[str] = set()
    waves: list[list[_Row]] = []
    while waiting:
        lost = [row for row in waiting.values() if _lost(frame, row, known, waiting, taken)]
        for row in lost:
            faults = _lost(frame, row, known, waiting, taken)
            outcomes[row.number] = _rejected(row.number, faults)
        for row in lost:
            del waiting[row.code]
        ready = [
            row
            for row in waiting.values()
            if not any(code in waiting for _, code in row.wanted.references)
        ]
        if not lost and not ready:
            for row in waiting.values():
                outcomes[row.number] = _rejected(row.number, (register.loop_fault(),))
            break
        if lost:
            continue  # who referred to them may be lost too
        taken.update(row.code for row in ready)
        for row in ready:
            del waiting[row.code]
        waves.append(ready)
    return _without_loops(frame, waves, known, outcomes)


def _lost(
    frame: _Import, row: _Row, known: Known, waiting: Mapping[str, _Row], taken: set[str]
) -> list[Fault]:
    """The references of a row to bodies that are neither in the file nor registered."""
    return [
        register.reference_fault(field)
        for field, code in row.wanted.references
        if code not in waiting
        and code not in taken
        and not known.is_registered(frame.platform, code)
    ]


def _without_loops(
    frame: _Import,
    waves: Sequence[Sequence[_Row]],
    known: Known,
    outcomes: dict[int, ImportOutcome],
) -> list[list[_Row]]:
    """Moving a registered body below one that stands below it would make a circle."""
    planned = {row.code: row.wanted.superior for wave in waves for row in wave}
    kept: list[list[_Row]] = []
    for wave in waves:
        right: list[_Row] = []
        for row in wave:
            before = known.subject(frame.platform, row.wanted)
            superior = row.wanted.superior
            moved = before is not None and superior and superior != before.superior
            if moved and register.loops(frame.platform, row.code, superior, planned):
                outcomes[row.number] = _rejected(row.number, (register.loop_fault(),))
            else:
                right.append(row)
        kept.append(right)
    return kept


def _each(
    platform: Platform, rows: Sequence[_Row], deed: Callable[[_Row], ImportOutcome]
) -> list[ImportOutcome]:
    threads = min(platform.settings.write_threads, len(rows))
    if threads <= 1:
        return [deed(row) for row in rows]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(deed, rows))


def _write(frame: _Import, row: _Row, known: Known) -> ImportOutcome:
    platform, caller, wanted = frame.platform, frame.caller, row.wanted
    before = known.subject(platform, wanted)
    for _ in range(_RACES):
        try:
            if before is None:
                created = register.create(platform, caller, wanted)
                return ImportOutcome(row.number, "created", created.subject_id)
            after = register.amended(platform, caller, before, wanted)
            if after == before:
                return ImportOutcome(row.number, "unchanged", before.subject_id)
            register.update(platform, before, after)
            return ImportOutcome(row.number, "updated", before.subject_id)
        except ConditionFailed:
            before = _again(platform, wanted)
            fault = register.standing_fault(caller, before)
            if fault is not None:
                return _rejected(row.number, (fault,))
    raise Unavailable("名册正被其他请求修改，请稍后原样重发：已登记的行不会重复")


def _again(platform: Platform, wanted: Registration) -> Subject | None:
    return look_up(platform, [wanted]).subject(platform, wanted)


def _rejected(number: int, faults: Sequence[Fault]) -> ImportOutcome:
    return ImportOutcome(
        number,
        "rejected",
        faults=tuple((fault.pointer.lstrip("/"), fault.code, fault.message) for fault in faults),
    )
