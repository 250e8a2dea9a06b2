"""What somebody may open a case for about a record now, and if not, why not. Pure.

It asks what the engine asks when the case is opened, so that what is offered is not refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.cases.model import Actor
from chalicelib.cases.rules import lacking, relation_of
from chalicelib.policy.case_effects import OF_RECORDS
from chalicelib.policy.case_kinds import CaseAction, CaseKind, Fact

_COMES_WITH_TIME: frozenset[Fact] = frozenset({"least_publicity_served"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform knows of a record."""

    facts: frozenset[Fact]
    withdrawn: bool = False
    settled: bool = True
    repairable_from: date | None = None
    """The first day after the least publicity term."""
    open_cases: Mapping[str, str] = field(default_factory=dict)
    """Kind -> the case of it that is open about the record."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One kind of case about a record: with which action it would be opened, and what stands
    against it."""

    kind: CaseKind
    action: CaseAction
    reasons: tuple[str, ...]
    """In Chinese; none: it may be opened now."""
    open_case: str = ""


def openings(kinds: Sequence[CaseKind], actor: Actor, known: Known) -> list[Opening]:
    """Each kind that the actor may ever open about the record."""
    found = []
    for kind in kinds:
        actions = [one for one in kind.actions if one.opens and relation_of(one, actor) is not None]
        if kind.about != "record" or not actions:
            continue
        action = min(actions, key=lambda one: _distance(one, known.facts))
        reasons = tuple(_against(kind, action, known))
        found.append(Opening(kind, action, reasons, known.open_cases.get(kind.code, "")))
    return found


def _distance(action: CaseAction, facts: frozenset[Fact]) -> tuple[int, int]:
    """How far an action is from being possible: first what will never change by waiting."""
    missing = set(action.needs) - facts
    return len(missing - _COMES_WITH_TIME), len(missing)


def _against(kind: CaseKind, action: CaseAction, known: Known) -> Iterator[str]:
    if known.withdrawn:
        yield "这条信用信息已经撤回，不用再办理"
    if not known.settled and any(isinstance(effect, OF_RECORDS) for effect in action.effects):
        yield "这条信用信息所在的文件还没有处理完毕，结果未定"
    if kind.code in known.open_cases:
        yield f"已有一件“{kind.title}”在办，办结之前不能再次提出"
    for fact in action.needs:
        if fact in known.facts:
            continue
        yield lacking(fact, known.repairable_from)
