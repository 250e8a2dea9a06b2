"""Inclusion and consistency proofs: made from tiles (RFC 6962 §2.1.1, §2.1.2), and checked.

Checking follows RFC 9162 §2.1.3.2 and §2.1.4.2, which say step by step what RFC 6962 leaves to the
reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.tlog.merkle import (
    EMPTY_ROOT,
    RightEdge,
    folded,
    node_hash,
    perfect_root,
)
from chalicelib.tlog.model import (
    HASH_BYTES,
    MAX_SIZE,
    TILE_HASHES,
    TILE_HEIGHT,
    Tile,
    TileReader,
    Unproven,
)
from chalicelib.tlog.tiles import tile_hashes, tile_in

Span = tuple[int, int]
"""The leaves from the first index up to, not including, the second."""

_BROKEN = ("bad_proof", "证明与检查点的根哈希不符")


class TreeView:
    """A tree of one size, read from tiles; each tile is read once in the view's life.

    What is read is believed: whoever does not trust its source checks the proofs made from it.
    """

    def __init__(self, size: int, read: TileReader) -> None:
        if not 0 <= size <= MAX_SIZE:
            raise Unproven("bad_size", "日志长度不正确")
        self.size = size
        self._read = read
        self._tiles: dict[Tile, tuple[bytes, ...]] = {}

    def root(self) -> bytes:
        """The Merkle Tree Hash of the tree."""
        return self._root_of((0, self.size))

    def edge(self) -> RightEdge:
        """What the sequencer keeps of the tree: how a lost head is found again."""
        return RightEdge(self.size, self._perfect_roots((0, self.size)))

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf. Raises Unproven if the tree has no such leaf."""
        self._must_have(index)
        return self._root_of((index, index + 1))

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """PATH(index, D[size]), from the leaf up. Raises Unproven if the tree has no such leaf."""
        self._must_have(index)
        return tuple(self._root_of(span) for span in inclusion_spans(index, self.size))

    def consistency_proof(self, old_size: int) -> tuple[bytes, ...]:
        """PROOF(old_size, D[size]): that the first `old_size` leaves still are what they were.

        Empty for old_size 0 and for the size itself. Raises Unproven beyond the size.
        """
        spans = consistency_spans(old_size, self.size)
        return tuple(self._root_of(span) for span in spans)

    def _must_have(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise Unproven("not_in_tree", "该条目不在此长度的日志之内")

    def _root_of(self, span: Span) -> bytes:
        return folded(self._perfect_roots(span))

    def _perfect_roots(self, span: Span) -> tuple[bytes, ...]:
        """The roots of the largest perfect subtrees that make up `span`, which begins where a
        tree of its length may begin."""
        start, end = span
        roots = []
        while start < end:
            height = (end - start).bit_length() - 1
            roots.append(self._perfect_root(height, start >> height))
            start += 1 << height
        return tuple(roots)

    def _perfect_root(self, height: int, index: int) -> bytes:
        """The root of the `index`-th perfect subtree of 2**height leaves, within one tile."""
        level, rest = divmod(height, TILE_HEIGHT)
        number, at = divmod(index << rest, TILE_HASHES)
        tile = tile_in(level, number, self.size)
        if tile not in self._tiles:
            self._tiles[tile] = tile_hashes(tile, self._read)
        return perfect_root(self._tiles[tile][at : at + (1 << rest)])


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Whose roots an inclusion proof consists of, from the leaf up."""
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old_size: int, size: int) -> list[Span]:
    """Whose roots a consistency proof consists of, in the order of RFC 6962 §2.1.2."""
    if not 0 <= old_size <= size:
        raise Unproven("bad_size", "旧检查点的长度超过新检查点：日志只增不减")
    if old_size in (0, size):
        return []
    start, end, spans = 0, size, []
    while old_size < end:
        middle = start + _left_part(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    # The first tree as a whole is known to whoever holds its root.
    return [*([(start, end)] if start else []), *spans[::-1]]


def _left_part(length: int) -> int:
    """The largest power of two below `length` (RFC 6962 §2.1, k)."""
    return 1 << (length - 1).bit_length() - 1


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raises Unproven unless `proof` shows that `leaf` (a leaf hash) is leaf `index` of the tree
    of `size` leaves with `root`."""
    if not 0 <= index < size <= MAX_SIZE:
        raise Unproven("not_in_tree", "该条目不在此长度的日志之内")
    _must_be_hashes([leaf, root, *proof])
    position, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Unproven(*_BROKEN)
        if position & 1 or position == last:
            value = node_hash(step, value)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            value = node_hash(value, step)
        position, last = position >> 1, last >> 1
    if last or value != root:
        raise Unproven(*_BROKEN)


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises Unproven unless `proof` shows that the tree of `old_size` leaves with `old_root` is
    how the tree of `size` leaves with `root` begins."""
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise Unproven("bad_size", "旧检查点的长度超过新检查点：日志只增不减")
    _must_be_hashes([old_root, root, *proof])
    if old_size in (0, size):
        if proof or old_root != (root if old_size else EMPTY_ROOT) or _is_wrongly_empty(size, root):
            raise Unproven(*_BROKEN)
        return
    is_perfect = old_size & (old_size - 1) == 0
    path = iter([old_root, *proof] if is_perfect else proof)
    _check_steps(old_size, old_root, size, root, path)


def _check_steps(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Iterator[bytes]
) -> None:
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_value = value = next(path, b"")
    for step in path:
        if last == 0:
            raise Unproven(*_BROKEN)
        if position & 1 or position == last:
            old_value, value = node_hash(step, old_value), node_hash(step, value)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            value = node_hash(value, step)
        position, last = position >> 1, last >> 1
    if last or old_value != old_root or value != root:
        raise Unproven(*_BROKEN)


def _is_wrongly_empty(size: int, root: bytes) -> bool:
    return size == 0 and root != EMPTY_ROOT


def _must_be_hashes(values: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise Unproven("bad_length", "证明或根哈希中的哈希值长度不是32字节")
