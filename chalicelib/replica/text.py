"""Searching Chinese: texts and questions in the words of the search index.

SQLite's tokenizer takes a run of Chinese for one word. So texts are given to it as overlapping
pairs of characters, each run closed by its last character alone: 南京市 -> `南京 京市 市`. A
question of two characters or more is then a phrase of pairs, one of a single character the
beginning of a pair. Numbers and Latin words stay whole; names are also there in pinyin from each
of their syllables on, in full and by initials, so that `jiaotong` and `jtj` find 交通局.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_HAN: Final = "〇々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS: Final = re.compile(f"([{_HAN}]+)|([^\\W_{_HAN}]+)")


def normalised(text: str) -> str:
    """The text as it is indexed and looked for: full and half width alike, brackets too."""
    return unicodedata.normalize("NFKC", text)


def index_text(texts: Iterable[str]) -> str:
    """What the index is given for these texts."""
    return " ".join(token for text in texts for token in _tokens(text))


@functools.lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for han, word in _RUNS.findall(normalised(text)):
        if han:
            found += _pairs(han)
            found.append(han[-1])
        else:
            found.append(word.lower())
    return tuple(found)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


@functools.lru_cache(maxsize=20_000)
def pinyin_of(name: str) -> str:
    """The syllables of a name: 南京市 -> `nan jing shi`. Latin words and numbers stay."""
    # A worker that only reads never loads the dictionary.
    from pypinyin import lazy_pinyin

    found: list[str] = []
    for han, word in _RUNS.findall(normalised(name)):
        found += [part for part in lazy_pinyin(han) if part.isascii()] if han else [word.lower()]
    return " ".join(found)


@functools.lru_cache(maxsize=20_000)
def pinyin_tokens(pinyin: str) -> str:
    """What the index is given for the syllables of a name: from each syllable to the end, in full
    and by initials."""
    syllables = pinyin.split()
    initials = "".join(syllable[0] for syllable in syllables)
    full = ["".join(syllables[place:]) for place in range(len(syllables))]
    return " ".join([*full, *(initials[place:] for place in range(len(initials) - 1))])


def match_expression(question: str, column: str = "") -> str:
    """The question as an expression of the index: all its words must be there (in `column`, if
    given). Empty if it has no word."""
    words = normalised(question).split()
    place = f"{column} : " if column else ""
    return " AND ".join(place + phrase for word in words if (phrase := _phrase(word)))


def _phrase(word: str) -> str:
    """One word of a question: its pieces stand one after the other, the last may go on."""
    runs = _RUNS.findall(word)
    tokens: list[str] = []
    goes_on = False
    for place, (han, latin) in enumerate(runs):
        is_last = place == len(runs) - 1
        if latin:
            tokens.append(latin.lower())
            goes_on = is_last
            continue
        tokens += _pairs(han)
        if not is_last:
            tokens.append(han[-1])
        elif len(han) == 1:
            tokens.append(han)
            goes_on = True
    if not tokens:
        return ""
    return f'"{" ".join(tokens)}"' + ("*" if goes_on else "")
