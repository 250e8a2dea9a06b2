"""A mirror a website could run: everything public in a file of its own, nothing taken unproven.

    python -m tests.e2e.mirror https://credit.example.cn state.sqlite --key VERIFIER_KEY

It needs public HTTP, the verifying functions of `chalicelib.tlog` (which `verify.pyz` holds, too)
and the standard library. It begins with the newest snapshot and follows the changes from there.
Every document and every withdrawal is taken only with a proof of inclusion in a signed checkpoint,
and every checkpoint only with a proof that the one before is how it begins. What is withdrawn goes
at once, what has an end goes at that instant. Each step is one transaction: whenever the process is
killed, the next one goes on from where the last step ended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

from chalicelib.kernel.canonical import canonical_json
from chalicelib.tlog.checkpoint import Checkpoint, open_checkpoint
from chalicelib.tlog.checks import check_document, check_entry, check_prefix, tile_reader
from chalicelib.tlog.entry import Entry, entry_from, parse_entry, strict_json
from chalicelib.tlog.fetching import HttpLog
from chalicelib.tlog.model import ENTRIES, TILE_HASHES, Tile
from chalicelib.tlog.note import VerifierKey, parse_verifier_key
from chalicelib.tlog.proofs import TreeView
from chalicelib.tlog.tiles import parse_bundle, tile_in

TABLES = (
    "records",
    "subjects",
    "evaluation_runs",
    "evaluation_results",
    "supervision_results",
    "third_party_ratings",
)
"""Tables of a snapshot that hold documents."""
_WITHDRAWN = "SELECT id, seq FROM tombstones WHERE reason = 'withdrawn'"
ENTRY = ("seq", "kind", "id", "version", "salted_sha256")
PAGE = 200
PATIENCE_SECONDS = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, seq INTEGER NOT NULL,
    version INTEGER NOT NULL, until TEXT, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS withdrawn (id TEXT PRIMARY KEY, seq INTEGER NOT NULL);
"""


class Refused(Exception):
    """The platform's answer is none a mirror can use."""


