"""C2SP tlog-tiles: paths of tiles and bundles, what is in them, how they grow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.tlog.merkle import perfect_root, split_hashes
from chalicelib.tlog.model import (
    ENTRIES,
    HASH_BYTES,
    MAX_SIZE,
    TILE_HASHES,
    TILE_HEIGHT,
    Tile,
    TileReader,
    Unproven,
)

MAX_LEVEL = 63
MAX_ENTRY_BYTES = 2**16 - 1
"""What the length in front of an entry can say ("Log entries")."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


def tile_path(tile: Tile) -> str:
    """`tile/<L>/<N>[.p/<W>]`, relative to the log's prefix."""
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{index}" + ("" if tile.is_full else f".p/{tile.width}")


def parse_tile_path(path: str) -> Tile:
    """The inverse of `tile_path`. Raises Unproven for anything `tile_path` would not write."""
    match = _PATH.fullmatch(path)
    if match is not None:
        level = ENTRIES if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", ""))
        tile = Tile(level, index, int(match["width"] or TILE_HASHES))
        if level <= MAX_LEVEL and index <= MAX_SIZE and tile_path(tile) == path:
            return tile
    raise Unproven("bad_tile_path", "切片路径不符合 tlog-tiles 规范")


def tiles_grown(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles of the tree of `new_size` that the tree of `old_size` has not, level by level.

    A partial tile that is wider now is among them; what stays as it was is not.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise Unproven("bad_size", "日志长度不正确：日志只增不减")
    for level in range(MAX_LEVEL + 1):
        old, new = old_size >> level * TILE_HEIGHT, new_size >> level * TILE_HEIGHT
        if old == new:
            return
        for index in range(old // TILE_HASHES, -(-new // TILE_HASHES)):
            yield tile_in(level, index, new_size)


def bundles_grown(old_size: int, new_size: int) -> Iterator[Tile]:
    """The entry bundles of the tree of `new_size` that the tree of `old_size` has not."""
    for tile in tiles_grown(old_size, new_size):
        if tile.level == 0:
            yield Tile(ENTRIES, tile.index, tile.width)


def tile_in(level: int, index: int, size: int) -> Tile:
    """A tile, as wide as it is in a tree of `size` leaves. Raises Unproven if it is not in it."""
    hashes = size >> max(level, 0) * TILE_HEIGHT
    width = min(TILE_HASHES, hashes - index * TILE_HASHES)
    if index < 0 or width < 1:
        raise Unproven("not_in_tree", "该切片不在此长度的日志之内")
    return Tile(level, index, width)


def grow(
    old_size: int, leaves: Sequence[bytes], read: TileReader
) -> Iterator[tuple[Tile, tuple[bytes, ...]]]:
    """The tiles `tiles_grown` names, each with its hashes, after these leaf hashes are appended.

    Reads at most one tile a level: the partial one at the right edge of the old tree.
    """
    new_size, added = old_size + len(leaves), list(leaves)
    wanted = tiles_grown(old_size, new_size)
    for level in range(MAX_LEVEL + 1):
        before = old_size >> level * TILE_HEIGHT
        if not added:
            return
        row = [*_partial(level, before, read), *added]
        added = []
        for at in range(0, len(row), TILE_HASHES):
            hashes = tuple(row[at : at + TILE_HASHES])
            tile = next(wanted)
            yield tile, hashes
            if tile.is_full:
                added.append(perfect_root(hashes))


def _partial(level: int, count: int, read: TileReader) -> tuple[bytes, ...]:
    width = count % TILE_HASHES
    if not width:
        return ()
    return tile_hashes(Tile(level, count // TILE_HASHES, width), read)


def tile_hashes(tile: Tile, read: TileReader) -> tuple[bytes, ...]:
    """The hashes of `tile` as `read` gives them, cut to its width if it gave the full tile.

    Raises Unproven if it is not the size of a tile.
    """
    data = read(tile)
    if len(data) not in (tile.width * HASH_BYTES, TILE_HASHES * HASH_BYTES):
        raise Unproven("bad_tile", "切片长度不正确")
    return split_hashes(data)[: tile.width]


def bundle_bytes(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry behind its length as big-endian uint16 ("Log entries")."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise Unproven("entry_too_long", "日志条目超过65535字节")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The first `width` entries of a bundle of `width` or the full number of entries.

    Raises Unproven if the bundle is cut off, has something behind it or another number of entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data):
            raise Unproven("bad_bundle", "日志条目包不完整或有多余内容")
        entries.append(data[start:at])
    if len(entries) not in (width, TILE_HASHES):
        raise Unproven("bad_bundle", "日志条目包中的条目数不正确")
    return tuple(entries[:width])
