"""The bare scores of a scheme as SQL: the floor beside which scoring with explanation is measured.

Written from the rules, not from the platform's code, and in whole numbers throughout (hundredths of
a point, halves rounded up by integer division), so that its totals can be held against the exact
ones. Nothing is explained: no rule, no working, no record ids.

The table `facts` has one line per row: subject, link, type, day, record_id, severity, timely,
exempted, a text column per field (`t_<field>`) and a column of hundredths for those that hold
numbers (`n_<field>`).
"""

from __future__ import annotations

from decimal import Decimal

from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    Indicator,
    Manual,
    Measure,
    Ratio,
    Scheme,
    Source,
    Tiers,
)

_PEERS = "OVER ()"


def totals_sql(scheme: Scheme, subjects: str = "subjects") -> str:
    """A query for (subject, hundredths) of every line of `subjects`; all are one peer group."""
    leaves = list(scheme.leaves())
    tables = [f"l{n} AS ({_leaf(leaf, subjects)})" for n, leaf in enumerate(leaves)]
    joins = "".join(f" JOIN l{n} USING (subject)" for n in range(1, len(leaves)))
    total = " + ".join(f"l{n}.points" for n in range(len(leaves)))
    return f"WITH {', '.join(tables)} SELECT subject, {total} AS total FROM l0{joins}"


def _leaf(leaf: Indicator, subjects: str) -> str:
    assert leaf.source is not None
    weight = _hundredths(leaf.weight)
    score = leaf.score
    if isinstance(score, Ratio):
        inputs = f"{_measured(score.numerator)} AS a, {_measured(score.denominator)} AS b"
        points = _ratio(score, weight)
    elif isinstance(score, Deduction):
        inputs = f"sum(CASE WHEN exempted THEN 0 ELSE {_by_severity(score)} END) AS a"
        points = f"greatest({_hundredths(score.floor)}, {weight} - coalesce(a, 0))"
    elif isinstance(score, Tiers):
        inputs, points = _tiers(score)
    elif isinstance(score, Manual):
        inputs, points = _manual(score, weight)
    else:
        assert isinstance(score, Bonus)
        inputs = f"sum({_by_choice(score)}) AS a"
        points = f"least({_hundredths(score.cap)}, coalesce(a, 0))"
    return (
        f"SELECT subject, {points} AS points FROM {subjects} LEFT JOIN "
        f"(SELECT subject, {inputs} FROM facts WHERE {_chosen(leaf.source)} GROUP BY subject) "
        "USING (subject)"
    )


def _ratio(score: Ratio, weight: int) -> str:
    full, per = score.full_at.as_integer_ratio()
    above, below = "coalesce(a, 0)::HUGEINT", "b::HUGEINT"
    if score.prior is not None and score.prior.rate == "peers":
        strength = _whole(score.prior.strength)
        pooled = f"sum(coalesce(a, 0)::HUGEINT) FILTER (WHERE b > 0) {_PEERS}"
        pool = f"sum(b::HUGEINT) FILTER (WHERE b > 0) {_PEERS}"
        # (a + s p/q) / (b + s), amounts of fields being hundredths
        unit = 100 if score.denominator.field else 1
        above = f"({above} * {pool} + {strength * unit} * least({pooled}, {pool}))"
        below = f"(({below} + {strength * unit}) * {pool})"
    top, bottom = f"{weight * per} * {above}", f"({below} * {full})"
    return (
        f"CASE WHEN b > 0 THEN least({weight}, {_divided(top, bottom)}) "
        f"ELSE {_hundredths(score.empty)} END"
    )


def _tiers(score: Tiers) -> tuple[str, str]:
    value, count = _value(score.measure)
    assert score.over == "value"
    steps = "".join(
        f" WHEN a >= {_hundredths(tier.at_least)} * b THEN {_hundredths(tier.points)}"
        for tier in sorted(score.tiers, key=lambda tier: -tier.at_least)
    )
    empty = f"WHEN a IS NULL OR b = 0 THEN {_hundredths(score.empty)}"
    points = f"CASE {empty}{steps} ELSE {_hundredths(score.otherwise)} END"
    return f"{value} AS a, {count} AS b", points


def _manual(score: Manual, weight: int) -> tuple[str, str]:
    value, count = _value(Measure(of=score.of, field=score.value))
    mark = f"{weight} * a::HUGEINT"
    points = _divided(mark, f"(b * {_hundredths(score.full)})")
    return f"{value} AS a, {count} AS b", (
        f"CASE WHEN a IS NULL OR b = 0 THEN {_hundredths(score.empty)} "
        f"ELSE least({weight}, {points}) END"
    )


def _value(measure: Measure) -> tuple[str, str]:
    held = f"FILTER (WHERE NOT exempted AND n_{measure.field} IS NOT NULL)"
    if measure.of == "average":
        return f"sum(n_{measure.field}) {held}", f"count(n_{measure.field}) {held}"
    assert measure.of == "latest"
    return f"arg_max(n_{measure.field}, (day, record_id)) {held}", "1"


def _measured(measure: Measure) -> str:
    if measure.of == "sum":
        return f"sum(n_{measure.field}) FILTER (WHERE NOT exempted)"
    tests = ["NOT exempted", *map(_holds, measure.where)]
    if measure.of == "on_time":
        tests.append("timely")
    return f"count(*) FILTER (WHERE {' AND '.join(tests)})"


def _chosen(source: Source) -> str:
    types = ", ".join(f"'{code}'" for code in source.types)
    return " AND ".join(
        [f"link = '{source.link}'", f"type IN ({types})", *map(_holds, source.where)]
    )


def _holds(condition: Condition) -> str:
    values = ", ".join(f"'{str(value).lower()}'" for value in condition.values)
    return f"t_{condition.field} IN ({values})"


def _by_severity(score: Deduction) -> str:
    steps = " ".join(
        f"WHEN '{key}' THEN {_hundredths(points)}"
        for key, points in score.points.items()
        if key != "any"
    )
    rest = _hundredths(score.points.get("any", Decimal(0)))
    return f"CASE severity {steps} ELSE {rest} END" if steps else str(rest)


def _by_choice(score: Bonus) -> str:
    steps = " ".join(
        f"WHEN '{key}' THEN {_hundredths(points)}"
        for key, points in score.points.items()
        if key != "any"
    )
    rest = _hundredths(score.points.get("any", Decimal(0)))
    return f"CASE t_{score.by} {steps} ELSE {rest} END" if steps else str(rest)


def _divided(top: str, bottom: str) -> str:
    """Half up, both positive."""
    return f"((2 * {top} + {bottom}) // (2 * {bottom}))"


def _hundredths(value: Decimal) -> int:
    return _whole(value * 100)


def _whole(value: Decimal) -> int:
    whole = int(value)
    assert whole == value
    return whole
