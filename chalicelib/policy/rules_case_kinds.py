"""What must hold for a kind of case: nobody can get lost in it, and nobody can act without right.

Every state can be reached, every state that is not final has somebody or a clock that moves it and
a way to the end; every action has a right to it, and everything it names exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chalicelib.policy.case_kinds import (
    OFFICES,
    STANDARD_WORDS,
    WARNING_EVENTS,
    WARNING_FIELDS,
    CaseAction,
    CaseKind,
    CaseLimit,
    CaseState,
)
from chalicelib.policy.model import Field, Pack
from chalicelib.policy.rules_case_effects import check_effects
from chalicelib.policy.rules_types import Finding, check_field_alone

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_case_kind(pack: Pack, kind: CaseKind) -> Iterator[Finding]:
    """Every rule broken in a kind of case."""
    broken_references = list(_check_references(kind))
    yield from broken_references
    if not broken_references:
        yield from _check_paths(kind)
        yield from _check_clocks(kind)
    yield from _check_triggers(kind)
    yield from _check_warned(kind)
    for state in kind.states:
        yield from _under(f"states.{state.code}", _check_state(state))
        yield from _under(f"states.{state.code}", _check_count(kind, state))
    for limit in kind.limits:
        yield from _under(f"limits.{limit.code}", _check_limit(kind, limit))
    for action in kind.actions:
        yield from _under(f"actions.{action.code}", _check_action(pack, kind, action))
        yield from _under(f"actions.{action.code}", _check_outsider(kind, action))


def _under(path: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    for inner, reason in findings:
        yield f"{path}.{inner}" if inner else path, reason


def _check_references(kind: CaseKind) -> Iterator[Finding]:
    """Codes of states, limits and reasons that are named must be defined."""
    states = {state.code for state in kind.states}
    limits = {limit.code for limit in kind.limits}
    actions = {action.code for action in kind.actions}
    if not any(action.opens for action in kind.actions):
        yield "actions", "没有发起案件的操作（不写 states 的操作）"
    if not any(state.final for state in kind.states):
        yield "states", "没有终结状态（final: true）"
    for state in kind.states:
        yield from _known(f"states.{state.code}.limits", state.limits, limits, "期限")
    for limit in kind.limits:
        path = f"limits.{limit.code}"
        yield from _known(f"{path}.stops_for", limit.stops_for, kind.stops, "中止事由")
        yield from _known(f"{path}.then", _one(limit.then), actions, "操作")
    for action in kind.actions:
        path = f"actions.{action.code}"
        yield from _known(f"{path}.states", action.states, states, "状态")
        yield from _known(f"{path}.to", _one(action.to), states, "状态")
        yield from _known(f"{path}.within", _one(action.within), limits, "期限")
        yield from _known(f"{path}.extends", _one(action.extends), limits, "期限")
        for name in ("stops_clock", "resumes_clock"):
            reason = _one(getattr(action, name))
            yield from _known(f"{path}.{name}", reason, kind.stops, "中止事由")


def _one(code: str | None) -> tuple[str, ...]:
    return () if code is None else (code,)


def _known(path: str, named: Iterable[str], known: Iterable[str], noun: str) -> Iterator[Finding]:
    found = set(known)
    for code in named:
        if code not in found:
            yield path, f"{noun} {code} 没有定义"


def _check_paths(kind: CaseKind) -> Iterator[Finding]:
    """Every state can be reached from an opening, and the end from every state."""
    steps = {
        state.code: {action.to for action in kind.actions_at(state.code) if action.to}
        for state in kind.states
    }
    openings = {action.to for action in kind.actions if action.opens and action.to}
    reached = _spread(openings, steps)
    backwards: dict[str, set[str]] = {state.code: set() for state in kind.states}
    for code, targets in steps.items():
        for target in targets:
            backwards[target].add(code)
    ending = _spread({state.code for state in kind.states if state.final}, backwards)
    for state in kind.states:
        path = f"states.{state.code}"
        if state.code not in reached:
            yield path, "从发起案件起到不了这个状态"
        if state.final and kind.actions_at(state.code):
            yield path, "终结状态不能再有操作"
        if not state.final and state.code not in ending:
            yield path, "从这个状态走不到终结"


def _spread(start: Iterable[str], steps: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting += steps[code]
    return reached


def _check_clocks(kind: CaseKind) -> Iterator[Finding]:
    """Each limit runs somewhere, each clock that stops can run again, and what the platform does
    by itself is what follows a limit."""
    running = {code for state in kind.states for code in state.limits}
    following = {limit.then for limit in kind.limits if limit.then}
    for limit in kind.limits:
        if limit.code not in running:
            yield f"limits.{limit.code}", "没有哪个状态使用这个期限"
        then = kind.action(limit.then) if limit.then else None
        lists = {state.code for state in kind.states if limit.code in state.limits}
        if then is not None and not lists <= set(then.states):
            yield f"limits.{limit.code}.then", "期满后的操作应能从该期限运行的每个状态进行"
        if then is not None and "platform" not in then.by:
            yield f"limits.{limit.code}.then", "期满后的操作应由平台自动进行（by: platform）"
    for action in kind.actions:
        path = f"actions.{action.code}"
        moved = action.code in following or action.code in kind.warned_when.values()
        if set(action.by) == {"platform"} and not action.opens and not moved:
            yield path, "平台自动进行的操作应由某个期限期满触发（then）"
        if action.stops_clock is not None:
            yield from _under(path, _check_stop(kind, action, action.stops_clock))


def _check_stop(kind: CaseKind, action: CaseAction, reason: str) -> Iterator[Finding]:
    if not any(reason in limit.stops_for for limit in kind.limits):
        yield "stops_clock", "没有哪个期限可以因此中止（stops_for）"
    resuming = [other for other in kind.actions if other.resumes_clock == reason]
    for state in _one(action.to) or action.states:
        if not any(state in other.states for other in resuming):
            yield "stops_clock", f"中止后在状态 {state} 没有恢复计时的操作（resumes_clock）"


def _check_triggers(kind: CaseKind) -> Iterator[Finding]:
    """What the platform opens by itself it must be able to open, about what the record names."""
    for trigger, code in kind.opened_when.items():
        path = f"opened_when.{trigger}"
        action = kind.action(code)
        if action is None:
            yield path, f"操作 {code} 没有定义"
        elif not action.opens or "platform" not in action.by:
            yield path, f"操作 {code} 应是平台可以用来发起案件的操作（不写 states，by: platform）"
        if kind.about not in ("record", "body"):
            yield path, "因记录由平台发起的案件，应针对这条记录或者记录的单位"
        elif kind.about == "body" and trigger == "dishonesty_changed":
            yield path, "记录更正或者撤回时，只能发起针对这条记录的案件"


def _check_warned(kind: CaseKind) -> Iterator[Finding]:
    """What a warning opens and moves the platform must be able to open and move."""
    if kind.warned_when and set(kind.warned_when) != set(WARNING_EVENTS):
        yield "warned_when", "发出、升级、解除三种情形都应写明操作"
    if kind.warned_when and kind.about != "body":
        yield "warned_when", "因预警发起的案件应针对政务主体"
    for event, code in kind.warned_when.items():
        path = f"warned_when.{event}"
        action = kind.action(code)
        if action is None:
            yield path, f"操作 {code} 没有定义"
        elif "platform" not in action.by:
            yield path, f"操作 {code} 应由平台自动进行（by: platform）"
        elif action.opens != (event == "raised"):
            yield path, "发出预警的操作发起案件（不写 states），升级和解除的操作不发起案件"


def _check_state(state: CaseState) -> Iterator[Finding]:
    if state.final and (state.limits or state.owner):
        yield "final", "终结状态没有期限和承办人"
    if not state.final and not state.limits and state.owner is None:
        yield "owner", "未终结的状态应有期限或承办人"
    if state.owner == "anyone":
        yield "owner", "承办人应明确，不能是任何人"


def _check_count(kind: CaseKind, state: CaseState) -> Iterator[Finding]:
    """What anyone may report is counted in public, every case in exactly one number."""
    if not kind.is_counted:
        if state.counted_as is not None:
            yield "counted_as", "任何人都不能发起的案件种类不对外计数"
    elif state.counted_as is None:
        yield "counted_as", "任何人可以发起的案件种类，每个状态应写明对外如何计数"
    elif state.final == (state.counted_as == "in_progress"):
        yield "counted_as", "未终结的状态计为办理中，终结状态计为办理结果"


def _check_limit(kind: CaseKind, limit: CaseLimit) -> Iterator[Finding]:
    if (limit.starts == "field") != (limit.start_field is not None):
        yield "start_field", "starts 为 field 时须写明起算日期取自哪个字段，其他情形不写"
    if limit.start_field is not None:
        dates = _fields_named(kind.actions, limit.start_field)
        if not dates or any(field.kind != "date" for field in dates):
            yield "start_field", f"{limit.start_field} 应为某个操作的日期字段"
    if limit.amount == 0 and limit.starts != "field":
        yield "amount", "只有从指定日期起算的期限可以为 0（到期日由操作人指定）"
    if not limit.escalates_to and limit.then is None:
        yield "escalates_to", "没有写明逾期告知谁"
    if limit.extension is not None and not limit.extension.approved_by:
        yield "extension.approved_by", "没有写明由谁批准延长"


def _fields_named(actions: Iterable[CaseAction], code: str) -> list[Field]:
    return [field for action in actions for field in action.fields if field.code == code]


def _check_action(pack: Pack, kind: CaseKind, action: CaseAction) -> Iterator[Finding]:
    if action.opens and action.to is None:
        yield "to", "发起案件的操作应写明进入哪个状态"
    if action.opens and (action.extends or action.stops_clock or action.resumes_clock):
        yield "states", "发起案件时还没有期限可以延长、中止或恢复"
    yield from _check_right(kind, action)
    fields = {field.code: field for field in action.fields}
    for field in action.fields:
        yield from _under(f"fields.{field.code}", check_field_alone(pack, field))
        others = _fields_named(kind.actions, field.code)
        if any(field.kind != other.kind for other in others):
            yield f"fields.{field.code}.kind", "同一字段在各操作中的类型应一致"
        if any(field.personal != other.personal for other in others):
            yield f"fields.{field.code}.personal", "同一字段在各操作中应同为或同不为个人信息"
    if len(fields) != len(action.fields):
        yield "fields", "字段重复"
    if action.needs and kind.about != "record":
        yield "needs", "案件不是针对一条记录的，没有这些条件"
    filled = WARNING_FIELDS if action.code in kind.warned_when.values() else frozenset[str]()
    if "platform" in action.by and (
        action.evidence or any(one.required and one.code not in filled for one in fields.values())
    ):
        yield "by.platform", "平台自动进行的操作没有人填写，不能有必填的内容和材料"
    yield from check_effects(pack, kind, action)
    for told, text in action.tells.items():
        yield from _under(f"tells.{told}", _check_template(kind, action, fields, text))


def _check_template(
    kind: CaseKind, action: CaseAction, fields: dict[str, Field], text: str
) -> Iterator[Finding]:
    """A letter lies in a list: it says nothing personal, and nothing that may be missing."""
    for word in _PLACEHOLDER.findall(text):
        if word in STANDARD_WORDS:
            if word == "due_on" and not _has_due_day(kind, action):
                yield "", "这个操作之后没有期限在计算，模板中的 {due_on} 总是空的"
        elif word not in fields:
            yield "", f"模板中的 {{{word}}} 不是通用词，也不是本操作的字段"
        elif fields[word].personal:
            yield "", f"模板不能引用个人信息字段 {{{word}}}，告知的内容会发送出去"
        elif not fields[word].required:
            yield "", f"模板引用的字段 {{{word}}} 应为必填，否则告知的内容会缺字"


def _has_due_day(kind: CaseKind, action: CaseAction) -> bool:
    """Whether some clock can run where the case stands after the action."""
    after = _one(action.to) or action.states
    return any(state.limits for state in kind.states if state.code in after)


def _check_outsider(kind: CaseKind, action: CaseAction) -> Iterator[Finding]:
    """Who reports something is hidden from the body reported, by where what they say is kept:
    apart, because it is personal."""
    if not {"anyone", "informant"} & set(action.by):
        return
    if not kind.hides_informant:
        yield "by", "任何人可以发起的案件种类，应对被反映的单位隐去提出人（hides_informant: true）"
    for field in action.fields:
        if not field.personal:
            yield f"fields.{field.code}.personal", "提出人填写的内容应标为个人信息，单独加密保存"
    if action.evidence:
        yield "evidence", "提出人没有账号，不能上传材料，只能附图片"


def _check_right(kind: CaseKind, action: CaseAction) -> Iterator[Finding]:
    if not action.by:
        yield "by", "没有写明谁有权进行这个操作"
    for relation, roles in action.by.items():
        if relation in OFFICES and not roles:
            yield f"by.{relation}", "没有写明由该单位的哪个角色进行"
        if relation in ("platform", "anyone", "informant") and roles:
            yield f"by.{relation}", "平台、任何人和提出人没有角色"
    if kind.about == "none" and {"subject", "superior"} & set(action.by):
        yield "by", "案件不针对主体，没有当事主体和上级主管单位"
    if action.extends is not None:
        limit = next((limit for limit in kind.limits if limit.code == action.extends), None)
        if limit is None:
            return
        if limit.extension is None:
            yield "extends", f"期限“{limit.title}”不能延长"
        elif not set(action.by) <= set(limit.extension.approved_by):
            yield "extends", f"延长“{limit.title}”只能由 approved_by 列明的单位批准"
