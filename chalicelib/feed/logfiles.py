"""The log as it lies in the publication bucket, under the paths of C2SP tlog-tiles.

    public/v1/log/checkpoint               the signed head: the one object that is replaced
    public/v1/log/tile/<L>/<N>[.p/<W>]     hashes; partial ones are those of one published size
    public/v1/log/tile/entries/<N>[...]    the entries themselves

Partial tiles stay when wider ones come: every checkpoint ever published keeps what it was made of.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from chalicelib.aws import calls
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.platform import Platform
from chalicelib.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from chalicelib.tlog.checks import Missing, tile_reader
from chalicelib.tlog.model import HASH_BYTES, Tile, TileReader
from chalicelib.tlog.note import VerifierKey
from chalicelib.tlog.tiles import tile_in, tile_path

PREFIX: Final = "public/v1/log/"
CHECKPOINT_TYPE: Final = "text/plain; charset=utf-8"
CHECKPOINT_SECONDS: Final = 5
_TILE_TYPE: Final = "application/octet-stream"
_FOREVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=60"
_KEPT_TILES: Final = 512
"""Full tiles a worker keeps: 8 KiB each, so at most 4 MiB."""


@dataclass(frozen=True, slots=True)
class Published:
    """The published head: the signed note as it lies there, and what it says."""

    note: bytes
    checkpoint: Checkpoint
    tag: str
    """Of the object: what replaces it names it."""


def read_published(platform: Platform, key: VerifierKey | None = None) -> Published | None:
    """The published head, None before the first. With `key` its signature is checked.

    Raises Unproven if it is not the log's.
    """
    try:
        note, tag = platform.publication.read_tagged(f"{PREFIX}checkpoint")
    except calls.Missing:
        return None
    if key is not None:
        return Published(note, open_checkpoint(note, [key]), tag)
    text = note.decode(errors="replace").rpartition("\n\n")[0]
    return Published(note, parse_checkpoint(f"{text}\n"), tag)


def write_checkpoint(platform: Platform, note: bytes, tag: str) -> None:
    """Replace the head that was read with `tag` (empty: there was none). Raises AlreadyExists if
    it is no longer that."""
    platform.publication.put_tagged(
        f"{PREFIX}checkpoint",
        note,
        tag,
        content_type=CHECKPOINT_TYPE,
        cache_control=f"public, max-age={CHECKPOINT_SECONDS}",
    )


def write_tile(platform: Platform, tile: Tile, data: bytes) -> None:
    """Store a tile or bundle; what lies there already is the same, or was never published."""
    platform.publication.put(
        PREFIX + tile_path(tile),
        data,
        content_type=_TILE_TYPE,
        cache_control=_FOREVER if tile.is_full else _A_WHILE,
    )


def reader(platform: Platform) -> TileReader:
    """Reads tiles and bundles from the bucket, each once. Raises checks.Missing for what is not
    there."""
    return functools.cache(tile_reader(functools.partial(_fetch, platform.publication)))


def reader_within(platform: Platform, size: int) -> TileReader:
    """Reads the tiles of any tree up to that of `size`, which is published; full ones are kept by
    the worker."""
    cached = _cache_of(platform.publication)
    read = tile_reader(functools.partial(_fetch, platform.publication))

    def read_within(tile: Tile) -> bytes:
        there = tile_in(tile.level, tile.index, size)
        data = cached.get(there, read) if there.is_full else read(there)
        return data[: tile.width * HASH_BYTES]

    return functools.cache(read_within)


def _fetch(bucket: Bucket, path: str) -> bytes:
    try:
        return bucket.read(PREFIX + path)
    except calls.Missing as error:
        raise Missing(f"没有文件 {path}") from error


class _Cache:
    """The full tiles asked for last. They never change."""

    def __init__(self) -> None:
        self._tiles: OrderedDict[Tile, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tile: Tile, read: Callable[[Tile], bytes]) -> bytes:
        with self._lock:
            if tile in self._tiles:
                self._tiles.move_to_end(tile)
                return self._tiles[tile]
        data = read(tile)
        with self._lock:
            self._tiles[tile] = data
            while len(self._tiles) > _KEPT_TILES:
                self._tiles.popitem(last=False)
        return data


_caches: WeakKeyDictionary[Bucket, _Cache] = WeakKeyDictionary()


def _cache_of(bucket: Bucket) -> _Cache:
    return _caches.setdefault(bucket, _Cache())
