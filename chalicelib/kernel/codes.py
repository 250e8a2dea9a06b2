"""Check unified social credit codes (GB 32100-2015) and citizen codes (GB 11643-1999).

The check characters of GB 32100 and GB 11643 are python-stdnum's (`calc_check_digit`). Its
`validate` is not used, because it is wrong for what is really issued:

- `cn.uscc` demands digits in positions 1 to 8 and so refuses genuine codes that begin with A
  (military), N (village and township collectives) and Y (others);
- it ignores the check of GB 11714 inside (positions 9 to 17), which the library does not have;
- `cn.ric` refuses areas its table does not know, while people keep codes of abolished areas;
- both take spaces, dashes and small letters as if they were part of a code.

The library is imported with the first check that needs it (6 ms beside boto3). A unified code costs
12 microseconds, one seen before (an authority repeats in every row) a fraction of one.

A fault is a stable code; `CODE_MESSAGES` holds the sentence shown to people. No message and no
fault repeats the code that was checked: a citizen code must not leak through an error.
"""

import re
from collections.abc import Container, Mapping
from datetime import date
from functools import lru_cache
from operator import mul
from types import MappingProxyType
from typing import Final

SENTINEL: Final = "00000000000000000X"
"""What the double-publicity standard writes for an individual business without a unified code."""

CODE_MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unified_code_length": "统一社会信用代码应为18位",
        "unified_code_alphabet": (
            "统一社会信用代码只能使用数字和大写字母，且不使用字母I、O、S、V、Z"
        ),
        "unified_code_department": "统一社会信用代码第1位（登记管理部门代码）不在标准之内",
        "unified_code_area": "统一社会信用代码第3至8位（行政区划码）应为数字",
        "unified_code_organisation": "统一社会信用代码第9至17位（主体标识码）校验不通过",
        "unified_code_check_digit": "统一社会信用代码第18位校验码不正确",
        "unified_code_sentinel": "17个0加X表示没有统一社会信用代码，此处须填写真实代码",
        "citizen_code_length": "公民身份号码应为18位",
        "citizen_code_format": "公民身份号码前17位应为数字，末位为数字或大写字母X",
        "citizen_code_birth_date": "公民身份号码中的出生日期不是有效日期",
        "citizen_code_check_digit": "公民身份号码末位校验码不正确",
    }
)

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DEPARTMENTS: Final = frozenset("123456789ANY")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS: Final = "0X987654321"  # indexed by the sum modulo 11
_CITIZEN_ENDS: Final = frozenset("0123456789X")
_OLDEST_BIRTH_YEAR: Final = 1850


def _values(alphabet: str) -> bytes:
    """A 256-byte table from ASCII to character values; 255 marks what is not allowed."""
    table = bytearray([255]) * 256
    for value, character in enumerate(alphabet):
        table[ord(character)] = value
    return bytes(table)


