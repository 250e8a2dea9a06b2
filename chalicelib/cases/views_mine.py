"""What a subject is told of its own standing, and what may be opened about a record."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from chalicelib.access.model import ReaderOut
from chalicelib.cases.views import CaseBrief, LetterOut
from chalicelib.web.model import Outbound


class OpeningOut(Outbound):
    """One kind of case about a record."""

    kind: str
    kind_title: str
    action: str = Field(description="发起时填写的操作代码")
    action_title: str
    allowed: bool = Field(description="现在是否可以提出；要填写的内容和材料见 GET /v1/case-kinds")
    reasons: list[str] = Field(description="现在不能提出的理由")
    case_id: str | None = Field(description="同一种类在办的案件")


class OpeningList(Outbound):
    """What the reader may open about a record."""

    items: list[OpeningOut]


class OwnCounts(Outbound):
    """A file in figures, as the credit file counts."""

    records: int
    dishonesty: int = Field(description="失信记录，不含已修复和已认定容错的")
    honours: int
    archived: int = Field(description="已修复和已认定容错的")
    pending: int = Field(description="所在文件还在处理、结果未定的")
    complete: bool = Field(description="false：信息太多，只统计了最近的")


class OwnRecord(Outbound):
    """A dishonesty record about the reader."""

    record_id: str
    type: str
    type_title: str
    severity: str | None
    occurred_on: date
    reporter: str = Field(description="认定单位的统一社会信用代码")
    publicity: str = Field(description="公示状态")
    public_until: date | None = Field(description="公示的最后一日；不公示或者长期公示的为空")
    repairable_from: date | None = Field(description="最短公示期届满后可以申请修复的第一天")
    marks: list[str]
    stated: bool = Field(description="是否附有本单位、本人的声明")
    openings: list[OpeningOut] = Field(description="现在可以提出什么，不能提出的理由")


class OwnLetters(Outbound):
    """The letters since a day."""

    since: date
    count: int
    more: bool = Field(description="true：不止这些，见 GET /v1/letters")
    items: list[LetterOut] = Field(description="最新的几件")


class Overview(Outbound):
    """Where a subject stands: its file in figures, what it may do, what is running, who looked."""

    subject_id: str
    counts: OwnCounts
    dishonesty: list[OwnRecord] = Field(
        description="最近的失信记录；其他信息可以提出什么，见 GET /v1/records/{record_id}/openings"
    )
    cases: list[CaseBrief] = Field(description="没有终结的案件，先到期的在前")
    more_cases: bool = Field(description="true：案件太多，没有全部查看，见 GET /v1/cases")
    letters: OwnLetters
    readers: list[ReaderOut] = Field(description="最近查看档案的")
    as_of: datetime
