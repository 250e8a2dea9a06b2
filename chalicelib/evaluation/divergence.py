"""How far the ratings of a third party lie from the official results of a run."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.aws.platform import Platform
from chalicelib.evaluation.comparing import every_result
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.visibility import sees_result
from chalicelib.third_parties import service as third_parties
from chalicelib.third_parties.model import Rating, RatingSystem
from chalicelib.third_parties.service import Divergence, Gap, divergence
from chalicelib.web.model import Caller, Scope


@dataclass(frozen=True, slots=True)
class Compared:
    """One body with both scores and how far its places lie apart."""

    gap: Gap
    result: Result
    rating: Rating


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside a system of the same period: figures over all bodies both have, and those of
    them the caller may see, the largest difference first."""

    system: RatingSystem
    figures: Divergence
    compared: tuple[Compared, ...]


def compare(
    platform: Platform, caller: Caller, scope: Scope, run: Run, system: str, most: int
) -> Comparison:
    """Compare a completed run with a system's valid ratings of the period of that name. Raises
    Conflict before completion, for too large a run and one of persons (nobody rates those), and
    NotFound for a system of another jurisdiction."""
    results = {result.body.unified_code: result for result in every_result(platform, run)}
    found = third_parties.find_system_of(platform, run.jurisdiction, system)
    ratings = third_parties.valid_ratings(platform, system, run.period)
    figures = divergence(
        {code: result.total for code, result in results.items()},
        {code: Decimal(rating.row.score) for code, rating in ratings.items()},
        higher_is_better=found.scale.better == "higher",
    )
    seen = (gap for gap in figures.gaps if sees_result(caller, scope, results[gap.code].body))
    compared = [Compared(gap, results[gap.code], ratings[gap.code]) for gap in seen]
    return Comparison(found, figures, tuple(compared[:most]))
