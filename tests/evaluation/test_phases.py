"""What bodies are to each other: two phases, tallies in any order, smoothing, percentiles."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.evaluation.explain import body_document, discrepancies
from chalicelib.evaluation.model import BodyFacts, BodyResult, FactRow, Peer
from chalicelib.evaluation.raws import raw_from, raw_json
from chalicelib.evaluation.rules import Plan, gather, plan_of, score_body, settle, tally
from chalicelib.evaluation.tallies import tally_from
from chalicelib.kernel.canonical import canonical_json
from chalicelib.policy.scheme import Scheme
from tests.evaluation.builders import (
    DEDUCTION,
    RATIO,
    TIERS,
    YEAR,
    holding,
    leaf,
    row,
    rows,
    scheme_of,
)
from tests.evaluation.drawn import bodies, schemes

peers = st.builds(Peer, st.sampled_from(["city", "county"]), st.sampled_from(["department"]))
towns = st.lists(st.tuples(peers, bodies), min_size=1, max_size=5)


@pytest.mark.requirement("R-60")
@settings(max_examples=40, deadline=None)
@given(schemes(), towns, st.data())
def test_two_phases_in_any_parts_and_order_come_to_the_same(
    scheme: Scheme, town: Sequence[tuple[Peer, BodyFacts]], data: st.DataObject
) -> None:
    plan = plan_of(scheme)
    raws = [(peer, gather(plan, facts, YEAR)) for peer, facts in town]
    whole = tally(plan, raws)
    shuffled = data.draw(st.permutations(raws))
    cut = data.draw(st.integers(0, len(raws)))
    parts = [tally(plan, part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    merged = parts[-1] if len(parts) == 1 else parts[1].merged(parts[0])
    assert merged == whole
    assert canonical_json(merged.as_json()) == canonical_json(whole.as_json())
    kept = tally_from(json.loads(canonical_json(whole.as_json())))
    for peer, raw in raws:
        again = raw_from(json.loads(canonical_json(raw_json(raw))))
        assert again == raw
        result = settle(plan, raw, peer, whole)
        document = canonical_json(body_document(result, scheme))
        assert canonical_json(body_document(settle(plan, again, peer, kept), scheme)) == document
        assert discrepancies(json.loads(document)) == []
        assert 0 <= result.total <= scheme.total
        for found in result.leaves:
            assert found.peers is not None
            assert found.peers.lowest <= found.points <= found.peers.best
            assert found.peers.lowest <= found.peers.mean <= found.peers.best


@settings(max_examples=40, deadline=None)
@given(schemes(), bodies)
def test_scoring_a_body_alone_is_both_phases(scheme: Scheme, facts: BodyFacts) -> None:
    plan, peer = plan_of(scheme), Peer("city", "department", "320100")
    raw = gather(plan, facts, YEAR)
    assert settle(plan, raw, peer, tally(plan, [(peer, raw)])) == score_body(plan, facts, YEAR)


def settled(plan: Plan, town: Sequence[tuple[FactRow, ...]]) -> list[BodyResult]:
    raws = [
        (Peer(), gather(plan, BodyFacts(f"b{place}", reported_by=facts), YEAR))
        for place, facts in enumerate(town)
    ]
    whole = tally(plan, raws)
    return [settle(plan, raw, peer, whole) for peer, raw in raws]


counts = st.tuples(st.integers(0, 30), st.integers(0, 30))


@pytest.mark.requirement("R-60")
@settings(max_examples=30, deadline=None)
@given(st.lists(counts, min_size=1, max_size=5), st.sampled_from(["0", "0.9", "peers"]))
def test_a_small_sample_is_drawn_towards_the_prior_and_never_beyond(
    town: list[tuple[int, int]], rate: str
) -> None:
    score = RATIO | {"full_at": "1", "prior": {"strength": "5", "rate": rate}}
    plan = plan_of(scheme_of(leaf("x", "20", score), decimals=4))
    facts = [rows(good, "a") + rows(bad, "b", on_time=False) for good, bad in town]
    together = sum(good + bad for good, bad in town)
    pooled = Decimal(sum(good for good, _ in town)) / together if together else Decimal(0)
    prior = pooled if rate == "peers" else Decimal(rate)
    for (good, bad), result in zip(town, settled(plan, facts), strict=True):
        found = result.leaves[0]
        if good + bad == 0:
            assert found.points == 12
            assert found.working == "没有可计算的记录，按规则得12.0000分"
            continue
        own = Decimal(good) / (good + bad)
        low, high = min(own, prior) * 20, max(own, prior) * 20
        assert low - Decimal("0.0001") <= found.points <= high + Decimal("0.0001")


@pytest.mark.requirement("R-60")
def test_a_smoothed_rate_says_what_it_was_drawn_towards() -> None:
    score = RATIO | {"full_at": "1", "prior": {"strength": "10", "rate": "peers"}}
    plan = plan_of(scheme_of(leaf("x", "20", score)))
    small, large = settled(plan, [rows(2), rows(60, "a") + rows(38, "b", on_time=False)])
    assert small.leaves[0].working == (
        "20 × min(1, (2 + 10 × 0.62［同类单位合计62 ÷ 100］) ÷ (2 + 10)) = 13.67分"
    )
    assert "件数少时向参照比率靠近，参照比率为同类单位合计的比率" in small.leaves[0].rule
    assert str(large.leaves[0].points) == "12.26"  # 98 of its own hardly move
    fixed = plan_of(scheme_of(leaf("x", "20", score | {"prior": {"strength": "3", "rate": "0.8"}})))
    assert "(2 + 3 × 0.8) ÷ (2 + 3)" in settled(fixed, [rows(2)])[0].leaves[0].working


@pytest.mark.requirement("R-60")
def test_tiers_may_be_over_the_place_among_the_peers() -> None:
    tiers = [{"at_least": "75", "points": "20"}, {"at_least": "50", "points": "10"}]
    by_place = TIERS | {"over": "percentile", "tiers": tiers}
    values = ["90", "70", "70", "10"]
    town = [(row("r", **holding(satisfaction=value)),) for value in values]
    plan = plan_of(scheme_of(leaf("x", "20", by_place)))
    best, *middle, worst, silent = settled(plan, [*town, ()])
    assert [str(one.total) for one in (best, *middle, worst, silent)] == [
        "20.00", "20.00", "20.00", "1.00", "7.00",
    ]  # fmt: skip
    assert middle[0].leaves[0].working == (
        "数值70，同类单位4家中有3家不优于它，百分位75，得20.00分"
    )
    assert silent.leaves[0].working == "没有记录，按规则得7.00分"
    figures = best.leaves[0].peers
    assert figures is not None
    assert (figures.of, str(figures.mean), str(figures.best)) == (5, "13.60", "20.00")
    low = plan_of(scheme_of(leaf("x", "20", by_place | {"better": "low"})))
    assert [str(one.total) for one in settled(low, town)] == ["1.00", "20.00", "20.00", "20.00"]


@pytest.mark.requirement("R-60")
def test_peers_are_those_of_the_same_level_and_kind() -> None:
    scheme = scheme_of(leaf("x", "20", DEDUCTION))
    plan = plan_of(scheme)
    raws = [
        (Peer("city", "department"), gather(plan, BodyFacts("a", reported_by=rows(1)), YEAR)),
        (Peer("city", "department"), gather(plan, BodyFacts("b", reported_by=rows(4)), YEAR)),
        (Peer("city", "township"), gather(plan, BodyFacts("c", reported_by=rows(9)), YEAR)),
    ]
    whole = tally(plan, raws)
    figures = [settle(plan, raw, peer, whole).leaves[0].peers for peer, raw in raws]
    assert [(one.of, str(one.mean), str(one.best)) for one in figures if one] == [
        (2, "17.50", "19.00"),
        (2, "17.50", "19.00"),
        (1, "11.00", "11.00"),
    ]


VETO: dict[str, Any] = {
    "code": "serious",
    "title": "有严重失信记录",
    "source": {"link": "about", "types": ["penalty"]},
    "severities": ["serious"],
    "basis": {"document": "测试办法", "clause": "第九条", "verified": False},
}


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("cap", "total", "grade"),
    [
        ({"total_at_most": "59"}, "59.00", "C"),
        ({"grade_at_most": "B"}, "100.00", "B"),
        ({"grade_at_most": "C", "at_least": 2}, "100.00", "A"),
    ],
)
def test_a_limit_holds_total_or_grade_down_and_says_what_it_would_have_been(
    cap: dict[str, Any], total: str, grade: str
) -> None:
    scheme = scheme_of(leaf("x", "100", DEDUCTION), vetoes=[VETO | cap])
    about = (
        row("grave", type="penalty", severity="serious"),
        row("light", type="penalty", severity="minor"),
        row("mended", type="penalty", severity="serious", exempted=True),
    )
    result = score_body(plan_of(scheme), BodyFacts("b", about=about), YEAR)
    document: dict[str, Any] = json.loads(canonical_json(body_document(result, scheme)))
    assert (document["total"], document["grade"]["code"]) == (total, grade)
    assert document["without_vetoes"]["total"] == "100.00"
    assert document["without_vetoes"]["grade"]["code"] == "A"
    assert document["vetoes"][0]["records"] == [{"record_id": "grave", "version": 1}]
    assert document["vetoes"][0]["met"] is ("at_least" not in cap)
    assert discrepancies(document) == []
    document["total"], document["grade"] = "88.00", {"code": "A", "title": "优"}
    assert discrepancies(document) == ["总分与按限制重新计算的结果不符", *(
        [] if "at_least" in cap else ["等级与总分和限制不符"]
    )]  # fmt: skip


def test_figures_made_from_the_same_thing_are_told_apart() -> None:
    score = {"kind": "ratio", "empty": "0", "full_at": "1"} | {
        side: {"of": "sum", "field": side} for side in ("numerator", "denominator")
    }
    scheme = scheme_of(
        leaf("timely", "10", score, link="figure", types=["accounts.on_time"]),
        leaf("whole", "10", score, link="figure", types=["accounts.stored"]),
    )
    month = row("account/x/2025-06", type="accounts.on_time", version=1)
    figures = (
        replace(month, values={"numerator": 3, "denominator": 4}),
        replace(month, type="accounts.stored", values={"numerator": "1", "denominator": "2"}),
        replace(month, version=2, values={"numerator": 4, "denominator": 5}),
    )
    result = score_body(plan_of(scheme), BodyFacts("b", figures=figures), YEAR)
    assert [str(found.points) for found in result.leaves] == ["8.00", "5.00"]


@settings(max_examples=40, deadline=None)
@given(schemes(), bodies)
def test_a_further_deduction_never_raises_a_result(scheme: Scheme, facts: BodyFacts) -> None:
    plan = plan_of(scheme)
    deducting = {leaf.indicator.code for leaf in plan.leaves if leaf.score.kind == "deduction"}
    more = replace(facts, about=(*facts.about, row("new", type="penalty", severity="serious")))
    before, after = score_body(plan, facts, YEAR), score_body(plan, more, YEAR)
    for one, other in zip(before.leaves, after.leaves, strict=True):
        if one.indicator.code in deducting:
            assert other.points <= one.points


@pytest.mark.requirement("R-60")
def test_an_explanation_kept_from_before_there_were_peers_is_still_checked() -> None:
    scheme = scheme_of(leaf("timely", "20", RATIO), leaf("view", "20", TIERS))
    facts = (row("a", **holding(satisfaction="95")), row("b", on_time=False))
    result = score_body(plan_of(scheme), BodyFacts("b", reported_by=facts), YEAR)
    document: dict[str, Any] = json.loads(canonical_json(body_document(result, scheme)))
    del document["grades"]
    for found in document["leaves"]:
        del found["peers"]
        for later in ("over", "better"):
            found["score"].pop(later, None)
    assert discrepancies(document) == []
    document["leaves"][1]["points"] = "19.00"
    assert len(discrepancies(document)) == 3  # the leaf, its node and the total
