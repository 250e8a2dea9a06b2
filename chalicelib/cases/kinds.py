"""Kinds of case of a pack, and deadlines foreseen. Reads packs only, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.cases.rules_clocks import UNITS, plain_limit
from chalicelib.kernel.deadlines import Deadline, Limit, Stop, Unit, deadline
from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.policy.case_kinds import CaseKind, CaseLimit
from chalicelib.policy.model import Pack

MOST_MONTHS = 120
MOST_STOP_DAYS = 366


@dataclass(frozen=True, slots=True)
class Question:
    """A what-if about a limit: one of a kind of case, or one that is spelt out."""

    started_on: date
    kind: str = ""
    limit: str = ""
    amount: int | None = None
    unit: Unit | None = None
    ends_on_workday: bool = True
    stops: Sequence[tuple[date, date, str]] = ()
    """When the clock was stopped, when it was resumed, and why."""
    extensions: int = 0
    extension_amount: int = 0
    """How much each extension adds, for a limit that is spelt out."""


def kinds_of(pack: Pack) -> list[CaseKind]:
    """Every kind of case of a pack, in its order."""
    return sorted(pack.case_kinds.values(), key=lambda kind: (kind.order, kind.code))


def find_kind(pack: Pack, code: str) -> CaseKind:
    """A kind of the pack. Raises NotFound."""
    kind = pack.case_kinds.get(code)
    if kind is None:
        raise NotFound(f"“{pack.title}”没有这个案件种类", code="unknown_case_kind")
    return kind


def preview(pack: Pack, question: Question) -> Deadline:
    """The deadline that would follow, with its working. Raises NotFound, Invalid."""
    limit, faults = _limit(pack, question)
    faults += _faults_of_stops(question.stops)
    if faults or limit is None:
        raise Invalid("期限无法推算，请按说明改正", faults=faults)
    stops = [Stop(first, last, why or "中止") for first, last, why in question.stops]
    return deadline(pack.calendar.working_days, question.started_on, limit, stops)


def _limit(pack: Pack, question: Question) -> tuple[Limit | None, list[Fault]]:
    spelt = question.amount is not None and question.unit is not None
    named = bool(question.kind and question.limit)
    partly = bool(question.kind or question.limit) and question.amount is not None
    if spelt == named or partly:
        message = "请写明 kind 和 limit，或者写明 amount 和 unit，两者选一"
        return None, [Fault("/amount", "limit_not_given", message)]
    if named:
        return _limit_of_kind(find_kind(pack, question.kind), question)
    return _limit_spelt_out(question)


def _limit_of_kind(kind: CaseKind, question: Question) -> tuple[Limit | None, list[Fault]]:
    limit = next((limit for limit in kind.limits if limit.code == question.limit), None)
    if limit is None:
        titles = "、".join(f"{limit.code}（{limit.title}）" for limit in kind.limits)
        message = f"“{kind.title}”没有这个期限，可用的有：{titles}"
        return None, [Fault("/limit", "unknown_limit", message)]
    return plain_limit(limit, question.extensions), list(_faults_of_extensions(limit, question))


def _faults_of_extensions(limit: CaseLimit, question: Question) -> Iterator[Fault]:
    most = limit.extension.most_times if limit.extension is not None else 0
    if question.extensions > most:
        message = f"“{limit.title}”最多延长 {most} 次" if most else f"“{limit.title}”不能延长"
        yield Fault("/extensions", "limit_cannot_extend", message)
    if question.extension_amount:
        message = "案件种类的期限按其规定延长，不用写 extension_amount"
        yield Fault("/extension_amount", "limit_cannot_extend", message)


def _limit_spelt_out(question: Question) -> tuple[Limit | None, list[Fault]]:
    amount, unit = question.amount, question.unit
    if amount is None or unit is None:
        return None, []
    total = amount + question.extensions * question.extension_amount
    if unit == "months" and total > MOST_MONTHS:
        message = f"按月计的期限连同延长最多 {MOST_MONTHS} 个月"
        return None, [Fault("/amount", "out_of_range", message)]
    rule = f"{amount}{UNITS[unit]}"
    if question.extensions:
        each = f"{question.extension_amount}{UNITS[unit]}"
        rule += f"，延长{question.extensions}次、每次{each}"
    return Limit(total, unit, rule, "自行设定，不是规定的期限", question.ends_on_workday), []


def _faults_of_stops(stops: Sequence[tuple[date, date, str]]) -> list[Fault]:
    faults = []
    before: date | None = None
    for at, (first, last, _) in enumerate(stops):
        if last < first:
            message = "恢复日期不能早于中止日期"
            faults.append(Fault(f"/stops/{at}/resumed_on", "resumed_before_stop", message))
        elif (last - first).days > MOST_STOP_DAYS:
            message = f"一次中止最多 {MOST_STOP_DAYS} 天"
            faults.append(Fault(f"/stops/{at}/resumed_on", "out_of_range", message))
        if before is not None and first < before:
            message = "各次中止应按先后填写，互不重叠"
            faults.append(Fault(f"/stops/{at}/stopped_on", "resumed_before_stop", message))
        before = last
    return faults
