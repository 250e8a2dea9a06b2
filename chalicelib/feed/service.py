"""The feed as other rooms use it: what is decided goes in, what is public comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.feed import proving, store
from chalicelib.feed.model import (
    Change,
    Document,
    Entity,
    Head,
    NewDocument,
    WithdrawalReason,
)

__all__ = [
    "Proof",
    "Written",
    "changes_after",
    "current_documents",
    "decided",
    "ending_on",
    "head",
    "hide",
    "prove",
    "request_sequencing",
    "resend_waiting",
    "show",
]

MESSAGE_IDS: Final = 400
"""Documents one message of the sequencer's queue names."""

Written = store.Decided
Proof = proving.Proof


def show(platform: Platform, new: NewDocument) -> bool:
    """Decide that a document is public, unless something newer is decided. It becomes public when
    the sequencer has numbered it. True: ask for that (`request_sequencing`)."""
    return store.show(platform, new)


def hide(
    platform: Platform,
    document_id: str,
    entity: Entity,
    version: int,
    reason: WithdrawalReason,
    *,
    stand: bool = False,
) -> bool:
    """Decide that a document is public no more, unless something newer is decided.

    `stand`: keep this or an older version from being shown even where nothing is shown yet. True:
    ask for its number (`request_sequencing`).
    """
    return store.hide(platform, document_id, entity, version, reason, stand=stand)


def decided(platform: Platform, ids: Iterable[str]) -> dict[str, Written]:
    """What was decided last of those documents of which anything was."""
    items = store.read_items(platform, ids)
    return {name: store.decided_in(item) for name, item in items.items()}


def request_sequencing(platform: Platform, ids: Iterable[str]) -> None:
    """Have waiting changes numbered, in this order. Repeating does no harm."""
    named = list(dict.fromkeys(ids))
    platform.sequencer_queue.send_many(
        [
            {"job": "sequence", "ids": named[begin : begin + MESSAGE_IDS]}
            for begin in range(0, len(named), MESSAGE_IDS)
        ]
    )


def resend_waiting(platform: Platform, before: str) -> int:
    """Ask again for changes that have waited since before that instant; how many. Where none has,
    the sequencer is woken all the same: what is numbered may not be published yet."""
    found = list(store.waiting_ids(platform, before))
    request_sequencing(platform, found)
    if not found:
        platform.sequencer_queue.send({"job": "sequence", "ids": []})
    return len(found)


def ending_on(platform: Platform, day: str) -> Iterator[Item]:
    """Documents (and what others keep by that index) whose last day is `day`."""
    return store.ending_on(platform, day)


def head(platform: Platform) -> Head:
    """How far the feed has come: one read."""
    return store.read_head(platform).public


def changes_after(platform: Platform, after: int, limit: int) -> tuple[Change, ...]:
    """The changes behind number `after`, in order and without a gap, `limit` at most."""
    return store.changes_after(platform, after, limit)


def current_documents(platform: Platform, ids: Iterable[str]) -> dict[str, Document]:
    """Those of the documents that are public as far as the log goes; whether their term has ended
    is for the reader's clock."""
    found = {
        name: store.shown_document(name, item)
        for name, item in store.read_items(platform, ids).items()
    }
    return {name: document for name, document in found.items() if document is not None}


def prove(platform: Platform, seq: int) -> Proof:
    """Proof that entry `seq` is in the published log, made from its tiles; `Proof.shown` is the
    file a verifier takes. Raises Unavailable for an entry that will be published in seconds."""
    return proving.prove(platform, seq)
