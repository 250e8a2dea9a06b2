"""What a preflight answers, as the document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from pydantic import Field

from chalicelib.aws.platform import Platform
from chalicelib.intake.answers import FaultOut
from chalicelib.intake.model import Candidate
from chalicelib.intake.preflight import fault_of_late, fix_for
from chalicelib.intake.rules_fixes import fix_of
from chalicelib.intake.rules_preflight import Foreseen, Tally, forecasts
from chalicelib.intake.store import ChunkCounts, State, Upload
from chalicelib.intake.uploads import estimated_finish, percent_of
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_version
from chalicelib.web.model import Outbound


class FixOut(FaultOut):
    """A fault, and what to write instead."""

    fix: str = Field(description="怎么改")


class DueOut(Outbound):
    """Rows that are on time until a day."""

    due_on: str = Field(description="这一日（含）以前收到为按时")
    rows: int
    provisional: int = Field(description="其中期限跨入放假安排尚未公布的年份、只按周末推算的行数")


class PredictedRateOut(Outbound):
    """A predicted rate and what it costs. Shares and points are exact decimals as text."""

    code: Literal["stored", "complete", "on_time"]
    title: str
    reached: int
    total: int
    share: str | None = Field(description="比例；没有可以计算的行时为 null")
    full_at: str = Field(description="达到这个比例得满分，以下按比例得分")
    points: str = Field(description="满分")
    gained: str | None = Field(description="预计得分")
    lost: str | None = Field(description="预计失分")
    how: str = Field(description="怎么算")
    basis: str


class OutlookOut(Outbound):
    """What rows would come to if they were submitted now."""

    rows: int
    accepted: int
    duplicate: int
    rejected: int = Field(description="不会收下的行，含冲突")
    conflict: int = Field(description="与在档信息或本次其他行是同一事项而内容不同的行")
    late: int = Field(description="会收下但已经迟报的行")
    tidied: int = Field(description="有内容会改写成目录格式的行")
    due: Sequence[DueOut] = Field(description="还没有迟报的行，按报送期限")
    rates: Sequence[PredictedRateOut] | None = Field(
        description="预计的入库率、完整率、及时率和得分"
    )
    rates_note: str | None = Field(description="没有预计得分的原因")


class PreflightOut(Outbound):
    """A preflight of a file on its way."""

    preflight_id: str
    upload_id: str
    state: State
    created_at: str
    completed_at: str | None
    received_on: str = Field(description="文件收到之日：是否迟报按此计算")
    rows: int
    percent: int
    estimated_finish: str | None
    problems: Sequence[FixOut] = Field(description="整个文件不能处理的原因，和怎么改")
    sheet: str | None
    remarks: Sequence[str]
    outlook: OutlookOut | None = Field(description="完成后给出")
    report: str | None = Field(description="逐行报告的地址，完成后提供")


class PreflightRow(Outbound):
    """What would become of one record of a batch."""

    position: int
    outcome: Literal["accepted", "duplicate", "conflict", "rejected"]
    due_on: str | None = Field(description="报送期限；没有期限或决定日期不明时为 null")
    provisional: bool = Field(description="期限只按周末推算，放假安排公布后可能改变")
    late: bool
    errors: Sequence[FixOut]


class PreflightResult(Outbound):
    """What would become of a batch, in the order sent."""

    outlook: OutlookOut
    results: Sequence[PreflightRow]


def row_out(pack: Pack, candidate: Candidate, row: Foreseen) -> PreflightRow:
    """One record as foreseen."""
    errors = [
        FixOut(
            pointer=fault.pointer, code=fault.code, message=fault.message,
            fix=fix_for(pack, "", candidate, fault),
        )
        for fault in row.faults
    ]  # fmt: skip
    if row.late and row.verdict == "accepted":
        late = fault_of_late(row)
        fix = fix_of(None, late, "")
        errors.append(FixOut(pointer="", code=late.code, message=late.message, fix=fix))
    return PreflightRow(
        position=row.position,
        outcome=row.verdict,
        due_on=row.due_on or None,
        provisional=row.provisional,
        late=row.late,
        errors=errors,
    )


def outlook_out(pack: Pack, tally: Tally) -> OutlookOut:
    """What rows come to, with the rates the jurisdiction assesses, if it does."""
    rates, note = _rates(pack, tally)
    return OutlookOut(
        rows=tally.rows,
        accepted=tally.accepted,
        duplicate=tally.duplicate,
        rejected=tally.rejected,
        conflict=tally.conflict,
        late=tally.late,
        tidied=tally.tidied,
        due=[
            DueOut(due_on=day, rows=rows, provisional=provisional)
            for day, (rows, provisional) in sorted(tally.due.items())
            if rows
        ],
        rates=rates,
        rates_note=note,
    )


def _rates(pack: Pack, tally: Tally) -> tuple[list[PredictedRateOut] | None, str | None]:
    assessment = pack.assessments.get("collection")
    if assessment is None:
        return None, f"“{pack.title}”的政策包没有归集工作考核办法，不预计得分"
    if not tally.assessed_accepted + tally.assessed_rejected + tally.required:
        titles = "、".join(pack.types[code].title for code in assessment.types)
        return None, f"归集工作考核只计{titles}，这里没有"
    return [
        PredictedRateOut(
            code=cast(Literal["stored", "complete", "on_time"], one.code),
            title=one.title,
            reached=one.reached,
            total=one.total,
            share=one.share or None,
            full_at=one.full_at,
            points=one.points,
            gained=one.gained or None,
            lost=one.lost or None,
            how=one.how,
            basis=one.basis,
        )
        for one in forecasts(assessment, tally)
    ], None


def preflight_out(platform: Platform, preflight: Upload, progress: ChunkCounts) -> PreflightOut:
    """A preflight as answered; `progress` are the counts so far."""
    is_done = preflight.state == "completed"
    outlook = None
    if is_done:
        pack = pack_version(preflight.jurisdiction, preflight.pack)
        outlook = outlook_out(pack, Tally.from_json(preflight.summary))
    return PreflightOut(
        preflight_id=preflight.upload_id,
        upload_id=preflight.of_upload,
        state=preflight.state,
        created_at=preflight.created_at,
        completed_at=preflight.completed_at or None,
        received_on=preflight.received_on,
        rows=outlook.rows if outlook is not None else preflight.rows,
        percent=percent_of(preflight, progress.rows),
        estimated_finish=estimated_finish(platform, preflight, progress.rows) or None,
        problems=[
            FixOut(pointer=p, code=c, message=m, fix=fix_of(None, Fault(p, c, m), ""))
            for p, c, m in preflight.problems
        ],
        sheet=preflight.sheet or None,
        remarks=preflight.remarks,
        outlook=outlook,
        report=f"/v1/uploads/{preflight.of_upload}/preflight/report" if is_done else None,
    )
