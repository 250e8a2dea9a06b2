"""HTTP of cases: the kinds there are here, each with a diagram, and deadlines foreseen."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import Field

from chalicelib.cases.kinds import Question, find_kind, kinds_of, preview
from chalicelib.cases.pages import PAGES
from chalicelib.cases.rules_clocks import limit_in_words
from chalicelib.cases.rules_diagram import diagram
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.deadlines import Unit
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.case_kinds import About, CaseKind, Relation
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.web import request
from chalicelib.web.model import Answer, Inbound, Outbound
from chalicelib.web.routes import Replay, Routes

routes = Routes("案件", errors=PAGES)

_CACHE_SECONDS = 60
"""Kinds change with the version of the pack, and the ETag with its content."""

_BASIS = {"document": "民法典", "clause": "第一千零二十九条", "verified": True, "note": ""}
_LIMIT = {
    "code": "verification",
    "title": "来源单位核查期限",
    "in_words": "3个工作日",
    "basis": {"document": "河南省社会信用条例", "clause": "第四十一条", "verified": False},
}
_EXAMPLE_FRAME = {"jurisdiction": "nanjing", "version": "2024-09-13", "digest": "5f1d"}
_KIND_EXAMPLE = {
    "code": "objection",
    "title": "异议",
    "purpose": "当事主体对记录提出异议，立即标注，核查、决定、答复",
    "about": "record",
    "states": [
        {"code": "received", "title": "待受理", "owner": "credit_office"},
        {"code": "not_accepted", "title": "不予受理", "final": True},
    ],
    "actions": [
        {"code": "file", "title": "提出异议", "to": "received", "by": {"subject": []}},
        {
            "code": "refuse",
            "title": "不予受理",
            "states": ["received"],
            "to": "not_accepted",
            "by": {"credit_office": ["credit_office"]},
        },
    ],
    "basis": _BASIS,
}

Version = Annotated[
    str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="政策包版本；不填为今天有效的版本")
]
KindCode = Annotated[str, Path(description="案件种类代码", max_length=64)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class LimitBrief(Outbound):
    """A limit of a kind in words."""

    code: str
    title: str
    in_words: str
    """How long it is: 3个工作日, 2个月 …"""
    basis: LegalBasis


class KindBrief(Outbound):
    """One kind of case, in short."""

    code: str
    title: str
    purpose: str
    about: About
    mechanism: str | None
    opened_by: tuple[Relation, ...]
    """Who may open one."""
    limits: tuple[LimitBrief, ...]
    basis: LegalBasis
    diagram: str
    """Address of the diagram."""


class KindsOut(Outbound):
    """Every kind of case there is here."""

    jurisdiction: str
    version: str
    digest: str
    kinds: tuple[KindBrief, ...]


class KindOut(Outbound):
    """One kind of case, with the version it belongs to."""

    jurisdiction: str
    version: str
    digest: str
    kind: CaseKind


class StopIn(Inbound):
    """A time in which the clock stands still."""

    stopped_on: Day = Field(description="中止的日期，当日仍计入", examples=["2026-09-30"])
    resumed_on: Day = Field(description="恢复的日期，当日不计入", examples=["2026-10-08"])
    reason: str = Field("", max_length=100, description="中止事由", examples=["专家鉴定"])


class PreviewIn(Inbound):
    """A question about a limit: of a kind of case, or spelt out."""

    started_on: Day = Field(description="起算日期，当日不计入", examples=["2026-09-29"])
    kind: str = Field("", max_length=64, description="案件种类代码", examples=["objection"])
    limit: str = Field("", max_length=64, description="期限代码", examples=["verification"])
    amount: int | None = Field(
        None, ge=0, le=366, description="数量；不按案件种类推算时填写", examples=[None]
    )
    unit: Unit | None = Field(None, description="单位；与数量一起填写", examples=[None])
    ends_on_workday: bool = Field(True, description="按日、月计的期限期满遇休息日是否顺延")
    stops: tuple[StopIn, ...] = Field((), max_length=12, description="各次中止，按先后填写")
    extensions: int = Field(0, ge=0, le=10, description="延长的次数", examples=[1])
    extension_amount: int = Field(0, ge=0, le=366, description="自行设定的期限每次延长多少")


class CountedDayOut(Outbound):
    """One day between start and due day."""

    date: date
    counted: bool
    why: str


class DeadlineOut(Outbound):
    """A deadline with its working: the same object wherever a deadline is answered."""

    due_on: date
    started_on: date
    rule: str
    basis: str
    days: tuple[CountedDayOut, ...]
    provisional: bool
    """Whether the holidays of a year that matters have not been announced."""


@routes.get(
    "/v1/case-kinds",
    operation="case_kinds.read",
    summary="本地区的案件种类",
    answers={200: KindsOut},
    examples={
        200: {
            **_EXAMPLE_FRAME,
            "kinds": [
                {
                    "code": "objection",
                    "title": "异议",
                    "purpose": "当事主体对记录提出异议，立即标注，核查、决定、答复",
                    "about": "record",
                    "mechanism": "objection",
                    "opened_by": ["subject"],
                    "limits": [_LIMIT],
                    "basis": _BASIS,
                    "diagram": "/v1/case-kinds/objection/diagram",
                }
            ],
        }
    },
    errors=(404,),
)
def list_case_kinds(version: Version = "") -> Answer:
    """告知、异议、修复、容错、整改、线索、追责、横向监督等程序，每种由谁发起、期限多长、依据什么。

    本地文件没有的程序不会列出；依据的 verified 为 false 的，期限还没有核实。
    """
    pack = _pack(version)
    body = KindsOut(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        digest=pack.digest,
        kinds=tuple(_brief(kind) for kind in kinds_of(pack)),
    )
    return Answer(200, body, version=pack.digest, cache_seconds=_CACHE_SECONDS)


@routes.get(
    "/v1/case-kinds/{kind}",
    operation="case_kinds.read",
    summary="一个案件种类：状态、期限和操作",
    answers={200: KindOut},
    examples={200: {**_EXAMPLE_FRAME, "kind": _KIND_EXAMPLE}},
    errors=(404,),
)
def show_case_kind(kind: KindCode, version: Version = "") -> Answer:
    """每个状态由谁承办、运行哪些期限；每个操作谁有权、要填什么、要什么材料、有什么效果、告知谁。"""
    pack = _pack(version)
    found = find_kind(pack, kind)
    body = KindOut(
        jurisdiction=pack.jurisdiction, version=pack.version, digest=pack.digest, kind=found
    )
    return Answer(200, body, version=pack.digest, cache_seconds=_CACHE_SECONDS)


@routes.get(
    "/v1/case-kinds/{kind}/diagram",
    operation="case_kinds.read",
    summary="案件种类的流程图（SVG）",
    answers={200: None},
    errors=(404,),
    media_type="image/svg+xml",
)
def show_diagram(kind: KindCode, version: Version = "") -> Answer:
    """从发起到终结的状态和操作；图中附有同样内容的文字说明，供读屏软件使用。"""
    pack = _pack(version)
    svg = diagram(find_kind(pack, kind))
    return Answer(
        200,
        svg,
        version=pack.digest,
        cache_seconds=_CACHE_SECONDS,
        media_type="image/svg+xml; charset=utf-8",
    )


@routes.post(
    "/v1/deadlines/preview",
    operation="deadlines.preview",
    summary="推算期限",
    answers={200: DeadlineOut},
    examples={
        0: {
            "started_on": "2026-09-29",
            "kind": "objection",
            "limit": "verification",
            "stops": [
                {"stopped_on": "2026-09-30", "resumed_on": "2026-10-08", "reason": "专家鉴定"}
            ],
            "extensions": 1,
        },
        200: {
            "due_on": "2026-09-30",
            "started_on": "2026-09-29",
            "rule": "1个工作日",
            "basis": "自行设定，不是规定的期限",
            "days": [
                {"date": "2026-09-29", "counted": False, "why": "起算当日，不计入"},
                {"date": "2026-09-30", "counted": True, "why": "星期三，工作日，第1日"},
            ],
            "provisional": False,
        },
    },
    errors=(404, 422),
    replay=Replay.NONE,
)
def preview_deadline(question: PreviewIn) -> Answer:
    """哪一天到期，每一天算不算、为什么：周末、节假日、调休、中止和延长都逐日写明。

    只是推算，不留下任何东西。放假安排还没有公布的年份按周末推算，provisional 为 true。
    """
    asked = Question(
        started_on=question.started_on,
        kind=question.kind,
        limit=question.limit,
        amount=question.amount,
        unit=question.unit,
        ends_on_workday=question.ends_on_workday,
        stops=[(stop.stopped_on, stop.resumed_on, stop.reason) for stop in question.stops],
        extensions=question.extensions,
        extension_amount=question.extension_amount,
    )
    return Answer(200, preview(_pack(""), asked).as_json())


def _brief(kind: CaseKind) -> KindBrief:
    return KindBrief(
        code=kind.code,
        title=kind.title,
        purpose=kind.purpose,
        about=kind.about,
        mechanism=kind.mechanism,
        opened_by=kind.opened_by,
        limits=tuple(
            LimitBrief(
                code=limit.code,
                title=limit.title,
                in_words=limit_in_words(limit),
                basis=limit.basis,
            )
            for limit in kind.limits
        ),
        basis=kind.basis,
        diagram=f"/v1/case-kinds/{kind.code}/diagram",
    )


def _pack(version: str) -> Pack:
    jurisdiction = request.caller().jurisdiction
    if version:
        return pack_version(jurisdiction, version)
    return pack_for(jurisdiction, civil_date(request.platform().clock()))
