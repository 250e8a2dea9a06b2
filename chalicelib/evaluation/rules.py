"""Score bodies: pure, in decimals, with every point traced to the records that made it.

A leaf works in three steps, and the result keeps all of them:

    records -> amounts per input -> inputs (their sums) -> points = formula(score, inputs)

so that points can be computed again from the explanation alone (`explain.recompute`). Leaves are
rounded half up to the scheme's decimals; branches and total only add. The order in which records
come does not matter, and of a record given twice the highest version counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Final

from chalicelib.evaluation.amounts import Reader, Test, all_of, reader_of
from chalicelib.evaluation.formulas import exact, points_of
from chalicelib.evaluation.model import (
    BodyFacts,
    BodyResult,
    FactRow,
    LeafResult,
    NodeResult,
    Period,
    Rank,
    RecordEffect,
    Standing,
)
from chalicelib.evaluation.texts import Titles, rule_text, working_text
from chalicelib.policy.scheme import (
    Bonus,
    Indicator,
    Link,
    Ratio,
    Scheme,
    Score,
    Source,
    Tiers,
)

_ZERO: Final = Decimal(0)
_NO_TITLES: Final[Titles] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LeafPlan:
    """A scoring indicator made ready to read records."""

    indicator: Indicator
    source: Source
    score: Score
    meets: Test | None
    read: Reader
    rule: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheme made ready: what to fetch, and how to score it. Make it once per run."""

    scheme: Scheme
    leaves: tuple[LeafPlan, ...]
    types: Mapping[Link, frozenset[str]]
    """Record types to fetch, by how they are linked to the body."""
    fields: frozenset[str]
    """Field codes a `FactRow` must carry."""


def plan_of(scheme: Scheme, titles: Titles = _NO_TITLES) -> Plan:
    """Prepare a scheme; `titles` (see `explain.titles_of`) make rules readable."""
    leaves = tuple(_leaf_plan(indicator, titles) for indicator in scheme.leaves())
    types: dict[Link, frozenset[str]] = dict.fromkeys(
        ("reported_by", "about", "figure"), frozenset()
    )
    for leaf in leaves:
        types[leaf.source.link] |= set(leaf.source.types)
    fields = frozenset(code for leaf in leaves for code in _fields_of(leaf))
    return Plan(scheme, leaves, MappingProxyType(types), fields)


def score_body(plan: Plan, facts: BodyFacts, period: Period) -> BodyResult:
    """Points, grade and full explanation of one body over the records of the period."""
    rows = {
        "reported_by": _by_type(facts.reported_by, plan.types["reported_by"], period),
        "about": _by_type(facts.about, plan.types["about"], period),
        "figure": _by_type(facts.figures, plan.types["figure"], period),
    }
    with exact():
        leaves = tuple(
            _score_leaf(leaf, rows[leaf.source.link], plan.scheme.decimals) for leaf in plan.leaves
        )
        results = {leaf.indicator.code: leaf for leaf in leaves}
        tree = tuple(_node(indicator, results) for indicator in plan.scheme.indicators)
        total = sum((node.points for node in tree), _ZERO)
    return BodyResult(facts.subject_id, total, plan.scheme.grade_of(total), tree, leaves)


def rank(scheme: Scheme, standings: Iterable[Standing]) -> dict[str, Rank]:
    """The place of every subject among those equal in the scheme's `rank_within` (1, 1, 3)."""

    def group(standing: Standing) -> tuple[str, ...]:
        return tuple(getattr(standing, name) for name in scheme.rank_within)

    ranks: dict[str, Rank] = {}
    ordered = sorted(standings, key=lambda s: (group(s), -s.total, s.subject_id))
    for _, members in groupby(ordered, key=group):
        peers = list(members)
        place, previous = 0, None
        for position, peer in enumerate(peers, start=1):
            if peer.total != previous:
                place, previous = position, peer.total
            ranks[peer.subject_id] = Rank(place, len(peers))
    return ranks


def _leaf_plan(indicator: Indicator, titles: Titles) -> LeafPlan:
    if indicator.source is None or indicator.score is None:
        raise ValueError(f"indicator {indicator.code} has neither children nor a score")
    return LeafPlan(
        indicator=indicator,
        source=indicator.source,
        score=indicator.score,
        meets=all_of(indicator.source.where),
        read=reader_of(indicator.score),
        rule=rule_text(indicator.score, indicator.weight, titles),
    )


def _fields_of(leaf: LeafPlan) -> Iterable[str]:
    yield from (condition.field for condition in leaf.source.where)
    score = leaf.score
    if isinstance(score, Bonus) and score.by is not None:
        yield score.by
    measures = (
        (score.numerator, score.denominator)
        if isinstance(score, Ratio)
        else (score.measure,)
        if isinstance(score, Tiers)
        else ()
    )
    for measure in measures:
        yield from (condition.field for condition in measure.where)
        if measure.field is not None:
            yield measure.field


def _by_type(
    rows: Sequence[FactRow], types: frozenset[str], period: Period
) -> Mapping[str, Sequence[FactRow]]:
    latest: dict[str, FactRow] = {}
    for row in rows:
        known = latest.get(row.record_id)
        if known is None or known.version < row.version:
            latest[row.record_id] = row
    grouped: dict[str, list[FactRow]] = {}
    for row in latest.values():
        if row.type in types and period.holds(row.occurred_on):
            grouped.setdefault(row.type, []).append(row)
    for found in grouped.values():
        found.sort(key=lambda row: (row.occurred_on, row.record_id))
    return grouped


def _score_leaf(
    leaf: LeafPlan, by_type: Mapping[str, Sequence[FactRow]], decimals: int
) -> LeafResult:
    rows = [row for code in leaf.source.types for row in by_type.get(code, ())]
    if leaf.meets is not None:
        rows = [row for row in rows if leaf.meets(row)]
    inputs: dict[str, Decimal] = {}
    effects: list[RecordEffect] = []
    for row, amounts in zip(rows, leaf.read(rows), strict=True):
        if not amounts:
            continue
        effects.append(RecordEffect(row.record_id, row.version, amounts))
        for name, amount in amounts:
            inputs[name] = inputs.get(name, _ZERO) + amount
    weight = leaf.indicator.weight
    points = points_of(leaf.score, weight, inputs, decimals)
    return LeafResult(
        indicator=leaf.indicator,
        points=points,
        rule=leaf.rule,
        working=working_text(leaf.score, weight, inputs, points),
        inputs=inputs,
        records=tuple(effects),
    )


def _node(indicator: Indicator, results: Mapping[str, LeafResult]) -> NodeResult:
    if not indicator.children:
        leaf = results[indicator.code]
        return NodeResult(indicator, leaf.points, leaf)
    children = tuple(_node(child, results) for child in indicator.children)
    points = sum((child.points for child in children), _ZERO)
    return NodeResult(indicator, points, children=children)
