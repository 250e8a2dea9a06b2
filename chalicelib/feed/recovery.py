"""After a restore: what the table has lost of the log is taken back from what was published.

Readers have the published entries; a sequencer that gave their numbers away again would fork the
log. So nothing is numbered before the table is as far as the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Update
from chalicelib.feed import logfiles, store, store_restored
from chalicelib.feed.model import Change, entity_of
from chalicelib.feed.publishing import FORKED
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.log import log_event
from chalicelib.tlog.entry import Entry, parse_entry
from chalicelib.tlog.model import ENTRIES, TILE_HASHES, Unproven
from chalicelib.tlog.tiles import parse_bundle, tile_in

TAKEN_BACK: Final = "log_taken_back"


def catch_up(platform: Platform) -> int:
    """Commit again the published entries the table does not have; how many. One read if there are
    none. Safe to repeat: a crash leaves the rest to the next call.

    The documents of these entries are not in the bucket. What the table shows in their place waits
    to be numbered again, so that log and table end in the same (`store_restored`); what is decided
    of them may be projected anew meanwhile. Raises Unproven("forked") where the table is not how
    the published log begins, Unavailable when another is at it.
    """
    published = logfiles.read_published(platform, platform.log_signer.key)
    head = store.read_head(platform)
    if published is None or published.checkpoint.size <= head.seq:
        return 0
    begin, end = head.seq, published.checkpoint.size
    lost = list(_published_entries(platform, begin, end))
    if head.edge.append(entry.leaf() for entry in lost).root() != published.checkpoint.root:
        raise Unproven(*FORKED)
    left = lost
    while left:
        at = instant_text(platform.clock())
        batch, writes = _fitting(platform, left, at)
        # Before the commit: one message too many does no harm, one too few would.
        ids = list(dict.fromkeys(entry.id for entry in batch))
        platform.sequencer_queue.send({"job": "sequence", "ids": ids})
        changes = tuple(_change(entry, at) for entry in batch)
        try:
            head = store.append_with(platform, head, changes, at, writes)
        except ConditionFailed as error:
            raise Unavailable("公示日志正由他处找回，请稍后重试") from error
        left = left[len(batch) :]
    log_event("WARNING", TAKEN_BACK, after=begin, through=end)
    return len(lost)


def _fitting(
    platform: Platform, lost: Sequence[Entry], at: str
) -> tuple[Sequence[Entry], list[Update]]:
    """As many of the entries as one transaction carries with what they mean for their documents."""
    part = lost[: store.BATCH]
    items = store.read_items(platform, {entry.id for entry in part}, store_restored.NAMES)
    size = count = 0
    for entry in part:
        size += store_restored.size_of(items.get(entry.id))
        if count and size > store.MOST_BYTES:
            break
        count += 1
    last = {entry.id: entry for entry in part[:count]}
    return part[:count], [
        store_restored.accord(platform, entry, items.get(name), at) for name, entry in last.items()
    ]


def _published_entries(platform: Platform, begin: int, end: int) -> Iterator[Entry]:
    """The entries behind number `begin` of a published log of `end` entries."""
    read = logfiles.reader(platform)
    for index in range(begin // TILE_HASHES, -(-end // TILE_HASHES)):
        width = tile_in(0, index, end).width
        bundle = tile_in(ENTRIES, index, end)
        for number, data in enumerate(parse_bundle(read(bundle), width), index * TILE_HASHES + 1):
            if number > begin:
                yield _numbered(parse_entry(data), number)


def _numbered(entry: Entry, number: int) -> Entry:
    if entry.seq != number:
        raise Unproven(*FORKED)
    return entry


def _change(entry: Entry, at: str) -> Change:
    """What is known of a change from its entry alone."""
    entity = entity_of(entry.id)
    if entry.kind == "withdraw":
        return Change(entry, entity, at, reason="withdrawn")
    return Change(entry, entity, at)
