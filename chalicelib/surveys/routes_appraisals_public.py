"""HTTP for representatives, without an account: a round, what one of them says, and results."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.leads.service import pack_of_place
from chalicelib.surveys import appraisals
from chalicelib.surveys import examples_appraisals as examples
from chalicelib.surveys.pages_appraisals import PAGES
from chalicelib.surveys.views_appraisals import (
    AppraisalAnswerIn,
    AppraisalAnswerOut,
    AppraisalList,
    AppraisalOut,
    appraisal_brief,
    appraisal_out,
)
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Replay, Routes

routes = Routes("社会监督", errors=PAGES)

RoundId = Annotated[str, Path(description="评议编号", max_length=64)]
_CACHE_SECONDS = 60
"""Anyone may ask, and after the end each answer reads all counters of the round."""
_COUNTED = "已收到您的评议，谢谢"
_KNOWN = "这个评议码已经评议过这个单位，以第一次为准"


@routes.get(
    "/public/v1/appraisals",
    operation=PUBLIC,
    summary="社会评议",
    answers={200: AppraisalList},
    examples={200: examples.APPRAISALS_EXAMPLE},
    errors=(404,),
)
def list_rounds(
    region: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="行政区划代码，含其下级区划")],
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """一个地区正在进行和已经结束的社会评议。"""
    platform = request.platform()
    place = pack_of_place(platform, region, "").jurisdiction
    start = read_page_token(page_token)
    found, cursor = appraisals.list_rounds(platform, place, region, limit, start)
    today = civil_date(platform.clock())
    return listing([appraisal_brief(one, today) for one in found], cursor)


@routes.get(
    "/public/v1/appraisals/{round_id}",
    operation=PUBLIC,
    summary="一轮社会评议",
    answers={200: AppraisalOut},
    examples={200: examples.APPRAISAL_EXAMPLE},
    errors=(404,),
)
def show_round(round_id: RoundId) -> Answer:
    """问题、单位和代表的类别；结束以后公布结果，评议太少的类别不公布。"""
    platform = request.platform()
    around = appraisals.find_round(platform, round_id)
    today = civil_date(platform.clock())
    is_over = around.state_on(today) == "closed"
    results = appraisals.results_of(platform, around) if is_over else None
    return Answer(200, appraisal_out(around, results, today), cache_seconds=_CACHE_SECONDS)


@routes.post(
    "/public/v1/appraisals/{round_id}/answers",
    operation=PUBLIC,
    summary="评议一个单位",
    answers={200: AppraisalAnswerOut},
    examples={0: examples.APPRAISAL_ANSWER, 200: examples.APPRAISAL_ANSWERED},
    errors=(403, 404, 409, 422),
    replay=Replay.NONE,
)
def answer_round(round_id: RoundId, answer: AppraisalAnswerIn) -> Answer:
    """凭评议码，不需要账号，不记名：只累加各选项的次数，不保存每一份评议。

    一个评议码对一个单位只计一次；重复提交不会多计，也不会改变第一次的评议。
    """
    counted = appraisals.take_answer(
        request.platform(), round_id, answer.code, answer.unified_code, answer.answers
    )
    return Answer(200, AppraisalAnswerOut(counted=counted, text=_COUNTED if counted else _KNOWN))
