"""How far a third party's ratings lie from the official results of the same bodies. Pure.

Scores of two scales cannot be compared, places can: each body's percentile rank among the bodies
that both have rated. It is the share of them that stand below it, those that stand level counting
half (0 to 100); a difference is third party minus official, in percentage points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=40)
_POINT = Decimal("0.01")
_SMALL = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Gap:
    """One body: both percentile ranks and their difference, two decimals."""

    code: str
    official: Decimal
    third_party: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Divergence:
    """All bodies both have rated, the largest difference first."""

    gaps: tuple[Gap, ...]
    spearman: Decimal | None
    """Rank correlation, -1 to 1 (four decimals); None where one side puts all level."""
    mean_difference: Decimal | None
    """Mean of the absolute differences; None without bodies."""
    only_official: int
    only_third_party: int


def divergence(
    official: Mapping[str, Decimal],
    third_party: Mapping[str, Decimal],
    *,
    higher_is_better: bool = True,
) -> Divergence:
    """Compare scores by unified code. `higher_is_better`: of the third party's scale."""
    common = sorted(official.keys() & third_party.keys())
    sign = 1 if higher_is_better else -1
    ours = _ranks([official[code] for code in common])
    theirs = _ranks([sign * third_party[code] for code in common])
    gaps = [
        _gap(code, mine, its, len(common))
        for code, mine, its in zip(common, ours, theirs, strict=True)
    ]
    gaps.sort(key=lambda gap: (-abs(gap.difference), gap.code))
    return Divergence(
        tuple(gaps),
        _correlation(ours, theirs),
        _mean([abs(gap.difference) for gap in gaps]),
        len(official) - len(common),
        len(third_party) - len(common),
    )


def _ranks(scores: list[Decimal]) -> list[int]:
    """Twice the number that stand below, plus those that stand level (itself included)."""
    order = sorted(range(len(scores)), key=lambda at: scores[at])
    ranks = [0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for at in order[start:end]:
            ranks[at] = start + end
        start = end
    return ranks


def _gap(code: str, official: int, third_party: int, count: int) -> Gap:
    mine, its = (_percent(rank, 2 * count) for rank in (official, third_party))
    return Gap(code, mine, its, _percent(third_party - official, 2 * count))


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part * 100) / whole).quantize(_POINT, ROUND_HALF_UP)


def _correlation(ours: list[int], theirs: list[int]) -> Decimal | None:
    count = len(ours)
    if count < 2:
        return None
    # Ranks are whole numbers whose sum is count * count: deviations times count stay whole.
    mine = [rank - count for rank in ours]
    its = [rank - count for rank in theirs]
    mine_squared, its_squared = sum(one * one for one in mine), sum(one * one for one in its)
    if not mine_squared or not its_squared:
        return None
    together = sum(one * other for one, other in zip(mine, its, strict=True))
    root = _EXACT.sqrt(Decimal(mine_squared * its_squared))
    return _EXACT.divide(Decimal(together), root).quantize(_SMALL, ROUND_HALF_UP)


def _mean(values: list[Decimal]) -> Decimal | None:
    if not values:
        return None
    return (sum(values, Decimal(0)) / len(values)).quantize(_POINT, ROUND_HALF_UP)
