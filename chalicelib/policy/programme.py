"""What a document sets out beyond the catalog: key areas, conduct, tasks, the registers in which
bodies account for their own duties, and how the collection of records is itself assessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field as Constrained

from chalicelib.policy.base import Code, Frozen, LegalBasis, Severity, SubjectKind, Title
from chalicelib.policy.field_model import Field, RequiredWhen

Positive = Annotated[int, Constrained(ge=1, le=3660)]
Share = Annotated[Decimal, Constrained(gt=0, le=1)]


class Area(Frozen):
    """A key area (重点领域) of the document, and what it demands there."""

    code: Code
    title: Title
    lead: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    demands: Mapping[Code, str]
    """What the document demands, point by point, in its own order."""
    types: tuple[Code, ...] = ()
    """Record types that hold what happens in the area."""
    mechanism: Code | None = None
    basis: LegalBasis


class InformationClass(Frozen):
    """A class of credit information (信用信息分类), and the record types in it."""

    code: Code
    title: Title
    order: int
    types: tuple[Code, ...]
    mechanism: Code | None = None
    basis: LegalBasis


class Conduct(Frozen):
    """A concrete form of dishonesty and how it is handled (失信行为具体情形及处理办法)."""

    code: Code
    title: Title
    about: tuple[SubjectKind, ...]
    severity: Severity | None = None
    """None: to be determined case by case."""
    handling: tuple[str, ...]
    """What is done about it, in words, each with its place in the document if it differs."""
    types: tuple[Code, ...] = ()
    """Record types by which it enters a file."""
    mechanism: Code | None = None
    basis: LegalBasis
    verified: bool = False
    note: str = ""


class SupervisionClass(Frozen):
    """A class of classified supervision (信用分类监管): first class whose bounds hold, by order."""

    code: Code
    title: Title
    order: int
    about: tuple[SubjectKind, ...]
    most_dishonesty: Mapping[Literal["minor", "general", "serious"], int] = {}
    """At most so many dishonesty records in force of each severity; a missing one: no bound."""
    measures: tuple[str, ...]
    """What supervision of the class consists of, in words."""
    warned: bool = False
    """Whether the body is publicly warned (信用警示)."""
    mechanism: Code | None = None
    basis: LegalBasis


class Target(Frozen):
    """A figure the platform computes itself, and what it is to reach."""

    figure: Code
    """One of the figures the registers know (`chalicelib/registers/figures.py`)."""
    at_least: Decimal


class Task(Frozen):
    """One line of the document's task table (责任分工), as the document states it."""

    code: Code
    title: Title
    order: int
    content: str
    """What is to be done, in the document's words, shortened."""
    lead: tuple[str, ...]
    """牵头单位, or 责任单位 where the document knows no others."""
    cooperating: tuple[str, ...] = ()
    term: Literal["dated", "continuous", "unstated"]
    """持续实施 is continuous; unstated: the document sets no time."""
    starts_on: date | None = None
    due_on: date | None = None
    target: Target | None = None
    """None: status is reported with evidence."""
    basis: LegalBasis


class RegisterStep(Frozen):
    """One step of an entry (公众参与, 专家论证 ...): done on a day, with evidence."""

    code: Code
    title: Title
    required: bool = True
    required_when: RequiredWhen | None = None
    """The step is required if the entry's field holds one of the values."""
    evidence: bool = True
    """Whether a document or link must prove it."""
    follows: Code | None = None
    """It may not be dated before that step."""
    basis: LegalBasis


class Register(Frozen):
    """A register that supervises itself: who must keep which entries, with which steps, by when.

    One mechanism for major decisions (R-12), institutions (R-74), leaders and issues (R-75),
    coverage (R-28) and the tasks of the task table (R-71).
    """

    code: Code
    title: Title
    purpose: str
    kept_by: Literal["agency", "credit_office"]
    """Every agency its own entries, or the credit office those of its region."""
    fields: tuple[Field, ...]
    key: tuple[Code, ...]
    """Fields that, with the keeper, tell one entry from another."""
    steps: tuple[RegisterStep, ...] = ()
    due_field: Code | None = None
    """A date by which all required steps are to be done."""
    valid_until_field: Code | None = None
    """A date after which the entry has lapsed and is due again."""
    at_least: Annotated[int, Constrained(ge=0, le=1000)] = 0
    """How many entries every keeper must have; fewer is shown as missing."""
    target: Target | None = None
    """A figure the platform computes for every keeper, instead of what is reported."""
    remind_days: tuple[Positive, ...] = (7, 1)
    """Calendar days before a due day on which the keeper is reminded."""
    mechanism: Code | None = None
    basis: LegalBasis


Rating = Literal["annual_excellent", "award"]

RATING_TITLES: Final[Mapping[Rating, str]] = MappingProxyType(
    {"annual_excellent": "年度考核优秀", "award": "荣誉评选、评优评先"}
)
"""What a body or a person may be barred from."""


class RatingBar(Frozen):
    """What keeps a body or a person from being rated 优秀 in a year, or from awards.

    Beside it stand the bars that cases set (`bar_excellent`), which need no entry of their own.
    """

    code: Code
    title: Title
    rating: Rating
    about: tuple[SubjectKind, ...]
    counts: Literal["decided_in_year", "in_force"]
    """Which dishonesty records: those decided in the year, or those still in force in it."""
    types: tuple[Code, ...] = ()
    """Types of records that bar; none named: every dishonesty record."""
    severities: tuple[Severity, ...] = ()
    """Severities that bar; none named: each, and records without one."""
    repaired_counts: bool
    """Whether a record bars although it was repaired."""
    repaired_basis: LegalBasis
    waivers: tuple[Code, ...] = ()
    """What self-correction (自我纠错) must have been recognised as for a record to bar no more."""
    pending: Mapping[Code, tuple[Code, ...]] = {}
    """Kind of case -> states in which a competent organ is still to decide: told, not a bar."""
    mechanism: Code
    basis: LegalBasis


class Rate(Frozen):
    """A rate of reporting, and the points it costs to miss it."""

    code: Code
    title: Title
    full_at: Share
    """At or above this share all points are given, below it pro rata of the share reached."""
    points: Annotated[Decimal, Constrained(ge=0, le=100)]
    basis: LegalBasis


class Assessment(Frozen):
    """How agencies' recording, reporting and publishing is accounted for and assessed (R-27)."""

    code: Code
    types: tuple[Code, ...]
    """Record types with a monthly account: declared, accepted, rejected, pending."""
    declare_by_day: Annotated[int, Constrained(ge=1, le=28)]
    """The day of the next month by which a month's decisions, or their absence, are declared."""
    remind_days: tuple[Positive, ...] = (5, 1)
    """Calendar days before a due day on which the agency is reminded."""
    least_sample: Annotated[int, Constrained(ge=1, le=10_000)]
    """Agencies with fewer decisions in the month are shown, but not ranked."""
    late_share_called_out: Share | None = None
    """迟报 share above which an agency is called out by name."""
    rates: Mapping[Literal["stored", "complete", "on_time"], Rate]
    mechanism: Code | None = None
    basis: LegalBasis
