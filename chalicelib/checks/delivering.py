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

from chalicelib.access.service import Look, may_still
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Write, commit, update
from chalicelib.checks import sending, substore
from chalicelib.checks.answering import in_scene
from chalicelib.checks.looks import commit_noted
from chalicelib.checks.model import Told
from chalicelib.checks.model_subscriptions import (
    AnswerChange,
    DeliveryState,
    Subscription,
    Watched,
)
from chalicelib.checks.subscribing import digest_of
from chalicelib.creditfile import service as files
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
_MESSAGE_LASTS: Final = timedelta(minutes=1)
"""A message that took longer leaves the rest to another."""
_RACES: Final = 6
OPERATION: Final = "subscriptions.keep"
"""Of which a subscriber must still have the right, whenever it is told anything."""
CHANGED: Final = "check_changed"
TYPE: Final = "check_change"
GOOD_SECONDS: Final = 86_400
"""How long after signing a delivery is to be believed; each try is signed anew."""


# -- what has changed ---------------------------------------------------------------------------


def note_changes(platform: Platform, subject_id: str) -> None:
    """Compare what is answered about a subject now with what each subscription was told last. A
    person who was erased is told of a last time, as not on file, and watched no more."""
    found = list(substore.watchers(platform, subject_id))
    is_gone = bool(found) and _is_erased(platform, subject_id)
    for watched in found:
        _note(platform, watched, is_gone)


def _is_erased(platform: Platform, subject_id: str) -> bool:
    subject = files.subjects_by_id(platform, [subject_id]).get(subject_id)
    return subject is None or subject.is_erased


def _note(platform: Platform, watched: Watched, is_gone: bool) -> None:
    for _ in range(_RACES):
        subscription = substore.find(platform, watched.subscription_id)
        if subscription is None or subscription.state != "active":
            return
        if not may_still(platform, subscription.client_id, OPERATION):
            return  # told when the right comes back and something changes then
        told = _gone(platform, watched) if is_gone else _told_now(platform, subscription, watched)
        if not is_gone and digest_of(told) == watched.digest:
            if subscription.changes > subscription.settled:
                _ask_to_deliver(platform, subscription)  # the message may have been lost
            return
        try:
            _keep(platform, subscription, watched, told)
        except ConditionFailed:
            # Another worker told a change, maybe of an older answer, or a delivery was settled.
            now = substore.find_watch(platform, watched)
            if now is None:
                return
            watched = now
            continue
        if subscription.changes == subscription.settled:
            _ask_to_deliver(platform, subscription)  # else whoever delivers goes on to this one
        return
    raise Unavailable("订阅正被频繁修改，请稍后重试")


def _keep(
    platform: Platform, subscription: Subscription, watched: Watched, told: Told
) -> None:
    is_gone = told.reason == "not_on_file"
    change = AnswerChange(
        subscription_id=subscription.subscription_id,
        number=subscription.changes + 1,
        before=watched.answer,
        told=told,
        at=instant_text(platform.clock()),
        state="waiting" if subscription.url else "pull_only",
    )
    counted: dict[str, Any] = {"changes": change.number}
    if not subscription.url:
        counted["settled"] = change.number
    after = replace(watched, digest=digest_of(told), answer=told.answer)
    writes: list[Write] = [
        substore.change_put(platform, change),
        substore.change(platform, subscription, counted, ("state", "settled")),
    ]
    if is_gone:
        writes += substore.unwatch(platform, watched)
    else:
        writes.append(substore.told_again(platform, watched, after))
    if subscription.url:
        writes.append(substore.open_mark(platform, subscription, change.at))
    look = Look(
        change.delivery_id,
        CHANGED,
        (watched.subject_id,) if watched.is_person and not is_gone else (),
        f"订阅的核查结论有变化：{subscription.purpose}",
    )
    commit_noted(platform, subscription.caller, writes, look)


def _told_now(platform: Platform, subscription: Subscription, watched: Watched) -> Told:
    told = _nothing_about(platform, watched)
    key = platform.measures.key(watched.standing)
    item = batch_get([key]).get(key)
    today = civil_date(platform.clock())
    scene = pack_for(subscription.jurisdiction, today).scenes.get(subscription.scene)
    if item is None or scene is None:
        return told
    return in_scene(platform, scene, told, measures.standing_from(item))


def _gone(platform: Platform, watched: Watched) -> Told:
    return replace(_nothing_about(platform, watched), subject_id="", reason="not_on_file")


