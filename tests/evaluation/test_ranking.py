"""Ranks from standings alone are the ranks of the pure rules, in whatever order they come."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.evaluation.model import Standing
from chalicelib.evaluation.ranking import Entry, by_subject, ranked
from chalicelib.evaluation.rules import rank
from chalicelib.evaluation.runs import Placing, run_digest
from chalicelib.kernel.canonical import canonical_json
from tests.evaluation.builders import RATIO, leaf, scheme_of

pytestmark = pytest.mark.requirement("R-60")

TOTALS = st.decimals("0", "100", places=2, allow_nan=False).map(str) | st.sampled_from(
    ["80", "80.0", "80.00"]
)
ENTRIES = st.lists(
    st.builds(Entry, st.text("abc", min_size=1), TOTALS, st.sampled_from(["city", "county"])),
    unique_by=lambda entry: entry.subject_id,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_places_are_those_of_the_rules_whatever_the_order(
    entries: list[Entry], shuffler: Random
) -> None:
    scheme = scheme_of(leaf("a", "20", RATIO))
    standings = [Standing(each.subject_id, Decimal(each.total), each.group) for each in entries]
    shuffler.shuffle(entries)
    placings = by_subject(list(ranked(entries)))
    assert {subject: (placing.place, placing.of) for subject, placing in placings} == {
        subject: (found.place, found.of) for subject, found in rank(scheme, standings).items()
    }
    assert {subject: placing.group for subject, placing in placings} == {
        each.subject_id: each.group for each in entries
    }


def test_the_digest_of_a_run_is_that_of_one_canonical_document() -> None:
    placings = [("b_1", Placing("city", 1, 2)), ("b_2", Placing("市级/东区", 2, 2))]
    document = [[[0, "aa"], [1, "bb"]], [["b_1", "city", 1, 2], ["b_2", "市级/东区", 2, 2]]]
    for chunks, some, whole in (({1: "bb", 0: "aa"}, placings, document), ({}, [], [[], []])):
        expected = hashlib.sha256(canonical_json(whole)).hexdigest()
        assert run_digest(chunks, some) == expected
