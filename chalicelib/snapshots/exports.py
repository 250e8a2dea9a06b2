"""A snapshot's files, made from the SQLite file of the public world at one seq and instant.

Everything streams: no form holds more than a block of rows in memory. The SQLite file given holds
what is live at that instant and nothing else, so that none of the files can.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from chalicelib.replica.schema import TABLES
from chalicelib.sheets.rules import csv_line
from chalicelib.snapshots.model import Format, SnapshotFile
from chalicelib.snapshots.rules import file_name
from chalicelib.snapshots.rules_columns import (
    CSV_COLUMNS,
    RECORD_COLUMNS,
    Column,
    Kind,
    Row,
    cell_text,
    form_of,
)

if TYPE_CHECKING:
    from arro3.core import DataType, Schema

_BLOCK: Final = 1_048_576
_ROW_GROUP: Final = 10_000
"""Records of one row group of Parquet: what its writer holds in memory."""
_BATCH: Final = 1_000
_BOM: Final = "\ufeff"


def finish(connection: sqlite3.Connection, target: Path) -> None:
    """Write the file `connection` is open on to `target`, compact and quick to read: what was
    deleted is not in it, not even in free pages or in the search index."""
    connection.execute("INSERT INTO records_fts (records_fts) VALUES ('optimize')")
    connection.execute("ANALYZE")
    connection.execute("VACUUM INTO ?", (str(target),))


def write_form(form: Format, source: Path, target: Path) -> int:
    """Write `target` in this form from the SQLite file; how many rows it has."""
    with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as connection:
        return _WRITERS[form](connection, target)


def describe(form: Format, path: Path, seq: int, built_at: str, rows: int) -> SnapshotFile:
    """The file as the index names it."""
    name = file_name(seq, built_at, form)
    content_type = form_of(form).content_type
    return SnapshotFile(form, name, path.stat().st_size, sha256_of(path), rows, content_type)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_documents(connection: sqlite3.Connection) -> int:
    """How many documents the file holds."""
    tables = TABLES.values()
    return sum(
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables
    )


def first_end(connection: sqlite3.Connection) -> str:
    """When the first term ends; empty: none does."""
    tables = TABLES.values()
    ends = [connection.execute(f"SELECT min(until) FROM {table}").fetchone()[0] for table in tables]
    return min((end for end in ends if end), default="")


def _documents(connection: sqlite3.Connection, entity: str) -> Iterator[tuple[Any, ...]]:
    """id, version, seq, salt, until and document of one kind; of records the newest first."""
    order = "number DESC" if entity == "record" else "id"
    query = f"SELECT id, version, seq, salt, until, document FROM {TABLES[entity]} ORDER BY {order}"
    yield from connection.execute(query)


def _records(connection: sqlite3.Connection) -> Iterator[Row]:
    for document_id, version, seq, salt, until, document in _documents(connection, "record"):
        shown = json.loads(document)
        yield Row(document_id, version, seq, until, salt, document, shown)


def _write_jsonl(connection: sqlite3.Connection, target: Path) -> int:
    count = 0
    with target.open("w", encoding="utf-8", newline="\n", buffering=_BLOCK) as file:
        for entity in TABLES:
            for document_id, version, seq, salt, until, document in _documents(connection, entity):
                head = {
                    "id": document_id,
                    "entity": entity,
                    "version": version,
                    "seq": seq,
                    "salt": salt,
                    "until": until,
                }
                opened = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
                file.write(f'{opened},"document":{document}}}\n')
                count += 1
    return count


def _write_csv(connection: sqlite3.Connection, target: Path) -> int:
    count = 0
    with target.open("w", encoding="utf-8", newline="", buffering=_BLOCK) as file:
        file.write(_BOM + csv_line([column.title for column in CSV_COLUMNS]))
        for row in _records(connection):
            file.write(csv_line([cell_text(column, row) for column in CSV_COLUMNS]))
            count += 1
    return count


def _write_sqlite(connection: sqlite3.Connection, target: Path) -> int:
    return count_documents(connection)


class _Lines(io.RawIOBase):
    """JSON lines made as they are read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._rest = b""
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = _BLOCK if size is None or size < 0 else size
        parts, held = [self._rest], len(self._rest)
        while held < wanted:
            line = next(self._lines, None)
            if line is None:
                break
            self.count += 1
            parts.append(line)
            held += len(line)
        found = b"".join(parts)
        self._rest = found[wanted:]
        return found[:wanted]


def _write_parquet(connection: sqlite3.Connection, target: Path) -> int:
    # Its JSON reader takes rows as they come, which its constructors from Python values do not:
    # those want all of them at once.
    from arro3.io import read_json, write_parquet

    lines = _Lines(_parquet_lines(connection))
    reader = read_json(cast("IO[bytes]", lines), _parquet_schema(), batch_size=_BATCH)
    notes = {column.name: f"{column.title}：{column.note}" for column in RECORD_COLUMNS}
    write_parquet(
        reader,
        str(target),
        compression="zstd(3)",
        max_row_group_size=_ROW_GROUP,
        key_value_metadata={"columns": json.dumps(notes, ensure_ascii=False)},
    )
    return lines.count


def _parquet_lines(connection: sqlite3.Connection) -> Iterator[bytes]:
    for row in _records(connection):
        values = {column.name: column.value(row) for column in RECORD_COLUMNS}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _parquet_schema() -> Schema:
    from arro3.core import DataType, Field, Schema

    types: Mapping[Kind, DataType] = {
        "text": DataType.utf8(),
        "document": DataType.utf8(),
        "whole": DataType.int64(),
        "yes_no": DataType.bool(),
        "day": DataType.date32(),
        "instant": DataType.timestamp("ms", tz="UTC"),
    }

    def field(column: Column) -> Field:
        return Field(column.name, types[column.kind], nullable=True)

    return Schema([field(column) for column in RECORD_COLUMNS])


_WRITERS: Final[Mapping[Format, Callable[[sqlite3.Connection, Path], int]]] = {
    "sqlite": _write_sqlite,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "parquet": _write_parquet,
}
