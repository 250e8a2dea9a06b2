"""One look at the replica: everything a request asks is answered from one state of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.log import log_event

SEARCH_SECONDS: Final = 1.0
"""How long one search may take."""
_STEPS: Final = 20_000
"""Of SQLite's machine between two looks at the clock; some milliseconds."""


REPLICA_BROKEN: Final = "replica_broken"
RETRY_SECONDS: Final = 2
_BROKEN: Final = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
    }
)
"""What SQLite says (in its low byte) of a file that is no good; all else is a fault of ours."""


class CatchingUp(Unavailable):
    """The replica is being made ready; what is done stays done."""

    code, title = "catching_up", "公开数据正在装载"

    def __init__(self) -> None:
        super().__init__("公开数据正在装载，请稍后重试", retry_after=RETRY_SECONDS)


class SearchTooSlow(Unavailable):
    """The question is too broad for its time."""

    code, title = "search_too_slow", "检索条件过宽，没有在限时内完成"

    def __init__(self) -> None:
        super().__init__("检索没有在限时内完成，请增加条件或写得更具体")


@dataclass(frozen=True, slots=True)
class Reading:
    """The public world at (seq, instant). `cache` lives as long as the replica stays at `seq`."""

    connection: sqlite3.Connection
    seq: int
    at: str
    """The instant of change `seq`; empty at 0."""
    now: str
    """The instant of the question; what has `until` at or before it is over."""
    cache: dict[Any, Any] = field(default_factory=dict)
    drop: Callable[[], None] = lambda: None
    """Have the file made anew."""

    def all(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Every row. Raises CatchingUp where the file is broken, and drops it."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._see(error)
            raise

    def one(self, query: str, values: Sequence[object] = ()) -> Any:
        """The first row or None. Raises CatchingUp where the file is broken, and drops it."""
        try:
            return self.connection.execute(query, values).fetchone()
        except sqlite3.DatabaseError as error:
            self._see(error)
            raise

    def _see(self, error: sqlite3.DatabaseError) -> None:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            note_broken(error)
            self.drop()
            raise CatchingUp() from error

    @contextmanager
    def in_time(self, seconds: float | None = None) -> Iterator[None]:
        """What runs inside is given up after so long (SEARCH_SECONDS). Raises SearchTooSlow."""
        deadline = time.monotonic() + (SEARCH_SECONDS if seconds is None else seconds)
        self.connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            yield
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise SearchTooSlow() from error
            raise
        finally:
            self.connection.set_progress_handler(None, 0)

    @property
    def next_end(self) -> str:
        """The first instant at which a record ends by itself; empty: none will."""
        query = "SELECT min(until) FROM records WHERE until > ?"
        return self.one(query, (self.now,))[0] or ""


def note_broken(error: sqlite3.DatabaseError) -> None:
    """Say in the log why a file is given up."""
    why = getattr(error, "sqlite_errorname", type(error).__name__)
    log_event("ERROR", REPLICA_BROKEN, why=why)


@dataclass(slots=True)
class Shown:
    """A document as it stands in the log, with what proves it."""

    id: str
    seq: int
    version: int
    until: str
    salt: str
    salted_sha256: str
    """The digest the log commits to."""
    document: str
    """Its JSON, to the byte that of the log."""

    @property
    def log(self) -> str:
        """The JSON of member `log`: where the document stands in the log and what to check it by.
        Ids and digests need no escapes."""
        return (
            f'{{"seq":{self.seq},"salt":"{self.salt}","salted_sha256":"{self.salted_sha256}",'
            f'"proof":"{proof_path(self.id)}"}}'
        )

    @property
    def with_log(self) -> str:
        """The document's JSON with the member `log` added."""
        return f'{self.document[:-1]},"log":{self.log}}}'


COLUMNS: Final = "id, seq, version, coalesce(until, ''), salt, salted_sha256, document"
"""What a Shown is made from, in its order."""
RECORD_COLUMNS: Final = COLUMNS.replace("document", "records.document")
LOG_BYTES: Final = 320
"""What member `log` adds to a document, at most."""
LIVE: Final = "(+until IS NULL OR +until > ?)"
"""Bound to `now`. The plus signs keep SQLite from reading by the index of ends."""


def proof_path(document_id: str) -> str:
    """Where the proof of a document is served."""
    entity, _, rest = document_id.partition("/")
    if not rest:
        return f"/public/v1/records/{document_id}/proof"
    if entity == "subject":
        return f"/public/v1/subjects/{rest}/proof"
    if entity == "run":
        return f"/public/v1/evaluations/{rest}/proof"
    if entity == "result":
        run, _, code = rest.partition("/")
        return f"/public/v1/evaluations/{run}/results/{code}/proof"
    if entity == "rating":
        return f"/public/v1/third-party-ratings/{rest}/proof"
    return f"/public/v1/supervision-results/{rest}/proof"
