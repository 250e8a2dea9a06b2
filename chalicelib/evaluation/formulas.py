"""The four primitives: points from inputs, and the same in Chinese.

Nothing here sees a record: inputs are sums somebody can add up again. Call `points_of` inside
`exact()`, whose precision no realistic sum exhausts; only the last step of a leaf rounds.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from chalicelib.policy.scheme import (
    Bonus,
    Condition,
    Deduction,
    EventKey,
    Measure,
    Ratio,
    Score,
    Tier,
    Tiers,
)

Titles = Mapping[str, str]
"""Chinese titles by field code, and of choices by `field.choice`."""

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_EVENTS: Final[tuple[tuple[EventKey, str], ...]] = (
    ("serious", "严重失信"),
    ("general", "一般失信"),
    ("minor", "轻微失信"),
    ("any", "其他"),
)


def exact() -> AbstractContextManager[Context]:
    """The decimal context scoring runs in, whatever the caller's thread has set."""
    return localcontext(_EXACT)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up to that many decimals."""
    return value.quantize(_ONE.scaleb(-decimals), rounding=ROUND_HALF_UP)


def points_of(
    score: Score, weight: Decimal, inputs: Mapping[str, Decimal], decimals: int
) -> Decimal:
    """The points of a leaf, within 0..weight, rounded half up."""
    if isinstance(score, Ratio):
        points = _ratio(score, weight, inputs)
    elif isinstance(score, Deduction):
        points = max(score.floor, weight - inputs.get("deducted", _ZERO))
    elif isinstance(score, Tiers):
        points = _tier(score, measured(score.measure, "value", inputs))
    else:
        points = min(score.cap, inputs.get("earned", _ZERO))
    result = rounded(max(_ZERO, points), decimals)
    # A weight with more decimals than the scheme must not be exceeded by rounding either.
    return result if result <= weight else weight


def measured(measure: Measure, name: str, inputs: Mapping[str, Decimal]) -> Decimal | None:
    """The value of a measure; None where no record had anything to add."""
    if measure.of != "average":
        return inputs.get(name)
    count = inputs.get(f"{name}_count", _ZERO)
    return inputs[f"{name}_sum"] / count if count else None


def _ratio(score: Ratio, weight: Decimal, inputs: Mapping[str, Decimal]) -> Decimal:
    denominator = measured(score.denominator, "denominator", inputs)
    if not denominator:
        return score.empty
    numerator = measured(score.numerator, "numerator", inputs) or _ZERO
    return min(weight, weight * numerator / (denominator * score.full_at))


def _tier(score: Tiers, value: Decimal | None) -> Decimal:
    if value is None:
        return score.empty
    reached = [tier for tier in score.tiers if value >= tier.at_least]
    return max(reached, key=lambda tier: tier.at_least).points if reached else score.otherwise


def shown(value: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rule_text(score: Score, weight: Decimal, titles: Titles) -> str:
    """The rule of a leaf in one Chinese sentence."""
    if isinstance(score, Ratio):
        full = "" if score.full_at == 1 else f" ÷ {shown(score.full_at)}"
        denominator = _measure_text(score.denominator, titles)
        return (
            f"得分 = {shown(weight)} × min(1, {_measure_text(score.numerator, titles)} ÷ "
            f"{denominator}{full})；{denominator}为0时得{shown(score.empty)}分"
        )
    if isinstance(score, Deduction):
        events = [f"{name}{shown(score.points[k])}分" for k, name in _EVENTS if k in score.points]
        return (
            f"满分{shown(weight)}分，每条记录扣分：{'、'.join(events)}，"
            f"最低{shown(score.floor)}分；容错免责和已修复的记录不扣分"
        )
    if isinstance(score, Tiers):
        steps = [f"达到{shown(t.at_least)}得{shown(t.points)}分" for t in _descending(score)]
        return (
            f"按{_measure_text(score.measure, titles)}分档：{'，'.join(steps)}，"
            f"其余得{shown(score.otherwise)}分；没有记录时得{shown(score.empty)}分"
        )
    return _bonus_text(score, titles)


def working_text(
    score: Score, weight: Decimal, inputs: Mapping[str, Decimal], points: Decimal
) -> str:
    """The calculation of a leaf with its numbers."""
    result = f"{format(points, 'f')}分"
    if isinstance(score, Ratio):
        denominator = measured(score.denominator, "denominator", inputs)
        if not denominator:
            return f"没有可计算的记录，按规则得{result}"
        numerator = measured(score.numerator, "numerator", inputs) or _ZERO
        full = "" if score.full_at == 1 else f" ÷ {shown(score.full_at)}"
        return (
            f"{shown(weight)} × min(1, {_short(numerator)} ÷ {_short(denominator)}{full})"
            f" = {result}"
        )
    if isinstance(score, Deduction):
        deducted = shown(inputs.get("deducted", _ZERO))
        return f"max({shown(score.floor)}, {shown(weight)} − {deducted}) = {result}"
    if isinstance(score, Tiers):
        value = measured(score.measure, "value", inputs)
        return (
            f"没有记录，按规则得{result}" if value is None else f"数值{_short(value)}，得{result}"
        )
    return f"min({shown(score.cap)}, {shown(inputs.get('earned', _ZERO))}) = {result}"


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
    title = titles.get(measure.field or "", measure.field or "")
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
