"""What an action does beyond its case: to the record, to other cases, to ratings, to the public.

Everything becomes writes that the case's own write is committed with: state and effect change
together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.aws.writes import Write
from chalicelib.cases import store
from chalicelib.cases.children import child_of
from chalicelib.cases.leaving import (
    contest_writes,
    precedent_writes,
    result_writes,
    withdrawal_writes,
)
from chalicelib.cases.model import CaseFile, Outcome
from chalicelib.cases.rules_effects import Deeds, standing_after
from chalicelib.cases.scene import Doer, Establishing, Scene, Wish
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Statement
from chalicelib.creditfile.rules_standing import standing_as
from chalicelib.intake import service as intake
from chalicelib.intake.model import Reporter
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Fault, Invalid
from chalicelib.kernel.keyring import Erased
from chalicelib.policy.case_effects import (
    BarExcellent,
    ContestResult,
    CorrectRecord,
    CreateRecord,
    Effect,
    KeepPrecedent,
    OpenCase,
    PublishResult,
    SettleResult,
    WithdrawRecord,
    WithdrawResult,
)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from an action, ready to be committed with it."""

    writes: tuple[Write, ...] = ()
    results: dict[str, str] = field(default_factory=dict)
    """`case` -> id of a case that was opened."""
    published: tuple[str, ...] = ()
    withdrawn: bool = False
    """What was published before is taken back."""
    establishes: Establishing | None = None
    """A record that intake is to take together with everything else."""


def consequences(
    scene: Scene, file: CaseFile, outcome: Outcome, doer: Doer, wish: Wish
) -> Consequences:
    """What follows from `outcome`, which made the case `file`. Raises Invalid where the action
    needs more than was sent, Conflict where the record does not allow it."""
    _must_be_asked_for(outcome.effects, wish)
    writes = _record_writes(scene, file, outcome, doer, wish)
    results: dict[str, str] = {}
    published: tuple[str, ...] = ()
    establishes, withdrawn = None, False
    for effect in outcome.effects:
        if isinstance(effect, OpenCase):
            child = child_of(scene, file, effect.case_kind)
            if child is not None:
                writes += child.writes
                results["case"] = child.case_id
        elif isinstance(effect, BarExcellent):
            year = int(str(outcome.events[-1].values[effect.year_field]))
            writes.append(store.bar_put(scene.platform, file, year))
        elif isinstance(effect, PublishResult):
            published += effect.fields
            writes += result_writes(scene, file, outcome, effect)
        elif isinstance(effect, WithdrawResult):
            withdrawn = True
            writes += withdrawal_writes(scene, file)
        elif isinstance(effect, KeepPrecedent):
            writes += precedent_writes(scene, file, outcome, effect)
        elif isinstance(effect, ContestResult | SettleResult):
            writes += contest_writes(scene, file, effect, wish.contests)
        elif isinstance(effect, CreateRecord):
            establishes = _established(scene, effect, wish)
    return Consequences(tuple(writes), results, published, withdrawn, establishes)


def _must_be_asked_for(effects: Sequence[Effect], wish: Wish) -> None:
    """What is sent and what the action does must fit: nothing sent is silently ignored."""
    corrects = any(isinstance(effect, CorrectRecord) for effect in effects)
    creates = any(isinstance(effect, CreateRecord) for effect in effects)
    faults = []
    if corrects and wish.correction is None:
        faults.append(Fault("/correction", "required", "请在 correction 中写明更正后的内容"))
    if not corrects and wish.correction is not None:
        faults.append(Fault("/correction", "not_wanted", "这个操作不更正记录"))
    if creates and wish.establishes is None:
        message = "请在 record 中写明认定的信息类型和内容"
        faults.append(Fault("/record", "required", message))
    if not creates and wish.establishes is not None:
        faults.append(Fault("/record", "not_wanted", "这个操作不形成新的记录"))
    if wish.contests is None and any(isinstance(effect, ContestResult) for effect in effects):
        place = "POST /v1/evaluations/{run_id}/results/{subject_id}/appeals"
        message = f"请在评价结果处提出复核：{place}"
        faults.append(Fault("/fields/run", "another_door", message))
    if faults:
        raise Invalid("内容与操作不相符", code="case_action_incomplete", faults=faults)


