"""Pure: for each fault of a row, what to write instead. No sentence ever repeats a citizen code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from chalicelib.kernel.codes import (
    CHECK_FAULTS,
    has_citizen_code_form,
    organisation_code_from,
    unified_code_from,
)
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Field, RecordType

_DATE: Final = "写成四位年、两位月、两位日，例如 2026-03-01"
_READ_CODE: Final = "对照营业执照或登记证书逐位核对"
_READ_CITIZEN: Final = "对照身份证件逐位核对，末位若是字母须为大写 X"
_PLAIN: Final[Mapping[str, str]] = {
    "not_a_date": _DATE,
    "ambiguous_date": _DATE,
    "in_future": "核对日期；尚未作出的决定不能报送",
    "before_other": "核对两个日期，看是否填反",
    "not_an_integer": "只填整数，例如 12",
    "number_not_exact": "用文字格式填写数字，以免小数失真",
    "ambiguous_number": "去掉逗号，小数点用“.”",
    "too_many_decimals": "按规定的小数位数填写，不要自行四舍五入，必要时核对单位",
    "out_of_range": "核对数值和单位",
    "not_a_boolean": "填“是”或“否”",
    "not_a_url": "填写完整网址，以 https:// 开头",
    "control_character": "删去看不见的字符：先粘贴到记事本，再复制回来",
    "malformed": "删去换行和看不见的字符，只保留名称本身",
    "not_text": "填写文字",
    "unified_code_department": f"第 1 位应为登记管理部门代码（多为 1、5、9）；{_READ_CODE}",
    "unified_code_area": f"第 3 至 8 位应为 6 位数字的行政区划码；{_READ_CODE}",
    "unified_code_sentinel": "填写真实的统一社会信用代码；没有的，按目录改填其他证照号",
    "citizen_code_format": f"前 17 位只能是数字；{_READ_CITIZEN}",
    "citizen_code_birth_date": f"第 7 至 14 位应为出生年月日；{_READ_CITIZEN}",
    "citizen_code_check_digit": f"末位校验码与前 17 位不符；{_READ_CITIZEN}",
    "one_code": "单位只填统一社会信用代码，个人只填公民身份号码",
    "must_not_be_reported": "删去这一行，不要报送；国家秘密不得写入上传的文件",
    "unknown_field": "删去目录以外的内容，或改到正确的列",
    "name_mismatch": "按登记的全称填写名称，并核对代码是否属于这个主体",
    "subject_not_registered": "请信用办先登记该主体，再报送",
    "wrong_subject_kind": "核对信息类型；这类信息不记录这类主体",
    "unknown_type": "在归集目录（GET /v1/catalog）中查找正确的信息类型代码",
    "not_a_reporter": "由目录规定的单位报送，从文件中删去",
    "conflict": "两处内容不同：核对后保留正确的一条；已在档的用更正，不要重报",
    "duplicate": "不必再报，删去这一行即可",
    "late": "尽快报送；收到后按迟报计入及时率",
    "formula_cell": "复制这一列，用“选择性粘贴—数值”粘贴回来",
    "error_cell": "填写实际内容；没有内容的清空单元格",
    "digits_lost": "先把整列设为文本格式，再重新填写完整的代码",
    "column_count": "核对这一行的列，内容里的逗号要用引号括起来",
    "csv_syntax": "删去多余的引号，或把内容里的引号写成两个",
    "encoding": "另存为“CSV UTF-8”后重新上传",
    "row_too_long": "缩短这一行；常见的原因是引号没有配对",
    "unknown_column": "把列名改为模板中的名称；目录以外的列请删去",
    "duplicate_column": "删去多出的一列，只保留一列",
    "missing_column": "从模板中补上这一列；没有内容的可以留空，必填的要填",
    "header_not_found": "下载模板，把内容粘贴到模板的列名下面",
    "header_unreadable": "删去第一行里多余的引号，或另存为“CSV UTF-8”",
    "several_sheets": "只保留一张有数据的工作表，或分成几个文件上传",
    "no_rows": "在列名下面填写数据后再上传",
    "too_many_rows": "分成几个文件上传",
    "file_too_large": "分成几个文件，或另存为“CSV UTF-8”后上传",
    "too_large": "分成几个文件，或另存为“CSV UTF-8”后上传",
    "not_plain_csv": "另存为“CSV UTF-8”，或分成几个文件上传",
    "not_a_workbook": "用表格软件打开后另存为 .xlsx，或另存为“CSV UTF-8”",
    "old_or_encrypted": "取消密码，另存为 .xlsx 后上传",
    "macros": "另存为不含宏的 .xlsx 后上传",
    "not_csv": "按 .xlsx 上传，或另存为“CSV UTF-8”",
    "damaged": "用表格软件打开，重新另存为 .xlsx 后上传",
    "cell_too_long": "缩短这个单元格的内容",
    "too_many_columns": "删去模板以外的列",
    "file_gone": "查看上传任务的结果；要再次预检，请重新上传",
    "personal_number": "删去公民身份号码和手机号码",
}
_ANY: Final = "按说明改正后再预检一次"
_UNITS = re.compile(r"(.+?)(万元|元|万)\s*$")


def fix_of(record_type: RecordType | None, fault: Fault, value: str) -> str:
    """What to write instead of `value` (as sent), in one Chinese sentence."""
    if fault.code in CHECK_FAULTS and has_citizen_code_form(value.strip().upper()):
        return "像是公民身份号码：自然人的号码填在“主体公民身份号码”一列，单位填统一社会信用代码"
    part, _, name = fault.pointer.lstrip("/").partition("/")
    entry = record_type.field(name) if record_type is not None and part == "fields" else None
    made = _MADE.get(fault.code)
    found = made(entry, value.strip()) if made is not None else ""
    return found or _PLAIN.get(fault.code, _ANY)


def _required(entry: Field | None, value: str) -> str:
    if entry is None:
        return "补填这一项"
    if entry.values:
        return f"补填“{entry.title}”：{_choices(entry)}"
    example = "" if entry.example is None or entry.personal or entry.kind == "date" else (
        f"，例如 {entry.example}"
    )
    return f"补填“{entry.title}”{example}"


def _choice(entry: Field | None, value: str) -> str:
    if entry is None:
        return ""
    names = {
        name: choice.title
        for choice in entry.values
        for name in (choice.code, choice.title, *choice.aliases)
    }
    inside = {title for name, title in names.items() if len(name) > 1 and name in value}
    near = [names[one] for one in get_close_matches(value[:64], names, n=1, cutoff=0.5)]
    best = near[0] if near else next(iter(inside)) if len(inside) == 1 else ""
    return f"是否应为“{best}”？可填：{_choices(entry)}" if best else f"改填：{_choices(entry)}"


def _choices(entry: Field) -> str:
    return "、".join(choice.title for choice in entry.values)


def _length(entry: Field | None, value: str) -> str:
    if entry is None or entry.max_length is None:
        return ""
    return f"现在 {len(value)} 个字，缩短到 {entry.max_length} 个字以内"


def _number(entry: Field | None, value: str) -> str:
    unit = _unit_of(entry)
    return f"只填数字，单位是{unit}，例如 1234.5" if unit else "只填数字，例如 1234.5"


def _unit(entry: Field | None, value: str) -> str:
    unit, found = _unit_of(entry), _UNITS.fullmatch(value)
    if not unit or found is None:
        return ""
    try:
        amount = Decimal(found[1].replace(",", "").replace("，", "").strip(" ￥¥"))
    except ArithmeticError:
        return f"换算成{unit}，只填数字"
    written = 4 if found[2] in ("万元", "万") else 0
    wanted = amount.scaleb(written - (4 if unit == "万元" else 0))
    return f"换算成{unit}，填 {_shortest(wanted)}"


def _shortest(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit_of(entry: Field | None) -> str:
    return {"amount_yuan": "元", "amount_wan": "万元"}.get("" if entry is None else entry.kind, "")


def _code_length(entry: Field | None, value: str) -> str:
    return f"现在 {len(value)} 位，应为 18 位；{_READ_CODE}"


def _citizen_length(entry: Field | None, value: str) -> str:
    return f"现在 {len(value)} 位，应为 18 位；{_READ_CITIZEN}"


def _alphabet(entry: Field | None, value: str) -> str:
    allowed = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    places = [str(at) for at, one in enumerate(value, 1) if one.upper() not in allowed]
    where = "、".join(places[:5])
    return f"第 {where} 位的字符不在标准之内（常把 0 写成 O、1 写成 I、2 写成 Z）；{_READ_CODE}"


def _check_digit(entry: Field | None, value: str) -> str:
    try:
        last = unified_code_from(value[:17].upper())[-1]
    except ValueError:
        return f"第 18 位校验码与前 17 位不符；{_READ_CODE}"
    return f"若前 17 位无误，第 18 位应为 {last}；{_READ_CODE}"


def _organisation(entry: Field | None, value: str) -> str:
    try:
        digit = organisation_code_from(value[8:16].upper())[-1]
    except ValueError:
        return f"第 9 至 17 位校验不通过；{_READ_CODE}"
    return f"若第 9 至 16 位无误，第 17 位应为 {digit}；{_READ_CODE}"


_MADE: Final[Mapping[str, Callable[[Field | None, str], str]]] = {
    "required": _required,
    "not_a_choice": _choice,
    "too_long": _length,
    "not_a_number": _number,
    "wrong_unit": _unit,
    "unified_code_length": _code_length,
    "unified_code_alphabet": _alphabet,
    "unified_code_check_digit": _check_digit,
    "unified_code_organisation": _organisation,
    "citizen_code_length": _citizen_length,
}
