"""Surveys opened, answered by anyone, ended, and what came of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.service import region_covers, significant_part
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.kernel.ids import id_text
from chalicelib.leads.service import once_today
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.surveys import store
from chalicelib.surveys.appraisals import Outcome, outcomes_of
from chalicelib.surveys.bodies import registered_bodies
from chalicelib.surveys.model import BodyResult, Question, Survey
from chalicelib.surveys.rules import SHARDS, counted, faults_in, result_of
from chalicelib.web.model import Caller, Scope

__all__ = [
    "Outcome",
    "Satisfaction",
    "Wanted",
    "end_survey",
    "find_survey",
    "find_visible",
    "list_surveys",
    "must_have",
    "open_survey",
    "outcomes_of",
    "results_of",
    "satisfaction_of",
    "take_answer",
]

MECHANISM = "social_supervision"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A survey as its office wants it."""

    title: str
    purpose: str
    region: str
    questions: tuple[Question, ...]
    codes: tuple[str, ...]
    opens_on: date
    closes_on: date
    least_answers: int


def open_survey(platform: Platform, caller: Caller, wanted: Wanted) -> tuple[Survey, bool]:
    """Set up a survey; the same one again is answered as it is (False). Raises NotFound where the
    local document has no social supervision, Forbidden outside the region, Invalid naming bodies
    that are not registered there, Conflict where another one of that title begins that day."""
    today = civil_date(platform.clock())
    must_have(pack_for(caller.jurisdiction, today))
    region = wanted.region or caller.region
    if not region_covers(caller.region, region):
        raise Forbidden("只能在本行政区划及以下开展调查", code="outside_region")
    parts = (caller.jurisdiction, region, wanted.title, wanted.opens_on.isoformat())
    survey = Survey(
        survey_id=id_text("sv", platform.keyring.mac("survey_id", *parts)),
        jurisdiction=caller.jurisdiction,
        region=region,
        title=wanted.title,
        purpose=wanted.purpose,
        questions=wanted.questions,
        bodies=registered_bodies(platform, region, wanted.codes),
        opens_on=wanted.opens_on.isoformat(),
        closes_on=wanted.closes_on.isoformat(),
        least_answers=wanted.least_answers,
        created_by=caller.client_id,
        created_at=instant_text(platform.clock()),
    )
    try:
        commit(store.survey_writes(platform, survey, None))
    except ConditionFailed as error:
        before = store.load(platform, survey.survey_id)
        if before is None or not _is_same(before, survey):
            message = "已有一项同日开始、名称相同的调查，请换一个名称"
            raise Conflict(message, code="survey_exists") from error
        return before, False
    return survey, True


def _is_same(before: Survey, survey: Survey) -> bool:
    again = replace(
        survey,
        created_at=before.created_at,
        created_by=before.created_by,
        version=before.version,
        closed_at=before.closed_at,
        reason=before.reason,
    )
    return again == before


def must_have(pack: Pack) -> None:
    """Raises NotFound where a pack has no social supervision."""
    mechanism = pack.mechanisms.get(MECHANISM)
    if mechanism is None or mechanism.state == "off":
        raise NotFound("本地文件没有社会监督的规定", code="surveys_not_regulated")


def find_survey(platform: Platform, survey_id: str) -> Survey:
    """A survey by its id. Raises NotFound."""
    survey = store.load(platform, survey_id)
    if survey is None:
        raise NotFound("没有这项调查")
    return survey


def find_visible(platform: Platform, caller: Caller, scope: Scope, survey_id: str) -> Survey:
    """A survey within the caller's scope. Raises NotFound alike outside of it."""
    survey = find_survey(platform, survey_id)
    if survey.jurisdiction != caller.jurisdiction:
        raise NotFound("没有这项调查")
    if scope is not Scope.ALL and not region_covers(caller.region, survey.region):
        raise NotFound("没有这项调查")
    return survey


def list_surveys(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> tuple[list[Survey], Item | None]:
    """One page of the surveys of a region and below, and where the next one starts."""
    part = significant_part(region) if region else ""
    page = store.page_of_surveys(platform, jurisdiction, part, limit, start)
    return [store.survey_from(item) for item in page.items], page.next_start


def end_survey(platform: Platform, survey: Survey, version: int, reason: str) -> Survey:
    """End a survey before its day. Ending again with the same reason changes nothing. Raises
    Conflict for one that is over, PreconditionFailed for a stale version."""
    if survey.closed_at and survey.reason == reason and survey.version == version + 1:
        return survey
    if survey.version != version:
        raise PreconditionFailed(f"这项调查已是第 {survey.version} 版，请重新读取")
    if survey.state_on(civil_date(platform.clock())) == "closed":
        raise Conflict("这项调查已经结束", code="survey_closed")
    closed_at = instant_text(platform.clock())
    after = replace(survey, version=version + 1, closed_at=closed_at, reason=reason)
    try:
        commit(store.survey_writes(platform, after, survey))
    except ConditionFailed as error:
        raise PreconditionFailed("这项调查刚刚被修改，请重新读取") from error
    return after


def take_answer(
    platform: Platform, survey_id: str, address: str, code: str, answers: Mapping[str, int]
) -> bool:
    """Count an answer about a body. False: there was one from this address today, about the same
    body, and it stays as it is. Raises NotFound, Conflict outside the period, Invalid."""
    survey = find_survey(platform, survey_id)
    state = survey.state_on(civil_date(platform.clock()))
    if state != "open":
        text = "这项调查还没有开始" if state == "upcoming" else "这项调查已经结束"
        raise Conflict(text, code="survey_not_open")
    faults = faults_in(survey, code, answers)
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    once = once_today(platform, address, f"survey#{survey_id}#{code}")
    # The millisecond spreads the answers, and says nothing of who gave them.
    shard = platform.clock().microsecond // 1000 % SHARDS
    count = store.counting(platform, survey_id, code, shard, counted(answers))
    try:
        commit([once, count])
    except ConditionFailed:
        return False
    return True


def results_of(platform: Platform, survey: Survey) -> list[BodyResult]:
    """What was answered so far, by body in the order of the survey."""
    found = store.tallies(platform, survey.survey_id)
    return [result_of(survey, body, found.get(body.code, {})) for body in survey.bodies]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What a survey that is over came to for one body."""

    survey_id: str
    version: int
    ended_on: date
    result: BodyResult


def satisfaction_of(
    platform: Platform, jurisdiction: str, codes: Collection[str], days: tuple[date, date]
) -> Iterator[Satisfaction]:
    """What the surveys that ended on the days given (both inclusive) came to for some bodies; of a
    body with too few answers nothing. One call for the list, and one per page of counters for each
    survey that asks about one of them."""
    today = civil_date(platform.clock())
    for survey in store.surveys_of(platform, jurisdiction):
        if survey.state_on(today) != "closed" or not days[0] <= ended_on(survey) <= days[1]:
            continue
        bodies = [body for body in survey.bodies if body.code in codes]
        found = store.tallies(platform, survey.survey_id) if bodies else {}
        for body in bodies:
            result = result_of(survey, body, found.get(body.code, {}))
            if result.satisfaction:
                yield Satisfaction(survey.survey_id, survey.version, ended_on(survey), result)


def ended_on(survey: Survey) -> date:
    """The last day on which answers were taken."""
    last = date.fromisoformat(survey.closes_on)
    return min(last, civil_date(parse_instant(survey.closed_at))) if survey.closed_at else last
