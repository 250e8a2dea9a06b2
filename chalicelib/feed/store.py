"""Items of the feed in the public table.

| item | pk | sk | read by |
|---|---|---|---|
| document | DOCUMENT#<id> | - | id; by_end; by_pending while a change waits |
| head of the log | LOG | HEAD | |
| up to BATCH changes, named by the first of them | LOG | BATCH#<seq> | number |

A document's item holds two states: `shown`, which is in the log under `seq`, and `next`, which is
decided and waits for the sequencer. Only what is shown is public. A withdrawn document keeps an
item with neither content nor salt.

Versions only go forward: a write names the version of the fact it shows, and loses against an item
of a newer one, or against a withdrawal of the same one. So duplicate, late and simultaneous
deliveries end in the same state.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Condition, Key, Put, Update, Write, commit
from chalicelib.feed.model import Change, Document, Entity, Head, NewDocument, WithdrawalReason
from chalicelib.feed.rules import core_of
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.clock import instant_text
from chalicelib.tlog.entry import SALT_BYTES, parse_entry, salted_digest
from chalicelib.tlog.merkle import RightEdge, edge_from_bytes

BATCH: Final = 96
"""Changes committed at once: each is one item of a transaction, which takes 100."""
MOST_BYTES: Final = 3_000_000
"""Of documents in one batch: a transaction takes 4 MB."""
SHARDS: Final = 8
"""Partitions of by_pending: a bulk load shall not press on a single one."""
_LOG = "LOG"
_HEAD = "HEAD"
_LAST = "~"


@dataclass(frozen=True, slots=True)
class CommittedHead:
    """How far the log has come, with the right edge of its tree."""

    seq: int = 0
    at: str = ""
    edge: RightEdge = field(default_factory=RightEdge)

    @property
    def public(self) -> Head:
        """What readers are told."""
        return Head(self.seq, self.at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document whose next state waits for its number."""

    id: str
    entity: Entity
    stamp: bytes
    """Tells this write of `next` from any other."""
    version: int
    is_gone: bool
    core: str
    salted_sha256: str
    until: str
    reason: WithdrawalReason | str
    was_shown: bool
    core_before: str
    since: str
    size: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided last of a document, numbered or not."""

    version: int
    is_gone: bool
    waits: bool


# -- documents ------------------------------------------------------------------------------------


def document_key(platform: Platform, document_id: str) -> Key:
    """Where a document lies."""
    return platform.public.key(f"DOCUMENT#{document_id}")


def show(platform: Platform, new: NewDocument) -> bool:
    """Let the document be the next state, unless something newer or the same is there.

    True: a change waits for the sequencer (also where this very write was made before).
    """
    content = canonical_json(new.document)
    packed = zlib.compress(content, 6)
    salt = platform.ids.random_bytes(SALT_BYTES)
    state: Item = {
        "version": new.version,
        "stamp": salt,
        "content": packed,
        "size": len(packed),
        "salt": salt,
        "digest": salted_digest(salt, new.document),
        "core": core_of(new.document),
        "until": new.until,
    }
    etag = f"{new.version}-{hashlib.sha256(content).hexdigest()[:32]}"
    condition = Condition(
        "attribute_not_exists(#pk) OR #version < :version"
        " OR (#version = :version AND attribute_not_exists(#gone) AND #etag <> :etag)"
    )
    values: dict[str, Value] = {"etag": etag}
    ends = "REMOVE #gone, #until, #end_day, #position"
    if new.until and new.end_day:
        ends = "REMOVE #gone"
        values |= {"until": new.until, "end_day": new.end_day}
        values["position"] = f"{new.until}#{new.id}"
    names = "".join(f", #{name} = :{name}" for name in values)
    return _write_next(platform, new.id, new.entity, state, f"{names} {ends}", values, condition)


def hide(
    platform: Platform,
    document_id: str,
    entity: Entity,
    version: int,
    reason: WithdrawalReason,
    *,
    stand: bool,
) -> bool:
    """Let the document be public no more, unless something newer is there.

    `stand`: leave an item against whoever may still want to show this version or an older one,
    even where nothing is shown yet. True: a change waits for the sequencer.
    """
    state: Item = {
        "version": version,
        "stamp": platform.ids.random_bytes(SALT_BYTES),
        "gone": True,
        "reason": reason,
    }
    condition = Condition(
        "attribute_not_exists(#pk) OR #version < :version"
        " OR (#version = :version AND attribute_not_exists(#gone))"
        if stand
        else "attribute_exists(#pk) AND attribute_not_exists(#gone) AND #version <= :version"
    )
    rest = ", #gone = :gone, #etag = :etag REMOVE #until, #end_day, #position"
    values: dict[str, Value] = {"gone": True, "etag": "gone"}
    return _write_next(platform, document_id, entity, state, rest, values, condition)


def _write_next(
    platform: Platform,
    document_id: str,
    entity: Entity,
    state: Item,
    rest: str,
    values: Mapping[str, Value],
    condition: Condition,
) -> bool:
    common: dict[str, Value] = {
        "entity": "document",
        "kind": entity,
        "version": state["version"],
        "next": state,
        "pending": shard_of(document_id),
        "pending_since": instant_text(platform.clock()),
    }
    names = ", ".join(f"#{name} = :{name}" for name in common)
    key = document_key(platform, document_id)
    write = Update(key, f"SET {names}{rest}", {**common, **values}, condition)
    try:
        commit([write])
    except ConditionFailed as error:
        there = error.items.get(0)
        return there is not None and "pending" in there
    return True


def shard_of(document_id: str) -> str:
    """In which partition of by_pending a document waits."""
    return str(hashlib.sha256(document_id.encode()).digest()[0] % SHARDS)


def read_items(
    platform: Platform, ids: Iterable[str], names: Sequence[str] = ()
) -> dict[str, Item]:
    """The items of those documents that have one (consistent); `names` picks attributes."""
    keys = {document_key(platform, document_id): document_id for document_id in ids}
    if not keys:
        return {}
    return {keys[key]: item for key, item in batch_get(list(keys), names=names).items()}


def decided_in(item: Item) -> Decided:
    """What was decided last of a document."""
    return Decided(cast(int, item["version"]), "gone" in item, "pending" in item)


def shown_document(document_id: str, item: Item) -> Document | None:
    """What of a document is public now, as far as the log goes. None: nothing."""
    shown = cast("Item | None", item.get("shown"))
    if shown is None or "content" not in shown:
        return None
    return Document(
        id=document_id,
        entity=cast(Entity, item["kind"]),
        version=cast(int, shown["version"]),
        seq=cast(int, item["seq"]),
        content=zlib.decompress(cast(bytes, shown["content"])),
        salt=cast(bytes, shown["salt"]),
        until=str(shown["until"]),
    )


WAITING: Final = (
    "kind",
    "pending_since",
    "set_back",
    "shown.digest",
    "shown.core",
    "shown.size",
    *(
        f"next.{name}"
        for name in ("version", "stamp", "gone", "core", "digest", "until", "reason", "size")
    ),
)
"""What the sequencer reads of a document: all but its content."""


def waiting_in(document_id: str, item: Item) -> Waiting | None:
    """What of a document (read with WAITING) waits for its number. None: nothing."""
    state = cast("dict[str, Any] | None", item.get("next"))
    if state is None:
        return None
    shown = cast("dict[str, Any]", item.get("shown") or {})
    return Waiting(
        id=document_id,
        entity=cast(Entity, item["kind"]),
        stamp=state["stamp"],
        version=state["version"],
        is_gone="gone" in state,
        core=state.get("core", ""),
        salted_sha256=state.get("digest", ""),
        until=state.get("until", ""),
        reason=state.get("reason", ""),
        was_shown="digest" in shown,
        # What a restore has set back is not what the log says was shown last.
        core_before="" if "set_back" in item else shown.get("core", ""),
        since=str(item["pending_since"]),
        size=state.get("size", 0) + shown.get("size", 0) + 1_000,
    )


def waiting_ids(platform: Platform, before: str) -> Iterator[str]:
    """Documents whose change has waited since before that instant: their message got lost."""
    for shard in range(SHARDS):
        found = platform.public.each_in_index("by_pending", str(shard), between=("0", before))
        for item in found:
            yield str(item["pk"]).partition("#")[2]


def ending_on(platform: Platform, day: str) -> Iterator[Item]:
    """Documents, and alarm clocks of documents to come, whose last day is `day`."""
    return platform.public.each_in_index("by_end", day)


# -- the log --------------------------------------------------------------------------------------


def read_head(platform: Platform) -> CommittedHead:
    """How far the log has come (consistent)."""
    item = platform.public.get(_LOG, _HEAD)
    if item is None:
        return CommittedHead()
    seq = cast(int, item["seq"])
    return CommittedHead(seq, str(item["at"]), edge_from_bytes(seq, cast(bytes, item["edge"])))


def append(
    platform: Platform,
    head: CommittedHead,
    changes: tuple[Change, ...],
    at: str,
    settled: Mapping[str, Waiting],
) -> CommittedHead:
    """Commit changes behind `head`, together with what they and `settled` (document id -> what
    waited) mean for the documents: all of it, or nothing.

    Raises ConditionFailed: item 0 when somebody else has moved the head; a later one when a
    document has changed meanwhile (they follow in the order of `settled`).
    """
    numbers = {change.entry.id: change.entry.seq for change in changes}
    settling = [_settle(platform, waiting, numbers.get(name)) for name, waiting in settled.items()]
    return append_with(platform, head, changes, at, settling)


def append_with(
    platform: Platform,
    head: CommittedHead,
    changes: tuple[Change, ...],
    at: str,
    documents: Sequence[Write],
) -> CommittedHead:
    """`append`, together with whatever else is written of documents. Raises as it does."""
    edge = head.edge.append(change.entry.leaf() for change in changes)
    after = CommittedHead(head.seq + len(changes), at, edge)
    commit([*(_log_writes(platform, head, after, changes) if changes else ()), *documents])
    return after


def _log_writes(
    platform: Platform, head: CommittedHead, after: CommittedHead, changes: tuple[Change, ...]
) -> tuple[Write, Write]:
    unmoved = Condition("#seq = :before", {"before": head.seq}) if head.seq else ABSENT
    values: dict[str, Value] = {"seq": after.seq, "at": after.at, "edge": after.edge.to_bytes()}
    names = ", ".join(f"#{name} = :{name}" for name in values)
    batch: Item = {
        "pk": _LOG,
        "sk": _batch_name(head.seq + 1),
        "seq": after.seq,
        "changes": _packed(changes),
    }
    return (
        Update(platform.public.key(_LOG, _HEAD), f"SET {names}", values, unmoved),
        Put(platform.public.name, batch, ABSENT),
    )


def _settle(platform: Platform, waiting: Waiting, seq: int | None) -> Update:
    """What waited is shown under its number; without one (it never was public) nothing is."""
    done = "REMOVE #next, #pending, #pending_since, #set_back"
    if seq is None:
        expression, values = done, cast("dict[str, Value]", {})
    else:
        expression, values = f"SET #shown = #next, #seq = :seq {done}", {"seq": seq}
    unchanged = Condition("#next.#stamp = :stamp", {"stamp": waiting.stamp})
    return Update(document_key(platform, waiting.id), expression, values, unchanged)


def changes_after(platform: Platform, after: int, limit: int) -> tuple[Change, ...]:
    """Committed changes behind number `after`, in order, `limit` at most."""
    # A batch may begin before `after` and reach beyond it.
    low = _batch_name(max(1, after + 2 - BATCH))
    found: list[Change] = []
    start: Item | None = None
    while len(found) < limit:
        page = platform.public.query(
            _LOG, between=(low, f"BATCH#{_LAST}"), limit=limit - len(found) + BATCH, start=start
        )
        for item in page.items:
            if cast(int, item["seq"]) > after:
                changes = _unpacked(cast(bytes, item["changes"]))
                found += [change for change in changes if change.entry.seq > after]
        start = page.next_start
        if start is None:
            break
    return tuple(found[:limit])


def _batch_name(seq: int) -> str:
    return f"BATCH#{seq:016d}"


def _packed(changes: Iterable[Change]) -> bytes:
    """A row a change: its entry as the log spells it, then what only helps readers."""
    rows = [
        [one.entry.to_bytes().decode(), one.entity, one.at, one.until, one.reason]
        for one in changes
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)


def _unpacked(data: bytes) -> list[Change]:
    rows = json.loads(zlib.decompress(data))
    return [Change(parse_entry(entry.encode()), *rest) for entry, *rest in rows]