# Translating the whole text in one C call finds a foreign character at once.
_UNIFIED_VALUES: Final = _values(_ALPHABET)
_ORGANISATION_VALUES: Final = _values("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


CHECK_FAULTS: Final = frozenset({"unified_code_check_digit", "unified_code_organisation"})
"""What genuine codes can be guilty of: early pilots issued some with a wrong check."""


def unified_code_fault(text: str, allowed: Container[str] = ()) -> str | None:
    """The fault of a unified code, or None (GB 32100 with GB 11714 inside).

    `allowed` holds genuine codes that fail their own check; they come from audited data, never from
    code, and it is only asked about a code that does fail. Nothing else is excused. The sentinel is
    a fault of its own, so that a record type that accepts it can say so.
    """
    fault = _unified_fault(text)
    return None if fault in CHECK_FAULTS and text in allowed else fault


def _unified_fault(text: str) -> str | None:
    if len(text) != 18:
        return "unified_code_length"
    if not text.isascii():
        return "unified_code_alphabet"
    raw = text.encode("ascii")
    values = raw.translate(_UNIFIED_VALUES)
    if 255 in values:
        return "unified_code_alphabet"
    if text == SENTINEL:
        return "unified_code_sentinel"
    if text[0] not in _DEPARTMENTS:
        return "unified_code_department"
    if not text[2:8].isdigit():
        return "unified_code_area"
    if text[17] != _unified_check(text[:17]):
        return "unified_code_check_digit"
    if text[16] != _organisation_check(raw[8:16]):
        return "unified_code_organisation"
    return None


def citizen_code_fault(text: str, today: date | None = None) -> str | None:
    """The fault of a citizen code, or None (GB 11643).

    The area is not checked: areas are renamed and abolished while people keep their codes. With
    `today` a birth date after it is a fault too.
    """
    if len(text) != 18:
        return "citizen_code_length"
    first17 = text[:17]
    if not (text.isascii() and first17.isdigit() and text[17] in _CITIZEN_ENDS):
        return "citizen_code_format"
    born_on = _birth_date(text[6:14])
    if born_on is None or (today is not None and born_on > today):
        return "citizen_code_birth_date"
    if text[17] != _citizen_check(first17):
        return "citizen_code_check_digit"
    return None


def has_citizen_code_form(text: str) -> bool:
    """Whether text is written as a citizen code is, whatever its check digit: seventeen digits with
    a day of birth among them, and an end. What must not be taken for any other kind of code."""
    return citizen_code_fault(text) in (None, "citizen_code_check_digit")


NUMBER_FORM: Final = "工商注册号应为 5 至 32 位数字或大写字母，不含空格和符号"
_NUMBER: Final = re.compile(r"[0-9A-Z]{5,32}", re.ASCII)


def is_registration_number(text: str) -> bool:
    """Whether text can be a registration number (工商注册号). Numbers of thirteen and of fifteen
    digits and local ones with letters are about: no check digit is asked for."""
    return _NUMBER.fullmatch(text) is not None


def organisation_code_from(first8: str) -> str:
    """The nine characters of GB 11714 (positions 9 to 17 of a unified code) from eight."""
    raw = _ascii(first8, 8, "organisation code")
    if 255 in raw.translate(_UNIFIED_VALUES):
        raise ValueError("organisation code: a character outside the alphabet of GB 32100")
    return first8 + _organisation_check(raw)


def unified_code_from(first17: str) -> str:
    """A full unified code from its first 17 characters, for samples and tests.

    Raises ValueError unless the result is a code `unified_code_fault` accepts; positions 9 to 17
    come from `organisation_code_from`.
    """
    values = _ascii(first17, 17, "unified code").translate(_UNIFIED_VALUES)
    if 255 in values:
        raise ValueError("unified code: a character outside the alphabet of GB 32100")
    code = first17 + _unified_check(first17)
    fault = unified_code_fault(code)
    if fault is not None:
        raise ValueError(f"unified code: {fault}")
    return code


def citizen_code_from(first17: str) -> str:
    """A full citizen code from its first 17 digits, for samples and tests.

    Raises ValueError unless the result is a code `citizen_code_fault` accepts.
    """
    if not (len(first17) == 17 and first17.isascii() and first17.isdigit()):
        raise ValueError("citizen code: 17 digits expected")
    code = first17 + _citizen_check(first17)
    fault = citizen_code_fault(code)
    if fault is not None:
        raise ValueError(f"citizen code: {fault}")
    return code


@lru_cache(maxsize=16_384)
def _unified_check(first17: str) -> str:
    # Cached: unified codes are public, and those of authorities come with every row.
    from stdnum.cn import uscc

    return uscc.calc_check_digit(first17)


def _organisation_check(raw8: bytes) -> str:
    values = raw8.translate(_ORGANISATION_VALUES)
    return _ORGANISATION_CHECKS[sum(map(mul, _ORGANISATION_WEIGHTS, values)) % 11]


def _citizen_check(first17: str) -> str:
    from stdnum.cn import ric

    return ric.calc_check_digit(f"{first17}0")  # it drops the last character before it counts


@lru_cache(maxsize=32_768)
def _birth_date(text: str) -> date | None:
    """The date in eight digits; cached because a population has few distinct birthdays."""
    year = int(text[:4])
    if year < _OLDEST_BIRTH_YEAR:
        return None
    try:
        return date(year, int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _ascii(text: str, length: int, what: str) -> bytes:
    if len(text) != length or not text.isascii():
        raise ValueError(f"{what}: {length} ASCII characters expected")
    return text.encode("ascii")
