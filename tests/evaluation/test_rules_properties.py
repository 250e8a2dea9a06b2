"""What holds for every scheme and every set of records; points against a second, naive scorer."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.evaluation.explain import body_document, discrepancies, recompute
from chalicelib.evaluation.model import BodyFacts, FactRow
from chalicelib.evaluation.rules import plan_of, score_body
from chalicelib.policy.scheme import Scheme
from tests.evaluation.builders import YEAR, leaf, scheme_of
from tests.evaluation.drawn import bodies, cents, conditions, schemes, scores


@pytest.mark.requirement("R-60")
@given(schemes(), bodies)
def test_the_explanation_proves_every_point(scheme: Scheme, facts: BodyFacts) -> None:
    result = score_body(plan_of(scheme), facts, YEAR)
    document = json.loads(json.dumps(body_document(result, scheme)))
    assert discrepancies(document) == []
    assert sum(Decimal(found["points"]) for found in document["leaves"]) == result.scored
    assert 0 <= result.total <= result.scored <= scheme.total
    for found, scored in zip(document["leaves"], result.leaves, strict=True):
        assert recompute(found) == scored.points
        assert 0 <= scored.points <= scored.indicator.weight
        assert found["rule"]
        assert found["working"]
    given = facts.reported_by + facts.about + facts.figures
    known = {(row.record_id, row.version) for row in given}
    for scored in result.leaves:
        named = [(effect.record_id, effect.version) for effect in scored.records]
        assert set(named) <= known
        assert len(named) == len(set(named))


@given(schemes(), bodies, st.randoms(use_true_random=False))
def test_order_of_records_changes_nothing(scheme: Scheme, facts: BodyFacts, random: Any) -> None:
    by, about = list(facts.reported_by), list(facts.about)
    random.shuffle(by)
    random.shuffle(about)
    plan = plan_of(scheme)
    again = replace(facts, reported_by=tuple(by), about=tuple(about))
    first = body_document(score_body(plan, facts, YEAR), scheme)
    assert json.dumps(first) == json.dumps(body_document(score_body(plan, again, YEAR), scheme))


@given(schemes(), bodies)
def test_records_outside_the_sources_change_nothing(scheme: Scheme, facts: BodyFacts) -> None:
    plan = plan_of(scheme)
    strange = FactRow("x", 1, "licence", date(2023, 5, 5), severity="serious")
    other = FactRow("y", 1, "honour", date(2025, 5, 5), severity="serious")
    more = replace(facts, reported_by=(strange, other, *facts.reported_by))
    assert score_body(plan, more, YEAR) == score_body(plan, facts, YEAR)


@given(schemes(), bodies)
def test_a_tampered_explanation_is_found(scheme: Scheme, facts: BodyFacts) -> None:
    result = score_body(plan_of(scheme), facts, YEAR)
    text = json.dumps(body_document(result, scheme))

    points: dict[str, Any] = json.loads(text)
    leaf_points = points["leaves"][0]
    leaf_points["points"] = str(Decimal(leaf_points["points"]) + 1)
    assert any("重新计算" in found for found in discrepancies(points))
    assert any("总分" in found for found in discrepancies(points))

    node: dict[str, Any] = json.loads(text)
    node["tree"][0]["points"] = str(Decimal(node["tree"][0]["points"]) + 1)
    assert any("下级得分" in found for found in discrepancies(node))

    effect: dict[str, Any] = json.loads(text)
    for found in effect["leaves"]:
        if found["records"]:
            name, amount = next(iter(found["records"][0]["effect"].items()))
            found["records"][0]["effect"][name] = str(Decimal(amount) + 1)
            assert any("记录之和" in text for text in discrepancies(effect))


# A second scorer, in exact fractions, written from the rules and not from the code.


def naive_value(measure: dict[str, Any], facts: list[FactRow]) -> Fraction | None:
    facts = [row for row in facts if not row.exempted]
    meeting = [row for row in facts if all(holds(row, c) for c in measure["where"])]
    if measure["of"] in ("count", "matching", "on_time"):
        timely = [row for row in meeting if measure["of"] != "on_time" or row.on_time is True]
        return Fraction(len(timely)) if facts else None
    with_value = [row for row in meeting if "number" in row.values]
    if not with_value:
        return None
    numbers = [Fraction(str(row.values["number"])) for row in with_value]
    if measure["of"] == "latest":
        newest = max(with_value, key=lambda row: (row.occurred_on, row.record_id))
        return Fraction(str(newest.values["number"]))
    return sum(numbers, Fraction(0)) / (len(numbers) if measure["of"] == "average" else 1)


def holds(row: FactRow, condition: dict[str, Any]) -> bool:
    value = row.values.get(condition["field"])
    parts = value.split(",") if isinstance(value, str) else [value]
    return any(part in condition["values"] for part in parts)


def naive_points(indicator: dict[str, Any], facts: BodyFacts) -> Fraction:
    source, score = indicator["source"], indicator["score"]
    pool = {"about": facts.about, "figure": facts.figures}.get(source["link"], facts.reported_by)
    chosen = [
        row
        for row in pool
        if row.type in source["types"]
        and row.occurred_on.year == 2025
        and all(holds(row, c) for c in source["where"])
    ]
    weight, points = Fraction(indicator["weight"]), Fraction(0)
    if score["kind"] == "ratio":
        below = naive_value(score["denominator"], chosen)
        above = naive_value(score["numerator"], chosen) or Fraction(0)
        full = Fraction(score["full_at"])
        if prior := score.get("prior") if below else None:
            # Alone among its peers, a body is drawn towards itself.
            rate = min(Fraction(1), above / below) if prior["rate"] == "peers" else prior["rate"]
            above += Fraction(prior["strength"]) * Fraction(rate)
            below += Fraction(prior["strength"])
        points = min(weight, weight * above / below / full) if below else Fraction(score["empty"])
    elif score["kind"] == "manual":
        value = naive_value({"of": score["of"], "where": []}, chosen)
        points = weight * value / Fraction(score["full"]) if value is not None else None
        points = Fraction(score["empty"]) if points is None else points
    elif score["kind"] == "deduction":
        table = score["points"]
        lost = [
            Fraction(table.get(row.severity or "any", table.get("any", 0)))
            for row in chosen
            if not row.exempted
        ]
        points = max(Fraction(score["floor"]), weight - sum(lost, Fraction(0)))
    elif score["kind"] == "tiers":
        value = naive_value(score["measure"], chosen)
        if value is None:
            points = Fraction(score["empty"])
        else:
            points = Fraction(score["otherwise"])
            value = Fraction(100) if score["over"] == "percentile" else value
            for tier in sorted(score["tiers"], key=lambda tier: Fraction(tier["at_least"])):
                if value >= Fraction(tier["at_least"]):
                    points = Fraction(tier["points"])
    else:
        table = score["points"]
        others = table.get("any", 0)
        for row in chosen:
            keys = str(row.values.get("state", "")).split(",") if score["by"] else ["any"]
            points += max(Fraction(table.get(key, others)) for key in keys)
        points = min(points, Fraction(score["cap"]))
    clamped = min(weight, max(Fraction(0), points))
    return Fraction(int(clamped * 100 + Fraction(1, 2)), 100)


@pytest.mark.requirement("R-60")
@given(scores, bodies, conditions, cents)
def test_points_equal_those_of_a_naive_scorer(
    score: dict[str, Any], facts: BodyFacts, where: list[dict[str, Any]], weight: str
) -> None:
    indicator = leaf("x", weight, score, types=["licence", "penalty"], where=where)
    result = score_body(plan_of(scheme_of(indicator, grades=ONE_GRADE)), facts, YEAR)
    assert Fraction(result.total) == naive_points(indicator, facts)


ONE_GRADE = [{"code": "A", "title": "合格", "at_least": "0"}]
