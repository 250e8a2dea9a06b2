"""What a result would be if: a record were not there, or had been repaired on a day. For whoever
may see the result; computed from what the run froze, and kept nowhere.

The peers are taken as they were, the body's own former part in them included; the place is the one
the new total would have among the totals of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, rawstore, scoring, service
from chalicelib.evaluation.comparing import standings
from chalicelib.evaluation.counterfactual import repaired, without
from chalicelib.evaluation.model import BodyResult, RawBody
from chalicelib.evaluation.rules import Plan, settle
from chalicelib.evaluation.rules_comparing import place_among
from chalicelib.evaluation.runs import Result, Run
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import Conflict, Fault, Invalid
from chalicelib.web.model import Caller, Scope


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed of some records."""

    without: Sequence[str] = ()
    repaired: Sequence[tuple[str, date]] = ()


@dataclass(frozen=True, slots=True)
class Supposed:
    """A result as it is, and as it would be."""

    result: Result
    after: BodyResult
    place: int
    frozen_on: date
    """A repair after this day changes nothing of this run."""


def suppose(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    run: Run,
    subject_id: str,
    supposition: Supposition,
) -> Supposed:
    """The result of a body under a supposition. Raises NotFound, Conflict before completion and
    for a run that kept no raw values, Invalid for records the result was not made from."""
    result, document = service.explained_result(platform, caller, scope, run, subject_id)
    _must_be_known(document, supposition)
    plan = scoring.plan_for(platform, run)
    raw = _raw_of(platform, run, result)
    frozen_on = civil_date(parse_instant(run.started_at))
    changed = _changed(plan, raw, supposition, frozen_on)
    if run.tally is None:
        raise _nothing_kept()
    whole = rawstore.read_tally(platform, run.tally)
    after = settle(plan, changed, scoring.peer_of(result.body), whole)
    return Supposed(result, after, _place(platform, run, result, after.total), frozen_on)


def _changed(plan: Plan, raw: RawBody, supposition: Supposition, frozen_on: date) -> RawBody:
    changed = without(plan, raw, frozenset(supposition.without))
    for record_id, on in supposition.repaired:
        changed = repaired(plan, changed, [record_id], on, frozen_on)
    return changed


def _raw_of(platform: Platform, run: Run, result: Result) -> RawBody:
    kept = chunkstore.load_chunk(platform, run.run_id, result.chunk)
    if kept is None or kept.raws is None:
        raise _nothing_kept()
    raws = rawstore.read_raws(platform, kept.raws)
    return next(raw for raw in raws if raw.subject_id == result.body.subject_id)


def _nothing_kept() -> Conflict:
    message = "这次评价没有保存逐项的原始数值，不能假设推算；请对同一周期再发起一次评价"
    return Conflict(message, code="nothing_to_suppose")


def _place(platform: Platform, run: Run, result: Result, total: Decimal) -> int:
    group = result.placing.group if result.placing else ""
    others = [
        stood.total
        for subject_id, stood in standings(platform, run).items()
        if stood.placing.group == group and subject_id != result.body.subject_id
    ]
    return place_among(total, others)


def _must_be_known(document: Mapping[str, Any], supposition: Supposition) -> None:
    known = set(_record_ids(document))
    named = [(f"/without/{at}", each) for at, each in enumerate(supposition.without)]
    named += [
        (f"/repaired/{at}/record_id", each) for at, (each, _) in enumerate(supposition.repaired)
    ]
    faults = [
        Fault(pointer, "not_in_result", f"结果的依据中没有信用信息 {record_id}")
        for pointer, record_id in named
        if record_id not in known
    ]
    if not named:
        message = "请在 without 或 repaired 中写明至少一条信用信息"
        faults.append(Fault("/without", "required", message))
    if faults:
        raise Invalid("假设的信用信息不在这个结果的依据之内", faults=faults)


def _record_ids(document: Mapping[str, Any]) -> Iterable[str]:
    for part in (*document["leaves"], *document.get("vetoes", ())):
        for record in (*part["records"], *part.get("earlier", ())):
            yield record["record_id"]
