"""One converter per kind of field: from what was sent to what is stored, or a refusal.

Written for the hot path of file intake: a converter is a closure over what the catalog says, does
nothing but its own check, and returns a ready-made refusal for a bad value (an exception kept and
raised again would collect frames, and with them personal values). Messages never repeat the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.kernel.codes import CODE_MESSAGES, citizen_code_fault, unified_code_fault
from chalicelib.policy.field_model import LONG_TERM as LONG_TERM
from chalicelib.policy.model import Field, FieldKind, FieldValue

DEFAULT_DECIMALS = {"amount_yuan": 2, "amount_wan": 6, "decimal": 4}
_DEFAULT_LENGTH = 4000
_EARLIEST = "1900-01-01"
_TOO_LARGE = 10**15
_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,12}))?", re.ASCII)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)
_URL = re.compile(r"https?://[A-Za-z0-9\-._~%\[\]:]+(?:[/?#][!-~]*)?", re.ASCII)
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_TRUE = frozenset({"true", "是", "1"})
_FALSE = frozenset({"false", "否", "0"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value against its field's rule: a stable code and a Chinese sentence."""

    code: str
    message: str


Converter = Callable[[object], "FieldValue | Refusal"]


def converter(field: Field) -> Converter:
    """The converter of a field. It is never called with None, empty or unstripped text."""
    return _MAKERS[field.kind](field)


def wan_to_yuan(amount_wan: str) -> str:
    """万元 as kept (exact decimal text) in yuan, exact."""
    return plain(Decimal(amount_wan).scaleb(4))


def plain(number: Decimal) -> str:
    """Decimal text without exponent and without zeros that carry nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def clean_text(text: str) -> str | None:
    """Text with line ends as \\n, or None if it holds control or invisible format characters."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in text:
        if character in "\n\t" or character.isprintable():
            continue
        # Unassigned and private-use characters stay: rare characters in names are often newer
        # than the interpreter's tables.
        if unicodedata.category(character) in _REFUSED_CATEGORIES:
            return None
    return text


def _text(field: Field) -> Converter:
    limit = field.max_length or _DEFAULT_LENGTH
    kind = Refusal("not_text", f"“{field.title}”应为文字")
    control = Refusal("control_character", f"“{field.title}”含有控制字符或不可见字符")
    length = Refusal("too_long", f"“{field.title}”不能超过 {limit} 个字")

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is not str:
            return kind
        if len(value) > limit:
            return length
        if value.isprintable():
            return value
        cleaned = clean_text(value)
        if cleaned is None:
            return control
        return cleaned

    return convert


def _date(field: Field) -> Converter:
    form = Refusal(
        "not_a_date", f"“{field.title}”应为有效日期，形式为 YYYY-MM-DD 或 YYYY/MM/DD"
    )
    parse = date.fromisoformat

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is not str or len(value) != 10:
            return form
        text = value.replace("/", "-") if value[4] == "/" and value[7] == "/" else value
        if text[4] != "-" or text[7] != "-" or text < _EARLIEST:
            return form
        try:
            parse(text)
        except ValueError:
            return form
        return text

    return convert


def _decimal(field: Field) -> Converter:
    default = DEFAULT_DECIMALS[field.kind]
    decimals = default if field.decimals is None else field.decimals
    unit = {"amount_yuan": "（元）", "amount_wan": "（万元）"}.get(field.kind, "")
    name = f"“{field.title}”{unit}"
    exact = Refusal("number_not_exact", f"{name}请用字符串填写，以免小数失真，例如 \"0.2\"")
    form = Refusal("not_a_number", f"{name}应为数字，不带单位、千位分隔符和多余的零")
    places = Refusal("too_many_decimals", f"{name}最多 {decimals} 位小数")
    low = 0 if field.minimum is None and field.kind != "decimal" else field.minimum
    outside = Refusal("out_of_range", f"{name}{_range(low, field.maximum)}")

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is float:
            return exact
        if type(value) is int:
            value = str(value)
        matched = _NUMBER.fullmatch(value) if type(value) is str else None
        if matched is None:
            return form
        sign, whole, fraction = matched.groups("")
        fraction = fraction.rstrip("0")
        if len(fraction) > decimals:
            return places
        text = f"{whole}.{fraction}" if fraction else whole
        if sign and text != "0":
            text = "-" + text
        if low is not None or field.maximum is not None:
            number = Decimal(text)
            if (low is not None and number < low) or (
                field.maximum is not None and number > field.maximum
            ):
                return outside
        return text

    return convert


