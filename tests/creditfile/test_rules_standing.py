"""What cases do to a record, step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile.model import Deed, Delivery, Mark, Standing, Statement
from chalicelib.creditfile.rules_standing import (
    eased,
    exempted,
    marked,
    publicity_ended,
    taken_over,
    unmarked,
    with_delivery,
    with_statement,
    without_statement,
)
from chalicelib.creditfile.store_standing import standing_from, standing_value

TEXTS = st.text("异议ab1", max_size=3)
DEEDS = st.builds(Deed, TEXTS, TEXTS, TEXTS)
STANDINGS = st.builds(
    Standing,
    marks=st.lists(st.builds(Mark, TEXTS, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
    statement=st.none() | st.builds(Statement, TEXTS, TEXTS, TEXTS, TEXTS),
    repaired=st.none() | DEEDS,
    sharing_ended=st.booleans(),
    measures_ended=st.booleans(),
    exempted=st.none() | DEEDS,
    eased=st.none() | DEEDS,
    deliveries=st.lists(st.builds(Delivery, TEXTS, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
)
REVIEW = Mark("objection", "有异议", "2026-06-15", "c_1")
APPEAL = Mark("objection", "有异议", "2026-06-20", "c_2")


@pytest.mark.requirement("R-31")
def test_an_objection_settled_takes_off_its_own_mark_only() -> None:
    both = marked(marked(Standing(), REVIEW), APPEAL)
    assert both.marks == (REVIEW, APPEAL)
    assert unmarked(both, "objection", "c_1").marks == (APPEAL,)
    assert unmarked(both, "objection", "c_3") == both


@pytest.mark.requirement("R-31", "R-32", "R-33")
@given(STANDINGS)
def test_an_action_repeated_changes_nothing_more(standing: Standing) -> None:
    deed = Deed("2026-06-15", "c_1", "履行完毕")
    steps: list[Any] = [
        lambda one: marked(one, REVIEW),
        lambda one: unmarked(one, "objection", "c_1"),
        lambda one: with_statement(one, Statement("已整改", "", "2026-06-15", "c_1")),
        lambda one: publicity_ended(one, deed, sharing=True, measures=False),
        lambda one: exempted(one, deed),
        lambda one: eased(one, deed),
        lambda one: with_delivery(one, Delivery("decision", "2026-06-15", "回证1号", "c_1")),
        lambda one: taken_over(one, standing),
    ]
    for step in steps:
        once = step(standing)
        assert step(once) == once


@pytest.mark.requirement("R-31")
@given(STANDINGS)
def test_who_takes_a_statement_back_takes_back_no_other(standing: Standing) -> None:
    said = with_statement(standing, Statement("款项已汇出", "", "2026-06-15", "c_mine"))
    assert without_statement(said, "c_mine") == replace(standing, statement=None)
    assert without_statement(said, "c_other") == said


@pytest.mark.requirement("R-32")
def test_what_a_repair_ended_stays_ended_since_its_first_day() -> None:
    first = publicity_ended(Standing(), Deed("2026-06-15", "c_1"), sharing=True, measures=False)
    later = publicity_ended(first, Deed("2026-07-01", "c_2"), sharing=False, measures=True)
    assert later.repaired == Deed("2026-06-15", "c_1")
    assert (first.sharing_ended, first.measures_ended) == (True, False)
    assert (later.sharing_ended, later.measures_ended) == (True, True)


@pytest.mark.requirement("R-33")
def test_what_was_a_good_faith_error_is_not_said_to_be_repaired() -> None:
    deed = Deed("2026-06-15", "c_1", "探索性失误")
    ended = publicity_ended(exempted(Standing(), deed), deed)
    assert (ended.exempted, ended.repaired) == (deed, None)
    assert (ended.sharing_ended, ended.measures_ended) == (True, True)
    repaired = publicity_ended(Standing(), deed)
    assert publicity_ended(exempted(repaired, deed), deed).repaired == deed, "it was, before"


@given(STANDINGS, STANDINGS)
def test_whoever_takes_a_records_place_loses_nothing_of_either(
    newer: Standing, older: Standing
) -> None:
    result = taken_over(newer, older)
    assert {*newer.marks, *older.marks} == set(result.marks)
    assert result.statement == (newer.statement or older.statement)
    assert result.sharing_ended == (newer.sharing_ended or older.sharing_ended)
    assert bool(result.repaired) == bool(newer.repaired or older.repaired)
    assert bool(result.exempted) == bool(newer.exempted or older.exempted)
    notices = {(one.notice, one.case_id) for one in (*newer.deliveries, *older.deliveries)}
    assert notices == {(one.notice, one.case_id) for one in result.deliveries}


@given(STANDINGS)
def test_what_is_kept_is_what_is_read(standing: Standing) -> None:
    assert standing_from(standing_value(standing)) == standing


def test_a_record_nothing_was_done_to_keeps_nothing() -> None:
    assert standing_value(Standing()) == {}
    assert standing_from(None) == Standing()
