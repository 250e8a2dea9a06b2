"""What must hold for an evaluation scheme: weights, grades, and references into the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from chalicelib.policy.base import GOVERNMENT_BODIES
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.policy.rules_types import Finding
from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    Grade,
    Indicator,
    Measure,
    Ratio,
    Scheme,
    Source,
    Tiers,
)

_NUMERIC = frozenset({"amount_yuan", "amount_wan", "decimal", "integer"})


def check_scheme(pack: Pack, scheme: Scheme) -> Iterator[Finding]:
    """Every rule broken by one scheme."""
    if not scheme.subjects or set(scheme.subjects) - GOVERNMENT_BODIES:
        yield "subjects", "评价对象应为政务主体"
    yield from _check_grades(scheme.grades, scheme.total)
    yield from _check_weights("indicators", scheme.indicators, scheme.total)
    counted = Counter(node.code for node in _nodes(scheme.indicators))
    for code, count in counted.items():
        if count > 1:
            yield "indicators", f"指标编码 {code} 重复"
    for leaf in scheme.leaves():
        for path, reason in _check_leaf(pack, scheme, leaf):
            yield f"indicators.{leaf.code}.{path}", reason


def _nodes(indicators: Sequence[Indicator]) -> Iterator[Indicator]:
    for indicator in indicators:
        yield indicator
        yield from _nodes(indicator.children)


def _check_grades(grades: Sequence[Grade], total: Decimal) -> Iterator[Finding]:
    ordered = sorted(grades, key=lambda grade: grade.at_least)
    if not ordered or ordered[0].at_least != 0:
        yield "grades", "等级应从 0 分开始"
        return
    for lower, upper in pairwise(ordered):
        if lower.below != upper.at_least:
            yield f"grades.{lower.code}.below", f"应等于 {upper.code} 的起点 {upper.at_least}"
    highest = ordered[-1]
    if highest.below is not None:
        yield f"grades.{highest.code}.below", "最高等级不写 below，到满分为止"
    if highest.at_least > total:
        yield f"grades.{highest.code}.at_least", "超过总分"
    for code, count in Counter(grade.code for grade in grades).items():
        if count > 1:
            yield "grades", f"等级 {code} 重复"


def _check_weights(
    path: str, indicators: Sequence[Indicator], expected: Decimal
) -> Iterator[Finding]:
    total = sum((indicator.weight for indicator in indicators), Decimal(0))
    if total != expected:
        yield path, f"权重之和为 {total}，应为 {expected}"
    for indicator in indicators:
        here = f"{path}.{indicator.code}"
        scored = indicator.source is not None and indicator.score is not None
        if bool(indicator.children) == scored:
            yield here, "应有下级指标，或有 source 和 score，二者取一"
        if indicator.children:
            yield from _check_weights(here, indicator.children, indicator.weight)


def _check_leaf(pack: Pack, scheme: Scheme, leaf: Indicator) -> Iterator[Finding]:
    source, score = leaf.source, leaf.score
    if source is None or score is None:
        return
    types = [pack.types[code] for code in source.types if code in pack.types]
    for code in source.types:
        if code not in pack.types:
            yield "source.types", f"信息类型 {code} 没有定义或已停用"
    if not source.types:
        yield "source.types", "没有写明信息类型"
    yield from _check_subjects(scheme, source, types)
    yield from _check_conditions("source.where", source.where, types)
    if isinstance(score, Ratio):
        yield from _check_ratio(leaf, score, types)
    elif isinstance(score, Deduction):
        yield from _check_deduction(leaf, score, types)
    elif isinstance(score, Tiers):
        yield from _check_tiers(leaf, score, types)
    else:
        yield from _check_bonus(leaf, score, types)


def _check_subjects(
    scheme: Scheme, source: Source, types: Sequence[RecordType]
) -> Iterator[Finding]:
    for record_type in types:
        if source.link == "about" and not set(record_type.about) & set(scheme.subjects):
            yield "source.types", f"{record_type.code} 不涉及评价对象"


def _check_ratio(
    leaf: Indicator, score: Ratio, types: Sequence[RecordType]
) -> Iterator[Finding]:
    yield from _check_measure("score.numerator", score.numerator, types)
    yield from _check_measure("score.denominator", score.denominator, types)
    if score.denominator.of not in ("count", "matching", "sum"):
        yield "score.denominator.of", "分母只能是 count、matching 或 sum"
    if score.numerator.of in ("average", "latest"):
        yield "score.numerator.of", "分子不能是 average 或 latest"
    if score.empty > leaf.weight:
        yield "score.empty", "超过该指标的权重"


def _check_deduction(
    leaf: Indicator, score: Deduction, types: Sequence[RecordType]
) -> Iterator[Finding]:
    if score.floor > leaf.weight:
        yield "score.floor", "最低分超过该指标的权重"
    if not score.points:
        yield "score.points", "没有写明每件扣多少分"
    graded = [record_type.code for record_type in types if record_type.severity]
    for record_type in types:
        complete = {"minor", "general", "serious"} <= score.points.keys()
        if "any" not in score.points and not (complete and record_type.severity):
            yield "score.points", f"{record_type.code} 的记录可能没有对应的扣分"
    if set(score.points) - {"any"} and not graded:
        yield "score.points", "这些信息类型没有失信等级，只能用 any"


def _check_tiers(
    leaf: Indicator, score: Tiers, types: Sequence[RecordType]
) -> Iterator[Finding]:
    yield from _check_measure("score.measure", score.measure, types)
    ordered = sorted(score.tiers, key=lambda tier: tier.at_least)
    for lower, upper in pairwise(ordered):
        if lower.at_least == upper.at_least:
            yield "score.tiers", f"起点 {lower.at_least} 重复"
    highest = max([score.otherwise, score.empty, *(tier.points for tier in ordered)])
    if highest > leaf.weight:
        yield "score.tiers", "得分超过该指标的权重"


def _check_bonus(
    leaf: Indicator, score: Bonus, types: Sequence[RecordType]
) -> Iterator[Finding]:
    if score.cap != leaf.weight:
        yield "score.cap", f"封顶分应等于该指标的权重 {leaf.weight}"
    if score.by is None:
        if set(score.points) != {"any"}:
            yield "score.points", "没有写 by 时只能用 any"
        return
    for record_type in types:
        field = record_type.field(score.by)
        if field is None or field.kind != "enum":
            yield "score.by", f"{record_type.code} 没有选项字段 {score.by}"
            continue
        for value in set(score.points) - {"any"} - _choices(field):
            yield "score.points", f"{value} 不是“{field.title}”的选项"


def _check_measure(
    path: str, measure: Measure, types: Sequence[RecordType]
) -> Iterator[Finding]:
    needs_field = measure.of in ("sum", "average", "latest")
    if needs_field != (measure.field is not None):
        yield f"{path}.field", f"{measure.of} {'须' if needs_field else '不应'}写明字段"
    if (measure.of == "matching") != bool(measure.where):
        yield f"{path}.where", "matching 须写明条件，其他不写"
    yield from _check_conditions(f"{path}.where", measure.where, types)
    for record_type in types:
        field = record_type.field(measure.field) if measure.field else None
        if measure.field and (field is None or field.kind not in _NUMERIC):
            yield f"{path}.field", f"{record_type.code} 没有数字字段 {measure.field}"
        if measure.of == "on_time" and record_type.time_limit is None:
            yield f"{path}.of", f"{record_type.code} 没有报送时限，无法计算及时率"


def _check_conditions(
    path: str, conditions: Sequence[Condition], types: Sequence[RecordType]
) -> Iterator[Finding]:
    for condition in conditions:
        for record_type in types:
            field = record_type.field(condition.field)
            if field is None:
                yield path, f"{record_type.code} 没有字段 {condition.field}"
            elif field.kind == "enum":
                for value in set(condition.values) - _choices(field):
                    yield path, f"{value} 不是“{field.title}”的选项"


def _choices(field: Field) -> set[str | int | bool]:
    return {choice.code for choice in field.values}
