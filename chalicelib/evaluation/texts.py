"""The five primitives in Chinese: the rule of a leaf, and its calculation with the numbers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from chalicelib.evaluation.formulas import (
    ALONE,
    Among,
    fraction_of,
    mark_of,
    measured,
    prior_rate,
    rounded,
)
from chalicelib.evaluation.model import VetoResult
from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    EventKey,
    Manual,
    Measure,
    Prior,
    Ratio,
    Scheme,
    Score,
    Tier,
    Tiers,
)

Titles = Mapping[str, str]
"""Chinese titles by field code, and of choices by `field.choice`."""

_ZERO: Final = Decimal(0)
_EVENTS: Final[tuple[tuple[EventKey, str], ...]] = (
    ("serious", "严重失信"),
    ("general", "一般失信"),
    ("minor", "轻微失信"),
    ("any", "其他"),
)
_FIGURE_FIELDS: Final[Mapping[str, str]] = {
    "value": "数值",
    "numerator": "分子",
    "denominator": "分母",
    "weight": "权数",
}


def shown(value: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rule_text(score: Score, weight: Decimal, titles: Titles) -> str:
    """The rule of a leaf in one Chinese sentence."""
    if isinstance(score, Ratio):
        return _ratio_text(score, weight, titles)
    if isinstance(score, Deduction):
        events = [f"{name}{shown(score.points[k])}分" for k, name in _EVENTS if k in score.points]
        return (
            f"满分{shown(weight)}分，每条记录扣分：{'、'.join(events)}，"
            f"最低{shown(score.floor)}分；容错免责和已修复的记录不扣分"
        )
    if isinstance(score, Tiers):
        return _tiers_text(score, titles)
    if isinstance(score, Manual):
        which = "各次评分的平均值" if score.of == "average" else "最近一次评分"
        return (
            f"得分 = {shown(weight)} × min(1, {which} ÷ {shown(score.full)})；"
            f"没有评分时得{shown(score.empty)}分"
        )
    return _bonus_text(score, titles)


def _ratio_text(score: Ratio, weight: Decimal, titles: Titles) -> str:
    full = "" if score.full_at == 1 else f" ÷ {shown(score.full_at)}"
    numerator, denominator = (
        _measure_text(score.numerator, titles),
        _measure_text(score.denominator, titles),
    )
    rate = f"{numerator} ÷ {denominator}"
    prior = ""
    if score.prior is not None:
        strength = shown(score.prior.strength)
        rate = f"({numerator} + {strength} × 参照比率) ÷ ({denominator} + {strength})"
        prior = f"；件数少时向参照比率靠近，参照比率为{_prior_text(score.prior)}"
    return (
        f"得分 = {shown(weight)} × min(1, {rate}{full})；"
        f"{denominator}为0时得{shown(score.empty)}分{prior}"
    )


def _prior_text(prior: Prior) -> str:
    return "同类单位合计的比率" if prior.rate == "peers" else shown(prior.rate)


def _tiers_text(score: Tiers, titles: Titles) -> str:
    steps = [f"达到{shown(t.at_least)}得{shown(t.points)}分" for t in _descending(score)]
    name = _measure_text(score.measure, titles)
    if score.over == "percentile":
        kind = "高" if score.better == "high" else "低"
        name = f"{name}在同类单位中的百分位（越{kind}越好）"
    return (
        f"按{name}分档：{'，'.join(steps)}，"
        f"其余得{shown(score.otherwise)}分；没有记录时得{shown(score.empty)}分"
    )


def working_text(
    score: Score,
    weight: Decimal,
    inputs: Mapping[str, Decimal],
    points: Decimal,
    among: Among = ALONE,
) -> str:
    """The calculation of a leaf with its numbers."""
    result = f"{format(points, 'f')}分"
    if isinstance(score, Ratio):
        return _ratio_working(score, weight, inputs, among) + result
    if isinstance(score, Deduction):
        deducted = shown(inputs.get("deducted", _ZERO))
        return f"max({shown(score.floor)}, {shown(weight)} − {deducted}) = {result}"
    if isinstance(score, Tiers):
        return _tiers_working(score, inputs, among) + result
    if isinstance(score, Manual):
        mark = mark_of(score, inputs)
        if mark is None:
            return f"没有评分，按规则得{result}"
        return f"{shown(weight)} × min(1, {_short(mark)} ÷ {shown(score.full)}) = {result}"
    return f"min({shown(score.cap)}, {shown(inputs.get('earned', _ZERO))}) = {result}"


def _ratio_working(
    score: Ratio, weight: Decimal, inputs: Mapping[str, Decimal], among: Among
) -> str:
    fraction = fraction_of(score, inputs)
    if fraction is None:
        return "没有可计算的记录，按规则得"
    full = "" if score.full_at == 1 else f" ÷ {shown(score.full_at)}"
    numerator, denominator = _short(fraction[0]), _short(fraction[1])
    if score.prior is None:
        return f"{shown(weight)} × min(1, {numerator} ÷ {denominator}{full}) = "
    strength, rate = shown(score.prior.strength), _short(prior_rate(score, among))
    if score.prior.rate == "peers":
        where = f"同类单位合计{_short(among.numerator)} ÷ {_short(among.denominator)}"
        rate = f"{rate}［{where}］"
    return (
        f"{shown(weight)} × min(1, ({numerator} + {strength} × {rate}) ÷ "
        f"({denominator} + {strength}){full}) = "
    )


def _tiers_working(score: Tiers, inputs: Mapping[str, Decimal], among: Among) -> str:
    value = measured(score.measure, "value", inputs)
    if value is None:
        return "没有记录，按规则得"
    if score.over == "value":
        return f"数值{_short(value)}，得"
    return (
        f"数值{_short(value)}，同类单位{among.measured}家中有{among.not_better}家不优于它，"
        f"百分位{_short(among.percentile)}，得"
    )


def veto_text(found: VetoResult, scheme: Scheme) -> str:
    """What a veto does to the result, with its numbers."""
    veto = found.veto
    caps = []
    if veto.total_at_most is not None:
        caps.append(f"总分最高{shown(veto.total_at_most)}分")
    if veto.grade_at_most is not None:
        caps.append(f"等级最高为“{scheme.grade(veto.grade_at_most).title}”")
    count = f"{len(found.records)}条"
    if not found.met:
        return f"有{count}，未达到{veto.at_least}条，不限制"
    return f"有{count}（达到{veto.at_least}条），{'，'.join(caps)}"


def _short(value: Decimal) -> str:
    """An average may not end: six decimals are enough to follow the calculation."""
    cut = rounded(value, 6)
    return shown(value) if cut == value else f"{shown(cut)}（约）"


def _descending(score: Tiers) -> list[Tier]:
    return sorted(score.tiers, key=lambda tier: tier.at_least, reverse=True)


def _measure_text(measure: Measure, titles: Titles) -> str:
    condition = _condition_text(measure.where, titles)
    if measure.of in ("count", "matching"):
        return f"{condition}记录数"
    if measure.of == "on_time":
        return f"{condition}按时报送的记录数"
    field = measure.field or ""
    title = titles.get(field) or _FIGURE_FIELDS.get(field, field)
    words = {"sum": "合计", "average": "平均值", "latest": "最近一次的值"}
    return f"{condition}{title}{words[measure.of]}"


def _condition_text(conditions: tuple[Condition, ...], titles: Titles) -> str:
    parts = []
    for condition in conditions:
        values = [_value_text(condition.field, value, titles) for value in condition.values]
        title = titles.get(condition.field, condition.field)
        parts.append(f"{title}为{'或'.join(values)}")
    return f"{'且'.join(parts)}的" if parts else ""


def _value_text(field: str, value: str | int | bool, titles: Titles) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return titles.get(f"{field}.{value}", str(value))


def _bonus_text(score: Bonus, titles: Titles) -> str:
    others = score.points.get("any")
    if score.by is None:
        return f"每条记录加{shown(others or _ZERO)}分，最高{shown(score.cap)}分"
    steps = [
        f"{titles.get(f'{score.by}.{key}', key)}加{shown(points)}分"
        for key, points in score.points.items()
        if key != "any"
    ]
    if others is not None:
        steps.append(f"其他加{shown(others)}分")
    title = titles.get(score.by, score.by)
    return f"每条记录按{title}加分：{'、'.join(steps)}，最高{shown(score.cap)}分"
