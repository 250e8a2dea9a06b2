"""What the registers show over HTTP: each status with its working, what is missing by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.policy.model import FieldValue
from chalicelib.registers.rules import STATUS_TITLES, StatusCode, StepState
from chalicelib.web.model import Outbound

STATUSES = "、".join(f"{code} {title}" for code, title in STATUS_TITLES.items())


class RegisterBasisOut(Outbound):
    """Where a rule comes from."""

    document: Annotated[str, Field(examples=["重大行政决策程序暂行条例"])]
    clause: Annotated[str, Field(examples=["第二十二条"])]
    verified: Annotated[bool, Field(description="是否核对过原文")]


class RegisterChoiceOut(Outbound):
    """One value a field may have."""

    code: Annotated[str, Field(examples=["plan"])]
    title: Annotated[str, Field(examples=["规划"])]


class RegisterFieldOut(Outbound):
    """One item of an entry."""

    code: Annotated[str, Field(examples=["title"])]
    title: Annotated[str, Field(examples=["决策事项"])]
    kind: Annotated[str, Field(examples=["text"])]
    required: bool
    values: list[RegisterChoiceOut]


class StepRuleOut(Outbound):
    """One step entries take."""

    code: Annotated[str, Field(examples=["risk_assessment"])]
    title: Annotated[str, Field(examples=["风险评估"])]
    required: bool
    required_when: Annotated[
        str | None, Field(description="只在什么情况下要求", examples=["仅当“类别”为“规划”时要求"])
    ]
    evidence: Annotated[bool, Field(description="是否须附证明材料")]
    follows: Annotated[str | None, Field(description="不得早于哪一步", examples=[None])]
    basis: RegisterBasisOut


class RegisterTargetOut(Outbound):
    """A figure the platform computes, and what it is to reach."""

    figure: Annotated[str, Field(examples=["on_time_share"])]
    at_least: Annotated[str, Field(examples=["0.95"])]


class RegisterOut(Outbound):
    """A register: what is entered, which steps it takes, by when."""

    code: Annotated[str, Field(examples=["major_decisions"])]
    title: Annotated[str, Field(examples=["重大行政决策台账"])]
    purpose: Annotated[str, Field(examples=["逐件记录法定程序的履行情况"])]
    kept_by: Annotated[
        str, Field(description="agency 各单位，credit_office 信用办", examples=["agency"])
    ]
    fields: list[RegisterFieldOut]
    key: Annotated[list[str], Field(description="区分各条的字段", examples=[["title"]])]
    steps: list[StepRuleOut]
    due_field: Annotated[str | None, Field(description="完成期限所在的字段", examples=["due_on"])]
    valid_until_field: Annotated[str | None, Field(description="有效期所在的字段", examples=[None])]
    at_least: Annotated[int, Field(description="每个单位至少应有几条", examples=[0])]
    target: RegisterTargetOut | None
    remind_days: Annotated[list[int], Field(description="到期前几天提醒", examples=[[7, 1]])]
    basis: RegisterBasisOut


class RegisterList(Outbound):
    """The registers of the caller's policy pack."""

    items: list[RegisterOut]
    policy_version: Annotated[str, Field(examples=["2024-09-13"])]


class ProofOut(Outbound):
    """A document that proves something."""

    title: Annotated[str, Field(examples=["社会稳定风险评估报告"])]
    url: Annotated[str, Field(examples=["https://www.example.gov.cn/files/12.pdf"])]
    file_number: Annotated[str, Field(examples=[""])]
    sha256: Annotated[str, Field(examples=[""])]


class StepReportOut(Outbound):
    """An agency's word that a step was done."""

    agency_code: str
    agency_name: str
    done_on: Annotated[str, Field(examples=["2026-06-10"])]
    evidence: list[ProofOut]
    note: Annotated[str, Field(examples=[""])]
    reported_at: Annotated[str, Field(examples=["2026-06-11T01:00:00.000Z"])]


