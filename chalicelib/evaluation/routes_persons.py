"""HTTP of evaluations of persons, and of what any subject's own results were."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

from chalicelib.evaluation import persons
from chalicelib.evaluation.notices import beside, beside_all
from chalicelib.evaluation.persons import Asking
from chalicelib.evaluation.routes import RunId, SubjectId
from chalicelib.evaluation.views import RunList, run_out
from chalicelib.evaluation.views_persons import (
    ExplainedPersonResult,
    OwnResult,
    OwnResultList,
    PersonResult,
    PersonResultList,
    person_values,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("政务诚信评价")

Purpose = Annotated[str, Header(alias="Purpose-Code", max_length=600, description="查询的用途")]
Approval = Annotated[
    str,
    Header(
        alias="Approval-Reference",
        max_length=2000,
        description="审批文号，组织人事部门查询时必填；中文用百分号编码",
    ),
]


@routes.get(
    "/v1/person-evaluations",
    operation="evaluations.persons",
    summary="公职人员的评价列表",
    answers={200: RunList},
)
def list_person_evaluations(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """已完成的公职人员评价，最近的在前；只有人数等汇总情况。"""
    platform = request.platform()
    asking = Asking(request.caller(), request.scope())
    found, cursor = persons.runs_of_persons(platform, asking, limit, read_page_token(page_token))
    now = platform.clock()
    return listing([run_out(run, now) for run in found], cursor)


@routes.get(
    "/v1/person-evaluations/{run_id}/results",
    operation="evaluations.persons",
    summary="公职人员的评价结果（按组内名次）",
    answers={200: PersonResultList},
    errors=(404, 422),
)
def list_person_results(
    run_id: RunId,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
    purpose: Purpose = "",
    approval: Approval = "",
) -> Answer:
    """须说明用途；列出的每个人都留下本人可见的查询记录。结果只供内部使用，不对外公开。

    人数很多时，一页可能少于所要的条数，甚至为空；只要有 next_page_token 就还有下一页。
    """
    platform = request.platform()
    found, cursor = persons.results_of_persons(
        platform,
        Asking(request.caller(), request.scope(), purpose, approval),
        run_id,
        limit,
        read_page_token(page_token),
    )
    known = beside(platform, found)
    items = [PersonResult(**person_values(one, known[one.body.subject_id])) for one in found]
    return listing(items, cursor)


@routes.get(
    "/v1/person-evaluations/{run_id}/results/{subject_id}",
    operation="evaluations.persons",
    summary="一名公职人员的评价结果及逐项说明",
    answers={200: ExplainedPersonResult},
    errors=(404, 422),
)
def show_person_result(
    run_id: RunId, subject_id: SubjectId, purpose: Purpose = "", approval: Approval = ""
) -> Answer:
    """须说明用途，并留下本人可见的查询记录。"""
    asking = Asking(request.caller(), request.scope(), purpose, approval)
    platform = request.platform()
    result, explanation = persons.result_of_person(platform, asking, run_id, subject_id)
    more = {"tree": explanation["tree"], "leaves": explanation["leaves"]}
    also = beside(platform, [result])[subject_id]
    return Answer(200, {**person_values(result, also), **more}, version=also.version(result))


@routes.get(
    "/v1/me/evaluations",
    operation="me.evaluations",
    summary="我的评价结果",
    answers={200: OwnResultList},
)
def list_own_results() -> Answer:
    """本单位、本人在最近各次已完成评价中的结果，最近的在前；逐项说明见每次评价的结果。

    公职人员查看本人结果，同样留下查询记录。
    """
    platform = request.platform()
    found = persons.own_results(platform, request.caller())
    known = beside_all(platform, [result for _, result in found])
    return Answer(
        200,
        OwnResultList(
            items=tuple(
                OwnResult(
                    title=run.title,
                    period=run.period,
                    completed_at=run.completed_at,
                    superseded_by=run.superseded_by or None,
                    **person_values(result, known[run.run_id, result.body.subject_id]),
                )
                for run, result in found
            )
        ),
    )
