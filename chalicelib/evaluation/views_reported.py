"""Bodies of the routes of reported figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.evaluation.model_reported import Report
from chalicelib.evaluation.reported import Obliged
from chalicelib.evaluation.rules_periods import name_of
from chalicelib.evaluation.rules_reported import due_on, latest_period
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.reported import PeriodKind, ReportedFigure, Reviewer
from chalicelib.web.model import Inbound, Outbound

PaperId = Annotated[str, Field(min_length=1, max_length=64)]
STATES = {"submitted": "待审核", "accepted": "已认定", "returned": "已退回", "missing": "未填报"}


class FigureStatementIn(Inbound):
    """What a body states of itself."""

    value: str = Field(max_length=20, description="数值（十进制文本）", examples=["92.5"])
    text: str = Field("", max_length=20_000, description="自评报告；政策包要求时必填")
    evidence: list[PaperId] = Field(
        default_factory=list, max_length=20, description="就本单位提交并归档的佐证材料编号"
    )


class FigureReviewIn(Inbound):
    """The verdict of a review."""

    verdict: Literal["accept", "amend", "return"] = Field(
        description="accept 按填报数认定，amend 认定为其他数值，return 退回重新填报"
    )
    value: str = Field("", max_length=20, description="认定的数值，只在 amend 时填写")
    reason: str = Field("", max_length=1000, description="理由，amend 和 return 时必填")


class ReportedFigureOut(Outbound):
    """A figure bodies report, with the period that is due now."""

    code: str
    title: str
    purpose: str
    unit: str
    least: str
    most: str
    decimals: int
    about: list[str] = Field(description="由哪些类别的单位填报")
    period: PeriodKind
    evidence: bool
    text: bool
    reviewed_by: Reviewer
    latest_period: str = Field(description="最近结束的一期")
    due_on: date = Field(description="这一期的填报截止日")
    basis: LegalBasis


class ReportedFigureList(Outbound):
    """What bodies of a jurisdiction report."""

    items: list[ReportedFigureOut]


class EarlierFigureReport(Outbound):
    """A report as it was in an earlier version."""

    version: int
    value: str
    state: str
    accepted_value: str | None
    reason: str | None
    submitted_at: datetime
    reviewed_at: datetime | None


class FigureReportOut(Outbound):
    """What a body stated, and what came of the review."""

    figure: str
    title: str
    unit: str
    period: str
    unified_code: str
    name: str
    region: str
    value: str
    text: str
    evidence: list[str]
    state: Literal["submitted", "accepted", "returned"]
    state_title: str
    accepted_value: str | None = Field(description="供评价使用的数值；没有认定的为空")
    reason: str | None
    submitted_at: datetime
    late: bool = Field(description="晚于截止日填报")
    due_on: date
    review_due_on: date
    review_overdue: bool
    reviewed_at: datetime | None
    reviewed_by: str | None
    version: int
    history: list[EarlierFigureReport]


class FigureReportList(Outbound):
    """A page of reports."""

    items: list[FigureReportOut]
    next_page_token: str | None


class ObligedBodyOut(Outbound):
    """A body that has to report, and where it stands."""

    unified_code: str
    name: str
    region: str
    state: Literal["missing", "submitted", "accepted", "returned"]
    state_title: str
    due_on: date
    overdue: bool = Field(description="截止日已过，没有填报或者退回后没有重新填报")
    version: int = Field(description="0 表示还没有填报")


class ObligedBodyList(Outbound):
    """A page of bodies that have to report."""

    items: list[ObligedBodyOut]
    next_page_token: str | None


class FigurePaperOut(Outbound):
    """A paper that proves a report, checked against the archive."""

    evidence_id: str
    title: str
    intact: bool = Field(description="存档对象与归档时的 SHA-256 一致")
    link: str = Field(description="五分钟内有效的下载地址")


def figure_out(figure: ReportedFigure, today: date) -> ReportedFigureOut:
    """A figure and what is due of it."""
    latest = latest_period(figure, today)
    return ReportedFigureOut(
        code=figure.code,
        title=figure.title,
        purpose=figure.purpose,
        unit=figure.unit,
        least=str(figure.least),
        most=str(figure.most),
        decimals=figure.decimals,
        about=list(figure.about),
        period=figure.period,
        evidence=figure.evidence,
        text=figure.text,
        reviewed_by=figure.reviewed_by,
        latest_period=name_of(latest),
        due_on=due_on(figure, latest),
        basis=figure.basis,
    )


def report_out(
    report: Report, figure: ReportedFigure, today: date, history: list[Report]
) -> FigureReportOut:
    """A report as it stands today."""
    submitted = parse_instant(report.submitted_at)
    due, review_due = date.fromisoformat(report.due_on), date.fromisoformat(report.review_due_on)
    return FigureReportOut(
        figure=report.figure,
        title=figure.title,
        unit=figure.unit,
        period=report.period,
        unified_code=report.unified_code,
        name=report.name,
        region=report.region,
        value=report.value,
        text=report.text,
        evidence=list(report.evidence),
        state=report.state,
        state_title=STATES[report.state],
        accepted_value=report.accepted_value or None,
        reason=report.reason or None,
        submitted_at=submitted,
        late=civil_date(submitted) > due,
        due_on=due,
        review_due_on=review_due,
        review_overdue=report.state == "submitted" and today > review_due,
        reviewed_at=parse_instant(report.reviewed_at) if report.reviewed_at else None,
        reviewed_by=report.reviewed_by or None,
        version=report.version,
        history=[_earlier(one) for one in history],
    )


def _earlier(report: Report) -> EarlierFigureReport:
    return EarlierFigureReport(
        version=report.version,
        value=report.value,
        state=report.state,
        accepted_value=report.accepted_value or None,
        reason=report.reason or None,
        submitted_at=parse_instant(report.submitted_at),
        reviewed_at=parse_instant(report.reviewed_at) if report.reviewed_at else None,
    )


def obliged_out(obliged: Obliged, due: date, today: date) -> ObligedBodyOut:
    """A body that has to report by a day."""
    report = obliged.report
    state = "missing" if report is None else report.state
    return ObligedBodyOut(
        unified_code=obliged.subject.unified_code,
        name=obliged.subject.name,
        region=obliged.subject.region,
        state=state,
        state_title=STATES[state],
        due_on=due,
        overdue=state in ("missing", "returned") and today > due,
        version=0 if report is None else report.version,
    )
