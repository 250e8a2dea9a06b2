"""Items of subscriptions in the checks table.

| item | pk | sk | read by |
|---|---|---|---|
| subscription | SUBSCRIPTION#<id> | - | id; by_listing (a client's, newest last) |
| change of an answer | SUBSCRIPTION#<id> | CHANGE#<number> | subscription; id and number |
| open mark | SUBSCRIPTION#<id> | OPEN | by_listing `open_subscriptions`: what is to deliver |
| watched subject | WATCH#<subject id> | <subscription id> | subject |
| who is watched | WATCHED#<subscription id> | <number> | subscription |

Of a person there is the random id, a keyed digest and the client's own reference, never a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any, Final, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Check, Condition, Delete, Key, Put, Update, Write
from chalicelib.checks.model_subscriptions import (
    AnswerChange,
    DeliveryState,
    Subscription,
    Watched,
)
from chalicelib.checks.store import told_from, told_value
from chalicelib.kernel.errors import NotFound

_DIGITS: Final = 8
_SUBSCRIPTION: Final = tuple(one.name for one in fields(Subscription))
_WATCHED: Final = tuple(one.name for one in fields(Watched))
_CHANGE: Final = tuple(one.name for one in fields(AnswerChange) if one.name != "told")


def subscription_key(platform: Platform, subscription_id: str) -> Key:
    """Where a subscription lies."""
    return platform.checks.key(f"SUBSCRIPTION#{subscription_id}")


def new_put(platform: Platform, subscription: Subscription) -> Put:
    """The write that begins a subscription; fails if it is there."""
    item: Item = {name: getattr(subscription, name) for name in _SUBSCRIPTION}
    item |= {
        "pk": f"SUBSCRIPTION#{subscription.subscription_id}",
        "sk": "-",
        "listing": f"subscriptions#{subscription.client_id}",
        "position": f"{subscription.created_at}#{subscription.subscription_id}",
    }
    return Put(platform.checks.name, item, ABSENT)


def subscription_from(item: Item) -> Subscription:
    """The subscription an item holds."""
    body = cast(dict[str, Any], item)
    return Subscription(**{name: body[name] for name in _SUBSCRIPTION})


def find(platform: Platform, subscription_id: str) -> Subscription | None:
    """A subscription by its id, or None."""
    item = platform.checks.get(f"SUBSCRIPTION#{subscription_id}")
    return None if item is None else subscription_from(item)


def load(platform: Platform, subscription_id: str) -> Subscription:
    """`find`. Raises NotFound."""
    found = find(platform, subscription_id)
    if found is None:
        raise NotFound("没有这个订阅")
    return found


def page_of(platform: Platform, client_id: str, limit: int, start: Item | None) -> Page:
    """One page of a client's subscriptions, newest first."""
    return platform.checks.query_index(
        "by_listing", f"subscriptions#{client_id}", descending=True, limit=limit, start=start
    )


def change(
    platform: Platform, before: Subscription, values: Item, unless: Sequence[str] = ()
) -> Update:
    """The write that changes a subscription; it fails if any of `unless` (names), or of what it
    changes, is no longer as it was read."""
    sets = ", ".join(f"#{name} = :{name}" for name in values)
    watched = dict.fromkeys((*values, *unless))
    expected: Item = {f"old_{name}": getattr(before, name) for name in watched}
    condition = " AND ".join(f"#{name} = :old_{name}" for name in watched)
    key = subscription_key(platform, before.subscription_id)
    return Update(key, f"SET {sets}", values, Condition(condition, expected))


def unchanged(platform: Platform, before: Subscription, names: Sequence[str]) -> Check:
    """The condition that these are still as they were read."""
    expected: Item = {f"old_{name}": getattr(before, name) for name in names}
    condition = " AND ".join(f"#{name} = :old_{name}" for name in names)
    key = subscription_key(platform, before.subscription_id)
    return Check(key, Condition(condition, expected))


# -- who is watched -----------------------------------------------------------------------------


def watch_puts(platform: Platform, watched: Watched) -> list[Put]:
    """The writes that watch a subject: found by subject, and by subscription."""
    item: Item = asdict(watched)
    by_subject = {**item, "pk": f"WATCH#{watched.subject_id}", "sk": watched.subscription_id}
    by_subscription = {
        **item,
        "pk": f"WATCHED#{watched.subscription_id}",
        "sk": f"{watched.number:0{_DIGITS}d}",
    }
    return [Put(platform.checks.name, one) for one in (by_subject, by_subscription)]


def watchers(platform: Platform, subject_id: str) -> Iterator[Watched]:
    """Every watch kept on a subject."""
    return (_watched_from(item) for item in platform.checks.each(f"WATCH#{subject_id}"))


