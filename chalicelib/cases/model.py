"""A case as values: what happened in it, where it stands, and the clocks that run.

A case is the fold of its events (`rules.fold`): nothing is known of it that no event says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Literal

from chalicelib.kernel.deadlines import Stop
from chalicelib.kernel.errors import Fault
from chalicelib.policy.base import PERSONS
from chalicelib.policy.case_effects import Effect
from chalicelib.policy.case_kinds import Fact, Relation, Told
from chalicelib.policy.model import FieldValue


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and what they are to this case: found by the use case, never claimed."""

    identity: str
    relations: frozenset[Relation]
    roles: frozenset[str] = frozenset()


PLATFORM = Actor("platform", frozenset({"platform"}))
"""The platform itself, acting when a limit is over."""


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with an action: values and papers from the actor, facts from the platform."""

    values: Mapping[str, object] = field(default_factory=dict)
    evidence: frozenset[str] = frozenset()
    facts: frozenset[Fact] = frozenset()
    repairable_from: date | None = None
    """The first day after the record's least publicity term, for who comes too early."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that was started. The clock stands still while `stopped_on` is set."""

    limit: str
    started_on: date
    extensions: int = 0
    stops: tuple[Stop, ...] = ()
    stopped_on: date | None = None
    stopped_for: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with all that is needed to fold it."""

    what: Literal["acted", "reminded", "escalated"]
    code: str
    """The action; of a reminder or an escalation the limit."""
    at: datetime
    relation: Relation
    identity: str
    state: str
    """The state afterwards."""
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    """Limits whose clocks stand still from now on."""
    told: str = ""
    """Which reminder or escalation it was, so that it is sent once."""


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case stands."""

    kind: str
    state: str
    opened_at: datetime
    changed_at: datetime
    version: int
    """How many events it has had."""
    clocks: tuple[Clock, ...] = ()
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    """The latest value of each field."""
    done: Mapping[str, int] = field(default_factory=dict)
    """How often each action was taken."""
    told: frozenset[str] = frozenset()

    def clock(self, limit: str) -> Clock | None:
        """The clock of a limit, if it was started."""
        return next((clock for clock in self.clocks if clock.limit == limit), None)


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody is to be told: the words are in the kind's template."""

    to: Told
    template: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """An action that was taken: what happened, the case after it, and what follows."""

    events: tuple[Event, ...]
    case: Case
    effects: tuple[Effect, ...] = ()
    messages: tuple[Message, ...] = ()
    due_on: date | None = None
    """The day a reminder or an escalation speaks of."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that was not taken. Nothing has changed."""

    code: str
    reason: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What time alone asks for: a reminder, an escalation, or the platform's own action."""

    what: Literal["reminder", "escalation", "lapse"]
    limit: str
    due_on: date
    to: tuple[Told, ...]
    action: str
    """What the platform does, of a lapse."""
    key: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is what to a case: settled when it is opened, by the register and the record."""

    subject_id: str = ""
    subject_kind: str = ""
    subject_code: str = ""
    """Unified code of a body; empty for persons."""
    subject_name: str = ""
    """Name of a body; empty for persons, whose names are only sealed."""
    source_agency: str = ""
    """Whoever reported the record, and so determined what it says (谁认定、谁修复)."""
    superior: str = ""
    """Above the source agency; of a case about a body, above that body; of a person, whoever
    employs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is settled when a case is opened, and never changes."""

    case_id: str
    jurisdiction: str
    region: str
    pack: str
    """The version of the pack it is decided under, whatever comes after."""
    kind: str
    title: str
    """What it is about, in words that name no person."""
    parties: Parties
    wrapped_key: str
    """The case's own data key, wrapped: what outsiders said is sealed under it."""
    record_id: str = ""
    parent: str = ""
    """The case that opened it."""

    @property
    def about_person(self) -> bool:
        """Whether the subject is a human being."""
        return self.parties.subject_kind in PERSONS


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile(Frame):
    """案卷: a case as it is kept. Its version is the number of its events."""

    case: Case
    published: tuple[str, ...] = ()
    """Fields whose values the public is shown (`publish_result`)."""


def file_of(frame: Frame, case: Case, published: tuple[str, ...] = ()) -> CaseFile:
    """A case put into its frame."""
    settled = {one.name: getattr(frame, one.name) for one in fields(Frame)}
    return CaseFile(**settled, case=case, published=published)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is kept, with what only the case file knows of it."""

    version: int
    event: Event
    agency: str = ""
    """Unified code of the agency that acted; empty for subjects, informants and the platform."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """Personal values, sealed."""
    papers: Mapping[str, str] = field(default_factory=dict)
    """Kind of evidence -> id of the paper."""
    holder: str = ""
    """Who handed the papers in: the id of a subject or the unified code of an agency."""
    results: Mapping[str, str] = field(default_factory=dict)
    """What came of it: `record` or `case` -> id."""
    request: str = ""
    """Keyed digest of what was asked: a retry asks the same."""
    in_voice: bool = False
    """The personal values lie in the informant's partition instead."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody was told, as it was told."""

    to: Told
    recipient: str
    """`subject:<id>`, `agency:<code>` or `office:<jurisdiction>:<region>`."""
    case_id: str
    case_version: int
    number: int
    kind: str
    text: str
    at: str
    region: str
    jurisdiction: str
    run_id: str = ""
    """The evaluation it tells of, where it belongs to no case."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A case that bars its subject from being rated 优秀 in a year."""

    case_id: str
    kind: str
    since: str
    """Instant."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A case that stands in a state, and since when (instant)."""

    case_id: str
    kind: str
    state: str
    since: str
