"""HTTP of evaluation: official results beside the ratings of third parties."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from chalicelib.evaluation import service
from chalicelib.evaluation.divergence import Compared, Comparison, compare
from chalicelib.evaluation.routes import RunId
from chalicelib.evaluation.runs import Run
from chalicelib.web import request
from chalicelib.web.model import Answer, Outbound
from chalicelib.web.routes import Routes

routes = Routes("政务诚信评价")

MEASURED = (
    "两边都有评价的单位，各按得分求百分位（低于它的单位所占百分比，并列的计一半）；"
    "difference 为第三方减官方，正数表示第三方评得靠前；spearman 为秩相关系数，"
    "一边全部并列时为空。量程不同的分数不直接相减。"
)


class GapOut(Outbound):
    """One body: both scores, both percentile ranks, their difference."""

    unified_code: str
    name: str
    official_score: str
    third_party_score: str
    official_percentile: str
    third_party_percentile: str
    difference: str = Field(description="百分点，第三方减官方")


class DivergenceOut(Outbound):
    """How far a third party's ratings lie from the official results."""

    run_id: str
    period: str
    system: str
    title: str
    institution: str
    institution_name: str
    compared: int = Field(description="两边都有评价的单位数")
    only_official: int
    only_third_party: int
    spearman: str | None = Field(description="秩相关系数，-1 至 1；无法计算的为空")
    mean_difference: str | None = Field(description="差异绝对值的平均（百分点）")
    items: list[GapOut] = Field(description="差异最大的在前，限于管辖范围内的单位")
    measured: str = Field(description="如何得出")


@routes.get(
    "/v1/evaluations/{run_id}/divergence",
    operation="evaluations.divergence",
    summary="官方评价与第三方评价的差异",
    answers={200: DivergenceOut},
    errors=(404, 409),
)
def show_divergence(
    run_id: RunId,
    system: Annotated[
        str, Query(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="第三方指标体系代码")
    ],
    most: Annotated[int, Query(ge=1, le=200, description="最多列出多少个单位")] = 20,
) -> Answer:
    """同一周期、两边都有评价的单位，按名次的百分位比较。只作对照，不改变官方结果。"""
    platform, caller, scope = request.platform(), request.caller(), request.scope()
    run = service.find_run(platform, caller, scope, run_id)
    return Answer(200, _out(run, compare(platform, caller, scope, run, system, most)))


def _out(run: Run, found: Comparison) -> DivergenceOut:
    figures, system = found.figures, found.system
    return DivergenceOut(
        run_id=run.run_id,
        period=run.period,
        system=system.code,
        title=system.title,
        institution=system.institution,
        institution_name=system.institution_name,
        compared=len(figures.gaps),
        only_official=figures.only_official,
        only_third_party=figures.only_third_party,
        spearman=None if figures.spearman is None else str(figures.spearman),
        mean_difference=None if figures.mean_difference is None else str(figures.mean_difference),
        items=[_gap_out(one) for one in found.compared],
        measured=MEASURED,
    )


def _gap_out(one: Compared) -> GapOut:
    return GapOut(
        unified_code=one.gap.code,
        name=one.result.body.name,
        official_score=format(one.result.total, "f"),
        third_party_score=one.rating.row.score,
        official_percentile=str(one.gap.official),
        third_party_percentile=str(one.gap.third_party),
        difference=str(one.gap.difference),
    )