def find_watch(platform: Platform, watched: Watched) -> Watched | None:
    """A watch as it is now, or None."""
    item = platform.checks.get(f"WATCH#{watched.subject_id}", watched.subscription_id)
    return None if item is None else _watched_from(item)


def watched_by(platform: Platform, subscription_id: str) -> list[Watched]:
    """Whom a subscription watches, in order."""
    return [_watched_from(item) for item in platform.checks.each(f"WATCHED#{subscription_id}")]


def told_again(platform: Platform, watched: Watched, after: Watched) -> Update:
    """The write that notes what was told of a subject last, once."""
    return Update(
        platform.checks.key(f"WATCH#{watched.subject_id}", watched.subscription_id),
        "SET #digest = :digest, #answer = :answer",
        {"digest": after.digest, "answer": after.answer},
        Condition("#digest = :told", {"told": watched.digest}),
    )


def unwatch(platform: Platform, watched: Watched) -> list[Write]:
    """The writes that watch a subject no more."""
    places = (
        (f"WATCH#{watched.subject_id}", watched.subscription_id),
        (f"WATCHED#{watched.subscription_id}", f"{watched.number:0{_DIGITS}d}"),
    )
    return [Delete(platform.checks.key(*place)) for place in places]


def _watched_from(item: Item) -> Watched:
    body = cast(dict[str, Any], item)
    return Watched(**{name: body[name] for name in _WATCHED})


# -- changes ------------------------------------------------------------------------------------


def change_put(platform: Platform, made: AnswerChange) -> Put:
    """The write that notes a change; fails if one of that number is there."""
    texts: list[dict[str, Value]] = []
    item: Item = {name: getattr(made, name) for name in _CHANGE}
    item |= {
        "pk": f"SUBSCRIPTION#{made.subscription_id}",
        "sk": _place(made.number),
        "told": told_value(made.told, texts),
        "texts": cast(Value, texts),
    }
    return Put(platform.checks.name, item, ABSENT)


def change_from(item: Item) -> AnswerChange:
    """The change an item holds."""
    body = cast(dict[str, Any], item)
    values = {name: body[name] for name in _CHANGE}
    return AnswerChange(**values, told=told_from(body["told"], body["texts"]))


def load_change(platform: Platform, subscription_id: str, number: int) -> AnswerChange:
    """A change by its number. Raises NotFound."""
    item = platform.checks.get(f"SUBSCRIPTION#{subscription_id}", _place(number))
    if item is None:
        raise NotFound("订阅中没有这个序号的变化")
    return change_from(item)


def changes_after(
    platform: Platform, subscription_id: str, after: int, state: DeliveryState | None, limit: int
) -> tuple[list[AnswerChange], int | None]:
    """Changes of higher numbers, in order, in one state if given; and after which to go on."""
    where = None if state is None else Condition("#state = :state", {"state": state})
    page = platform.checks.query(
        f"SUBSCRIPTION#{subscription_id}",
        between=(_place(after + 1), _place(10**_DIGITS - 1)),
        where=where,
        limit=limit,
    )
    last = None if page.next_start is None else int(str(page.next_start["sk"]).partition("#")[2])
    return [change_from(item) for item in page.items], last


def settle(
    platform: Platform, before: AnswerChange, state: DeliveryState, values: Item
) -> Update:
    """The write that moves a delivery on, once."""
    changes: Item = {"state": state, **values}
    sets = ", ".join(f"#{name} = :{name}" for name in changes)
    unchanged = Condition(
        "#state = :was AND #attempts = :tried", {"was": before.state, "tried": before.attempts}
    )
    key = platform.checks.key(f"SUBSCRIPTION#{before.subscription_id}", _place(before.number))
    return Update(key, f"SET {sets}", changes, unchanged)


def open_mark(platform: Platform, subscription: Subscription, at: str) -> Put:
    """The write that lets the day's job see that something is to be delivered."""
    item: Item = {
        "pk": f"SUBSCRIPTION#{subscription.subscription_id}",
        "sk": "OPEN",
        "subscription_id": subscription.subscription_id,
        "listing": "open_subscriptions",
        "position": f"{at}#{subscription.subscription_id}",
    }
    return Put(platform.checks.name, item)


def close_mark(platform: Platform, subscription: Subscription) -> Delete:
    """The write that ends the interest of the day's job."""
    return Delete(platform.checks.key(f"SUBSCRIPTION#{subscription.subscription_id}", "OPEN"))


def open_ids(platform: Platform) -> list[str]:
    """Subscriptions of which something is to be delivered."""
    found = platform.checks.each_in_index("by_listing", "open_subscriptions")
    return [str(item["subscription_id"]) for item in found]


def _place(number: int) -> str:
    return f"CHANGE#{number:0{_DIGITS}d}"
