"""What monitoring takes and shows over HTTP: bodies of requests and answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.monitoring.model import Standing
from chalicelib.policy.warnings import Watched
from chalicelib.web.model import Inbound, Outbound

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-06-15"])]
Number = Annotated[str, Field(description="十进制数；没有可以计算的数值时为空", examples=["3"])]
WarningLevel = Annotated[
    Standing,
    Field(description="none 没有或者已经解除，blue 蓝，yellow 黄，orange 橙，red 红"),
]


class RowOut(Outbound):
    """A piece of credit information a warning rests on."""

    record_id: Annotated[str, Field(examples=["rec_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    version: int
    type: Annotated[str, Field(examples=["commitment_breach"])]
    occurred_on: Day


class ContributionOut(Outbound):
    """A body behind a warning about a region or a trade."""

    subject_id: Annotated[str, Field(examples=["b_11990100MB0000019L"])]
    name: Annotated[str, Field(examples=["示例区住房和城乡建设局"])]
    sample: Annotated[int, Field(description="有关信息的件数")]


class HistoryOut(Outbound):
    """One change of a warning."""

    change: Literal["raised", "escalated", "lowered", "closed"]
    change_title: Annotated[str, Field(examples=["发出预警"])]
    level: WarningLevel
    day: Day
    value: Number
    reason: str


class WarningOut(Outbound):
    """A warning as it stands."""

    warning_id: Annotated[str, Field(examples=["w_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    rule: Annotated[str, Field(examples=["dishonesty_count"])]
    rule_title: Annotated[str, Field(examples=["失信记录件数"])]
    watched: Annotated[Watched, Field(description="body 单位，region 区域，trade 行业")]
    object_code: Annotated[
        str, Field(description="主体编号、行政区划代码或者行业", examples=["b_11990100MB0000019L"])
    ]
    object_title: Annotated[str, Field(examples=["示例区住房和城乡建设局"])]
    region: Annotated[str, Field(examples=["329901"])]
    unified_code: Annotated[
        str, Field(description="被预警单位的统一社会信用代码；没有可以告知的单位时为空")
    ]
    state: Literal["open", "closed"]
    level: WarningLevel
    level_title: Annotated[str, Field(examples=["黄色"])]
    peak: Annotated[WarningLevel, Field(description="达到过的最高等级")]
    raised_on: Day
    closed_on: Annotated[str, Field(description="没有解除时为空")]
    day: Annotated[str, Field(description="数值和等级最近一次变化的日期", examples=["2026-06-15"])]
    value: Number
    sample: Annotated[int, Field(description="窗口内有关信息的件数", examples=[3])]
    reason: Annotated[str, Field(description="窗口、数值和阈值")]
    case_id: Annotated[str, Field(description="处置这条预警的案件；没有时为空")]


class WarningDetailOut(WarningOut):
    """A warning with what it rests on and what became of it."""

    rows: Annotated[
        tuple[RowOut, ...], Field(description="所依据的信用信息，最近的在前，最多 20 条")
    ]
    row_count: Annotated[int, Field(description="所依据的信用信息总数")]
    bodies: Annotated[
        tuple[ContributionOut, ...], Field(description="区域、行业预警：件数最多的单位，最多 10 个")
    ]
    history: tuple[HistoryOut, ...]
    pack: Annotated[str, Field(description="所依据的政策包版本", examples=["2024-09-13"])]


class WarningList(Outbound):
    """A page of warnings, the newest first."""

    items: tuple[WarningOut, ...]
    next_page_token: str | None


class WarningRuleOut(Outbound):
    """A warning rule in short."""

    code: Annotated[str, Field(examples=["dishonesty_count"])]
    title: Annotated[str, Field(examples=["失信记录件数"])]
    scopes: Annotated[tuple[Watched, ...], Field(description="预警对象")]
    metric: Annotated[str, Field(examples=["件数"])]
    window: Annotated[str, Field(examples=["12个月"])]
    thresholds: Annotated[dict[str, str], Field(examples=[{"blue": "2", "yellow": "3"}])]
    margin: Annotated[str, Field(description="回差", examples=["0"])]
    calm_days: Annotated[int, Field(description="低于阈值减回差满多少日才解除或者降级")]
    basis: Annotated[str, Field(examples=["宁政发〔2024〕89号四（一）"])]
    verified: Annotated[bool, Field(description="指标和阈值是否出自文件原文")]


class WarningRuleList(Outbound):
    """The warning rules in force here."""

    items: tuple[WarningRuleOut, ...]


class CellOut(Outbound):
    """A region under one rule."""

    rule: Annotated[str, Field(examples=["dishonesty_growth"])]
    value: Number
    level: WarningLevel
    sample: int
    bodies: Annotated[
        dict[str, int],
        Field(description="本区域及以下的单位按等级计数", examples=[{"none": 20, "yellow": 1}]),
    ]


class MapRowOut(Outbound):
    """A region of the map."""

    region: Annotated[str, Field(examples=["329901"])]
    title: Annotated[str, Field(examples=["示例一区"])]
    region_level: Annotated[str, Field(examples=["county"])]
    cells: tuple[CellOut, ...]


class HeatMapOut(Outbound):
    """Regions by rules on one day."""

    day: Day
    rules: tuple[WarningRuleOut, ...]
    rows: tuple[MapRowOut, ...]


class PointOut(Outbound):
    """The value of a day."""

    day: Day
    value: Number
    level: WarningLevel
    sample: int


class TrendOut(Outbound):
    """The values of one rule for one object, day by day; days without a look are left out."""

    rule: WarningRuleOut
    object: Annotated[str, Field(examples=["region:329901"])]
    points: tuple[PointOut, ...]


class MonitoringRunOut(Outbound):
    """A look at all rules, and how far it has come."""

    run_id: Annotated[str, Field(examples=["mr_nanjing-2026-06-15"])]
    status: Annotated[
        Literal["planned", "running", "completed", "failed"],
        Field(description="planned 已受理，running 进行中，completed 已完成，failed 未能完成"),
    ]
    failure: Annotated[str, Field(description="未能完成的原因；其他状态时为空")] = ""
    day: Day
    pack: Annotated[str, Field(examples=["2024-09-13"])]
    bodies: Annotated[int, Field(description="单位数", examples=[60])]
    percentage: Annotated[int, Field(description="进度（%）", examples=[50])]
    created_at: str
    completed_at: str


class MonitoringRunList(Outbound):
    """The newest looks."""

    items: tuple[MonitoringRunOut, ...]


class BackTestIn(Inbound):
    """A rule to be tried on history: one in force, or a draft."""

    rule: Annotated[
        str,
        Field(
            pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="预警规则", examples=["lost_lawsuits"]
        ),
    ] = ""
    draft: Annotated[
        dict[str, Any] | None,
        Field(description="规则草案，写法同政策包的 warning_rules，不用写编码和依据"),
    ] = None
    first: Annotated[date, Field(alias="from", examples=["2025-01-01"])]
    last: Annotated[date, Field(alias="to", examples=["2025-12-31"])]


class ScoreOut(Outbound):
    """How well warnings of a level or above foretold."""

    level: WarningLevel
    warnings: Annotated[int, Field(description="会发出的预警数")]
    right: Annotated[int, Field(description="其后在期限内得到认定的")]
    undecided: Annotated[int, Field(description="期限未满、还不能判断的，不计入准确率")]
    confirmed: Annotated[int, Field(description="这段时间内认定的件数")]
    foreseen: Annotated[int, Field(description="认定之前已有预警的件数")]
    precision: Annotated[str | None, Field(description="准确率；没有可以判断的预警时为空")]
    recall: Annotated[str | None, Field(description="召回率；没有认定时为空")]


class TriedWarningOut(Outbound):
    """A warning the rule would have raised."""

    subject_id: str
    name: str
    region: str
    raised_on: Day
    level: Annotated[WarningLevel, Field(description="达到过的最高等级")]
    closed_on: str
    confirmed_on: Annotated[str, Field(description="其后首次认定的日期；没有时为空")]


class BackTestOut(Outbound):
    """A back-test, and what came out of it once it is completed."""

    back_test_id: Annotated[str, Field(examples=["bt_7x2k5q3m4n6p7r8s9t2v3w4x5y"])]
    status: Literal["planned", "running", "completed", "failed"]
    failure: Annotated[str, Field(description="未能完成的原因；其他状态时为空")] = ""
    rule: WarningRuleOut
    first_day: Day
    last_day: Day
    bodies: int
    percentage: Annotated[int, Field(description="进度（%）")]
    created_at: str
    completed_at: str
    scores: tuple[ScoreOut, ...]
    months: Annotated[
        dict[str, dict[str, int]],
        Field(description="每月会发出的预警数，按达到的最高等级"),
    ]
    warnings: Annotated[tuple[TriedWarningOut, ...], Field(description="会发出的预警，最多 200 条")]
    warning_count: int
