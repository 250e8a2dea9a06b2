"""Bodies of the routes of checks: what is asked, answered, and told to have been done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field

from chalicelib.checks.model import AnswerKind, CheckKind, FeedbackState, Reason
from chalicelib.checks.rules import MOST_SUBJECTS
from chalicelib.policy.base import LegalBasis
from chalicelib.web.model import Inbound, Outbound

SCENE: Final = r"^[a-z][a-z0-9_]{0,63}$"

Scene = Annotated[
    str, Field(pattern=SCENE, description="场景代码，见 GET /v1/check-scenes", examples=["bidding"])
]
Purpose = Annotated[
    str,
    Field(
        min_length=2,
        max_length=150,
        description="查询用途；被查询的个人能看到谁、何时、为何查询",
        examples=["示例市政务服务中心装修项目投标资格审查"],
    ),
]
Reference = Annotated[
    str,
    Field(
        max_length=100, description="业务系统自己的编号，不得含个人信息", examples=["P-2026-17"]
    ),
]


class AskedSubjectIn(Inbound):
    """One subject to be asked about: exactly one code. A name is compared where it is given."""

    unified_code: str = Field(
        "", max_length=18, description="统一社会信用代码", examples=["11990100MB0000019L"]
    )
    registration_number: str = Field(
        "", max_length=32, description="工商注册号，仅用于没有统一社会信用代码的个体工商户"
    )
    citizen_code: str = Field(
        "", max_length=18, description="公民身份号码；只用于查找，不保存、不回显"
    )
    name: str = Field("", max_length=200, description="名称或姓名；填写的与档案核对")
    reference: Reference = ""


class AskedIn(Inbound):
    """What every request says of itself."""

    scene: Scene
    purpose: Purpose
    reference: Reference = ""


class CheckIn(AskedIn):
    """A check."""

    subjects: tuple[AskedSubjectIn, ...] = Field(min_length=1, max_length=MOST_SUBJECTS)


class CheckDoneIn(Inbound):
    """What was done with the answer for one subject."""

    number: int = Field(ge=1, le=MOST_SUBJECTS, description="核查结果中的序号")
    act: str = Field(
        max_length=64, description="处理方式，见 GET /v1/check-scenes", examples=["restricted"]
    )
    reason: str = Field("", max_length=500, description="理由；与结论不一致的处理必须写明")


class CheckFeedbackIn(Inbound):
    """What was done with a check."""

    done: tuple[CheckDoneIn, ...] = Field(min_length=1, max_length=MOST_SUBJECTS)


class CheckMeasureOut(Outbound):
    """A measure in force and what it means in this scene."""

    code: str
    title: str
    effect: str = Field(description="priority 优先、note 提示、restrict 限制、refer 转人工研究")
    text: str = Field(description="在这个场景中意味着什么")
    reason: str = Field(description="依据的事实")
    since: date
    until: date | None = Field(description="最后一天；没有确定期限的为空")
    basis: LegalBasis


class AskedSubjectOut(Outbound):
    """The answer for one subject. A person is told by number and reference only."""

    number: int
    code: str | None = Field(description="统一社会信用代码或工商注册号；个人为空")
    reference: str
    answer: AnswerKind
    answer_title: str
    on_file: bool
    reason: Reason
    reason_title: str
    measures: tuple[CheckMeasureOut, ...]
    until: date | None = Field(description="据现有措施，这一结论到哪天为止")
    as_of: date = Field(description="措施是按哪一天的情况计算的")
    version: int = Field(description="措施的版本；0 为从未有过措施")
    needs_feedback: bool


class CheckDoneOut(Outbound):
    """What was done with the answer for one subject."""

    number: int
    act: str
    act_title: str
    reason: str


class CheckFeedbackOut(Outbound):
    """Where the feedback on a check stands."""

    state: FeedbackState
    due_on: date | None
    due_provisional: bool = Field(description="该年放假安排尚未公布，按周末推算")
    given_at: datetime | None
    done: tuple[CheckDoneOut, ...]


class CheckOut(Outbound):
    """A check and its answers, as they were told."""

    check_id: str
    kind: CheckKind
    scene: str
    scene_title: str
    purpose: str
    reference: str
    asked_at: datetime
    pack: str
    file_id: str | None
    subjects: tuple[AskedSubjectOut, ...]
    feedback: CheckFeedbackOut
    version: int


class CheckBrief(Outbound):
    """A check in a list."""

    check_id: str
    kind: CheckKind
    scene: str
    scene_title: str
    purpose: str
    reference: str
    asked_at: datetime
    subjects: int
    restricted: int
    referred: int
    feedback: FeedbackState
    due_on: date | None


class CheckList(Outbound):
    """One page of the caller's checks, newest first."""

    items: tuple[CheckBrief, ...]
    next_page_token: str | None


