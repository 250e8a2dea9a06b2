"""Pure cutting of uploaded files: lines into rows, rows into chunks, rows into submitted records.

The splitter (over the whole stream) and the workers (over one chunk) find rows by the same code,
so both count the same. Row numbers are those a clerk sees in a spreadsheet: the header is row 1.
"""

from __future__ import annotations

import csv
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault

Format = Literal["csv", "jsonl"]

MAX_ROW_BYTES = 262_144
"""A row longer than this is cut off and refused: an unclosed quote must not swallow the file."""
MIN_CHUNK_BYTES = 262_144
MAX_CHUNK_ROWS = 5_000
MAX_ROWS = 5_000_000
"""With MOST_CHUNKS this bounds the chunks of a file to about two thousand."""
MOST_CHUNKS = 1_000

_BOM = b"\xef\xbb\xbf"
_QUOTE, _COMMA = ord('"'), ord(",")
_CELL = rb'(?:"(?:[^"]++|"")*+"|[^",\r\n][^,\r\n]*+|)'
_WHOLE_ROW = re.compile(_CELL + rb"(?:," + _CELL + rb")*+\r?\n?")
"""A row whose quotes all close within its line: told without looking at every byte in Python."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The bytes [offset, offset + length) of a file hold whole rows from `first_row` on."""

    number: int
    offset: int
    length: int
    first_row: int
    rows: int


