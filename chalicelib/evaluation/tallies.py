"""What bodies are to each other: amounts and points of all peers, added up per leaf.

A tally of many bodies is merged from tallies of parts in any order, digit for digit. Of a leaf
whose points depend on the peers it keeps how many bodies have which amounts, of any other only the
sum and the ends of the points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final, TypeAlias

from chalicelib.evaluation.formulas import (
    Among,
    exact,
    fraction_of,
    measured,
    needs_peers,
    points_of,
    rounded,
)
from chalicelib.evaluation.model import Peer, PeerFigures, RawBody
from chalicelib.evaluation.texts import shown
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.scheme import Indicator, Ratio, Scheme, Tiers

Group: TypeAlias = tuple[str, ...]
"""What the peers have in common: the values of the scheme's `peers_within`."""

Held: TypeAlias = tuple[Decimal, ...]
"""What of a body a peers' leaf depends on: (numerator, denominator), (value,), () if unmeasured."""

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class LeafTally:
    """One leaf over all bodies of a group; of a peers' leaf `spread`, of another the rest."""

    count: int = 0
    total: Decimal = _ZERO
    lowest: Decimal = _ZERO
    highest: Decimal = _ZERO
    spread: Mapping[Held, int] = field(default_factory=dict)

    def merged(self, other: LeafTally) -> LeafTally:
        """Both together. Call within `exact()`."""
        if not self.count or not other.count:
            return other if not self.count else self
        return LeafTally(
            self.count + other.count,
            self.total + other.total,
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            Counter(self.spread) + Counter(other.spread),
        )

    def as_json(self) -> dict[str, JsonValue]:
        """Equal tallies have equal JSON."""
        spread: list[JsonValue] = [
            [*map(shown, held), count] for held, count in sorted(self.spread.items())
        ]
        if spread:
            return {"count": self.count, "spread": spread}
        return {
            "count": self.count,
            "total": shown(self.total),
            "lowest": shown(self.lowest),
            "highest": shown(self.highest),
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """Every group's leaves, by indicator code."""

    groups: Mapping[Group, Mapping[str, LeafTally]]
    _worked_out: dict[tuple[Group, str], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What follows from a group's leaf is worked out once."""

    def merged(self, other: Tally) -> Tally:
        """Both together; in whatever order and grouping, the same comes out."""
        groups: dict[Group, Mapping[str, LeafTally]] = dict(self.groups)
        with exact():
            for group, leaves in other.groups.items():
                known = groups.get(group)
                groups[group] = (
                    leaves
                    if known is None
                    else {code: leaf.merged(leaves[code]) for code, leaf in known.items()}
                )
        return Tally(groups)

    def as_json(self) -> JsonValue:
        """JSON of which `tally_from` makes the tally again; equal tallies have equal JSON."""
        return [
            {
                "of": list(group),
                "leaves": {code: leaf.as_json() for code, leaf in sorted(leaves.items())},
            }
            for group, leaves in sorted(self.groups.items())
        ]


def tally_from(document: Any) -> Tally:
    """The tally `as_json` wrote down."""
    return Tally(
        {
            tuple(group["of"]): {
                code: _leaf_from(leaf) for code, leaf in group["leaves"].items()
            }
            for group in document
        }
    )


def _leaf_from(leaf: Mapping[str, Any]) -> LeafTally:
    if "spread" in leaf:
        spread = {tuple(Decimal(number) for number in held): n for *held, n in leaf["spread"]}
        return LeafTally(leaf["count"], spread=spread)
    total, lowest, highest = (Decimal(leaf[name]) for name in ("total", "lowest", "highest"))
    return LeafTally(leaf["count"], total, lowest, highest)


def group_of(scheme: Scheme, peer: Peer) -> Group:
    """The group of bodies `peer` is compared with."""
    return tuple(getattr(peer, name) for name in scheme.peers_within)


def tally_of(scheme: Scheme, raws: Iterable[tuple[Peer, RawBody]]) -> Tally:
    """What settling these bodies has to know of them together."""
    indicators = list(scheme.leaves())
    groups: dict[Group, list[RawBody]] = {}
    for peer, raw in raws:
        groups.setdefault(group_of(scheme, peer), []).append(raw)
    with exact():
        return Tally(
            {
                group: {
                    indicator.code: _leaf_tally(indicator, place, members)
                    for place, indicator in enumerate(indicators)
                }
                for group, members in groups.items()
            }
        )


def _leaf_tally(indicator: Indicator, place: int, members: Sequence[RawBody]) -> LeafTally:
    found = [raw.leaves[place] for raw in members]
    if needs_peers(indicator.score):
        spread = Counter(_held(indicator, leaf.inputs) for leaf in found)
        return LeafTally(len(found), spread=spread)
    points = [leaf.points for leaf in found if leaf.points is not None]
    return LeafTally(len(points), sum(points, _ZERO), min(points), max(points))


def _held(indicator: Indicator, inputs: Mapping[str, Decimal]) -> Held:
    score = indicator.score
    if isinstance(score, Ratio):
        return fraction_of(score, inputs) or ()
    value = measured(score.measure, "value", inputs) if isinstance(score, Tiers) else None
    return () if value is None else (value,)


def among_peers(
    tallied: Tally, group: Group, indicator: Indicator, inputs: Mapping[str, Decimal]
) -> Among:
    """What a peers' leaf of a body takes from its group. Call within `exact()`."""
    return _among(tallied, group, indicator, _held(indicator, inputs))


def _among(tallied: Tally, group: Group, indicator: Indicator, held: Held) -> Among:
    score = indicator.score
    if isinstance(score, Ratio):
        pooled: Among = _once(tallied, group, indicator, "pooled", _pooled)
        return pooled
    values, upto = _once(tallied, group, indicator, "values", _ordered)
    everybody = upto[-1]
    if not held:
        return Among(measured=everybody)
    if isinstance(score, Tiers) and score.better == "low":
        not_better = everybody - upto[bisect_left(values, held[0])]
    else:
        not_better = upto[bisect_right(values, held[0])]
    return Among(not_better=not_better, measured=everybody)


def figures_among(
    tallied: Tally, group: Group, indicator: Indicator, decimals: int
) -> PeerFigures:
    """How the group did in a leaf. Call within `exact()`."""

    def worked_out(leaf: LeafTally) -> PeerFigures:
        if leaf.spread:
            leaf = _with_points(tallied, group, indicator, decimals)
        shares = (leaf.total / leaf.count, leaf.highest, leaf.lowest)
        return PeerFigures(leaf.count, *(rounded(share, decimals) for share in shares))

    figures: PeerFigures = _once(tallied, group, indicator, "figures", worked_out)
    return figures


def _with_points(
    tallied: Tally, group: Group, indicator: Indicator, decimals: int
) -> LeafTally:
    """The points of a peers' leaf, which are known only now."""
    leaf, score = tallied.groups[group][indicator.code], indicator.score
    if score is None:
        return leaf
    scored = []
    for held, count in leaf.spread.items():
        inputs = _inputs_for(score, held)
        among = _among(tallied, group, indicator, held)
        scored.append((points_of(score, indicator.weight, inputs, decimals, among), count))
    total = sum((points * count for points, count in scored), _ZERO)
    ends = [points for points, _ in scored]
    return replace(leaf, total=total, lowest=min(ends), highest=max(ends))


def _inputs_for(score: object, held: Held) -> dict[str, Decimal]:
    """Inputs a body with those amounts may have had: its points are the same."""
    if isinstance(score, Ratio):
        return dict(zip(("numerator", "denominator"), held, strict=False))
    if not held:
        return {}
    if isinstance(score, Tiers) and score.measure.of == "average":
        return {"value_sum": held[0], "value_count": Decimal(1)}
    return {"value": held[0]}


def _pooled(leaf: LeafTally) -> Among:
    counted = [(held, count) for held, count in leaf.spread.items() if held]
    numerator = sum((held[0] * count for held, count in counted), _ZERO)
    denominator = sum((held[1] * count for held, count in counted), _ZERO)
    return Among(numerator=numerator, denominator=denominator)


def _ordered(leaf: LeafTally) -> tuple[list[Decimal], list[int]]:
    """The values from low to high, and how many bodies are below each of them (and in all)."""
    counted = sorted((held[0], count) for held, count in leaf.spread.items() if held)
    upto = list(accumulate((count for _, count in counted), initial=0))
    return [value for value, _ in counted], upto


def _once(tallied: Tally, group: Group, indicator: Indicator, what: str, work: Any) -> Any:
    key = (group, f"{what}.{indicator.code}")
    found = tallied._worked_out.get(key)
    if found is None:
        found = tallied._worked_out[key] = work(tallied.groups[group][indicator.code])
    return found
