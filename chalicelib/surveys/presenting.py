"""How a survey and its results are shown."""

from __future__ import annotations

from datetime import date

from chalicelib.kernel.clock import parse_instant
from chalicelib.surveys.model import BodyResult, Survey
from chalicelib.surveys.views import (
    BodyResultOut,
    ChoiceOut,
    CountOut,
    QuestionOut,
    QuestionResultOut,
    SurveyBrief,
    SurveyedBodyOut,
    SurveyOut,
)


def survey_out(survey: Survey, results: list[BodyResult] | None, today: date) -> SurveyOut:
    """A survey, with what was answered where that is given."""
    return SurveyOut(
        survey_id=survey.survey_id,
        title=survey.title,
        purpose=survey.purpose,
        jurisdiction=survey.jurisdiction,
        region=survey.region,
        opens_on=date.fromisoformat(survey.opens_on),
        closes_on=date.fromisoformat(survey.closes_on),
        state=survey.state_on(today),
        ended_at=parse_instant(survey.closed_at) if survey.closed_at else None,
        reason=survey.reason or None,
        least_answers=survey.least_answers,
        version=survey.version,
        questions=[
            QuestionOut(
                code=one.code,
                title=one.title,
                scale=[ChoiceOut(score=step.score, title=step.title) for step in one.scale],
            )
            for one in survey.questions
        ],
        bodies=[SurveyedBodyOut(unified_code=one.code, name=one.name) for one in survey.bodies],
        results=None if results is None else [_result_out(one) for one in results],
    )


def brief_out(survey: Survey, today: date) -> SurveyBrief:
    """A survey in a list."""
    return SurveyBrief(
        survey_id=survey.survey_id,
        title=survey.title,
        region=survey.region,
        opens_on=date.fromisoformat(survey.opens_on),
        closes_on=date.fromisoformat(survey.closes_on),
        state=survey.state_on(today),
    )


def _result_out(result: BodyResult) -> BodyResultOut:
    return BodyResultOut(
        unified_code=result.body.code,
        name=result.body.name,
        answers=result.answers,
        satisfaction=result.satisfaction or None,
        questions=[
            QuestionResultOut(
                code=one.question.code,
                title=one.question.title,
                average=one.average,
                counts=[
                    CountOut(score=step.score, title=step.title, count=count)
                    for step, count in zip(one.question.scale, one.counts, strict=True)
                ],
            )
            for one in result.questions
        ],
    )
