"""What must hold for key areas, conduct, tasks, registers and assessments of a pack, and between
them and the mechanisms: what belongs to a mechanism the document does not have must not be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from chalicelib.policy.base import PERSONS
from chalicelib.policy.case_kinds import CaseKind
from chalicelib.policy.measures import MeasureEntry, Scene
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.policy.programme import (
    Area,
    Assessment,
    Conduct,
    InformationClass,
    RatingBar,
    Register,
    SupervisionClass,
    Task,
)
from chalicelib.policy.reported import ReportedFigure
from chalicelib.policy.rules_types import Finding, check_field_alone
from chalicelib.policy.warnings import WarningRule

_OfMechanism: TypeAlias = (
    RecordType
    | Area
    | InformationClass
    | Conduct
    | SupervisionClass
    | Register
    | Assessment
    | RatingBar
    | CaseKind
    | WarningRule
    | Scene
    | MeasureEntry
    | ReportedFigure
)
_TAKEN_BY_ROUTES = ("tasks", "reminders")
"""What stands in the place of a register's code: the task table, the reminders."""
_SECTIONS_OF_TYPES = ("areas", "classes", "conduct")


def check_programme(pack: Pack) -> Iterator[Finding]:
    """Every rule broken in these parts of a pack."""
    yield from _check_mechanisms(pack)
    yield from _check_types_named(pack)
    for code, area in pack.areas.items():
        yield from _under(f"areas.{code}", _check_area(area))
    for code, conduct in pack.conduct.items():
        yield from _under(f"conduct.{code}", _check_conduct(conduct))
    yield from _check_supervision(pack)
    for code, task in pack.tasks.items():
        yield from _under(f"tasks.{code}", _check_task(task))
    for code, register in pack.registers.items():
        yield from _under(f"registers.{code}", _check_register(pack, register))
    for code, assessment in pack.assessments.items():
        yield from _under(f"assessments.{code}", _check_assessment(pack, assessment))
    for code, bar in pack.rating_bars.items():
        yield from _under(f"rating_bars.{code}", _check_rating_bar(pack, bar))
    for code, reported in pack.reported_figures.items():
        yield from _under(f"reported_figures.{code}", _check_reported(reported))


