"""Pure: how one value of each kind may be written differently without changing what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

from chalicelib.kernel.codes import CHECK_FAULTS, citizen_code_fault, unified_code_fault
from chalicelib.policy.model import Field, FieldKind

Kind: TypeAlias = FieldKind | Literal["name", "unknown"]


class Remark(NamedTuple):
    """Why a value was left as it is: a stable code and a Chinese sentence."""

    code: str
    message: str


Tidier = Callable[[str, bool], "str | Remark | None"]
"""(value, whether its cell was stored as a number) -> the value as it should be, or why not, or
None where nothing is known."""

_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {
    0x3000: " ", 0xA0: " ", 0xFFE5: "¥", 0x2013: "-", 0x2014: "-", 0x2212: "-",
}  # fmt: skip
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F])
_SPACES = re.compile(r"\s+")
_EPOCH = date(1899, 12, 30)
_SERIALS = range(32_874, 73_051)
"""Excel's numbers of the days 1990-01-01 to 2099-12-31."""
_SERIAL = re.compile(r"(\d{5})(\.\d+)?", re.ASCII)
_DAY = re.compile(
    r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号]?|([-./])(\d{1,2})\4(\d{1,2}))", re.ASCII
)
_TIME = re.compile(r"[ T]*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"\d{1,2}([-./])\d{1,2}\1\d{4}", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{2}(?:([-./])\d{1,2}\1\d{1,2}|年\d{1,2}月\d{1,2}[日号]?)", re.ASCII)
_NO_DAY = re.compile(r"\d{4}(?:[-./]\d{1,2}|年\d{1,2}月)", re.ASCII)
_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{1,2}", re.ASCII)
SHORTENED = re.compile(r"\d(?:\.\d+)?E\+(?:1[1-9]|[2-9]\d)", re.ASCII)
"""What a spreadsheet shows of a number of twelve digits or more."""
_UNITS = {"amount_yuan": ("元",), "amount_wan": ("万元", "万")}
_TRUE = frozenset({"是", "√", "✓", "✔", "y", "yes", "true", "1", "对"})
_FALSE = frozenset({"否", "n", "no", "false", "0"})
_EXACT_DIGITS = 15
_RIGHT_IN_FORM = frozenset({None, "unified_code_sentinel", *CHECK_FAULTS})

MONTH_OR_DAY = Remark(
    "ambiguous_date", "日期把年写在最后，分不清月和日（3/1 可以是 3 月 1 日或 1 月 3 日）"
)
SHORT_YEAR = Remark("ambiguous_date", "日期的年份只有两位，分不清年、月、日，请写四位年份")
NO_DAY = Remark("ambiguous_date", "日期只有年和月，请写明是哪一日")
DIGITS_LOST = Remark("digits_lost", "代码被表格软件改成数字，末几位已丢失")
BAD_GROUPS = Remark("ambiguous_number", "逗号不在千位上，分不清是千位分隔符还是小数点")


def plain_width(text: str) -> str:
    """Text with half-width characters and ordinary spaces, without what cannot be seen."""
    return text.translate(_INVISIBLE).translate(_HALF_WIDTH)


def _bare(text: str) -> str:
    """Nothing but what counts: no spaces, no mark that only tells a spreadsheet “text”."""
    return _SPACES.sub("", plain_width(text)).removeprefix("'")


def _date(value: str, is_number: bool) -> str | Remark | None:
    text = _SPACES.sub(" ", plain_width(value)).strip().removeprefix("'")
    if text == "长期":
        return "2099-12-31"
    found = _SERIAL.fullmatch(text)
    if found:
        whole = not (found[2] or ".0").strip(".0")
        is_day = int(found[1]) in _SERIALS and (whole or is_number)
        return (_EPOCH + timedelta(days=int(found[1]))).isoformat() if is_day else None
    day = text
    timed = _TIME.search(text)
    if timed and timed.end() == len(text):
        day = text[: timed.start()]
    day = day.replace(" ", "")
    matched = _DAY.fullmatch(day)
    if matched:
        year, month, number = matched[1], matched[2] or matched[5], matched[3] or matched[6]
        return _day_text(int(year), int(month), int(number))
    compact = _COMPACT.fullmatch(day)
    if compact:
        return _day_text(*(int(part) for part in compact.groups()))
    return _why_no_date(day)


