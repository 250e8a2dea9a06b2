"""Bodies of the routes of appraisals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from chalicelib.kernel.clock import parse_instant
from chalicelib.surveys.model_appraisals import Appraised, Round
from chalicelib.surveys.views import (
    ChoiceOut,
    Code,
    QuestionIn,
    QuestionOut,
    SurveyedBodyOut,
    Title,
    UnifiedCode,
)
from chalicelib.web.model import Inbound, Outbound


class CategoryIn(Inbound):
    """A kind of representatives."""

    code: Code = Field(examples=["people_congress"])
    title: Title = Field(examples=["人大代表"])
    weight: int = Field(ge=1, le=100, description="权重；只有部分类别计入时，按计入的类别折算")
    seats: int = Field(ge=1, le=500, description="几名代表，每人一个评议码")


class AppraisalIn(Inbound):
    """A round to be opened."""

    title: Title
    purpose: str = Field(min_length=1, max_length=2000, description="给代表看的说明")
    region: str = Field("", pattern=r"^(\d{6})?$", description="行政区划；不填为本行政区划")
    questions: list[QuestionIn] = Field(min_length=1, max_length=20)
    unified_codes: list[UnifiedCode] = Field(
        min_length=1, max_length=100, description="评议哪些单位"
    )
    categories: list[CategoryIn] = Field(min_length=1, max_length=10)
    opens_on: date
    closes_on: date
    least_answers: int = Field(
        3, ge=3, le=500, description="一类代表对一个单位的评议少于这个数的，这一类不计入也不公布"
    )


class AppraisalEndingIn(Inbound):
    """Why a round ends early."""

    reason: str = Field(min_length=1, max_length=500)


class AppraisalAnswerIn(Inbound):
    """What a representative says of one body."""

    code: str = Field(min_length=1, max_length=120, description="评议码")
    unified_code: UnifiedCode = Field(description="评议的单位")
    answers: dict[Code, int] = Field(
        description="问题代码 → 选项的分值，每个问题都要回答", max_length=20
    )


class AppraisalAnswerOut(Outbound):
    """What became of it."""

    counted: bool = Field(description="false：这个评议码已经评议过这个单位，以第一次为准")
    text: str


class SeatsOut(Outbound):
    """The codes of a category of representatives."""

    category: str
    title: str
    issue: int = Field(description="第几次发放；以前发放的作废")
    codes: list[str] = Field(description="每名代表一个，请线下交给代表；平台不保存")


class CategoryOut(Outbound):
    """A kind of representatives."""

    code: str
    title: str
    weight: int
    seats: int
    issued: bool


class CategoryResultOut(Outbound):
    """What a category gave a body."""

    code: str
    title: str
    answers: int
    score: str | None = Field(description="0 到 100；评议太少的为空，不计入")


class AppraisedOut(Outbound):
    """What the round came to for a body."""

    unified_code: str
    name: str
    answers: int
    score: str | None = Field(description="0 到 100，各类得分按权重合成")
    categories: list[CategoryResultOut]


class AppraisalBrief(Outbound):
    """A round in a list."""

    round_id: str
    title: str
    region: str
    opens_on: date
    closes_on: date
    state: Literal["upcoming", "open", "closed"]


class AppraisalList(Outbound):
    """A page of rounds."""

    items: list[AppraisalBrief]
    next_page_token: str | None


class AppraisalOut(Outbound):
    """A round; with results once it is over."""

    round_id: str
    title: str
    purpose: str
    jurisdiction: str
    region: str
    opens_on: date
    closes_on: date
    state: Literal["upcoming", "open", "closed"]
    ended_at: datetime | None
    reason: str | None
    least_answers: int
    version: int
    questions: list[QuestionOut]
    bodies: list[SurveyedBodyOut]
    categories: list[CategoryOut]
    results: list[AppraisedOut] | None = Field(description="结束以后才有")


def appraisal_brief(around: Round, today: date) -> AppraisalBrief:
    """A round in a list."""
    return AppraisalBrief(
        round_id=around.round_id,
        title=around.title,
        region=around.region,
        opens_on=date.fromisoformat(around.opens_on),
        closes_on=date.fromisoformat(around.closes_on),
        state=around.state_on(today),
    )


def appraisal_out(around: Round, results: list[Appraised] | None, today: date) -> AppraisalOut:
    """A round, with what it came to where that is given."""
    return AppraisalOut(
        round_id=around.round_id,
        title=around.title,
        purpose=around.purpose,
        jurisdiction=around.jurisdiction,
        region=around.region,
        opens_on=date.fromisoformat(around.opens_on),
        closes_on=date.fromisoformat(around.closes_on),
        state=around.state_on(today),
        ended_at=parse_instant(around.closed_at) if around.closed_at else None,
        reason=around.reason or None,
        least_answers=around.least_answers,
        version=around.version,
        questions=[
            QuestionOut(
                code=one.code,
                title=one.title,
                scale=[ChoiceOut(score=step.score, title=step.title) for step in one.scale],
            )
            for one in around.questions
        ],
        bodies=[SurveyedBodyOut(unified_code=one.code, name=one.name) for one in around.bodies],
        categories=[
            CategoryOut(
                code=one.code,
                title=one.title,
                weight=one.weight,
                seats=one.seats,
                issued=one.issue > 0,
            )
            for one in around.categories
        ],
        results=None if results is None else [_appraised_out(one) for one in results],
    )


def _appraised_out(found: Appraised) -> AppraisedOut:
    return AppraisedOut(
        unified_code=found.body.code,
        name=found.body.name,
        answers=found.answers,
        score=found.score or None,
        categories=[
            CategoryResultOut(
                code=one.category.code,
                title=one.category.title,
                answers=one.answers,
                score=one.score or None,
            )
            for one in found.categories
        ],
    )
