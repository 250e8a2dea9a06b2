"""How to get something done, told from the policy pack: who may, on what conditions, with which
papers, what happens then and by when. Nothing here knows a city, a day count or a document. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.cases.rules_clocks import UNITS, limit_in_words
from chalicelib.policy.base import SEVERITIES, SEVERITY_TITLES, LegalBasis
from chalicelib.policy.case_kinds import (
    FACTS,
    RELATION_TITLES,
    CaseAction,
    CaseKind,
    CaseLimit,
    CaseState,
    Relation,
)
from chalicelib.policy.model import Pack, Term


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing people come for, and the kinds of case it is about."""

    name: str
    title: str
    question: str
    kinds: tuple[str, ...]


TOPICS: Final = (
    Topic("object", "提出异议", "信息有错，怎么办？", ("objection", "statement")),
    Topic("repair", "信用修复", "已经纠正了，怎样结束公示？", ("repair", "self_correction")),
    Topic("exempt", "申请容错", "探索中的失误，能不能免责？", ("exemption",)),
    Topic("told", "怎样被告知", "被记录失信，会怎样通知我？", ("notice", "two_notices")),
)
"""In the order in which they are offered; what is done stands in the pack."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to begin: what is asked for and on what conditions."""

    title: str
    by: tuple[str, ...]
    conditions: tuple[str, ...]
    fields: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit, in words, with what it rests on."""

    title: str
    in_words: str
    extended: str
    stopped_for: tuple[str, ...]
    missed: str
    basis: LegalBasis


@dataclass(frozen=True, slots=True)
class Step:
    """Where it stands on the way, whose turn it is, until when, and what may come of it."""

    title: str
    owner: str
    limits: tuple[Limit, ...]
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A kind of case as it is told to whoever needs it."""

    kind: str
    title: str
    purpose: str
    ways: tuple[Way, ...]
    steps: tuple[Step, ...]
    ends: tuple[str, ...]
    basis: LegalBasis


@dataclass(frozen=True, slots=True)
class TermRow:
    """For how long something of a severity is public."""

    severity: str
    least: str
    most: str
    by_default: bool
    note: str


def topic_named(name: str) -> Topic | None:
    """The topic of that name, if there is one."""
    return next((topic for topic in TOPICS if topic.name == name), None)


def procedures(pack: Pack, topic: Topic) -> tuple[Procedure, ...]:
    """What the pack has for a topic: nothing where its documents know no such thing."""
    return tuple(
        _procedure(pack.case_kinds[code]) for code in topic.kinds if code in pack.case_kinds
    )


def _procedure(kind: CaseKind) -> Procedure:
    return Procedure(
        kind=kind.code,
        title=kind.title,
        purpose=kind.purpose,
        ways=tuple(_way(action) for action in kind.actions if action.opens),
        steps=tuple(_step(kind, state) for state in kind.states if not state.final),
        ends=tuple(state.title for state in kind.states if state.final),
        basis=kind.basis,
    )


def _way(action: CaseAction) -> Way:
    return Way(
        title=action.title,
        by=_titles(action.by),
        conditions=tuple(FACTS[fact] for fact in action.needs),
        fields=tuple(
            field.title if field.required else f"{field.title}（可以不填）"
            for field in action.fields
        ),
        papers=tuple(action.evidence.values()),
    )


def _titles(relations: Iterable[Relation]) -> tuple[str, ...]:
    return tuple(RELATION_TITLES[relation] for relation in relations)


def _step(kind: CaseKind, state: CaseState) -> Step:
    return Step(
        title=state.title,
        owner="" if state.owner is None else RELATION_TITLES[state.owner],
        limits=tuple(_limit(kind, kind.limit(code)) for code in state.limits),
        outcomes=tuple(_outcomes(kind, state)),
    )


def _outcomes(kind: CaseKind, state: CaseState) -> Iterator[str]:
    for action in kind.actions_at(state.code):
        if action.to is not None and action.to != state.code:
            yield f"{'、'.join(_titles(action.by))}：{action.title}"


def _limit(kind: CaseKind, limit: CaseLimit) -> Limit:
    then = kind.action(limit.then) if limit.then else None
    return Limit(
        title=limit.title,
        in_words=limit_in_words(limit),
        extended=_extension(limit),
        stopped_for=tuple(kind.stops[code] for code in limit.stops_for),
        missed="" if then is None else then.title,
        basis=limit.basis,
    )


def _extension(limit: CaseLimit) -> str:
    if limit.extension is None:
        return ""
    times, much = limit.extension.most_times, f"{limit.extension.amount}{UNITS[limit.unit]}"
    by = "、".join(_titles(limit.extension.approved_by))
    return f"经{by}批准可以延长{times}次，每次{much}" if by else f"可以延长{times}次，每次{much}"


def terms(pack: Pack, today: date) -> tuple[tuple[TermRow, ...], LegalBasis] | None:
    """How long dishonesty of each severity is public when it is decided today, and what that rests
    on; None where the pack tells no severities apart."""
    for rule in pack.publicity.values():
        found = rule.rule_set_on(today)
        rows = [
            _term_row(SEVERITY_TITLES[severity], found.terms[severity])
            for severity in SEVERITIES
            if severity in found.terms
        ]
        if rows:
            return tuple(rows), found.basis
    return None


def _term_row(severity: str, term: Term) -> TermRow:
    return TermRow(
        severity=severity,
        least=f"{term.min_months}个月" if term.min_months else "没有最短期",
        most=f"{term.max_months}个月" if term.max_months else "没有最长期",
        by_default=term.published,
        note=term.note,
    )
