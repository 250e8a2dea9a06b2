"""The log published from what is committed: bundles and tiles first, the signed checkpoint last.

    published head ── tiles of its right edge ── committed entries behind it
          └─ the same tree, grown ── bundles, tiles ── checkpoint, If-Match the head that was read

What is signed grows out of what was signed before, read back from the bucket and held against the
committed entries: so racing publishers, a crash between any two steps and a repeat may waste work,
but never sign two logs. Tiles without a checkpoint are referred to by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.aws.calls import AlreadyExists
from chalicelib.aws.platform import Platform
from chalicelib.feed import logfiles, store
from chalicelib.feed.logfiles import Published
from chalicelib.feed.store import CommittedHead
from chalicelib.kernel.errors import Unavailable
from chalicelib.tlog.checkpoint import Checkpoint, sign_checkpoint
from chalicelib.tlog.merkle import EMPTY_ROOT, leaf_hash
from chalicelib.tlog.model import TILE_HASHES, TileReader, Unproven
from chalicelib.tlog.proofs import TreeView
from chalicelib.tlog.tiles import bundle_bytes, bundles_grown, grow

SLICE: Final = 16 * TILE_HASHES
"""Entries behind one checkpoint and the next, at most: what a call holds in memory."""
MOST_SLICES: Final = 8
"""Slices a call publishes; a longer backlog is for the next."""
_RACES: Final = 20

FORKED: Final = ("forked", "已提交的日志与已公布的检查点不是同一个日志，不得签名")


class Behind(Exception):
    """The table has lost entries that are published: they have to be taken back first
    (`recovery.catch_up`). Nothing was signed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How long the published log is, and whether that is all that was committed."""

    size: int
    is_whole: bool


def publish(platform: Platform) -> Progress:
    """Publish what is committed and not yet published. Safe to repeat and to run beside others.

    Raises Behind, Unproven("forked") or another Unproven where signing would contradict what is
    published; Unavailable when S3 fails or others are faster.
    """
    slices = races = 0
    while True:
        published = logfiles.read_published(platform, platform.log_signer.key)
        # Read after what is published, which was committed before it: the table can only be ahead.
        head = store.read_head(platform)
        size = published.checkpoint.size if published else 0
        if size > head.seq:
            raise Behind
        if published and size == head.seq:
            if published.checkpoint.root != head.edge.root():
                raise Unproven(*FORKED)
            return Progress(size, is_whole=True)
        if slices == MOST_SLICES:
            return Progress(size, is_whole=False)
        try:
            _publish_slice(platform, published, head)
            slices += 1
        except AlreadyExists as error:
            races += 1
            if races > _RACES:
                raise Unavailable("公示日志正由他处发布，请稍后重试") from error


def _publish_slice(platform: Platform, published: Published | None, head: CommittedHead) -> None:
    """One step from the published head towards the committed one. Raises AlreadyExists if somebody
    else has taken it."""
    signer = platform.log_signer
    old = published.checkpoint if published else Checkpoint(signer.name, 0, EMPTY_ROOT)
    read = logfiles.reader(platform)
    view = TreeView(old.size, read)
    edge = view.edge()
    if edge.root() != old.root:
        raise Unproven("bad_tiles", "已公布的日志切片与检查点不符，不得在其上继续")
    # From the beginning of the bundle that holds the last published entry.
    first = max(old.size - 1, 0) // TILE_HASHES * TILE_HASHES
    entries = _committed(platform, first, _end(old.size, head.seq))
    leaves = [leaf_hash(entry) for entry in entries]
    known = old.size - first
    if leaves[:known] != [view.leaf(index) for index in range(first, old.size)]:
        raise Unproven(*FORKED)
    edge = edge.append(leaves[known:])
    if edge.size == head.seq and edge != head.edge:
        raise Unproven(*FORKED)
    _write_grown(platform, old.size, entries, leaves[known:], read)
    note = sign_checkpoint(Checkpoint(signer.name, edge.size, edge.root()), [signer])
    logfiles.write_checkpoint(platform, note, published.tag if published else "")


def _end(size: int, committed: int) -> int:
    """Where the slice ends that begins at `size`: at the end, or where a bundle is full."""
    if committed - size <= SLICE:
        return committed
    return (size + SLICE) // TILE_HASHES * TILE_HASHES


def _committed(platform: Platform, first: int, end: int) -> list[bytes]:
    """The committed entries behind number `first` up to number `end`."""
    changes = store.changes_after(platform, first, end - first)
    if [change.entry.seq for change in changes] != list(range(first + 1, end + 1)):
        raise Unavailable("已提交的日志条目没有读全，请稍后重试")
    return [change.entry.to_bytes() for change in changes]


def _write_grown(
    platform: Platform,
    old_size: int,
    entries: Sequence[bytes],
    leaves: Sequence[bytes],
    read: TileReader,
) -> None:
    """Write the bundles and tiles that `leaves` make grow; `entries` end with theirs."""
    new_size = old_size + len(leaves)
    first = new_size - len(entries)
    for bundle in bundles_grown(old_size, new_size):
        begin = bundle.index * TILE_HASHES - first
        data = bundle_bytes(entries[begin : begin + bundle.width])
        logfiles.write_tile(platform, bundle, data)
    for tile, hashes in grow(old_size, leaves, read):
        logfiles.write_tile(platform, tile, b"".join(hashes))
