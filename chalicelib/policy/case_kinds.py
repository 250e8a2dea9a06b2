"""Procedures as data: the states of a kind of case, its clocks, and who may take which step.

One vocabulary serves notice, objection, repair, exemption, rectification, leads, complaints,
accountability and horizontal supervision; what is particular to a place stands in its pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeVar

from pydantic import Field as Constrained
from pydantic import StringConstraints

from chalicelib.kernel.deadlines import Unit
from chalicelib.policy.base import Code, Frozen, LegalBasis, Title
from chalicelib.policy.case_effects import Effect
from chalicelib.policy.field_model import Field

About = Literal["record", "subject", "body", "none"]

ABOUT_TITLES: Final[Mapping[About, str]] = MappingProxyType(
    {
        "record": "一条信用记录",
        "subject": "一个信用主体",
        "body": "一个政务主体",
        "none": "不针对主体",
    }
)

Relation = Literal[
    "subject",
    "source_agency",
    "determining_agency",
    "credit_office",
    "superior",
    "informant",
    "anyone",
    "platform",
]

RELATION_TITLES: Final[Mapping[Relation, str]] = MappingProxyType(
    {
        "subject": "当事主体",
        "source_agency": "信息来源单位",
        "determining_agency": "认定单位",
        "credit_office": "信用办",
        "superior": "上级主管单位",
        "informant": "提出人",
        "anyone": "任何人",
        "platform": "平台自动",
    }
)
"""What somebody is to a case: whether a client stands in that relation is decided per case."""

OFFICES: Final[frozenset[Relation]] = frozenset(
    {"source_agency", "determining_agency", "credit_office", "superior"}
)
"""Relations of agencies, whose clients act in roles."""

Told = Literal[
    "subject",
    "source_agency",
    "determining_agency",
    "credit_office",
    "superior",
    "informant",
    "government",
    "competent_organ",
]

TOLD_TITLES: Final[Mapping[Told, str]] = MappingProxyType(
    {
        "subject": "当事主体",
        "source_agency": "信息来源单位",
        "determining_agency": "认定单位",
        "credit_office": "信用办",
        "superior": "上级主管单位",
        "informant": "提出人",
        "government": "本级人民政府",
        "competent_organ": "有权机关",
    }
)

Fact = Literal[
    "least_publicity_served",
    "severity_minor",
    "severity_general",
    "severity_serious",
    "not_published_yet",
    "is_dishonesty",
    "not_repaired",
    "was_dishonesty",
    "notices_missing",
    "about_official",
]

FACTS: Final[Mapping[Fact, str]] = MappingProxyType(
    {
        "least_publicity_served": "最短公示期已经届满",
        "severity_minor": "记录的失信等级为轻微",
        "severity_general": "记录的失信等级为一般",
        "severity_serious": "记录的失信等级为严重",
        "not_published_yet": "记录尚未公示",
        "is_dishonesty": "记录属于政务失信记录",
        "not_repaired": "记录还没有修复",
        "was_dishonesty": "记录属于或者曾经属于政务失信记录",
        "notices_missing": "决定书和信用修复告知书应当送达而没有全部送达",
        "about_official": "记录的主体是公职人员",
    }
)
"""What the platform knows of the record; never taken from whoever acts."""

FACTS_LACKING: Final[Mapping[Fact, str]] = MappingProxyType(
    {
        "least_publicity_served": "最短公示期还没有届满",
        "severity_minor": "只适用于失信等级为轻微的记录",
        "severity_general": "只适用于失信等级为一般的记录",
        "severity_serious": "只适用于失信等级为严重的记录",
        "not_published_yet": "记录已经公示",
        "is_dishonesty": "记录不是政务失信记录",
        "not_repaired": "记录已经修复",
        "was_dishonesty": "记录从来不是政务失信记录",
        "notices_missing": "决定书和信用修复告知书已经送达，或者不需要送达",
        "about_official": "只适用于公职人员的记录",
    }
)
"""What is told to whoever is refused because a fact does not hold."""

Counted = Literal["in_progress", "explained", "rectified", "recognised"]

COUNTED_TITLES: Final[Mapping[Counted, str]] = MappingProxyType(
    {
        "in_progress": "办理中",
        "explained": "已解释答复",
        "rectified": "已整改",
        "recognised": "已认定失信",
    }
)
"""As what the public sees cases counted: together they are all that were received."""

Trigger = Literal["dishonesty_recorded", "dishonesty_changed"]

TRIGGER_TITLES: Final[Mapping[Trigger, str]] = MappingProxyType(
    {
        "dishonesty_recorded": "形成失信记录",
        "dishonesty_changed": "失信记录更正或者撤回",
    }
)
"""What happens to a record that makes the platform open a case by itself."""

WarningEvent = Literal["raised", "risen", "ended"]

WARNING_EVENTS: Final[Mapping[WarningEvent, str]] = MappingProxyType(
    {"raised": "发出预警", "risen": "预警升级", "ended": "预警解除"}
)
"""What happens to a warning of monitoring that makes the platform open or move its case."""

WARNING_FIELDS: Final = frozenset({"rule_title", "level", "reason", "warning_id"})
"""What the platform fills in then: only these may be required of such an action."""

Template = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Amount = Annotated[int, Constrained(ge=1, le=3660)]
Times = Annotated[int, Constrained(ge=1, le=100)]

STANDARD_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kind": "案件种类",
        "subject": "主体名称",
        "state": "现在的状态",
        "today": "当天日期",
        "due_on": "到期日",
        "record": "记录名称",
    }
)
"""What a template may name in braces, beside the fields of its own action."""


class Extension(Frozen):
    """How a limit may be extended: each time by so much, in the unit of the limit."""

    amount: Amount
    approved_by: tuple[Relation, ...]
    most_times: Times = 1
    basis: LegalBasis


class CaseLimit(Frozen):
    """A time limit of a kind: how long, from when, what may extend or stop it, what if missed."""

    code: Code
    title: Title
    amount: Annotated[int, Constrained(ge=0, le=3660)]
    """0 only from a date given: the day itself that was set for the case."""
    unit: Unit
    starts: Literal["opened", "entered", "field"]
    """With the opening of the case, with entering a state it runs in, or from a date given."""
    start_field: Code | None = None
    ends_on_workday: bool = True
    """Whether an end in days or months that is no working day moves to the next one."""
    extension: Extension | None = None
    stops_for: tuple[Code, ...] = ()
    """Reasons of the kind (`stops`) for which the clock may stand still."""
    remind_days: tuple[Annotated[int, Constrained(ge=1, le=366)], ...] = (1,)
    """Calendar days before the due day on which the owner of the state is reminded."""
    escalates_to: tuple[Told, ...] = ("superior",)
    """Who is told when it is missed."""
    then: Code | None = None
    """The action the platform takes when it is over."""
    basis: LegalBasis


class CaseState(Frozen):
    """Where a case stands, whose turn it is, and which clocks run meanwhile."""

    code: Code
    title: Title
    final: bool = False
    owner: Relation | None = None
    limits: tuple[Code, ...] = ()
    counted_as: Counted | None = None
    """As what a case in this state is counted in public; None in kinds that are not counted."""


class CaseAction(Frozen):
    """A step: who may take it from which states, what it needs, and what follows from it."""

    code: Code
    title: Title
    states: tuple[Code, ...] = ()
    """Where it may be taken; none: it opens the case."""
    to: Code | None = None
    """The state it leads to; None: the state stays."""
    by: Mapping[Relation, tuple[Code, ...]]
    """Who may, each with the roles in which they may (for offices)."""
    needs: tuple[Fact, ...] = ()
    fields: tuple[Field, ...] = ()
    evidence: Mapping[Code, Title] = {}
    """Papers that must be attached."""
    effects: tuple[Effect, ...] = ()
    tells: Mapping[Told, Template] = {}
    within: Code | None = None
    """Only until this limit is over."""
    stops_clock: Code | None = None
    resumes_clock: Code | None = None
    """The reason for which clocks stand still, or stand still no longer."""
    extends: Code | None = None
    most_times: Times | None = None
    basis: LegalBasis | None = None
    """None: that of the kind."""

    @property
    def opens(self) -> bool:
        """Whether a case begins with it."""
        return not self.states


class CaseKind(Frozen):
    """A kind of case (案件种类): one procedure of the document, from opening to close."""

    code: Code
    title: Title
    purpose: str
    about: About
    order: int = 100
    hides_informant: bool = False
    """Whether the subject is never shown who opened the case."""
    stops: Mapping[Code, Title] = {}
    """Reasons for which clocks may stand still (expert appraisal ...)."""
    opened_when: Mapping[Trigger, Code] = {}
    """On what the platform opens a case by itself, and with which action."""
    warned_when: Mapping[WarningEvent, Code] = {}
    """With which action the platform opens and moves a case because of a warning."""
    states: tuple[CaseState, ...]
    limits: tuple[CaseLimit, ...] = ()
    actions: tuple[CaseAction, ...]
    mechanism: Code | None = None
    basis: LegalBasis
    note: str = ""

    def state(self, code: str) -> CaseState:
        """The state of that code. Raises LookupError."""
        return _of(self.states, code)

    def limit(self, code: str) -> CaseLimit:
        """The limit of that code. Raises LookupError."""
        return _of(self.limits, code)

    def action(self, code: str) -> CaseAction | None:
        """The action of that code, if the kind has it."""
        return next((action for action in self.actions if action.code == code), None)

    def actions_at(self, state: str) -> tuple[CaseAction, ...]:
        """What may be done in a state, whoever may."""
        return tuple(action for action in self.actions if state in action.states)

    @property
    def opened_by(self) -> tuple[Relation, ...]:
        """Who may open a case of this kind."""
        found = (relation for action in self.actions if action.opens for relation in action.by)
        return tuple(dict.fromkeys(found))

    @property
    def is_counted(self) -> bool:
        """Whether the public sees how many there are and what became of them: of what anyone may
        report."""
        return "anyone" in self.opened_by


Entry = TypeVar("Entry", CaseState, CaseLimit)


def _of(entries: tuple[Entry, ...], code: str) -> Entry:
    for entry in entries:
        if entry.code == code:
            return entry
    raise LookupError(code)