def _integer(field: Field) -> Converter:
    form = Refusal("not_an_integer", f"“{field.title}”应为整数")
    outside = Refusal("out_of_range", f"“{field.title}”{_range(field.minimum, field.maximum)}")
    low, high = field.minimum, field.maximum

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is str and _INTEGER.fullmatch(value):
            value = int(value)
        if type(value) is not int or not -_TOO_LARGE < value < _TOO_LARGE:
            return form
        if (low is not None and value < low) or (high is not None and value > high):
            return outside
        return value

    return convert


def _enum(field: Field) -> Converter:
    names: dict[object, str] = {}
    for choice in field.values:
        for name in (choice.code, choice.title, *choice.aliases):
            names[name] = choice.code
    allowed = "、".join(choice.title for choice in field.values)
    refused = Refusal("not_a_choice", f"“{field.title}”只能填：{allowed}")

    def convert(value: object) -> FieldValue | Refusal:
        found = names.get(value) if type(value) is str else None
        if found is None:
            return refused
        return found

    if not field.multiple:
        return convert
    order = {choice.code: position for position, choice in enumerate(field.values)}

    def convert_several(value: object) -> FieldValue | Refusal:
        if type(value) is not str:
            return refused
        if value in names:
            return names[value]
        parts = [part.strip() for part in re.split(r"[,，;；]", value)]
        codes = {names.get(part, "") for part in parts if part}
        if not codes or "" in codes:
            return refused
        return ",".join(sorted(codes, key=order.__getitem__))

    return convert_several


def _checked_code(field: Field, fault_of: Callable[[str], str | None]) -> Converter:
    kind = Refusal("not_text", f"“{field.title}”应为文字")

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is not str:
            return kind
        text = value.upper()
        fault = fault_of(text)
        if fault is not None:
            return Refusal(fault, f"“{field.title}”有误：{CODE_MESSAGES.get(fault, '校验不通过')}")
        return text

    return convert


def _unified_code(field: Field) -> Converter:
    return _checked_code(field, unified_code_fault)


def _citizen_code(field: Field) -> Converter:
    return _checked_code(field, citizen_code_fault)


def _url(field: Field) -> Converter:
    limit = field.max_length or 2000
    form = Refusal("not_a_url", f"“{field.title}”应为以 http:// 或 https:// 开头的网址")
    length = Refusal("too_long", f"“{field.title}”不能超过 {limit} 个字")

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is not str or not _URL.fullmatch(value):
            return form
        if len(value) > limit:
            return length
        return value

    return convert


def _boolean(field: Field) -> Converter:
    form = Refusal("not_a_boolean", f"“{field.title}”只能填：是、否")

    def convert(value: object) -> FieldValue | Refusal:
        if type(value) is bool:
            return value
        text = value.lower() if type(value) is str else ""
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        return form

    return convert


def _range(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"应在 {low} 至 {high} 之间"
    return f"不能小于 {low}" if low is not None else f"不能大于 {high}"


_MAKERS: dict[FieldKind, Callable[[Field], Converter]] = {
    "text": _text,
    "date": _date,
    "amount_yuan": _decimal,
    "amount_wan": _decimal,
    "decimal": _decimal,
    "integer": _integer,
    "enum": _enum,
    "unified_code": _unified_code,
    "citizen_code": _citizen_code,
    "url": _url,
    "boolean": _boolean,
}
