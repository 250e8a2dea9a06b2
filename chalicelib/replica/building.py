"""Making and keeping the file: change by change, each batch wholly or not at all.

A file is a function of the changes up to its `seq`; giving it a change twice does nothing. What is
live in it at an instant is everything whose `until` has not come.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from chalicelib.feed.model import Change, Document
from chalicelib.replica import rows
from chalicelib.replica.schema import SCHEMA_VERSION, STATEMENTS, TABLES

_PAGE_BYTES: Final = 16_384
"""Holds some eight records; pages of 4096 would leave a third of themselves empty."""


def create(path: Path) -> sqlite3.Connection:
    """An empty file (seq 0) at `path`, where none may be, open for `apply`."""
    connection = connect(path)
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    with connection:
        connection.execute("BEGIN")
        for statement in STATEMENTS:
            connection.execute(statement)
        set_meta(connection, {"schema": SCHEMA_VERSION, "seq": "0", "at": ""})
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """A connection for writing. The file can be made again at any time: nothing waits for disks."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def meta(connection: sqlite3.Connection) -> dict[str, str]:
    """What the file says of itself: schema, seq, and the instant of that change (`at`)."""
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())


def set_meta(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Note something about the file."""
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))


def seq_of(connection: sqlite3.Connection) -> int:
    """The number of the last change the file reflects."""
    return int(connection.execute("SELECT value FROM meta WHERE name = 'seq'").fetchone()[0])


def apply(
    connection: sqlite3.Connection, changes: Sequence[Change], documents: Mapping[str, Document]
) -> int:
    """Bring the file to the last of `changes`, which follow each other; return its seq then.

    `documents`: the current documents of the ids the changes name. One that a later change brought
    (its `seq` is larger) or that is gone again is left to that later change. Changes the file has
    already are passed over. Raises ValueError where one is missing between; the file is as before.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        seq = reached = seq_of(connection)
        for change in changes:
            if change.entry.seq <= reached:
                continue
            if change.entry.seq != seq + 1:
                raise ValueError(f"change {seq + 1} is missing")
            _apply_one(connection, change, documents.get(change.entry.id))
            seq = change.entry.seq
        if seq > reached:
            set_meta(connection, {"seq": str(seq), "at": changes[-1].at})
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return seq


def _apply_one(connection: sqlite3.Connection, change: Change, document: Document | None) -> None:
    entry = change.entry
    if entry.kind == "withdraw":
        _remove(connection, change.entity, entry.id)
        connection.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?, ?)",
            (entry.id, change.entity, entry.seq, entry.version, change.at, change.reason),
        )
        return
    if document is None or document.seq != entry.seq:
        return
    _remove(connection, change.entity, entry.id)
    connection.execute("DELETE FROM tombstones WHERE id = ?", (entry.id,))
    if change.entity == "record":
        _insert_record(connection, document)
    else:
        _insert(connection, TABLES[change.entity], rows.row_of(document))


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, rows.Cell]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
    )


def _insert_record(connection: sqlite3.Connection, document: Document) -> None:
    row = rows.record_row(document)
    number = _free_number(connection, str(row["occurred_on"]), document.id)
    _insert(connection, "records", {"number": number, **row})
    connection.execute(
        "INSERT INTO records_fts (rowid, subject_name, document) VALUES (?, ?, ?)",
        (number, *rows.search_texts(document.content, str(row["pinyin"]))),
    )


def _remove(connection: sqlite3.Connection, entity: str, document_id: str) -> None:
    if entity == "record":
        found = connection.execute(
            "SELECT number, pinyin, document FROM records WHERE id = ?", (document_id,)
        ).fetchone()
        if found is None:
            return
        number, pinyin, content = found
        # The index keeps no text of its own: what it was given is said again to take it out.
        connection.execute(
            "INSERT INTO records_fts (records_fts, rowid, subject_name, document)"
            " VALUES ('delete', ?, ?, ?)",
            (number, *rows.search_texts(content, pinyin)),
        )
    connection.execute(f"DELETE FROM {TABLES[entity]} WHERE id = ?", (document_id,))


def drop_ended(connection: sqlite3.Connection, instant: str) -> int:
    """Take out what has ended by `instant` though the feed has not withdrawn it yet; how many.

    A tombstone stays, as of the change that is to come: what is live at `instant` or later is the
    same as before.
    """
    count = 0
    connection.execute("BEGIN IMMEDIATE")
    for entity, table in TABLES.items():
        query = f"SELECT id, seq, version, until FROM {table} WHERE until <= ?"
        for document_id, seq, version, until in connection.execute(query, (instant,)).fetchall():
            _remove(connection, entity, document_id)
            connection.execute(
                "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?, 'term_ended')",
                (document_id, entity, seq, version, until),
            )
            count += 1
    connection.execute("COMMIT")
    return count


# -- the order of records -------------------------------------------------------------------------

_ALPHABET: Final = {
    sign: place for place, sign in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")
}
_SIGNS: Final = 9
_PER_DAY: Final = 37**_SIGNS
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAYS: Final = 70_000
"""Days before and after 1970 that are told apart: 1778 to 2161."""


def day_number(day: str, later: int = 0) -> int:
    """The smallest `number` a record of this day, or of so many days later, may have."""
    days = date.fromisoformat(day).toordinal() - _EPOCH + later
    return max(-_DAYS, min(_DAYS, days)) * _PER_DAY


def record_number(day: str, record_id: str) -> int:
    """Where a record stands in the order of day and id."""
    place = 0
    for sign in record_id.removeprefix("r_")[:_SIGNS].ljust(_SIGNS, "\0"):
        place = place * 37 + _ALPHABET.get(sign, -1) + 1
    return day_number(day) + place


def _free_number(connection: sqlite3.Connection, day: str, record_id: str) -> int:
    # Ids are keyed hashes: two that begin alike on one day are as good as never met.
    number = record_number(day, record_id)
    while connection.execute("SELECT 1 FROM records WHERE number = ?", (number,)).fetchone():
        number += 1
    return number


# -- the state as one number ----------------------------------------------------------------------


def digest(connection: sqlite3.Connection, instant: str) -> str:
    """SHA-256 over what is live at `instant`: one line `id version seq sha256(document)` each, in
    the order of ids. Two files with the same digest show the same world."""
    state = hashlib.sha256()
    for line in sorted(_lines(connection, instant)):
        state.update(line)
    return state.hexdigest()


def _lines(connection: sqlite3.Connection, instant: str) -> Iterable[bytes]:
    for table in TABLES.values():
        query = f"SELECT id, version, seq, document FROM {table} WHERE until IS NULL OR until > ?"
        for document_id, version, seq, document in connection.execute(query, (instant,)):
            content = hashlib.sha256(document.encode()).hexdigest()
            yield f"{document_id} {version} {seq} {content}\n".encode()
