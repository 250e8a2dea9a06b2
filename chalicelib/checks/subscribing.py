"""Subscriptions as their client sees them: begin, look at, fetch from, end.

Who is told of a person's changes looks at that person's file: it is noted when the subscription
begins, and with each change, for the person to see.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from chalicelib.access.service import Look, distinct
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.checks import asking, substore
from chalicelib.checks.answering import places_of, told_of
from chalicelib.checks.asking import Wish, key_reused
from chalicelib.checks.bodies_subscriptions import SubscriptionIn
from chalicelib.checks.looks import commit_noted
from chalicelib.checks.model import REASON_TITLES, Name, Told
from chalicelib.checks.model_subscriptions import Subscription, Watched
from chalicelib.checks.sending import address_fault
from chalicelib.checks.service import examined_subjects, wish_of
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.web.model import Caller

SUBSCRIBED: Final = "subscribe_check"


@dataclass(frozen=True, slots=True)
class Begun:
    """A subscription, and whether it had begun before."""

    subscription: Subscription
    repeated: bool = False


def begin(platform: Platform, caller: Caller, body: SubscriptionIn, name: Name) -> Begun:
    """Watch some subjects in a scene from now on. Raises Invalid, Conflict."""
    wish = _examined(platform, caller, body)
    places = [places_of(platform, one.named) for one in wish.asked]
    items, _ = asking.look_up(platform, caller, places, wish.asked)
    found: list[Watched] = []
    faults: list[Fault] = []
    for asked, place in zip(wish.asked, places, strict=True):
        told = told_of(platform, wish.scene, asked, items, place)
        faults += _unwatchable(told)
        found.append(
            Watched(
                subscription_id=name.check_id,
                number=asked.number,
                subject_id=told.subject_id,
                code=told.code,
                reference=told.reference,
                is_person=told.is_person,
                standing=place.standing.pk,
                digest=digest_of(told),
                answer=told.answer,
            )
        )
    if faults:
        # Who is told which of some persons are not on file has learned that the others are.
        _note_refusal(platform, caller, wish, found)
        raise Invalid("有主体不能订阅，没有建立订阅", faults=faults)
    begun = _keep(platform, caller, body, wish, name, found)
    # What changed between looking up and keeping: compare once more, now that it is watched.
    platform.checks_queue.send_many(
        [{"job": "changed", "subject": one.subject_id, "version": 0} for one in found]
    )
    return begun


def _note_refusal(platform: Platform, caller: Caller, wish: Wish, found: list[Watched]) -> None:
    persons = distinct(one.subject_id for one in found if one.is_person)
    purpose = f"订阅“{wish.scene.title}”核查结论的变化，没有建立：{wish.purpose}"
    look = Look(platform.ids.new("k"), SUBSCRIBED, persons, purpose, wish.reference)
    commit_noted(platform, caller, [], look)


def _keep(
    platform: Platform,
    caller: Caller,
    body: SubscriptionIn,
    wish: Wish,
    name: Name,
    found: list[Watched],
) -> Begun:
    there = substore.find(platform, name.check_id)
    if there is not None:
        return Begun(_same(there, name), True)
    subscription = Subscription(
        subscription_id=name.check_id,
        client_id=caller.client_id,
        agency=caller.agency_code,
        agency_name=caller.agency_name,
        jurisdiction=caller.jurisdiction,
        region=caller.region,
        level=caller.level,
        scene=wish.scene.code,
        purpose=wish.purpose,
        url=body.url,
        created_at=instant_text(platform.clock()),
        request_mac=name.request_mac,
        subjects=len(found),
    )
    # A watch of a subscription that is not there yet is passed over.
    commit([put for one in found for put in substore.watch_puts(platform, one)])
    persons = distinct(one.subject_id for one in found if one.is_person)
    purpose = f"订阅“{wish.scene.title}”核查结论的变化：{wish.purpose}"
    look = Look(name.check_id, SUBSCRIBED, persons, purpose, body.reference)
    try:
        commit_noted(platform, caller, [substore.new_put(platform, subscription)], look)
    except ConditionFailed as error:
        item = error.items.get(0)
        if item is None:
            raise
        return Begun(_same(substore.subscription_from(item), name), True)
    return Begun(subscription)


def _examined(platform: Platform, caller: Caller, body: SubscriptionIn) -> Wish:
    faults: list[Fault] = []
    asked = examined_subjects(platform, body.subjects, faults)
    if body.url:
        wrong = address_fault(body.url, platform.settings.webhook_hosts)
        if wrong:
            faults.append(Fault("/url", "address_not_allowed", wrong))
    references = [one.reference for one in asked if one.named.is_person]
    for one in asked:
        if one.named.is_person and (not one.reference or references.count(one.reference) > 1):
            message = "个人只以业务系统自己的编号告知，须填写且不得重复"
            pointer = f"/subjects/{one.number - 1}/reference"
            faults.append(Fault(pointer, "reference_needed", message))
    return wish_of(platform, caller, body, asked, faults)


def _unwatchable(told: Told) -> list[Fault]:
    pointer = f"/subjects/{told.number - 1}"
    if not told.subject_id:
        message = "没有这个主体的信用档案，没有可以变化的结论"
        return [Fault(pointer, "not_on_file", message)]
    if told.reason == "not_in_scene":
        return [Fault(pointer, "not_in_scene", REASON_TITLES[told.reason])]
    if told.reason:
        return [Fault(f"{pointer}/name", "name_differs", "名称与信用档案不符")]
    return []


def _same(kept: Subscription, name: Name) -> Subscription:
    if kept.request_mac != name.request_mac:
        raise key_reused()
    return kept


def digest_of(told: Told) -> str:
    """What makes an answer another one: what is answered, by which measures, until when."""
    measures = [[one.code, one.effect, one.since, one.until] for one in told.measures]
    said = canonical_json({"answer": told.answer, "measures": measures, "until": told.until})
    return hashlib.sha256(said).hexdigest()


def find(platform: Platform, caller: Caller, subscription_id: str) -> Subscription:
    """One of the caller's own subscriptions. Raises NotFound."""
    found = substore.load(platform, subscription_id)
    if found.client_id != caller.client_id:
        raise NotFound("没有这个订阅")
    return found


def end(platform: Platform, subscription: Subscription) -> None:
    """Watch no more and deliver no more; what changed until now can still be fetched. Repeating it
    changes nothing."""
    if subscription.state == "active":
        ended = substore.change(
            platform, subscription, {"state": "ended", "version": subscription.version + 1}
        )
        commit([ended, substore.close_mark(platform, subscription)])
    watched = substore.watched_by(platform, subscription.subscription_id)
    if watched:
        commit([write for one in watched for write in substore.unwatch(platform, one)])
