"""What evaluation takes and shows over HTTP: bodies of requests and answers, with examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.cases.service import Contest
from chalicelib.evaluation.model_notices import Hold
from chalicelib.evaluation.runs import (
    STALE_TEXTS,
    Replay,
    Result,
    Run,
    Stale,
    estimated_finish,
    percentage,
)
from chalicelib.evaluation.views_notices import (
    NoticeOut,
    ReviewOut,
    notice_values,
    review_values,
)
from chalicelib.kernel.clock import instant_text
from chalicelib.web.model import Inbound, Outbound

_RUN_ID = "ev_7x2k5q3m4n6p7r8s9t2v3w4x5y"
_BODY_ID = "b_11990100MB0000019L"
_DIGEST = "9f2c1f0e6a5b4c3d2e1f00112233445566778899aabbccddeeff001122334455"

Points = Annotated[str, Field(description="分值（十进制数）", examples=["18.50"])]
Instant = Annotated[str, Field(examples=["2026-01-10T02:30:05.000Z"])]
Region = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["329900"])]


class EvaluationIn(Inbound):
    """An evaluation to be started."""

    scheme: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,63}$",
            description="评价办法，见政策包",
            examples=["annual_integrity"],
        ),
    ]
    period: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$",
            description="评价周期，依评价办法：年 2025，半年 2025-H1，季度 2025-Q3，月 2025-07",
            examples=["2025"],
        ),
    ]
    regions: Annotated[
        tuple[Region, ...],
        Field(max_length=500, description="行政区划，含其下级；不填为管辖范围内全部"),
    ] = ()


class RunOut(Outbound):
    """An evaluation and how far it has come."""

    run_id: Annotated[str, Field(examples=[_RUN_ID])]
    status: Annotated[
        Literal["planned", "running", "completed"],
        Field(description="planned 已受理，running 评价中，completed 已完成"),
    ]
    scheme: Annotated[str, Field(examples=["annual_integrity"])]
    title: Annotated[str, Field(examples=["政务诚信年度评价"])]
    jurisdiction: str
    period: Annotated[str, Field(examples=["2025"])]
    first_day: Annotated[str, Field(examples=["2025-01-01"])]
    last_day: Annotated[str, Field(examples=["2025-12-31"])]
    pack: Annotated[str, Field(description="所依据的政策包版本", examples=["2024-09-13"])]
    pack_digest: Annotated[str, Field(examples=[_DIGEST])]
    regions: tuple[Region, ...]
    trigger: Annotated[
        Literal["schedule", "request"], Field(description="schedule 按计划，request 按申请")
    ]
    bodies: Annotated[int, Field(description="参评单位数", examples=[60])]
    chunks: Annotated[int, Field(description="分成多少批处理", examples=[2])]
    chunks_done: Annotated[int, Field(description="已处理的批数", examples=[1])]
    percentage: Annotated[int, Field(description="进度（%）", examples=[50])]
    created_at: Instant
    started_at: Instant | None
    estimated_finish_at: Annotated[Instant | None, Field(description="按目前速度预计的完成时间")]
    completed_at: Instant | None
    results_digest: Annotated[
        str | None, Field(description="全部结果的 SHA-256，用于复算核对", examples=[_DIGEST])
    ]

    stale_results: Annotated[
        int, Field(description="所依据的信用信息其后有变动、待重新计算的结果数", examples=[0])
    ] = 0
    superseded_by: Annotated[
        str | None,
        Field(description="其后对同一办法、同一周期所作的评价；有此项时以新的评价为准"),
    ] = None


class RunList(Outbound):
    """A page of evaluations, the newest first."""

    items: tuple[RunOut, ...]
    next_page_token: str | None


class StaleOut(Outbound):
    """Why a result is to be computed again."""

    since: Instant
    reason: Annotated[
        Literal["corrected", "withdrawn", "repaired", "exempted"],
        Field(description="corrected 更正，withdrawn 撤回，repaired 修复，exempted 容错免责"),
    ]
    text: Annotated[str, Field(examples=[STALE_TEXTS["corrected"]])]
    records: Annotated[
        tuple[str, ...],
        Field(description="有变动的信用信息（最多20条）", examples=[["r_4f2a6c8e0b1d3f5a7c9e"]]),
    ]


class ResultOut(Outbound):
    """The result of one body."""

    run_id: Annotated[str, Field(examples=[_RUN_ID])]
    subject_id: Annotated[str, Field(examples=[_BODY_ID])]
    unified_code: Annotated[str, Field(examples=["11990100MB0000019L"])]
    name: str
    kind: Annotated[str, Field(examples=["department"])]
    region: Region
    level: str
    total: Points
    grade: Annotated[str, Field(examples=["A"])]
    grade_title: Annotated[str, Field(examples=["优"])]
    rank_group: Annotated[str, Field(description="在哪一组内排名", examples=["city"])]
    rank: Annotated[int, Field(description="名次，同分同名次", examples=[3])]
    rank_of: Annotated[int, Field(description="组内单位数", examples=[24])]
    stale: Annotated[
        StaleOut | None, Field(description="所依据的信用信息其后有变动时：何时、何故，待重新计算")
    ] = None
    notice: Annotated[
        NoticeOut | None, Field(description="公布前应当告知的结果：告知到哪一天，是否已公布")
    ] = None
    review: Annotated[ReviewOut | None, Field(description="对结果的复核：复核中或者结论")] = None


class ResultList(Outbound):
    """A page of results, by group and rank."""

    items: tuple[ResultOut, ...]
    next_page_token: str | None


class EffectOut(Outbound):
    """What one record did to an indicator."""

    record_id: Annotated[str, Field(examples=["r_4f2a6c8e0b1d3f5a7c9e"])]
    version: int
    effect: Annotated[dict[str, str], Field(examples=[{"numerator": "1", "denominator": "1"}])]


class PeersOut(Outbound):
    """How the peers, the body included, did in an indicator."""

    of: Annotated[int, Field(description="同类单位数", examples=[24])]
    mean: Points
    best: Points
    lowest: Points


class LeafOut(Outbound):
    """A scoring indicator: points, rule, working, inputs, and every record behind them."""

    indicator: Annotated[str, Field(examples=["double_publicity_on_time"])]
    title: Annotated[str, Field(examples=["双公示及时率"])]
    max_points: Points
    points: Points
    decimals: Annotated[int, Field(examples=[2])]
    rule: Annotated[str, Field(description="评分规则", examples=["按时报送的比例乘以满分"])]
    working: Annotated[str, Field(description="计算过程", examples=["20 × 37 ÷ 40 = 18.50"])]
    score: Annotated[dict[str, Any] | None, Field(description="政策包中的评分规则原文")]
    inputs: Annotated[dict[str, str], Field(examples=[{"numerator": "37", "denominator": "40"}])]
    records: tuple[EffectOut, ...]
    earlier: Annotated[
        tuple[EffectOut, ...] | None, Field(description="取最新值时，较早各条本会怎样")
    ] = None
    among: Annotated[
        dict[str, Any] | None, Field(description="计分用到的同类单位的数值，有则写明")
    ] = None
    peers: Annotated[PeersOut | None, Field(description="同类单位的得分")] = None


class NodeOut(Outbound):
    """A node of the indicator tree; a branch has the sum of its children's points."""

    indicator: Annotated[str, Field(examples=["lawful"])]
    title: Annotated[str, Field(examples=["依法行政"])]
    max_points: Points
    points: Points
    children: tuple[NodeOut, ...] = ()


