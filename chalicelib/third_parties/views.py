"""Bodies of the routes of third-party evaluation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.policy.base import SubjectKind
from chalicelib.third_parties.rules_files import MOST_NOTE, Format
from chalicelib.web.model import Inbound, Outbound

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
SystemCode = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{1,39}$",
        description="指标体系代码，全平台不重复",
        examples=["sample_trust_index"],
    ),
]
UnifiedCode = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Z]{18}$", description="统一社会信用代码", examples=["11990100MB0000019L"]
    ),
]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Decimal = Annotated[str, Field(min_length=1, max_length=20, description="十进制文本")]
Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
PeriodName = Annotated[
    str,
    Field(
        max_length=16,
        description="评价周期：2025、2025-H1、2025-Q3、2025-07",
        examples=["2025"],
    ),
]
InstitutionKind = Literal["credit_agency", "university", "other"]


class KeyIn(Inbound):
    """A public key (JWK). The private half never leaves the institution."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Coordinate
    y: Coordinate


class InstitutionIn(Inbound):
    """An institution to be registered."""

    unified_code: UnifiedCode
    kind: InstitutionKind = Field(description="信用服务机构、高等院校及科研院所、其他")
    key: KeyIn = Field(description="签名用的公钥（ES256）")


class KeyOut(Outbound):
    """A public key of an institution."""

    kid: str = Field(description="公钥编号：RFC 7638 指纹")
    kty: str
    crv: str
    x: str
    y: str
    added_at: datetime
    retired_at: datetime | None = Field(description="停用的时刻；停用前的签名仍可用它验证")


class InstitutionOut(Outbound):
    """A registered institution."""

    unified_code: str
    name: str
    kind: InstitutionKind
    kind_title: str
    region: str
    keys: list[KeyOut]
    version: int


class InstitutionList(Outbound):
    """A page of institutions."""

    items: list[InstitutionOut]
    next_page_token: str | None


class ScaleIn(Inbound):
    """A scale of scores."""

    lowest: Decimal = Field(examples=["0"])
    highest: Decimal = Field(examples=["100"])
    places: int = Field(2, ge=0, le=4, description="小数位数")
    better: Literal["higher", "lower"] = Field("higher", description="分数高的好，还是低的好")


