"""What the log is made of: hashes, tiles, and the one way in which a proof fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

HASH_BYTES = 32
"""SHA-256, the only hash of tlog-tiles."""

TILE_HASHES = 256
"""Hashes in a full tile, entries in a full bundle (tlog-tiles, "Merkle Tree")."""

TILE_HEIGHT = 8
"""Levels of the tree that one tile spans: 2**8 = TILE_HASHES."""

MAX_SIZE = 2**63 - 1
"""The largest tree anybody's 64-bit integer holds."""


class Unproven(ValueError):
    """What was shown does not prove what it should: malformed, altered, or of another log.

    `code` is stable; the text is Chinese and holds nothing of what was shown.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile of the tree, or one bundle of entries (`level` ENTRIES): which, and how wide."""

    level: int
    index: int
    width: int = TILE_HASHES

    @property
    def is_full(self) -> bool:
        """Full ones never change again; partial ones are those of one tree size."""
        return self.width == TILE_HASHES


ENTRIES = -1
"""The `level` of an entry bundle, which lies beside the tile of level 0 with the same index."""

TileReader: TypeAlias = Callable[[Tile], bytes]
"""Gives the hashes of a tile. A partial tile may be answered by the full one that took its place
(tlog-tiles, "Partial Tiles"). May raise whatever its storage raises."""
