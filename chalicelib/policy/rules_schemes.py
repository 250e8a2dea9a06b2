"""What must hold for an evaluation scheme: weights, grades, and references into the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from chalicelib.policy.base import GOVERNMENT_BODIES, OFFICIALS, PERSONS
from chalicelib.policy.figures import Figure, figure_of
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.policy.rules_notices import check_notice
from chalicelib.policy.rules_types import Finding
from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    Grade,
    Indicator,
    Manual,
    Measure,
    Ratio,
    Scheme,
    Source,
    Tiers,
    Veto,
)

_NUMERIC = frozenset({"amount_yuan", "amount_wan", "decimal", "integer"})


class _Feeds(NamedTuple):
    """What a source reads, looked up: record types or figures."""

    types: tuple[RecordType, ...]
    figures: tuple[Figure, ...]


def check_scheme(pack: Pack, scheme: Scheme) -> Iterator[Finding]:
    """Every rule broken by one scheme."""
    yield from _check_who(scheme)
    yield from _check_grades(scheme.grades, scheme.total)
    yield from _check_weights("indicators", scheme.indicators, scheme.total)
    counted = Counter(node.code for node in _nodes(scheme.indicators))
    for code, count in counted.items():
        if count > 1:
            yield "indicators", f"指标编码 {code} 重复"
    for leaf in scheme.leaves():
        for path, reason in _check_leaf(pack, scheme, leaf):
            yield f"indicators.{leaf.code}.{path}", reason
    for veto in scheme.vetoes:
        for path, reason in _check_veto(pack, scheme, veto):
            yield f"vetoes.{veto.code}.{path}", reason
    for code, count in Counter(veto.code for veto in scheme.vetoes).items():
        if count > 1:
            yield "vetoes", f"限制 {code} 重复"
    yield from check_notice(scheme)


def _check_who(scheme: Scheme) -> Iterator[Finding]:
    subjects = set(scheme.subjects)
    persons = subjects & PERSONS
    if persons and subjects - PERSONS:
        yield "subjects", "不能同时评价单位和个人"
    elif persons - OFFICIALS:
        yield "subjects", "评价对象应为政务主体或公职人员"
    elif not persons and (not subjects or subjects - GOVERNMENT_BODIES):
        yield "subjects", "评价对象应为政务主体"
    if persons and scheme.disclosure != "internal":
        yield "disclosure", "对个人的评价只在内部使用，应为 internal"


def _check_veto(pack: Pack, scheme: Scheme, veto: Veto) -> Iterator[Finding]:
    if veto.total_at_most is None and veto.grade_at_most is None:
        yield "total_at_most", "没有写明限制什么：总分或等级的上限至少写一项"
    if veto.total_at_most is not None and veto.total_at_most >= scheme.total:
        yield "total_at_most", f"应低于总分 {scheme.total}，否则不起作用"
    grades = sorted(scheme.grades, key=lambda grade: grade.at_least)
    if veto.grade_at_most is not None:
        if veto.grade_at_most not in {grade.code for grade in grades}:
            yield "grade_at_most", f"没有等级 {veto.grade_at_most}"
        elif veto.grade_at_most == grades[-1].code:
            yield "grade_at_most", "是最高等级，限制不起作用"
    yield from _check_source(pack, scheme, veto.source)
    if veto.severities and veto.source.link == "figure":
        yield "severities", "数据项没有失信等级"
    for record_type in _feeds_of(pack, veto.source).types:
        if veto.severities and record_type.severity is None:
            yield "severities", f"{record_type.code} 没有失信等级，限制不起作用"


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
    yield from _check_source(pack, scheme, source)
    feeds = _feeds_of(pack, source)
    if isinstance(score, Ratio):
        yield from _check_ratio(leaf, score, feeds)
    elif isinstance(score, Deduction):
        yield from _check_deduction(leaf, score, feeds)
    elif isinstance(score, Tiers):
        yield from _check_tiers(leaf, score, feeds)
    elif isinstance(score, Manual):
        yield from _check_manual(leaf, score, feeds)
    else:
        yield from _check_bonus(leaf, score, feeds)


def _feeds_of(pack: Pack, source: Source) -> _Feeds:
    if source.link == "figure":
        found = [figure_of(pack, code) for code in source.types]
        return _Feeds((), tuple(figure for figure in found if figure is not None))
    return _Feeds(tuple(pack.types[code] for code in source.types if code in pack.types), ())


def _check_source(pack: Pack, scheme: Scheme, source: Source) -> Iterator[Finding]:
    if not source.types:
        yield "source.types", "没有写明信息类型"
    for code, count in Counter(source.types).items():
        if count > 1:
            yield "source.types", f"{code} 重复"
    if source.link == "figure":
        yield from _check_figures(pack, scheme, source)
        return
    for code in source.types:
        if code not in pack.types:
            yield "source.types", f"信息类型 {code} 没有定义或已停用"
    types = _feeds_of(pack, source).types
    if scheme.of_persons and source.link == "reported_by":
        yield "source.link", "个人不报送信息，只能用 about 或 figure"
    for record_type in types:
        if source.link == "about" and not set(record_type.about) & set(scheme.subjects):
            yield "source.types", f"{record_type.code} 不涉及评价对象"
    yield from _check_conditions("source.where", source.where, types)


def _check_figures(pack: Pack, scheme: Scheme, source: Source) -> Iterator[Finding]:
    for code in source.types:
        figure = figure_of(pack, code)
        if figure is None:
            yield "source.types", f"数据项 {code} 没有定义，或该地没有实行"
        elif not set(figure.about) & set(scheme.subjects):
            yield "source.types", f"{code} 不涉及评价对象"
    if source.where:
        yield "source.where", "数据项不能再写条件"


def _check_ratio(leaf: Indicator, score: Ratio, feeds: _Feeds) -> Iterator[Finding]:
    yield from _check_measure("score.numerator", score.numerator, feeds)
    yield from _check_measure("score.denominator", score.denominator, feeds)
    if score.denominator.of not in ("count", "matching", "sum"):
        yield "score.denominator.of", "分母只能是 count、matching 或 sum"
    if score.numerator.of in ("average", "latest"):
        yield "score.numerator.of", "分子不能是 average 或 latest"
    if score.empty > leaf.weight:
        yield "score.empty", "超过该指标的权重"


def _check_deduction(leaf: Indicator, score: Deduction, feeds: _Feeds) -> Iterator[Finding]:
    if score.floor > leaf.weight:
        yield "score.floor", "最低分超过该指标的权重"
    if not score.points:
        yield "score.points", "没有写明每件扣多少分"
    graded = [record_type.code for record_type in feeds.types if record_type.severity]
    for record_type in feeds.types:
        complete = {"minor", "general", "serious"} <= score.points.keys()
        if "any" not in score.points and not (complete and record_type.severity):
            yield "score.points", f"{record_type.code} 的记录可能没有对应的扣分"
    if feeds.figures and "any" not in score.points:
        yield "score.points", "数据项没有失信等级，只能用 any"
    if set(score.points) - {"any"} and not graded:
        yield "score.points", "这些信息类型没有失信等级，只能用 any"


def _check_tiers(leaf: Indicator, score: Tiers, feeds: _Feeds) -> Iterator[Finding]:
    yield from _check_measure("score.measure", score.measure, feeds)
    ordered = sorted(score.tiers, key=lambda tier: tier.at_least)
    for lower, upper in pairwise(ordered):
        if lower.at_least == upper.at_least:
            yield "score.tiers", f"起点 {lower.at_least} 重复"
    if score.over == "percentile" and any(not 0 < tier.at_least <= 100 for tier in ordered):
        yield "score.tiers", "百分位应在 0 以上、100 以下（含）"
    if score.over == "value" and score.better == "low":
        yield "score.better", "low 只用于按百分位分档"
    highest = max([score.otherwise, score.empty, *(tier.points for tier in ordered)])
    if highest > leaf.weight:
        yield "score.tiers", "得分超过该指标的权重"


def _check_manual(leaf: Indicator, score: Manual, feeds: _Feeds) -> Iterator[Finding]:
    if score.empty > leaf.weight:
        yield "score.empty", "超过该指标的权重"
    yield from _check_number("score.value", score.value, feeds)


def _check_bonus(leaf: Indicator, score: Bonus, feeds: _Feeds) -> Iterator[Finding]:
    if score.cap != leaf.weight:
        yield "score.cap", f"封顶分应等于该指标的权重 {leaf.weight}"
    if score.by is None:
        if set(score.points) != {"any"}:
            yield "score.points", "没有写 by 时只能用 any"
        return
    if feeds.figures:
        yield "score.by", "数据项没有选项字段"
    for record_type in feeds.types:
        field = record_type.field(score.by)
        if field is None or field.kind != "enum":
            yield "score.by", f"{record_type.code} 没有选项字段 {score.by}"
            continue
        for value in set(score.points) - {"any"} - _choices(field):
            yield "score.points", f"{value} 不是“{field.title}”的选项"


def _check_measure(path: str, measure: Measure, feeds: _Feeds) -> Iterator[Finding]:
    needs_field = measure.of in ("sum", "average", "latest")
    if needs_field != (measure.field is not None):
        yield f"{path}.field", f"{measure.of} {'须' if needs_field else '不应'}写明字段"
    if (measure.of == "matching") != bool(measure.where):
        yield f"{path}.where", "matching 须写明条件，其他不写"
    yield from _check_conditions(f"{path}.where", measure.where, feeds.types)
    if measure.field is not None:
        yield from _check_number(f"{path}.field", measure.field, feeds)
    if feeds.figures and measure.of in ("on_time", "matching"):
        yield f"{path}.of", f"数据项不能用 {measure.of}"
    for record_type in feeds.types:
        if measure.of == "on_time" and record_type.time_limit is None:
            yield f"{path}.of", f"{record_type.code} 没有报送时限，无法计算及时率"


def _check_number(path: str, code: str, feeds: _Feeds) -> Iterator[Finding]:
    for figure in feeds.figures:
        if code not in figure.values:
            yield path, f"{figure.code} 没有 {code}，只有 {'、'.join(figure.values)}"
    for record_type in feeds.types:
        field = record_type.field(code)
        if field is None or field.kind not in _NUMERIC:
            yield path, f"{record_type.code} 没有数字字段 {code}"


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
