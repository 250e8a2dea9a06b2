"""DynamoDB and S3 on disk, for a worker whose own memory is measured: what a run writes does not
lie in the worker, and every call is counted with the capacity it would consume.

Capacity is reckoned as DynamoDB bills it: written items by the KiB begun (in a transaction twice),
items read by 4 KiB begun (half if eventually consistent). Sizes are those of the items' JSON.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.evaluation_memory import PAGE, Attributes, MadeUp, MemoryTables, opened, refused


class DiskTables(MemoryTables):
    """Tables in one SQLite file; index pages are made up, each item of `made_up_bytes`."""

    def __init__(self, made_up: MadeUp, made_up_bytes: int, path: Path) -> None:
        super().__init__(made_up)
        self._made_up_bytes = made_up_bytes
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE item (pk, sk, body, PRIMARY KEY (pk, sk)) WITHOUT ROWID")
        self.calls: Counter[str] = Counter()
        self.written = 0
        self.read = 0.0
        self._copies = 1
        self._is_read = False

    def get_item(self, Key: Attributes, **more: Any) -> Attributes:
        self.calls["get_item"] += 1
        with self._reading():
            return super().get_item(Key, **more)

    def batch_get_item(self, RequestItems: Mapping[str, Any], **more: Any) -> Attributes:
        self.calls["batch_get_item"] += 1
        with self._reading():
            return super().batch_get_item(RequestItems, **more)

    def put_item(self, Item: Attributes, **more: Any) -> Attributes:
        self.calls["put_item"] += 1
        return super().put_item(Item, **more)

    def update_item(self, Key: Attributes, **more: Any) -> Attributes:
        self.calls["update_item"] += 1
        return super().update_item(Key, **more)

    def transact_write_items(self, TransactItems: list[Attributes], **more: Any) -> Attributes:
        self.calls["transact_write_items"] += 1
        self._copies = 2
        try:
            return super().transact_write_items(TransactItems, **more)
        finally:
            self._copies = 1

    def query(self, **asked: Any) -> Attributes:
        self.calls["query"] += 1
        answer = super().query(**asked)
        if "IndexName" in asked:
            self._count(len(answer["Items"]) * self._made_up_bytes, 0.5)
        return answer

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._is_read = True
        try:
            yield
        finally:
            self._is_read = False

    def _range(self, pk: str, prefix: str, after: str) -> list[tuple[str, Attributes]]:
        rows = self._file.execute(
            "SELECT sk, body FROM item WHERE pk = ? AND sk >= ? AND sk > ? AND sk < ?"
            " ORDER BY sk LIMIT ?",
            (pk, prefix, after, f"{prefix}~", PAGE),
        ).fetchall()
        self._count(sum(len(body) for _, body in rows), 1)
        return [(sk, json.loads(body)) for sk, body in rows]

    def _find(self, key: Attributes) -> Attributes | None:
        place = (key["pk"]["S"], key["sk"]["S"])
        query = "SELECT body FROM item WHERE pk = ? AND sk = ?"
        row = self._file.execute(query, place).fetchone()
        if self._is_read:
            self._count(0 if row is None else len(row[0]), 1)
        found: Attributes | None = None if row is None else json.loads(row[0])
        return found

    def _store(self, item: Attributes) -> None:
        body = json.dumps(item)
        place = item["pk"]["S"], item["sk"]["S"]
        self._file.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", (*place, body))
        units = -(-len(body) // 1024)
        self.written += self._copies * units
        if "listing" in item:  # the index has its copy
            self.written += units
            if item["sk"]["S"] == "-":
                self._listed.setdefault(item["listing"]["S"], {})[place] = item

    def _count(self, size: int, per_4_kib: float) -> None:
        self.read += max(1, -(-size // 4096)) * per_4_kib


class DiskObjects:
    """S3: objects that are written once, each a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.calls: Counter[str] = Counter()

    def put_object(self, Key: str, Body: bytes, **_: Any) -> Attributes:
        self.calls["put_object"] += 1
        path = self._path(Key)
        if path.exists():
            raise refused("PreconditionFailed")
        path.write_bytes(Body)
        return {"VersionId": "v1"}

    def get_object(self, Key: str, Range: str = "", **_: Any) -> Attributes:
        self.calls["get_object"] += 1
        path = self._path(Key)
        if not Range:
            return opened(path.read_bytes())
        begin, end = (int(part) for part in Range.removeprefix("bytes=").split("-"))
        with path.open("rb") as file:
            file.seek(begin)
            part = file.read(end + 1 - begin)
        return opened(part) | {"ContentRange": f"bytes {begin}-{end}/{path.stat().st_size}"}

    def _path(self, key: str) -> Path:
        return self._folder / key.replace("/", "~")
