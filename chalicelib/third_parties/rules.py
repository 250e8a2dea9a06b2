"""What makes an indicator system sound, and which ratings by it are taken. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import scrub
from chalicelib.third_parties.model import (
    Grade,
    Indicator,
    PeriodKind,
    RatingSystem,
    Row,
    Scale,
)

WHOLE: Final = Decimal(100)
"""What the weights of a system add up to (percent)."""
DEPTH: Final = 4
"""Levels of an indicator tree, at most."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?")
_PERIODS: Final[Mapping[PeriodKind, re.Pattern[str]]] = {
    "year": re.compile(r"(20[0-9]{2})"),
    "half_year": re.compile(r"(20[0-9]{2})-H([12])"),
    "quarter": re.compile(r"(20[0-9]{2})-Q([1-4])"),
    "month": re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])"),
}
_MONTHS: Final[Mapping[PeriodKind, int]] = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
_NAMES: Final[Mapping[PeriodKind, str]] = {
    "year": "{year}",
    "half_year": "{year}-H{part}",
    "quarter": "{year}-Q{part}",
    "month": "{year}-{part:02d}",
}
PERIOD_FORMS: Final[Mapping[PeriodKind, str]] = {
    "year": "2025",
    "half_year": "2025-H1",
    "quarter": "2025-Q3",
    "month": "2025-07",
}


def number_in(text: str) -> Decimal | None:
    """A decimal number as scores are written; None for anything else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


# -- periods --------------------------------------------------------------------------------------


def first_day_of(kind: PeriodKind, name: str) -> date | None:
    """The first day of a period by its name; None where it is none of that kind."""
    found = _PERIODS[kind].fullmatch(name)
    if found is None:
        return None
    year, *part = map(int, found.groups())
    return date(year, (part[0] - 1) * _MONTHS[kind] + 1 if part else 1, 1)


def periods_within(kind: PeriodKind, first: date, last: date) -> Iterator[tuple[str, date]]:
    """The periods of a kind that lie within two days (inclusive) as a whole: name and last day."""
    months = _MONTHS[kind]
    for year in range(first.year, last.year + 1):
        for part in range(12 // months):
            begin = date(year, part * months + 1, 1)
            after = (part + 1) * months
            end = date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
            if first <= begin and end <= last:
                yield _NAMES[kind].format(year=year, part=part + 1), end


def period_fault(kind: PeriodKind, name: str, today: date) -> Fault | None:
    """Why nothing can be rated for this period."""
    first = first_day_of(kind, name)
    if first is None:
        message = f"这套指标体系的评价周期应写成 {PERIOD_FORMS[kind]} 的形式"
        return Fault("/period", "wrong_period", message)
    if first > today:
        return Fault("/period", "period_not_begun", "这个周期还没有开始，不能评价")
    return None


# -- systems --------------------------------------------------------------------------------------


def system_faults(
    scale: Scale, grades: Sequence[Grade], indicators: Sequence[Indicator]
) -> list[Fault]:
    """Why a system is not sound: scale the wrong way round, grades out of order, weights that do
    not add up, a code used twice."""
    return [
        *_scale_faults(scale),
        *_grade_faults(scale, grades),
        *_code_faults(indicators),
        *_weight_faults(indicators, WHOLE, "/indicators", DEPTH),
    ]


def _scale_faults(scale: Scale) -> Iterator[Fault]:
    lowest, highest = number_in(scale.lowest), number_in(scale.highest)
    for name, value in (("lowest", lowest), ("highest", highest)):
        if value is None:
            yield Fault(f"/scale/{name}", "not_a_number", "应为十进制数字")
    if lowest is not None and highest is not None and lowest >= highest:
        yield Fault("/scale", "scale_reversed", "最低分应小于最高分")


def _grade_faults(scale: Scale, grades: Sequence[Grade]) -> Iterator[Fault]:
    if len({grade.code for grade in grades}) != len(grades):
        yield Fault("/grades", "code_twice", "等级的代码有重复")
    limits = [number_in(grade.limit) for grade in grades]
    known = [limit for limit in limits if limit is not None]
    if len(known) != len(limits):
        yield Fault("/grades", "not_a_number", "等级的界限应为十进制数字")
        return
    is_ordered = known == sorted(set(known), reverse=scale.better == "higher")
    if not is_ordered:
        yield Fault("/grades", "grades_unordered", "等级应从好到差排列，界限各不相同")
    worst = number_in(scale.lowest if scale.better == "higher" else scale.highest)
    if known and worst is not None and is_ordered and known[-1] != worst:
        message = f"最差的等级应从量程的一端 {worst} 起，每个分数都有等级"
        yield Fault("/grades", "grades_incomplete", message)


def _code_faults(indicators: Sequence[Indicator]) -> Iterator[Fault]:
    counted = Counter(_codes(indicators))
    if any(count > 1 for count in counted.values()):
        yield Fault("/indicators", "code_twice", "指标的代码有重复")


def _codes(indicators: Iterable[Indicator]) -> Iterator[str]:
    for one in indicators:
        yield one.code
        yield from _codes(one.children)


def _weight_faults(
    nodes: Sequence[Indicator], whole: Decimal, pointer: str, depth: int
) -> Iterator[Fault]:
    if not nodes:
        return
    if depth == 0:
        yield Fault(pointer, "too_deep", f"指标最多 {DEPTH} 级")
        return
    weights = [number_in(node.weight) for node in nodes]
    known = [weight for weight in weights if weight is not None and weight > 0]
    if len(known) != len(nodes):
        yield Fault(pointer, "not_a_weight", "权重应为大于零的十进制数字")
        return
    if sum(known) != whole:
        message = f"同级指标的权重合计 {sum(known)}，应为 {whole}"
        yield Fault(pointer, "weights_do_not_add_up", message)
    for position, node in enumerate(nodes):
        inner = f"{pointer}/{position}/children"
        yield from _weight_faults(node.children, known[position], inner, depth - 1)


# -- ratings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A registered body as far as ratings ask."""

    kind: str
    jurisdiction: str
    region: str
    name: str


