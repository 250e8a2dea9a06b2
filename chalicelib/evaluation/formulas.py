"""The five primitives as numbers: points from inputs, and what peers have to do with it.

Nothing here sees a record: inputs are sums somebody can add up again. Call within `exact()`, whose
precision no realistic sum exhausts; only the last step of a leaf rounds.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from typing import Final

from chalicelib.policy.scheme import Deduction, Manual, Measure, Ratio, Score, Tiers

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Among:
    """What a leaf has to know of the peers: their pooled amounts, or the place among them."""

    numerator: Decimal = _ZERO
    denominator: Decimal = _ZERO
    """The peers' numerators and denominators added up, the body's own included (`prior: peers`)."""
    not_better: int = 0
    measured: int = 0
    """Peers whose value is not better than the body's, of those that have one (`percentile`)."""

    @property
    def rate(self) -> Decimal:
        """The pooled rate, within 0..1; 0 where nothing was counted."""
        if self.denominator <= 0:
            return _ZERO
        return max(_ZERO, min(_ONE, self.numerator / self.denominator))

    @property
    def percentile(self) -> Decimal:
        """100 for the best; 0 where nobody was measured."""
        return _HUNDRED * self.not_better / self.measured if self.measured else _ZERO


ALONE: Final = Among()


def exact() -> AbstractContextManager[Context]:
    """The decimal context scoring runs in, whatever the caller's thread has set."""
    return localcontext(_EXACT)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up to that many decimals."""
    return value.quantize(_step(decimals), rounding=ROUND_HALF_UP)


@lru_cache(maxsize=16)
def _step(decimals: int) -> Decimal:
    return _ONE.scaleb(-decimals)


def needs_peers(score: Score | None) -> bool:
    """Whether points depend on the peers as well as on the inputs."""
    if isinstance(score, Ratio):
        return score.prior is not None and score.prior.rate == "peers"
    return isinstance(score, Tiers) and score.over == "percentile"


def points_of(
    score: Score,
    weight: Decimal,
    inputs: Mapping[str, Decimal],
    decimals: int,
    among: Among = ALONE,
) -> Decimal:
    """The points of a leaf, within 0..weight, rounded half up."""
    if isinstance(score, Ratio):
        points = _ratio(score, weight, inputs, among)
    elif isinstance(score, Deduction):
        points = max(score.floor, weight - inputs.get("deducted", _ZERO))
    elif isinstance(score, Tiers):
        points = _tier(score, measured(score.measure, "value", inputs), among)
    elif isinstance(score, Manual):
        mark = mark_of(score, inputs)
        points = score.empty if mark is None else weight * mark / score.full
    else:
        points = min(score.cap, inputs.get("earned", _ZERO))
    result = rounded(max(_ZERO, points), decimals)
    # A weight with more decimals than the scheme must not be exceeded by rounding either.
    return result if result <= weight else weight


def measured(measure: Measure, name: str, inputs: Mapping[str, Decimal]) -> Decimal | None:
    """The value of a measure; None where no record had anything to add."""
    return _averaged(name, inputs) if measure.of == "average" else inputs.get(name)


def mark_of(score: Manual, inputs: Mapping[str, Decimal]) -> Decimal | None:
    """The mark that counts; None if none was given."""
    return _averaged("value", inputs) if score.of == "average" else inputs.get("value")


def fraction_of(score: Ratio, inputs: Mapping[str, Decimal]) -> tuple[Decimal, Decimal] | None:
    """Numerator and denominator; None where there is nothing to measure."""
    denominator = measured(score.denominator, "denominator", inputs)
    if denominator is None or denominator <= 0:
        return None
    return measured(score.numerator, "numerator", inputs) or _ZERO, denominator


def prior_rate(score: Ratio, among: Among) -> Decimal:
    """The rate a small sample is drawn towards: the one stated, or the peers'."""
    if score.prior is None:
        return _ZERO
    return among.rate if score.prior.rate == "peers" else score.prior.rate


def smoothed(score: Ratio, fraction: tuple[Decimal, Decimal], among: Among) -> Decimal:
    """The rate of a leaf; between the body's own and the prior one if there is a prior."""
    numerator, denominator = fraction
    if score.prior is None:
        return numerator / denominator
    strength = score.prior.strength
    return (numerator + strength * prior_rate(score, among)) / (denominator + strength)


def _ratio(
    score: Ratio, weight: Decimal, inputs: Mapping[str, Decimal], among: Among
) -> Decimal:
    fraction = fraction_of(score, inputs)
    if fraction is None:
        return score.empty
    if score.prior is None:
        # Divided last, so that what is exact stays exact.
        return min(weight, weight * fraction[0] / (fraction[1] * score.full_at))
    return min(weight, weight * smoothed(score, fraction, among) / score.full_at)


def _tier(score: Tiers, value: Decimal | None, among: Among) -> Decimal:
    if value is None:
        return score.empty
    if score.over == "percentile":
        value = among.percentile
    reached = [tier for tier in score.tiers if value >= tier.at_least]
    return max(reached, key=lambda tier: tier.at_least).points if reached else score.otherwise


def _averaged(name: str, inputs: Mapping[str, Decimal]) -> Decimal | None:
    count = inputs.get(f"{name}_count", _ZERO)
    return inputs[f"{name}_sum"] / count if count else None

