"""Cases walked in the words of the document: who does what on which day, on a pack that ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from chalicelib.cases.model import Actor, Case, Due, Event, Given, Outcome, Refusal
from chalicelib.cases.rules import act, replay, settle, sweep
from chalicelib.cases.rules_clocks import deadline_of
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import FACTS, CaseAction, CaseKind, Fact, Relation
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.example import example_value
from chalicelib.policy.model import Pack

ROLES: Mapping[Relation, frozenset[str]] = {
    "source_agency": frozenset({"clerk"}),
    "determining_agency": frozenset({"clerk", "supervisor"}),
    "credit_office": frozenset({"credit_office"}),
    "superior": frozenset({"supervisor"}),
}
ALL_FACTS: frozenset[Fact] = frozenset(FACTS)


@cache
def packs() -> Mapping[str, Pack]:
    """The newest version of every pack that ships."""
    built, problems = build_all(PACKS)
    assert problems == []
    return {pack.jurisdiction: pack for pack in built}


def kind_of(jurisdiction: str, code: str) -> CaseKind:
    return packs()[jurisdiction].case_kinds[code]


def calendar() -> Calendar:
    return packs()["national"].calendar.working_days


def actor(relation: Relation) -> Actor:
    return Actor(f"{relation}-1", frozenset({relation}), ROLES.get(relation, frozenset()))


def noon(day: str) -> datetime:
    """12:00 in Shanghai."""
    return datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)


def filled(action: CaseAction, now: datetime, **values: object) -> dict[str, object]:
    """What the action needs, from the examples of its fields."""
    today = (now + timedelta(hours=8)).date()
    found: dict[str, object] = {
        one.code: example_value(one, today) for one in action.fields if one.required
    }
    return {**found, **values}


@dataclass
class Walk:
    """A case on its way."""

    kind: CaseKind
    facts: frozenset[Fact] = ALL_FACTS
    case: Case | None = None
    events: list[Event] = field(default_factory=list)
    last: Outcome | None = None

    def tried(self, day: str, relation: Relation, code: str, **values: object) -> Outcome | Refusal:
        """What would come of an action; nothing happens yet."""
        action = self.kind.action(code)
        assert action is not None, code
        given = Given(filled(action, noon(day), **values), frozenset(action.evidence), self.facts)
        return act(self.kind, self.case, code, actor(relation), given, noon(day), calendar())

    def step(self, day: str, relation: Relation, code: str, **values: object) -> Outcome:
        """An action that is taken."""
        outcome = self.tried(day, relation, code, **values)
        assert isinstance(outcome, Outcome), outcome
        return self._take(outcome)

    def refused(self, day: str, relation: Relation, code: str, **values: object) -> str:
        """The code of the refusal of an action."""
        refusal = self.tried(day, relation, code, **values)
        assert isinstance(refusal, Refusal), refusal
        return refusal.code

    def time(self, day: str) -> list[tuple[str, str]]:
        """What time brings on that day, done: (what, limit)."""
        assert self.case is not None
        asked: tuple[Due, ...] = sweep(self.kind, self.case, noon(day), calendar())
        for one in asked:
            outcome = settle(self.kind, self.case, one, noon(day), calendar())
            if isinstance(outcome, Outcome):
                self._take(outcome)
        return [(one.what, one.limit) for one in asked]

    def due(self, limit: str) -> str:
        """The day a limit is over."""
        assert self.case is not None
        clock = self.case.clock(limit)
        assert clock is not None, limit
        found = deadline_of(self.kind, clock, calendar())
        return "中止" if found is None else found.due_on.isoformat()

    @property
    def state(self) -> str:
        """Where the case stands."""
        assert self.case is not None
        return self.kind.state(self.case.state).title

    @property
    def effects(self) -> list[str]:
        """What the last action did beyond the case."""
        assert self.last is not None
        return [effect.kind for effect in self.last.effects]

    @property
    def told(self) -> set[str]:
        """Who was told of it."""
        assert self.last is not None
        return {message.to for message in self.last.messages}

    def _take(self, outcome: Outcome) -> Outcome:
        self.events += outcome.events
        self.case, self.last = outcome.case, outcome
        assert replay(self.kind, self.events) == self.case
        return outcome
