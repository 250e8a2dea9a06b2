"""From the last snapshot and the feed to the next: the SQLite file brought to the head, what has
ended dropped, the files written and stored one after another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chalicelib.aws.calls import AlreadyExists, Missing
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.log import log_event
from chalicelib.replica import building as replica
from chalicelib.replica.schema import SCHEMA_VERSION
from chalicelib.replica.service import follow
from chalicelib.snapshots import exports, store
from chalicelib.snapshots.model import FORMATS, Snapshot, SnapshotFile

BATCH: Final = 500
"""Changes read and applied at once."""
BASE_UNUSABLE: Final = "snapshot_base_unusable"


@dataclass(frozen=True, slots=True)
class World:
    """The public world at one seq and instant, as a finished SQLite file."""

    path: Path
    seq: int
    instant: str
    documents: int
    next_end: str


def world_at_head(
    platform: Platform, last: Snapshot | None, head: int, instant: str, folder: Path
) -> World:
    """The public world at `head` or later, without what has ended by `instant`, in `folder`.

    Raises Unavailable where the feed does not give what it has (retrying is safe), and
    AlreadyExists when another snapshot has taken the place of `last`.
    """
    finished = folder / "world.sqlite"
    with closing(_base(platform, last, head, folder)) as connection:
        seq = catch_up(platform, connection, head)
        replica.drop_ended(connection, instant)
        exports.finish(connection, finished)
        documents, next_end = exports.count_documents(connection), exports.first_end(connection)
    (folder / "base.sqlite").unlink()
    return World(finished, seq, instant, documents, next_end)


def _base(platform: Platform, last: Snapshot | None, head: int, folder: Path) -> sqlite3.Connection:
    """The last snapshot's file open for changes, or an empty one if there is none of use."""
    path = folder / "base.sqlite"
    if last is not None and last.seq <= head and _fetch(platform, last, path):
        connection = replica.connect(path)
        if replica.meta(connection).get("schema") == SCHEMA_VERSION:
            return connection
        connection.close()
    path.unlink(missing_ok=True)
    return replica.create(path)


def _fetch(platform: Platform, last: Snapshot, path: Path) -> bool:
    file = last.file("sqlite")
    try:
        store.fetch_file(platform, file.name, path)
    except Missing:
        if store.read_index(platform)[0] != last:
            raise AlreadyExists(file.name) from None
        # Lost, whoever did that: the feed has everything.
        log_event("WARNING", BASE_UNUSABLE, file=file.name, why="missing")
        return False
    if exports.sha256_of(path) != file.sha256:
        log_event("ERROR", BASE_UNUSABLE, file=file.name, why="sha256")
        return False
    return True


def catch_up(platform: Platform, connection: sqlite3.Connection, head: int) -> int:
    """Apply the feed to `head`, or beyond where a document has changed since; the seq reached, at
    which the file is exactly the public world."""
    goal = head
    while (seq := replica.seq_of(connection)) < goal:
        further = follow(platform, connection, BATCH)
        if not further:
            raise Unavailable("公示日志暂时没有给出已提交的全部条目")
        goal = max(goal, further)
    return seq


def stored_files(platform: Platform, world: World, folder: Path) -> Iterator[SnapshotFile]:
    """Write and store the files of all forms, one at a time: /tmp holds one beside the world."""
    for form in FORMATS:
        path = world.path if form == "sqlite" else folder / f"out.{form}"
        rows = exports.write_form(form, world.path, path)
        file = exports.describe(form, path, world.seq, world.instant, rows)
        store.put_file(platform, file, path)
        if path != world.path:
            path.unlink()
        yield file
