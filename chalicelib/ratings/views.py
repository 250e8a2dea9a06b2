"""What is asked and answered over HTTP about ratings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.policy.programme import Rating
from chalicelib.ratings.model import Answered
from chalicelib.web.model import Inbound, Outbound

Year = Annotated[int, Field(ge=2000, le=2199)]


class RatingsIn(Inbound):
    """Several subjects to be asked about at once."""

    year: Year = Field(description="考核年度")
    subject_ids: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        min_length=1, max_length=100, description="信用主体编号，最多一百个，不重复"
    )


class ReasonOut(Outbound):
    """One reason."""

    what: Literal["record", "case", "referral"] = Field(
        description="record 失信记录、case 案件、referral 移送有权机关尚无结论"
    )
    bars: bool = Field(description="是否因此不得评优；false 只是提示")
    text: str
    basis: str
    since: date
    record_id: str | None
    case_id: str | None
    kind: str = Field(description="信息类型或案件种类代码")


class VerdictOut(Outbound):
    """The answer for one rating."""

    rating: Rating = Field(description="annual_excellent 年度考核优秀、award 荣誉评选和评优评先")
    title: str
    answer: Answered = Field(
        description="allowed 可以、barred 不得、not_regulated 本地文件没有这项规定"
    )
    text: str
    basis: str
    reasons: list[ReasonOut]


class OpinionOut(Outbound):
    """The answers about one subject."""

    subject_id: str
    kind: str = Field(description="主体类别")
    year: int
    pack: str = Field(description="所依据的政策包版本")
    verdicts: list[VerdictOut]


class OpinionList(Outbound):
    """The answers about several subjects, in the order in which they were asked about."""

    items: list[OpinionOut]
