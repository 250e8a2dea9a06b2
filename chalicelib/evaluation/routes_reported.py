"""HTTP by which bodies report figures of themselves, and offices review them."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.evaluation import examples_reported as examples
from chalicelib.evaluation import reported
from chalicelib.evaluation.model_reported import Report
from chalicelib.evaluation.pages_reported import PAGES
from chalicelib.evaluation.rules_reported import due_on
from chalicelib.evaluation.views_reported import (
    FigurePaperOut,
    FigureReportList,
    FigureReportOut,
    FigureReviewIn,
    FigureStatementIn,
    ObligedBodyList,
    ReportedFigureList,
    figure_out,
    obliged_out,
    report_out,
)
from chalicelib.kernel.clock import civil_date
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("评价填报", errors=PAGES)

FigureCode = Annotated[str, Path(description="填报数据的编码", pattern=r"^[a-z][a-z0-9_]{0,63}$")]
PeriodName = Annotated[str, Path(description="填报期：2025、2025-H1、2025-Q3", max_length=7)]
BodyCode = Annotated[str, Path(description="统一社会信用代码", pattern=r"^[0-9A-Z]{18}$")]
PaperCode = Annotated[str, Path(description="材料编号", max_length=64)]
Region = Annotated[str, Query(pattern=r"^(\d{6})?$", description="行政区划及以下；不填为本区划")]


@routes.get(
    "/v1/evaluation-figures",
    operation="evaluation_figures.read",
    summary="单位填报哪些评价数据",
    answers={200: ReportedFigureList},
    examples={200: examples.FIGURES},
)
def list_figures() -> Answer:
    """口径、上下限、由哪类单位填报、由谁审核，以及最近一期和它的截止日。"""
    platform = request.platform()
    today = civil_date(platform.clock())
    found = reported.figures_for(platform, request.caller().jurisdiction)
    return Answer(200, ReportedFigureList(items=[figure_out(one, today) for one in found]))


@routes.get(
    "/v1/evaluation-figures/{code}/{period}",
    operation="evaluation_figures.read",
    summary="一期填报：谁填报了，谁还没有",
    answers={200: ObligedBodyList},
    examples={200: examples.OBLIGED_EXAMPLE},
    errors=(403, 404, 422),
)
def list_obliged(
    code: FigureCode,
    period: PeriodName,
    region: Region = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """应当填报的单位，按行政区划和代码排列；报送单位只看到自己。"""
    platform, caller = request.platform(), request.caller()
    figure = reported.find_figure(platform, caller.jurisdiction, code)
    due = due_on(figure, reported.find_period(figure, period))
    reach = reported.Reach(caller, request.scope(), region)
    start = read_page_token(page_token)
    found, cursor = reported.list_obliged(platform, reach, figure, period, limit, start)
    today = civil_date(platform.clock())
    return listing([obliged_out(one, due, today) for one in found], cursor)


@routes.put(
    "/v1/evaluation-figures/{code}/{period}",
    operation="evaluation_figures.state",
    summary="填报本单位的一项评价数据",
    answers={200: FigureReportOut, 201: FigureReportOut},
    examples={0: examples.STATEMENT, 200: examples.REPORT_EXAMPLE, 201: examples.REPORT_EXAMPLE},
    errors=(403, 404, 409, 422),
    edits=True,
)
def state_figure(code: FigureCode, period: PeriodName, statement: FigureStatementIn) -> Answer:
    """第一次填报用 If-Match: "0"；审核认定以前可以修改，退回以后重新填报。

    佐证材料先用 POST /v1/papers 就本单位提交。同样的内容再次提交不产生新的版本。
    """
    stated = reported.Statement(statement.value, statement.text, tuple(statement.evidence))
    report = reported.state_figure(
        request.platform(), request.caller(), code, period, stated, request.if_match()
    )
    return _shown(report, 201 if report.version == 1 else 200)


@routes.get(
    "/v1/evaluation-figures/{code}/{period}/bodies/{unified_code}",
    operation="evaluation_figures.read",
    summary="一个单位的一项填报和它的经过",
    answers={200: FigureReportOut},
    examples={200: examples.REPORT_EXAMPLE},
    errors=(404,),
)
def show_report(code: FigureCode, period: PeriodName, unified_code: BodyCode) -> Answer:
    """填报数、自评报告、材料、审核结果和以前的各版。"""
    return _shown(_visible(code, period, unified_code), 200)


@routes.post(
    "/v1/evaluation-figures/{code}/{period}/bodies/{unified_code}/review",
    operation="evaluation_figures.review",
    summary="审核一项填报",
    answers={200: FigureReportOut},
    examples={0: examples.REVIEW, 200: examples.REPORT_EXAMPLE},
    errors=(403, 404, 409, 422),
    edits=True,
)
def review_report(
    code: FigureCode, period: PeriodName, unified_code: BodyCode, review: FigureReviewIn
) -> Answer:
    """按填报数认定，写明理由认定为其他数值，或者写明理由退回。

    只有认定的数值进入评价；单位不能审核自己的填报。
    """
    found = _visible(code, period, unified_code)
    verdict = reported.Review(review.verdict, review.value, review.reason)
    after = reported.review_figure(
        request.platform(), request.caller(), found, verdict, request.if_match()
    )
    return _shown(after, 200)


@routes.get(
    "/v1/evaluation-figures/{code}/{period}/bodies/{unified_code}/papers/{evidence_id}",
    operation="evaluation_figures.read",
    summary="查看一项填报的佐证材料",
    answers={200: FigurePaperOut},
    examples={200: examples.PAPER},
    errors=(404, 409),
)
def show_paper(
    code: FigureCode, period: PeriodName, unified_code: BodyCode, evidence_id: PaperCode
) -> Answer:
    """核对与归档时一致，给出五分钟内有效的下载地址。"""
    report = _visible(code, period, unified_code)
    opened = reported.open_paper(request.platform(), report, evidence_id)
    shown = FigurePaperOut(
        evidence_id=evidence_id, title=opened.title, intact=opened.intact, link=opened.link
    )
    return Answer(200, shown)


@routes.get(
    "/v1/evaluation-reports",
    operation="evaluation_figures.read",
    summary="填报清单",
    answers={200: FigureReportList},
    examples={200: examples.REPORTS},
    errors=(403, 422),
)
def list_reports(
    state: Annotated[
        Literal["submitted", "accepted", "returned"],
        Query(description="submitted 待审核，accepted 已认定，returned 已退回"),
    ] = "submitted",
    region: Region = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """信用办和主管单位：一种状态的填报，按行政区划排列；报送单位：自己的全部填报，不分状态。"""
    platform = request.platform()
    reach = reported.Reach(request.caller(), request.scope(), region)
    start = read_page_token(page_token)
    found, cursor = reported.list_reports(platform, reach, state, limit, start)
    today = civil_date(platform.clock())
    shown = [report_out(one, reported.figure_of_report(one), today, []) for one in found]
    return listing(shown, cursor)


def _visible(code: str, period: str, unified_code: str) -> Report:
    platform = request.platform()
    reach = reported.Reach(request.caller(), request.scope())
    return reported.find_visible(platform, reach, code, period, unified_code)


def _shown(report: Report, status: int) -> Answer:
    platform = request.platform()
    body = report_out(
        report,
        reported.figure_of_report(report),
        civil_date(platform.clock()),
        reported.history_of(platform, report),
    )
    path = f"/v1/evaluation-figures/{report.figure}/{report.period}/bodies/{report.unified_code}"
    location = path if status == 201 else None
    return Answer(status, body, version=report.version, location=location)
