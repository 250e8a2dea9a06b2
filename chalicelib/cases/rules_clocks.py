"""Clocks of a case: when they start, stand still, are extended and are over. Pure.

The day a clock is stopped still counts in full and the day it is resumed does not, as the day of
an event is never counted (Civil Code §201): stopped and resumed on one day, nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.cases.model import Case, Clock, Due
from chalicelib.kernel.deadlines import Deadline, Limit, Stop, deadline
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import TOLD_TITLES, CaseAction, CaseKind, CaseLimit, Told
from chalicelib.policy.model import FieldValue

UNITS: Mapping[str, str] = {"working_days": "个工作日", "days": "日", "months": "个月"}


def limit_in_words(limit: CaseLimit, extensions: int = 0) -> str:
    """How long a limit is, as people say it."""
    if limit.amount == 0:
        words = "由承办单位指定日期"
    else:
        words = f"{limit.amount}{UNITS[limit.unit]}"
    if extensions and limit.extension is not None:
        words += f"，已延长{extensions}次、每次{limit.extension.amount}{UNITS[limit.unit]}"
    return words


def plain_limit(limit: CaseLimit, extensions: int = 0) -> Limit:
    """The limit as the kernel counts it, extensions included."""
    more = limit.extension.amount * extensions if limit.extension is not None else 0
    basis = f"{limit.basis.document}{limit.basis.clause}"
    return Limit(
        amount=limit.amount + more,
        unit=limit.unit,
        rule=f"{limit.title}：{limit_in_words(limit, extensions)}",
        basis=basis if limit.basis.verified else f"{basis}（未核实）",
        ends_on_workday=limit.ends_on_workday,
    )


def deadline_of(kind: CaseKind, clock: Clock, calendar: Calendar) -> Deadline | None:
    """When a clock is over, with its working; None while it stands still."""
    if clock.stopped_on is not None:
        return None
    limit = plain_limit(kind.limit(clock.limit), clock.extensions)
    return deadline(calendar, clock.started_on, limit, clock.stops)


def days_left(kind: CaseKind, clock: Clock, calendar: Calendar, today: date) -> int:
    """Days of the limit's own kind that are left after today: never negative; while the clock
    stands still, those left on the day it was stopped."""
    limit = plain_limit(kind.limit(clock.limit), clock.extensions)
    until = min(today, clock.stopped_on) if clock.stopped_on is not None else today
    shown = deadline(calendar, clock.started_on, limit, clock.stops)
    return sum(day.counted for day in shown.days if day.date > until)


def running(kind: CaseKind, case: Case) -> tuple[Clock, ...]:
    """The clocks that matter in the state the case is in, standing still or not."""
    limits = kind.state(case.state).limits
    return tuple(clock for clock in case.clocks if clock.limit in limits)


def is_over(kind: CaseKind, clock: Clock, calendar: Calendar, today: date) -> bool:
    """Whether a clock has run out before today."""
    found = deadline_of(kind, clock, calendar)
    return found is not None and found.due_on < today


def can_stop(
    kind: CaseKind, case: Case, reason: str, calendar: Calendar, today: date
) -> tuple[str, ...]:
    """The limits whose clocks would stand still for this reason from today: those that run and
    are not over. A limit that was missed stays missed."""
    return tuple(
        clock.limit
        for clock in running(kind, case)
        if reason in kind.limit(clock.limit).stops_for
        if clock.stopped_on is None and not is_over(kind, clock, calendar, today)
    )


def turned(
    kind: CaseKind,
    clocks: Iterable[Clock],
    action: CaseAction,
    stopped: tuple[str, ...],
    today: date,
) -> tuple[Clock, ...]:
    """The clocks after an action resumed, extended or stopped some of them."""
    found = []
    for clock in clocks:
        if clock.stopped_on is not None and clock.stopped_for == action.resumes_clock:
            stop = Stop(clock.stopped_on, today, kind.stops[clock.stopped_for])
            clock = replace(clock, stops=(*clock.stops, stop), stopped_on=None, stopped_for="")
        if clock.limit == action.extends:
            clock = replace(clock, extensions=clock.extensions + 1)
        if clock.limit in stopped and action.stops_clock is not None:
            clock = replace(clock, stopped_on=today, stopped_for=action.stops_clock)
        found.append(clock)
    return tuple(found)


def started(
    kind: CaseKind, before: str | None, after: str, values: Mapping[str, FieldValue], today: date
) -> dict[str, Clock]:
    """The clocks an action starts: with the opening (`before` is None), with entering a state in
    which they run from one in which they do not, or from a date that was given."""
    earlier = kind.state(before).limits if before is not None else ()
    entered = [code for code in kind.state(after).limits if code not in earlier]
    found = {}
    for limit in kind.limits:
        opens = limit.starts == "opened" and before is None
        enters = limit.starts == "entered" and limit.code in entered
        if opens or enters:
            found[limit.code] = Clock(limit.code, today)
        elif limit.start_field is not None and limit.start_field in values:
            start = date.fromisoformat(str(values[limit.start_field]))
            found[limit.code] = Clock(limit.code, start)
    return found


def due(kind: CaseKind, case: Case, today: date, calendar: Calendar) -> tuple[Due, ...]:
    """What time asks for today and has not been done: at most one reminder for each day it is
    promised for, one escalation for each clock, and the platform's action until it is taken.
    After days of downtime it asks once, for the latest."""
    found = []
    for clock in running(kind, case):
        shown = deadline_of(kind, clock, calendar)
        if shown is None:
            continue
        one = _due(kind, case, clock, shown.due_on, today)
        if one is not None and one.key not in case.told:
            found.append(one)
    return tuple(found)


def next_day(kind: CaseKind, case: Case, calendar: Calendar) -> date | None:
    """The first day on which `due` will ask for something more of the case as it stands; None if
    time alone will never move it."""
    days = [
        day
        for clock in running(kind, case)
        if (shown := deadline_of(kind, clock, calendar)) is not None
        for day in _days_of(kind, case, clock, shown.due_on)
    ]
    return min(days, default=None)


def _days_of(kind: CaseKind, case: Case, clock: Clock, due_on: date) -> Iterator[date]:
    limit = kind.limit(clock.limit)
    name = f"{limit.code}/{clock.started_on}"
    if limit.then is None and f"{name}/escalation" in case.told:
        return  # it was missed, and said so: nobody is reminded of it any more
    yield due_on + timedelta(days=1)
    if not _owner(kind, case):
        return
    told = [days for days in limit.remind_days if f"{name}/{due_on}/{days}" in case.told]
    for days in limit.remind_days:
        # A later reminder makes the earlier ones pointless.
        if not told or days < min(told):
            yield due_on - timedelta(days=days)


def _due(kind: CaseKind, case: Case, clock: Clock, due_on: date, today: date) -> Due | None:
    limit = kind.limit(clock.limit)
    name = f"{limit.code}/{clock.started_on}"
    if today > due_on:
        if limit.then is not None:
            return Due("lapse", limit.code, due_on, (), limit.then, f"{name}/lapse")
        return Due("escalation", limit.code, due_on, limit.escalates_to, "", f"{name}/escalation")
    near = [days for days in limit.remind_days if due_on - timedelta(days=days) <= today]
    owner = _owner(kind, case)
    if not near or not owner:
        return None
    return Due("reminder", limit.code, due_on, owner, "", f"{name}/{due_on}/{min(near)}")


def _owner(kind: CaseKind, case: Case) -> tuple[Told, ...]:
    owner = kind.state(case.state).owner
    return tuple(told for told in TOLD_TITLES if told == owner)
