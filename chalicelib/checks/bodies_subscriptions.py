"""Bodies of the routes of subscriptions."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from chalicelib.checks.bodies import AskedIn, AskedSubjectIn, CheckMeasureOut
from chalicelib.checks.model import AnswerKind
from chalicelib.checks.model_subscriptions import (
    MOST_WATCHED,
    DeliveryState,
    SubscriptionState,
)
from chalicelib.web.model import Outbound


class SubscriptionIn(AskedIn):
    """Whom to watch in which scene, and where to tell."""

    subjects: tuple[AskedSubjectIn, ...] = Field(
        min_length=1,
        max_length=MOST_WATCHED,
        description="个人须填写 reference：变化只以它告知",
    )
    url: str = Field(
        "",
        max_length=500,
        description="推送地址（https，域名须经平台管理单位允许，不带查询参数）；不填则只能拉取",
        examples=["https://hall.example.gov.cn/credit-changes"],
    )


class SubscriptionOut(Outbound):
    """A subscription."""

    subscription_id: str
    scene: str
    scene_title: str
    purpose: str
    url: str | None
    state: SubscriptionState
    subjects: int
    created_at: datetime
    changes: int = Field(description="最新一次变化的序号")
    settled: int = Field(description="到哪个序号为止已送达或已放弃推送")
    attempts: int = Field(description="下一次变化已经试过几次")
    next_try: datetime | None
    version: int


class SubscriptionList(Outbound):
    """One page of subscriptions, newest first."""

    items: tuple[SubscriptionOut, ...]
    next_page_token: str | None


class AnswerChangeOut(Outbound):
    """One change of the answer for one subject."""

    number: int
    delivery_id: str
    reference: str
    code: str | None = Field(description="统一社会信用代码或工商注册号；个人为空")
    before: AnswerKind
    answer: AnswerKind
    measures: tuple[CheckMeasureOut, ...]
    until: date | None
    as_of: date
    version: int
    changed_at: datetime
    state: DeliveryState = Field(
        description="waiting 待推送、delivered 已送达、dead 已放弃、pull_only 只供拉取"
    )
    failure: str | None
    jws: str = Field(description="与推送的内容相同：ES256 签名的 JWS，公钥见 /public/v1/keys")


class AnswerChangeList(Outbound):
    """Changes in order; go on with `after` = `next_after`."""

    items: tuple[AnswerChangeOut, ...]
    next_after: int | None
