"""HTTP by which a credit office opens surveys, ends them and reads what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.access.service import region_covers
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Forbidden, Invalid
from chalicelib.surveys import examples, presenting, service
from chalicelib.surveys.model import Choice, Question, Survey
from chalicelib.surveys.pages import PAGES
from chalicelib.surveys.service import Wanted
from chalicelib.surveys.views import EndingIn, SurveyIn, SurveyList, SurveyOut
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer, Scope
from chalicelib.web.routes import Routes

routes = Routes("满意度调查", errors=PAGES)

LONGEST = timedelta(days=366)

SurveyId = Annotated[str, Path(description="调查编号", max_length=64)]


@routes.post(
    "/v1/surveys",
    operation="surveys.keep",
    summary="开展一项满意度调查",
    answers={201: SurveyOut, 200: SurveyOut},
    examples={0: examples.WANTED, 201: examples.SURVEY, 200: examples.SURVEY},
    errors=(403, 404, 409, 422),
)
def open_survey(wanted: SurveyIn) -> Answer:
    """问题、选项、单位、起止日期都由信用办设定，开始后不能修改，可以提前结束。

    任何人都可以不记名答卷；同一网络地址每天对一个单位只计一次，地址不保存。
    同样的内容再次提交返回 200。
    """
    faults = list(_faults(wanted))
    if faults:
        raise Invalid("调查的设置有误", faults=faults)
    platform = request.platform()
    survey, is_new = service.open_survey(platform, request.caller(), _wanted(wanted))
    return _shown(survey, 201 if is_new else 200)


@routes.get(
    "/v1/surveys",
    operation="surveys.read",
    summary="满意度调查清单",
    answers={200: SurveyList},
    examples={200: examples.SURVEYS},
    errors=(403, 422),
)
def list_surveys(
    region: Annotated[str, Query(pattern=r"^(\d{6})?$", description="行政区划及以下")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """本行政区划及以下的调查。"""
    platform, caller = request.platform(), request.caller()
    wanted = region or ("" if request.scope() is Scope.ALL else caller.region)
    if request.scope() is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划及以下的调查", code="outside_region")
    start = read_page_token(page_token)
    found, cursor = service.list_surveys(platform, caller.jurisdiction, wanted, limit, start)
    today = civil_date(platform.clock())
    return listing([presenting.brief_out(one, today) for one in found], cursor)


@routes.get(
    "/v1/surveys/{survey_id}",
    operation="surveys.read",
    summary="一项满意度调查和它的结果",
    answers={200: SurveyOut},
    examples={200: examples.SURVEY},
    errors=(404,),
)
def show_survey(survey_id: SurveyId) -> Answer:
    """进行中也可以看到到目前为止的结果；答卷太少的单位只有份数。没有逐份的答卷。"""
    platform, caller = request.platform(), request.caller()
    survey = service.find_visible(platform, caller, request.scope(), survey_id)
    return _shown(survey, 200)


@routes.post(
    "/v1/surveys/{survey_id}/ending",
    operation="surveys.keep",
    summary="提前结束一项满意度调查",
    answers={200: SurveyOut},
    examples={0: examples.ENDING, 200: examples.SURVEY},
    errors=(404, 409, 422),
    edits=True,
)
def end_survey(survey_id: SurveyId, ending: EndingIn) -> Answer:
    """写明理由，立即停止答卷并公布结果。"""
    platform, caller = request.platform(), request.caller()
    survey = service.find_visible(platform, caller, request.scope(), survey_id)
    after = service.end_survey(platform, survey, request.if_match(), ending.reason)
    return _shown(after, 200)


def _shown(survey: Survey, status: int) -> Answer:
    platform = request.platform()
    results = service.results_of(platform, survey)
    body = presenting.survey_out(survey, results, civil_date(platform.clock()))
    location = f"/v1/surveys/{survey.survey_id}" if status == 201 else None
    return Answer(status, body, version=survey.version, location=location)


def _wanted(wanted: SurveyIn) -> Wanted:
    return Wanted(
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
        opens_on=wanted.opens_on,
        closes_on=wanted.closes_on,
        least_answers=wanted.least_answers,
    )


def _faults(wanted: SurveyIn) -> Iterator[Fault]:
    today = civil_date(request.platform().clock())
    if wanted.closes_on < max(wanted.opens_on, today):
        yield Fault("/closes_on", "survey_unclear", "截止日早于开始日，或者早于今天")
    elif wanted.closes_on - wanted.opens_on > LONGEST:
        yield Fault("/closes_on", "survey_unclear", "一项调查最长一年")
    codes = [question.code for question in wanted.questions]
    if len(set(codes)) != len(codes):
        yield Fault("/questions", "survey_unclear", "问题的代码有重复")
    if len(set(wanted.unified_codes)) != len(wanted.unified_codes):
        yield Fault("/unified_codes", "survey_unclear", "单位有重复")
    for position, question in enumerate(wanted.questions):
        scores = [step.score for step in question.scale]
        if scores != sorted(set(scores)):
            message = "选项的分值应从低到高，不重复"
            yield Fault(f"/questions/{position}/scale", "survey_unclear", message)
