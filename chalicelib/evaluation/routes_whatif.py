"""HTTP of what-if: suppositions about a result, drafts of schemes, comparison, weights, export."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.evaluation import comparing, scoring, service
from chalicelib.evaluation.counterfactual import improvements
from chalicelib.evaluation.exporting import Format, export_link
from chalicelib.evaluation.routes import RunId, SubjectId
from chalicelib.evaluation.runs import Run
from chalicelib.evaluation.supposing import Supposition, suppose
from chalicelib.evaluation.views import run_out
from chalicelib.evaluation.views_whatif import (
    ComparisonOut,
    ImprovementList,
    SensitivityOut,
    SupposedOut,
    SuppositionIn,
    WhatIfIn,
    WhatIfOut,
    improvements_out,
    move_out,
    sensitivity_out,
    summary_out,
    supposed_out,
)
from chalicelib.evaluation.visibility import must_be_of_bodies, sees_result
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes(
    "政务诚信评价",
    errors=[
        ErrorPage(
            "too_many_bodies",
            409,
            "参评对象太多",
            "比较、权重试算、排名图和导出在一次请求中读完全部结果，参评对象不能太多。",
            "对部分行政区划单独发起评价，再对它比较、试算或者导出。",
        ),
        ErrorPage(
            "nothing_to_suppose",
            409,
            "没有可以推算的数值",
            "这次评价没有保存逐项的原始数值。",
            "对同一周期再发起一次评价。",
        ),
        ErrorPage(
            "not_in_result",
            0,
            "不是结果的依据",
            "所列的信用信息不在这个结果的依据之内。",
            "从评价结果的逐项说明中选择编号。",
        ),
        ErrorPage(
            "incomparable",
            0,
            "不能比较",
            "只能比较同一辖区的评价。",
            "选择同一辖区的评价。",
        ),
    ],
)


@routes.post(
    "/v1/evaluations/{run_id}/results/{subject_id}/counterfactuals",
    operation="evaluations.read",
    summary="假设推算：没有某条信息，或者已经修复",
    answers={200: SupposedOut},
    errors=(404, 409, 422),
    replay=Replay.NONE,
)
def suppose_result(run_id: RunId, subject_id: SubjectId, supposition: SuppositionIn) -> Answer:
    """用评价当时固定的数据推算总分、等级、名次和有变化的指标；不保存，也不改变结果。

    同类单位的数据按当时的不变；名次是在其他单位原有总分中的位次。评价固定数据以后的修复不影响本次结果。
    """
    found = suppose(
        request.platform(),
        request.caller(),
        request.scope(),
        _run(run_id),
        subject_id,
        Supposition(
            supposition.without, [(each.record_id, each.on) for each in supposition.repaired]
        ),
    )
    return Answer(200, supposed_out(found))


@routes.get(
    "/v1/evaluations/{run_id}/results/{subject_id}/improvements",
    operation="evaluations.read",
    summary="每条信息的影响，怎样可以改善",
    answers={200: ImprovementList},
    errors=(404, 409),
)
def show_improvements(run_id: RunId, subject_id: SubjectId) -> Answer:
    """逐个指标、逐条信息：扣了或者得了多少分，没有它会怎样，怎样可以改变；影响大的在前。"""
    result, document = service.explained_result(
        request.platform(), request.caller(), request.scope(), _run(run_id), subject_id
    )
    return Answer(200, improvements_out(improvements(document)), version=result.version)


@routes.post(
    "/v1/evaluations/what-ifs",
    operation="evaluations.try",
    summary="试行评价办法的草案",
    answers={202: WhatIfOut},
    errors=(403, 404, 409, 422),
    replay=Replay.SERVICE,
)
def try_draft(draft: WhatIfIn) -> Answer:
    """用草案对一个周期的数据评价一遍，只有发起的单位看得到，不公布、不取代、不产生任何后果。

    草案按政策包的全部规则检查，每处问题写明位置和原因；完成后与 compare_with 的评价比较谁升谁降。
    """
    platform = request.platform()
    other = None
    if draft.compare_with is not None:
        other = _run(draft.compare_with)
        comparing.require_completed(other)
        must_be_of_bodies(other)

    def present(run: Run) -> Answer:
        location = f"/v1/evaluations/{run.run_id}"
        compared = None if other is None else f"{location}/comparison?with={other.run_id}"
        shown = run_out(run, platform.clock()).model_dump()
        return Answer(202, WhatIfOut(**shown, comparison=compared), location=location)

    return service.start_draft(
        platform,
        request.caller(),
        request.scope(),
        service.Draft(draft.scheme, draft.period, draft.regions),
        claim=request.idempotency_claim(),
        present=present,
    )


@routes.get(
    "/v1/evaluations/{run_id}/comparison",
    operation="evaluations.analyse",
    summary="与另一次评价比较",
    answers={200: ComparisonOut},
    errors=(403, 404, 409, 422),
)
def compare_runs(
    run_id: RunId,
    other: Annotated[
        str, Query(alias="with", max_length=128, description="原来的评价编号，以它为比较的基础")
    ],
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """谁的名次、总分、等级变了，变了多少；变动大的在前，汇总针对全部参评对象。"""
    platform = request.platform()
    found = comparing.compare(
        platform,
        request.caller(),
        request.scope(),
        (_run(other), _run(run_id)),
        limit,
        read_page_token(page_token),
    )
    items = [move_out(each) for each in found.items]
    return listing(items, found.cursor, summary=summary_out(found.summary))


@routes.get(
    "/v1/evaluations/{run_id}/sensitivity",
    operation="evaluations.analyse",
    summary="名次对权重的敏感程度",
    answers={200: SensitivityOut},
    errors=(403, 404, 409, 422),
)
def show_sensitivity(
    run_id: RunId,
    variation: Annotated[
        Decimal, Query(gt=0, lt=1, description="权重增减的比例，例如 0.1 即百分之十")
    ] = Decimal("0.1"),
) -> Answer:
    """逐个指标增减权重后，多少单位的名次会变、最多变多少；每个单位的名次落在哪个范围。

    最多试算一万个参评对象的评价。
    """
    platform, caller, scope = request.platform(), request.caller(), request.scope()
    run = _run(run_id)
    found, results = comparing.weigh(platform, run, variation)
    seen = {
        subject_id: result
        for subject_id, result in results.items()
        if sees_result(caller, scope, result.body)
    }
    scheme = scoring.scheme_of(platform, run)
    return Answer(200, sensitivity_out(run.run_id, scheme, variation, found, seen))


@routes.get(
    "/v1/evaluations/{run_id}/export",
    operation="evaluations.analyse",
    summary="下载评价结果，用于绩效考核",
    answers={303: None},
    errors=(403, 404, 409),
)
def export_results(
    run_id: RunId,
    form: Annotated[Format, Query(alias="format", description="csv 或 xlsx")] = "csv",
) -> Answer:
    """可以查看的全部单位的总分、等级、名次和各指标得分；转到一个五分钟内有效的下载地址。

    尚在公布前告知的结果写明“暂不对外公布”。最多一万个参评对象。
    """
    platform, run = request.platform(), _run(run_id)
    link = export_link(platform, request.caller(), request.scope(), run, form)
    return Answer(303, None, location=link)


def _run(run_id: str) -> Run:
    return service.find_run(request.platform(), request.caller(), request.scope(), run_id)
