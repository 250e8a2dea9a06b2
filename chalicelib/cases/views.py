"""What is shown of cases over HTTP, and what is sent to move them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.evidence.model import EvidenceIn, EvidenceOut
from chalicelib.intake.service import CorrectionIn
from chalicelib.policy.case_kinds import Relation, Told
from chalicelib.web.model import Inbound, Outbound

EvidenceCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
PaperId = Annotated[str, Field(pattern=r"^e_[a-z2-7]{26}$")]


class EstablishedIn(Inbound):
    """The record that an action establishes (认定): the subject is that of the case."""

    type: str = Field(max_length=64, description="信息类型代码", examples=["commitment_breach"])
    fields: dict[str, str | int | bool | None] = Field(description="信息类型规定的各项内容")


class StepIn(Inbound):
    """What an action is taken with."""

    fields: dict[str, str | int | bool | list[str] | None] = Field(
        default_factory=dict, description="案件种类中该操作规定的各项内容"
    )
    evidence: dict[EvidenceCode, PaperId] = Field(
        default_factory=dict, max_length=20, description="材料种类 → 已归档的材料编号"
    )
    correction: CorrectionIn | None = Field(
        None, description="更正后的内容；只有更正记录的操作填写"
    )
    record: EstablishedIn | None = Field(None, description="认定的记录；只有认定的操作填写")


class OpeningIn(StepIn):
    """A case to be opened."""

    action: str = Field(
        "", max_length=64, description="发起的操作；案件种类只有一种发起方式时可以不填"
    )
    record_id: str = Field("", max_length=64, description="针对的信用信息")
    subject_id: str = Field(
        "", max_length=80, description="针对的主体；针对信用信息的不用填", examples=["b_11…"]
    )


class PaperAbout(Inbound):
    """What a paper is handed in for: one of the three."""

    record_id: str = Field("", max_length=64, description="信用信息编号", examples=["r_7c2a"])
    subject_id: str = Field("", max_length=80, description="主体编号")
    case_id: str = Field("", max_length=64, description="案件编号")


class PaperIn(EvidenceIn):
    """A paper that an action is going to be taken with."""

    about: PaperAbout = Field(description="针对哪一条信用信息、哪个主体或者哪件案件，三者选一")


class PaperList(Outbound):
    """One page of the papers the reader handed in."""

    items: list[EvidenceOut]
    next_page_token: str | None


class CountedOn(Outbound):
    """One day between start and due day."""

    date: date
    counted: bool
    why: str


class ClockOut(Outbound):
    """One limit that matters where the case stands, with its working."""

    limit: str
    title: str
    due_on: date | None = Field(description="期限届满日；中止期间为空")
    overdue: bool
    days_left: int = Field(description="还剩的日数，按期限的单位计")
    stopped_for: str | None = Field(description="中止的事由")
    rule: str
    basis: str
    started_on: date
    provisional: bool
    days: list[CountedOn]


class PossibleOut(Outbound):
    """An action that is the caller's to take now."""

    code: str
    title: str


class PartyOut(Outbound):
    """Whom a case is about."""

    subject_id: str
    kind: str
    name: str | None = Field(description="单位名称；自然人不显示")
    unified_code: str | None


class CaseOut(Outbound):
    """One case."""

    case_id: str
    kind: str
    kind_title: str
    about: str = Field(description="所针对的信用信息或单位")
    record_id: str | None
    subject: PartyOut | None
    region: str
    state: str
    state_title: str
    final: bool
    owner: str | None = Field(description="现在由谁办理")
    opened_at: datetime
    changed_at: datetime
    version: int
    pack: str = Field(description="办理所依据的政策包版本")
    parent: str | None = Field(description="由哪件案件引起")
    relations: list[Relation] = Field(description="查阅者在本案中的身份")
    clocks: list[ClockOut]
    actions: list[PossibleOut] = Field(description="查阅者现在可以进行的操作")


class StepOut(CaseOut):
    """A case after a step, with what came of it."""

    results: Mapping[str, str] = Field(description="由此形成的记录（record）或案件（case）")


class CaseBrief(Outbound):
    """One case in a list."""

    case_id: str
    kind: str
    kind_title: str
    about: str
    record_id: str | None
    subject_id: str | None
    state: str
    state_title: str
    final: bool
    owner: str | None
    opened_at: datetime
    changed_at: datetime
    next_due_on: date | None = Field(description="最近的期限届满日")
    overdue: bool


class CaseList(Outbound):
    """One page of cases, the newest first."""

    items: list[CaseBrief]
    next_page_token: str | None


class ValueOut(Outbound):
    """One value that was given."""

    code: str
    title: str
    text: str


class PaperOut(Outbound):
    """One paper that was handed in."""

    kind: str
    title: str
    evidence_id: str


class EventOut(Outbound):
    """One event of a case."""

    version: int
    what: Literal["acted", "reminded", "escalated"]
    code: str
    title: str
    at: datetime
    by: Relation
    by_title: str
    agency: str | None
    state: str
    state_title: str
    values: list[ValueOut]
    papers: list[PaperOut]
    results: Mapping[str, str]


class EventList(Outbound):
    """One page of the events of a case, the newest first."""

    items: list[EventOut]
    next_page_token: str | None


class LetterOut(Outbound):
    """What the reader was told: of a case, or of the result of an evaluation."""

    case_id: Annotated[str, Field(description="案件编号；评价结果的告知没有案件，为空")]
    run_id: Annotated[str | None, Field(description="评价编号（评价结果的告知）")] = None
    case_version: int
    kind: str
    to: Told
    text: str
    at: datetime


class LetterList(Outbound):
    """One page of letters, the newest first."""

    items: list[LetterOut]
    next_page_token: str | None
