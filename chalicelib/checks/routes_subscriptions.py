"""HTTP of subscriptions: begin, look at, fetch changes, have one sent again, end."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.checks import delivering, examples, subscribing, substore
from chalicelib.checks.bodies_subscriptions import (
    AnswerChangeList,
    AnswerChangeOut,
    SubscriptionIn,
    SubscriptionList,
    SubscriptionOut,
)
from chalicelib.checks.model_subscriptions import AnswerChange, DeliveryState, Subscription
from chalicelib.checks.presenting import day_of, measure_out, scene_title
from chalicelib.checks.service import name_of
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.service import pack_for
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes(
    "核查订阅",
    errors=[
        ErrorPage(
            "address_not_allowed",
            0,
            "推送地址不能使用",
            "推送地址须是 https 域名，在部署时允许的名单（WEBHOOK_HOSTS）中，"
            "不带端口、用户名和查询参数。",
            "联系平台管理单位把域名加入名单；或不填 url，用拉取方式取得变化。",
        ),
        ErrorPage(
            "reference_needed",
            0,
            "个人须有业务编号",
            "变化通知中不出现姓名和公民身份号码，只以业务系统自己的编号（reference）说明是谁。",
            "为每个个人填写不重复的 reference。",
        ),
        ErrorPage(
            "not_on_file",
            0,
            "没有信用档案",
            "没有档案的主体没有可以变化的核查结论。",
            "去掉这个主体；需要时用 POST /v1/checks 核查。",
        ),
        ErrorPage(
            "no_webhook",
            409,
            "不能推送",
            "这个订阅没有推送地址，或者已经结束。",
            "用 GET /v1/subscriptions/{subscription_id}/changes 拉取。",
        ),
        ErrorPage(
            "delivery_under_way",
            409,
            "正在推送",
            "这次变化还在按次序推送，没有放弃。",
            "等待推送，或直接拉取。",
        ),
    ],
)

SubscriptionId = Annotated[str, Path(description="订阅编号", max_length=64)]


def _found(subscription_id: str) -> Subscription:
    return subscribing.find(request.platform(), request.caller(), subscription_id)


def _out(subscription: Subscription) -> SubscriptionOut:
    pack = pack_for(subscription.jurisdiction, civil_date(request.platform().clock()))
    return SubscriptionOut(
        subscription_id=subscription.subscription_id,
        scene=subscription.scene,
        scene_title=scene_title(pack, subscription.scene),
        purpose=subscription.purpose,
        url=subscription.url or None,
        state=subscription.state,
        subjects=subscription.subjects,
        created_at=parse_instant(subscription.created_at),
        changes=subscription.changes,
        settled=subscription.settled,
        attempts=subscription.attempts,
        next_try=parse_instant(subscription.next_try) if subscription.next_try else None,
        version=subscription.version,
    )


def _change_out(subscription: Subscription, change: AnswerChange) -> AnswerChangeOut:
    platform, told = request.platform(), change.told
    return AnswerChangeOut(
        number=change.number,
        delivery_id=change.delivery_id,
        reference=told.reference,
        code=told.code or None,
        before=change.before,
        answer=told.answer,
        measures=tuple(measure_out(one) for one in told.measures),
        until=day_of(told.until),
        as_of=date.fromisoformat(told.as_of),
        version=told.version,
        changed_at=parse_instant(change.at),
        state=change.state,
        failure=change.failure or None,
        jws=platform.keyring.sign(delivering.claims_of(platform, subscription, change)),
    )


@routes.post(
    "/v1/subscriptions",
    operation="subscriptions.keep",
    summary="订阅核查结论的变化",
    answers={201: SubscriptionOut},
    examples={0: examples.SUBSCRIPTION_IN, 201: examples.SUBSCRIPTION},
    errors=(409,),
    replay=Replay.SERVICE,
)
def subscribe(wanted: SubscriptionIn) -> Answer:
    """这些主体在该场景中的核查结论有变化时告知：推送到 url，或由业务系统拉取。

    每次推送是一份平台签名的 JWS（application/jose），用 /public/v1/keys 验证。按序号推送，
    至少一次，以 jti 去重；2xx 为收到，否则越来越久地重试，多次不成即放弃，可以重发。
    被订阅的个人能看到谁订阅、每次告知了谁。
    """
    begun = subscribing.begin(
        request.platform(),
        request.caller(),
        wanted,
        name_of(request.platform(), request.idempotency_claim(), "subscription"),
    )
    one = begun.subscription
    return Answer(
        201,
        _out(one),
        version=one.version,
        location=f"/v1/subscriptions/{one.subscription_id}",
        headers={"Idempotency-Replayed": "true"} if begun.repeated else {},
    )


@routes.get(
    "/v1/subscriptions",
    operation="subscriptions.read",
    summary="本系统的订阅",
    answers={200: SubscriptionList},
    examples={200: {"items": [examples.SUBSCRIPTION], "next_page_token": None}},
)
def list_subscriptions(limit: Limit = DEFAULT_LIMIT, page_token: PageToken = None) -> Answer:
    """最近的在前。"""
    page = substore.page_of(
        request.platform(), request.caller().client_id, limit, read_page_token(page_token)
    )
    shown = [_out(substore.subscription_from(item)) for item in page.items]
    return listing(shown, page.next_start)


@routes.get(
    "/v1/subscriptions/{subscription_id}",
    operation="subscriptions.read",
    summary="一个订阅和推送的情况",
    answers={200: SubscriptionOut},
    examples={200: examples.SUBSCRIPTION},
    errors=(404,),
)
def show_subscription(subscription_id: SubscriptionId) -> Answer:
    """changes 大于 settled 的，是还没有送达的变化。"""
    found = _found(subscription_id)
    return Answer(200, _out(found))


@routes.delete(
    "/v1/subscriptions/{subscription_id}",
    operation="subscriptions.keep",
    summary="结束订阅",
    answers={204: None},
    errors=(404,),
)
def unsubscribe(subscription_id: SubscriptionId) -> Answer:
    """不再比对、不再推送；已有的变化仍可拉取。可以重复。"""
    subscribing.end(request.platform(), _found(subscription_id))
    return Answer(204)


@routes.get(
    "/v1/subscriptions/{subscription_id}/changes",
    operation="subscriptions.read",
    summary="拉取变化",
    answers={200: AnswerChangeList},
    examples={200: {"items": [examples.CHANGE], "next_after": None}},
    errors=(404,),
)
def list_changes(
    subscription_id: SubscriptionId,
    after: Annotated[int, Query(ge=0, description="从哪个序号之后开始")] = 0,
    state: Annotated[
        DeliveryState | None,
        Query(description="只看一种推送状态，例如 dead；一页可能不足 limit 条"),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer:
    """按序号排列，没有空号；next_after 不为空的，以它为 after 继续。"""
    subscription = _found(subscription_id)
    found, following = substore.changes_after(
        request.platform(), subscription_id, after, state, limit
    )
    shown = [_change_out(subscription, one) for one in found]
    return Answer(200, {"items": shown, "next_after": following})


@routes.post(
    "/v1/subscriptions/{subscription_id}/changes/{number}/replay",
    operation="subscriptions.keep",
    summary="重发一次变化",
    answers={202: AnswerChangeOut},
    examples={202: examples.CHANGE},
    errors=(404, 409),
)
def replay_change(
    subscription_id: SubscriptionId,
    number: Annotated[int, Path(description="变化的序号")],
) -> Answer:
    """把已放弃或已送达的一次变化再推送一次，不按次序；结果见其 state。"""
    subscription = _found(subscription_id)
    change = delivering.replay(request.platform(), subscription, number)
    return Answer(202, _change_out(subscription, change))
