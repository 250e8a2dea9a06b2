"""What must hold for the effects of an action: everything an effect needs is there when it happens.

An effect takes its words and dates from fields of its own action. They must be required, or it
would come about without them; what lands in the clear on a record may not be personal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.policy.case_effects import (
    OF_RECORDS,
    BarExcellent,
    ContestResult,
    CorrectRecord,
    CreateRecord,
    Effect,
    KeepPrecedent,
    MarkRecord,
    OpenCase,
    PublishResult,
    RecordNotice,
    RecordStatement,
    RetractStatement,
    SettleResult,
    UnmarkRecord,
    WithdrawRecord,
    WithdrawResult,
)
from chalicelib.policy.case_kinds import OFFICES, CaseAction, CaseKind
from chalicelib.policy.model import Field, Pack
from chalicelib.policy.rules_types import Finding

_ABOUT_OPENED = {
    "record": {"record", "subject", "body", "none"},
    "subject": {"subject", "body", "none"},
    "body": {"subject", "body", "none"},
    "none": {"none"},
}
"""About what a case may be that a case about this opens."""

_NEEDED = {
    "reason_field": "",
    "grounds_field": "",
    "extent_field": "",
    "text_field": "",
    "delivered_field": "date",
    "year_field": "integer",
    "run_field": "",
}
"""Parameters that name a field of the action, and what kind of field it must be."""

_KIND_TITLES = {"date": "日期", "integer": "整数"}
_IN_THE_CLEAR = ("reason_field", "grounds_field", "extent_field")
"""What these name is kept on the record as it is."""

_CONTENTS = (CorrectRecord, CreateRecord)
"""Effects that come with the content of a record: only an agency states one."""


def check_effects(pack: Pack, kind: CaseKind, action: CaseAction) -> Iterator[Finding]:
    """Every rule the effects of an action break."""
    for position, effect in enumerate(action.effects):
        for inner, reason in _check_effect(pack, kind, action, effect):
            yield f"effects.{position}.{inner}" if inner else f"effects.{position}", reason
    for only in ((CreateRecord,), (OpenCase,), (CorrectRecord, WithdrawRecord)):
        if sum(isinstance(effect, only) for effect in action.effects) > 1:
            yield "effects", "一个操作只能形成一条记录、发起一个案件、更正或撤回一次"


def _check_effect(
    pack: Pack, kind: CaseKind, action: CaseAction, effect: Effect
) -> Iterator[Finding]:
    if isinstance(effect, OF_RECORDS) and kind.about != "record":
        yield "", "案件不是针对一条记录的，不能有这个效果"
    fields = {field.code: field for field in action.fields}
    for name, wanted in _NEEDED.items():
        code = getattr(effect, name, None)
        if code is not None:
            yield from _check_needed(fields, name, code, wanted)
    if isinstance(effect, RecordNotice) and not action.evidence:
        yield "notice", "登记送达应附凭证（evidence），没有凭证的不算送达"
    if isinstance(effect, _CONTENTS) and not set(action.by) <= OFFICES:
        yield "", "记录的内容只能由单位写明，这个操作不能由当事主体、提出人或平台进行"
    if isinstance(effect, BarExcellent | CreateRecord) and kind.about == "none":
        yield "", "案件不针对主体，不能有这个效果"
    if isinstance(effect, BarExcellent) and not any(
        bar.rating == "annual_excellent" for bar in pack.rating_bars.values()
    ):
        yield "", "本地没有年度考核不得评优的规定（rating_bars）"
    yield from _check_outward(kind, effect)
    yield from _check_contest(kind, action, effect)
    if isinstance(effect, UnmarkRecord | RetractStatement):
        yield from _check_undone(kind, effect)
    if isinstance(effect, CreateRecord):
        yield from _known("types", effect.types, pack.types, "信息类型")
        if not effect.types:
            yield "types", "没有写明可以形成哪类记录"
    if isinstance(effect, OpenCase):
        yield from _check_opened(pack, kind, effect)


def _check_contest(kind: CaseKind, action: CaseAction, effect: Effect) -> Iterator[Finding]:
    """A result is contested by whoever it is about, as the case opens, and settled by that case."""
    if isinstance(effect, ContestResult):
        if kind.about not in ("subject", "body"):
            yield "", "对评价结果提出复核的案件，应针对被评价的主体"
        if not action.opens or set(action.by) != {"subject"}:
            yield "", "对评价结果提出复核，只能由当事主体在发起案件时进行"
    if isinstance(effect, SettleResult):
        done = [one for step in kind.actions for one in step.effects]
        if not any(isinstance(one, ContestResult) for one in done):
            yield "", "本类案件没有对评价结果提出复核的操作（contest_result）"


def _check_undone(kind: CaseKind, effect: UnmarkRecord | RetractStatement) -> Iterator[Finding]:
    """What is taken off a record was put on it by a case of the same kind."""
    done = [one for action in kind.actions for one in action.effects]
    if isinstance(effect, UnmarkRecord):
        marks = {one.mark for one in done if isinstance(one, MarkRecord)}
        yield from _known("mark", [effect.mark], marks, "标注")
    elif not any(isinstance(one, RecordStatement) for one in done):
        yield "", "本类案件没有附上声明的操作（record_statement），没有可以撤下的声明"


def _check_needed(fields: dict[str, Field], name: str, code: str, wanted: str) -> Iterator[Finding]:
    field = fields.get(code)
    if wanted and (field is None or field.kind != wanted):
        yield name, f"{code} 应为本操作的{_KIND_TITLES[wanted]}字段"
    elif field is None:
        yield name, f"{code} 不是本操作的字段"
    elif not field.required:
        yield name, f"{code} 应为必填（required: true），否则效果没有内容"
    elif field.personal and name in _IN_THE_CLEAR:
        yield name, f"{code} 是个人信息，不能写进记录的理由"


def _check_outward(kind: CaseKind, effect: Effect) -> Iterator[Finding]:
    """What a case leaves for others than those concerned."""
    if isinstance(effect, PublishResult):
        yield from _check_published(kind, effect)
    published = (one for action in kind.actions for one in action.effects)
    if isinstance(effect, WithdrawResult) and not any(
        isinstance(one, PublishResult) for one in published
    ):
        yield "", "没有哪个操作公开结果，没有什么可以撤回"
    if isinstance(effect, KeepPrecedent):
        grounds = [
            field
            for action in kind.actions
            for field in action.fields
            if field.code == effect.ground_field
        ]
        if not grounds or any(field.kind != "enum" or field.personal for field in grounds):
            yield "ground_field", f"{effect.ground_field} 应为某个操作的选项字段，且不是个人信息"


def _check_published(kind: CaseKind, effect: PublishResult) -> Iterator[Finding]:
    fields = [field for action in kind.actions for field in action.fields]
    public = {field.code for field in fields if field.public and not field.personal}
    yield from _known("fields", effect.fields, public, "公开字段")


def _known(path: str, named: Iterable[str], known: Iterable[str], noun: str) -> Iterator[Finding]:
    found = set(known)
    for code in named:
        if code not in found:
            yield path, f"{noun} {code} 没有定义"


def _check_opened(pack: Pack, kind: CaseKind, effect: OpenCase) -> Iterator[Finding]:
    opened = pack.case_kinds.get(effect.case_kind)
    if opened is None:
        yield "case_kind", f"案件种类 {effect.case_kind} 没有定义"
    elif opened.about not in _ABOUT_OPENED[kind.about]:
        yield "case_kind", f"案件种类 {effect.case_kind} 针对的对象与本类案件不合"
    elif "platform" not in opened.opened_by:
        yield "case_kind", f"案件种类 {effect.case_kind} 不能由平台发起（by: platform）"
