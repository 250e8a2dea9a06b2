"""What is shown of a result's publication and of its appeal, and what an appeal is made with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.cases.service import Contest
from chalicelib.evaluation.model_notices import Hold
from chalicelib.web.model import Inbound, Outbound

Instant = Annotated[str, Field(examples=["2026-01-10T02:30:05.000Z"])]

HOLD_TEXTS = {
    "held": "已告知，暂不对外公布",
    "released": "告知期满，已对外公布",
    "withheld": "经复核应重新计算，本次结果不对外公布",
    "told": "已告知；这项评价的结果不对外公布",
}


class NoticeOut(Outbound):
    """A result that is told before it is published."""

    state: Annotated[
        Literal["held", "released", "withheld", "told"],
        Field(description="held 暂不公布，released 已公布，withheld 不公布，told 本来就不公布"),
    ]
    text: Annotated[str, Field(examples=[HOLD_TEXTS["held"]])]
    told_at: Instant
    last_day: Annotated[
        str | None,
        Field(description="这一天以前不公布；本来就不公布的为空", examples=["2026-01-19"]),
    ]
    deadline: Annotated[
        dict[str, Any] | None,
        Field(
            description="逐日的计算；本来就不公布的为空",
            examples=[{"due_on": "2026-01-19", "rule": "告知后公布：5个工作日", "days": []}],
        ),
    ]


class ReviewOut(Outbound):
    """An appeal against a result, and what came of it."""

    state: Annotated[
        Literal["open", "upheld", "granted"],
        Field(description="open 复核中，upheld 维持，granted 应重新计算"),
    ]
    text: Annotated[str, Field(examples=["被评价对象对结果提出复核，正在复核"])]
    case_id: Annotated[str, Field(examples=["c_3k5m7p2q4r6s8t3v5w7x2y4z6a"])]
    opened_at: Instant
    changed_at: Instant


class AppealIn(Inbound):
    """Why a result should be looked at again."""

    indicators: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], ...],
        Field(
            max_length=30,
            description="有异议的指标；不填为整个结果",
            examples=[["double_publicity_on_time"]],
        ),
    ] = ()
    grounds: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            description="理由（加密保存）",
            examples=["两条行政许可已按期报送，被计为迟报"],
        ),
    ]
    evidence: Annotated[
        dict[str, str],
        Field(
            max_length=20,
            default_factory=dict,
            description="材料种类和编号；材料先上传归档",
        ),
    ]


class AppealOut(Outbound):
    """The appeal as it was taken: a case of its own."""

    case_id: Annotated[str, Field(examples=["c_3k5m7p2q4r6s8t3v5w7x2y4z6a"])]
    run_id: Annotated[str, Field(examples=["ev_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    subject_id: Annotated[str, Field(examples=["b_11990100MB0000019L"])]
    state: Annotated[Literal["open"], Field(description="open 复核中")] = "open"
    appeal_by: Annotated[str, Field(description="提出复核的最后一天", examples=["2026-01-26"])]


def notice_values(hold: Hold | None) -> dict[str, Any] | None:
    """A hold as shown."""
    if hold is None:
        return None
    return {
        "state": hold.state,
        "text": HOLD_TEXTS[hold.state],
        "told_at": hold.told_at,
        "last_day": hold.last_day or None,
        "deadline": dict(hold.deadline) or None,
    }


def review_values(contest: Contest | None) -> dict[str, Any] | None:
    """An appeal as shown; one that came to nothing is not."""
    if contest is None or not contest.is_marked:
        return None
    return {
        "state": contest.state,
        "text": contest.text,
        "case_id": contest.case_id,
        "opened_at": contest.opened_at,
        "changed_at": contest.at,
    }
