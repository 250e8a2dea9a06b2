"""The shared strings of a workbook, kept on disk: a sheet of a million different texts would not
fit in memory."""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_right
from collections import OrderedDict
from typing import IO

from chalicelib.sheets.markup import read_through
from chalicelib.sheets.model import MAX_CELL_CHARACTERS, SheetRefused
from chalicelib.sheets.rules import unescaped

_BLOCK_STRINGS = 64
_BLOCK_BYTES = 8_192
_CACHE_CHARACTERS = 1_048_576
"""At up to four bytes each, and about as much again for the objects of short strings."""
_OBJECT_COST = 24
_MOST_HOT = 16_384
_HOT_CHARACTERS = 64


class SharedStrings:
    """Strings by number. They are written in blocks, which are read back and cached whole: a
    spreadsheet numbers its strings in the order of the cells, so neighbours are asked for
    together."""

    def __init__(self) -> None:
        # Open as long as the workbook: closed (and so deleted) by `close`.
        self._file: IO[bytes] = tempfile.TemporaryFile()
        self._firsts = array("Q")
        self._offsets = array("Q", (0,))
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._count = 0
        self._cache: OrderedDict[int, tuple[list[str], int]] = OrderedDict()
        self._cached = 0
        self._hot: dict[int, str] = {}

    def close(self) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        data = text.encode("utf-8")
        self._pending.append(len(data).to_bytes(4, "big") + data)
        self._pending_bytes += len(data)
        self._count += 1
        if len(self._pending) >= _BLOCK_STRINGS or self._pending_bytes >= _BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is pending; to be called after the last string."""
        if self._pending:
            block = b"".join(self._pending)
            self._firsts.append(self._count - len(self._pending))
            self._offsets.append(self._offsets[-1] + len(block))
            self._file.write(block)
            self._pending.clear()
            self._pending_bytes = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:
        """Raises IndexError for a number no string has."""
        known = self._hot.get(index)
        if known is not None:
            return known
        if not 0 <= index < self._count:
            raise IndexError(index)
        number = bisect_right(self._firsts, index) - 1
        held = self._cache.get(number)
        if held is None:
            held = self._load(number)
        else:
            self._cache.move_to_end(number)
        text = held[0][index - self._firsts[number]]
        # What a column repeats (types, agencies) is asked for in every row.
        if len(text) <= _HOT_CHARACTERS:
            if len(self._hot) >= _MOST_HOT:
                self._hot.clear()
            self._hot[index] = text
        return text

    def _load(self, number: int) -> tuple[list[str], int]:
        start = self._offsets[number]
        self._file.seek(start)
        block = self._file.read(self._offsets[number + 1] - start)
        texts, position = [], 0
        while position < len(block):
            end = position + 4 + int.from_bytes(block[position : position + 4], "big")
            texts.append(block[position + 4 : end].decode("utf-8"))
            position = end
        held = (texts, len(block) + _OBJECT_COST * len(texts))
        self._cache[number] = held
        self._cached += held[1]
        while self._cached > _CACHE_CHARACTERS and len(self._cache) > 1:
            _, (_, cost) = self._cache.popitem(last=False)
            self._cached -= cost
        return held


class _StringTable:
    """Handler of the part sharedStrings.xml."""

    def __init__(self, strings: SharedStrings) -> None:
        self._strings = strings
        self._parts: list[str] = []
        self._length = 0
        self._is_text = self._is_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "t":
            # Readings beside Chinese characters (rPh) are not part of the text.
            self._is_text = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self._strings.add(unescaped("".join(self._parts)))

    def text(self, data: str) -> None:
        if self._is_text:
            self._length += len(data)
            if self._length > MAX_CELL_CHARACTERS:
                raise oversized()
            self._parts.append(data)


def oversized(row: int | None = None) -> SheetRefused:
    place = f"第 {row} 行" if row else ""
    message = f"{place}有单元格超过 {MAX_CELL_CHARACTERS} 个字符，请缩短后上传"
    return SheetRefused("cell_too_long", message, row)


def read_strings(part: IO[bytes], strings: SharedStrings) -> None:
    """Fill `strings` from the part sharedStrings.xml."""
    read_through(part, _StringTable(strings))
    strings.flush()
