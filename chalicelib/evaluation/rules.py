"""Score bodies in two phases: pure, in decimals, with every point traced to the rows it is made of.

    gather   rows -> amounts per input -> inputs (their sums): what a body's own rows say
    settle   points = formula(score, inputs, peers), vetoes, total, grade: among all bodies

Between them the raw bodies are tallied by their peers (`tallies`). The result keeps every step, so
that points can be computed again from the explanation alone (`explain.recompute`). Leaves are
rounded half up to the scheme's decimals; branches and total only add. The order in which rows come
does not matter, and of a record given twice the highest version counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from chalicelib.evaluation.amounts import Reader, Test, all_of, reader_of, takes_latest
from chalicelib.evaluation.formulas import ALONE, exact, needs_peers, points_of, rounded
from chalicelib.evaluation.model import (
    BodyFacts,
    BodyResult,
    Counted,
    FactRow,
    LeafResult,
    NodeResult,
    Peer,
    Period,
    RawBody,
    RawLeaf,
    RecordEffect,
    VetoResult,
)
from chalicelib.evaluation.tallies import Tally, among_peers, figures_among, group_of, tally_of
from chalicelib.evaluation.texts import Titles, rule_text, working_text
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.scheme import (
    Bonus,
    Grade,
    Indicator,
    Link,
    Manual,
    Measure,
    Ratio,
    Scheme,
    Score,
    Source,
    Tiers,
    Veto,
)

_ZERO: Final = Decimal(0)
_NO_TITLES: Final[Titles] = MappingProxyType({})
_LINKS: Final[tuple[Link, ...]] = ("reported_by", "about", "figure")


@dataclass(frozen=True, slots=True)
class LeafPlan:
    """A scoring indicator made ready to read rows."""

    indicator: Indicator
    source: Source
    score: Score
    meets: Test | None
    read: Reader
    rule: str
    document: JsonValue
    """The score as explanations show it."""
    by_peers: bool
    """Whether points depend on the peers."""


@dataclass(frozen=True, slots=True)
class VetoPlan:
    """A veto made ready to read rows."""

    veto: Veto
    meets: Test | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheme made ready: what to fetch, and how to score it. Make it once per run."""

    scheme: Scheme
    leaves: tuple[LeafPlan, ...]
    vetoes: tuple[VetoPlan, ...]
    types: Mapping[Link, frozenset[str]]
    """Record types (of `figure`: figures) to fetch, by how they are linked to the body."""
    fields: frozenset[str]
    """Field codes a `FactRow` must carry."""


def plan_of(scheme: Scheme, titles: Titles = _NO_TITLES) -> Plan:
    """Prepare a scheme; `titles` (see `explain.titles_of`) make rules readable."""
    leaves = tuple(_leaf_plan(indicator, titles) for indicator in scheme.leaves())
    vetoes = tuple(VetoPlan(veto, all_of(veto.source.where)) for veto in scheme.vetoes)
    sources = [leaf.source for leaf in leaves] + [veto.source for veto in scheme.vetoes]
    types: dict[Link, frozenset[str]] = dict.fromkeys(_LINKS, frozenset())
    for source in sources:
        types[source.link] |= set(source.types)
    fields = {condition.field for source in sources for condition in source.where}
    fields |= {code for leaf in leaves for code in _fields_of(leaf.score)}
    return Plan(scheme, leaves, vetoes, MappingProxyType(types), frozenset(fields))


def gather(plan: Plan, facts: BodyFacts, period: Period) -> RawBody:
    """Phase 1: what the rows of the period say about each leaf and each veto."""
    rows: dict[Link, Mapping[str, Sequence[FactRow]]] = {
        "reported_by": _by_type(facts.reported_by, plan.types["reported_by"], period),
        "about": _by_type(facts.about, plan.types["about"], period),
        "figure": _figures(facts.figures, plan.types["figure"], period),
    }
    with exact():
        leaves = tuple(
            _raw_leaf(leaf, _chosen(leaf.source, leaf.meets, rows), plan.scheme.decimals)
            for leaf in plan.leaves
        )
    counted = {
        one.veto.code: tuple(
            Counted(row.record_id, row.version)
            for row in _chosen(one.veto.source, one.meets, rows)
            if _speaks_for(one.veto, row)
        )
        for one in plan.vetoes
    }
    found = {code: speaking for code, speaking in counted.items() if speaking}
    return RawBody(facts.subject_id, leaves, MappingProxyType(found))


def tally(plan: Plan, raws: Iterable[tuple[Peer, RawBody]]) -> Tally:
    """What settling has to know of these bodies together; tallies of parts merge into the same."""
    return tally_of(plan.scheme, raws)


def settle(plan: Plan, raw: RawBody, peer: Peer, tallied: Tally) -> BodyResult:
    """Phase 2: points, vetoes, total and grade of a body that is part of the tally."""
    scheme = plan.scheme
    group = group_of(scheme, peer)
    with exact():
        leaves = tuple(
            _settled(leaf, found, group, tallied, scheme.decimals)
            for leaf, found in zip(plan.leaves, raw.leaves, strict=True)
        )
        results = {leaf.indicator.code: leaf for leaf in leaves}
        tree = tuple(_node(indicator, results) for indicator in scheme.indicators)
        scored = sum((node.points for node in tree), _ZERO)
    vetoes = tuple(
        VetoResult(one.veto, rows, len(rows) >= one.veto.at_least)
        for one in plan.vetoes
        if (rows := raw.vetoes.get(one.veto.code, ()))
    )
    met = [one.veto for one in vetoes if one.met]
    caps = [veto.total_at_most for veto in met if veto.total_at_most is not None]
    total = min([scored, *(rounded(cap, scheme.decimals) for cap in caps)])
    grade = _held_down(scheme, scheme.grade_of(total), met)
    return BodyResult(raw.subject_id, total, grade, tree, leaves, scored, vetoes)


