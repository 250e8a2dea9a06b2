"""Ranks from standings alone are those of comparing everybody with everybody."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.evaluation.ranking import Entry, by_subject, group_of, ranked
from chalicelib.evaluation.runs import Body, Placing, run_digest
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
def test_a_place_is_one_more_than_the_number_of_better_peers_whatever_the_order(
    entries: list[Entry], shuffler: Random
) -> None:
    shuffler.shuffle(entries)
    placings = dict(by_subject(list(ranked(entries))))
    assert set(placings) == {each.subject_id for each in entries}
    for one in entries:
        peers = [Decimal(each.total) for each in entries if each.group == one.group]
        better = sum(total > Decimal(one.total) for total in peers)
        assert placings[one.subject_id] == Placing(one.group, better + 1, len(peers))


def test_bodies_are_ranked_among_those_equal_in_what_the_scheme_names() -> None:
    east = Body("b_1", "D1", "示例局", "department", "320102", "county")
    west = replace(east, subject_id="b_2", region="320104")
    by_level = scheme_of(leaf("a", "20", RATIO))
    by_region = scheme_of(leaf("a", "20", RATIO), rank_within=["level", "region"])
    assert group_of(by_level, east) == group_of(by_level, west) == "county"
    assert (group_of(by_region, east), group_of(by_region, west)) == (
        "county/320102", "county/320104",
    )  # fmt: skip


def test_the_digest_of_a_run_is_that_of_one_canonical_document() -> None:
    placings = [("b_1", Placing("city", 1, 2)), ("b_2", Placing("市级/东区", 2, 2))]
    document = [[[0, "aa"], [1, "bb"]], [["b_1", "city", 1, 2], ["b_2", "市级/东区", 2, 2]]]
    for chunks, some, whole in (({1: "bb", 0: "aa"}, placings, document), ({}, [], [[], []])):
        expected = hashlib.sha256(canonical_json(whole)).hexdigest()
        assert run_digest(chunks, some) == expected