def now() -> str:
    """This instant."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Mirror:
    """One mirror, with its file. Raises tlog's Unproven when the platform shows anything that is
    not in its log, or another log than before; then nothing of that step is kept."""

    def __init__(
        self,
        base_url: str,
        state: Path,
        keys: Sequence[VerifierKey],
        *,
        clock: Callable[[], str] = now,
        page: int = PAGE,
    ) -> None:
        self.base_url, self.keys = base_url.rstrip("/"), tuple(keys)
        self.clock, self.page = clock, page
        self._state = state
        self._connection: HTTPConnection | None = None
        self._log = HttpLog(f"{self.base_url}/public/v1/log", self._connect)
        self._file = sqlite3.connect(state, isolation_level=None)
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Close its file and its connection."""
        self._file.close()
        if self._connection is not None:
            self._connection.close()

    def _connect(self, host: str) -> HTTPConnection:
        if self._connection is not None:
            self._connection.close()
        kind = HTTPSConnection if self.base_url.startswith("https:") else HTTPConnection
        self._connection = kind(host, timeout=PATIENCE_SECONDS)
        return self._connection

    # -- what it knows ------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """The last change it has."""
        return int(self._noted("seq") or 0)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint it proved last."""
        kept = self._noted("checkpoint")
        return open_checkpoint(kept.encode(), self.keys) if kept else None

    def digest(self, instant: str) -> str:
        """SHA-256 over what is public at an instant, as the platform computes it: a line
        `id version seq sha256(document)` each, in the order of the lines."""
        state = hashlib.sha256()
        rows = self._file.execute(
            "SELECT id, version, seq, content FROM documents WHERE until IS NULL OR until > ?",
            (instant,),
        )
        lines = (
            f"{name} {version} {seq} {hashlib.sha256(content).hexdigest()}\n".encode()
            for name, version, seq, content in rows
        )
        for line in sorted(lines):
            state.update(line)
        return state.hexdigest()

    def ids(self) -> list[str]:
        """The ids of everything it shows now."""
        found = self._file.execute(
            "SELECT id FROM documents WHERE until IS NULL OR until > ? ORDER BY id",
            (self.clock(),),
        )
        return [name for (name,) in found]

    def withdrawn(self) -> list[str]:
        """The ids it must never show again, unless they are published anew."""
        return [name for (name,) in self._file.execute("SELECT id FROM withdrawn ORDER BY id")]

    # -- steps --------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Step until there is nothing more; the last change it then has."""
        while self.step():
            pass
        return self.seq

    def step(self) -> bool:
        """One step forward. False: it is where the newest checkpoint is."""
        self._forget_ended()
        data = self._log("checkpoint")
        new = open_checkpoint(data, self.keys)
        old = self.checkpoint
        if old is not None and new.size < old.size:
            return False  # an older answer from some cache between
        if old is not None:
            check_prefix(old, new, tile_reader(self._log))
        proof = _Proof(new, self._log)
        if old is None and self.seq == 0:
            self._begin(proof, data)
            return True
        if self.seq < new.size:
            self._follow(proof, data)
            return True
        self._note(checkpoint=data.decode())
        return False

    def _begin(self, proof: _Proof, checkpoint: bytes) -> None:
        """Take the newest snapshot, or begin at nothing where there is none yet."""
        found = self._newest_snapshot()
        if found is None or found["seq"] > proof.checkpoint.size:
            self._note(seq="0", checkpoint=checkpoint.decode())
            return
        path = self._downloaded(found)
        snapshot = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            with self._transaction():
                for table in TABLES:
                    self._take_table(snapshot, table, proof)
                for name, seq in snapshot.execute(_WITHDRAWN):
                    self._file.execute("INSERT INTO withdrawn VALUES (?, ?)", (name, seq))
                self._note(seq=str(found["seq"]), checkpoint=checkpoint.decode())
        finally:
            snapshot.close()
            path.unlink(missing_ok=True)

    def _take_table(self, snapshot: sqlite3.Connection, table: str, proof: _Proof) -> None:
        query = f"SELECT id, seq, version, until, salt, document FROM {table} ORDER BY seq"
        for name, seq, version, until, salt, text in snapshot.execute(query):
            entry = proof.entry(seq)
            if (entry.id, entry.version) != (name, version):
                raise Refused(f"the snapshot's {name} is not entry {seq}")
            document = strict_json(text.encode())
            check_document(document, bytes.fromhex(salt), entry)
            self._keep(entry, until, document)

    def _follow(self, proof: _Proof, checkpoint: bytes) -> None:
        """Take one page of changes, no further than the checkpoint proves."""
        page = self._json(f"/public/v1/changes?after={self.seq}&limit={self.page}")
        with self._transaction():
            seq = self.seq
            for change in page["items"]:
                entry = entry_from({name: change[name] for name in ENTRY})
                if entry.seq > proof.checkpoint.size:
                    break
                if entry.seq != seq + 1:
                    raise Refused(f"change {seq + 1} is missing")
                proof.check(entry)
                self._take_change(entry, change)
                seq = entry.seq
            self._note(seq=str(seq), checkpoint=checkpoint.decode())

    def _take_change(self, entry: Entry, change: dict[str, Any]) -> None:
        if entry.kind == "withdraw":
            self._file.execute("DELETE FROM documents WHERE id = ?", (entry.id,))
            kept = (entry.id, entry.seq)
            self._file.execute("INSERT OR REPLACE INTO withdrawn VALUES (?, ?)", kept)
        elif change.get("document") is not None:
            check_document(change["document"], bytes.fromhex(change["salt"]), entry)
            self._keep(entry, change.get("until"), change["document"])
        # Without its document a later change has replaced or withdrawn it: that change is to come.

    def _keep(self, entry: Entry, until: str | None, document: Any) -> None:
        self._file.execute("DELETE FROM withdrawn WHERE id = ?", (entry.id,))
        row = (entry.id, entry.seq, entry.version, until or None, canonical_json(document))
        self._file.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def _forget_ended(self) -> None:
        self._file.execute("DELETE FROM documents WHERE until <= ?", (self.clock(),))

    # -- snapshots ----------------------------------------------------------------------------

    def _newest_snapshot(self) -> dict[str, Any] | None:
        """The index entry of the newest SQLite snapshot, with the `seq` it stands at."""
        items = self._json("/public/v1/snapshots")["items"]
        if not items:
            return None
        newest = max(items, key=lambda item: int(item["seq"]))
        (found,) = [file for file in newest["files"] if file["format"] == "sqlite"]
        return {**found, "seq": newest["seq"]}

    def _downloaded(self, file: dict[str, Any]) -> Path:
        path = self._state.with_name(self._state.name + ".snapshot")
        digest, size = hashlib.sha256(), 0
        url = urllib.parse.urljoin(self.base_url + "/", file["url"])
        with _opened(url) as answer, path.open("wb") as out:
            while part := answer.read(1 << 20):
                digest.update(part)
                size += len(part)
                out.write(part)
        if (digest.hexdigest(), size) != (file["sha256"], file["size"]):
            raise Refused("the snapshot is not the one its index names")
        return path

    # -- its file, and the platform -----------------------------------------------------------

    def _noted(self, name: str) -> str:
        query = "SELECT value FROM progress WHERE name = ?"
        found = self._file.execute(query, (name,)).fetchone()
        return str(found[0]) if found else ""

    def _note(self, **values: str) -> None:
        self._file.executemany("INSERT OR REPLACE INTO progress VALUES (?, ?)", values.items())

    def _transaction(self) -> _Transaction:
        return _Transaction(self._file)

    def _json(self, path: str) -> Any:
        with _opened(self.base_url + path) as answer:
            return json.load(answer)


