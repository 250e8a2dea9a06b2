"""What a website checks of a log it does not trust: a document, a prefix, every entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from chalicelib.kernel.canonical import JsonValue
from chalicelib.tlog.checkpoint import Checkpoint
from chalicelib.tlog.entry import Entry, entry_from, parse_entry, salted_digest, strict_json
from chalicelib.tlog.merkle import RightEdge, leaf_hash
from chalicelib.tlog.model import TILE_HASHES, Tile, TileReader, Unproven
from chalicelib.tlog.proofs import TreeView, check_consistency, check_inclusion
from chalicelib.tlog.tiles import bundles_grown, parse_bundle, tile_path

Fetch: TypeAlias = Callable[[str], bytes]
"""Gives what lies at a path under the log's prefix. Raises Missing, Unreachable."""


class Unreachable(Exception):
    """The log could not be read: nothing is said of whether it is true. The text is Chinese."""


class Missing(Unreachable):
    """There is nothing at the path."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it is published, with what proves it."""

    document: JsonValue
    salt: bytes
    entry: Entry
    proof: tuple[bytes, ...]
    checkpoint: bytes


def parse_shown(data: bytes) -> Shown:
    """From a JSON object of `document`, `salt` (hex), `entry`, `proof` (list of hex, from the leaf
    up) and `checkpoint` (the signed note); further members are left unread. Raises Unproven."""
    members = strict_json(data)
    if not isinstance(members, dict) or "document" not in members:
        raise Unproven("bad_proof", "文件中没有文档（document）")
    proof, checkpoint = members.get("proof"), members.get("checkpoint")
    if not isinstance(proof, list) or not isinstance(checkpoint, str):
        raise Unproven("bad_proof", "文件中没有包含证明（proof）或检查点（checkpoint）")
    return Shown(
        document=members["document"],
        salt=_from_hex(members.get("salt")),
        entry=entry_from(members.get("entry")),
        proof=tuple(_from_hex(step) for step in proof),
        checkpoint=checkpoint.encode(errors="replace"),
    )


def _from_hex(text: JsonValue) -> bytes:
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        data = b""
    if not data or data.hex() != text:
        raise Unproven("bad_proof", "盐值或证明不是小写十六进制")
    return data


def check_document(document: JsonValue, salt: bytes, entry: Entry) -> None:
    """Raises Unproven unless `entry` commits to just this document with this salt."""
    if salted_digest(salt, document) != entry.salted_sha256:
        raise Unproven("other_document", "文档与日志条目不符：文档或盐值被改动过")


def check_entry(entry: Entry, proof: tuple[bytes, ...], checkpoint: Checkpoint) -> None:
    """Raises Unproven unless `proof` shows `entry` at its number in the log of `checkpoint`."""
    check_inclusion(entry.leaf(), entry.index, checkpoint.size, proof, checkpoint.root)


def check_prefix(old: Checkpoint, new: Checkpoint, read: TileReader) -> None:
    """Raises Unproven unless the log of `old` is how the log of `new` begins.

    `read` gives the tiles of the new log and need not be trusted.
    """
    if old.origin != new.origin:
        raise Unproven("other_origin", "两个检查点来自不同的日志")
    proof = TreeView(new.size, read).consistency_proof(old.size)
    check_consistency(old.size, old.root, new.size, new.root, proof)


def check_tiles(checkpoint: Checkpoint, read: TileReader) -> None:
    """Raises Unproven unless the tiles at the right edge give the root that was signed."""
    if TreeView(checkpoint.size, read).root() != checkpoint.root:
        raise Unproven("bad_tiles", "日志切片与检查点的根哈希不符")


def check_all(checkpoint: Checkpoint, read: TileReader) -> None:
    """Raises Unproven unless the entries in the bundles, numbered without a gap, are the log that
    was signed. Reads every bundle and keeps none."""
    edge = RightEdge()
    for bundle in bundles_grown(0, checkpoint.size):
        entries = parse_bundle(read(bundle), bundle.width)
        for number, data in enumerate(entries, start=edge.size + 1):
            if parse_entry(data).seq != number:
                raise Unproven("bad_sequence", f"第{number}条日志条目的序号不连续")
        edge = edge.append(map(leaf_hash, entries))
    if edge.root() != checkpoint.root:
        raise Unproven("bad_bundle", "日志条目与检查点的根哈希不符")


def tile_reader(fetch: Fetch) -> TileReader:
    """Tiles and bundles from where `fetch` reads; a partial one that is gone is looked for in the
    full one that took its place (tlog-tiles, "Partial Tiles")."""

    def read(tile: Tile) -> bytes:
        try:
            return fetch(tile_path(tile))
        except Missing:
            if tile.is_full:
                raise
            return fetch(tile_path(replace(tile, width=TILE_HASHES)))

    return read