class CheckSceneOut(Outbound):
    """A scene one can ask in."""

    scene: str
    title: str
    asked_by: str
    answers: dict[AnswerKind, str]
    acts: dict[str, str] = Field(description="可以反馈的处理方式")
    feedback_days: int = Field(description="结论要求采取措施的，几个工作日内反馈处理结果")
    note: str
    basis: LegalBasis


class CheckSceneList(Outbound):
    """The scenes of the caller's jurisdiction."""

    jurisdiction: str
    version: str
    items: tuple[CheckSceneOut, ...]


class CheckReminderOut(Outbound):
    """A reminder that feedback is due or late."""

    check_id: str
    kind: str = Field(description="due 即将到期，overdue 已逾期")
    scene: str
    reference: str
    due_on: date
    reminded_at: datetime


class CheckReminderList(Outbound):
    """One page of reminders, newest first."""

    items: tuple[CheckReminderOut, ...]
    next_page_token: str | None


class LateCheckOut(Outbound):
    """A check whose feedback is late; whom it was about is not told."""

    check_id: str
    agency: str
    agency_name: str
    region: str
    scene: str
    scene_title: str
    asked_on: date
    due_on: date
    days_late: int
    subjects: int


class LateCheckList(Outbound):
    """One page of late feedback, the longest overdue first."""

    items: tuple[LateCheckOut, ...]
    next_page_token: str | None


class CheckFiguresOut(Outbound):
    """Checks of one scene by one agency in one month."""

    scene: str
    scene_title: str
    agency: str
    agency_name: str
    region: str
    asked: int = Field(description="核查次数")
    subjects: int = Field(description="被核查的主体数，恒等于以下三项之和")
    allowed: int
    restricted: int
    referred: int
    fed_back: int = Field(description="已反馈的次数")
    late: int = Field(description="其中逾期反馈的次数")
    overdue: int = Field(description="逾期仍未反馈的次数")
    honoured: int = Field(description="处理与结论一致的主体数")
    not_honoured: int = Field(description="处理与结论不一致的主体数")


class CheckStatisticsOut(Outbound):
    """自动监督: what was asked in a month, and what was done with it. No subject is named."""

    jurisdiction: str
    month: str
    items: tuple[CheckFiguresOut, ...]
    total: CheckFiguresOut


class CheckProofIn(AskedIn):
    """A proof wanted for one subject."""

    subject: AskedSubjectIn


class CheckProofOut(Outbound):
    """A proof: what it says, and the signed form to hand on."""

    proof_id: str
    statement: str = Field(description="not_on_file、no_measures 或 measures")
    statement_title: str
    proof: str = Field(description="ES256 签名的 JWS，公钥见 /public/v1/keys，可以转交")
    salt: str | None = Field(
        description="个人的证明中只有公民身份号码的加盐摘要；凭盐值和号码可以说明证明是谁的，不要随证明公开"
    )
    issued_at: datetime
    valid_until: date
    subject: AskedSubjectOut
