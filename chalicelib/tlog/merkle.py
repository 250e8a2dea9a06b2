"""Hashes of RFC 6962 §2.1 and the right edge: all a growing tree has to remember."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from chalicelib.tlog.model import HASH_BYTES, MAX_SIZE, Unproven

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2**n hashes of one level."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def folded(roots: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, the largest on the left."""
    if not roots:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))


@dataclass(frozen=True, slots=True)
class RightEdge:
    """The roots of the perfect subtrees a tree of `size` leaves consists of, the largest first.

    At most 63 hashes, one per bit set in `size`; enough to append and to tell the root.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            raise Unproven("bad_edge", "日志右边缘与日志长度不符")
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise Unproven("bad_edge", "日志右边缘中的哈希值长度不正确")

    def append(self, leaves: Iterable[bytes]) -> RightEdge:
        """The edge after these leaf hashes; two hash computations a leaf, whatever the size."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            value, bits = leaf, size
            while bits & 1:
                value = node_hash(stack.pop(), value)
                bits >>= 1
            stack.append(value)
            size += 1
        return RightEdge(size, tuple(stack))

    def root(self) -> bytes:
        """The Merkle Tree Hash of the whole tree."""
        return folded(self.hashes)

    def to_bytes(self) -> bytes:
        """The hashes one after another: what is stored beside the size."""
        return b"".join(self.hashes)


def edge_from_bytes(size: int, data: bytes) -> RightEdge:
    """The inverse of `RightEdge.to_bytes`. Raises Unproven if it cannot be an edge of `size`."""
    return RightEdge(size, split_hashes(data))


def split_hashes(data: bytes) -> tuple[bytes, ...]:
    """The 32-byte hashes `data` consists of. Raises Unproven if something is left over."""
    if len(data) % HASH_BYTES:
        raise Unproven("bad_length", "哈希值序列的长度不是32字节的整数倍")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