class ExplainedResultOut(ResultOut):
    """A result with everything it was made from."""

    tree: tuple[NodeOut, ...]
    leaves: tuple[LeafOut, ...]
    grades: Annotated[
        tuple[dict[str, str], ...] | None, Field(description="各等级及其起点")
    ] = None
    vetoes: Annotated[
        tuple[dict[str, Any], ...] | None,
        Field(description="一票否决和限制：依据、有关信息、是否达到"),
    ] = None
    without_vetoes: Annotated[
        dict[str, Any] | None, Field(description="没有限制时的总分和等级")
    ] = None


class DifferenceOut(Outbound):
    """A digit that is not the same."""

    subject_id: Annotated[str, Field(description="单位；空为整次评价", examples=[_BODY_ID])]
    field: Annotated[str, Field(examples=["total"])]
    stored: Annotated[str, Field(examples=["91.20"])]
    replayed: Annotated[str, Field(examples=["90.20"])]


class ReplayOut(Outbound):
    """A run computed again from its frozen inputs, and whether every digit is the same."""

    replay_id: Annotated[str, Field(examples=["rp_2b3c4d5e6f7g2h3j4k5m6n7p2q"])]
    run_id: Annotated[str, Field(examples=[_RUN_ID])]
    status: Annotated[
        Literal["running", "completed"], Field(description="running 复算中，completed 已完成")
    ]
    equal: Annotated[
        bool | None, Field(description="是否每一位数字都相同；复算中为空", examples=[True])
    ]
    compared: Annotated[int, Field(description="已比较的单位数", examples=[60])]
    difference_count: Annotated[int, Field(examples=[0])]
    differences: Annotated[tuple[DifferenceOut, ...], Field(description="不同之处（最多500条）")]
    results_digest: Annotated[str | None, Field(examples=[_DIGEST])]
    percentage: Annotated[int, Field(description="进度（%）", examples=[100])]
    created_at: Instant
    completed_at: Instant | None