class _Transaction:
    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *error: object) -> None:
        self._file.execute("COMMIT" if kind is None else "ROLLBACK")


class _Proof:
    """Entries of the log up to one checkpoint, each proven to be in it."""

    def __init__(self, checkpoint: Checkpoint, log: Callable[[str], bytes]) -> None:
        self.checkpoint = checkpoint
        self._read = tile_reader(log)
        self._tree = TreeView(checkpoint.size, self._read)
        self._bundle: tuple[Tile, Sequence[bytes]] | None = None

    def check(self, entry: Entry) -> None:
        """Raises Unproven unless the entry stands at its number."""
        check_entry(entry, self._tree.inclusion_proof(entry.index), self.checkpoint)

    def entry(self, seq: int) -> Entry:
        """The entry of a number. Raises Unproven unless it is the one in the tree."""
        index, at = divmod(seq - 1, TILE_HASHES)
        bundle = Tile(ENTRIES, index, tile_in(0, index, self.checkpoint.size).width)
        if self._bundle is None or self._bundle[0] != bundle:
            self._bundle = bundle, parse_bundle(self._read(bundle), bundle.width)
        entry = parse_entry(self._bundle[1][at])
        self.check(entry)
        if entry.seq != seq:
            raise Refused(f"entry {seq} has another number")
        return entry


def _opened(url: str) -> Any:
    """An answer of 200; what is only busy is asked again, as it says."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return urllib.request.urlopen(url, timeout=PATIENCE_SECONDS)
        except urllib.error.HTTPError as error:
            with error:
                wait = min(float(error.headers.get("Retry-After") or 1), 5)
                if error.code not in (429, 502, 503, 504) or time.monotonic() + wait > deadline:
                    raise Refused(f"{url}: {error.code}") from error
        time.sleep(wait)


def main(arguments: Iterable[str] | None = None) -> int:
    """Follow until the given change is there (or for ever, a step each second)."""
    parser = argparse.ArgumentParser(prog="mirror")
    parser.add_argument("base_url")
    parser.add_argument("state", type=Path)
    parser.add_argument("--key", action="append", required=True, type=parse_verifier_key)
    parser.add_argument("--until-seq", type=int)
    parser.add_argument("--page", type=int, default=PAGE)
    options = parser.parse_args(None if arguments is None else list(arguments))
    mirror = Mirror(options.base_url, options.state, options.key, page=options.page)
    for seq in _steps(mirror):
        if options.until_seq is not None and seq >= options.until_seq:
            return 0
    return 1


def _steps(mirror: Mirror) -> Iterator[int]:
    while True:
        if not mirror.step():
            time.sleep(0.2)
        sys.stdout.write(f"{mirror.seq}\n")
        sys.stdout.flush()
        yield mirror.seq


if __name__ == "__main__":
    sys.exit(main())
