"""Evaluation schemes as data: an indicator tree whose leaves score by one of four primitives.

Every number here is a decimal, never a float: a replayed run must give the same digits. Leaves
never give less than their floor nor more than their weight, so a total lies in 0..`total`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator
from pydantic import Field as Constrained

from chalicelib.policy.base import (
    Code,
    Frozen,
    LegalBasis,
    Scope,
    Severity,
    SubjectKind,
    Title,
)

Points = Annotated[Decimal, Constrained(ge=0, le=1000)]
EventKey = Severity | Literal["any"]


class Condition(Frozen):
    """A record matches if its `field` holds one of `values` (as stored: codes, ISO dates, text)."""

    field: Code
    values: tuple[str | int | bool, ...]


class Source(Frozen):
    """Which records feed a leaf: linked to the body how, of which types, under which conditions.

    `reported_by`: records the body reported; `about`: records whose subject is the body.
    The period is the scheme's; a record belongs to the period of its type's `date_field`.
    """

    link: Literal["reported_by", "about"]
    types: tuple[Code, ...]
    where: tuple[Condition, ...] = ()


class Measure(Frozen):
    """One number taken from the source's records.

    `count`: how many; `on_time`: how many were received within their type's time limit; `matching`:
    how many match all of `where`; `sum`, `average`: of the numeric `field`; `latest`: its value in
    the record with the latest date.
    """

    of: Literal["count", "on_time", "matching", "sum", "average", "latest"]
    field: Code | None = None
    where: tuple[Condition, ...] = ()


class Ratio(Frozen):
    """weight x min(1, numerator / denominator / full_at); `empty` if the denominator is 0."""

    kind: Literal["ratio"]
    numerator: Measure
    denominator: Measure
    full_at: Annotated[Decimal, Constrained(gt=0, le=1)]
    empty: Points
    """Points where there is nothing to measure."""


class Deduction(Frozen):
    """max(floor, weight - sum of points per record); by severity, `any` for every other record."""

    kind: Literal["deduction"]
    points: Mapping[EventKey, Points]
    floor: Points = Decimal(0)


class Tier(Frozen):
    """`points` from `at_least` (inclusive) up to the next higher tier."""

    at_least: Decimal
    points: Points


class Tiers(Frozen):
    """The points of the highest tier reached; `otherwise` below all; `empty` without records."""

    kind: Literal["tiers"]
    measure: Measure
    tiers: Annotated[tuple[Tier, ...], Constrained(min_length=1)]
    otherwise: Points
    empty: Points


class Bonus(Frozen):
    """min(cap, sum of points per record); points by the value of `by`, `any` for the rest.

    Without `by` every record earns `any`. The cap is the leaf's weight: a bonus is part of the
    total, not on top of it.
    """

    kind: Literal["bonus"]
    by: Code | None = None
    points: Mapping[str, Points]
    cap: Points


Score = Annotated[Ratio | Deduction | Tiers | Bonus, Discriminator("kind")]


class Indicator(Frozen):
    """A node of the tree: either children whose weights sum to its own, or a source and a score."""

    code: Code
    title: Title
    weight: Points
    children: tuple[Indicator, ...] = ()
    source: Source | None = None
    score: Score | None = None
    note: str = ""

    def leaves(self) -> Iterator[Indicator]:
        """The scoring nodes below (or this one), in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


class Grade(Frozen):
    """Scores from `at_least` (inclusive) to `below` (exclusive; None: up to the total)."""

    code: str
    title: Title
    at_least: Points
    below: Points | None = None


class Schedule(Frozen):
    """When the run for the period that has ended is due, Asia/Shanghai."""

    month: Annotated[int, Constrained(ge=1, le=12)]
    day: Annotated[int, Constrained(ge=1, le=28)]
    hour: Annotated[int, Constrained(ge=0, le=23)] = 0


class Scheme(Frozen):
    """政务诚信评价办法: who is evaluated, over which period, by which tree, into which grades."""

    code: Code
    title: Title
    subjects: tuple[SubjectKind, ...]
    period: Literal["year"]
    schedule: Schedule
    total: Points
    decimals: Annotated[int, Constrained(ge=0, le=4)] = 2
    """Scores are rounded half up to this many decimals, at the leaf."""
    rank_within: tuple[Literal["level", "kind", "region"], ...] = ("level",)
    """Bodies equal in all of these are ranked against each other."""
    grades: tuple[Grade, ...]
    indicators: tuple[Indicator, ...]
    disclosure: Scope
    basis: LegalBasis

    def leaves(self) -> Iterator[Indicator]:
        """Every scoring node in tree order."""
        for indicator in self.indicators:
            yield from indicator.leaves()

    def grade_of(self, score: Decimal) -> Grade:
        """The band `score` (0..total) falls into. Raises ValueError outside every band."""
        for grade in self.grades:
            if score >= grade.at_least and (grade.below is None or score < grade.below):
                return grade
        raise ValueError(f"no grade band holds {score}")
