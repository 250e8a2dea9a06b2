"""How much ranks depend on the weights somebody chose: pure, exact, every indicator tried in turn.

Each leaf's and branch's weight is made larger and smaller by `variation`, all indicators outside it
scaled so that the total stays what it is; bodies are ranked again within their groups. Weights with
which nobody changes places are not what decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final, TypeAlias

from chalicelib.evaluation.formulas import exact, rounded
from chalicelib.evaluation.model import Standing
from chalicelib.policy.scheme import Indicator, Scheme

Scored: TypeAlias = tuple[Standing, Mapping[str, Decimal]]
"""A body's standing and its points by leaf. A standing below the sum of the points is capped."""

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class WeightEffect:
    """What happens to the ranks if one indicator weighs more, or less."""

    indicator: str
    title: str
    weight: Decimal
    varied_to: Decimal
    moved: int
    """Bodies whose rank is another one."""
    largest_move: int
    """In places."""
    kendall_tau: Decimal
    """Agreement of both rankings within their groups (tau-b, four decimals): 1 the same order."""


@dataclass(frozen=True, slots=True)
class RankRange:
    """Between which places a body comes, whichever single weight is varied."""

    subject_id: str
    rank: int
    best: int
    worst: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All weights tried."""

    effects: tuple[WeightEffect, ...]
    ranges: tuple[RankRange, ...]


def sensitivity(scheme: Scheme, bodies: Sequence[Scored], variation: Decimal) -> Sensitivity:
    """Vary each weight of the scheme by +-`variation` (0 < variation < 1).

    Raises ValueError for another variation."""
    if not 0 < variation < 1:
        raise ValueError("variation must lie between 0 and 1")
    groups = _groups(scheme, [standing for standing, _ in bodies])
    with exact():
        sums = [sum(points.values(), _ZERO) for _, points in bodies]
        totals = [standing.total for standing, _ in bodies]
        base = _ranks(groups, totals)
        best, worst = list(base), list(base)
        effects = []
        for indicator, varied_to in _trials(scheme, variation):
            varied = _varied(scheme.total, indicator, varied_to, bodies, sums)
            ranks = _ranks(groups, varied)
            best, worst = list(map(min, best, ranks)), list(map(max, worst, ranks))
            moves = [abs(one - other) for one, other in zip(base, ranks, strict=True)]
            effects.append(
                WeightEffect(
                    indicator.code,
                    indicator.title,
                    indicator.weight,
                    varied_to,
                    sum(1 for move in moves if move),
                    max(moves, default=0),
                    _tau(groups, totals, varied),
                )
            )
    ranges = tuple(
        RankRange(standing.subject_id, *places)
        for (standing, _), *places in zip(bodies, base, best, worst, strict=True)
    )
    return Sensitivity(tuple(effects), ranges)


def _trials(scheme: Scheme, variation: Decimal) -> Iterator[tuple[Indicator, Decimal]]:
    for indicator in _nodes(scheme.indicators):
        # A weight that is all there is cannot be varied; none can grow beyond the total.
        if _ZERO < indicator.weight < scheme.total:
            yield indicator, indicator.weight * (_ONE - variation)
            yield indicator, min(indicator.weight * (_ONE + variation), scheme.total)


def _nodes(indicators: Sequence[Indicator]) -> Iterator[Indicator]:
    for indicator in indicators:
        yield indicator
        yield from _nodes(indicator.children)


def _varied(
    total: Decimal,
    indicator: Indicator,
    varied_to: Decimal,
    bodies: Sequence[Scored],
    sums: Sequence[Decimal],
) -> list[Decimal]:
    """The totals under the varied weight, all multiplied through by the weights inside and outside
    the indicator instead of divided by them, so that equal totals stay equal."""
    codes = [leaf.code for leaf in indicator.leaves()]
    outside = total - indicator.weight
    inside_times = varied_to * outside
    outside_times = (total - varied_to) * indicator.weight
    cap_times = indicator.weight * outside
    varied = []
    for (standing, points), scored in zip(bodies, sums, strict=True):
        inside = sum((points[code] for code in codes), _ZERO)
        found = inside_times * inside + outside_times * (scored - inside)
        varied.append(min(found, standing.total * cap_times) if standing.total < scored else found)
    return varied


def _groups(scheme: Scheme, standings: Sequence[Standing]) -> list[list[int]]:
    """The places in the list of the bodies that are ranked against each other."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, standing in enumerate(standings):
        group = tuple(getattr(standing, name) for name in scheme.rank_within)
        groups.setdefault(group, []).append(place)
    return list(groups.values())


def _ranks(groups: Sequence[Sequence[int]], totals: Sequence[Decimal]) -> list[int]:
    ranks = [0] * len(totals)
    for group in groups:
        rank = 1
        ordered = sorted(group, key=totals.__getitem__, reverse=True)
        for _, equal in groupby(ordered, key=totals.__getitem__):
            members = list(equal)
            for place in members:
                ranks[place] = rank
            rank += len(members)
    return ranks


def _tau(
    groups: Sequence[Sequence[int]], one: Sequence[Decimal], other: Sequence[Decimal]
) -> Decimal:
    """Kendall's tau-b over the pairs within groups; 1 where one of both tells nobody apart."""
    agreeing = pairs_one = pairs_other = 0
    for group in groups:
        pairs = sorted((one[place], other[place]) for place in group)
        everything = _pairs(len(pairs))
        ties_one = _tied(first for first, _ in pairs)
        ties_other = _tied(sorted(second for _, second in pairs))
        both = _tied(pairs)
        _, discordant = _inversions([second for _, second in pairs])
        agreeing += everything - ties_one - ties_other + both - 2 * discordant
        pairs_one += everything - ties_one
        pairs_other += everything - ties_other
    if not pairs_one or not pairs_other:
        return rounded(_ONE, 4)
    return rounded(agreeing / (Decimal(pairs_one) * pairs_other).sqrt(), 4)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _tied(ordered: Iterable[object]) -> int:
    return sum(_pairs(len(list(equal))) for _, equal in groupby(ordered))


def _inversions(values: list[Decimal]) -> tuple[list[Decimal], int]:
    """The values in order, and how many pairs were not (by merge sort)."""
    if len(values) < 2:
        return values, 0
    middle = len(values) // 2
    left, found_left = _inversions(values[:middle])
    right, found_right = _inversions(values[middle:])
    merged: list[Decimal] = []
    found = found_left + found_right
    at = 0
    for value in right:
        while at < len(left) and left[at] <= value:
            merged.append(left[at])
            at += 1
        merged.append(value)
        found += len(left) - at
    return merged + left[at:], found
