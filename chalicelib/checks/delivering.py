"""Changes of answers: found out when a subject's measures change, numbered, and brought to whoever
subscribed, in order and at least once.

    {changed} -> change noted -> {deliver} -> taken, or tried again ever later, then given up

Each delivery is a JWS by the receipt key: whoever gets it can tell with /public/v1/keys that it is
ours. A receiver knows a repeated one by its id (`jti`), and of two about one subject the newer by
its number. What was given up is listed, and can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.access.service import Look
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Write, commit
from chalicelib.checks import sending, substore
from chalicelib.checks.answering import in_scene
from chalicelib.checks.looks import commit_noted
from chalicelib.checks.model import Told
from chalicelib.checks.model_subscriptions import AnswerChange, Subscription, Watched
from chalicelib.checks.subscribing import digest_of
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import Conflict, Unavailable
from chalicelib.measures import service as measures
from chalicelib.policy.service import pack_for

MOST_TRIES: Final = 8
"""After so many a delivery is given up: some fifteen hours."""
FIRST_WAIT_SECONDS: Final = 30
LONGEST_WAIT_SECONDS: Final = 21_600
_LONGEST_DELAY: Final = 900
"""SQS's own limit."""
_AT_ONCE: Final = 20
_RACES: Final = 6
CHANGED: Final = "check_changed"
TYPE: Final = "check_change"


# -- what has changed ---------------------------------------------------------------------------


def note_changes(platform: Platform, subject_id: str) -> None:
    """Compare what is answered about a subject now with what each subscription was told last."""
    for watched in substore.watchers(platform, subject_id):
        found = substore.find(platform, watched.subscription_id)
        if found is not None and found.state == "active":
            _note(platform, found, watched)


def _note(platform: Platform, subscription: Subscription, watched: Watched) -> None:
    told = _told_now(platform, subscription, watched)
    digest = digest_of(told)
    if digest == watched.digest:
        if subscription.changes > subscription.settled:
            _ask_to_deliver(platform, subscription)  # the message may have been lost
        return
    after = replace(watched, digest=digest, answer=told.answer)
    for _ in range(_RACES):
        change = AnswerChange(
            subscription_id=subscription.subscription_id,
            number=subscription.changes + 1,
            before=watched.answer,
            told=told,
            at=instant_text(platform.clock()),
            state="waiting" if subscription.url else "pull_only",
        )
        try:
            _keep(platform, subscription, change, watched, after)
        except ConditionFailed as error:
            if 0 in error.items:
                return  # another worker has told this change
            subscription = substore.load(platform, watched.subscription_id)
            continue
        _ask_to_deliver(platform, subscription)
        return
    raise Unavailable("订阅正被频繁修改，请稍后重试")


def _keep(
    platform: Platform,
    subscription: Subscription,
    change: AnswerChange,
    watched: Watched,
    after: Watched,
) -> None:
    counted: dict[str, Any] = {"changes": change.number}
    if not subscription.url:
        counted["settled"] = change.number
    writes: list[Write] = [
        substore.told_again(platform, watched, after),
        substore.change_put(platform, change),
        substore.change(platform, subscription, counted, ("state",)),
    ]
    if subscription.url:
        writes.append(substore.open_mark(platform, subscription, change.at))
    look = Look(
        change.delivery_id,
        CHANGED,
        (watched.subject_id,) if watched.is_person else (),
        f"订阅的核查结论有变化：{subscription.purpose}",
    )
    commit_noted(platform, subscription.caller, writes, look)


def _told_now(platform: Platform, subscription: Subscription, watched: Watched) -> Told:
    today = civil_date(platform.clock())
    told = Told(
        number=watched.number,
        subject_id=watched.subject_id,
        code=watched.code,
        reference=watched.reference,
        is_person=watched.is_person,
        answer="allow",
        reason="",
        measures=(),
        until="",
        as_of=today.isoformat(),
        version=0,
    )
    key = platform.measures.key(watched.standing)
    item = batch_get([key]).get(key)
    scene = pack_for(subscription.jurisdiction, today).scenes.get(subscription.scene)
    if item is None or scene is None:
        return told
    return in_scene(platform, scene, told, measures.standing_from(item))


def _ask_to_deliver(platform: Platform, subscription: Subscription, delay: int = 0) -> None:
    if subscription.url:
        message = {"job": "deliver", "subscription_id": subscription.subscription_id}
        platform.checks_queue.send(message, delay)


# -- bringing it --------------------------------------------------------------------------------