def chunk_bytes(size: int) -> int:
    """How many bytes a chunk of a file of `size` bytes should hold at least."""
    return max(MIN_CHUNK_BYTES, -(-size // MOST_CHUNKS))


def lines_of(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their line feed, from blocks that end anywhere. A line without end is handed out
    in pieces of MAX_ROW_BYTES, so that memory stays bounded."""
    rest = b""
    for block in blocks:
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
        while len(rest) > MAX_ROW_BYTES:
            yield rest[:MAX_ROW_BYTES]
            rest = rest[MAX_ROW_BYTES:]
    if rest:
        yield rest


def rows_of(lines: Iterable[bytes], form: Format) -> Iterator[bytes]:
    """Rows: in CSV a quoted field may hold line feeds, in JSON Lines a row is a line."""
    if form == "jsonl":
        yield from lines
        return
    held: list[bytes] = []
    size, is_open = 0, False
    for line in lines:
        if is_open or _QUOTE in line:
            is_open = _ends_inside_quotes(line, is_open)
        if not held and not is_open:
            yield line
            continue
        held.append(line)
        size += len(line)
        if not is_open or size > MAX_ROW_BYTES:
            yield b"".join(held)
            held, size, is_open = [], 0, False
    if held:
        yield b"".join(held)


def _ends_inside_quotes(line: bytes, is_open: bool) -> bool:
    """Whether a quoted field is still open at the end of `line` (RFC 4180: a quote opens a field
    only at its start, and a doubled quote inside stands for itself)."""
    if not is_open and _WHOLE_ROW.fullmatch(line):
        return False
    at_start = not is_open
    position, end = 0, len(line)
    while position < end:
        byte = line[position]
        if is_open:
            if byte == _QUOTE:
                if position + 1 < end and line[position + 1] == _QUOTE:
                    position += 1
                else:
                    is_open = False
        elif byte == _QUOTE and at_start:
            is_open = True
        at_start = not is_open and byte == _COMMA
        position += 1
    return is_open


def chunks_of(rows: Iterable[bytes], form: Format, size: int) -> Iterator[Chunk]:
    """Cut rows into chunks; a CSV's header (with a byte order mark) is in none of them."""
    target = chunk_bytes(size)
    number, offset, length, count, row = 1, 0, 0, 0, 1
    for position, data in enumerate(rows):
        if position == 0:
            skipped = len(data) if form == "csv" else _bom_length(data)
            offset, row = skipped, 2 if form == "csv" else 1
            if form == "csv":
                continue
            length -= skipped
        length += len(data)
        count += 1
        if length >= target or count >= MAX_CHUNK_ROWS:
            yield Chunk(number, offset, length, row, count)
            number, offset, row = number + 1, offset + length, row + count
            length = count = 0
    if count:
        yield Chunk(number, offset, length, row, count)


def _bom_length(data: bytes) -> int:
    return len(_BOM) if data.startswith(_BOM) else 0


def without_mark(row: bytes) -> bytes:
    """A file's first row without its byte order mark."""
    return row.removeprefix(_BOM)


def header_of(row: bytes) -> list[str]:
    """The column names in a CSV's first row. Raises ValueError if it cannot be read."""
    return _cells(without_mark(row))


def _cells(row: bytes) -> list[str]:
    text = row.decode("utf-8").rstrip("\r\n")
    try:
        return next(csv.reader((text,), strict=True), [])
    except csv.Error as error:
        raise ValueError(str(error)) from error


def is_blank(row: bytes) -> bool:
    """A row with nothing in it counts as no row at all."""
    return not row.strip(b" \t\r\n,")


@dataclass(frozen=True, slots=True)
class CsvShape:
    """What the columns of one file fill, worked out once per file."""

    columns: tuple[str, ...]
    """Targets such as `subject.name` or `fields.decided_on`."""
    record_type: str

    def read(self, row: bytes) -> tuple[tuple[str, ...], dict[str, JsonValue]] | Fault:
        """(cells, submitted record) of one row, or what is wrong with its form."""
        if len(row) > MAX_ROW_BYTES:
            return Fault("", "row_too_long", f"这一行超过 {MAX_ROW_BYTES} 字节，可能有引号没有配对")
        try:
            cells = _cells(row)
        except UnicodeDecodeError:
            return Fault("", "encoding", "这一行不是 UTF-8 编码，请另存为 UTF-8 后重新上传")
        except ValueError:
            return Fault("", "csv_syntax", "这一行的引号没有配对，无法分列")
        expected = len(self.columns)
        while len(cells) > expected and not cells[-1].strip():
            cells.pop()
        if len(cells) != expected:
            return Fault("", "column_count", f"这一行有 {len(cells)} 列，表头有 {expected} 列")
        return tuple(cells), row_record(self.columns, cells, self.record_type)


def row_record(
    columns: Sequence[str], cells: Sequence[str], record_type: str
) -> dict[str, JsonValue]:
    """The submitted record in a row of cells under `columns`; empty cells are absent values."""
    parts: dict[str, dict[str, JsonValue]] = {"subject": {}, "fields": {}, "notices": {}}
    for (part, name), cell in zip(_targets(tuple(columns)), cells, strict=True):
        if cell and part:
            parts[part][name] = cell
    record: dict[str, JsonValue] = {
        "type": record_type,
        "subject": parts["subject"],
        "fields": parts["fields"],
    }
    if parts["notices"]:
        record["notices"] = parts["notices"]
    return record


@functools.lru_cache(maxsize=64)
def _targets(columns: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(part, name) that each column fills; all rows of a file share them."""
    split = (column.partition(".") for column in columns)
    return tuple((part, name) for part, _, name in split)


def read_json_row(row: bytes, record_type: str) -> dict[str, JsonValue] | Fault:
    """The submitted record in one line of JSON Lines; `record_type` fills a missing type."""
    if len(row) > MAX_ROW_BYTES:
        return Fault("", "row_too_long", f"这一行超过 {MAX_ROW_BYTES} 字节")
    try:
        value = json.loads(row.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Fault("", "encoding", "这一行不是 UTF-8 编码，请另存为 UTF-8 后重新上传")
    except (ValueError, RecursionError):
        return Fault("", "json_syntax", "这一行不是合法的 JSON")
    if not isinstance(value, dict):
        return Fault("", "json_object", "每一行应是一个 JSON 对象")
    if record_type and "type" not in value:
        return {"type": record_type, **value}
    return cast(dict[str, JsonValue], value)


def value_at(record: Mapping[str, JsonValue], pointer: str) -> str:
    """The submitted value a fault points at, as text (empty if there is none)."""
    value: JsonValue = record
    for part in pointer.strip("/").split("/"):
        if not isinstance(value, Mapping) or part not in value:
            return ""
        value = value[part]
    return value if isinstance(value, str) else "" if value is None else str(value)
