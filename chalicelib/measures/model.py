"""Measures in force as values: on whom, for what, from when until when, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from chalicelib.cases.model import Bar, Pending
from chalicelib.creditfile.model import Record
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.measures import LIFTED_TITLES, Effect, LiftedBy, MeasureKind, SceneAnswer
from chalicelib.policy.model import Pack

What = Literal["record", "case", "evaluation"]


@dataclass(frozen=True, slots=True)
class Graded:
    """The newest completed result of a subject under a scheme."""

    scheme: str
    run_id: str
    period: str
    """Named as the scheme names its periods."""
    grade: str
    grade_title: str
    total: str
    """Decimal text."""
    completed_on: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a subject when its measures are worked out."""

    subject_kind: str
    records: tuple[tuple[Record, Pack], ...] = ()
    """Active records that may count, each with the pack it was decided under."""
    bars: tuple[Bar, ...] = ()
    """Bars from 优秀 that cases set for the year of the day asked about."""
    pending: tuple[Pending, ...] = ()
    results: tuple[Graded, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """What a measure means in one scene, in words."""

    effect: Effect
    text: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure a subject is under for one reason."""

    code: str
    title: str
    kind: MeasureKind
    what: What
    """What it rests on."""
    ground: str
    """Id of the record, the case or the run."""
    ground_kind: str
    """Type of the record, kind of the case, scheme."""
    reason: str
    """In words, naming no person."""
    starts_on: str
    """ISO date."""
    until: str
    """The last day (ISO) it is in force; empty: it has no end of its own."""
    lifted_by: tuple[LiftedBy, ...]
    basis: LegalBasis
    scenes: Mapping[str, InForce] = field(default_factory=dict)

    @property
    def measure_id(self) -> str:
        """One measure for one reason: how it is told from others of the same subject."""
        return f"{self.code}:{self.ground}"


@dataclass(frozen=True, slots=True)
class Standing:
    """All a subject is under, as it was worked out on a day, under which pack."""

    subject_id: str
    subject_kind: str
    jurisdiction: str
    region: str
    pack: str
    version: int
    """Grows by one whenever the measures changed."""
    as_of: str
    """The day (ISO) it was worked out for."""
    measures: tuple[Measure, ...]


Why = Literal[
    "ended", "repair", "exemption", "withdrawal", "waiver", "case_step", "new_evaluation",
    "dishonesty", "changed",
]  # fmt: skip

WHY_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{str(lift): title for lift, title in LIFTED_TITLES.items()},
        "ended": "期限届满",
        "changed": "记录更正、主体或规定变化",
    }
)
"""Why a measure is no longer in force."""

CauseKind = Literal["record", "case", "evaluation", "subject", "day"]


@dataclass(frozen=True, slots=True)
class Cause:
    """The event by which a standing was worked out again: a change of something, or a day."""

    what: CauseKind
    name: str = ""
    """Id of the record, case or run."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """A measure that is no longer in force, and why."""

    measure: Measure
    why: Why


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of a standing: what was applied, what was lifted, by which event."""

    version: int
    """Of the standing after it."""
    at: str
    """Instant."""
    cause: Cause
    applied: tuple[Measure, ...]
    lifted: tuple[Lifted, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """One measure as it is answered in a scene."""

    code: str
    title: str
    effect: Effect
    text: str
    """What it means here."""
    reason: str
    basis: LegalBasis
    since: str
    until: str
    """The last day (ISO); empty: open."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a business system is answered about a subject in a scene."""

    answer: SceneAnswer
    priority: bool
    """To be preferred under equal conditions: never beside a restriction or a referral."""
    measures: tuple[Applied, ...]
    """Those that speak for the answer first."""
    until: str
    """The last day (ISO) on which restrict or refer is answered, as far as is known; empty: open,
    or allowed."""
