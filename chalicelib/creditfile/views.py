"""What readers of credit files are shown, as the document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic import JsonValue as JsonAny
from pydantic.config import JsonDict

from chalicelib.policy.base import SubjectKind
from chalicelib.web.model import Inbound, Outbound

REGISTRATION_EXAMPLE: JsonDict = {
    "kind": "department",
    "unified_code": "11329900MA9900191A",
    "name": "示例市住房和城乡建设局",
    "region": "329900",
    "level": "city",
    "superior": "11329900MA9900001B",
}

_Text = Annotated[str, Field(max_length=500)]


class RegistrationIn(Inbound):
    """A subject to be registered."""

    model_config = ConfigDict(json_schema_extra={"examples": [REGISTRATION_EXAMPLE]})

    kind: _Text = Field(description="主体类别，例如 department 部门、civil_servant 公务员")
    unified_code: _Text | None = Field(default=None, description="统一社会信用代码（单位）")
    citizen_code: _Text | None = Field(
        default=None, description="公民身份号码（公职人员），加密保存，不会返回"
    )
    name: _Text = Field(description="名称或姓名")
    region: _Text = Field(description="行政区划代码，六位")
    level: _Text | None = Field(
        default=None, description="层级：province、city、county、township；不填按行政区划"
    )
    superior: _Text | None = Field(default=None, description="上级单位的统一社会信用代码")
    employer: _Text | None = Field(default=None, description="公职人员所在单位的统一社会信用代码")
    post: _Text | None = Field(default=None, description="公职人员的职务，加密保存")


class RegistrationChange(Inbound):
    """What to change of a registration; what is left out stays, null clears."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "示例市住房局"}]})

    kind: _Text | None = Field(default=None, description="主体类别")
    name: _Text | None = Field(default=None, description="名称或姓名")
    region: _Text | None = Field(default=None, description="行政区划代码，六位")
    level: _Text | None = Field(default=None, description="层级")
    superior: _Text | None = Field(default=None, description="上级单位的统一社会信用代码")
    employer: _Text | None = Field(default=None, description="所在单位的统一社会信用代码")
    post: _Text | None = Field(default=None, description="职务")


class ErasureIn(Inbound):
    """Why a person's data are erased."""

    reason: Annotated[str, Field(min_length=2, max_length=500)] = Field(
        description="删除的依据和理由，不要写入个人信息", examples=["本人申请，依据个人信息保护法"]
    )


class LookupIn(Inbound):
    """Whose file is looked for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"unified_code": "11329900MA9900191A"}]}
    )

    unified_code: _Text | None = Field(default=None, description="统一社会信用代码（单位）")
    citizen_code: _Text | None = Field(default=None, description="公民身份号码（个人）")
    registration_number: _Text | None = Field(
        default=None, description="工商注册号（没有统一社会信用代码的个体工商户）"
    )
    name: _Text | None = Field(default=None, description="名称或姓名；查个人时必填")


class NamedBody(Outbound):
    """A body by its code."""

    code: str
    name: str | None


class SubjectBasics(Outbound):
    """信用主体的基本信息. A person's citizen code is never shown."""

    subject_id: str
    kind: SubjectKind
    kind_title: str
    unified_code: str | None
    registration_number: str | None = Field(
        default=None, description="工商注册号，只用于没有统一社会信用代码的个体工商户"
    )
    name: str | None = Field(description="个人姓名已遮盖；不需要显示时为 null")
    region: str
    region_title: str | None
    level: str | None
    level_title: str | None
    superior: str | None = Field(description="上级单位的统一社会信用代码")
    employer: str | None = Field(description="所在单位的统一社会信用代码")
    post: str | None = Field(default=None, description="职务，只向本人和组织人事部门显示")
    registered: bool = Field(description="false：由许可、处罚等信息首次提到，尚未登记")
    erased: bool = Field(description="个人数据已依法删除")
    version: int
    updated_at: str


class SubjectPage(Outbound):
    """One page of the register."""

    items: Sequence[SubjectBasics]
    next_page_token: str | None


class RowFault(Outbound):
    """One thing wrong with a row."""

    field: str
    rule: str
    message: str


class ImportedRow(Outbound):
    """What became of a row."""

    row: int = Field(description="行号，与电子表格一致：表头是第 1 行")
    outcome: Literal["created", "updated", "unchanged", "rejected"]
    subject_id: str | None
    errors: Sequence[RowFault]


