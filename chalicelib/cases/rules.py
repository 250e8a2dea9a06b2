"""The case engine: whether an action may be taken, and what a case is after it. Pure.

`act` answers events and the case after them, or a refusal that changes nothing. `fold` is the only
place where an event becomes part of a case, so that replaying the events gives the same case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from chalicelib.cases.model import (
    PLATFORM,
    Actor,
    Case,
    Due,
    Event,
    Given,
    Message,
    Outcome,
    Refusal,
)
from chalicelib.cases.rules_clocks import (
    can_stop,
    due,
    is_over,
    running,
    started,
    turned,
)
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import FACTS_LACKING, CaseAction, CaseKind, Fact, Relation
from chalicelib.policy.fields import checker_of

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def act(
    kind: CaseKind,
    case: Case | None,
    code: str,
    actor: Actor,
    given: Given,
    now: datetime,
    calendar: Calendar,
) -> Outcome | Refusal:
    """Take an action, or say in Chinese why it may not be taken. `case` is None to open one.

    The order of refusals tells nobody without right what a right request would be: first whether
    the action exists, then the right, then the turn, then the data.
    """
    action = kind.action(code)
    if action is None:
        return Refusal("unknown_case_action", f"“{kind.title}”没有这个操作")
    relation = relation_of(action, actor)
    if relation is None:
        return Refusal("no_right_to_action", f"您在本案中无权进行“{action.title}”")
    now = now if case is None else max(now, case.changed_at)
    today = civil_date(now)
    refusal = _out_of_turn(kind, case, action) or _unmet(action, case, given)
    if refusal is None and case is not None:
        refusal = _untimely(kind, case, action, relation, today, calendar)
    if refusal is not None:
        return refusal
    values, faults = checker_of(action).normalise(given.values, today)
    faults += _faults_of_evidence(action, given.evidence)
    if faults:
        reason = f"“{action.title}”还缺少或填错了内容"
        return Refusal("case_action_incomplete", reason, tuple(faults))
    stopped: tuple[str, ...] = ()
    if case is not None and action.stops_clock is not None:
        stopped = can_stop(kind, case, action.stops_clock, calendar, today)
    event = Event(
        what="acted",
        code=action.code,
        at=now,
        relation=relation,
        identity=actor.identity,
        state=action.to or (case.state if case is not None else ""),
        values=MappingProxyType(values),
        evidence=tuple(sorted(given.evidence)),
        stopped=stopped,
    )
    messages = tuple(Message(told, text) for told, text in action.tells.items())
    return Outcome((event,), fold(kind, case, event), action.effects, messages)


def fold(kind: CaseKind, case: Case | None, event: Event) -> Case:
    """The case after an event. Raises LookupError for an event that is not of this kind."""
    if event.what != "acted":
        if case is None:
            raise LookupError(event.code)
        told = case.told | {event.told}
        return replace(case, told=told, changed_at=event.at, version=case.version + 1)
    action = kind.action(event.code)
    if action is None:
        raise LookupError(event.code)
    today = civil_date(event.at)
    before = case.state if case is not None else None
    fresh = started(kind, before, event.state, event.values, today)
    old = case.clocks if case is not None else ()
    kept = {clock.limit: clock for clock in turned(kind, old, action, event.stopped, today)}
    done = case.done if case is not None else {}
    return Case(
        kind=kind.code,
        state=event.state,
        opened_at=case.opened_at if case is not None else event.at,
        changed_at=event.at,
        version=case.version + 1 if case is not None else 1,
        clocks=tuple({**kept, **fresh}.values()),
        values=MappingProxyType({**(case.values if case is not None else {}), **event.values}),
        done=MappingProxyType({**done, action.code: done.get(action.code, 0) + 1}),
        told=case.told if case is not None else frozenset(),
    )


def replay(kind: CaseKind, events: Iterable[Event]) -> Case | None:
    """The case its events make; None if there are none."""
    case: Case | None = None
    for event in events:
        case = fold(kind, case, event)
    return case


def sweep(kind: CaseKind, case: Case, now: datetime, calendar: Calendar) -> tuple[Due, ...]:
    """What time asks for now; see `rules_clocks.due`."""
    return due(kind, case, civil_date(max(now, case.changed_at)), calendar)


def settle(
    kind: CaseKind,
    case: Case,
    one: Due,
    now: datetime,
    calendar: Calendar,
    facts: frozenset[Fact] = frozenset(),
) -> Outcome | Refusal:
    """Do what time asks for: take the platform's action, or note that somebody was told."""
    if one.what == "lapse":
        return act(kind, case, one.action, PLATFORM, Given(facts=facts), now, calendar)
    if one not in sweep(kind, case, now, calendar):
        return Refusal("case_already_told", "已经提醒过，或者情况已有变化")
    limit = kind.limit(one.limit)
    event = Event(
        what="reminded" if one.what == "reminder" else "escalated",
        code=one.limit,
        at=max(now, case.changed_at),
        relation="platform",
        identity=PLATFORM.identity,
        state=case.state,
        told=one.key,
    )
    said = "将于{due_on}到期" if one.what == "reminder" else "已于{due_on}到期，尚未办结"
    text = f"“{{kind}}”（{{subject}}）的{limit.title}{said}。"
    messages = tuple(Message(told, text) for told in one.to)
    return Outcome((event,), fold(kind, case, event), (), messages, one.due_on)