def score_body(plan: Plan, facts: BodyFacts, period: Period) -> BodyResult:
    """Points, grade and full explanation of one body that has no peers but itself."""
    raw, alone = gather(plan, facts, period), Peer()
    return settle(plan, raw, alone, tally(plan, [(alone, raw)]))


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
        document=indicator.score.model_dump(mode="json", exclude_none=True),
        by_peers=needs_peers(indicator.score),
    )


def _fields_of(score: Score) -> Iterable[str]:
    measures: tuple[Measure, ...] = ()
    if isinstance(score, Ratio):
        measures = (score.numerator, score.denominator)
    elif isinstance(score, Tiers):
        measures = (score.measure,)
    elif isinstance(score, Manual):
        yield score.value
    elif isinstance(score, Bonus) and score.by is not None:
        yield score.by
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
    return _grouped(latest.values(), types, period)


def _figures(
    rows: Sequence[FactRow], types: frozenset[str], period: Period
) -> Mapping[str, Sequence[FactRow]]:
    """As records, but several figures may be made from the same thing."""
    latest: dict[tuple[str, str], FactRow] = {}
    for row in rows:
        known = latest.get((row.type, row.record_id))
        if known is None or known.version < row.version:
            latest[row.type, row.record_id] = row
    return _grouped(latest.values(), types, period)


def _grouped(
    rows: Iterable[FactRow], types: frozenset[str], period: Period
) -> Mapping[str, Sequence[FactRow]]:
    grouped: dict[str, list[FactRow]] = {}
    first, last = period.first, period.last
    for row in rows:
        if row.type in types and first <= row.occurred_on <= last:
            grouped.setdefault(row.type, []).append(row)
    for found in grouped.values():
        found.sort(key=_when)
    return grouped


def _when(row: FactRow) -> tuple[object, str]:
    return row.occurred_on, row.record_id


def _chosen(
    source: Source, meets: Test | None, rows: Mapping[Link, Mapping[str, Sequence[FactRow]]]
) -> list[FactRow]:
    by_type = rows[source.link]
    found = [row for code in source.types for row in by_type.get(code, ())]
    return found if meets is None else [row for row in found if meets(row)]


def _speaks_for(veto: Veto, row: FactRow) -> bool:
    return not row.exempted and (not veto.severities or row.severity in veto.severities)


def _raw_leaf(leaf: LeafPlan, rows: list[FactRow], decimals: int) -> RawLeaf:
    latest = takes_latest(leaf.score)
    if latest:
        rows.sort(key=_when, reverse=True)
    effects = [
        RecordEffect(row.record_id, row.version, amounts)
        for row, amounts in zip(rows, leaf.read(rows), strict=True)
        if amounts
    ]
    counting, earlier = (effects[:1], effects[1:]) if latest else (effects, [])
    return raw_leaf(leaf, tuple(counting), tuple(earlier), decimals)


def raw_leaf(
    leaf: LeafPlan,
    records: tuple[RecordEffect, ...],
    earlier: tuple[RecordEffect, ...],
    decimals: int,
) -> RawLeaf:
    """A leaf that was found to read these rows. Call within `exact()`."""
    inputs: dict[str, Decimal] = {}
    for effect in records:
        for name, amount in effect.amounts:
            inputs[name] = inputs.get(name, _ZERO) + amount
    weight = leaf.indicator.weight
    points = None if leaf.by_peers else points_of(leaf.score, weight, inputs, decimals)
    return RawLeaf(leaf.indicator.code, inputs, records, points, earlier)


def _settled(
    leaf: LeafPlan, found: RawLeaf, group: tuple[str, ...], tallied: Tally, decimals: int
) -> LeafResult:
    weight, points, among = leaf.indicator.weight, found.points, None
    if points is None:
        among = among_peers(tallied, group, leaf.indicator, found.inputs)
        points = points_of(leaf.score, weight, found.inputs, decimals, among)
    return LeafResult(
        indicator=leaf.indicator,
        points=points,
        rule=leaf.rule,
        working=working_text(leaf.score, weight, found.inputs, points, among or ALONE),
        inputs=found.inputs,
        records=found.records,
        earlier=found.earlier,
        among=among,
        peers=figures_among(tallied, group, leaf.indicator, decimals),
        score=leaf.document,
    )


def _node(indicator: Indicator, results: Mapping[str, LeafResult]) -> NodeResult:
    if not indicator.children:
        leaf = results[indicator.code]
        return NodeResult(indicator, leaf.points, leaf)
    children = tuple(_node(child, results) for child in indicator.children)
    points = sum((child.points for child in children), _ZERO)
    return NodeResult(indicator, points, children=children)


def _held_down(scheme: Scheme, grade: Grade, met: Sequence[Veto]) -> Grade:
    caps = [scheme.grade(veto.grade_at_most) for veto in met if veto.grade_at_most is not None]
    return min([grade, *caps], key=lambda one: one.at_least)
