"""What an action leaves for others than those concerned: the result that is published, and the
anonymised decision that later ones are measured by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chalicelib.aws.writes import Write
from chalicelib.cases import contests, resultstore
from chalicelib.cases.model import CaseFile, Outcome
from chalicelib.cases.model_results import CaseResult, Contest, Precedent
from chalicelib.cases.rules_precedents import anonymous
from chalicelib.cases.scene import Contesting, Scene
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.keyring import Erased
from chalicelib.policy.case_effects import (
    ContestResult,
    KeepPrecedent,
    PublishResult,
    SettleResult,
)
from chalicelib.policy.case_kinds import CaseKind
from chalicelib.policy.model import FieldValue
from chalicelib.policy.service import pack_version

_CODE: Final = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


def result_writes(
    scene: Scene, file: CaseFile, outcome: Outcome, effect: PublishResult
) -> list[Write]:
    """The write that lays the result out for the public. Nothing of a person's case is: what is
    published of it would name the person by its facts alone."""
    if file.about_person:
        return []
    shown = set(public_fields(scene.kind)) & set(effect.fields)
    values = {code: value for code, value in outcome.case.values.items() if code in shown}
    return [resultstore.result_put(scene.platform, _result(scene, file, values))]


def withdrawal_writes(scene: Scene, file: CaseFile) -> list[Write]:
    """The write that takes a published result back; nothing of it is kept beside the case."""
    if file.about_person:
        return []
    return [resultstore.result_put(scene.platform, _result(scene, file, None))]


def public_fields(kind: CaseKind) -> Iterator[str]:
    """The fields of a kind that the public may be shown at all."""
    personal = {one.code for action in kind.actions for one in action.fields if one.personal}
    for action in kind.actions:
        for one in action.fields:
            if one.public and one.code not in personal:
                yield one.code


def _result(scene: Scene, file: CaseFile, values: dict[str, FieldValue] | None) -> CaseResult:
    parties = file.parties
    return CaseResult(
        case_id=file.case_id,
        version=file.case.version,
        kind=file.kind,
        jurisdiction=file.jurisdiction,
        region=file.region,
        pack=file.pack,
        subject_code=parties.subject_code,
        subject_name=parties.subject_name,
        subject_kind=parties.subject_kind,
        at=instant_text(scene.now),
        values=values or {},
        withdrawn=values is None,
    )


def contest_writes(
    scene: Scene,
    file: CaseFile,
    effect: ContestResult | SettleResult,
    contesting: Contesting | None,
) -> list[Write]:
    """The write that marks the result of an evaluation as contested, or says what came of it."""
    at = instant_text(scene.now)
    if isinstance(effect, SettleResult):
        run_id = next((str(file.case.values[code]) for code in _run_fields(scene.kind)), "")
        settled = Contest(
            run_id=run_id,
            subject_id=file.parties.subject_id,
            case_id=file.case_id,
            state=effect.outcome,
            text=effect.text,
            at=at,
            opened_at="",
        )
        return [contests.contest_update(scene.platform, settled)]
    if contesting is None:
        return []
    before = contesting.before
    opened = Contest(
        run_id=contesting.run_id,
        subject_id=file.parties.subject_id,
        case_id=file.case_id,
        state="open",
        text=effect.text,
        at=at,
        opened_at=at,
        version=1 if before is None else before.version + 1,
    )
    return [contests.contest_put(scene.platform, opened, before)]


def _run_fields(kind: CaseKind) -> Iterator[str]:
    """The fields that say which evaluation a case of the kind contests."""
    for action in kind.actions:
        for effect in action.effects:
            if isinstance(effect, ContestResult):
                yield effect.run_field


def precedent_writes(
    scene: Scene, file: CaseFile, outcome: Outcome, effect: KeepPrecedent
) -> list[Write]:
    """The write that keeps the decision as a precedent. Its id cannot be led back to the case."""
    record, values = scene.record, outcome.case.values
    if record is None:
        return []
    platform = scene.platform
    digest = platform.keyring.mac("precedent_id", file.case_id)
    precedent = Precedent(
        precedent_id=id_text("pr", digest),
        jurisdiction=file.jurisdiction,
        kind=file.kind,
        year=civil_date(scene.now).year,
        outcome=effect.outcome,
        ground=str(values.get(effect.ground_field, "")),
        record_type=record.type,
        severity=record.severity,
        subject_kind=file.parties.subject_kind,
        sphere=_sphere(record, effect),
        pack=file.pack,
        text=anonymous(str(values.get(effect.reason_field, "")), _names(scene)),
    )
    return [resultstore.precedent_put(platform, precedent)]


def _sphere(record: Record, effect: KeepPrecedent) -> str:
    """The sphere, where the record states it by a code that anyone may know."""
    if effect.sphere_field is None:
        return ""
    record_type = pack_version(record.jurisdiction, record.pack).types.get(record.type)
    field = None if record_type is None else record_type.field(effect.sphere_field)
    if field is None or field.kind != "enum" or field.personal:
        return ""
    value = str(record.fields.get(field.code, ""))
    return value if _CODE.fullmatch(value) else ""


def _names(scene: Scene) -> list[str]:
    """Names that must not be read in a precedent: of the subject, and of who reported it. Raises
    Conflict where a person's name cannot be opened any more."""
    record, subject = scene.record, scene.subject
    names = [] if record is None else [record.subject_name]
    if subject is not None and subject.is_person:
        try:
            names.append(files.open_profile(scene.platform, subject).name)
        except Erased as error:
            raise Conflict("当事人的个人数据已经删除", code="case_condition_not_met") from error
    elif subject is not None:
        names.append(subject.name)
    return [name for name in names if name]
