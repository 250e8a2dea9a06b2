"""CSV as agencies send it: its encoding told by strict decoding, its rows one by one."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from chalicelib.sheets.model import MAX_ROW_CHARACTERS, Row, SheetRefused

DELIMITERS = (",", ";", "\t")
_BLOCK = 262_144
_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030（GBK）"}


def encoding_of(file: BinaryIO) -> str:
    """The encoding in which the whole file can be read. A byte order mark decides; without one
    UTF-8 is tried on every byte, then GB18030 (which GBK and GB2312 are part of)."""
    file.seek(0)
    start = file.read(4)
    for mark, name in _MARKED:
        if start.startswith(mark):
            row = _first_undecodable(file, name)
            if row is None:
                return name
            raise _undecodable(row, f"不是合法的 {NAMES[name]} 编码（文件开头标明是这种编码）")
    failures = []
    for name in ("utf-8", "gb18030"):
        row = _first_undecodable(file, name)
        if row is None:
            return name
        failures.append(row)
    # The encoding that went further is the one the file was meant to be in.
    raise _undecodable(max(failures), "既不是 UTF-8 也不是 GB18030（GBK）编码")


def _undecodable(row: int, what: str) -> SheetRefused:
    message = f"第 {row} 行{what}，请在表格软件中另存为“CSV UTF-8”后重新上传"
    return SheetRefused("encoding", message, row)


def _first_undecodable(file: BinaryIO, encoding: str) -> int | None:
    """The row (line feeds counted) at which decoding fails; None if it succeeds to the end."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    row = 1
    while True:
        block = file.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            readable = bytes(error.object[: error.start])
            # UTF-16 counts too: a line feed there has a zero byte beside it.
            return row + readable.count(b"\n")
        if "\0" in text:
            return row + text[: text.index("\0")].count("\n")
        if not block:
            return None
        row += text.count("\n")


class _Lines:
    """Lines of a text, none longer than a row may be; counts what the current row has taken."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.taken = 0
        self.lines = 0
        self.is_cut = False
        """Whether the line handed out last goes on."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARACTERS)
        if not line:
            raise StopIteration
        self.taken += len(line)
        self.lines += 1
        self.is_cut = len(line) >= MAX_ROW_CHARACTERS and line[-1] not in "\r\n"
        if self.taken > MAX_ROW_CHARACTERS or self.is_cut:
            raise _TooLong
        return line

    def skip_rest(self) -> None:
        """Go to the end of a line that was cut."""
        while self.is_cut:
            self.lines -= 1
            with suppress(_TooLong):
                if next(self, None) is None:
                    return

    def begin(self) -> None:
        self.taken = self.lines = 0


class _TooLong(Exception):
    """The row being read is longer than a row may be."""


def rows_of(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[Row]:
    """All rows, empty ones as well. A row that cannot be read carries its fault, and reading goes
    on with the line behind it."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
    try:
        yield from _rows(_Lines(text), delimiter)
    finally:
        # The file belongs to the caller: without this it would be closed with the wrapper. Who
        # stops early may have closed it already.
        with suppress(ValueError):
            text.detach()


def _rows(lines: _Lines, delimiter: str) -> Iterator[Row]:
    number = 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number += 1
        lines.begin()
        try:
            cells = next(reader, None)
        except _TooLong:
            message = f"这一行超过 {MAX_ROW_CHARACTERS} 个字符，可能有引号没有配对"
            yield Row(number, (), fault=("row_too_long", message))
            lines.skip_rest()
            number += lines.lines - 1
            # What was open in the old reader is given up: a new one starts at the next line.
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        except csv.Error:
            yield Row(number, (), fault=("csv_syntax", _unclosed(lines.lines)))
            number += lines.lines - 1
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if cells is None:
            return
        if number == 1 and _is_separator_line(cells):
            number = 0
            continue
        yield Row(number, tuple(cells))


def _unclosed(lines: int) -> str:
    if lines > 1:
        return f"引号没有配对，其后 {lines - 1} 行也因此无法分列"
    return "这一行的引号没有配对，无法分列"


def _is_separator_line(cells: list[str]) -> bool:
    """A first line such as `sep=;`. Spreadsheets do not show it, so it is not counted."""
    if not cells or cells[0][:4].lower() != "sep=":
        return False
    # Read with the delimiter it names, the line falls apart into `sep=` and nothing.
    return cells[1:] == [""] or (len(cells) == 1 and len(cells[0]) == 5)


def stated_delimiter(file: BinaryIO, encoding: str) -> str:
    """The delimiter named in a `sep=` line; empty if there is no such line."""
    file.seek(0)
    start = file.read(64).decode(encoding, "ignore")
    line = start.splitlines()[0] if start else ""
    is_stated = line[:4].lower() == "sep=" and len(line) == 5 and line[4] in DELIMITERS
    return line[4] if is_stated else ""
