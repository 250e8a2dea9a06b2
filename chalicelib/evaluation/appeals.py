"""Who was evaluated appeals against its result: a case of its own kind, about that result.

The platform says which evaluation it is and whether it may be appealed: completed, of this body or
person, within the days after being told, not appealed before. The case does the rest; while it is
open the result is marked, and what was decided stays beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write
from chalicelib.cases import service as cases
from chalicelib.cases.service import Contesting, Taken, Target, Wish
from chalicelib.evaluation import holdstore, store
from chalicelib.evaluation.notices import appeal_deadline
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.scoring import pinned_scheme
from chalicelib.evaluation.visibility import sees_result
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import Conflict, Fault, Invalid, NotFound
from chalicelib.policy import service as policy
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Answer, Caller, Scope

KIND: Final = "evaluation_appeal"


@dataclass(frozen=True, slots=True)
class Appeal:
    """What is appealed, and why."""

    run: Run
    subject_id: str
    indicators: Sequence[str]
    grounds: str
    papers: Mapping[str, str]
    body: bytes = b""
    """As it arrived: what a retry repeats."""


@dataclass(frozen=True, slots=True)
class Appealed:
    """An appeal that was taken: its case, and the last day it could be made."""

    case_id: str
    version: int
    appeal_by: str


def make_appeal(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    appeal: Appeal,
    *,
    claim: IdempotencyClaim | None,
    present: Callable[[Appealed], Answer],
) -> Answer:
    """Open the case; repeated under the same claim it answers as before.

    Raises NotFound for a result the caller is not, Conflict before completion, after the days, for
    a run a later one replaced and for a result that was appealed, Invalid for unknown indicators.
    """
    if claim is not None and (kept := claim.find()) is not None:
        return kept
    run = appeal.run
    result = store.load_result(platform, run.run_id, appeal.subject_id)
    if result is None or not sees_result(caller, scope, result.body):
        raise NotFound("这次评价中没有您的结果")
    appeal_by = _must_be_in_time(platform, run, result)
    _must_know(run, appeal.indicators)
    before = cases.contest_of(platform, run.run_id, appeal.subject_id)
    if before is not None and before.is_marked:
        raise Conflict("这个结果已经提出过复核", code="already_appealed")
    wish = Wish(
        action=_opening(platform, caller, appeal.papers),
        fields=_fields(appeal),
        papers=appeal.papers,
        contests=Contesting(run.run_id, before),
        body=appeal.body,
    )

    def answer(taken: Taken) -> Answer:
        file = taken.file
        return present(Appealed(file.case_id, file.case.version, appeal_by.isoformat()))

    def joined(taken: Taken) -> list[Write]:
        return [] if claim is None else [claim.item_write(answer(taken))]

    target = Target(subject_id=appeal.subject_id)
    done = cases.open_case(platform, KIND, target, caller, wish, joined, claim)
    return done if isinstance(done, Answer) else answer(done)


def _opening(platform: Platform, caller: Caller, papers: Mapping[str, str]) -> str:
    """The opening action that takes these papers. Raises NotFound, Invalid."""
    pack = policy.pack_for(caller.jurisdiction, civil_date(platform.clock()))
    openings = [action for action in cases.find_kind(pack, KIND).actions if action.opens]
    for action in openings:
        if set(action.evidence) == set(papers):
            return action.code
    titles = {code: title for action in openings for code, title in action.evidence.items()}
    listed = "、".join(f"{code}（{title}）" for code, title in titles.items())
    message = f"可以不附材料，或者附：{listed}"
    raise Invalid(message, faults=[Fault("/evidence", "unknown_evidence", message)])


def _fields(appeal: Appeal) -> dict[str, object]:
    run = appeal.run
    fields: dict[str, object] = {
        "run": run.run_id,
        "evaluation": f"{run.title}（{run.period}）",
        "grounds": appeal.grounds,
    }
    if appeal.indicators:
        fields["indicators"] = ",".join(dict.fromkeys(appeal.indicators))
    return fields


def _must_be_in_time(platform: Platform, run: Run, result: Result) -> date:
    """The last day of appeal. Raises Conflict."""
    if run.status != "completed":
        raise Conflict("评价尚未完成，还没有可以复核的结果", code="not_completed")
    if run.superseded_by:
        message = f"这次评价已由 {run.superseded_by} 取代，请对新的结果提出复核"
        raise Conflict(message, code="appeal_not_open")
    hold = holdstore.load_hold(platform, run.run_id, result.body.subject_id)
    told_at = run.completed_at if hold is None else hold.told_at
    last = appeal_deadline(
        run.jurisdiction, pinned_scheme(run), civil_date(parse_instant(told_at))
    )
    if last is None:
        raise Conflict("这个评价办法没有规定结果的复核", code="appeal_not_open")
    if civil_date(platform.clock()) > last.due_on:
        message = f"复核应在 {last.due_on} 前提出（{last.rule}，{last.basis}）"
        raise Conflict(message, code="appeal_over")
    return last.due_on


def _must_know(run: Run, indicators: Sequence[str]) -> None:
    known = {leaf.code: leaf.title for leaf in pinned_scheme(run).leaves()}
    listed = "、".join(f"{code}（{title}）" for code, title in known.items())
    faults = [
        Fault(f"/indicators/{at}", "not_an_indicator", f"没有指标“{code}”，可用的是：{listed}")
        for at, code in enumerate(indicators)
        if code not in known
    ]
    if faults:
        raise Invalid("有的指标不在这个评价办法内", faults=faults)