def deliver(platform: Platform, subscription_id: str) -> None:
    """Bring what has not been brought, in order, as far as it is taken."""
    for _ in range(_AT_ONCE):
        subscription = substore.find(platform, subscription_id)
        if subscription is None or subscription.state != "active" or not subscription.url:
            return
        if subscription.settled >= subscription.changes:
            commit([substore.close_mark(platform, subscription)])
            return
        wait = _seconds_until(platform, subscription.next_try)
        if wait:
            _ask_to_deliver(platform, subscription, min(wait, _LONGEST_DELAY))
            return
        number = subscription.settled + 1
        change = substore.load_change(platform, subscription_id, number)
        _try(platform, subscription, change)
    platform.checks_queue.send({"job": "deliver", "subscription_id": subscription_id})


def _try(platform: Platform, subscription: Subscription, change: AnswerChange) -> None:
    now = platform.clock()
    failure = _send(platform, subscription, change)
    tries = subscription.attempts + 1
    values: dict[str, Any] = {"settled": change.number, "attempts": 0, "next_try": ""}
    settled: dict[str, Any] = {"settled_at": instant_text(now), "failure": failure}
    writes: list[Write] = []
    if not failure:
        writes.append(substore.settle(platform, change, "delivered", settled))
    elif tries >= MOST_TRIES:
        writes.append(substore.settle(platform, change, "dead", settled))
    else:
        again = now + timedelta(seconds=wait_after(tries))
        values = {"attempts": tries, "next_try": instant_text(again)}
    writes.append(substore.change(platform, subscription, values, ("settled", "state")))
    try:
        commit(writes)
    except ConditionFailed:
        return  # another worker brought it too, or the subscription has ended


def wait_after(tries: int) -> int:
    """How many seconds to wait after so many failures: ever longer, up to six hours."""
    return int(min(FIRST_WAIT_SECONDS * 4 ** (tries - 1), LONGEST_WAIT_SECONDS))


def _seconds_until(platform: Platform, instant: str) -> int:
    if not instant:
        return 0
    left = (parse_instant(instant) - platform.clock()).total_seconds()
    return max(0, -int(-left // 1))


def _send(platform: Platform, subscription: Subscription, change: AnswerChange) -> str:
    """Why it was not taken, in a word; empty if it was."""
    if sending.address_fault(subscription.url, platform.settings.webhook_hosts):
        return "address_not_allowed"
    headers = {
        "Content-Type": "application/jose",
        "Govcredit-Delivery": change.delivery_id,
        "User-Agent": "govcredit",
    }
    jws = platform.keyring.sign(claims_of(platform, subscription, change))
    try:
        sending.sender(subscription.url, jws.encode(), headers)
    except sending.Undelivered as error:
        return error.reason
    return ""


def claims_of(
    platform: Platform, subscription: Subscription, change: AnswerChange
) -> dict[str, Any]:
    """What a delivery says. A person is named by the client's own reference only."""
    told = change.told
    return {
        "iss": "govcredit",
        "typ": TYPE,
        "jti": change.delivery_id,
        "iat": int(platform.clock().timestamp()),
        "sub": subscription.subscription_id,
        "number": change.number,
        "scene": subscription.scene,
        "reference": told.reference,
        "code": told.code or None,
        "before": change.before,
        "answer": told.answer,
        "until": told.until or None,
        "measures": [
            {"code": one.code, "title": one.title, "effect": one.effect, "text": one.text,
             "since": one.since, "until": one.until or None}
            for one in told.measures
        ],
        "as_of": told.as_of,
        "version": told.version,
        "changed_at": change.at,
    }  # fmt: skip


# -- once more ----------------------------------------------------------------------------------


def replay(platform: Platform, subscription: Subscription, number: int) -> AnswerChange:
    """Have one change brought once more, out of turn; what was given up above all. Raises NotFound,
    Conflict."""
    change = substore.load_change(platform, subscription.subscription_id, number)
    if not subscription.url or subscription.state != "active":
        raise Conflict("订阅没有推送地址或者已经结束", code="no_webhook")
    if change.state == "waiting":
        raise Conflict("这次变化正在推送，不必重发", code="delivery_under_way")
    platform.checks_queue.send(
        {"job": "redeliver", "subscription_id": subscription.subscription_id, "number": number}
    )
    return change


def redeliver(platform: Platform, message: Mapping[str, Any]) -> None:
    """Bring one change once more; its state tells whether it was taken."""
    subscription = substore.find(platform, str(message["subscription_id"]))
    if subscription is None or subscription.state != "active" or not subscription.url:
        return
    number = int(message["number"])
    change = substore.load_change(platform, subscription.subscription_id, number)
    failure = _send(platform, subscription, change)
    at = instant_text(platform.clock())
    values: dict[str, Any] = {"settled_at": at, "failure": failure}
    try:
        commit([substore.settle(platform, change, "dead" if failure else "delivered", values)])
    except ConditionFailed:
        return  # sent twice at once: either tells how it went


def resend(platform: Platform) -> None:
    """The day's job: messages that got lost are sent again."""
    for subscription_id in substore.open_ids(platform):
        platform.checks_queue.send({"job": "deliver", "subscription_id": subscription_id})
