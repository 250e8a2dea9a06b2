"""What the public is shown: one model per kind of document, with the Chinese titles beside codes.

These are stored as they are served: the public function adds nothing to a document, because it has
nothing to add from.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.web.model import Outbound

FieldValue = str | int | bool

RegionCode = Annotated[str, Field(description="行政区划代码", examples=["320100"])]
UnifiedCode = Annotated[str, Field(description="统一社会信用代码", examples=["11320100000000001A"])]
Instant = Annotated[str, Field(description="时刻（UTC）", examples=["2026-06-15T04:00:00.000Z"])]
Day = Annotated[str, Field(description="日期（北京时间）", examples=["2026-06-15"])]


class SubjectView(Outbound):
    """Whom a record is about. A person has no code and a masked name."""

    code: UnifiedCode | None = None
    name: Annotated[str, Field(examples=["示例市交通运输局"])]
    kind: Annotated[str, Field(examples=["department"])]
    kind_title: Annotated[str, Field(examples=["政府部门"])]


class BodyName(Outbound):
    """A body by code and name."""

    code: UnifiedCode
    name: Annotated[str, Field(description="名称；未登记的为空", examples=["示例市市场监督管理局"])]


class FieldView(Outbound):
    """One field of a record: value as data, `text` as people read it."""

    code: Annotated[str, Field(examples=["document_number"])]
    title: Annotated[str, Field(examples=["行政处罚决定书文号"])]
    value: FieldValue
    text: Annotated[str, Field(description="可直接展示的内容", examples=["示市监处罚〔2026〕8号"])]
    standard_code: Annotated[
        str | None, Field(description="国家数据标准中的代码", examples=["CF_WSH"])
    ] = None


class ReasonView(Outbound):
    """One ground of the decision to publish."""

    code: Annotated[str, Field(examples=["term"])]
    text: Annotated[str, Field(examples=["一般失信，公示期自2026-06-01起，至2027-06-01 24时止"])]


class PublicityView(Outbound):
    """Until when a record is public, and on which grounds."""

    last_day: Day | None = Field(None, description="公示的最后一日（至24时止）；空为长期公示")
    until: Instant | None = Field(None, description="自此时刻起不再公示")
    repairable_from: Day | None = Field(None, description="最短公示期届满之次日，可申请信用修复")
    reasons: tuple[ReasonView, ...] = ()


class NoticesView(Outbound):
    """Delivery of the two notices (两书同达), as stated by the reporting agency or recorded
    in a case."""

    decision_delivered_on: Day | None = None
    repair_delivered_on: Day | None = None


class MarkView(Outbound):
    """A mark on a public record (标注), such as an objection that is being handled."""

    code: Annotated[str, Field(examples=["objection"])]
    text: Annotated[str, Field(description="标注的内容", examples=["有异议"])]
    since: Annotated[Day, Field(description="标注之日")]


class StatementView(Outbound):
    """What the subject of a record says of it (信用主体声明). A person's is never public."""

    text: Annotated[str, Field(examples=["合同余款已于2026年6月10日付清。"])]
    made_on: Annotated[Day, Field(description="作出声明之日")]


class ArchiveView(Outbound):
    """What the locked original is bound to: its salted digest. Whoever may see the original is
    told the salt and can compare; nobody can guess from the digest what the original says."""

    sha256_salted: Annotated[
        str, Field(description="盐值与原件摘要、位置合起来的 SHA-256", examples=["9f86d081…"])
    ]
    received_at: Annotated[Instant, Field(description="收到原件的时刻")]


class PackView(Outbound):
    """The policy pack under which it was decided."""

    jurisdiction: Annotated[str, Field(examples=["nanjing"])]
    version: Annotated[str, Field(examples=["2024-09-13"])]


class RecordView(Outbound):
    """One public record (信用信息)."""

    id: Annotated[str, Field(examples=["r_o5lzu3c4kq6h2mxw7tq5a3bv4e"])]
    version: Annotated[int, Field(ge=1, examples=[1])]
    type: Annotated[str, Field(examples=["administrative_penalty"])]
    type_title: Annotated[str, Field(examples=["行政处罚"])]
    category: Annotated[str, Field(examples=["penalty"])]
    category_title: Annotated[str, Field(examples=["行政处罚信息"])]
    dishonesty: Annotated[bool, Field(description="是否为政务失信记录")]
    severity: Literal["minor", "general", "serious"] | None = None
    severity_title: Annotated[str | None, Field(examples=["一般"])] = None
    subject: SubjectView
    reporter: BodyName
    region: RegionCode
    region_title: Annotated[str, Field(examples=["示例市"])]
    occurred_on: Day
    reported_on: Annotated[Day, Field(description="报送之日")]
    due_on: Day | None = Field(None, description="报送期限的最后一日；没有期限的为空")
    on_time: bool | None = Field(None, description="是否按期报送；没有期限的为空")
    fields: tuple[FieldView, ...] = ()
    notices: NoticesView | None = None
    publicity: PublicityView
    marks: tuple[MarkView, ...] = ()
    statement: StatementView | None = Field(None, description="信用主体对这条信息的声明")
    archive: ArchiveView
    pack: PackView
    as_of: Instant


