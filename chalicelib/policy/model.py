"""A policy pack: the catalog, publicity terms, schemes, calendar and regions of a jurisdiction.

Values are frozen; other parts of the platform read them and never build them. Packs are written
in YAML, compiled and cross-checked by `compile`, and read at run time through `service`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field as Constrained

from chalicelib.policy.base import (
    PERSONS,
    SEVERITIES,
    Audience,
    Code,
    Frozen,
    LegalBasis,
    RegionCode,
    Scope,
    Severity,
    SubjectKind,
    Title,
)
from chalicelib.policy.case_kinds import CaseKind
from chalicelib.policy.field_model import Choice as Choice
from chalicelib.policy.field_model import Field as Field
from chalicelib.policy.field_model import FieldKind as FieldKind
from chalicelib.policy.field_model import FieldValue as FieldValue
from chalicelib.policy.field_model import Placeholder as Placeholder
from chalicelib.policy.field_model import RequiredWhen as RequiredWhen
from chalicelib.policy.measures import MeasureEntry, Scene
from chalicelib.policy.programme import (
    Area,
    Assessment,
    Conduct,
    InformationClass,
    RatingBar,
    Register,
    Task,
)
from chalicelib.policy.programme import SupervisionClass as SupervisionClass
from chalicelib.policy.reported import ReportedFigure
from chalicelib.policy.scheme import Scheme
from chalicelib.policy.warnings import WarningRule
from chalicelib.policy.work_calendar import CalendarYear as CalendarYear
from chalicelib.policy.work_calendar import WorkCalendar as WorkCalendar


class TimeLimit(Frozen):
    """Report within `working_days` after the date in `from_field` (that day not counted)."""

    working_days: Annotated[int, Constrained(ge=1, le=366)]
    from_field: Code
    basis: LegalBasis


class Disclosure(Frozen):
    """Who may see a record: `scope` for bodies and firms, `persons` for natural persons."""

    scope: Scope
    basis: LegalBasis
    persons: Scope = "internal"
    persons_basis: LegalBasis | None = None
    """Needed before a person's record may be public (design §2.10)."""


class EarlierSeverity(Frozen):
    """How severity was found for decisions up to a day, before the present rule took effect."""

    decided_until: date
    mapping: Mapping[str, Severity] = {}
    default: Severity | None = None
    basis: LegalBasis


class SeverityRule(Frozen):
    """How the severity of a dishonesty record is found: first match of the steps below.

    1. `field` holds minor, general or serious; 2. the gravest of `mapping` over the choices in
    `mapped_from`; 3. `default`. A decision no later than an `earlier` rule's last day goes by that
    rule's mapping and default (the first such rule, in order of their days).
    """

    field: Code | None = None
    mapped_from: Code | None = None
    mapping: Mapping[str, Severity] = {}
    default: Severity | None = None
    earlier: tuple[EarlierSeverity, ...] = ()
    verified: bool
    note: str = ""

    def severity_of(
        self, fields: Mapping[str, FieldValue], decided_on: date
    ) -> Severity | None:
        """The severity of a record with these (normalised) fields, decided on that day; None if
        no step applies."""
        given = fields.get(self.field) if self.field else None
        for severity in SEVERITIES:
            if given == severity:
                return severity
        mapping, default = self._rule_on(decided_on)
        mapped = str(fields.get(self.mapped_from, "")) if self.mapped_from else ""
        found = {mapping[code] for code in mapped.split(",") if code in mapping}
        for severity in reversed(SEVERITIES):
            if severity in found:
                return severity
        return default

    def _rule_on(self, decided_on: date) -> tuple[Mapping[str, Severity], Severity | None]:
        for rule in self.earlier:
            if decided_on <= rule.decided_until:
                return rule.mapping, rule.default
        return self.mapping, self.default


class Retention(Frozen):
    """How long the record is kept after its date; None: as long as the file exists."""

    years: Annotated[int, Constrained(ge=1, le=100)] | None
    basis: LegalBasis


class Counterpart(Frozen):
    """How the counterpart (行政相对人) of a licence or penalty is identified, by the category the
    agency states: a natural person by citizen code, a sole trader by unified code or, where it has
    none (17 zeros and X), by registration number, everybody else by unified code."""

    category: Code
    """The field that holds the category."""
    natural_person: Code
    sole_trader: Code
    """The choices of `category` that mean them; any other choice means a body."""
    registration_number: Code
    """The field that identifies a sole trader without a unified code."""
    id_type: Code
    """The field that names the kind of document a natural person is identified by."""
    id_types: tuple[str, ...]
    """What it may say: whoever is not identified by a citizen code cannot be told from others."""
    basis: LegalBasis


