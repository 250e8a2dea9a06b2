"""The public API: evaluations with their ranking and reasons, results of supervision cases."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.replica import examples, queries_results
from chalicelib.replica.answering import AS_OF, composed, current_reading, page, place_in, single
from chalicelib.replica.model import (
    LoggedExplanation,
    LoggedResult,
    LoggedResultList,
    LoggedRun,
    LoggedRunList,
    RankedList,
)
from chalicelib.replica.queries_results import SupervisionQuery
from chalicelib.replica.routes import Area, Body, Id
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("公开", headers=[AS_OF])


@routes.get(
    "/public/v1/evaluations",
    operation=PUBLIC,
    summary="政务诚信评价",
    answers={200: LoggedRunList},
    examples={200: examples.RUN_LIST},
)
def get_evaluations(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """已完成并公开的评价，新的在前，附各等级数量。"""
    place = place_in(read_page_token(page_token), str, str)
    reading = current_reading()
    found = queries_results.list_runs(reading, limit, place)
    return page(reading, found.items, found.after)


@routes.get(
    "/public/v1/evaluations/{run}",
    operation=PUBLIC,
    summary="一次政务诚信评价",
    answers={200: LoggedRun},
    examples={200: examples.LOGGED_RUN},
    errors=(404, 410),
)
def get_evaluation(run: Id) -> Answer:
    """一次评价：期间、分组、各等级数量和适用的政策。"""
    reading = current_reading()
    return single(reading, queries_results.find_run(reading, run))


@routes.get(
    "/public/v1/evaluations/{run}/results",
    operation=PUBLIC,
    summary="评价排名",
    answers={200: RankedList},
    examples={200: examples.RESULT_LIST},
    errors=(404, 410),
)
def get_results(
    run: Id,
    group: Annotated[str | None, Query(max_length=200, description="排名分组")] = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """一次评价的得分、等级和分组排名，逐组按名次排列。"""
    place = place_in(read_page_token(page_token), str, int, str)
    reading = current_reading()
    found = queries_results.list_results(reading, run, group or "", limit, place)
    return page(reading, found.items, found.after, [item.document for item in found.items])


@routes.get(
    "/public/v1/evaluations/{run}/results/{code}",
    operation=PUBLIC,
    summary="评价结果的依据",
    answers={200: LoggedExplanation},
    examples={200: examples.LOGGED_EXPLANATION},
    errors=(404, 410),
)
def get_result(run: Id, code: Id) -> Answer:
    """每一分从何而来：指标、规则、计算过程，以及作为依据且目前公开的信用信息编号。"""
    reading = current_reading()
    found = queries_results.explain_result(reading, run, code)
    log = found.logged.log if found.document == found.logged.document else "null"
    text = f'{found.document[:-1]},"log":{log}}}'
    return composed(reading, text, [text], found.untils)


@routes.get(
    "/public/v1/supervision-results",
    operation=PUBLIC,
    summary="监督事项的办理结果",
    answers={200: LoggedResultList},
    examples={200: examples.SUPERVISION_LIST},
)
def get_supervision_results(
    subject: Body = None,
    kind: Annotated[
        str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="案件种类，如人大代表建议")
    ] = None,
    year: Annotated[int | None, Query(ge=2000, le=2199, description="公开的年度")] = None,
    region: Area = None,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """人大代表建议、政协提案、司法建议、检察建议、审计发现问题的办理结果及其评定，公开通报批评，
    新的在前。只有案件种类规定公开的内容。"""
    place = place_in(read_page_token(page_token), str, str)
    query = SupervisionQuery(subject or "", kind or "", year, region or "")
    reading = current_reading()
    found = queries_results.search_results(reading, query, limit, place)
    return page(reading, found.items, found.after)


@routes.get(
    "/public/v1/supervision-results/{case_id}",
    operation=PUBLIC,
    summary="一项监督事项的办理结果",
    answers={200: LoggedResult},
    examples={200: examples.LOGGED_SUPERVISION_RESULT},
    errors=(404, 410),
)
def get_supervision_result(case_id: Id) -> Answer:
    """一项公开的办理结果。"""
    reading = current_reading()
    return single(reading, queries_results.find_result(reading, case_id))
