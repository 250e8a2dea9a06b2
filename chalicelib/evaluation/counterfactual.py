"""What a result would be if: without some records, if they had been repaired, and what would change
it.

Pure. A changed raw body is settled among the tally of the run as it was (the body's own former part
in it included): the answer is hypothetical and never kept as a result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from chalicelib.evaluation.explain import among_from, inputs_of, score_from
from chalicelib.evaluation.formulas import Among, exact, points_of
from chalicelib.evaluation.model import Amounts, RawBody, RawLeaf, RecordEffect
from chalicelib.evaluation.rules import LeafPlan, Plan, raw_leaf
from chalicelib.policy.scheme import Bonus, Deduction, Ratio, Score, Tiers

_ZERO: Final = Decimal(0)
_NOTHING: Final[Amounts] = (("deducted", _ZERO),)


def without(plan: Plan, raw: RawBody, record_ids: Collection[str]) -> RawBody:
    """The raw body as if these records were not there: as `gather` would find it."""

    def left(leaf: LeafPlan, found: RawLeaf) -> RawLeaf:
        return _kept(plan, leaf, found, record_ids)

    return _changed(plan, raw, left, record_ids, frozenset(("about", "reported_by", "figure")))


def repaired(
    plan: Plan, raw: RawBody, record_ids: Collection[str], on: date, frozen_on: date
) -> RawBody:
    """The raw body as if these records had been repaired, or recognised as good-faith errors, on
    day `on`, in a run whose inputs are frozen on `frozen_on`: if that is earlier, nothing changes.

    They are then not held against the body they are about: deduct nothing and speak for no veto,
    and whatever else is measured, is measured as if they were not there. How well the body reports
    is no matter of what became of a record.
    """
    if on > frozen_on:
        return raw

    def eased(leaf: LeafPlan, found: RawLeaf) -> RawLeaf:
        if leaf.source.link != "about" or isinstance(leaf.score, Bonus):
            return found
        if not isinstance(leaf.score, Deduction):
            return _kept(plan, leaf, found, record_ids)
        records = tuple(
            effect._replace(amounts=_NOTHING) if effect.record_id in record_ids else effect
            for effect in found.records
        )
        return raw_leaf(leaf, records, (), plan.scheme.decimals)

    return _changed(plan, raw, eased, record_ids, frozenset(("about",)))


@dataclass(frozen=True, slots=True)
class Improvement:
    """What one record does to one leaf, and what would change that."""

    indicator: str
    title: str
    record_id: str
    version: int
    points: Decimal
    """As they are."""
    without: Decimal | None
    """Without the record; None where that depends on how the peers are placed."""
    text: str
    """Chinese."""

    @property
    def gain(self) -> Decimal | None:
        """Points gained without the record; below 0 if it helps."""
        return None if self.without is None else self.without - self.points


def improvements(document: Mapping[str, Any]) -> Iterator[Improvement]:
    """For every record of every leaf of a body's explanation: the points without it. From the
    document alone, the peers taken as they are."""
    for leaf in document["leaves"]:
        score, among = score_from(leaf), among_from(leaf)
        with exact():
            inputs = inputs_of(leaf["records"])
        points = Decimal(leaf["points"])
        fed = Counter(name for record in leaf["records"] for name in record["effect"])
        known: dict[tuple[tuple[str, str], ...], Decimal | None] = {}
        for record in leaf["records"]:
            effect = tuple(record["effect"].items())
            if effect not in known:
                left = _inputs_without(leaf, inputs, fed, dict(effect))
                known[effect] = _points_without(leaf, score, left, among)
            yield Improvement(
                leaf["indicator"],
                leaf["title"],
                record["record_id"],
                record["version"],
                points,
                known[effect],
                _advice(score, points, known[effect], dict(effect)),
            )


def _changed(
    plan: Plan,
    raw: RawBody,
    change: Callable[[LeafPlan, RawLeaf], RawLeaf],
    record_ids: Collection[str],
    links: frozenset[str],
) -> RawBody:
    with exact():
        leaves = tuple(
            change(leaf, found) for leaf, found in zip(plan.leaves, raw.leaves, strict=True)
        )
    of_link = {one.veto.code for one in plan.vetoes if one.veto.source.link in links}
    vetoes = {
        code: kept
        for code, rows in raw.vetoes.items()
        if (
            kept := tuple(
                row for row in rows if code not in of_link or row.record_id not in record_ids
            )
        )
    }
    return replace(raw, leaves=leaves, vetoes=MappingProxyType(vetoes))


def _kept(plan: Plan, leaf: LeafPlan, found: RawLeaf, record_ids: Collection[str]) -> RawLeaf:
    rows = (*found.records, *found.earlier)
    if not any(effect.record_id in record_ids for effect in rows):
        return found
    records, earlier = _left(found.records, record_ids), _left(found.earlier, record_ids)
    if found.records and not records:
        records, earlier = earlier[:1], earlier[1:]
    return raw_leaf(leaf, records, earlier, plan.scheme.decimals)


def _left(
    effects: Iterable[RecordEffect], record_ids: Collection[str]
) -> tuple[RecordEffect, ...]:
    return tuple(effect for effect in effects if effect.record_id not in record_ids)


def _inputs_without(
    leaf: Mapping[str, Any],
    inputs: Mapping[str, Decimal],
    fed: Mapping[str, int],
    effect: Mapping[str, str],
) -> dict[str, Decimal]:
    """What is left to measure; an input only this record fed is gone, and where the latest counts,
    the one before takes its place."""
    if leaf.get("earlier"):
        return {name: Decimal(amount) for name, amount in leaf["earlier"][0]["effect"].items()}
    with exact():
        return {
            name: value - Decimal(effect.get(name, 0))
            for name, value in inputs.items()
            if fed[name] > (name in effect)
        }


def _points_without(
    leaf: Mapping[str, Any], score: Score, left: Mapping[str, Decimal], among: Among
) -> Decimal | None:
    if isinstance(score, Tiers) and score.over == "percentile":
        return None
    with exact():
        return points_of(score, Decimal(leaf["max_points"]), left, leaf["decimals"], among)


def _advice(
    score: Score, points: Decimal, found: Decimal | None, effect: Mapping[str, str]
) -> str:
    if found is None:
        return "得分取决于在同类单位中的位次，没有这条记录时不能单独推算"
    gain = found - points
    change = (
        f"没有它多得{format(gain, 'f')}分"
        if gain > 0
        else f"没有它少得{format(-gain, 'f')}分"
        if gain < 0
        else "没有它得分不变"
    )
    if isinstance(score, Deduction):
        if not Decimal(effect.get("deducted", "0")):
            return "已修复或属容错免责，不扣分"
        return f"扣{effect['deducted']}分；修复、认定为容错或经申诉撤销后不再扣分，{change}"
    if isinstance(score, Ratio) and "numerator" not in effect:
        return f"未计入分子；{change}"
    if isinstance(score, Ratio) and not Decimal(effect["numerator"]):
        return f"没有达到要求，只计入分母；{change}"
    return change
