"""The newest snapshot: which one, and its file in this worker's temporary folder."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chalicelib.aws.calls import Missing
from chalicelib.aws.platform import Platform
from chalicelib.replica.schema import SNAPSHOT_FILES, SNAPSHOT_INDEX

_PART_BYTES: Final = 16 * 1024 * 1024
_READERS: Final = 8
_TRIES: Final = 3
LARGEST_BYTES: Final = 4_000_000_000
"""No larger file is loaded: it has no place beside what is published while it is used."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The SQLite file of the newest snapshot."""

    seq: int
    built_at: str
    name: str
    size: int
    sha256: str


def newest_snapshot(platform: Platform) -> Snapshot | None:
    """What the index names; None before the first snapshot, or where the index is unreadable."""
    try:
        index = json.loads(platform.publication.read(SNAPSHOT_INDEX))
        for file in index["files"]:
            if file["format"] == "sqlite":
                size = int(file["size"])
                seq, built_at = int(index["seq"]), str(index["built_at"])
                return Snapshot(seq, built_at, str(file["name"]), size, str(file["sha256"]))
    except (Missing, ValueError, KeyError, TypeError):
        return None
    return None


def fetch_newest(platform: Platform, path: Path) -> bool:
    """Load the newest snapshot's file to `path`. One that is replaced meanwhile is deleted, so what
    has taken its place is tried then. False, and no file, where there is none of use."""
    tried: Snapshot | None = None
    for _ in range(_TRIES):
        snapshot = newest_snapshot(platform)
        if snapshot is None or snapshot == tried:
            return False
        if fetch(platform, snapshot, path):
            return True
        tried = snapshot
    return False


def fetch(platform: Platform, snapshot: Snapshot, path: Path) -> bool:
    """Load the file to `path`, in parts at once. False, and no file, where it is not what the
    index says, or gone by now."""
    if not 0 < snapshot.size <= LARGEST_BYTES:
        return False
    key = SNAPSHOT_FILES + snapshot.name
    spans = [
        (begin, min(begin + _PART_BYTES, snapshot.size))
        for begin in range(0, snapshot.size, _PART_BYTES)
    ]

    def load(span: tuple[int, int]) -> None:
        with path.open("r+b") as file:
            file.seek(span[0])
            file.writelines(platform.publication.stream(key, span=span))

    path.touch()
    try:
        if len(spans) == 1:
            load(spans[0])
        else:
            with ThreadPoolExecutor(_READERS) as pool:
                list(pool.map(load, spans))
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except Missing:
        found = ""
    if found != snapshot.sha256:
        path.unlink()
        return False
    return True
