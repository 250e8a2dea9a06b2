"""Bodies of the routes of surveys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.web.model import Inbound, Outbound

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
UnifiedCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$")]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class ChoiceIn(Inbound):
    """One step of a scale."""

    score: int = Field(ge=0, le=100, examples=[5])
    title: Title = Field(examples=["非常满意"])


class QuestionIn(Inbound):
    """A question with its scale."""

    code: Code = Field(examples=["promises_kept"])
    title: Title = Field(examples=["承诺的事项是否按期办成？"])
    scale: list[ChoiceIn] = Field(min_length=2, max_length=11, description="从不满意到满意")


class SurveyIn(Inbound):
    """A survey to be opened."""

    title: Title
    purpose: str = Field(min_length=1, max_length=2000, description="给答卷人看的说明")
    region: str = Field("", pattern=r"^(\d{6})?$", description="行政区划；不填为本行政区划")
    questions: list[QuestionIn] = Field(min_length=1, max_length=20)
    unified_codes: list[UnifiedCode] = Field(
        min_length=1, max_length=100, description="调查哪些单位"
    )
    opens_on: date
    closes_on: date
    least_answers: int = Field(
        10, ge=3, le=10_000, description="答卷少于这个数的单位只公布份数，不公布结果"
    )


class EndingIn(Inbound):
    """Why a survey ends early."""

    reason: str = Field(min_length=1, max_length=500)


class SurveyAnswerIn(Inbound):
    """An answer about one body."""

    unified_code: UnifiedCode = Field(description="评价的单位", examples=["11990100MB0000019L"])
    answers: dict[Code, int] = Field(
        description="问题代码 → 选项的分值，每个问题都要回答",
        max_length=20,
        examples=[{"promises_kept": 5}],
    )


class SurveyAnswerOut(Outbound):
    """What became of an answer."""

    counted: bool = Field(description="false：今天从您所在的网络已经评价过这个单位，以第一次为准")
    text: str


class ChoiceOut(Outbound):
    """One step of a scale."""

    score: int
    title: str


class QuestionOut(Outbound):
    """A question with its scale."""

    code: str
    title: str
    scale: list[ChoiceOut]


class SurveyedBodyOut(Outbound):
    """A body that is asked about."""

    unified_code: str
    name: str


class SurveyBrief(Outbound):
    """A survey in a list."""

    survey_id: str
    title: str
    region: str
    opens_on: date
    closes_on: date
    state: Literal["upcoming", "open", "closed"]


class SurveyList(Outbound):
    """A page of surveys."""

    items: list[SurveyBrief]
    next_page_token: str | None


class CountOut(Outbound):
    """How often one step of a scale was chosen."""

    score: int
    title: str
    count: int


class QuestionResultOut(Outbound):
    """What was answered to one question about one body."""

    code: str
    title: str
    average: str = Field(description="平均分（十进制文本）")
    counts: list[CountOut]


class BodyResultOut(Outbound):
    """What was answered about one body."""

    unified_code: str
    name: str
    answers: int = Field(description="答卷份数")
    satisfaction: str | None = Field(description="满意度（百分数）；答卷太少的为空")
    questions: list[QuestionResultOut]


class SurveyOut(Outbound):
    """A survey; with results for its office at any time, for the public once it is over."""

    survey_id: str
    title: str
    purpose: str
    jurisdiction: str
    region: str
    opens_on: date
    closes_on: date
    state: Literal["upcoming", "open", "closed"]
    ended_at: datetime | None = Field(description="提前结束的时刻")
    reason: str | None = Field(description="提前结束的理由")
    least_answers: int
    version: int
    questions: list[QuestionOut]
    bodies: list[SurveyedBodyOut]
    results: list[BodyResultOut] | None
