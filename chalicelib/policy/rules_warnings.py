"""What must hold for a warning rule: its references into the catalog, and thresholds that rise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from pydantic import ValidationError

from chalicelib.policy.base import GOVERNMENT_BODIES
from chalicelib.policy.explain import explain
from chalicelib.policy.figures import figure_of
from chalicelib.policy.model import Pack, RecordType
from chalicelib.policy.rules_types import Finding
from chalicelib.policy.scheme import Condition
from chalicelib.policy.warnings import (
    LEVEL_TITLES,
    LEVELS,
    Concentration,
    Growth,
    Overdue,
    Quotient,
    Rate,
    Sum,
    WarningRule,
)

BY_TRADE = "monitoring_by_trade"
NUMERIC = frozenset({"amount_yuan", "amount_wan", "decimal", "integer"})


def check_warning_rule(pack: Pack, rule: WarningRule) -> Iterator[Finding]:
    """Every rule broken by one warning rule."""
    if set(rule.subjects) - GOVERNMENT_BODIES:
        yield "subjects", "预警对象应为政务主体"
    types = [pack.types[code] for code in rule.source.types if code in pack.types]
    if rule.source.link == "figure":
        yield from _check_figures(pack, rule)
    else:
        yield from _check_source(pack, rule, types)
        yield from _check_metric(rule, types)
    yield from _check_levels(rule)
    yield from _check_trade(rule, types)
    if rule.confirmed_by is not None:
        yield from _check_types_known(pack, "confirmed_by.types", rule.confirmed_by.types)
    if rule.case_kind is not None:
        kind = pack.case_kinds.get(rule.case_kind)
        if kind is None:
            yield "case_kind", f"案件种类 {rule.case_kind} 没有定义"
        elif kind.about != "body":
            yield "case_kind", f"案件种类“{kind.title}”不是针对政务主体的"


def drafted_warning_rule(
    pack: Pack, draft: Mapping[str, object]
) -> tuple[WarningRule | None, list[Finding]]:
    """A rule that somebody only thinks of, and what is wrong with it; None if it has not even the
    shape of one."""
    try:
        rule = WarningRule.model_validate(draft)
    except ValidationError as error:
        return None, list(explain(error, draft))
    return rule, list(check_warning_rule(pack, rule))


def _check_types_known(pack: Pack, path: str, types: Sequence[str]) -> Iterator[Finding]:
    for code in types:
        if code not in pack.types:
            yield path, f"信息类型 {code} 没有定义或已停用"


def _check_figures(pack: Pack, rule: WarningRule) -> Iterator[Finding]:
    source, metric = rule.source, rule.metric
    if not source.types:
        yield "source.types", "没有写明是哪些数据（figure）"
    if source.dishonesty or source.severities or source.where:
        yield "source", "figure 不是信用信息，不能写失信、等级和字段条件"
    if isinstance(metric, Rate | Overdue | Concentration):
        yield "metric.kind", "figure 只能用 count、growth、sum 或 ratio"
    named: set[str] = set()
    if isinstance(metric, Quotient):
        named = {metric.numerator, metric.denominator}
    elif isinstance(metric, Sum):
        named = {metric.field}
    for code in source.types:
        figure = figure_of(pack, code)
        if figure is None:
            yield "source.types", f"{code} 没有定义，或者属于本地没有的机制"
            continue
        for field in sorted(named - set(figure.values)):
            yield "metric", f"{code} 没有 {field}，只有 {'、'.join(figure.values)}"


def _check_source(
    pack: Pack, rule: WarningRule, types: Sequence[RecordType]
) -> Iterator[Finding]:
    source = rule.source
    yield from _check_types_known(pack, "source.types", source.types)
    if bool(source.types) == source.dishonesty:
        yield "source", "应写明信息类型，或者写 dishonesty: true（全部失信记录），二者取一"
    if source.dishonesty and source.link != "about":
        yield "source.link", "全部失信记录只能是关于单位的（about）"
    if source.dishonesty and source.where:
        yield "source.where", "没有写明信息类型时不能写字段条件"
    watched = set(rule.subjects) or GOVERNMENT_BODIES
    for record_type in types:
        if source.link == "about" and not set(record_type.about) & watched:
            yield "source.types", f"{record_type.code} 不涉及预警对象"
    yield from _check_conditions("source.where", source.where, types)


def _check_metric(rule: WarningRule, types: Sequence[RecordType]) -> Iterator[Finding]:
    metric = rule.metric
    if isinstance(metric, Rate):
        if (metric.part == "matching") != bool(metric.where):
            yield "metric.where", "matching 须写明条件，late 不写"
        yield from _check_conditions("metric.where", metric.where, types)
        for record_type in types if metric.part == "late" else ():
            if record_type.time_limit is None:
                yield "metric.part", f"{record_type.code} 没有报送时限，无法计算迟报率"
    elif isinstance(metric, Concentration):
        if (metric.by == "field") != (metric.field is not None):
            yield "metric.field", "by 为 field 时须写明字段，其他不写"
        elif metric.field is not None:
            yield from _check_field("metric.field", metric.field, types, ("enum", "text"))
    elif isinstance(metric, Overdue):
        yield from _check_field("metric.due_field", metric.due_field, types, ("date",))
        yield from _check_done(metric, types)
    elif isinstance(metric, Sum):
        yield from _check_field("metric.field", metric.field, types, NUMERIC)
    elif isinstance(metric, Quotient):
        yield from _check_field("metric.numerator", metric.numerator, types, NUMERIC)
        yield from _check_field("metric.denominator", metric.denominator, types, NUMERIC)
    if rule.source.dishonesty and _needs_fields(rule):
        yield "metric", "没有写明信息类型，不能取字段的值"


def _needs_fields(rule: WarningRule) -> bool:
    metric = rule.metric
    named = isinstance(metric, Concentration) and metric.field is not None
    return named or isinstance(metric, Overdue | Sum | Quotient | Rate)


def _check_conditions(
    path: str, conditions: Sequence[Condition], types: Sequence[RecordType]
) -> Iterator[Finding]:
    for condition in conditions:
        for record_type in types:
            field = record_type.field(condition.field)
            if field is None:
                yield path, f"{record_type.code} 没有字段 {condition.field}"
            elif field.kind == "enum":
                for value in set(condition.values) - {choice.code for choice in field.values}:
                    yield path, f"{value} 不是“{field.title}”的选项"


def _check_done(metric: Overdue, types: Sequence[RecordType]) -> Iterator[Finding]:
    for record_type in types:
        field = record_type.field(metric.state_field)
        if field is None or field.kind != "enum":
            reason = f"{record_type.code} 没有选项字段 {metric.state_field}"
            yield "metric.state_field", reason
            continue
        for value in set(metric.done) - {choice.code for choice in field.values}:
            yield "metric.done", f"{value} 不是“{field.title}”的选项"


def _check_field(
    path: str, code: str, types: Sequence[RecordType], kinds: Sequence[str] | frozenset[str]
) -> Iterator[Finding]:
    for record_type in types:
        field = record_type.field(code)
        if field is None:
            yield path, f"{record_type.code} 没有字段 {code}"
        elif field.kind not in kinds:
            yield path, f"{record_type.code} 的字段“{field.title}”不能用于这项指标"
        elif field.personal:
            yield path, f"“{field.title}”是个人信息，不用于预警"


def _check_levels(rule: WarningRule) -> Iterator[Finding]:
    if not rule.thresholds:
        yield "thresholds", "至少要写明一个等级的阈值"
        return
    written = [level for level in LEVELS if level in rule.thresholds]
    for lower, upper in pairwise(written):
        if rule.thresholds[upper] <= rule.thresholds[lower]:
            reason = f"应大于{LEVEL_TITLES[lower]}的阈值 {rule.thresholds[lower]}"
            yield f"thresholds.{upper}", reason
    lowest = rule.thresholds[written[0]]
    least = Decimal(-1) if isinstance(rule.metric, Growth) else Decimal(0)
    if lowest <= least:
        yield f"thresholds.{written[0]}", f"应大于 {least}，否则没有情况也会预警"
    elif lowest - rule.hysteresis.margin <= least:
        reason = f"应小于最低阈值与 {least} 之差，否则预警永远不会解除"
        yield "hysteresis.margin", reason
    if isinstance(rule.metric, Rate | Concentration) and rule.thresholds[written[-1]] > 1:
        yield f"thresholds.{written[-1]}", "比率不会超过 1"


def _check_trade(rule: WarningRule, types: Sequence[RecordType]) -> Iterator[Finding]:
    if len(set(rule.scopes)) < len(rule.scopes):
        yield "scopes", "有重复"
    if ("trade" in rule.scopes) != (rule.trade_field is not None):
        yield "trade_field", "按行业预警的须写明区分行业的字段，其他不写"
    if "trade" not in rule.scopes:
        return
    if rule.mechanism != BY_TRADE:
        yield "mechanism", f"按行业预警的应属于机制 {BY_TRADE}"
    if rule.trade_field is not None:
        if not rule.source.types:
            yield "trade_field", "没有写明信息类型，不能取字段的值"
        yield from _check_field("trade_field", rule.trade_field, types, ("enum",))
