"""Snapshots: brought up to date on a message, listed for everybody.

    read index -> build -> store files -> replace the index, if it is as it was read -> delete files

The index names only files that are there, whatever fails and whoever else builds:

* files are stored before the index names them;
* a file is deleted only after the index has been replaced by one that lists it as `replaced`. It
  was listed before that, so its builder read an earlier index, and cannot replace this one.

What a crash leaves behind is found by the next run, which lists it in the index in the same way.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chalicelib.aws.calls import AlreadyExists
from chalicelib.aws.platform import Platform
from chalicelib.feed import service as feed
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.log import log_event
from chalicelib.replica.schema import SCHEMA_VERSION
from chalicelib.snapshots import building, rules, store
from chalicelib.snapshots.model import Snapshot, Wish

Outcome: TypeAlias = Literal["built", "current"]

SNAPSHOT_READY: Final = "snapshot_ready"
_TRIES: Final = 3


def bring_up(platform: Platform, wish: Wish) -> Outcome:
    """See to it that there is a snapshot as wished for, and that no file of an older one is left.

    `current`: the one there was shows the same as a new one would. Safe to repeat and to run
    twice at once. Raises Unavailable when others are faster, or AWS fails; repeat it then.
    """
    for _ in range(_TRIES):
        snapshot, tag = store.read_index(platform)
        files = store.file_names(platform)
        found = rules.Found(feed.head(platform).seq, files, SCHEMA_VERSION, platform.clock())
        try:
            if snapshot is None or rules.is_due(snapshot, wish, found):
                snapshot = _build(platform, snapshot, tag, found.head)
                outcome: Outcome = "built"
            else:
                snapshot = _keep(platform, snapshot, tag, files)
                outcome = "current"
        except AlreadyExists:  # somebody else has replaced the index: perhaps all is done
            continue
        _delete(platform, snapshot.replaced)
        log_event("INFO", SNAPSHOT_READY, outcome=outcome, reason=wish.reason, seq=snapshot.seq)
        return outcome
    raise Unavailable("快照正由他处生成，请稍后重试")


def current_snapshot(platform: Platform) -> Snapshot | None:
    """The newest snapshot; None before the first."""
    return store.read_index(platform)[0]


def ask(platform: Platform) -> str:
    """Have a snapshot built of what is public now; the instant of asking."""
    platform.snapshots_queue.send({"reason": "demand", "seq": 0})
    return instant_text(platform.clock())


def _build(platform: Platform, last: Snapshot | None, tag: str, head: int) -> Snapshot:
    now = platform.clock()
    with tempfile.TemporaryDirectory(prefix="snapshot-") as place:
        folder = Path(place)
        world = building.world_at_head(platform, last, head, instant_text(now), folder)
        files = tuple(building.stored_files(platform, world, folder))
    names = {file.name for file in files}
    snapshot = Snapshot(
        seq=world.seq,
        built_at=world.instant,
        expires_at=rules.expiry(now),
        next_end=world.next_end,
        documents=world.documents,
        files=files,
        replaced=tuple(sorted(store.file_names(platform) - names)),
        schema=SCHEMA_VERSION,
    )
    store.write_index(platform, snapshot, tag)
    return snapshot


def _keep(platform: Platform, snapshot: Snapshot, tag: str, files: set[str]) -> Snapshot:
    """The same snapshot, valid today, with whatever else of `files` lies about listed as
    replaced."""
    left = files - {file.name for file in snapshot.files}
    listed = left <= set(snapshot.replaced)
    expires_at = max(snapshot.expires_at, rules.expiry(platform.clock()))
    if listed and expires_at == snapshot.expires_at:
        return replace(snapshot, replaced=tuple(sorted(left)))
    kept = replace(snapshot, expires_at=expires_at, replaced=tuple(sorted(left)))
    store.write_index(platform, kept, tag)
    return kept


def _delete(platform: Platform, names: tuple[str, ...]) -> None:
    for name in names:
        store.delete_file(platform, name)
