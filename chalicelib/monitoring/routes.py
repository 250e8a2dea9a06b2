"""HTTP of monitoring: warnings, the map of regions, series, looks by hand, back-tests."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.monitoring import pictures, service
from chalicelib.monitoring.model_runs import Run
from chalicelib.monitoring.presenting import (
    back_test_out,
    detail_out,
    heat_map_out,
    rule_out,
    run_out,
    trend_out,
    warning_out,
)
from chalicelib.monitoring.views import (
    BackTestIn,
    BackTestOut,
    HeatMapOut,
    MonitoringRunList,
    MonitoringRunOut,
    TrendOut,
    WarningDetailOut,
    WarningList,
    WarningRuleList,
)
from chalicelib.pictures.model import Chart
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.charts import SVG, picture_answer
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

Watched = Annotated[
    str, Query(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="预警规则的编码")
]
Subject = Annotated[
    str,
    Query(
        alias="object",
        pattern=r"^(body|region|trade):[0-9A-Za-z_]{1,64}$",
        description="body:统一社会信用代码、region:行政区划代码或者 trade:行业",
    ),
]
FirstDay = Annotated[date | None, Query(alias="from", description="开始日期，不填为一年前")]
LastDay = Annotated[date | None, Query(alias="to", description="截止日期，不填为今天")]

routes = Routes(
    "监测预警",
    errors=[
        ErrorPage(
            "no_monitoring",
            404,
            "本地没有监测预警",
            "本地的文件没有监测预警这项机制，政策包里没有预警规则。",
            "监测预警只在文件有规定的地方使用，见归集目录的机制表。",
        ),
        ErrorPage(
            "unknown_rule",
            404,
            "没有这条预警规则",
            "本地的政策包里没有这条预警规则。",
            "在 GET /v1/monitoring/rules 中查找规则的编码。",
        ),
        ErrorPage(
            "not_monitored",
            404,
            "这一天没有监测数据",
            "那一天没有进行监测，或者监测还没有完成。",
            "换一个日期，或者不填日期，取最近一次完成的监测。",
        ),
        ErrorPage(
            "one_of",
            0,
            "只填写一项",
            "回测应写明现行的规则，或者给出规则草案，二者取一。",
            "填写 rule 或者 draft，不要都填，也不要都不填。",
        ),
        ErrorPage(
            "warning_rule",
            0,
            "规则草案不对",
            "草案不符合预警规则的写法，或者引用了目录中没有的信息类型、字段。",
            "按提示的位置修改；写法见政策包的 warning_rules。",
        ),
        ErrorPage(
            "not_testable",
            0,
            "这条规则不能回测",
            "回测需要针对单位、取自信用信息、写明以什么认定预警准确的规则。",
            "换一条规则，或者在草案中补充 confirmed_by。",
        ),
        ErrorPage(
            "span_order",
            0,
            "起止日期不对",
            "截止日期早于开始日期，或者一次取的天数太多。",
            "先写开始日期，再写截止日期；时间长的分几次取。",
        ),
        ErrorPage(
            "span_future",
            0,
            "截止日期不能是将来的日期",
            "回测只能用已有的数据。",
            "截止日期填写今天或者更早。",
        ),
        ErrorPage(
            "span_too_long",
            0,
            "一次回测的时间太长",
            "一次回测的天数有上限。",
            "缩短时间，或者分几次回测。",
        ),
        ErrorPage(
            "unknown_object",
            0,
            "没有这个监测对象",
            "object 应写明单位、行政区划或者行业。",
            "写作 body:统一社会信用代码、region:行政区划代码或者 trade:行业。",
        ),
    ],
)

WarningId = Annotated[str, Path(description="预警编号", max_length=64)]
RunId = Annotated[str, Path(description="监测编号", max_length=128)]
BackTestId = Annotated[str, Path(description="回测编号", max_length=64)]
RuleCode = Annotated[
    str, Query(pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="预警规则的编码")
]
_YEAR = timedelta(days=365)


@routes.get(
    "/v1/warnings", operation="warnings.read", summary="预警列表", answers={200: WarningList}
)
def list_warnings(
    level: Annotated[
        Literal["", "blue", "yellow", "orange", "red"], Query(description="现在的等级")
    ] = "",
    rule: RuleCode = "",
    state: Annotated[
        Literal["", "open", "closed"], Query(description="open 未解除，closed 已解除")
    ] = "",
    region: Annotated[
        str, Query(pattern=r"^([0-9]{6})?$", description="行政区划，含其下级")
    ] = "",
    body: Annotated[
        str, Query(pattern=r"^([0-9A-Z]{1,18})?$", description="被预警单位的统一社会信用代码")
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """最近的在前。单位看到本单位的，上级主管单位看到直接下级的，信用办看到本行政区划及以下的。"""
    found, cursor = service.list_warnings(
        request.platform(),
        request.caller(),
        request.scope(),
        service.Query(level, rule, state, body, region),
        limit,
        read_page_token(page_token),
    )
    return listing([warning_out(warning) for warning in found], cursor)


@routes.get(
    "/v1/warnings/{warning_id}",
    operation="warnings.read",
    summary="一条预警及其原因和经过",
    answers={200: WarningDetailOut},
    errors=(404,),
)
def show_warning(warning_id: WarningId) -> Answer:
    """窗口、数值、阈值，所依据的信用信息（编号和版本），等级的每次变化，以及处置它的案件。"""
    warning, history = service.find_warning(
        request.platform(), request.caller(), request.scope(), warning_id
    )
    return Answer(200, detail_out(warning, history), version=warning.version)


@routes.get(
    "/v1/monitoring/rules",
    operation="warnings.read",
    summary="现行的预警规则",
    answers={200: WarningRuleList},
    errors=(404,),
)
def list_rules() -> Answer:
    """指标、窗口、阈值和解除条件，按政策包。"""
    pack = service.pack_of(request.platform(), request.caller().jurisdiction)
    rules = sorted(pack.warning_rules.values(), key=lambda rule: (rule.order, rule.code))
    return Answer(200, {"items": [rule_out(rule) for rule in rules]})


@routes.get(
    "/v1/monitoring/heat-map",
    operation="monitoring.read",
    summary="各区域监测情况（区域和规则的矩阵）",
    answers={200: HeatMapOut},
    errors=(404,),
)
def show_heat_map(
    rule: RuleCode = "",
    on: Annotated[date | None, Query(description="日期；不填为最近一次完成的监测")] = None,
) -> Answer:
    """每个区域（含下级）在每条规则下的数值和等级，以及各等级的单位数。只列出管辖范围内的区域。"""
    return Answer(200, _heat_map(rule, on))


@routes.get(
    "/v1/monitoring/heat-map/chart",
    operation="monitoring.read",
    summary="监测预警热力图（SVG）",
    answers={200: None},
    errors=(404,),
    media_type=SVG,
)
def show_heat_map_chart(
    rule: RuleCode = "",
    on: Annotated[date | None, Query(description="日期；不填为最近一次完成的监测")] = None,
) -> Answer:
    """区域和规则的矩阵，每格写明数值和等级；同样的数字见 GET /v1/monitoring/heat-map。"""
    return _drawn(pictures.heat_map(_heat_map(rule, on)))


@routes.get(
    "/v1/monitoring/trends",
    operation="warnings.read",
    summary="一条规则下一个对象的走势",
    answers={200: TrendOut},
    errors=(404, 422),
)
def show_trend(
    rule: Watched, subject: Subject, first: FirstDay = None, last: LastDay = None
) -> Answer:
    """每天一个数值和等级；没有监测的日期不列。"""
    return Answer(200, _trend(rule, subject, first, last))


@routes.get(
    "/v1/monitoring/trends/chart",
    operation="warnings.read",
    summary="一条规则下一个对象的走势图（SVG）",
    answers={200: None},
    errors=(404, 422),
    media_type=SVG,
)
def show_trend_chart(
    rule: Watched, subject: Subject, first: FirstDay = None, last: LastDay = None
) -> Answer:
    """数值和各等级的阈值；同样的数字见 GET /v1/monitoring/trends。"""
    return _drawn(pictures.trend(_trend(rule, subject, first, last)))


def _heat_map(rule: str, on: date | None) -> HeatMapOut:
    platform, caller = request.platform(), request.caller()
    day, rules, cells = service.heat_map(platform, caller, request.scope(), rule, on)
    return heat_map_out(service.pack_of(platform, caller.jurisdiction), day, rules, cells)


def _trend(rule: str, subject: str, first: date | None, last: date | None) -> TrendOut:
    platform = request.platform()
    end = last or civil_date(platform.clock())
    days = (first or end - _YEAR, end)
    found, points = service.trend(
        platform, request.caller(), request.scope(), rule, subject, days
    )
    return trend_out(found, subject, points)


def _drawn(chart: Chart) -> Answer:
    return picture_answer(chart, hashlib.sha256(chart.svg.encode()).hexdigest()[:32])


@routes.post(
    "/v1/monitoring/runs",
    operation="monitoring.run",
    summary="现在进行一次监测",
    answers={202: MonitoringRunOut},
    errors=(404,),
    replay=Replay.SERVICE,
)
def start_run() -> Answer:
    """平台每天自动进行；需要立即更新时由管辖整个辖区的信用办发起，在后台分批进行。"""

    def present(run: Run) -> Answer:
        return Answer(202, run_out(run), location=f"/v1/monitoring/runs/{run.run_id}")

    return service.start_look(
        request.platform(),
        request.caller(),
        request.scope(),
        claim=request.idempotency_claim(),
        present=present,
    )


@routes.get(
    "/v1/monitoring/runs",
    operation="monitoring.read",
    summary="最近的监测",
    answers={200: MonitoringRunList},
)
def list_runs() -> Answer:
    """最近五十次，最近的在前。"""
    found = service.list_runs(request.platform(), request.caller(), "look", 50)
    return Answer(200, {"items": [run_out(run) for run in found]})


@routes.get(
    "/v1/monitoring/runs/{run_id}",
    operation="monitoring.read",
    summary="一次监测及其进度",
    answers={200: MonitoringRunOut},
    errors=(404,),
)
def show_run(run_id: RunId) -> Answer:
    """状态、单位数和进度百分比。"""
    run = service.find_run(request.platform(), request.caller(), "look", run_id)
    return Answer(200, run_out(run), version=run.version)


@routes.post(
    "/v1/monitoring/back-tests",
    operation="monitoring.run",
    summary="用历史数据回测一条预警规则",
    answers={202: BackTestOut},
    errors=(404, 422),
    replay=Replay.SERVICE,
)
def start_back_test(back_test: BackTestIn) -> Answer:
    """现行的规则或者规则草案，在本行政区划及以下的单位上逐日重演：一条信用信息从收到之日起才计入。

    结果按等级给出准确率和召回率，对照规则写明的、其后认定的信用信息。
    """

    def present(run: Run) -> Answer:
        location = f"/v1/monitoring/back-tests/{run.run_id}"
        return Answer(202, back_test_out(run), location=location)

    return service.start_back_test(
        request.platform(),
        request.caller(),
        service.BackTestOrder(
            back_test.rule, back_test.draft, back_test.first, back_test.last
        ),
        claim=request.idempotency_claim(),
        present=present,
    )


@routes.get(
    "/v1/monitoring/back-tests/{back_test_id}",
    operation="monitoring.run",
    summary="一次回测及其进度和结果",
    answers={200: BackTestOut},
    errors=(404,),
)
def show_back_test(back_test_id: BackTestId) -> Answer:
    """进度；完成后是会发出的预警、每月的数量，以及各等级的准确率和召回率。"""
    run = service.find_run(request.platform(), request.caller(), "backtest", back_test_id)
    return Answer(200, back_test_out(run), version=run.version)