def _why_no_date(day: str) -> Remark | None:
    if _YEAR_LAST.fullmatch(day):
        return MONTH_OR_DAY
    if _SHORT_YEAR.fullmatch(day):
        return SHORT_YEAR
    return NO_DAY if _NO_DAY.fullmatch(day) else None


def _day_text(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _number(value: str, is_number: bool, *, kind: str) -> str | Remark | None:
    text = _bare(value).removeprefix("¥")
    own = _UNITS.get(kind, ())
    for unit in ("万元", "亿元", "元", "万"):
        if not text.endswith(unit):
            continue
        if unit not in own:
            wanted = own[0] if own else "不带单位的数"
            return Remark("wrong_unit", f"单位不符：这一栏的单位是{wanted}，填的是“{unit}”")
        text = text.removesuffix(unit)
        break
    if "," in text and not _NUMBER.fullmatch(text):
        return BAD_GROUPS
    if not _NUMBER.fullmatch(text):
        return None
    text = text.replace(",", "")
    if is_number and "." in text:
        text = _as_shown(text)
    if kind == "integer" and "." in text and not text.partition(".")[2].strip("0"):
        text = text.partition(".")[0]
    return text


def _as_shown(text: str) -> str:
    """A stored number with the fifteen digits a spreadsheet shows of it."""
    number = Decimal(text)
    digits = _EXACT_DIGITS - 1 - number.adjusted()
    shown = f"{round(number, max(digits, 0)):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _code(
    value: str, is_number: bool, *, fault_of: Callable[[str], str | None]
) -> str | Remark | None:
    text = _bare(value).upper()
    if _SCIENTIFIC.fullmatch(text):
        return DIGITS_LOST
    # The code that stands for none, and a code that may be on the list of exceptions, are right in
    # their own way: the rules say where they may stand.
    return text if fault_of(text) in _RIGHT_IN_FORM else None


def _boolean(value: str, is_number: bool) -> str | Remark | None:
    text = _bare(value).casefold().removesuffix(".0")
    if text in _TRUE:
        return "是"
    return "否" if text in _FALSE else None


def _text(value: str, is_number: bool) -> str | Remark | None:
    return value.translate(_INVISIBLE).strip()


def _name(value: str, is_number: bool) -> str | Remark | None:
    text = value.translate(_INVISIBLE).replace("\r", "").replace("\n", "")
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)
    return " ".join(spaced.split(" ")).strip()


def _url(value: str, is_number: bool) -> str | Remark | None:
    return _bare(value)


def _unknown(value: str, is_number: bool) -> str | Remark | None:
    return None


_TIDIERS: dict[str, Tidier] = {
    "date": _date,
    "amount_yuan": partial(_number, kind="amount_yuan"),
    "amount_wan": partial(_number, kind="amount_wan"),
    "decimal": partial(_number, kind="decimal"),
    "integer": partial(_number, kind="integer"),
    "unified_code": partial(_code, fault_of=unified_code_fault),
    "citizen_code": partial(_code, fault_of=citizen_code_fault),
    "boolean": _boolean,
    "text": _text,
    "name": _name,
    "url": _url,
}


def tidier_of(kind: Kind) -> Tidier:
    """The tidier of a kind of value."""
    return _TIDIERS.get(kind, _unknown)


def choice_tidier(entry: Field) -> Tidier:
    """The tidier of an enum: the one choice whose code, title or alias this is, apart from width,
    spaces and case."""

    def tidy(value: str, is_number: bool) -> str | Remark | None:
        wanted = {_bare(value).casefold(), _bare(value).casefold().removesuffix(".0")}
        found = {
            choice.title
            for choice in entry.values
            for name in (choice.code, choice.title, *choice.aliases)
            if _bare(name).casefold() in wanted
        }
        return found.pop() if len(found) == 1 else None

    return tidy
