"""HTTP: may this body or person be rated 优秀 in a year, and why not."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.policy.programme import RATING_TITLES
from chalicelib.ratings import examples, service
from chalicelib.ratings.model import Opinion, Reason, Verdict
from chalicelib.ratings.pages import PAGES
from chalicelib.ratings.views import (
    OpinionList,
    OpinionOut,
    RatingsIn,
    ReasonOut,
    VerdictOut,
)
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("评优查询", errors=PAGES)

SubjectId = Annotated[str, Path(description="信用主体编号", max_length=80)]
Purpose = Annotated[
    str,
    Header(alias="Purpose-Code", max_length=600, description="查询的用途，涉及个人时必填"),
]
Approval = Annotated[
    str,
    Header(
        alias="Approval-Reference",
        max_length=2000,
        description="审批文号，组织人事部门查询个人时必填；中文用百分号编码",
    ),
]


@routes.get(
    "/v1/excellent-ratings/{subject_id}",
    operation="ratings.read",
    summary="某年度能否评为优秀",
    answers={200: OpinionOut},
    examples={200: examples.OPINION},
    errors=(403, 404, 422),
)
def show_opinion(
    subject_id: SubjectId,
    year: Annotated[int, Query(ge=2000, le=2199, description="考核年度")],
    purpose: Purpose = "",
    approval: Approval = "",
) -> Answer:
    """年度考核能否确定为优秀、能否参加荣誉评选和评优评先：可以、不得，或者本地文件没有这项规定；
    逐条说明因哪条失信记录、哪件案件和依据。已修复、已认定容错、已撤回的记录不计入。

    查询个人须说明用途，并留下本人可见的查询记录。
    """
    opinion = service.opinion_on(request.platform(), _asking(purpose, approval), subject_id, year)
    return Answer(200, _opinion_out(opinion))


@routes.post(
    "/v1/excellent-ratings/query",
    operation="ratings.read",
    summary="一批主体某年度能否评为优秀",
    answers={200: OpinionList},
    examples={0: examples.ASKED, 200: examples.OPINIONS},
    errors=(403, 422),
    replay=Replay.NONE,
)
def query_opinions(asked: RatingsIn, purpose: Purpose = "", approval: Approval = "") -> Answer:
    """一次最多一百个主体，按提交的次序答复；有一个不能查询，就全部不查询。

    涉及个人的，每个人都留下本人可见的查询记录。结果不因 Idempotency-Key 保存。
    """
    if len(set(asked.subject_ids)) != len(asked.subject_ids):
        fault = Fault("/subject_ids", "subject_repeated", "同一个主体只写一次")
        raise Invalid("主体有重复", faults=[fault])
    found = service.opinions_on(
        request.platform(), _asking(purpose, approval), asked.subject_ids, asked.year
    )
    return Answer(200, OpinionList(items=[_opinion_out(one) for one in found]))


def _asking(purpose: str, approval: str) -> service.Asking:
    return service.Asking(request.caller(), request.scope(), purpose, approval)


def _opinion_out(opinion: Opinion) -> OpinionOut:
    return OpinionOut(
        subject_id=opinion.subject_id,
        kind=opinion.subject_kind,
        year=opinion.year,
        pack=opinion.pack,
        verdicts=[_verdict_out(one) for one in opinion.verdicts],
    )


def _verdict_out(verdict: Verdict) -> VerdictOut:
    return VerdictOut(
        rating=verdict.rating,
        title=RATING_TITLES[verdict.rating],
        answer=verdict.answer,
        text=verdict.text,
        basis=verdict.basis,
        reasons=[_reason_out(one) for one in verdict.reasons],
    )


def _reason_out(reason: Reason) -> ReasonOut:
    return ReasonOut(
        what=reason.what,
        bars=reason.bars,
        text=reason.text,
        basis=reason.basis,
        since=date.fromisoformat(reason.since),
        record_id=reason.record_id or None,
        case_id=reason.case_id or None,
        kind=reason.kind,
    )
