"""Making the words of a decision anonymous. Pure.

What is written is meant to hold nothing personal; this takes away what slips in: names that are
known, codes, document numbers, days (the year stays), amounts and every other number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

SOMEBODY: Final = "有关当事方"
_LEFT_OUT: Final = "（略）"
_SHORTEST_TAIL: Final = 3
"""A body is also known by the end of its name: 住房局."""

_DOCUMENT: Final = re.compile(r"[^\s，。；：、（）“”《》]{0,12}[〔\[【（]\d{4}[〕\]】）]第?\d+号")
_DAY: Final = re.compile(r"(\d{4})(?:年\d{1,2}月(?:\d{1,2}[日号])?|[-/.]\d{1,2}(?:[-/.]\d{1,2})?)")
_CODE: Final = re.compile(r"[0-9A-Za-z_-]*\d[0-9A-Za-z_.,-]*")
_CHINESE_NUMBER: Final = re.compile(r"[〇零一二三四五六七八九十百千]{4,}")
_YEAR: Final = re.compile(r"(?:19|20)\d\d$")


def anonymous(text: str, names: Iterable[str]) -> str:
    """`text` without the `names`, or what is left of them when the place is taken off, and without
    any number but a year."""
    plain = _plain(text)
    for form in _forms(names):
        plain = plain.replace(form, SOMEBODY)
    plain = _DOCUMENT.sub(_LEFT_OUT, plain.replace("(", "（").replace(")", "）"))
    plain = _DAY.sub(r"\1年", plain)
    plain = _CODE.sub(_number, plain)
    return _CHINESE_NUMBER.sub(_LEFT_OUT, plain).strip()


def _forms(names: Iterable[str]) -> list[str]:
    """Every form of the names to look for, the longest first."""
    found: set[str] = set()
    for name in names:
        plain = _plain(name).strip()
        if plain:
            found |= {plain[at:] for at in range(max(1, len(plain) - _SHORTEST_TAIL + 1))}
    return sorted(found, key=len, reverse=True)


def _plain(text: str) -> str:
    """Letters and digits of full width as plain ones; punctuation stays as it is."""
    return "".join(unicodedata.normalize("NFKC", one) if one.isalnum() else one for one in text)


def _number(match: re.Match[str]) -> str:
    token = match.group()
    return token if _YEAR.fullmatch(token) else _LEFT_OUT