class GradeIn(Inbound):
    """A grade and where it begins."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")]
    title: Title
    limit: Decimal = Field(description="从这个分数（含）起向好的一端")


class IndicatorIn(Inbound):
    """A node of the indicator tree."""

    code: Code
    title: Title
    weight: Decimal = Field(description="占总分的百分比；同级合计等于上级，最上级合计 100")
    children: list[IndicatorIn] = Field(default_factory=list, max_length=50)


class SystemContentIn(Inbound):
    """What an institution says of its system."""

    title: Title
    method: str = Field(min_length=1, max_length=4000, description="评价方法说明，随评分公开")
    scale: ScaleIn
    grades: list[GradeIn] = Field(
        default_factory=list, max_length=20, description="等级，从好到差"
    )
    indicators: list[IndicatorIn] = Field(min_length=1, max_length=50)
    kinds: list[SubjectKind] = Field(min_length=1, max_length=12, description="评价哪几类单位")
    period: Literal["year", "half_year", "quarter", "month"] = Field(description="评价周期")


class SystemIn(SystemContentIn):
    """A system to be registered."""

    code: SystemCode
    institution: UnifiedCode = Field(description="机构的统一社会信用代码")


class ReasonIn(Inbound):
    """Why something is taken back."""

    reason: str = Field(min_length=1, max_length=500)


class ScaleOut(Outbound):
    """A scale of scores."""

    lowest: str
    highest: str
    places: int
    better: Literal["higher", "lower"]


class GradeOut(Outbound):
    """A grade and where it begins."""

    code: str
    title: str
    limit: str


class IndicatorOut(Outbound):
    """A node of the indicator tree."""

    code: str
    title: str
    weight: str
    children: list[IndicatorOut]


class SystemOut(Outbound):
    """A system, as it is now."""

    code: str
    institution: str
    institution_name: str
    region: str
    title: str
    method: str
    scale: ScaleOut
    grades: list[GradeOut]
    indicators: list[IndicatorOut]
    kinds: list[str]
    period: str
    version: int
    withdrawn_at: datetime | None
    reason: str | None = Field(description="停用的理由")


class SystemList(Outbound):
    """A page of systems."""

    items: list[SystemOut]
    next_page_token: str | None


class RatingIn(Inbound):
    """One rating. What does not fit is refused by itself, with its reason."""

    unified_code: str = Field(max_length=18, description="被评价单位的统一社会信用代码")
    score: str = Field(max_length=20, description="分数（十进制文本）", examples=["85.5"])
    grade: str = Field("", max_length=32, description="等级代码，须与分数相符")
    indicators: dict[str, Annotated[str, Field(max_length=20)]] = Field(
        default_factory=dict,
        max_length=200,
        description="末级指标代码 → 得分；各按总分的量程打分，按权重合计应等于总分",
    )
    note: str = Field("", max_length=MOST_NOTE, description="说明，随评分公开")


class FrameIn(Inbound):
    """What a submission is of."""

    system: SystemCode
    period: PeriodName
    reference: str = Field("", max_length=64, description="机构自己的编号：换一个编号即是新的提交")
    note: str = Field("", max_length=2000, description="这一期的说明")


class RatingsFileIn(Inbound):
    """Ratings in a file."""

    format: Format
    content: str = Field(
        min_length=1, max_length=1_000_000, description="文件的全文，最多 5000 行、一百万字"
    )


class StatementIn(FrameIn):
    """Ratings that are to be signed: one by one, or in a file."""

    ratings: list[RatingIn] = Field(
        default_factory=list, max_length=200, description="逐条给出，最多 200 个"
    )
    file: RatingsFileIn | None = Field(None, description="或者以文件给出")


class SubmissionIn(StatementIn):
    """Ratings with their signature."""

    signature: str = Field(
        min_length=1, max_length=8192, description="对声明的 JWS（紧凑形式，ES256，头部有 kid）"
    )


class RowFaultOut(Outbound):
    """Why a row was not taken."""

    pointer: str
    code: str
    message: str


class RefusalOut(Outbound):
    """A row that was not taken."""

    position: int = Field(description="第几个评分，从 0 起")
    unified_code: str
    faults: list[RowFaultOut]


class StatementOut(Outbound):
    """What is to be signed, and which rows would be taken."""

    statement: str = Field(description="要签名的内容：规范 JSON（RFC 8785），原样作为 JWS 的载荷")
    root: str = Field(description="各评分的默克尔树根（RFC 6962，十六进制）")
    accepted: int
    refused: int
    refusals: list[RefusalOut]


class SubmissionOut(Outbound):
    """What became of a submission."""

    submission_id: str
    system: str
    system_version: int
    period: str
    reference: str
    number: int = Field(description="在这套指标体系、这个周期的提交和撤回中的序号，即评分的版本")
    received_at: datetime
    completed_at: datetime | None = Field(description="空：没有写完，同样的内容再提交一次即可续完")
    rows: int
    accepted: int
    refused: int
    refused_positions: list[int]
    refusals: list[RefusalOut] = Field(description="不采用的理由，前 200 条")
    signature: str


class SubmissionList(Outbound):
    """A page of submissions."""

    items: list[SubmissionOut]
    next_page_token: str | None


class RatingOut(Outbound):
    """A rating as it stands."""

    system: str
    system_version: int
    period: str
    unified_code: str
    name: str
    score: str
    grade: str | None
    indicators: dict[str, str]
    note: str | None
    submission_id: str
    at: datetime
    version: int
    state: Literal["valid", "withdrawn"]
    reason: str | None = Field(description="撤回的理由")


class RatingList(Outbound):
    """A page of ratings."""

    items: list[RatingOut]
    next_page_token: str | None
