"""Whatever anybody tries in whatever order, no case of any pack ends up where it must not be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.cases.model import Actor, Case, Event, Given, Outcome, Refusal
from chalicelib.cases.rules import act, fold, possible, replay, settle, sweep
from chalicelib.cases.rules_clocks import days_left, deadline_of, running
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.case_kinds import OFFICES, RELATION_TITLES, CaseKind, Relation
from tests.cases.procedures import ALL_FACTS, ROLES, actor, calendar, filled, packs

RELATIONS: tuple[Relation, ...] = tuple(RELATION_TITLES)


def every_kind() -> list[tuple[str, CaseKind]]:
    """The kinds of all packs, one that is the same in several packs once."""
    found: dict[str, tuple[str, CaseKind]] = {}
    for place, pack in sorted(packs().items()):
        for kind in pack.case_kinds.values():
            found.setdefault(kind.model_dump_json(), (f"{place}-{kind.code}", kind))
    assert len(found) > 30
    return list(found.values())


class Town:
    """A case in the hands of people who try anything."""

    def __init__(self, kind: CaseKind) -> None:
        self.kind = kind
        self.case: Case | None = None
        self.events: list[Event] = []
        self.now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
        self.escalations: Counter[str] = Counter()

    def attempt(self, code: str, who: Actor, given: Given, now: datetime) -> None:
        before, kept = self.case, repr(self.case)
        result = act(self.kind, before, code, who, given, now, calendar())
        assert repr(before) == kept, "an action changes no case that was"
        self.settle(result)

    def settle(self, result: Outcome | Refusal) -> None:
        if isinstance(result, Refusal):
            assert result.code and result.reason
            assert any("\u4e00" <= character <= "\u9fff" for character in result.reason)
            return
        before = self.case
        for event in result.events:
            self.check_event(before, event, result)
        self.events += result.events
        self.case = result.case
        assert result.case.version == len(self.events)
        self.check_clocks(result.case)

    def check_event(self, before: Case | None, event: Event, result: Outcome) -> None:
        if event.what != "acted":
            assert before is not None and event.state == before.state
            self.escalations[event.told] += event.what == "escalated"
            assert max(self.escalations.values()) <= 1, "an escalation is sent once"
            return
        action = self.kind.action(event.code)
        assert action is not None and event.relation in action.by
        assert result.effects == action.effects, "no effect is lost"
        assert set(action.evidence) <= set(event.evidence)
        if before is None:
            assert action.opens
        else:
            assert before.state in action.states and event.at >= before.changed_at
            assert not self.kind.state(before.state).final, "what is over stays over"
        assert event.state == (action.to or (before.state if before else ""))

    def check_clocks(self, case: Case) -> None:
        state = self.kind.state(case.state)
        assert {clock.limit for clock in running(self.kind, case)} <= set(state.limits)
        today = civil_date(case.changed_at)
        for clock in case.clocks:
            assert days_left(self.kind, clock, calendar(), today) >= 0
            found = deadline_of(self.kind, clock, calendar())
            assert (found is None) is (clock.stopped_on is not None)
            assert found is None or found.due_on >= clock.started_on
            extension = self.kind.limit(clock.limit).extension
            assert clock.extensions <= (extension.most_times if extension else 0)
        for limit in state.limits:
            if self.kind.limit(limit).starts != "field":
                assert case.clock(limit) is not None, "a clock that should run was started"


@pytest.mark.requirement("R-30", "R-31", "R-32", "R-33", "R-41", "R-61", "R-62", "R-65")
@pytest.mark.parametrize("named", every_kind(), ids=lambda named: named[0])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_tried_no_case_goes_astray(
    named: tuple[str, CaseKind], data: st.DataObject
) -> None:
    town = Town(named[1])
    codes = [action.code for action in town.kind.actions]
    for _ in range(data.draw(st.integers(5, 20), label="steps")):
        jump = data.draw(st.sampled_from([0, 0, 1, 1, 3, 12, 60, -2]), label="days")
        town.now += timedelta(days=jump)
        case = town.case
        if case is not None and data.draw(st.booleans(), label="time"):
            asked = sweep(town.kind, case, town.now, calendar())
            for one in [*asked, *asked]:  # delivered twice
                assert town.case is not None
                town.settle(settle(town.kind, town.case, one, town.now, calendar()))
        wild = data.draw(st.integers(0, 3), label="wild") == 0
        code, who = data.draw(
            st.tuples(st.sampled_from([*codes, "nothing"]), st.sampled_from(RELATIONS))
            if wild or town.case is None
            else sensible(town.kind, town.case, codes),
            label="action",
        )
        action = town.kind.action(code)
        values = filled(action, town.now) if action is not None else {}
        given = Given(values, frozenset(action.evidence if action else ()), ALL_FACTS)
        if wild:
            given = data.draw(st.sampled_from([given, Given(), Given({"x": 1}, facts=ALL_FACTS)]))
        for _ in range(data.draw(st.integers(1, 2), label="times")):
            town.attempt(code, actor(who), given, town.now)
    assert replay(town.kind, town.events) == town.case


def sensible(
    kind: CaseKind, case: Case, codes: list[str]
) -> st.SearchStrategy[tuple[str, Relation]]:
    """Actions that are somebody's turn, if there are any."""
    turns = [(one.code, who) for one in kind.actions_at(case.state) for who in one.by]
    every: list[tuple[str, Relation]] = [(code, "anyone") for code in codes]
    return st.sampled_from(turns or every)


