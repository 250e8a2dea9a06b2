"""Answers of the public API that are no documents of the log, and refusals of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from pydantic import Field, RootModel

from chalicelib.disclosure.model import (
    BodyView,
    Day,
    ExplanationView,
    Instant,
    RatingView,
    RecordView,
    RegionCode,
    ResultView,
    RunView,
    SupervisionResultView,
    UnifiedCode,
)
from chalicelib.kernel import errors
from chalicelib.web.model import Outbound


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What remains of a document that is public no more."""

    id: str
    seq: int
    withdrawn_at: str
    reason: str


class Gone(errors.Gone):
    """It was public and is no more; says when and why, nothing of what it was."""

    code, title = "withdrawn", "已不再公示"

    def __init__(self, tombstone: Tombstone) -> None:
        ended = tombstone.reason == "term_ended"
        super().__init__("公示期已满，不再公示" if ended else "已撤回，不再公示")
        self.tombstone = tombstone
        self.members = {"tombstone": asdict(tombstone)}


class LogView(Outbound):
    """Where a document stands in the public log and what to check it by. The digest is SHA-256 of
    the salt's 16 bytes and the document's canonical JSON (RFC 8785) without the member `log`."""

    seq: Annotated[int, Field(ge=1, description="日志序号；叶子序号为它减一")]
    salt: Annotated[str, Field(description="盐值（十六进制）", examples=["00" * 16])]
    salted_sha256: Annotated[
        str,
        Field(description="盐值与不含 log 成员的规范 JSON 的 SHA-256", examples=["4f6c" * 16]),
    ]
    proof: Annotated[
        str, Field(description="包含证明的地址", examples=["/public/v1/records/r_o5lz/proof"])
    ]


class LoggedRecord(RecordView):
    """A public record with its place in the log."""

    log: LogView


class RecordAnswer(RootModel[LoggedRecord | dict[str, str]]):
    """A public record; with `schema=national-2018` an object of the national field names."""


class LoggedRun(RunView):
    """A completed evaluation with its place in the log."""

    log: LogView


class LoggedResult(SupervisionResultView):
    """A published result of a supervision case with its place in the log."""

    log: LogView


class LoggedRating(RatingView):
    """A rating of a third party with its place in the log."""

    log: LogView


class LoggedBody(BodyView):
    """A registered body with its place in the log."""

    log: LogView


class LoggedExplanation(ExplanationView):
    """How a body's score came about; only records that are public now are named."""

    log: LogView | None = Field(
        None, description="在公开日志中的位置；其中有信息已不公示、所示与日志不同的为空"
    )


class FacetValue(Outbound):
    """How many records of the whole result have this value."""

    code: Annotated[str, Field(examples=["administrative_penalty"])]
    title: Annotated[str, Field(examples=["行政处罚"])]
    count: Annotated[int, Field(ge=1)]


class Facets(Outbound):
    """Counts over the whole result, the most frequent first."""

    type: tuple[FacetValue, ...]
    category: tuple[FacetValue, ...]
    severity: tuple[FacetValue, ...]
    reporter: tuple[FacetValue, ...]
    region: Annotated[tuple[FacetValue, ...], Field(description="含其下级区划；各项不可相加")]
    year: tuple[FacetValue, ...]


class RecordList(Outbound):
    """A page of records, the newest first; with `schema=national-2018` the items are objects of
    the national field names instead."""

    items: tuple[LoggedRecord | dict[str, str], ...]
    next_page_token: str | None = None
    facets: Facets | None = Field(None, description="各类数量；facets=true 时给出")
    total: int | None = Field(None, description="结果总数；facets=true 时给出")


class LoggedBodyList(Outbound):
    """A page of registered bodies by region and code."""

    items: tuple[LoggedBody, ...]
    next_page_token: str | None = None


class LoggedRunList(Outbound):
    """A page of completed evaluations, the newest first."""

    items: tuple[LoggedRun, ...]
    next_page_token: str | None = None


class RankedList(Outbound):
    """A page of a rank list, best place first."""

    items: tuple[ResultView, ...]
    next_page_token: str | None = None


class LoggedRatingList(Outbound):
    """A page of ratings of third parties, the newest first."""

    items: tuple[LoggedRating, ...]
    next_page_token: str | None = None


class LoggedResultList(Outbound):
    """A page of published results, the newest first."""

    items: tuple[LoggedResult, ...]
    next_page_token: str | None = None


class CategoryGroup(Outbound):
    """The public records of one category: how many, and the newest of them."""

    category: Annotated[str, Field(examples=["licence"])]
    title: Annotated[str, Field(examples=["行政许可信息"])]
    count: Annotated[int, Field(ge=0)]
    records: tuple[LoggedRecord, ...]


class RecordGroup(Outbound):
    """Some public records: how many, and the newest of them."""

    count: Annotated[int, Field(ge=0)]
    records: tuple[LoggedRecord, ...]


