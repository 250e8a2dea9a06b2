"""What the feed is made of: public documents, and the changes that put them there and take them
away. Change n is entry n of the log (design §2.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from pydantic import Field

from chalicelib.tlog.entry import Entry, EntryKind
from chalicelib.web.model import Outbound

Entity: TypeAlias = Literal["record", "subject", "run", "result", "supervision", "rating"]
"""Kinds of public documents: a record, a registered body, an evaluation, the result of one body in
an evaluation (with its explanation), the published result of a supervision case, the rating of a
body by a third party."""

ENTITIES: tuple[Entity, ...] = get_args(Entity)

WithdrawalReason: TypeAlias = Literal["withdrawn", "term_ended"]
"""Taken back, or public no longer because its term is over."""


def document_id(entity: Entity, *names: str) -> str:
    """The id of a document in the feed: a record's is its own, others stand in a folder.

    `document_id("result", "ev_x", "9132…")` -> `result/ev_x/9132…`
    """
    return names[0] if entity == "record" else "/".join((entity, *names))


def entity_of(name: str) -> Entity:
    """Which kind of document an id of the feed is of: the inverse of `document_id`."""
    folder = name.partition("/")[0] if "/" in name else "record"
    return next((entity for entity in ENTITIES if entity == folder), "record")


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that is decided to be public: what `show` is given."""

    id: str
    entity: Entity
    version: int
    """Of the fact it shows: a write loses against a newer one."""
    document: Mapping[str, Any]
    """Its JSON: whole numbers, no fractions."""
    until: str = ""
    """The instant at which it ends by itself; empty: no end of its own."""
    end_day: str = ""
    """The last civil day on which it is public."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it stands in the log: what is public."""

    id: str
    entity: Entity
    version: int
    seq: int
    """The number of the change that brought it: leaf `seq - 1` of the tree."""
    content: bytes
    """Its canonical JSON (RFC 8785)."""
    salt: bytes
    until: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed: what the leaf of the log commits to, and what helps readers."""

    entry: Entry
    entity: Entity
    at: str
    """The instant at which it was sequenced."""
    until: str = ""
    reason: WithdrawalReason | Literal[""] = ""
    """Of a withdrawal: why."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far the feed has come: the number of its last change, which is the size of the tree."""

    seq: int = 0
    at: str = ""


class EntryView(Outbound):
    """An entry of the log: its canonical JSON (RFC 8785) is what the leaf is the hash of."""

    seq: int
    kind: EntryKind
    id: str
    version: int
    salted_sha256: str | None
    """Of the document shown; a withdrawal has none."""


class ProofView(Outbound):
    """A public document with what proves that it is in the log: the file a verifier takes."""

    document: dict[str, Any]
    salt: str
    entry: EntryView
    proof: tuple[str, ...]
    """Hashes from the leaf up (RFC 6962 §2.1.1), in hex."""
    checkpoint: str
    """The signed note they lead to."""


class ConsistencyView(Outbound):
    """That the log of `from` entries is how that of `to` entries begins."""

    from_: int = Field(alias="from")
    to: int
    proof: tuple[str, ...]
    """Hashes in the order of RFC 6962 §2.1.2, in hex."""
    checkpoint: str
    """The signed note of the log now: of `to` entries or more."""
