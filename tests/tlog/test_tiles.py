"""Tiles and bundles are those of C2SP tlog-tiles, and few of them make a proof."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.model import ENTRIES, Tile, Unproven
from chalicelib.tlog.proofs import TreeView, check_consistency, check_inclusion
from chalicelib.tlog.tiles import (
    bundle_bytes,
    bundles_grown,
    parse_bundle,
    parse_tile_path,
    tile_hashes,
    tile_in,
    tile_path,
    tiles_grown,
)
from tests.tlog.logs import KeptLog, VastLog, entries, kept

TEN_MILLION = 10_000_000


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1), "tile/0/001"),
        (Tile(0, 1, 5), "tile/0/001.p/5"),
        (Tile(5, 123456078), "tile/5/x123/x456/078"),
        (Tile(5, 123456078, 2), "tile/5/x123/x456/078.p/2"),
        (Tile(3, 1234067), "tile/3/x001/x234/067"),
        (Tile(0, 1000, 255), "tile/0/x001/000.p/255"),
        (Tile(63, 0, 1), "tile/63/000.p/1"),
        (Tile(ENTRIES, 3057500), "tile/entries/x003/x057/500"),
        (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/3/5/123/456/078",
        "tile/0/123/456",
        "tile/0/x000/001",
        "tile/0/x001/x234/x067",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/05",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/001/",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/００１",
        "tile/data/001",
        "tile/entries/../0/001",
        "tile/0/" + "x999/" * 7 + "999",
    ],
)
def test_a_path_nobody_writes_is_refused(path: str) -> None:
    with pytest.raises(Unproven):
        parse_tile_path(path)


@given(st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile_path(tile)) == tile


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    tiles = list(tiles_grown(0, 70_000))
    full = [tile.level for tile in tiles if tile.is_full]
    partial = {(tile.level, tile.width) for tile in tiles if not tile.is_full}
    assert (full.count(0), full.count(1), full.count(2)) == (273, 1, 0)
    assert partial == {(0, 112), (1, 17), (2, 1)}
    assert list(tiles_grown(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(bundles_grown(69_999, 70_000)) == [Tile(ENTRIES, 273, 112)]


def every_tile(size: int) -> set[Tile]:
    """The tiles of a tree, by the definition: floor(s / 256**l) hashes at level l."""
    found = set()
    for level in range(8):
        hashes = size // 256**level
        found |= {Tile(level, index) for index in range(hashes // 256)}
        if hashes % 256:
            found.add(Tile(level, hashes // 256, hashes % 256))
    return found


@given(st.integers(0, 150_000), st.integers(0, 3_000))
def test_what_grows_is_what_the_larger_tree_has_and_the_smaller_has_not(
    old: int, added: int
) -> None:
    grown = list(tiles_grown(old, old + added))
    assert set(grown) == every_tile(old + added) - every_tile(old)
    assert len(grown) == len(set(grown))
    assert {tile.level for tile in bundles_grown(old, old + added)} <= {ENTRIES}
    assert [(tile.index, tile.width) for tile in bundles_grown(old, old + added)] == [
        (tile.index, tile.width) for tile in grown if tile.level == 0
    ]


def test_a_log_never_shrinks() -> None:
    for old, new in ((2, 1), (-1, 1), (0, 2**63)):
        with pytest.raises(Unproven):
            list(tiles_grown(old, new))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 600), min_size=1, max_size=6))
def test_appending_writes_exactly_the_tiles_that_grow_and_never_one_twice(
    batches: list[int],
) -> None:
    log, stream, taken = KeptLog(), entries(sum(batches)), 0
    for batch in batches:
        log.reads.clear()
        written = log.append(stream[taken : taken + batch])
        assert written == list(tiles_grown(taken, taken + batch))
        assert len(log.reads) <= 2, "only the partial tiles at the edge, one a level"
        taken += batch
    assert {tile: len(data) for tile, data in log.tiles.items()} == {
        tile: 32 * tile.width for tile in log.tiles
    }
    whole = kept(taken)
    for tile in every_tile(taken):
        assert log.tiles[tile] == whole.tiles[tile]


def test_a_partial_tile_may_be_answered_by_the_full_one() -> None:
    early, later = kept(300), kept(600)

    def read(tile: Tile) -> bytes:
        return later.read(Tile(0, tile.index)) if tile.level == 0 else early.read(tile)

    assert TreeView(300, read).root() == early.edge.root()


def test_a_tile_of_a_wrong_length_is_refused() -> None:
    for data in (b"", b"x" * 32, b"x" * 95, b"x" * 128, b"x" * 8193):
        with pytest.raises(Unproven):
            tile_hashes(Tile(0, 0, 3), lambda _, data=data: data)
    for level, index in ((0, 2), (1, 1), (2, 0), (0, -1)):
        with pytest.raises(Unproven):
            tile_in(level, index, 300)


@pytest.mark.requirement("R-21")
@settings(max_examples=15, deadline=None)
@given(st.integers(0, TEN_MILLION - 1), st.integers(0, TEN_MILLION))
def test_a_proof_of_a_log_of_ten_million_reads_few_tiles(index: int, old: int) -> None:
    entry = leaf_hash(b"the one looked for")
    log = VastLog(TEN_MILLION, {index: entry, TEN_MILLION - 1 - index // 2: leaf_hash(b"another")})
    root, leaf = log.root(TEN_MILLION), log.perfect_root(0, index)
    check_inclusion(
        leaf, index, TEN_MILLION, TreeView(TEN_MILLION, log.read).inclusion_proof(index), root
    )
    assert len(log.reads) <= 6, "three levels, and the partial tiles at the edge"
    log.reads.clear()
    proof = TreeView(TEN_MILLION, log.read).consistency_proof(old)
    check_consistency(old, log.root(old), TEN_MILLION, root, proof)
    assert len(log.reads) <= 6
    assert len(set(log.reads)) == len(log.reads), "no tile is read twice"


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_a_bundle_gives_back_its_entries(bundled: list[bytes]) -> None:
    assert parse_bundle(bundle_bytes(bundled), len(bundled)) == tuple(bundled)


def test_a_bundle_is_entries_behind_their_lengths() -> None:
    assert bundle_bytes([b"abc", b""]) == b"\x00\x03abc\x00\x00"
    full = bundle_bytes([b"x"] * 256)
    assert parse_bundle(full, 3) == (b"x",) * 3
    longest = b"y" * 65535
    assert parse_bundle(bundle_bytes([longest]), 1) == (longest,)
    with pytest.raises(Unproven):
        bundle_bytes([longest + b"y"])


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"\x00\x03ab", 1),
        (b"\x00", 1),
        (b"\x00\x01a\x00", 1),
        (b"\x00\x01a\x00\x01b", 1),
        (b"\x00\x01a", 2),
        (b"", 1),
        (b"\x00\x01a" * 257, 256),
    ],
)
def test_a_bundle_that_is_cut_off_or_holds_more_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(Unproven):
        parse_bundle(data, width)
