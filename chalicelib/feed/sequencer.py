"""The sequencer: gives every waiting change its number (design §2.8).

    waiting documents ─ one transaction ─┬─ the head, if nobody has moved it
                                         ├─ the changes behind it
                                         └─ each document, if it waits as it was read
                      ─ then tiles and the checkpoint, from what is committed

One transaction commits a batch: two sequencers racing, a crash anywhere, a message delivered again
leave no gap, no fork and nothing doubled. The loser of a race reads again and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.feed import store
from chalicelib.feed.model import Change, WithdrawalReason
from chalicelib.feed.rules import kind_of_change
from chalicelib.feed.store import CommittedHead, Waiting
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.log import log_event
from chalicelib.tlog.entry import Entry
from chalicelib.tlog.model import Unproven

SNAPSHOT_SECONDS: Final = 60
"""How long a snapshot waits for further changes: several withdrawals become one build."""
LEAST_GROWTH: Final = 2_048
"""Changes after which a snapshot is built anew, at least."""
UNNUMBERED: Final = "change_unnumbered"
_RACES: Final = 30
"""Lost races in a row after which the work is left to the message's next delivery."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What a call has brought: changes committed, how many of them withdrawals, the head now."""

    changes: int
    withdrawals: int
    head: CommittedHead


def sequence(platform: Platform, ids: Iterable[str]) -> Sequenced:
    """Number the waiting changes of these documents, in the order in which they came to wait.

    What does not wait (any more) is passed over; so is what no entry can be made of, which is said
    in the log and goes on waiting for a person. Raises Unavailable when others move the head
    faster than this call reads it.
    """
    left = list(dict.fromkeys(ids))
    head = store.read_head(platform)
    changes = withdrawals = races = 0
    most = store.BATCH
    while left:
        part = left[: store.BATCH]
        batch = _fitting(_waiting(platform, part))[:most]
        if not batch:
            left = left[len(part) :]
            continue
        try:
            head, made = _commit(platform, head, batch)
        except ConditionFailed as error:
            races += 1
            if races > _RACES:
                raise Unavailable("公示日志正由他处编号，请稍后重试") from error
            head = store.read_head(platform)
            continue
        except ValueError as error:
            # One of these cannot be numbered: look for it, so that it holds up nobody else.
            if len(batch) > 1:
                most = len(batch) // 2
                continue
            _report(batch[0], error)
            left.remove(batch[0].id)
            most = store.BATCH
            continue
        races = 0
        changes += len(made)
        withdrawals += sum(change.entry.kind == "withdraw" for change in made)
        done = {entry.id for entry in batch}
        left = [name for name in left if name not in done]
    return Sequenced(changes, withdrawals, head)


def _commit(
    platform: Platform, head: CommittedHead, batch: Sequence[Waiting]
) -> tuple[CommittedHead, tuple[Change, ...]]:
    at = instant_text(platform.clock())
    made = _changes(head, batch, at)
    _announce(platform, head, made)
    return store.append(platform, head, made, at, {entry.id: entry for entry in batch}), made


def _report(waiting: Waiting, error: ValueError) -> None:
    why = error.code if isinstance(error, Unproven) else type(error).__name__
    log_event("ERROR", UNNUMBERED, id=waiting.id, version=waiting.version, why=why)


def _announce(platform: Platform, head: CommittedHead, made: Sequence[Change]) -> None:
    """Have snapshots built anew that hold what is withdrawn now, and before the feed behind the
    newest grows long. Sent before the commit: one message too many does no harm, one too few
    would."""
    after = head.seq + len(made)
    if any(change.entry.kind == "withdraw" for change in made):
        platform.snapshots_queue.send({"reason": "withdrawal", "seq": after}, SNAPSHOT_SECONDS)
    elif head.seq // _growth(after) != after // _growth(after):
        platform.snapshots_queue.send({"reason": "growth", "seq": after}, SNAPSHOT_SECONDS)


def _growth(seq: int) -> int:
    """Changes between two snapshots of a feed so long: a few in a hundred, so that whoever begins
    with a snapshot has little left to read, and a bulk load does not build one all the time."""
    return max(LEAST_GROWTH, 1 << max(0, seq.bit_length() - 5))


def _waiting(platform: Platform, ids: Sequence[str]) -> list[Waiting]:
    """What waits among these documents, the longest waiting first."""
    items = store.read_items(platform, ids, store.WAITING)
    found = [store.waiting_in(name, items[name]) for name in ids if name in items]
    return sorted((one for one in found if one), key=lambda one: (one.since, ids.index(one.id)))


def _fitting(waiting: Sequence[Waiting]) -> list[Waiting]:
    """As many as one transaction carries; at least one."""
    batch: list[Waiting] = []
    size = 0
    for one in waiting:
        size += one.size
        if batch and size > store.MOST_BYTES:
            break
        batch.append(one)
    return batch


def _changes(head: CommittedHead, batch: Sequence[Waiting], at: str) -> tuple[Change, ...]:
    made: list[Change] = []
    for waiting in batch:
        kind = kind_of_change(
            was_shown=waiting.was_shown,
            core_before=waiting.core_before,
            is_gone=waiting.is_gone,
            core_now=waiting.core,
        )
        if kind is None:
            continue
        digest = None if waiting.is_gone else waiting.salted_sha256
        entry = Entry(head.seq + len(made) + 1, kind, waiting.id, waiting.version, digest)
        reason = cast("WithdrawalReason", waiting.reason) if waiting.is_gone else ""
        made.append(Change(entry, waiting.entity, at, waiting.until, reason))
    return tuple(made)
