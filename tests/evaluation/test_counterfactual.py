"""What would be: without records, if they had been repaired, and what changes a result."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.evaluation.counterfactual import improvements, repaired, without
from chalicelib.evaluation.explain import body_document
from chalicelib.evaluation.model import BodyFacts, FactRow, Standing
from chalicelib.evaluation.rules import gather, plan_of, score_body
from chalicelib.evaluation.sensitivity import sensitivity
from chalicelib.policy.scheme import Scheme
from tests.evaluation.builders import BONUS, DEDUCTION, RATIO, YEAR, holding, leaf, row, scheme_of
from tests.evaluation.drawn import bodies, schemes

some = st.sets(st.integers(0, 40).map("r{}".format), max_size=6)
DAY = date(2026, 1, 5)


@pytest.mark.requirement("R-60")
@settings(max_examples=40, deadline=None)
@given(schemes(), bodies, some)
def test_without_records_is_as_if_they_had_never_been(
    scheme: Scheme, facts: BodyFacts, gone: set[str]
) -> None:
    def left(rows: tuple[FactRow, ...]) -> tuple[FactRow, ...]:
        return tuple(row for row in rows if row.record_id not in gone)

    plan = plan_of(scheme)
    fewer = replace(
        facts,
        reported_by=left(facts.reported_by),
        about=left(facts.about),
        figures=left(facts.figures),
    )
    assert without(plan, gather(plan, facts, YEAR), gone) == gather(plan, fewer, YEAR)


@pytest.mark.requirement("R-60")
@settings(max_examples=40, deadline=None)
@given(schemes(), bodies, some)
def test_repaired_in_time_is_as_if_it_had_been_frozen_repaired(
    scheme: Scheme, facts: BodyFacts, mended: set[str]
) -> None:
    plan = plan_of(scheme)
    raw = gather(plan, facts, YEAR)
    about = tuple(
        replace(row, exempted=True) if row.record_id in mended else row for row in facts.about
    )
    expected = gather(plan, replace(facts, about=about), YEAR)
    assert repaired(plan, raw, mended, DAY, DAY) == expected
    assert repaired(plan, raw, mended, date(2026, 1, 6), DAY) == raw


@pytest.mark.requirement("R-60")
@settings(max_examples=40, deadline=None)
@given(schemes(), bodies)
def test_what_each_record_does_is_found_from_the_explanation_alone(
    scheme: Scheme, facts: BodyFacts
) -> None:
    plan = plan_of(scheme)
    raw = gather(plan, facts, YEAR)
    document = json.loads(json.dumps(body_document(score_body(plan, facts, YEAR), scheme)))
    places = {leaf.code: place for place, leaf in enumerate(raw.leaves)}
    told = list(improvements(document))
    assert len(told) == sum(len(leaf["records"]) for leaf in document["leaves"])
    for found in told[:20]:
        leaf = without(plan, raw, {found.record_id}).leaves[places[found.indicator]]
        if leaf.points is not None:
            assert found.without == leaf.points
        assert found.text


@pytest.mark.requirement("R-60")
def test_a_body_reads_what_would_give_it_more_points() -> None:
    scheme = scheme_of(
        leaf("clean", "20", DEDUCTION, link="about"),
        leaf("timely", "20", RATIO | {"full_at": "1"}),
        leaf("praise", "10", BONUS, link="about", types=["honour"]),
    )
    facts = BodyFacts(
        "b",
        reported_by=(row("good"), row("late", on_time=False)),
        about=(
            row("grave", severity="serious"),
            row("mended", severity="serious", exempted=True),
            row("medal", type="honour", **holding(award_level="province")),
        ),
    )
    document: Any = body_document(score_body(plan_of(scheme), facts, YEAR), scheme)
    told = {found.record_id: found for found in improvements(document)}
    assert str(told["grave"].gain) == "10.00"
    assert told["grave"].text == (
        "扣10分；修复、认定为容错或经申诉撤销后不再扣分，没有它多得10.00分"
    )
    assert told["mended"].text == "已修复或属容错免责，不扣分"
    assert str(told["late"].gain) == "10.00"
    assert "没有达到要求" in told["late"].text
    assert told["medal"].text == "没有它少得3.30分"


POINTS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 10), st.integers(0, 70)), min_size=1, max_size=9
)


def three(**changes: Any) -> Scheme:
    branch = {
        "code": "both",
        "title": "两项",
        "weight": "30",
        "children": [leaf("a", "20", DEDUCTION), leaf("b", "10", DEDUCTION)],
    }
    return scheme_of(branch, leaf("c", "70", DEDUCTION), **changes)


@pytest.mark.requirement("R-60")
@settings(max_examples=30, deadline=None)
@given(POINTS, st.sampled_from(["0.1", "0.2", "0.5"]))
def test_weights_are_tried_as_somebody_would_by_hand(
    town: list[tuple[int, int, int]], variation: str
) -> None:
    scored = [
        (
            Standing(f"s{place}", Decimal(sum(points))),
            dict(zip("abc", map(Decimal, points), strict=True)),
        )
        for place, points in enumerate(town)
    ]
    by = Decimal(variation)
    found = sensitivity(three(), scored, by)
    assert [effect.indicator for effect in found.effects] == [
        "both", "both", "a", "a", "b", "b", "c", "c",
    ]  # fmt: skip
    places = {standing.subject_id: {rank_in(town, place)} for place, (standing, _) in
              enumerate(scored)}  # fmt: skip
    for number, effect in enumerate(found.effects):
        inside = {"both": "ab"}.get(effect.indicator, effect.indicator)
        factor = min(1 + (by if number % 2 else -by), 100 / effect.weight)
        outside = (100 - effect.weight * factor) / (100 - effect.weight)
        assert abs(effect.varied_to - effect.weight * factor) < Decimal("1e-20")
        totals = [
            sum(value * (factor if code in inside else outside) for code, value in points.items())
            for _, points in scored
        ]
        # By hand it is divided: what is equal may come out a hair apart.
        ranks = [
            1 + sum(other - total > Decimal("1e-20") for other in totals) for total in totals
        ]
        moves = [abs(rank - rank_in(town, place)) for place, rank in enumerate(ranks)]
        assert (effect.moved, effect.largest_move) == (sum(map(bool, moves)), max(moves))
        assert -1 <= effect.kendall_tau <= 1
        if not effect.moved:
            assert effect.kendall_tau == 1
        for place, rank in enumerate(ranks):
            places[f"s{place}"].add(rank)
    for one in found.ranges:
        assert (one.best, one.worst) == (min(places[one.subject_id]), max(places[one.subject_id]))


def rank_in(town: list[tuple[int, int, int]], place: int) -> int:
    return 1 + sum(sum(other) > sum(town[place]) for other in town)


@pytest.mark.requirement("R-60")
def test_a_swapped_pair_of_three_is_a_third_of_agreement() -> None:
    scored = [
        (Standing("p", Decimal("70.5")), {"a": Decimal(0), "b": Decimal("0.5"), "c": Decimal(70)}),
        (Standing("q", Decimal(70)), {"a": Decimal(20), "b": Decimal(0), "c": Decimal(50)}),
        (Standing("r", Decimal(1)), {"a": Decimal(0), "b": Decimal(1), "c": Decimal(0)}),
    ]
    found = sensitivity(three(), scored, Decimal("0.2"))
    more_a = next(e for e in found.effects if e.indicator == "a" and e.varied_to == 24)
    assert (more_a.moved, more_a.largest_move) == (2, 1)
    assert str(more_a.kendall_tau) == "0.3333"
    assert {one.subject_id: (one.rank, one.best, one.worst) for one in found.ranges} == {
        "p": (1, 1, 2), "q": (2, 1, 2), "r": (3, 3, 3),
    }  # fmt: skip
    with pytest.raises(ValueError, match="between 0 and 1"):
        sensitivity(three(), scored, Decimal(1))


@pytest.mark.requirement("R-60")
def test_a_capped_total_stays_capped_whatever_the_weights() -> None:
    points = {"a": Decimal(20), "b": Decimal(10), "c": Decimal(60)}
    capped = (Standing("capped", Decimal(35)), points)
    other = (Standing("other", Decimal(50)), {**points, "c": Decimal(20)})
    found = sensitivity(three(), [capped, other], Decimal("0.2"))
    assert {one.subject_id: one.best for one in found.ranges} == {"capped": 2, "other": 1}
