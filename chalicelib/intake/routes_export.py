"""HTTP of exports: ask for a file of records, watch it being made, fetch it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from chalicelib.intake import exports
from chalicelib.intake.exportstore import Export
from chalicelib.web import request
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer, Inbound, Outbound
from chalicelib.web.routes import Replay, Routes

routes = Routes(
    "报送",
    errors=[
        ErrorPage(
            "layout_not_offered",
            0,
            "没有这种导出格式",
            "归集目录没有为这个信息类型规定所要的列。",
            "从提示列出的格式中选择，例如双公示 2018 年数据标准 national_2018。",
        ),
    ],
)

ExportId = Annotated[str, Path(description="导出任务编号", max_length=64)]


class ExportIn(Inbound):
    """What is to be exported."""

    type: Annotated[
        str, Field(max_length=64, description="信息类型代码", examples=["administrative_licence"])
    ]
    first_day: Annotated[
        date, Field(description="决定或发生日期不早于", examples=["2026-06-01"])
    ]
    last_day: Annotated[date, Field(description="决定或发生日期不晚于", examples=["2026-06-30"])]
    format: Annotated[Literal["csv", "xlsx"], Field(description="csv（UTF-8）或 xlsx")] = "csv"
    layout: Annotated[
        str,
        Field(max_length=64, description="列的规格，见归集目录", examples=["national_2018"]),
    ] = "national_2018"
    agency: Annotated[
        str | None,
        Field(max_length=18, description="哪个单位报送的；信用办不填为本行政区划及以下各单位"),
    ] = None


class ExportOut(Outbound):
    """An export on its way."""

    export_id: str
    state: Annotated[
        Literal["collecting", "writing", "completed", "failed"],
        Field(description="collecting 汇集中，writing 生成文件，completed 已完成，failed 未能完成"),
    ]
    type: str
    layout: str
    format: str
    agency: Annotated[str | None, Field(examples=["11990100MB0000019L"])]
    region: str
    first_day: str
    last_day: str
    rows: Annotated[int, Field(description="已汇集的行数", examples=[128])]
    created_at: str
    completed_at: str | None
    problem: Annotated[str | None, Field(description="未能完成的原因", examples=[None])]
    link: Annotated[
        str | None, Field(description="下载地址，五分钟内有效；过期后重新查询", examples=[None])
    ]


@routes.post(
    "/v1/exports",
    operation="exports.start",
    summary="导出一段时间的信用信息",
    answers={202: ExportOut},
    replay=Replay.SERVICE,
)
def start_export(body: ExportIn) -> Answer:
    """按国家数据标准的列导出本单位（信用办：本行政区划内各单位）报送的有效信息，后台生成。

    已撤回的和因信用修复停止共享的不导出；标注和声明不在国家标准的列中，须逐条查阅。
    金额为万元，日期写作 2026/06/01，选项写中文；自然人的姓名和号码不导出，以 *** 代替。
    """
    platform, caller = request.platform(), request.caller()
    wish = exports.Wish(
        type=body.type,
        layout=body.layout,
        format=body.format,
        first_day=body.first_day,
        last_day=body.last_day,
        agency=body.agency or "",
    )
    export = exports.new_export(platform, caller, request.scope(), wish)
    location = f"/v1/exports/{export.export_id}"
    answer = Answer(202, _out(export, None), location=location)
    return exports.start(platform, export, answer, request.idempotency_claim())


@routes.get(
    "/v1/exports/{export_id}",
    operation="exports.read",
    summary="导出任务的进度和下载地址",
    answers={200: ExportOut},
    errors=(404,),
)
def show_export(export_id: ExportId) -> Answer:
    """完成后给出五分钟内有效的下载地址。文件保留 90 天。"""
    platform = request.platform()
    export = exports.find_export(platform, request.caller(), request.scope(), export_id)
    return Answer(200, _out(export, exports.link_of(platform, export)))


def _out(export: Export, link: str | None) -> ExportOut:
    return ExportOut(
        export_id=export.export_id,
        state=export.state,
        type=export.type,
        layout=export.layout,
        format=export.format,
        agency=export.agency or None,
        region=export.region,
        first_day=export.first_day,
        last_day=export.last_day,
        rows=export.rows,
        created_at=export.created_at,
        completed_at=export.completed_at or None,
        problem=export.problem or None,
        link=link,
    )
