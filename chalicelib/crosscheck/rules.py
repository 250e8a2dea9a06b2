"""Pure rules of cross-checks: columns of a register, one row read, one row compared."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from chalicelib.creditfile.model import Subject
from chalicelib.crosscheck.model import FINDING_TITLES, Entry, Finding, FindingKind
from chalicelib.kernel.codes import CODE_MESSAGES, citizen_code_fault, unified_code_fault
from chalicelib.kernel.masking import mask_name
from chalicelib.policy.base import OFFICIALS, SUBJECT_KINDS
from chalicelib.sheets.model import Row, SheetRefused, plain

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("姓名",),
        "citizen_code": ("公民身份号码", "身份证号", "身份证号码", "公民身份证号码"),
        "employer": (
            "单位统一社会信用代码",
            "所在单位统一社会信用代码",
            "工作单位统一社会信用代码",
            "统一社会信用代码",
            "单位代码",
            "所在单位",
        ),
        "post": ("职务", "职务名称", "现任职务"),
        "kind": ("人员类别", "类别"),
    }
)
"""Names a column of a register may go by, beside its own."""

REQUIRED: Final = ("name", "citizen_code", "employer")
TRUSTED_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number: a citizen code stored as one is damaged."""

_BY_NAME: Final = MappingProxyType(
    {plain(name): column for column, names in COLUMNS.items() for name in (column, *names)}
)
_KIND_TITLES: Final[Mapping[str, str]] = {str(k): title for k, title in SUBJECT_KINDS.items()}
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {name: code for code in OFFICIALS for name in (code, SUBJECT_KINDS[code])}
)

ACTIONS: Final[Mapping[FindingKind, str]] = MappingProxyType(
    {
        "joiner": "核实后登记，建立信用档案",
        "leaver": "核实是否退休、调离或辞职，按规定处理其信用档案",
        "transfer": "核实后更改信用档案中的所在单位",
        "name_differs": "核对姓名，属更名的更改信用档案，属名册有误的更正名册",
        "kind_differs": "核实人员类别，更改信用档案或更正名册",
        "code_invalid": "在名册中更正公民身份号码后重新核对",
        "employer_invalid": "在名册中更正单位的统一社会信用代码后重新核对",
        "duplicate_row": "在名册中删除重复的行",
        "unreadable": "更正这一行后重新核对",
    }
)


def known_names(names: Sequence[str]) -> int:
    """How many of these are names of columns."""
    return sum(plain(name) in _BY_NAME for name in names)


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Column -> its position; columns of other names are passed over, as a register has many.
    Raises SheetRefused where one is missing or stands twice."""
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        column = _BY_NAME.get(plain(name))
        if column in found:
            message = f"表头有两列都是{_title(column)}，请只保留一列"
            raise SheetRefused("duplicate_column", message)
        if column:
            found[column] = position
    missing = [_title(column) for column in REQUIRED if column not in found]
    if missing:
        raise SheetRefused("missing_column", f"名册缺少必需的列：{'、'.join(missing)}")
    return found


def _title(column: str) -> str:
    return f"“{COLUMNS[column][0]}”"


def entry_of(columns: Mapping[str, int], row: Row, allowed: Container[str] = ()) -> Entry:
    """A row of the register; what is wrong with it is its `fault`. `allowed`: genuine unified codes
    that fail their check."""
    values = {column: row.cells[at].strip() for column, at in columns.items()}
    kind = _KINDS.get(values.get("kind", ""), "")
    return Entry(
        row=row.number,
        name=values["name"],
        citizen_code=values["citizen_code"].upper(),
        employer=values["employer"].upper(),
        post=values.get("post", ""),
        kind=kind,
        fault=_fault(columns, row, values, allowed),
    )


def _fault(
    columns: Mapping[str, int], row: Row, values: Mapping[str, str], allowed: Container[str]
) -> tuple[FindingKind, str] | None:
    if row.fault:
        return "unreadable", row.fault[1]
    broken = [column for column in columns if columns[column] in row.formulas | row.errors]
    if broken:
        return "unreadable", f"{_title(broken[0])}是公式或错误值，请改为值"
    if not values["name"]:
        return "unreadable", "没有填写姓名"
    code = values["citizen_code"].upper()
    if columns["citizen_code"] in row.numeric and len(code) > TRUSTED_DIGITS:
        return "code_invalid", "公民身份号码按数字存储，末几位已失真，请改为文本并重新填写"
    found = citizen_code_fault(code)
    if found:
        return "code_invalid", CODE_MESSAGES[found]
    employer = values["employer"].upper()
    if not citizen_code_fault(employer):
        # One in some hundreds is a sound unified code as well; it is no employer's all the same.
        return "employer_invalid", "单位代码一栏填了公民身份号码"
    found = unified_code_fault(employer, allowed)
    if found:
        return "employer_invalid", CODE_MESSAGES[found]
    if values.get("kind") and values["kind"] not in _KINDS:
        titles = "、".join(SUBJECT_KINDS[code] for code in sorted(OFFICIALS))
        return "unreadable", f"人员类别只能填：{titles}"
    return None


def finding_of(
    entry: Entry, kind: FindingKind, detail: str, known: Subject | None = None
) -> Finding:
    """A finding about a row; of `known` id and employer are told."""
    return Finding(
        kind=kind,
        row=entry.row,
        name=mask_name(entry.name),
        subject_id="" if known is None else known.subject_id,
        # A faulty cell may hold anything, also a citizen code in the wrong column.
        employer="" if entry.fault else entry.employer,
        employer_on_file="" if known is None else known.employer,
        detail=detail,
        action=ACTIONS[kind],
    )


def compare(entry: Entry, known: Subject | None, name_mac: str, *, in_reach: bool) -> list[Finding]:
    """What differs between a row without fault and the credit file under its code. Of a file that
    lies outside the region checked only that is told."""
    if known is None or known.is_erased or not known.registered:
        return [finding_of(entry, "joiner", FINDING_TITLES["joiner"])]
    if not in_reach:
        return [finding_of(entry, "transfer", "信用档案不在所核对的地区，请联系信用办办理转入")]
    found: list[Finding] = []
    if known.name_mac != name_mac:
        found.append(finding_of(entry, "name_differs", "姓名与信用档案中登记的不同", known))
    if known.employer != entry.employer:
        found.append(finding_of(entry, "transfer", "所在单位与信用档案中登记的不同", known))
    if entry.kind and entry.kind != known.kind:
        stated, filed = (_KIND_TITLES.get(one, one) for one in (entry.kind, known.kind))
        detail = f"名册为“{stated}”，信用档案为“{filed}”"
        found.append(finding_of(entry, "kind_differs", detail, known))
    return found


def leaver_of(subject: Subject, name: str) -> Finding:
    """The finding about a person with a credit file who is in no row of the register."""
    return Finding(
        kind="leaver",
        row=0,
        name=mask_name(name),
        subject_id=subject.subject_id,
        employer="",
        employer_on_file=subject.employer,
        detail=FINDING_TITLES["leaver"],
        action=ACTIONS["leaver"],
    )
