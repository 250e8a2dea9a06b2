"""HTTP for anyone, without an account: surveys that are open, an answer, and results."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.leads.service import address_of, pack_of_place
from chalicelib.surveys import examples, presenting, service
from chalicelib.surveys.pages import PAGES
from chalicelib.surveys.views import SurveyAnswerIn, SurveyAnswerOut, SurveyList, SurveyOut
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Replay, Routes

routes = Routes("社会监督", errors=PAGES)

SurveyId = Annotated[str, Path(description="调查编号", max_length=64)]
_COUNTED = "已收到您的评价，谢谢"
_KNOWN = "今天从您所在的网络已经评价过这个单位，以第一次为准"


@routes.get(
    "/public/v1/surveys",
    operation=PUBLIC,
    summary="满意度调查",
    answers={200: SurveyList},
    examples={200: examples.SURVEYS},
    errors=(404,),
)
def list_surveys(
    region: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="行政区划代码，含其下级区划")],
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """一个地区正在进行和已经结束的满意度调查。"""
    platform = request.platform()
    place = pack_of_place(platform, region, "").jurisdiction
    start = read_page_token(page_token)
    found, cursor = service.list_surveys(platform, place, region, limit, start)
    today = civil_date(platform.clock())
    return listing([presenting.brief_out(one, today) for one in found], cursor)


@routes.get(
    "/public/v1/surveys/{survey_id}",
    operation=PUBLIC,
    summary="一项满意度调查",
    answers={200: SurveyOut},
    examples={200: examples.SURVEY},
    errors=(404,),
)
def show_survey(survey_id: SurveyId) -> Answer:
    """问题、选项和单位；结束以后公布结果，答卷太少的单位只公布份数。"""
    platform = request.platform()
    survey = service.find_survey(platform, survey_id)
    today = civil_date(platform.clock())
    is_over = survey.state_on(today) == "closed"
    results = service.results_of(platform, survey) if is_over else None
    return Answer(200, presenting.survey_out(survey, results, today))


@routes.post(
    "/public/v1/surveys/{survey_id}/answers",
    operation=PUBLIC,
    summary="评价一个单位",
    answers={200: SurveyAnswerOut},
    examples={0: examples.ANSWER, 200: examples.ANSWERED},
    errors=(404, 409, 422),
    replay=Replay.NONE,
)
def answer_survey(survey_id: SurveyId, answer: SurveyAnswerIn) -> Answer:
    """不需要账号，不记名：只累加各选项的次数，不保存答卷，不保存网络地址和浏览器信息。

    同一网络地址每天对一个单位只计一次；重复提交不会多计，也不会改变第一次的评价。
    """
    platform = request.platform()
    address = address_of(request.current().event, platform.settings.trusted_proxies)
    counted = service.take_answer(platform, survey_id, address, answer.unified_code, answer.answers)
    return Answer(200, SurveyAnswerOut(counted=counted, text=_COUNTED if counted else _KNOWN))