def relation_of(action: CaseAction, actor: Actor) -> Relation | None:
    """In which relation an actor may take an action, None if in none."""
    for relation, roles in action.by.items():
        if relation in actor.relations or relation == "anyone":
            if not roles or actor.roles & set(roles):
                return relation
    return None


def possible(kind: CaseKind, case: Case, actor: Actor) -> tuple[CaseAction, ...]:
    """The actions that are an actor's to take where the case stands."""
    return tuple(
        action for action in kind.actions_at(case.state) if relation_of(action, actor) is not None
    )


def lacking(fact: Fact, repairable_from: date | None) -> str:
    """Why a fact that does not hold stands against a step, in Chinese; of the least publicity term
    also from when on it will not."""
    if fact == "least_publicity_served" and repairable_from is not None:
        return f"{FACTS_LACKING[fact]}，{repairable_from.isoformat()}起可以提出"
    return FACTS_LACKING[fact]


def in_words(template: str, words: Mapping[str, object]) -> str:
    """A message with its words filled in; what is not known stays out."""
    return _PLACEHOLDER.sub(lambda found: str(words.get(found[1], "")), template)


def _out_of_turn(kind: CaseKind, case: Case | None, action: CaseAction) -> Refusal | None:
    if case is None:
        if action.opens:
            return None
        return Refusal("case_not_opened", f"还没有案件，不能进行“{action.title}”")
    state = kind.state(case.state)
    if state.final:
        return Refusal("case_closed", f"案件已终结（{state.title}），不能再办理")
    if case.state in action.states:
        return None
    titles = "、".join(f"“{one.title}”" for one in kind.actions_at(case.state))
    reason = f"案件处于“{state.title}”，不能进行“{action.title}”；现在可以进行的有：{titles}"
    return Refusal("out_of_turn", reason)


def _unmet(action: CaseAction, case: Case | None, given: Given) -> Refusal | None:
    missing = [fact for fact in action.needs if fact not in given.facts]
    if missing:
        reasons = "；".join(lacking(fact, given.repairable_from) for fact in missing)
        return Refusal("case_condition_not_met", reasons)
    done = 0 if case is None else case.done.get(action.code, 0)
    if action.most_times is not None and done >= action.most_times:
        reason = f"“{action.title}”在一个案件中最多 {action.most_times} 次"
        return Refusal("done_often_enough", reason)
    return None


def _untimely(
    kind: CaseKind,
    case: Case,
    action: CaseAction,
    relation: Relation,
    today: date,
    calendar: Calendar,
) -> Refusal | None:
    """Why an action comes too late, too early, or finds no clock to turn."""
    clocks = {clock.limit: clock for clock in running(kind, case)}
    within = clocks.get(action.within or "")
    if within is not None and is_over(kind, within, calendar, today):
        title = kind.limit(within.limit).title
        return Refusal("too_late", f"“{title}”已过，不能再进行“{action.title}”")
    if relation == "platform" and action.code not in kind.warned_when.values():
        followed = [limit.code for limit in kind.limits if limit.then == action.code]
        over = [clocks[c] for c in followed if c in clocks]
        if not any(is_over(kind, clock, calendar, today) for clock in over):
            return Refusal("limit_not_over", "期限还没有届满")
    if action.stops_clock and not can_stop(kind, case, action.stops_clock, calendar, today):
        return Refusal("clock_cannot_stop", "没有可以中止的期限：已经中止，或者已经逾期")
    if action.resumes_clock and action.resumes_clock not in {
        clock.stopped_for for clock in clocks.values()
    }:
        return Refusal("clock_not_stopped", "期限没有因此中止，不用恢复")
    if action.extends is not None:
        return _cannot_extend(kind, case, action.extends, today, calendar)
    return None


def _cannot_extend(
    kind: CaseKind, case: Case, code: str, today: date, calendar: Calendar
) -> Refusal | None:
    limit, clock = kind.limit(code), case.clock(code)
    if clock is None or limit.extension is None or clock not in running(kind, case):
        return Refusal("clock_cannot_extend", f"“{limit.title}”没有在计算，不能延长")
    if is_over(kind, clock, calendar, today):
        return Refusal("clock_cannot_extend", f"“{limit.title}”已过，不能延长")
    if clock.extensions >= limit.extension.most_times:
        most = limit.extension.most_times
        return Refusal("clock_cannot_extend", f"“{limit.title}”最多延长 {most} 次")
    return None


def _faults_of_evidence(action: CaseAction, evidence: frozenset[str]) -> list[Fault]:
    faults = [
        Fault(f"/evidence/{code}", "evidence_missing", f"缺少材料：{title}")
        for code, title in action.evidence.items()
        if code not in evidence
    ]
    unknown = sorted(evidence - set(action.evidence))
    return faults + [
        Fault("/evidence", "unknown_evidence", f"“{action.title}”不需要这项材料") for _ in unknown
    ]
