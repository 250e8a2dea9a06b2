"""Hide personal values: in published documents and in error files.

Every mask may be applied to its own output without changing it (idempotent), and falls back to
hiding nearly everything when the value is not shaped as expected: what stands in the wrong column
must not be shown by a mask meant for another kind.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from chalicelib.kernel.codes import citizen_code_fault, unified_code_fault

MaskKind: TypeAlias = Literal["name", "citizen_code", "phone", "text"]

_STAR: Final = "*"
_HIDDEN: Final = _STAR * 4
_KEPT_IN_NAMES: Final = frozenset("·•・. -")

# Two-character surnames in use; a name of three or more characters beginning so keeps both.
_COMPOUND_SURNAMES: Final = frozenset(
    """
    欧阳 上官 司马 司徒 司空 诸葛 东方 皇甫 尉迟 公孙 公冶 令狐 慕容 夏侯 轩辕 端木
    百里 呼延 南宫 长孙 宇文 独孤 拓跋 万俟 闻人 澹台 濮阳 淳于 单于 太叔 申屠 仲孙
    钟离 鲜于 闾丘 亓官 巫马 赫连 第五 南门 东郭 西门 左丘 谷梁 宰父 颛孙 乐正 羊舌
    梁丘 太史 哥舒 完颜 纳兰 叶赫 达奚 褚师 公羊 公良 漆雕 壤驷
    """.split()
)

_CITIZEN_SHAPE: Final = re.compile(r"\d{6}[\dXx*]+\Z", re.ASCII)
_MOBILE_SHAPE: Final = re.compile(r"1\d{2}[\d*]{4}\d{4}\Z", re.ASCII)
_TOKEN: Final = re.compile(r"[0-9A-Za-z]{11,}")
_CODE_INSIDE: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)", re.ASCII)
_MOBILE_INSIDE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)
_ACCOUNT_NAMED: Final = re.compile(
    r"((?:[账帐][号户]|卡号|银行卡)[^0-9A-Za-z]{0,4})(\d(?:[ -]?\d){7,29})", re.ASCII
)
_BANK_CARD: Final = re.compile(r"(?<!\d)62\d{14,17}(?!\d)", re.ASCII)


def mask_name(name: str) -> str:
    """A person's name with only the surname left: 张*, 欧阳**; a single character is hidden."""
    text = name.strip()
    kept = 2 if len(text) > 2 and text[:2] in _COMPOUND_SURNAMES else 1
    if len(text) < 2:
        kept = 0
    return text[:kept] + "".join(c if c in _KEPT_IN_NAMES else _STAR for c in text[kept:])


def mask_citizen_code(code: str) -> str:
    """A citizen code with only its area left, as published lists do: 320102************."""
    text = code.strip()
    if _CITIZEN_SHAPE.match(text) is None:
        return mask_text(text)
    return text[:6] + _STAR * (len(text) - 6)


def mask_phone(number: str) -> str:
    """A mobile number without its middle: 138****5678; any other number hides almost wholly."""
    text = number.strip()
    if _MOBILE_SHAPE.match(text) is None:
        return mask_text(text)
    return text[:3] + _HIDDEN + text[7:]


def mask_text(value: str) -> str:
    """Any other personal value: its first character and four stars, so that length hides too."""
    text = value.strip()
    if not text:
        return ""
    return _HIDDEN if len(text) == 1 or text[0] == _STAR else text[0] + _HIDDEN


def scrub(text: str) -> str:
    """Free text with the citizen codes, mobile numbers and bank accounts inside it masked.

    Only 18 characters that pass the check of GB 11643 count as a citizen code, so that document
    numbers stay readable. A unified code stays, unless it is a valid citizen code as well. A bank
    account is what is called one, or has the form and check digit of a card (ISO/IEC 7812-1).
    """
    named = _ACCOUNT_NAMED.sub(_mask_account, _TOKEN.sub(_scrub_token, text))
    return _BANK_CARD.sub(_mask_card, named)


def mask(kind: MaskKind, value: str) -> str:
    """Apply the mask of that kind."""
    return MASKS[kind](value)


MASKS: Final[Mapping[MaskKind, Callable[[str], str]]] = MappingProxyType(
    {
        "name": mask_name,
        "citizen_code": mask_citizen_code,
        "phone": mask_phone,
        "text": mask_text,
    }
)


def _scrub_token(match: re.Match[str]) -> str:
    token = match.group()
    if unified_code_fault(token) is None and citizen_code_fault(token) is not None:
        return token
    return _MOBILE_INSIDE.sub(_mask_mobile, _CODE_INSIDE.sub(_mask_code, token))


def _mask_code(match: re.Match[str]) -> str:
    code = match.group()
    return code if citizen_code_fault(code.upper()) is not None else mask_citizen_code(code)


def _mask_account(match: re.Match[str]) -> str:
    return match[1] + _HIDDEN + match[2][-4:]


def _mask_card(match: re.Match[str]) -> str:
    card = match.group()
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(card)))
    is_card = sum(number // 10 + number % 10 for number in doubled) % 10 == 0
    return _HIDDEN + card[-4:] if is_card else card


def _mask_mobile(match: re.Match[str]) -> str:
    return mask_phone(match.group())
