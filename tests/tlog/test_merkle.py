"""The tree is that of RFC 6962: published roots and proofs, and nothing altered passes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.tlog.merkle import (
    EMPTY_ROOT,
    RightEdge,
    edge_from_bytes,
    leaf_hash,
    node_hash,
    split_hashes,
)
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.proofs import TreeView, check_consistency, check_inclusion
from tests.tlog.logs import KeptLog, entries, kept, tree_hash

# The published test data of Certificate Transparency: eight leaves, the root after each, proofs.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_96A2 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_5F08 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_6B47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_BC1A = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_CA85 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_D37E = ROOTS[4]
_0EBC = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_B086 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
INCLUSION = [
    (0, 1, []),
    (0, 8, [_96A2, _5F08, _6B47]),
    (5, 8, [_BC1A, _CA85, _D37E]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], _5F08, _BC1A]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [_96A2, _5F08, _6B47]),
    (6, 8, [_0EBC, _CA85, _D37E]),
    (2, 5, [_5F08, _BC1A]),
    (6, 7, [_0EBC, _B086, _D37E]),
]


def published(size: int) -> TreeView:
    log = KeptLog()
    log.append(LEAVES[:size])
    return TreeView(size, log.read)


def view(log: KeptLog) -> TreeView:
    return TreeView(log.edge.size, log.read)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_the_roots_are_those_published(size: int, root: str) -> None:
    edge = RightEdge().append(leaf_hash(leaf) for leaf in LEAVES[:size])
    assert edge.root().hex() == root
    assert published(size).root().hex() == root


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_inclusion_proofs_are_those_published(index: int, size: int, proof: list[str]) -> None:
    ours = published(size).inclusion_proof(index)
    assert [step.hex() for step in ours] == proof
    check_inclusion(leaf_hash(LEAVES[index]), index, size, ours, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_the_consistency_proofs_are_those_published(old: int, new: int, proof: list[str]) -> None:
    ours = published(new).consistency_proof(old)
    assert [step.hex() for step in ours] == proof
    check_consistency(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), ours)


@given(st.lists(st.integers(0, 40), max_size=12))
def test_however_entries_arrive_the_root_is_that_of_the_definition(batches: list[int]) -> None:
    log, all_entries, taken = KeptLog(), entries(sum(batches)), 0
    for batch in batches:
        log.append(all_entries[taken : taken + batch])
        taken += batch
        assert log.edge.root() == tree_hash(all_entries[:taken])
        assert view(log).root() == log.edge.root()
        assert view(log).edge() == log.edge


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 1200), st.data())
def test_every_entry_is_proved_and_every_shorter_log_is_a_prefix(
    size: int, data: st.DataObject
) -> None:
    log = kept(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    leaf = leaf_hash(entries(size)[index])
    assert view(log).leaf(index) == leaf
    check_inclusion(leaf, index, size, view(log).inclusion_proof(index), log.edge.root())
    before = RightEdge().append(map(leaf_hash, entries(old))).root()
    proof = view(log).consistency_proof(old)
    check_consistency(old, before, size, log.edge.root(), proof)


def altered(data: st.DataObject, parts: list[bytes]) -> list[bytes]:
    """`parts` with one bit of one of them turned over."""
    which = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, len(parts[which]) * 8 - 1))
    turned = int.from_bytes(parts[which], "big") ^ 1 << bit
    return [*parts[:which], turned.to_bytes(len(parts[which]), "big"), *parts[which + 1 :]]


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 700), st.data())
def test_an_inclusion_proof_with_one_bit_turned_proves_nothing(
    size: int, data: st.DataObject
) -> None:
    log = kept(size)
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(entries(size)[index]), log.edge.root()
    proof = view(log).inclusion_proof(index)
    leaf, root, *proof_now = altered(data, [leaf, root, *proof])
    with pytest.raises(Unproven):
        check_inclusion(leaf, index, size, proof_now, root)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 700), st.data())
def test_a_consistency_proof_with_one_bit_turned_proves_nothing(
    size: int, data: st.DataObject
) -> None:
    log = kept(size)
    old = data.draw(st.integers(0, size))
    before = RightEdge().append(map(leaf_hash, entries(old))).root()
    proof = view(log).consistency_proof(old)
    if old == 0:
        # Nothing is claimed of the new root by an empty log; only its own may be altered.
        (before,) = altered(data, [before])
        root = log.edge.root()
    else:
        before, root, *proof = altered(data, [before, log.edge.root(), *proof])
    with pytest.raises(Unproven):
        check_consistency(old, before, size, root, proof)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.data())
def test_a_proof_is_for_its_own_place_and_length_only(size: int, data: st.DataObject) -> None:
    log = kept(size)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    leaf, proof = leaf_hash(entries(size)[index]), view(log).inclusion_proof(index)
    for wrong_index, wrong_proof in (
        (other, proof),
        (index, (*proof, log.edge.root())),
        (index, proof[:-1]),
        (index, ()),
        (-1, proof),
        (size, proof),
    ):
        with pytest.raises(Unproven):
            check_inclusion(leaf, wrong_index, size, wrong_proof, log.edge.root())


A, B, C, D = map(leaf_hash, entries(4))


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof"),
    [
        # An inner node shown as a leaf, of a tree that is said to be smaller, or as it is.
        (B, 0, 1, [A]),
        (node_hash(A, B), 0, 4, [node_hash(C, D)]),
        (node_hash(C, D), 2, 4, [node_hash(A, B)]),
        (node_hash(A, B), 0, 3, [node_hash(C, D)]),
        # The same bytes, cut elsewhere.
        (A + B[:1], 0, 2, [B[1:]]),
        (B[1:], 1, 2, [A + B[:1]]),
        (b"", 0, 2, [A + B]),
    ],
)
def test_only_leaves_are_proved_by_hashes_as_many_and_as_long_as_there_are(
    leaf: bytes, index: int, size: int, proof: list[bytes]
) -> None:
    for root in (node_hash(A, B), node_hash(node_hash(A, B), node_hash(C, D))):
        with pytest.raises(Unproven):
            check_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize(
    ("old", "before", "size", "proof"),
    [
        # Two leaves said to be one. (Sizes that give a proof the same shape are told apart by the
        # signature alone: both are in the checkpoint.)
        (1, node_hash(A, B), 4, [node_hash(C, D)]),
        (1, node_hash(A, B), 3, [node_hash(C, D)]),
        (1, A + B[:1], 2, [B[1:]]),
    ],
)
def test_only_trees_of_their_length_are_proved_prefixes(
    old: int, before: bytes, size: int, proof: list[bytes]
) -> None:
    for root in (node_hash(A, B), node_hash(node_hash(A, B), node_hash(C, D))):
        with pytest.raises(Unproven):
            check_consistency(old, before, size, root, proof)


def test_a_forked_log_is_not_a_prefix() -> None:
    honest, forked = kept(300), KeptLog()
    forked.append([*entries(99), b"rewritten", *entries(300)[100:], b"one more"])
    for old in (100, 128, 256, 300):
        before = RightEdge().append(map(leaf_hash, entries(old))).root()
        with pytest.raises(Unproven):
            check_consistency(
                old, before, 301, forked.edge.root(), view(forked).consistency_proof(old)
            )
    assert honest.edge.root() != forked.edge.root()


@pytest.mark.parametrize("proof", [[], [b"\0" * 32], [b"\0" * 32] * 200, [b"\0" * 31], [b""]])
def test_no_made_up_proof_shows_a_prefix(proof: list[bytes]) -> None:
    for old, new in ((1, 2), (3, 7), (4, 8), (5, 8), (2, 0), (0, 8), (8, 8), (-1, 8)):
        if not proof and old in (0, new):
            continue
        with pytest.raises(Unproven):
            check_consistency(old, b"\1" * 32, new, b"\2" * 32, proof)


def test_logs_of_no_or_the_same_length_are_prefixes_only_of_what_they_are() -> None:
    root = kept(5).edge.root()
    check_consistency(0, EMPTY_ROOT, 5, root, [])
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    check_consistency(5, root, 5, root, [])
    for old, before, size, after, proof in (
        (0, root, 5, root, []),
        (0, EMPTY_ROOT, 0, root, []),
        (0, EMPTY_ROOT, 5, root, [root]),
        (5, EMPTY_ROOT, 5, root, []),
        (5, root, 5, root, [root]),
        (6, root, 5, root, []),
    ):
        with pytest.raises(Unproven):
            check_consistency(old, before, size, after, proof)


def test_an_edge_is_kept_as_bytes_and_refuses_what_does_not_fit_its_size() -> None:
    edge = RightEdge().append(map(leaf_hash, entries(13)))
    assert edge_from_bytes(13, edge.to_bytes()) == edge
    for size, data in ((12, edge.to_bytes()), (13, edge.to_bytes()[:-1]), (-1, b""), (2**63, b"")):
        with pytest.raises(Unproven):
            edge_from_bytes(size, data)
    with pytest.raises(Unproven):
        RightEdge(1, (b"short",))
    with pytest.raises(Unproven):
        split_hashes(b"x" * 33)


def test_a_leaf_the_tree_does_not_have_is_refused() -> None:
    tree = view(kept(5))
    for index in (-1, 5):
        with pytest.raises(Unproven):
            tree.leaf(index)
        with pytest.raises(Unproven):
            tree.inclusion_proof(index)
    with pytest.raises(Unproven):
        tree.consistency_proof(6)
