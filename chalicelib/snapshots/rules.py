"""When a snapshot is due, what its files are called, when it expires. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.disclosure.rules import has_ended
from chalicelib.kernel.clock import SHANGHAI, civil_date, day_end, instant_text, parse_instant
from chalicelib.snapshots.model import Format, Snapshot, SnapshotFile, Wish

NIGHT: Final = timedelta(hours=2)
"""After midnight, until the new day's snapshot is there."""

CACHE_CONTROL: Final = "public, max-age=30"
"""Of the files: one whose content was withdrawn is deleted and must not live on in a cache."""


def file_name(seq: int, built_at: str, form: Format) -> str:
    """`govcredit-128-20260616T001000.csv`: the number and the second (Beijing time) it shows."""
    moment = parse_instant(built_at).astimezone(SHANGHAI)
    return f"govcredit-{seq}-{moment:%Y%m%dT%H%M%S}.{form}"


def expiry(now: datetime) -> str:
    """When a snapshot in force at `now` has been replaced by the next night's, at the latest."""
    return instant_text(day_end(civil_date(now)) + NIGHT)


@dataclass(frozen=True, slots=True)
class Found:
    """What a builder finds: how far the feed is, the names of the files there are, the schema that
    is read now, the time."""

    head: int
    files: Collection[str]
    schema: str
    now: datetime


def is_due(snapshot: Snapshot | None, wish: Wish, found: Found) -> bool:
    """Whether a new snapshot must be built. One at the head in which no term has ended shows the
    same as a new one would, if its files are there and of the make that is read now. What is wished
    for beyond the head was never committed."""
    if snapshot is None or snapshot.schema != found.schema:
        return True
    if any(file.name not in found.files for file in snapshot.files):
        return True
    if wish.seq:
        return snapshot.seq < min(wish.seq, found.head)
    return snapshot.seq != found.head or has_ended(snapshot.next_end, found.now)


def index_bytes(snapshot: Snapshot) -> bytes:
    """The index as it is stored."""
    return json.dumps(asdict(snapshot), ensure_ascii=False, indent=1).encode()


def snapshot_from(content: bytes) -> Snapshot:
    """The inverse of `index_bytes`."""
    found = json.loads(content)
    files = tuple(SnapshotFile(**entry) for entry in found.pop("files"))
    return Snapshot(**{**found, "files": files, "replaced": tuple(found["replaced"])})
