"""What is answered over HTTP about measures."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from chalicelib.measures.model import CauseKind, What, Why
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.measures import Effect, MeasureEntry, MeasureKind, Scene
from chalicelib.web.model import Outbound


class MeasureCatalogue(Outbound):
    """Every scene and every measure of a jurisdiction, as its policy has them today."""

    jurisdiction: str
    title: str
    version: str
    scenes: tuple[Scene, ...]
    measures: tuple[MeasureEntry, ...]


class MeasureInSceneOut(Outbound):
    """What a measure means in a scene."""

    scene: str
    title: str
    effect: Effect = Field(
        description="priority 同等条件下优先、note 提示、restrict 限制、refer 转有权机关决定"
    )
    text: str


class MeasureOut(Outbound):
    """One measure a subject is under for one reason."""

    code: str
    title: str
    kind: MeasureKind = Field(
        description="incentive 守信激励、sanction 失信惩戒、reference 评价结果应用"
    )
    reason: str
    what: What = Field(description="record 信用信息、case 案件、evaluation 评价")
    ground: str = Field(description="所依据的信用信息、案件或者评价的编号")
    since: date
    until: date | None = Field(description="最后一天，到当天 24:00；空为没有固定期限")
    lifted_by: list[str] = Field(description="提前解除的情形")
    basis: LegalBasis
    scenes: list[MeasureInSceneOut]


class LiftedMeasureOut(Outbound):
    """A measure that is no longer in force, and why."""

    code: str
    title: str
    reason: str
    why: Why
    why_title: str


class MeasureChangeOut(Outbound):
    """One change: what was applied and lifted, by which event."""

    version: int
    at: datetime
    cause: CauseKind = Field(
        description="record 信用信息、case 案件、evaluation 评价、subject 主体、day 到期或重新计算"
    )
    cause_id: str | None
    applied: list[MeasureOut]
    lifted: list[LiftedMeasureOut]


class SubjectMeasures(Outbound):
    """What a subject is under today, and how that came about."""

    subject_id: str
    kind: str = Field(description="主体类别")
    version: int = Field(description="措施每变化一次加一；0 为从来没有")
    as_of: date = Field(description="答复的日期")
    pack: str | None = Field(description="所依据的政策包版本")
    measures: list[MeasureOut]
    changes: list[MeasureChangeOut] = Field(description="最近五十次变化，新的在前")


class MeasuredBody(Outbound):
    """A body that is under measures."""

    subject_id: str
    name: str
    kind: str
    version: int
    measures: list[MeasureOut]


class MeasuredBodyList(Outbound):
    """A page of them."""

    items: list[MeasuredBody]
    next_page_token: str | None


class MeasureCount(Outbound):
    """How many are under a measure."""

    code: str
    title: str
    kind: MeasureKind | None
    bodies: int
    persons: int


class MeasureCounts(Outbound):
    """Of a region and those below it."""

    region: str
    items: list[MeasureCount]
