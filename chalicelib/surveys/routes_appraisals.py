"""HTTP by which a credit office opens appraisal rounds, hands out codes, and reads results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import region_covers
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Forbidden, Invalid
from chalicelib.surveys import appraisals
from chalicelib.surveys import examples_appraisals as examples
from chalicelib.surveys.model import Choice, Question
from chalicelib.surveys.model_appraisals import Category, Round
from chalicelib.surveys.pages_appraisals import PAGES
from chalicelib.surveys.views_appraisals import (
    AppraisalEndingIn,
    AppraisalIn,
    AppraisalList,
    AppraisalOut,
    SeatsOut,
    appraisal_brief,
    appraisal_out,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer, Scope
from chalicelib.web.routes import Replay, Routes

routes = Routes("社会评议", errors=PAGES)

LONGEST = timedelta(days=366)

RoundId = Annotated[str, Path(description="评议编号", max_length=64)]
CategoryCode = Annotated[str, Path(description="代表类别的代码", pattern=r"^[a-z][a-z0-9_]{0,31}$")]


@routes.post(
    "/v1/appraisals",
    operation="appraisals.keep",
    summary="开展一轮社会评议",
    answers={201: AppraisalOut, 200: AppraisalOut},
    examples={
        0: examples.APPRAISAL_WANTED,
        201: examples.APPRAISAL_EXAMPLE,
        200: examples.APPRAISAL_EXAMPLE,
    },
    errors=(403, 404, 409, 422),
)
def open_round(wanted: AppraisalIn) -> Answer:
    """问题、单位、代表的类别、人数和权重、起止日期都由信用办设定，不登记代表的姓名。

    同样的内容再次提交返回 200。评议码在开展以后按类别发放。
    """
    faults = list(_faults(wanted))
    if faults:
        raise Invalid("评议的设置有误", faults=faults)
    platform = request.platform()
    around, is_new = appraisals.open_round(platform, request.caller(), _wanted(wanted))
    return _shown(around, 201 if is_new else 200)


@routes.get(
    "/v1/appraisals",
    operation="appraisals.read",
    summary="社会评议清单",
    answers={200: AppraisalList},
    examples={200: examples.APPRAISALS_EXAMPLE},
    errors=(403, 422),
)
def list_rounds(
    region: Annotated[str, Query(pattern=r"^(\d{6})?$", description="行政区划及以下")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """本行政区划及以下的评议。"""
    platform, caller = request.platform(), request.caller()
    wanted = region or ("" if request.scope() is Scope.ALL else caller.region)
    if request.scope() is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划及以下的评议", code="outside_region")
    start = read_page_token(page_token)
    found, cursor = appraisals.list_rounds(platform, caller.jurisdiction, wanted, limit, start)
    today = civil_date(platform.clock())
    return listing([appraisal_brief(one, today) for one in found], cursor)


@routes.get(
    "/v1/appraisals/{round_id}",
    operation="appraisals.read",
    summary="一轮社会评议和它的结果",
    answers={200: AppraisalOut},
    examples={200: examples.APPRAISAL_EXAMPLE},
    errors=(404,),
)
def show_round(round_id: RoundId) -> Answer:
    """结束以后才有结果；一类代表评议太少的，这一类不计入也不公布。没有逐份的评议。"""
    platform, caller = request.platform(), request.caller()
    return _shown(appraisals.find_visible(platform, caller, request.scope(), round_id), 200)


@routes.post(
    "/v1/appraisals/{round_id}/seats/{category}",
    operation="appraisals.keep",
    summary="发放一类代表的评议码",
    answers={200: SeatsOut},
    examples={200: examples.SEATS_EXAMPLE},
    errors=(404, 409),
    edits=True,
    replay=Replay.NONE,
)
def issue_codes(round_id: RoundId, category: CategoryCode) -> Answer:
    """每名代表一个评议码，请线下交给代表。平台不保存评议码，也不知道哪个码给了谁。

    回答丢失的，用同样的 If-Match 再次请求，得到同样的评议码。评议开始以前可以重新发放，以前的作废。
    """
    platform, caller = request.platform(), request.caller()
    around = appraisals.find_visible(platform, caller, request.scope(), round_id)
    issued = appraisals.issue_codes(platform, around, category, request.if_match())
    seats = issued.category
    body = SeatsOut(
        category=seats.code, title=seats.title, issue=seats.issue, codes=list(issued.codes)
    )
    return Answer(200, body, version=issued.version)


@routes.post(
    "/v1/appraisals/{round_id}/ending",
    operation="appraisals.keep",
    summary="提前结束一轮社会评议",
    answers={200: AppraisalOut},
    examples={0: examples.APPRAISAL_ENDING, 200: examples.APPRAISAL_EXAMPLE},
    errors=(404, 409, 422),
    edits=True,
)
def end_round(round_id: RoundId, ending: AppraisalEndingIn) -> Answer:
    """写明理由，立即停止评议并公布结果。"""
    platform, caller = request.platform(), request.caller()
    around = appraisals.find_visible(platform, caller, request.scope(), round_id)
    after = appraisals.end_round(platform, around, request.if_match(), ending.reason)
    return _shown(after, 200)


def _shown(around: Round, status: int) -> Answer:
    platform = request.platform()
    today = civil_date(platform.clock())
    is_over = around.state_on(today) == "closed"
    results = appraisals.results_of(platform, around) if is_over else None
    location = f"/v1/appraisals/{around.round_id}" if status == 201 else None
    body = appraisal_out(around, results, today)
    return Answer(status, body, version=around.version, location=location)


def _wanted(wanted: AppraisalIn) -> appraisals.Wanted:
    return appraisals.Wanted(
        title=wanted.title.strip(),
        purpose=wanted.purpose,
        region=wanted.region,
        questions=tuple(
            Question(
                one.code, one.title, tuple(Choice(step.score, step.title) for step in one.scale)
            )
            for one in wanted.questions
        ),
        codes=tuple(wanted.unified_codes),
        categories=tuple(
            Category(one.code, one.title, one.weight, one.seats) for one in wanted.categories
        ),
        opens_on=wanted.opens_on,
        closes_on=wanted.closes_on,
        least_answers=wanted.least_answers,
    )


def _faults(wanted: AppraisalIn) -> Iterator[Fault]:
    today = civil_date(request.platform().clock())
    if wanted.closes_on < max(wanted.opens_on, today):
        yield Fault("/closes_on", "appraisal_unclear", "截止日早于开始日，或者早于今天")
    elif wanted.closes_on - wanted.opens_on > LONGEST:
        yield Fault("/closes_on", "appraisal_unclear", "一轮评议最长一年")
    for pointer, codes in (
        ("/questions", [one.code for one in wanted.questions]),
        ("/unified_codes", wanted.unified_codes),
        ("/categories", [one.code for one in wanted.categories]),
    ):
        if len(set(codes)) != len(codes):
            yield Fault(pointer, "appraisal_unclear", "代码有重复")
    for position, question in enumerate(wanted.questions):
        scores = [step.score for step in question.scale]
        if scores != sorted(set(scores)):
            message = "选项的分值应从低到高，不重复"
            yield Fault(f"/questions/{position}/scale", "appraisal_unclear", message)
    for position, category in enumerate(wanted.categories):
        if category.seats < wanted.least_answers:
            message = f"代表人数少于 {wanted.least_answers}，这一类永远不会计入"
            yield Fault(f"/categories/{position}/seats", "appraisal_unclear", message)
