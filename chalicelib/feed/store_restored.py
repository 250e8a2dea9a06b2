"""Items of documents after a restore, brought into accord with the entries that are taken back.

| the log says | the table shows | then |
|---|---|---|
| shown | the document, as it was before | it waits to be numbered again: an amendment |
| shown | nothing | its withdrawal waits, unless something newer does |
| withdrawn | whatever it may | nothing; what is older than the withdrawal stays away |

Every write holds only for the item as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Condition, Update
from chalicelib.feed.model import entity_of
from chalicelib.feed.store import document_key, shard_of
from chalicelib.tlog.entry import SALT_BYTES, Entry

NAMES: Final = ("version", "shown.digest", "shown.size", "next.stamp")
"""What has to be read of an item."""


def size_of(item: Item | None) -> int:
    """What an item takes of a transaction, at most."""
    shown = cast("dict[str, Any]", (item or {}).get("shown") or {})
    return 2 * cast(int, shown.get("size", 0)) + 2_000


def accord(platform: Platform, entry: Entry, item: Item | None, at: str) -> Update:
    """The write that brings a document (read with NAMES) into accord with its last entry."""
    found = item or {}
    shown = cast("dict[str, Any]", found.get("shown") or {})
    waits = "next" in found
    if entry.kind == "withdraw":
        return _gone(platform, entry, item)
    pending: dict[str, Value] = {"pending": shard_of(entry.id), "pending_since": at}
    key = document_key(platform, entry.id)
    if "size" in shown:
        if waits:
            return Update(key, "SET #set_back = :set_back", {"set_back": True}, _as_read(item))
        again = {**pending, "set_back": True}
        return Update(key, f"{_set(again)}, #next = #shown", again, _as_read(item))
    values = _common(entry)
    values["shown"] = {"version": entry.version, "digest": entry.salted_sha256}
    if not waits:
        values |= pending
        stamp = platform.ids.random_bytes(SALT_BYTES)
        values["next"] = {**_withdrawn(entry), "stamp": stamp}
    if item is None:
        # Whoever decides of the document anew is not held up: its versions begin at 1.
        values |= {"version": 0, "gone": True, "etag": "gone"}
    return Update(key, _set(values), values, _as_read(item))


def _gone(platform: Platform, entry: Entry, item: Item | None) -> Update:
    values = _common(entry)
    values["shown"] = _withdrawn(entry)
    rest = ""
    if item is None or cast(int, item["version"]) <= entry.version:
        values |= {"version": entry.version, "gone": True, "etag": "gone"}
        rest = " REMOVE #next, #pending, #pending_since, #until, #end_day, #position"
    key = document_key(platform, entry.id)
    return Update(key, _set(values) + rest, values, _as_read(item))


def _common(entry: Entry) -> dict[str, Value]:
    return {"entity": "document", "kind": entity_of(entry.id), "seq": entry.seq}


def _withdrawn(entry: Entry) -> Item:
    return {"version": entry.version, "gone": True, "reason": "withdrawn"}


def _set(values: Mapping[str, Value]) -> str:
    return "SET " + ", ".join(f"#{name} = :{name}" for name in values)


def _as_read(item: Item | None) -> Condition:
    if item is None:
        return ABSENT
    state = cast("dict[str, Any]", item.get("next") or {})
    seen: dict[str, Value] = {"seen_version": item["version"]}
    if not state:
        return Condition("#version = :seen_version AND attribute_not_exists(#next)", seen)
    seen["seen_stamp"] = state["stamp"]
    return Condition("#version = :seen_version AND #next.#stamp = :seen_stamp", seen)