class BodyView(Outbound):
    """Basic data of a body (信用主体基本信息)."""

    code: UnifiedCode
    name: Annotated[str, Field(examples=["示例市交通运输局"])]
    kind: Annotated[str, Field(examples=["department"])]
    kind_title: Annotated[str, Field(examples=["政府部门"])]
    region: RegionCode | None = None
    region_title: str | None = None
    level: Annotated[str | None, Field(examples=["city"])] = None
    level_title: Annotated[str | None, Field(examples=["市级"])] = None
    superior: BodyName | None = None
    registered: Annotated[bool, Field(description="是否为已登记的信用主体")]
    as_of: Instant


class StaleView(Outbound):
    """What a result was made from has changed since: it is to be computed again."""

    since: Instant
    text: Annotated[str, Field(examples=["所依据的信用信息已更正，结果待重新计算"])]


class ReviewView(Outbound):
    """Whoever was evaluated appealed against a result: it is being looked at again, or was."""

    since: Instant
    text: Annotated[str, Field(examples=["被评价对象对结果提出复核，正在复核"])]


class ResultView(Outbound):
    """The result of one body in an evaluation."""

    run: Annotated[str, Field(examples=["ev_nanjing-annual-2025"])]
    title: Annotated[str, Field(examples=["年度政务诚信评价"])]
    period: Annotated[str, Field(examples=["2025"])]
    body: BodyName
    kind: str
    region: RegionCode
    level: str
    score: Annotated[str, Field(description="得分（十进制文本）", examples=["92.50"])]
    grade: Annotated[str, Field(examples=["A"])]
    grade_title: Annotated[str, Field(examples=["优秀"])]
    group: Annotated[str, Field(description="排名分组", examples=["city"])]
    place: Annotated[int | None, Field(ge=1, description="组内名次，并列同名次")] = None
    place_of: Annotated[int | None, Field(ge=1, description="组内数量")] = None
    ranks_pending: Annotated[
        bool, Field(description="true：本组有结果尚在公布前告知，名次暂不公布")
    ] = False
    stale: StaleView | None = Field(None, description="所依据的信用信息其后有变动，待重新计算")
    review: ReviewView | None = Field(None, description="对结果的复核：复核中或者结论")
    as_of: Instant


class IndicatorView(Outbound):
    """A node of the indicator tree with the points the body got."""

    code: str
    title: str
    weight: str
    points: str
    rule: str | None = None
    working: str | None = Field(None, description="计算过程")
    record_count: Annotated[
        int, Field(ge=0, description="作为依据的信用信息条数（含不公开的）")
    ] = 0
    records: tuple[str, ...] = Field((), description="作为依据且目前公开的信用信息编号")
    children: tuple[IndicatorView, ...] = ()


class LimitView(Outbound):
    """What held total or grade down whatever the points are."""

    title: Annotated[str, Field(examples=["当年有政务失信记录的单位"])]
    basis: Annotated[str, Field(description="依据的文件和条款")]
    working: Annotated[str, Field(examples=["有1条（达到1条），等级最高为“良”"])]
    record_count: Annotated[int, Field(ge=1, description="达到限制的信息条数（含不公开的）")]
    score_without: Annotated[str, Field(description="没有限制时的得分", examples=["92.50"])]
    grade_without: Annotated[str, Field(description="没有限制时的等级", examples=["优"])]


class ExplanationView(Outbound):
    """How a body's score came about."""

    result: ResultView
    indicators: tuple[IndicatorView, ...]
    limits: tuple[LimitView, ...] = Field((), description="对总分或等级的限制")


class RunView(Outbound):
    """A completed evaluation."""

    run: Annotated[str, Field(examples=["ev_nanjing-annual-2025"])]
    title: str
    jurisdiction: str
    scheme: str
    period: str
    first_day: Day
    last_day: Day
    completed_at: Instant
    bodies: Annotated[int, Field(ge=0)]
    groups: tuple[str, ...] = Field((), description="排名分组")
    grades: tuple[GradeCount, ...] = Field((), description="各等级数量")
    pack: PackView
    results_digest: Annotated[str, Field(description="全部结果的 SHA-256")]
    pending_results: int = Field(
        0, ge=0, description="公布前告知期内、尚未公布的结果数；各等级数量不含这些"
    )
    stale_results: int = Field(0, ge=0, description="待重新计算的结果数")
    superseded_by: str | None = Field(None, description="取代这次评价的后一次评价")


