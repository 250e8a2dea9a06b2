"""Logs to hold the arithmetic against: one kept in memory, one of ten million made while read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.tlog.merkle import RightEdge, folded, leaf_hash, node_hash
from chalicelib.tlog.model import TILE_HASHES, TILE_HEIGHT, Tile
from chalicelib.tlog.tiles import grow

FILLER = leaf_hash(b"nothing to see")


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 defines it, word for word: slow, and nothing of ours in it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    both = tree_hash(leaves[:half]) + tree_hash(leaves[half:])
    return hashlib.sha256(b"\x01" + both).digest()


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


@dataclass
class KeptLog:
    """A log as it lies in a store: an edge, and tiles that are only ever added."""

    edge: RightEdge = field(default_factory=RightEdge)
    tiles: dict[Tile, bytes] = field(default_factory=dict)
    reads: list[Tile] = field(default_factory=list)

    def append(self, new: Iterable[bytes]) -> list[Tile]:
        """Sequences these entries; the tiles that were written."""
        leaves = [leaf_hash(entry) for entry in new]
        grown = {tile: b"".join(hashes) for tile, hashes in grow(self.edge.size, leaves, self.read)}
        assert not grown.keys() & self.tiles.keys(), "a tile was written twice"
        self.tiles |= grown
        self.edge = self.edge.append(leaves)
        return list(grown)

    def read(self, tile: Tile) -> bytes:
        self.reads.append(tile)
        return self.tiles[tile]


def kept(count: int) -> KeptLog:
    log = KeptLog()
    log.append(entries(count))
    return log


@dataclass
class VastLog:
    """A log of any size whose leaves are all alike but a few: no leaf is stored, none is built
    before it is asked for."""

    size: int
    special: Mapping[int, bytes]
    reads: list[Tile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._alike = [FILLER]
        for _ in range(self.size.bit_length()):
            self._alike.append(node_hash(self._alike[-1], self._alike[-1]))

    def perfect_root(self, height: int, index: int) -> bytes:
        if not any(leaf >> height == index for leaf in self.special):
            return self._alike[height]
        if height == 0:
            return self.special[index]
        left = self.perfect_root(height - 1, index * 2)
        return node_hash(left, self.perfect_root(height - 1, index * 2 + 1))

    def read(self, tile: Tile) -> bytes:
        self.reads.append(tile)
        height, first = tile.level * TILE_HEIGHT, tile.index * TILE_HASHES
        hashes = [self.perfect_root(height, first + at) for at in range(tile.width)]
        return b"".join(hashes)

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves, not by way of tiles."""
        roots, start = [], 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                roots.append(self.perfect_root(height, start >> height))
                start += 1 << height
        return folded(roots)