class EntryStepOut(Outbound):
    """Where one step stands, and why."""

    code: Annotated[str, Field(examples=["risk_assessment"])]
    title: Annotated[str, Field(examples=["风险评估"])]
    state: StepState
    state_title: Annotated[str, Field(examples=["已完成"])]
    why: Annotated[str, Field(examples=["2026-06-10 完成"])]
    reports: list[StepReportOut]
    basis: RegisterBasisOut


class EntryMissingOut(Outbound):
    """Something required that is not there, and what demands it."""

    code: Annotated[str, Field(examples=["collective_discussion"])]
    title: Annotated[str, Field(examples=["集体讨论决定"])]
    basis: RegisterBasisOut


class EntryFieldOut(Outbound):
    """One item of an entry as stored and as people read it."""

    code: Annotated[str, Field(examples=["title"])]
    title: Annotated[str, Field(examples=["决策事项"])]
    value: Annotated[FieldValue, Field(examples=["某某规划"])]
    text: Annotated[str, Field(examples=["某某规划"])]


class EntryDueOut(Outbound):
    """The day everything required is to be done, as the entry or the document states it."""

    due_on: Annotated[str, Field(examples=["2026-09-30"])]
    due_soon_from: Annotated[
        str, Field(description="从哪一天起算即将到期", examples=["2026-09-23"])
    ]
    days_left: Annotated[int, Field(description="负数为逾期天数", examples=[12])]
    rule: Annotated[str, Field(examples=["本条填写的完成期限，按自然日计算"])]
    basis: Annotated[str, Field(examples=["示例文件 第三条"])]


class SupervisionAnswerOut(Outbound):
    """The keeper's answer."""

    text: Annotated[str, Field(examples=["已补做，见附件"])]
    evidence: list[ProofOut]
    agency_code: str
    agency_name: str
    answered_at: Annotated[str, Field(examples=["2026-06-20T01:00:00.000Z"])]


class SupervisionOut(Outbound):
    """督办: what the office demands, by when, and what was answered."""

    supervision_id: Annotated[str, Field(examples=["sv_mfrggzdfmztwq2lknnwg23tpoa"])]
    message: Annotated[str, Field(examples=["请尽快补做风险评估"])]
    office: Annotated[str, Field(examples=["示例市信用办"])]
    issued_at: Annotated[str, Field(examples=["2026-06-15T01:00:00.000Z"])]
    due_on: Annotated[str, Field(examples=["2026-06-30"])]
    deadline: Annotated[
        dict[str, object] | None, Field(description="按工作日计算的过程", examples=[None])
    ]
    overdue: bool
    answer: SupervisionAnswerOut | None


class TaskUnitOut(Outbound):
    """An agency charged with a task."""

    agency_code: str
    agency_name: str


class TaskOut(Outbound):
    """A task as the document states it, and who is charged with it."""

    content: Annotated[str, Field(examples=["建立政务信用档案"])]
    stated_lead: Annotated[
        list[str], Field(description="文件写明的牵头（责任）单位", examples=[["市信用办"]])
    ]
    stated_cooperating: Annotated[list[str], Field(description="文件写明的配合单位", examples=[[]])]
    term: Annotated[
        str,
        Field(description="dated 有期限，continuous 持续实施，unstated 未写明", examples=["dated"]),
    ]
    starts_on: Annotated[str | None, Field(examples=[None])]
    lead: list[TaskUnitOut]
    cooperating: list[TaskUnitOut]