class PublicBodyPage(Outbound):
    """A body's public page: dishonesty records and honours apart from the rest."""

    body: BodyView
    categories: tuple[CategoryGroup, ...]
    dishonesty: RecordGroup
    honours: RecordGroup
    evaluation: ResultView | None = Field(None, description="最近一次评价结果")
    log: LogView | None = Field(None, description="基本信息在公开日志中的位置；未登记的为空")


class ChangeView(Outbound):
    """One entry of the log; the document and its salt only while this version is public."""

    seq: Annotated[int, Field(ge=1)]
    kind: Literal["publish", "amend", "annotate", "withdraw"]
    id: Annotated[str, Field(examples=["r_o5lzu3c4kq6h2mxw7tq5a3bv4e"])]
    version: Annotated[int, Field(ge=1)]
    entity: Literal["record", "subject", "run", "result", "supervision", "rating"]
    salted_sha256: str | None = Field(None, description="加盐摘要；撤回没有")
    leaf: Annotated[str, Field(description="叶子哈希（十六进制）")]
    at: Annotated[Instant, Field(description="进入日志的时刻")]
    until: Instant | None = Field(None, description="自此时刻起自行终止")
    reason: Literal["withdrawn", "term_ended"] | None = Field(None, description="撤回的原因")
    salt: str | None = Field(None, description="盐值（十六进制）；仅当前版本有")
    document: dict[str, object] | None = Field(None, description="公开的内容；仅当前版本有")


class ChangeList(Outbound):
    """Entries of the log in order, and how far the log has come."""

    items: tuple[ChangeView, ...]
    head: Annotated[int, Field(ge=0, description="日志的最新序号")]


class SnapshotMoment(Outbound):
    """The newest snapshot."""

    seq: Annotated[int, Field(ge=0)]
    built_at: Instant


class Freshness(Outbound):
    """How fresh the public answers are, and how that is known."""

    head: Annotated[int, Field(ge=0, description="公开日志的最新序号")]
    head_at: Instant | None = Field(None, description="最新一条进入日志的时刻")
    as_of_seq: Annotated[int, Field(ge=0)] | None = Field(
        None, description="本接口答复所依据的序号；空：答复的部件正在装载"
    )
    behind_seqs: Annotated[int, Field(ge=0)] | None = Field(
        None, description="答复落后日志的条数；空：答复的部件正在装载"
    )
    last_snapshot: SnapshotMoment | None = Field(None, description="最近一份整库下载")
    last_change_at: Instant | None = Field(None, description="已反映的最近一次变更的时刻")
    projected_at: Instant | None = Field(None, description="该变更进入公开库的时刻")
    lag_seconds: str | None = Field(
        None, description="最近一次变更从发生到公开的秒数", examples=["0.850"]
    )
    checked_at: Instant | None = Field(None, description="最近一次全面核对的时刻")
    behind: int | None = Field(None, description="核对时发现尚未反映的变更数")
    measured: Annotated[str, Field(description="以上数字如何得出")]


class DishonestyFigure(Outbound):
    """Dishonesty records in force of one area, with all areas within it, by severity."""

    region: RegionCode
    title: str
    severity: Literal["minor", "general", "serious"] | None = None
    count: Annotated[int, Field(ge=1)]


class LevelFigure(Outbound):
    """Dishonesty records in force about bodies of one level."""

    level: Annotated[str, Field(examples=["city"])]
    title: Annotated[str, Field(examples=["市级"])]
    severity: Literal["minor", "general", "serious"] | None = None
    count: Annotated[int, Field(ge=1)]


class YearFigure(Outbound):
    """Public records of one year."""

    year: Annotated[str, Field(examples=["2026"])]
    records: Annotated[int, Field(ge=0)]
    dishonesty: Annotated[int, Field(ge=0)]


class OnTimeFigure(Outbound):
    """How many of a reporter's public licences and penalties came in time."""

    reporter: UnifiedCode
    name: str
    on_time: Annotated[int, Field(ge=0)]
    known: Annotated[int, Field(ge=1, description="有报送期限的条数")]
    rate: Annotated[str, Field(description="及时率（百分数，两位小数）", examples=["97.50"])]


class CountFigure(Outbound):
    """How many public records have this value."""

    code: str
    title: str
    count: Annotated[int, Field(ge=1)]


class Figures(Outbound):
    """Numbers for charts, all of what is public at this moment."""

    as_of_day: Day
    records: Annotated[int, Field(ge=0)]
    bodies: Annotated[int, Field(ge=0, description="已登记的信用主体")]
    dishonesty_by_region: Annotated[
        tuple[DishonestyFigure, ...],
        Field(description="各区划的失信记录，含其下级区划，与按区划检索的条数一致；各行不可相加"),
    ]
    dishonesty_by_level: tuple[LevelFigure, ...]
    by_year: tuple[YearFigure, ...]
    by_category: tuple[CountFigure, ...]
    on_time: tuple[OnTimeFigure, ...]
    grades: tuple[CountFigure, ...] = Field((), description="最近一次评价的各等级数量")