def row_faults(
    system: RatingSystem, rows: Sequence[Row], bodies: Mapping[str, KnownBody]
) -> dict[int, list[Fault]]:
    """Why rows are not taken, by position; each is judged by itself, pointers begin at the row.
    `bodies`: the registered ones among those rated."""
    times = Counter(row.unified_code for row in rows)
    found: dict[int, list[Fault]] = {}
    for position, row in enumerate(rows):
        faults = [*_body_faults(system, row, bodies, times), *_content_faults(system, row)]
        if faults:
            found[position] = faults
    return found


def _body_faults(
    system: RatingSystem, row: Row, bodies: Mapping[str, KnownBody], times: Counter[str]
) -> Iterator[Fault]:
    body = bodies.get(row.unified_code)
    if times[row.unified_code] > 1:
        yield Fault("/unified_code", "rated_twice", "这次提交对同一单位有几个评分，都不采用")
    if body is None or body.jurisdiction != system.jurisdiction:
        yield Fault("/unified_code", "unknown_body", "没有登记这个统一社会信用代码的单位")
    elif body.kind not in system.kinds:
        yield Fault("/unified_code", "body_not_rated", "这套指标体系不评价这类单位")


def _content_faults(system: RatingSystem, row: Row) -> Iterator[Fault]:
    score = _on_scale(system.scale, row.score)
    if score is None:
        yield Fault("/score", "out_of_scale", _scale_text(system.scale))
    else:
        yield from _grade_of_row_faults(system, row, score)
    yield from _indicator_faults(system, row, score)
    if scrub(row.note) != row.note:
        message = "说明中有公民身份号码、手机号或银行账号，不得写入"
        yield Fault("/note", "personal_data", message)


def _on_scale(scale: Scale, text: str) -> Decimal | None:
    value = number_in(text)
    if value is None or not Decimal(scale.lowest) <= value <= Decimal(scale.highest):
        return None
    return value if len(text.partition(".")[2]) <= scale.places else None


def _scale_text(scale: Scale) -> str:
    return f"应为 {scale.lowest} 至 {scale.highest} 的数字，最多 {scale.places} 位小数"


def grade_of(system: RatingSystem, score: Decimal) -> str:
    """The code of the grade a score reaches; empty where the system has none."""
    for grade in system.grades:
        limit = Decimal(grade.limit)
        if score >= limit if system.scale.better == "higher" else score <= limit:
            return grade.code
    return ""


def _grade_of_row_faults(system: RatingSystem, row: Row, score: Decimal) -> Iterator[Fault]:
    right = grade_of(system, score)
    if row.grade != right:
        told = f"按指标体系应为 {right}" if right else "这套指标体系没有等级，应为空"
        yield Fault("/grade", "wrong_grade", f"等级与分数不符：{told}")


def _indicator_faults(system: RatingSystem, row: Row, score: Decimal | None) -> Iterator[Fault]:
    if not row.indicators:
        return
    leaves = {leaf.code: leaf for leaf in system.leaves()}
    together = Decimal(0)
    is_whole = True
    for code in [*leaves, *(name for name in row.indicators if name not in leaves)]:
        value = _on_scale(system.scale, row.indicators.get(code, ""))
        pointer = f"/indicators/{code}"
        if code not in leaves:
            yield Fault(pointer, "unknown_indicator", "这套指标体系没有这个末级指标")
        elif code not in row.indicators:
            yield Fault(pointer, "required", "各末级指标的得分要么都填，要么都不填")
        elif value is None:
            yield Fault(pointer, "out_of_scale", _scale_text(system.scale))
        else:
            together += value * Decimal(leaves[code].weight) / WHOLE
            continue
        is_whole = False
    step = Decimal(1).scaleb(-system.scale.places)
    mean = together.quantize(step, ROUND_HALF_UP)
    if is_whole and score is not None and abs(score - mean) > step:
        message = f"各指标得分按权重合计 {mean}，与总分 {row.score} 不符"
        yield Fault("/score", "scores_do_not_add_up", message)