def within(place: str, refusal: Invalid) -> Invalid:
    """A refusal of a part of the request, with its faults where they stand in the whole."""
    faults = [replace(one, pointer=place + one.pointer) for one in refusal.faults]
    return Invalid(refusal.detail, code=refusal.code, faults=faults)


def _titles_of(scene: Scene, types: Sequence[str]) -> str:
    known = scene.pack.types
    return "、".join(f"{known[one].title}（{one}）" if one in known else one for one in types)


def _established(scene: Scene, effect: CreateRecord, wish: Wish) -> Establishing | None:
    asked = wish.establishes
    if asked is not None and asked.type not in effect.types:
        message = f"这个操作只能形成：{_titles_of(scene, effect.types)}"
        fault = Fault("/record/type", "wrong_type", message)
        raise Invalid(message, code="case_action_incomplete", faults=[fault])
    return asked


# -- the record -----------------------------------------------------------------------------------


def _record_writes(
    scene: Scene, file: CaseFile, outcome: Outcome, doer: Doer, wish: Wish
) -> list[Write]:
    """The writes that bring the record to where the effects put it, in one new version."""
    record = scene.record
    if record is None:
        return []
    standing = standing_after(record.standing, outcome.effects, _deeds(scene, file, outcome))
    corrects = any(isinstance(effect, CorrectRecord) for effect in outcome.effects)
    withdraws = any(isinstance(effect, WithdrawRecord) for effect in outcome.effects)
    if standing == record.standing and not corrects and not withdraws:
        return []
    intake.must_be_settled(scene.platform, record)
    if corrects:
        revision = intake.revision_as(_revised(scene, record, doer, wish), standing)
        return intake.revision_writes(scene.platform, revision)
    at, by = instant_text(scene.now), doer.actor.identity
    if withdraws:
        if record.status == "withdrawn":
            raise Conflict("这条信用信息已经撤回", code="already_withdrawn")
        reason = _reason(scene, outcome)
        after = standing_as(intake.withdrawn(record, reason, by, at), standing)
    else:
        reason = f"{scene.kind.title}：{_title(scene, outcome)}"
        after = files.with_standing(record, standing, at=at, by=by, reason=reason)
    return files.next_version_writes(scene.platform, record, after)


def _deeds(scene: Scene, file: CaseFile, outcome: Outcome) -> Deeds:
    today = civil_date(scene.now).isoformat()

    def stated(text: str) -> Statement:
        if scene.subject is None:
            raise Erased()
        return files.statement_of(scene.platform, scene.subject, text, today, file.case_id)

    # A delivery counts as proved by the evidence the action had to bring.
    event = outcome.events[-1]
    titles = _evidence_titles(scene, outcome)
    proof = f"{'、'.join(titles)}（案卷 {file.case_id}）" if event.evidence else ""
    return Deeds(file.case_id, today, event.values, proof, stated)


def _evidence_titles(scene: Scene, outcome: Outcome) -> list[str]:
    action = scene.kind.action(outcome.events[-1].code)
    return [] if action is None else list(action.evidence.values())


def _title(scene: Scene, outcome: Outcome) -> str:
    action = scene.kind.action(outcome.events[-1].code)
    return "" if action is None else action.title


def _reason(scene: Scene, outcome: Outcome) -> str:
    """Why the record was withdrawn, as the action states it."""
    values = outcome.events[-1].values
    for effect in outcome.effects:
        if isinstance(effect, WithdrawRecord) and effect.reason_field in values:
            return str(values[effect.reason_field])
    return f"{scene.kind.title}：{_title(scene, outcome)}"


def _revised(scene: Scene, record: Record, doer: Doer, wish: Wish) -> intake.Revision:
    """The correction of the record, as its source agency's: whoever decides it in a review."""
    if wish.correction is None or scene.subject is None:
        raise Conflict("这条信用信息的主体已不在册，不能更正", code="already_withdrawn")
    reporter = Reporter(
        record.reporter,
        record.jurisdiction,
        record.region,
        doer.actor.roles,
        doer.actor.identity,
    )
    submission = intake.submission_of(scene.platform, reporter, "correction", wish.body)
    try:
        return intake.revise(scene.platform, submission, record, scene.subject, wish.correction)
    except Invalid as refusal:
        raise within("/correction", refusal) from None
