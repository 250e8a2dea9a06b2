"""What is asked and shown of suppositions, comparisons, weights and drafts of schemes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from chalicelib.evaluation.comparing import Compared
from chalicelib.evaluation.counterfactual import Improvement
from chalicelib.evaluation.rules_comparing import Stood, Summary
from chalicelib.evaluation.runs import Result
from chalicelib.evaluation.sensitivity import Sensitivity
from chalicelib.evaluation.supposing import Supposed
from chalicelib.evaluation.views import Points, Region, RunOut
from chalicelib.policy.scheme import Scheme
from chalicelib.web.model import Inbound, Outbound

_BODY_ID = "b_11990100MB0000019L"
_RECORD_ID = "r_4f2a6c8e0b1d3f5a7c9e"
_RUN_ID = "ev_7x2k5q3m4n6p7r8s9t2v3w4x5y"
MOST_RANGES = 200

RecordId = Annotated[str, Field(min_length=1, max_length=200, examples=[_RECORD_ID])]
Change = Annotated[str, Field(description="变化（十进制数，正为增加）", examples=["-1.50"])]


class RepairedIn(Inbound):
    """A record supposed to have been repaired on a day."""

    record_id: RecordId
    on: Annotated[date, Field(description="假设修复的日期", examples=["2025-11-30"])]


class SuppositionIn(Inbound):
    """What is supposed of the records a result was made from."""

    without: Annotated[
        tuple[RecordId, ...],
        Field(max_length=100, description="假设没有这些信用信息", examples=[[_RECORD_ID]]),
    ] = ()
    repaired: Annotated[
        tuple[RepairedIn, ...], Field(max_length=100, description="假设这些信用信息已经修复")
    ] = ()


class SupposedLeaf(Outbound):
    """An indicator as it is and as it would be."""

    indicator: Annotated[str, Field(examples=["decisions_against"])]
    title: str
    points: Points
    supposed: Points
    change: Change
    working: Annotated[str, Field(description="假设之下的计算过程")]


class SupposedOut(Outbound):
    """What a result would be."""

    run_id: Annotated[str, Field(examples=[_RUN_ID])]
    subject_id: Annotated[str, Field(examples=[_BODY_ID])]
    total: Points
    supposed_total: Points
    change: Change
    grade: str
    grade_title: str
    supposed_grade: str
    supposed_grade_title: str
    rank: int
    supposed_rank: Annotated[int, Field(description="在原有总分中的名次", examples=[2])]
    rank_of: int
    frozen_on: Annotated[
        str, Field(description="评价固定数据的日期；其后的修复不影响本次结果")
    ]
    leaves: Annotated[tuple[SupposedLeaf, ...], Field(description="有变化的指标")]


class ImprovementOut(Outbound):
    """What one record costs or brings, and what would change it."""

    indicator: Annotated[str, Field(examples=["decisions_against"])]
    title: str
    record_id: RecordId
    version: int
    points: Points
    without: Annotated[
        Points | None, Field(description="没有这条信息时的得分；取决于同类单位位次的为空")
    ]
    gain: Annotated[Change | None, Field(description="没有这条信息时增加的分")]
    text: Annotated[
        str,
        Field(examples=["扣5分；修复、认定为容错或经申诉撤销后不再扣分，没有它多得5.00分"]),
    ]


class ImprovementList(Outbound):
    """What each record does to a result, the costliest first."""

    items: tuple[ImprovementOut, ...]


class StoodOut(Outbound):
    """A result in one of two evaluations."""

    total: Points
    grade: str
    grade_title: str
    rank_group: str
    rank: int
    rank_of: int


class MoveOut(Outbound):
    """Somebody in both evaluations."""

    subject_id: Annotated[str, Field(examples=[_BODY_ID])]
    unified_code: str
    name: str
    level: str
    region: Region
    before: StoodOut
    after: StoodOut
    points: Change
    places: Annotated[int, Field(description="名次变化，正为上升", examples=[3])]


class ComparisonSummary(Outbound):
    """All moves counted."""

    compared: Annotated[int, Field(description="两次都参评的数量")]
    up: int
    down: int
    same: int
    largest_up: Annotated[int, Field(description="最多上升多少名")]
    largest_down: Annotated[int, Field(description="最多下降多少名")]
    mean_points: Annotated[Change, Field(description="总分平均变化")]
    only_before: Annotated[int, Field(description="只在原评价中的数量")]
    only_after: Annotated[int, Field(description="只在本评价中的数量")]


class ComparisonOut(Outbound):
    """A page of moves, who moves most first."""

    summary: ComparisonSummary
    items: tuple[MoveOut, ...]
    next_page_token: str | None


class WeightOut(Outbound):
    """What happens if one weight were another."""

    indicator: str
    title: str
    weight: Points
    varied_to: Points
    moved: Annotated[int, Field(description="名次有变化的数量")]
    largest_move: Annotated[int, Field(description="最多变化多少名")]
    kendall_tau: Annotated[str, Field(description="两种排名的一致程度，1为完全相同")]


class RangeOut(Outbound):
    """Between which places somebody comes."""

    subject_id: str
    name: str
    rank: int
    best: int
    worst: int


class SensitivityOut(Outbound):
    """How far ranks depend on the weights."""

    run_id: str
    variation: Annotated[str, Field(examples=["0.1"])]
    text: Annotated[str, Field(description="怎样试算")]
    weights: tuple[WeightOut, ...]
    ranges: Annotated[
        tuple[RangeOut, ...],
        Field(description=f"名次可能变动最大的（最多{MOST_RANGES}个可查看的）"),
    ]


class WhatIfIn(Inbound):
    """A draft of a scheme to be tried on a period."""

    scheme: Annotated[
        dict[str, Any],
        Field(
            description="评价办法的草案，写法同政策包；权重、等级、数据来源按同样的规则检查",
            examples=[{"code": "annual_integrity", "title": "年度评价（草案）", "period": "year"}],
        ),
    ]
    period: Annotated[str, Field(max_length=10, examples=["2025"])]
    regions: Annotated[
        tuple[Region, ...],
        Field(max_length=500, description="行政区划，含其下级；不填为管辖范围内全部"),
    ] = ()
    compare_with: Annotated[
        str | None, Field(max_length=128, description="与哪一次评价比较", examples=[_RUN_ID])
    ] = None


class WhatIfOut(RunOut):
    """A draft as it is tried, and where the comparison will be found."""

    comparison: Annotated[
        str | None,
        Field(
            description="完成后的比较",
            examples=[f"/v1/evaluations/{_RUN_ID}/comparison?with={_RUN_ID}"],
        ),
    ]


def supposed_out(supposed: Supposed) -> SupposedOut:
    """A supposition as shown: only what would change is listed."""
    result, after, placing = supposed.result, supposed.after, supposed.result.placing
    leaves = []
    for leaf in after.leaves:
        before = Decimal(result.points[leaf.indicator.code])
        if before != leaf.points:
            leaves.append(
                SupposedLeaf(
                    indicator=leaf.indicator.code,
                    title=leaf.indicator.title,
                    points=format(before, "f"),
                    supposed=format(leaf.points, "f"),
                    change=format(leaf.points - before, "f"),
                    working=leaf.working,
                )
            )
    return SupposedOut(
        run_id=result.run_id,
        subject_id=result.body.subject_id,
        total=format(result.total, "f"),
        supposed_total=format(after.total, "f"),
        change=format(after.total - result.total, "f"),
        grade=result.grade,
        grade_title=result.grade_title,
        supposed_grade=after.grade.code,
        supposed_grade_title=after.grade.title,
        rank=placing.place if placing else 0,
        supposed_rank=supposed.place,
        rank_of=placing.of if placing else 0,
        frozen_on=supposed.frozen_on.isoformat(),
        leaves=tuple(leaves),
    )


def improvements_out(found: Iterable[Improvement]) -> ImprovementList:
    """What each record does, the costliest first."""
    ordered = sorted(found, key=lambda one: (-(one.gain or 0), one.indicator, one.record_id))
    return ImprovementList(
        items=tuple(
            ImprovementOut(
                indicator=one.indicator,
                title=one.title,
                record_id=one.record_id,
                version=one.version,
                points=format(one.points, "f"),
                without=None if one.without is None else format(one.without, "f"),
                gain=None if one.gain is None else format(one.gain, "f"),
                text=one.text,
            )
            for one in ordered
        )
    )


def summary_out(summary: Summary) -> ComparisonSummary:
    """The moves counted, as shown."""
    return ComparisonSummary(
        compared=summary.compared,
        up=summary.up,
        down=summary.down,
        same=summary.same,
        largest_up=summary.largest_up,
        largest_down=summary.largest_down,
        mean_points=format(summary.mean_points, "f"),
        only_before=summary.only_before,
        only_after=summary.only_after,
    )


def move_out(compared: Compared) -> MoveOut:
    """A move as shown."""
    move, body = compared.move, compared.after.body
    return MoveOut(
        subject_id=body.subject_id,
        unified_code=body.unified_code,
        name=body.name,
        level=body.level,
        region=body.region,
        before=_stood(move.before, compared.before),
        after=_stood(move.after, compared.after),
        points=format(move.points, "f"),
        places=move.places,
    )


def _stood(stood: Stood, result: Result) -> StoodOut:
    return StoodOut(
        total=format(stood.total, "f"),
        grade=result.grade,
        grade_title=result.grade_title,
        rank_group=stood.placing.group,
        rank=stood.placing.place,
        rank_of=stood.placing.of,
    )


def sensitivity_out(
    run_id: str,
    scheme: Scheme,
    variation: Decimal,
    found: Sensitivity,
    seen: Mapping[str, Result],
) -> SensitivityOut:
    """How far ranks depend on the weights, as shown; ranges of those that are `seen` alone."""
    ranges = [each for each in found.ranges if each.subject_id in seen]
    ranges.sort(key=lambda each: (each.best - each.worst, each.rank, each.subject_id))
    return SensitivityOut(
        run_id=run_id,
        variation=format(variation, "f"),
        text=f"逐个把指标的权重增减{format(variation * 100, 'f').rstrip('0').rstrip('.')}%，"
        f"其余指标按比例调整，使总分仍为{scheme.total}，在各组内重新排名；"
        "结果不保存，也不改变原有名次。",
        weights=tuple(
            WeightOut(
                indicator=one.indicator,
                title=one.title,
                weight=format(one.weight, "f"),
                varied_to=format(one.varied_to, "f"),
                moved=one.moved,
                largest_move=one.largest_move,
                kendall_tau=format(one.kendall_tau, "f"),
            )
            for one in found.effects
        ),
        ranges=tuple(
            RangeOut(
                subject_id=each.subject_id,
                name=seen[each.subject_id].body.name,
                rank=each.rank,
                best=each.best,
                worst=each.worst,
            )
            for each in ranges[:MOST_RANGES]
        ),
    )