class Exclusion(Frozen):
    """What must not be reported: a record whose `field` holds one of `values` is refused."""

    code: Code
    field: Code
    values: tuple[FieldValue, ...]
    reason: str
    """Why, in Chinese, as told to the clerk."""
    basis: LegalBasis


class OtherSpelling(Frozen):
    """How an older data standard spells the values of a field where the present one means something
    else by them: used where any field of `beside`, which only the older one has, is filled."""

    field: Code
    beside: tuple[Code, ...]
    values: Mapping[str, str]
    """Spelling -> what it is read as; what is no choice of the field is refused as that."""
    basis: LegalBasis


class RecordType(Frozen):
    """An entry of the 归集目录: what is collected, by whom, about whom, in which fields."""

    code: Code
    title: Title
    category: Code
    """The group in a credit file; a key of the pack's `categories`."""
    about: tuple[SubjectKind, ...]
    reported_by: str
    """Who reports it, in words for the published catalog."""
    reporters: tuple[Code, ...] = ()
    """Agency roles allowed to report; empty: any registered agency."""
    registration: Literal["required", "first_sight"]
    """Must the subject be registered, or is it created when first named?"""
    dishonesty: bool = False
    """A 政务失信记录 whoever it is about."""
    dishonesty_about: tuple[SubjectKind, ...] = ()
    """Kinds of subject for which a type that is otherwise neutral is a 政务失信记录."""
    fields: tuple[Field, ...]
    natural_key: tuple[Code, ...]
    """Fields that, with jurisdiction, type, subject and reporter, tell one fact from another."""
    date_field: Code
    """The decision date or day of occurrence."""
    time_limit: TimeLimit | None = None
    disclosure: Disclosure
    notice_required: bool = False
    """两书同达: both notices must have been delivered before the record is public."""
    publicity_term: Code | None = None
    """A key of the pack's `publicity`; None: never published."""
    publicity_end_field: Code | None = None
    """A date with which publicity ends earlier than the rule's longest term."""
    severity: SeverityRule | None = None
    retention: Retention
    update_frequency: Literal["realtime", "daily", "weekly", "monthly", "quarterly", "yearly"]
    envelope_aliases: Mapping[str, str] = {}
    """CSV columns of the national standard that fill the envelope: XK_XDR_MC -> subject.name."""
    layouts: Mapping[Code, Mapping[str, str]] = {}
    """Column sets of published standards, in their order: `national_2018` -> {XK_XDR_MC:
    subject.name, XK_WSH: fields.decision_number ...}; an empty target is a column left empty."""
    exclusions: tuple[Exclusion, ...] = ()
    withholdings: tuple[Exclusion, ...] = ()
    """What may be reported but not published: a record whose field holds one of the values."""
    spellings: tuple[OtherSpelling, ...] = ()
    placeholder: Placeholder | None = None
    counterpart: Counterpart | None = None
    """None: a subject is named by a unified or a citizen code, whatever the fields say."""
    mechanism: Code | None = None
    """The mechanism the type belongs to: where that is off, the type must not be."""
    legal_basis: tuple[LegalBasis, ...]
    verified: bool
    """Whether field set, lengths and required marks were read in the official text."""
    note: str = ""

    @property
    def retention_years(self) -> int | None:
        """Years the record is kept; None: as long as the file exists."""
        return self.retention.years

    def key_of(self, fields: Mapping[str, FieldValue]) -> tuple[Code, ...]:
        """The fields that tell the fact with these fields from another."""
        rule = self.placeholder
        if rule is None or all(fields.get(code) != rule.value for code in self.natural_key):
            return self.natural_key
        return (*self.natural_key, *rule.told_apart_by)

    def is_dishonesty(self, kind: str) -> bool:
        """Whether a record of this type about a subject of `kind` is a dishonesty record."""
        return self.dishonesty or kind in self.dishonesty_about

    def scope_for(self, kind: str) -> Scope:
        """The disclosure scope of a record about a subject of `kind`."""
        return self.disclosure.persons if kind in PERSONS else self.disclosure.scope

    def severity_of(
        self, fields: Mapping[str, FieldValue], decided_on: date
    ) -> Severity | None:
        """The severity of a record with these fields, decided on that day; None where the type
        has none."""
        return self.severity.severity_of(fields, decided_on) if self.severity else None

    def field(self, code: str) -> Field | None:
        """The field of that code."""
        return next((field for field in self.fields if field.code == code), None)