class ImportResult(Outbound):
    """What became of a file of subjects. Safe to send again."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    results: Sequence[ImportedRow]


class FiledField(Outbound):
    """A field of a record, personal ones masked."""

    code: str
    title: str
    value: str | int | bool | None = Field(description="已遮盖的个人信息；完全隐藏时为 null")
    text: str | None = Field(description="给人看的写法")
    masked: bool


class PublicityReason(Outbound):
    """A ground of the publicity decision."""

    code: str
    text: str


class FiledPublicity(Outbound):
    """Whether the public may see a record at this moment, and why."""

    state: Literal["unsettled", "withheld", "pending", "public", "ended"]
    state_title: str
    starts_at: str | None
    until: str | None
    last_day: str | None
    reasons: Sequence[PublicityReason]


class FiledMark(Outbound):
    """标注: what is to be known beside a record, such as an objection that is being handled."""

    code: str
    text: str
    since: str


class FiledStatement(Outbound):
    """What the subject of a record says of it."""

    text: str | None = Field(description="信用主体的声明；不向查阅者显示时为 null")
    made_on: str
    withheld: bool = Field(description="true：个人的声明，只向本人和经审批的组织人事部门显示")


class FiledConclusion(Outbound):
    """What was decided about a record for good: repaired, exempted, measures eased."""

    code: Literal["repaired", "exempted", "eased"]
    title: str
    on: str
    grounds: str | None = Field(description="依据或幅度；不向查阅者显示时为 null")


class FiledRecord(Outbound):
    """信用信息 as a file shows it."""

    record_id: str
    version: int
    type: str
    type_title: str
    category: str
    category_title: str
    dishonesty: bool
    severity: str | None
    severity_title: str | None
    status: Literal["active", "withdrawn"]
    settled: bool = Field(description="false：所在文件尚未处理完，结果还可能变化")
    subject_id: str
    occurred_on: str
    fields: Sequence[FiledField]
    fields_withheld: bool = Field(description="true：涉及个人，逐条查阅并说明用途后才显示字段")
    reporter: NamedBody
    received_at: str
    due_on: str | None = Field(description="报送期限的最后一日")
    due_provisional: bool = Field(
        default=False, description="true：放假安排尚未公布，期限为暂定，公布后重新推算"
    )
    on_time: bool
    publicity: FiledPublicity
    marks: Sequence[FiledMark] = Field(default=(), description="标注，例如“有异议”")
    statement: FiledStatement | None = Field(default=None, description="信用主体的声明")
    conclusions: Sequence[FiledConclusion] = Field(
        default=(), description="已修复、已认定容错等；这样的信息只留档，不计入失信记录"
    )


class FiledRecordPage(Outbound):
    """One page of records, the newest occurrence first."""

    items: Sequence[FiledRecord]
    next_page_token: str | None


class FiledNotices(Outbound):
    """Delivery of the two notices (两书同达)."""

    decision_delivered_on: str | None
    repair_delivered_on: str | None
    proof: str | None


class RecordDetail(FiledRecord):
    """One record with everything that is known of it."""

    subject: SubjectBasics
    notices: FiledNotices
    deadline: dict[str, JsonAny] | None = Field(description="报送期限及逐日推算过程")
    notes: Sequence[str] = Field(default=(), description="需要知道的情况，例如依例外名单受理的代码")
    pack: str = Field(description="所依据的政策包版本")
    changed_at: str
    reason: str | None = Field(description="更正或撤回的理由")
    supersedes: str | None
    superseded_by: str | None


class RecordHistory(Outbound):
    """Every version of a record, the oldest first."""

    items: Sequence[RecordDetail]


class FileSection(Outbound):
    """A part of a file with its newest records."""

    count: int
    records: Sequence[FiledRecord]
    more: str | None = Field(description="其余信息的列表地址；已全部列出时为 null")


class CategorySection(FileSection):
    """A category of the catalog."""

    category: str
    title: str


class ReporterCount(Outbound):
    """Who reported how much."""

    code: str
    name: str | None
    records: int


class FileSummary(Outbound):
    """The file in figures."""

    records: int
    dishonesty: int
    honours: int
    archived: int = Field(default=0, description="已修复或已认定容错、只留档的条数")
    on_time: int = Field(description="有报送期限的信息中按时的条数")
    late: int
    pending: int = Field(description="所在文件尚未处理完、暂不列出的条数")
    complete: bool = Field(description="false：条数过多，只统计最近的部分")


class SupervisionStanding(Outbound):
    """信用分类监管: the class a body is in, and what that means."""

    code: str
    title: str
    measures: Sequence[str] = Field(description="对该类单位的监管措施")
    warned: bool = Field(description="true：公开信用警示")
    in_force: dict[str, int] = Field(description="仍然有效的失信记录件数，按失信等级")
    basis: str = Field(description="分类的依据")


class CreditFile(Outbound):
    """信用档案."""

    subject: SubjectBasics
    summary: FileSummary
    supervision: SupervisionStanding | None = Field(
        description="信用分类监管的类别；当地对这类主体不分类监管的为 null"
    )
    categories: Sequence[CategorySection]
    dishonesty: FileSection
    honours: FileSection
    archive: FileSection = Field(description="已修复或已认定容错的信息，只留档，不计入失信记录")
    reporters: Sequence[ReporterCount]
    as_of: str


class LookupResult(Outbound):
    """The file that was looked for, in figures."""

    subject: SubjectBasics
    summary: FileSummary
    location: str