def _nothing_about(platform: Platform, watched: Watched) -> Told:
    return Told(
        number=watched.number,
        subject_id=watched.subject_id,
        code=watched.code,
        reference=watched.reference,
        is_person=watched.is_person,
        answer="allow",
        reason="",
        measures=(),
        until="",
        as_of=civil_date(platform.clock()).isoformat(),
        version=0,
    )


def _ask_to_deliver(platform: Platform, subscription: Subscription, delay: int = 0) -> None:
    if subscription.url:
        message = {"job": "deliver", "subscription_id": subscription.subscription_id}
        platform.checks_queue.send(message, delay)


# -- bringing it --------------------------------------------------------------------------------


def deliver(platform: Platform, subscription_id: str) -> None:
    """Bring what has not been brought, in order, as far as it is taken."""
    begun = platform.clock()
    for _ in range(_AT_ONCE):
        subscription = _deliverable(platform, subscription_id)
        if subscription is None:
            return
        if subscription.settled >= subscription.changes:
            if _close(platform, subscription):
                return
            continue
        wait = _seconds_until(platform, subscription.next_try)
        if wait:
            _ask_to_deliver(platform, subscription, min(wait, _LONGEST_DELAY))
            return
        number = subscription.settled + 1
        change = substore.load_change(platform, subscription_id, number)
        _try(platform, subscription, change)
        if platform.clock() - begun > _MESSAGE_LASTS:
            break
    platform.checks_queue.send({"job": "deliver", "subscription_id": subscription_id})


def _deliverable(platform: Platform, subscription_id: str) -> Subscription | None:
    """A subscription to which something may be brought now: it is active, has an address, and its
    client still has the right."""
    found = substore.find(platform, subscription_id)
    if found is None or found.state != "active" or not found.url:
        return None
    return found if may_still(platform, found.client_id, OPERATION) else None


def _close(platform: Platform, subscription: Subscription) -> bool:
    """End the interest of the day's job, unless another change was noted a moment ago."""
    try:
        commit([
            substore.unchanged(platform, subscription, ("changes", "settled")),
            substore.close_mark(platform, subscription),
        ])  # fmt: skip
    except ConditionFailed:
        return False
    return True


def _try(platform: Platform, subscription: Subscription, change: AnswerChange) -> None:
    """One try. It is counted before anything is sent, and the wait after it keeps other workers
    away meanwhile: whoever is killed has tried all the same."""
    now = platform.clock()
    tries = subscription.attempts + 1
    failure = "no_answer"
    if tries <= MOST_TRIES:
        again = instant_text(now + timedelta(seconds=wait_after(tries)))
        try:
            taken = substore.change(
                platform, subscription, {"attempts": tries, "next_try": again}, ("settled", "state")
            )
            subscription = substore.subscription_from(update(taken))
        except ConditionFailed:
            return  # another worker has it, or the subscription has ended
        failure = _send(platform, subscription, change)
        if failure and tries < MOST_TRIES:
            return
    settled: dict[str, Any] = {"settled_at": instant_text(now), "failure": failure}
    values: dict[str, Any] = {"settled": change.number, "attempts": 0, "next_try": ""}
    try:
        commit([
            substore.settle(platform, change, "dead" if failure else "delivered", settled),
            substore.change(platform, subscription, values, ("state",)),
        ])  # fmt: skip
    except ConditionFailed:
        return  # the subscription has ended


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
    told, now = change.told, int(platform.clock().timestamp())
    return {
        "iss": "govcredit",
        "aud": subscription.client_id,
        "typ": TYPE,
        "jti": change.delivery_id,
        "iat": now,
        "exp": now + GOOD_SECONDS,
        "sub": subscription.subscription_id,
        "number": change.number,
        "scene": subscription.scene,
        "reference": told.reference,
        "code": told.code or None,
        "before": change.before,
        "answer": told.answer,
        "reason": told.reason or None,
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
    """Bring one change once more; its state tells whether it was ever taken."""
    subscription = _deliverable(platform, str(message["subscription_id"]))
    if subscription is None:
        return
    number = int(message["number"])
    change = substore.load_change(platform, subscription.subscription_id, number)
    failure = _send(platform, subscription, change)
    at = instant_text(platform.clock())
    state: DeliveryState = "dead" if failure and change.state != "delivered" else "delivered"
    values: dict[str, Any] = {"settled_at": at, "failure": failure}
    try:
        commit([substore.settle(platform, change, state, values)])
    except ConditionFailed:
        return  # sent twice at once: either tells how it went


def resend(platform: Platform) -> None:
    """The day's job: messages that got lost are sent again."""
    platform.checks_queue.send_many(
        [{"job": "deliver", "subscription_id": one} for one in substore.open_ids(platform)]
    )