class GradeCount(Outbound):
    """How many bodies got a grade."""

    grade: Annotated[str, Field(examples=["A"])]
    title: Annotated[str, Field(examples=["优秀"])]
    count: Annotated[int, Field(ge=0)]


class SupervisionResultView(Outbound):
    """The published result of a case about a body: 人大建议, 政协提案, 司法建议, 检察建议, audit
    findings, public criticism. Only the fields its kind publishes."""

    id: Annotated[str, Field(examples=["c_5b1cqk3vwtz2m7h4n6p8rs2d4e"])]
    version: Annotated[int, Field(ge=1)]
    kind: Annotated[str, Field(description="案件种类", examples=["npc_suggestion"])]
    kind_title: Annotated[str, Field(examples=["人大代表建议"])]
    body: BodyName
    region: RegionCode
    region_title: Annotated[str, Field(examples=["示例市"])]
    published_on: Annotated[Day, Field(description="公开之日")]
    fields: tuple[FieldView, ...] = ()
    basis: Annotated[str, Field(description="办理的依据")]
    pack: PackView
    as_of: Instant


class RatingScaleView(Outbound):
    """From where to where the scores of a third party go."""

    lowest: Annotated[str, Field(examples=["0"])]
    highest: Annotated[str, Field(examples=["100"])]
    better: Annotated[Literal["higher", "lower"], Field(description="分数高的好，还是低的好")]


class RatedIndicatorView(Outbound):
    """An indicator of a third party, with the score the body got."""

    code: str
    title: str
    weight: Annotated[str, Field(description="占总分的百分比")]
    score: Annotated[str | None, Field(description="得分；机构没有给出的为空")]


class RatingKeyView(Outbound):
    """The public key (JWK) a third party signed with."""

    kid: Annotated[str, Field(description="公钥编号：RFC 7638 指纹")]
    kty: str
    crv: str
    x: str
    y: str


class RatingProofView(Outbound):
    """What anyone can check a rating with: the signature covers the root over all ratings of a
    submission, and the hashes lead from this one to the root."""

    rating: Annotated[str, Field(description="机构提交的这个评分，规范 JSON（RFC 8785）")]
    index: Annotated[int, Field(ge=0, description="在这次提交中的位置")]
    count: Annotated[int, Field(ge=1, description="这次提交的评分数")]
    proof: Annotated[tuple[str, ...], Field(description="从叶到根的哈希（RFC 6962，十六进制）")]
    statement: Annotated[str, Field(description="机构签名的声明：JWS（紧凑形式，ES256）")]
    key: RatingKeyView


class RatingView(Outbound):
    """The rating of a body by a third party (第三方评价): its own, signed by it, shown beside the
    official result and no part of it."""

    id: Annotated[str, Field(examples=["sample_trust_index/2025/11320100000000001A"])]
    version: Annotated[int, Field(ge=1)]
    source: Literal["third_party"]
    source_title: Annotated[str, Field(examples=["第三方评价"])]
    system: Annotated[str, Field(description="指标体系代码", examples=["sample_trust_index"])]
    system_version: Annotated[int, Field(ge=1, description="评分所依据的指标体系版本")]
    title: Annotated[str, Field(description="指标体系名称", examples=["示例政务诚信指数"])]
    method: Annotated[str, Field(description="机构的评价方法说明")]
    period: Annotated[str, Field(examples=["2025"])]
    institution: BodyName
    institution_kind: Literal["credit_agency", "university", "other"]
    institution_kind_title: Annotated[str, Field(examples=["高等院校、科研院所"])]
    body: BodyName
    region: RegionCode
    score: Annotated[str, Field(description="分数（十进制文本）", examples=["84.0"])]
    scale: RatingScaleView
    grade: str | None = None
    grade_title: str | None = None
    indicators: tuple[RatedIndicatorView, ...]
    note: str | None = None
    published_on: Annotated[Day, Field(description="提交之日")]
    verification: RatingProofView
    as_of: Instant


class LogKey(Outbound):
    """A public key of the log, in the form verifiers take (C2SP signed-note: name+id+key)."""

    name: str
    verifier_key: str
    active: bool
    """Whether the log is signed with it now; old ones stay, for old checkpoints."""


class KeySet(Outbound):
    """A JWK set (RFC 7517): the public keys with which receipts are verified, and beside it those
    with which the log is, old ones included."""

    keys: tuple[dict[str, str], ...]
    log_keys: tuple[LogKey, ...] = ()


RunView.model_rebuild()