@pytest.mark.parametrize("named", every_kind(), ids=lambda named: named[0])
def test_nobody_without_a_right_learns_anything(named: tuple[str, CaseKind]) -> None:
    _, kind = named
    stranger = Actor("stranger", frozenset(), frozenset({"clerk", "credit_office", "supervisor"}))
    for action in kind.actions:
        if "anyone" in action.by:
            continue
        now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
        refused = act(kind, None, action.code, stranger, Given(), now, calendar())
        assert isinstance(refused, Refusal) and refused.code == "no_right_to_action"
        assert not refused.faults


@pytest.mark.parametrize("named", every_kind(), ids=lambda named: named[0])
def test_an_office_acts_in_the_role_the_kind_names(named: tuple[str, CaseKind]) -> None:
    _, kind = named
    for action in kind.actions:
        for relation in set(action.by) & OFFICES:
            idle = Actor("auditor", frozenset({relation}), frozenset({"auditor"}))
            now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
            refused = act(kind, None, action.code, idle, Given(), now, calendar())
            others = set(action.by) - {relation}
            assert "anyone" in others or (
                isinstance(refused, Refusal) and refused.code == "no_right_to_action"
            )
            assert ROLES[relation] & set(action.by[relation])


def test_what_is_possible_is_what_is_not_refused_for_turn_or_right() -> None:
    kind = packs()["national"].case_kinds["objection"]
    now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
    action = kind.action("file")
    assert action is not None
    given = Given(filled(action, now), frozenset(), ALL_FACTS)
    opened = act(kind, None, "file", actor("subject"), given, now, calendar())
    assert isinstance(opened, Outcome)
    for who in RELATIONS:
        may = {one.code for one in possible(kind, opened.case, actor(who))}
        for one in kind.actions:
            result = act(kind, opened.case, one.code, actor(who), Given(), now, calendar())
            stopped = {"no_right_to_action", "out_of_turn"}
            refused = isinstance(result, Refusal) and result.code in stopped
            assert refused is (one.code not in may)


def test_an_event_of_another_kind_is_not_folded() -> None:
    kind = packs()["national"].case_kinds["objection"]
    now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
    for what in ("acted", "reminded"):
        event = Event(what, "gone", now, "platform", "platform", "received")  # type: ignore[arg-type]
        with pytest.raises(LookupError):
            fold(kind, None, event)


def test_missing_papers_and_values_are_named_one_by_one() -> None:
    kind = packs()["national"].case_kinds["repair"]
    now = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
    given = Given({"corrected_on": "2026-09-19"}, frozenset({"extra"}), ALL_FACTS)
    refused = act(kind, None, "apply_general", actor("subject"), given, now, calendar())
    assert isinstance(refused, Refusal) and refused.code == "case_action_incomplete"
    assert {(fault.pointer, fault.code) for fault in refused.faults} == {
        ("/fields/correction", "required"),
        ("/fields/committed_on", "required"),
        ("/fields/corrected_on", "in_future"),
        ("/evidence/correction_proof", "evidence_missing"),
        ("/evidence/commitment_letter", "evidence_missing"),
        ("/evidence", "unknown_evidence"),
    }