class EntryOut(Outbound):
    """An entry as it stands today. The status is computed, never stored."""

    register_code: Annotated[str, Field(examples=["major_decisions"])]
    entry_id: Annotated[
        str, Field(description="任务为任务编码", examples=["reg_mfrggzdfmztwq2lknnwg23tpoa"])
    ]
    title: Annotated[str, Field(examples=["重大行政决策台账"])]
    version: int
    keeper: Annotated[str | None, Field(examples=["11990100MB0000019L"])]
    keeper_name: Annotated[str | None, Field(examples=["示例市税务局"])]
    region: Annotated[str, Field(examples=["990100"])]
    policy_version: Annotated[str, Field(examples=["2024-09-13"])]
    fields: list[EntryFieldOut]
    task: TaskOut | None
    status: Annotated[StatusCode, Field(description=STATUSES)]
    status_title: Annotated[str, Field(examples=["缺少步骤"])]
    computed: Annotated[
        bool, Field(description="由平台自己的数据决定，报告不能代替", examples=[False])
    ]
    working: Annotated[
        list[str], Field(description="怎样得出", examples=[["风险评估：2026-06-10 完成"]])
    ]
    due: EntryDueOut | None
    valid_until: Annotated[str | None, Field(examples=[None])]
    steps: list[EntryStepOut]
    missing: list[EntryMissingOut]
    supervision: list[SupervisionOut]
    withdrawn: Annotated[bool, Field(examples=[False])]
    created_at: Annotated[str, Field(examples=["2026-06-01T01:00:00.000Z"])]
    updated_at: Annotated[str, Field(examples=["2026-06-11T01:00:00.000Z"])]


class EntryChangeOut(Outbound):
    """One version of an entry: what was done, why, by whom."""

    version: int
    kind: Annotated[str, Field(examples=["report"])]
    reason: Annotated[str, Field(examples=[""])]
    agency_code: str
    agency_name: str
    at: Annotated[str, Field(examples=["2026-06-11T01:00:00.000Z"])]
    fields: Annotated[dict[str, FieldValue], Field(examples=[{"title": "某某规划"}])]
    reports: Annotated[int, Field(description="这一版中的报告数")]


class EntryDetail(EntryOut):
    """An entry with its history, oldest version first."""

    history: list[EntryChangeOut]


class EntryList(Outbound):
    """A page of entries."""

    items: list[EntryOut]
    next_page_token: str | None


class MissingCount(EntryMissingOut):
    """Something missing, and in how many entries."""

    entries: Annotated[int, Field(examples=[2])]


class RegisterKeeperOut(Outbound):
    """How one agency stands in a register."""

    agency_code: Annotated[
        str | None, Field(description="null：尚未分派", examples=["11990100MB0000019L"])
    ]
    agency_name: str
    region: str
    entries: Annotated[int, Field(examples=[3])]
    counts: Annotated[
        dict[str, int], Field(description=STATUSES, examples=[{"complete": 2, "overdue": 1}])
    ]
    lacking: Annotated[int, Field(description="应有而没有的条数", examples=[0])]
    missing: list[MissingCount]
    figure: Annotated[str | None, Field(description="平台计算的指标", examples=[None])]
    fine: Annotated[bool, Field(description="没有缺失、逾期、失效", examples=[False])]


class RegisterSummaryOut(Outbound):
    """A page of the agencies that must keep a register, those without any entry included."""

    register_code: Annotated[str, Field(examples=["major_decisions"])]
    title: Annotated[str, Field(examples=["重大行政决策台账"])]
    at_least: Annotated[int, Field(examples=[0])]
    counts: Annotated[
        dict[str, int], Field(description="本页合计", examples=[{"complete": 2, "overdue": 1}])
    ]
    lacking: Annotated[int, Field(description="本页应有而没有的条数", examples=[0])]
    items: list[RegisterKeeperOut]
    next_page_token: str | None


class RegisterReminderOut(Outbound):
    """A reminder, with the entry as it stands today."""

    day: Annotated[str, Field(examples=["2026-09-23"])]
    kind: Annotated[
        str,
        Field(description="due 完成期限，valid_until 有效期，supervision 督办", examples=["due"]),
    ]
    due_on: Annotated[str, Field(examples=["2026-09-30"])]
    late: Annotated[bool, Field(description="期限已过", examples=[False])]
    open: Annotated[bool, Field(description="是否还须办理", examples=[True])]
    text: Annotated[str, Field(examples=["“重大行政决策台账”有一条应于 2026-09-30 前完成"])]
    entry: EntryOut


class RegisterReminderList(Outbound):
    """A page of reminders."""

    items: list[RegisterReminderOut]
    next_page_token: str | None
