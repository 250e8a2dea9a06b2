"""Evaluation schemes as data: an indicator tree whose leaves score by one of five primitives.

Every number here is a decimal, never a float: a replayed run must give the same digits. Leaves
never give less than their floor nor more than their weight, so a total lies in 0..`total`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator, StringConstraints
from pydantic import Field as Constrained

from chalicelib.policy.base import (
    PERSONS,
    Code,
    Frozen,
    LegalBasis,
    Scope,
    Severity,
    SubjectKind,
    Title,
)
from chalicelib.policy.scheme_notice import AppealWindow, Notice

Points = Annotated[Decimal, Constrained(ge=0, le=1000)]
EventKey = Severity | Literal["any"]
Link = Literal["reported_by", "about", "figure"]
PeriodKind = Literal["year", "half_year", "quarter", "month"]
SharedBy = Literal["level", "kind", "region"]
"""What bodies may have in common."""

SourceType = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?$")
]
"""A record type's code, or a figure's (`family.name`)."""


class Condition(Frozen):
    """A record matches if its `field` holds one of `values` (as stored: codes, ISO dates, text)."""

    field: Code
    values: tuple[str | int | bool, ...]


class Source(Frozen):
    """What feeds a leaf: linked to the body how, of which types, under which conditions.

    `reported_by`: records the body reported; `about`: records whose subject is the body; `figure`:
    figures of the body that are no records (`policy.figures`). The period is the scheme's; a record
    belongs to the period of its type's `date_field`, a figure to that of its day.
    """

    link: Link
    types: tuple[SourceType, ...]
    where: tuple[Condition, ...] = ()


class Measure(Frozen):
    """One number taken from the source's rows.

    `count`: how many; `on_time`: how many were received within their type's time limit; `matching`:
    how many match all of `where`; `sum`, `average`: of the numeric `field`; `latest`: its value in
    the row with the latest date. A figure's fields are `value`, `numerator`, `denominator` and
    `weight`.
    """

    of: Literal["count", "on_time", "matching", "sum", "average", "latest"]
    field: Code | None = None
    where: tuple[Condition, ...] = ()


class Prior(Frozen):
    """Smoothing for small samples: as if `strength` more had been counted, at `rate`.

    `peers`: the rate of all the body's peers taken together (`Scheme.peers_within`). It changes no
    empty denominator: nothing to measure stays nothing to measure.
    """

    strength: Annotated[Decimal, Constrained(gt=0, le=100000)]
    rate: Annotated[Decimal, Constrained(ge=0, le=1)] | Literal["peers"]


class Ratio(Frozen):
    """weight x min(1, numerator / denominator / full_at); `empty` if the denominator is 0."""

    kind: Literal["ratio"]
    numerator: Measure
    denominator: Measure
    full_at: Annotated[Decimal, Constrained(gt=0, le=1)]
    empty: Points
    """Points where there is nothing to measure."""
    prior: Prior | None = None


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
    """The points of the highest tier reached; `otherwise` below all; `empty` without records.

    `over` says what the tiers are over: the measure's value itself, or its percentile among the
    peers that have one: 100 x peers whose value is not better / all of them, the body included, so
    the best have 100. `better` says which values are the better ones there.
    """

    kind: Literal["tiers"]
    measure: Measure
    tiers: Annotated[tuple[Tier, ...], Constrained(min_length=1)]
    otherwise: Points
    empty: Points
    over: Literal["value", "percentile"] = "value"
    better: Literal["high", "low"] = "high"


class Bonus(Frozen):
    """min(cap, sum of points per record); points by the value of `by`, `any` for the rest.

    Without `by` every record earns `any`. The cap is the leaf's weight: a bonus is part of the
    total, not on top of it.
    """

    kind: Literal["bonus"]
    by: Code | None = None
    points: Mapping[str, Points]
    cap: Points


class Manual(Frozen):
    """A mark somebody gave (a reviewer, appraisers, a third party): weight x value / full.

    Of several marks their average or the latest counts; `empty` if none was given.
    """

    kind: Literal["manual"]
    value: Code = "value"
    """The numeric field that holds the mark."""
    full: Annotated[Decimal, Constrained(gt=0, le=100000)]
    """The mark that earns the whole weight."""
    of: Literal["average", "latest"] = "average"
    empty: Points


Score = Annotated[Ratio | Deduction | Tiers | Bonus | Manual, Discriminator("kind")]


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
    """When the run for a period that has ended is due, Asia/Shanghai: in the month that many months
    after the period's last one (1: the next)."""

    months_after: Annotated[int, Constrained(ge=1, le=12)]
    day: Annotated[int, Constrained(ge=1, le=28)]
    hour: Annotated[int, Constrained(ge=0, le=23)] = 0


class Veto(Frozen):
    """What keeps a total or a grade down whatever the points are: `at_least` rows of `source`.

    The total is then at most `total_at_most`, the grade at most `grade_at_most` (a grade's code).
    Records that were repaired or recognised as good-faith errors do not count.
    """

    code: Code
    title: Title
    source: Source
    severities: tuple[Severity, ...] = ()
    """Only records of these severities; empty: of any, and figures."""
    at_least: Annotated[int, Constrained(ge=1, le=1000)] = 1
    total_at_most: Points | None = None
    grade_at_most: str | None = None
    basis: LegalBasis


class Scheme(Frozen):
    """政务诚信评价办法: who is evaluated, over which period, by which tree, into which grades."""

    code: Code
    title: Title
    subjects: tuple[SubjectKind, ...]
    """Government bodies or officials, never both."""
    period: PeriodKind
    schedule: Schedule
    total: Points
    decimals: Annotated[int, Constrained(ge=0, le=4)] = 2
    """Scores are rounded half up to this many decimals, at the leaf."""
    rank_within: tuple[SharedBy, ...] = ("level",)
    """Bodies equal in all of these are ranked against each other."""
    peers_within: tuple[SharedBy, ...] = ("level", "kind")
    """Bodies equal in all of these are each other's peers: compared, and smoothed towards."""
    grades: tuple[Grade, ...]
    indicators: tuple[Indicator, ...]
    vetoes: tuple[Veto, ...] = ()
    disclosure: Scope
    notice: Notice | None = None
    """Whose result waits until they were told; None: all are published at once."""
    appeal: AppealWindow | None = None
    """How long whoever was evaluated may appeal; None: no appeal."""
    basis: LegalBasis

    @property
    def of_persons(self) -> bool:
        """Whether it evaluates persons: then nothing of it is public."""
        return bool(set(self.subjects) & PERSONS)

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

    def grade(self, code: str) -> Grade:
        """The grade of that code. Raises LookupError."""
        for grade in self.grades:
            if grade.code == code:
                return grade
        raise LookupError(f"no grade {code}")