class Category(Frozen):
    """A group of record types in a credit file."""

    code: Code
    title: Title
    file: Literal["body", "person", "both"]
    order: int
    basis: LegalBasis


TermKey = Severity | Literal["any"]


class Term(Frozen):
    """How long something is published, in months from the day of the decision."""

    published: bool
    """Whether it is published by default."""
    min_months: Annotated[int, Constrained(ge=0, le=1200)] | None = None
    """Before this, repair cannot end publicity; None: no least term."""
    max_months: Annotated[int, Constrained(ge=1, le=1200)] | None = None
    """Publicity ends by itself; None: it has no end of its own."""
    verified: bool
    note: str = ""


class PublicityRuleSet(Frozen):
    """The terms for decisions made in `decided_from`..`decided_until` (both inclusive)."""

    code: Code
    decided_from: date | None = None
    decided_until: date | None = None
    terms: Mapping[TermKey, Term]
    basis: LegalBasis

    def term(self, severity: Severity | None) -> Term | None:
        """The term of a severity, else the one for `any`, else None."""
        found = self.terms.get(severity) if severity else None
        return found or self.terms.get("any")


class PublicityRule(Frozen):
    """A publicity rule: its rule-sets follow each other by decision date without gap."""

    code: Code
    title: Title
    rule_sets: tuple[PublicityRuleSet, ...]

    def rule_set_on(self, decided_on: date) -> PublicityRuleSet:
        """The rule-set for a decision of that day. Raises LookupError if there is none."""
        for rule_set in self.rule_sets:
            starts = rule_set.decided_from is None or rule_set.decided_from <= decided_on
            ends = rule_set.decided_until is not None and rule_set.decided_until < decided_on
            if starts and not ends:
                return rule_set
        raise LookupError(f"{self.code}: no rule-set on {decided_on}")


class Region(Frozen):
    """An administrative area that belongs to the jurisdiction."""

    code: RegionCode
    title: Title
    level: Literal["nation", "province", "city", "county", "township"]
    parent: RegionCode | None = None
    made_up: bool = False
    """An area of the sample that does not exist; its code is not assigned in GB/T 2260."""
    verified: bool = False


class ForbiddenItem(Frozen):
    """Personal data no field of the catalog may collect (or only with written consent)."""

    code: Code
    title: Title
    names: tuple[str, ...]
    """Words that must not occur in a field's code or title."""
    with_consent: bool = False
    basis: LegalBasis


class Mechanism(Frozen):
    """A mechanism of the mission in this jurisdiction: its own, the law's (base), or off."""

    code: Code
    title: Title
    state: Literal["own", "base", "off"]
    basis: LegalBasis
    concerns: tuple[Audience, ...] = ("credit_office",)
    """Who is told when its state changes."""


class Pack(Frozen):
    """All policy of one jurisdiction in the version that takes effect on `effective_from`."""

    jurisdiction: Code
    title: Title
    version: str
    """The effective date in ISO form; with `digest` it pins what was decided under."""
    effective_from: date
    digest: str = ""
    """SHA-256 (hex) of the pack's canonical JSON without this field."""
    document: LegalBasis
    replaces: tuple[str, ...] = ()
    categories: Mapping[str, Category]
    types: Mapping[str, RecordType]
    publicity: Mapping[str, PublicityRule]
    schemes: Mapping[str, Scheme]
    calendar: WorkCalendar
    regions: Mapping[str, Region]
    forbidden: Mapping[str, ForbiddenItem]
    mechanisms: Mapping[str, Mechanism]
    areas: Mapping[str, Area] = {}
    classes: Mapping[str, InformationClass] = {}
    conduct: Mapping[str, Conduct] = {}
    supervision: Mapping[str, SupervisionClass] = {}
    tasks: Mapping[str, Task] = {}
    registers: Mapping[str, Register] = {}
    assessments: Mapping[str, Assessment] = {}
    """How the collection of records is accounted for: `collection`, or nothing."""
    rating_bars: Mapping[str, RatingBar] = {}
    """What keeps whom from being rated 优秀 or from awards."""
    case_kinds: Mapping[str, CaseKind] = {}
    warning_rules: Mapping[str, WarningRule] = {}
    scenes: Mapping[str, Scene] = {}
    """In what matters business systems ask about a subject."""
    measures: Mapping[str, MeasureEntry] = {}
    reported_figures: Mapping[str, ReportedFigure] = {}
    """What bodies report of themselves for an evaluation."""
