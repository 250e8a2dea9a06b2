"""This worker's replica: loaded once, kept at most a second behind the feed.

The first request of a worker loads the newest snapshot and then what was published since. A file
that is damaged, of another make, or ahead of the feed (after a restore) is not used. Catching up is
bounded per request: what is not done answers 503 with Retry-After and goes on with the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from chalicelib.aws.platform import Platform
from chalicelib.feed import service as feed
from chalicelib.feed.model import Head
from chalicelib.kernel.clock import instant_text
from chalicelib.replica import building
from chalicelib.replica.following import follow
from chalicelib.replica.loading import Snapshot, fetch_newest, newest_snapshot
from chalicelib.replica.reading import CatchingUp, Reading, Shown, note_broken
from chalicelib.replica.schema import SCHEMA_VERSION

__all__ = [
    "CatchingUp",
    "Reading",
    "Shown",
    "Snapshot",
    "follow",
    "forget",
    "look_again",
    "newest_snapshot",
    "open_replica",
]

LOOK_SECONDS: Final = 1.0
"""How long the head is believed after a look at it."""
BATCH: Final = 500
"""Changes applied in one step."""
WORK_SECONDS: Final = 8.0
"""How long one request may catch up; the function's own limit is far above."""
_FOLDER: Final = "govcredit-replica-"
_MMAP_BYTES: Final = 2_000_000_000


@dataclass(eq=False)
class _Replica:
    """The file and how far it is. Used under `_lock`, but for the connections of readers."""

    platform: Platform
    folder: Path
    writer: sqlite3.Connection
    looked_at: datetime | None = None
    goal: int = 0
    """No answer before this change is applied: a document of it was seen, and its earlier state
    is gone."""
    readers: threading.local = field(default_factory=threading.local)
    cache: dict[Any, Any] = field(default_factory=dict)
    cached_seq: int = -1

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "replica.db"


_lock = threading.RLock()
_kept: list[_Replica] = []


def open_replica(platform: Platform) -> Reading:
    """The public world as it is now, at most a second behind the feed; what this thread was given
    before is thereby given up. Raises CatchingUp (503)."""
    with _lock:
        # Not before: whoever waited shall see what has ended meanwhile, and look anew.
        now = platform.clock()
        replica = _kept[0] if _kept and _kept[0].platform is platform else None
        try:
            if replica is None:
                replica = _load(platform)
            _let_go(replica)
            _refresh(replica, now)
            return _reading(replica, now)
        except sqlite3.DatabaseError as error:
            # Damaged, vanished, without room: the next request begins anew.
            note_broken(error)
            forget()
            raise CatchingUp() from error


def look_again() -> None:
    """Believe no earlier look at the head (for tests whose clock stands still)."""
    with _lock:
        for replica in _kept:
            replica.looked_at = None


def forget() -> None:
    """Drop this worker's file; the next request loads another."""
    with _lock:
        for replica in _kept:
            with contextlib.suppress(sqlite3.Error):
                replica.writer.close()
            shutil.rmtree(replica.folder, ignore_errors=True)
        _kept.clear()


def _drop(replica: _Replica) -> None:
    """Forget this one, unless another has taken its place."""
    with _lock:
        if replica in _kept:
            forget()


def _load(platform: Platform) -> _Replica:
    forget()
    _clear_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
    path = folder / "replica.db"
    try:
        loaded = fetch_newest(platform, path)
        writer = _usable(path, feed.head(platform)) if loaded else None
        if writer is None:
            path.unlink(missing_ok=True)
            writer = building.create(path)
        writer.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    replica = _Replica(platform, folder, writer)
    _kept.append(replica)
    return replica


def _usable(path: Path, head: Head) -> sqlite3.Connection | None:
    """A connection to a file of this make that is not ahead of the feed."""
    with contextlib.suppress(sqlite3.DatabaseError, ValueError, KeyError):
        connection = building.connect(path)
        told = building.meta(connection)
        if told["schema"] == SCHEMA_VERSION and int(told["seq"]) <= head.seq:
            return connection
        connection.close()
    return None


def _clear_left_behind() -> None:
    """Folders of workers that ended without a word, this one's number used again included."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdigit() and (int(owner) == os.getpid() or not Path(f"/proc/{owner}").exists()):
            shutil.rmtree(folder, ignore_errors=True)


# -- keeping up -----------------------------------------------------------------------------------


def _refresh(replica: _Replica, now: datetime) -> None:
    looked = replica.looked_at
    is_fresh = looked is not None and 0 <= (now - looked).total_seconds() < LOOK_SECONDS
    if is_fresh and building.seq_of(replica.writer) >= replica.goal:
        return
    if not replica.path.exists():
        raise sqlite3.DatabaseError("the file is gone")
    deadline = time.monotonic() + WORK_SECONDS
    seq = building.seq_of(replica.writer)
    head = feed.head(replica.platform)
    if head.seq < seq:
        # The feed was restored to an earlier state: what it lost is not public.
        forget()
        raise CatchingUp()
    replica.goal = max(replica.goal, head.seq)
    while seq < replica.goal:
        if time.monotonic() > deadline:
            raise CatchingUp()
        goal = follow(replica.platform, replica.writer, BATCH)
        if not goal:
            raise CatchingUp()
        replica.goal = max(replica.goal, goal)
        seq = building.seq_of(replica.writer)
    replica.looked_at = now


def _let_go(replica: _Replica) -> None:
    """End this thread's look before the file goes on: SQLite's log of changes shrinks only while
    nobody reads an older state."""
    connection = getattr(replica.readers, "connection", None)
    if connection is not None and connection.in_transaction:
        connection.execute("COMMIT")


def _reading(replica: _Replica, now: datetime) -> Reading:
    connection = getattr(replica.readers, "connection", None)
    if connection is None:
        address = f"{replica.path.as_uri()}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
        connection.execute("PRAGMA query_only = ON")
        replica.readers.connection = connection
    # One state for all that this request asks, whatever another thread applies meanwhile.
    connection.execute("BEGIN")
    told = building.meta(connection)
    seq = int(told["seq"])
    if replica.cached_seq != seq:
        replica.cache, replica.cached_seq = {}, seq
    drop = partial(_drop, replica)
    return Reading(connection, seq, told["at"], instant_text(now), replica.cache, drop)
