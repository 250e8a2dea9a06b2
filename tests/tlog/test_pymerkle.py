"""The tree agrees with an implementation that is not ours (pymerkle)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InclusionProof, InmemoryTree, InvalidProof

from chalicelib.tlog.merkle import RightEdge, leaf_hash
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.proofs import TreeView, check_consistency, check_inclusion
from tests.tlog.logs import FILLER, entries, kept

SIZE = 600


@pytest.fixture(scope="module")
def theirs() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries(SIZE):
        tree.append_entry(entry)
    return tree


@pytest.mark.requirement("R-21")
def test_the_roots_are_the_same(theirs: InmemoryTree) -> None:
    edge = RightEdge()
    for size, entry in enumerate(entries(SIZE), start=1):
        edge = edge.append([leaf_hash(entry)])
        assert edge.root() == theirs.get_root(size)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, SIZE), data=st.data())
def test_each_accepts_the_inclusion_proofs_of_the_other(
    theirs: InmemoryTree, size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(entries(SIZE)[index]), theirs.get_root(size)
    their_proof = theirs.prove_inclusion(index + 1, size)
    # Theirs begins with the leaf itself.
    check_inclusion(leaf, index, size, their_proof.path[1:], root)
    ours = TreeView(size, kept(size).read).inclusion_proof(index)
    InclusionProof("sha256", True, size, index + 1, their_proof.rule, [leaf, *ours]).verify(
        leaf, root
    )


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, SIZE), data=st.data())
def test_both_prove_the_same_roots_consistent_and_no_others(
    theirs: InmemoryTree, size: int, data: st.DataObject
) -> None:
    # The hashes a proof consists of differ: pymerkle names the old root's part and splits further.
    old = data.draw(st.integers(1, size))
    log = kept(size)
    before, root = TreeView(old, kept(old).read).root(), log.edge.root()
    theirs.prove_consistency(old, size).verify(before, root)
    ours = TreeView(size, log.read).consistency_proof(old)
    check_consistency(old, theirs.get_root(old), size, theirs.get_root(size), ours)
    with pytest.raises(InvalidProof):
        theirs.prove_consistency(old, size).verify(FILLER, root)
    with pytest.raises(Unproven):
        check_consistency(old, FILLER, size, root, ours)