def _under(path: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    for inner, reason in findings:
        yield f"{path}.{inner}" if inner else path, reason


def _check_mechanisms(pack: Pack) -> Iterator[Finding]:
    """An entry of a mechanism needs that mechanism, and needs it on."""
    sections: dict[str, Mapping[str, _OfMechanism]] = {
        "types": pack.types,
        "areas": pack.areas,
        "classes": pack.classes,
        "conduct": pack.conduct,
        "supervision": pack.supervision,
        "registers": pack.registers,
        "assessments": pack.assessments,
        "rating_bars": pack.rating_bars,
        "case_kinds": pack.case_kinds,
        "warning_rules": pack.warning_rules,
        "scenes": pack.scenes,
        "measures": pack.measures,
        "reported_figures": pack.reported_figures,
    }
    for section, entries in sections.items():
        for code, entry in entries.items():
            name = entry.mechanism
            if name is None:
                continue
            mechanism = pack.mechanisms.get(name)
            if mechanism is None:
                yield f"{section}.{code}.mechanism", f"机制 {name} 没有定义"
            elif mechanism.state == "off":
                reason = f"机制“{mechanism.title}”在本地没有（off），本条应停用（disabled: true）"
                yield f"{section}.{code}", reason


def _check_types_named(pack: Pack) -> Iterator[Finding]:
    for section in _SECTIONS_OF_TYPES:
        for code, entry in getattr(pack, section).items():
            for name in entry.types:
                if name not in pack.types:
                    yield f"{section}.{code}.types", f"信息类型 {name} 没有定义"


def _check_area(area: Area) -> Iterator[Finding]:
    if not area.demands:
        yield "demands", "没有写明文件对该领域的要求"


def _check_conduct(conduct: Conduct) -> Iterator[Finding]:
    if not conduct.about:
        yield "about", "没有写明是哪类主体的行为"
    if not conduct.handling:
        yield "handling", "没有写明如何处理"


def _check_supervision(pack: Pack) -> Iterator[Finding]:
    """Every body of a classified kind is in exactly one class: the order is clear, and the last
    class takes whoever is in no other."""
    classes = pack.supervision.values()
    for one in classes:
        if not one.about:
            yield f"supervision.{one.code}.about", "没有写明是哪类主体"
        if not one.measures:
            yield f"supervision.{one.code}.measures", "没有写明监管措施"
    for kind in sorted({kind for one in classes for kind in one.about}):
        ordered = sorted((one for one in classes if kind in one.about), key=lambda one: one.order)
        for before, after in pairwise(ordered):
            if before.order == after.order:
                yield f"supervision.{after.code}.order", f"次序与 {before.code} 相同，先后不明"
        if ordered[-1].most_dishonesty:
            reason = "次序最后的类别不能有界限，否则有的主体不属于任何一类"
            yield f"supervision.{ordered[-1].code}.most_dishonesty", reason


def _check_task(task: Task) -> Iterator[Finding]:
    if not task.lead:
        yield "lead", "没有写明牵头单位（责任单位）"
    if (task.term == "dated") != (task.due_on is not None):
        yield "due_on", "term 为 dated 时须写明完成日期，其他情形不写"
    if task.starts_on and task.due_on and task.due_on < task.starts_on:
        yield "due_on", "完成日期早于启动日期"


def _check_register(pack: Pack, register: Register) -> Iterator[Finding]:
    if register.code in _TAKEN_BY_ROUTES:
        yield "", f"编码 {register.code} 已有别的用途，请换一个"
    fields = {field.code: field for field in register.fields}
    for field in register.fields:
        yield from _under(f"fields.{field.code}", check_field_alone(pack, field))
        if field.personal:
            yield f"fields.{field.code}.personal", "台账不收个人信息"
    if not register.fields:
        yield "fields", "台账没有任何字段"
    for name in register.key:
        if name not in fields or not fields[name].required:
            yield "key", f"{name} 应为已定义的必填字段"
    if not register.key:
        yield "key", "没有写明哪些字段区分各条"
    for attribute in ("due_field", "valid_until_field"):
        name = getattr(register, attribute)
        if name is not None and (name not in fields or fields[name].kind != "date"):
            yield attribute, f"{name} 应为已定义的日期字段"
    yield from _check_steps(register, fields)


def _check_steps(register: Register, fields: dict[str, Field]) -> Iterator[Finding]:
    seen: set[str] = set()
    for step in register.steps:
        if step.follows is not None and step.follows not in seen:
            yield f"steps.{step.code}.follows", f"{step.follows} 应为列在前面的步骤"
        seen.add(step.code)
        rule = step.required_when
        if rule is not None and rule.field not in fields:
            yield f"steps.{step.code}.required_when", f"字段 {rule.field} 没有定义"


def _check_assessment(pack: Pack, assessment: Assessment) -> Iterator[Finding]:
    for name in assessment.types:
        if name not in pack.types:
            yield "types", f"信息类型 {name} 没有定义"
    if not assessment.types:
        yield "types", "没有写明考核哪些信息类型"


def _check_rating_bar(pack: Pack, bar: RatingBar) -> Iterator[Finding]:
    if not bar.about:
        yield "about", "没有写明限制哪类主体"
    for name in bar.types:
        if name not in pack.types:
            yield "types", f"信息类型 {name} 没有定义"
    for code, states in bar.pending.items():
        kind = pack.case_kinds.get(code)
        if kind is None:
            yield f"pending.{code}", f"案件种类 {code} 没有定义"
            continue
        known = {state.code for state in kind.states}
        for name in states:
            if name not in known:
                yield f"pending.{code}", f"案件种类 {code} 没有状态 {name}"


def _check_reported(figure: ReportedFigure) -> Iterator[Finding]:
    if not figure.about:
        yield "about", "没有写明哪类主体填报"
    if set(figure.about) & PERSONS:
        yield "about", "个人不填报"
    if figure.most <= figure.least:
        yield "most", f"上限应大于下限 {figure.least}"
    for name in ("least", "most"):
        if getattr(figure, name).as_tuple().exponent < -figure.decimals:
            yield name, f"小数不能多于 {figure.decimals} 位"