def run_out(run: Run, now: datetime) -> RunOut:
    """A run as shown."""
    finish = None
    if run.status == "running":
        finish = estimated_finish(run.started_at, *run.steps, now)
    return RunOut(
        run_id=run.run_id,
        status=run.status,
        scheme=run.scheme,
        title=run.title,
        jurisdiction=run.jurisdiction,
        period=run.period,
        first_day=run.first_day,
        last_day=run.last_day,
        pack=run.pack,
        pack_digest=run.pack_digest,
        regions=run.regions,
        trigger=run.trigger,
        bodies=run.bodies,
        chunks=run.chunks,
        chunks_done=run.settled,
        percentage=percentage(*run.steps, run.status == "completed"),
        created_at=run.created_at,
        started_at=run.started_at or None,
        estimated_finish_at=None if finish is None else instant_text(finish),
        completed_at=run.completed_at or None,
        results_digest=run.results_digest or None,
        stale_results=run.stale_results,
        superseded_by=run.superseded_by or None,
    )


def _stale_values(stale: Stale) -> dict[str, Any]:
    return {
        "since": stale.since,
        "reason": stale.reason,
        "text": STALE_TEXTS[stale.reason],
        "records": list(stale.records),
    }


def result_values(
    result: Result, hold: Hold | None = None, contest: Contest | None = None
) -> dict[str, Any]:
    """The fields of a ranked result as shown, with what is known of its publication and appeal."""
    body, placing = result.body, result.placing
    return {
        "run_id": result.run_id,
        "subject_id": body.subject_id,
        "unified_code": body.unified_code,
        "name": body.name,
        "kind": body.kind,
        "region": body.region,
        "level": body.level,
        "total": format(result.total, "f"),
        "grade": result.grade,
        "grade_title": result.grade_title,
        "rank_group": placing.group if placing else "",
        "rank": placing.place if placing else 0,
        "rank_of": placing.of if placing else 0,
        "stale": _stale_values(result.stale) if result.stale else None,
        "notice": notice_values(hold),
        "review": review_values(contest),
    }


def replay_out(replay: Replay) -> ReplayOut:
    """A replay as shown."""
    return ReplayOut(
        replay_id=replay.replay_id,
        run_id=replay.run_id,
        status=replay.status,
        equal=replay.is_equal,
        compared=replay.compared,
        difference_count=replay.difference_count,
        differences=tuple(
            DifferenceOut(
                subject_id=each.subject_id,
                field=each.field,
                stored=each.stored,
                replayed=each.replayed,
            )
            for each in replay.differences
        ),
        results_digest=replay.results_digest or None,
        percentage=percentage(replay.replayed, replay.chunks, replay.status == "completed"),
        created_at=replay.created_at,
        completed_at=replay.completed_at or None,
    )
