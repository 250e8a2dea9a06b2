"""A case as values: what happened in it, where it stands, and the clocks that run.

A case is the fold of its events (`rules.fold`): nothing is known of it that no event says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from chalicelib.kernel.deadlines import Stop
from chalicelib.kernel.errors import Fault
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
