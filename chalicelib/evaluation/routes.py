"""HTTP of evaluation: start a run, watch it, read results point by point, have it replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.evaluation import service
from chalicelib.evaluation.runs import Replay as RunReplay
from chalicelib.evaluation.runs import Result, Run
from chalicelib.evaluation.service import Beside
from chalicelib.evaluation.views import (
    EvaluationIn,
    ExplainedResultOut,
    ReplayOut,
    ResultList,
    ResultOut,
    RunList,
    RunOut,
    replay_out,
    result_values,
    run_out,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes(
    "政务诚信评价",
    errors=[
        ErrorPage(
            "not_completed",
            409,
            "评价尚未完成",
            "结果要等全部单位评完并排名后才能查看，复算也是。",
            "查看评价的进度和预计完成时间，完成后再试。",
        ),
        ErrorPage(
            "of_persons",
            409,
            "公职人员的评价不这样使用",
            "公职人员的评价只供内部按用途查阅，不列名单、不画排名，也不作比较、试算和导出。",
            "组织人事部门用公职人员评价的接口并说明用途；本人查看本人的结果。",
        ),
        ErrorPage(
            "draft_scheme",
            0,
            "评价办法草案有误",
            "草案的形式不对，或者权重、等级、取数与政策包不符。",
            "按提示的位置和理由修改草案后重新提交；什么都没有改变。",
        ),
        ErrorPage(
            "out_of_scope",
            403,
            "超出管辖范围",
            "所给的行政区划不在客户端的管辖范围内。",
            "只填写本行政区划及其下级，或者由上级信用办发起。",
        ),
        ErrorPage(
            "unknown_scheme",
            0,
            "没有这个评价办法",
            "政策包里没有这个评价办法。",
            "从提示列出的评价办法中选择。",
        ),
        ErrorPage(
            "period",
            0,
            "评价周期不对",
            "评价周期应是已经开始的年、半年、季度或月，依评价办法而定。",
            "按评价办法的周期填写：年 2025，半年 2025-H1，季度 2025-Q3，月 2025-07。",
        ),
        ErrorPage(
            "unknown_region",
            0,
            "没有这个行政区划",
            "给出的行政区划代码不在政策包的行政区划内。",
            "对照行政区划代码填写六位数字。",
        ),
        ErrorPage(
            "no_bodies",
            0,
            "没有参评单位",
            "所选范围内没有这个评价办法所评价的、已登记的单位。",
            "先登记单位，或者扩大范围。",
        ),
    ],
)

RunId = Annotated[str, Path(description="评价编号", max_length=128)]
SubjectId = Annotated[str, Path(description="单位编号", max_length=80)]
_EXPLAINED = ("tree", "leaves", "grades", "vetoes", "without_vetoes")
"""What an explanation says beyond the result; the last two only where a veto was looked at."""

ReplayId = Annotated[str, Path(description="复算编号", max_length=64)]


@routes.post(
    "/v1/evaluations",
    operation="evaluations.start",
    summary="发起一次评价",
    answers={202: RunOut},
    replay=Replay.SERVICE,
)
def start_evaluation(evaluation: EvaluationIn) -> Answer:
    """受理后在后台分批进行，返回的 Location 可以查看进度。

    依据受理当日有效的政策包；参评单位和所用的信用信息版本在评价时固定下来。
    """
    platform = request.platform()

    def present(run: Run) -> Answer:
        location = f"/v1/evaluations/{run.run_id}"
        return Answer(202, run_out(run, platform.clock()), location=location)

    return service.start_run(
        platform,
        request.caller(),
        request.scope(),
        service.Order(evaluation.scheme, evaluation.period, evaluation.regions),
        claim=request.idempotency_claim(),
        present=present,
    )


@routes.get(
    "/v1/evaluations", operation="evaluations.read", summary="评价列表", answers={200: RunList}
)
def list_evaluations(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """涉及本行政区划的评价，最近的在前。"""
    platform = request.platform()
    found, cursor = service.list_runs(
        platform, request.caller(), request.scope(), limit, read_page_token(page_token)
    )
    now = platform.clock()
    return listing([run_out(run, now) for run in found], cursor)


@routes.get(
    "/v1/evaluations/{run_id}",
    operation="evaluations.read",
    summary="一次评价及其进度",
    answers={200: RunOut},
    errors=(404,),
)
def show_evaluation(run_id: RunId) -> Answer:
    """状态、参评单位数、进度百分比和预计完成时间；有多少结果因所依据的信用信息变动而待重新计算。

    重新计算即对同一办法、同一周期再发起一次评价；完成后，原来的评价注明由哪一次取代。
    """
    run = _run(run_id)
    shown = run_out(run, request.platform().clock())
    # Progress is part of what is shown: the ETag changes with every chunk, and with the estimate.
    moving = f"-{run.steps[0]}-{shown.estimated_finish_at or ''}"
    version = str(run.version) if run.status == "completed" else f"{run.version}{moving}"
    return Answer(200, shown, version=version)


@routes.get(
    "/v1/evaluations/{run_id}/results",
    operation="evaluations.read",
    summary="评价结果（按组内名次）",
    answers={200: ResultList},
    errors=(404, 409),
)
def list_results(
    run_id: RunId,
    level: Annotated[
        str, Query(max_length=20, description="只列出这一层级：province、city、county、township")
    ] = "",
    region: Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="只列出这个行政区划")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """只列出可以查看的单位：本单位，或本行政区划及以下。

    参评单位很多时，一页可能少于所要的条数，甚至为空；只要有 next_page_token 就还有下一页。
    公职人员的评价只列出本人的结果，并留下查询记录。
    """
    platform, run = request.platform(), _run(run_id)
    found, cursor = service.list_results(
        platform,
        request.caller(),
        request.scope(),
        run,
        service.ResultQuery(level, region),
        limit,
        read_page_token(page_token),
    )
    known = service.beside(platform, found)
    return listing([ResultOut(**_values(result, known)) for result in found], cursor)


@routes.get(
    "/v1/evaluations/{run_id}/results/{subject_id}",
    operation="evaluations.read",
    summary="一个单位的评价结果及逐项说明",
    answers={200: ExplainedResultOut},
    errors=(404, 409),
)
def show_result(run_id: RunId, subject_id: SubjectId) -> Answer:
    """每个指标的得分、规则、计算过程，以及每一分由哪些信用信息（编号和版本）得来。"""
    platform, run = request.platform(), _run(run_id)
    result, explanation = service.explained_result(
        platform, request.caller(), request.scope(), run, subject_id
    )
    known = service.beside(platform, [result])
    version = known[subject_id].version(result)
    more = {name: explanation[name] for name in _EXPLAINED if name in explanation}
    # The document was made by this room and its digest has been checked: not validated again.
    return Answer(200, {**_values(result, known), **more}, version=version)


@routes.post(
    "/v1/evaluations/{run_id}/replays",
    operation="evaluations.replay",
    summary="复算一次评价",
    answers={202: ReplayOut},
    errors=(404, 409),
    replay=Replay.SERVICE,
)
def start_replay(run_id: RunId) -> Answer:
    """用当时固定的单位、信用信息版本和政策包重新计算，逐位比较；不改变评价本身。"""

    def present(replay: RunReplay) -> Answer:
        location = f"/v1/evaluations/{run_id}/replays/{replay.replay_id}"
        return Answer(202, replay_out(replay), location=location)

    return service.start_replay(
        request.platform(),
        request.caller(),
        _run(run_id),
        claim=request.idempotency_claim(),
        present=present,
    )


@routes.get(
    "/v1/evaluations/{run_id}/replays/{replay_id}",
    operation="evaluations.replay",
    summary="一次复算及其结论",
    answers={200: ReplayOut},
    errors=(404,),
)
def show_replay(run_id: RunId, replay_id: ReplayId) -> Answer:
    """是否每一位数字都相同；不同的逐条列出。"""
    replay = service.find_replay(request.platform(), _run(run_id), replay_id)
    return Answer(200, replay_out(replay), version=f"{replay.version}-{replay.replayed}")


def _values(result: Result, known: Mapping[str, Beside]) -> dict[str, Any]:
    also = known[result.body.subject_id]
    return result_values(result, also.hold, also.contest)


def _run(run_id: str) -> Run:
    return service.find_run(request.platform(), request.caller(), request.scope(), run_id)
