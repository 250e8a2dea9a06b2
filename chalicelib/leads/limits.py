"""How often one address may do what today, without anybody knowing the address.

Items of the limits table, which has neither backup nor stream:

| item | pk | sk | read by |
|---|---|---|---|
| day key | DAY_KEYS | <day> | one day; all that are over |
| count, or that it was done | ADDRESS#<keyed hash> | <deed> | hash and deed |

What is counted are attempts: a request that is repeated because it failed counts again. The counts
themselves tell nothing once the key is gone; DynamoDB deletes them later.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import ABSENT, Condition, Delete, Key, Put, Update, commit, update
from chalicelib.kernel.clock import civil_date, day_end
from chalicelib.kernel.errors import TooManyRequests
from chalicelib.leads.rules_addresses import KEY_BYTES, hashed

Deed = Literal["opening", "message", "wrong_code"]

_DAY_KEYS: Final = "DAY_KEYS"
_KEPT_SECONDS: Final = 3_600
"""How long after its day an item is left to DynamoDB's own deletion; the sweep is sooner."""
_TOO_MANY: Final = {
    "opening": "今天从您所在的网络提交的线索已达上限，请明天再提交；紧急的请拨打12345",
    "message": "今天从您所在的网络补充的内容已达上限，请明天再补充",
    "wrong_code": "今天从您所在的网络查询时查询码多次有误，请逐字核对；查询码正确的仍可查询",
}


def count(platform: Platform, address: str, deed: Deed) -> None:
    """Count one more attempt. Raises TooManyRequests when there were enough for today."""
    condition = Condition(
        "attribute_not_exists(#attempts) OR #attempts < :most", {"most": _most(platform, deed)}
    )
    expires = int(_today_ends(platform)) + _KEPT_SECONDS
    values = {"one": 1, "expires": expires}
    change = "SET #expires_at = :expires ADD #attempts :one"
    try:
        update(Update(_place(platform, address, deed), change, values, condition))
    except ConditionFailed:
        raise _refusal(platform, deed) from None


def once_today(platform: Platform, address: str, what: str) -> Put:
    """The write that succeeds once a day for an address and a deed, to be committed with what it
    guards."""
    digest = hashed(_day_key(platform, civil_date(platform.clock())), address)
    item: Item = {
        "pk": f"ADDRESS#{digest}",
        "sk": what,
        "expires_at": int(_today_ends(platform)) + _KEPT_SECONDS,
    }
    return Put(platform.limits.name, item, ABSENT)


def drop_day_keys(platform: Platform) -> int:
    """Sweep: delete the key of every day that is over. How many there were."""
    today = civil_date(platform.clock()).isoformat()
    over = [item for item in platform.limits.each(_DAY_KEYS) if str(item["sk"]) < today]
    for item in over:
        commit([Delete(platform.limits.key(_DAY_KEYS, str(item["sk"])))])
    return len(over)


def _most(platform: Platform, deed: Deed) -> int:
    settings = platform.settings
    return {
        "opening": settings.leads_per_address,
        "message": settings.lead_messages_per_address,
        "wrong_code": settings.wrong_codes_per_address,
    }[deed]


def _place(platform: Platform, address: str, deed: Deed) -> Key:
    key = _day_key(platform, civil_date(platform.clock()))
    return platform.limits.key(f"ADDRESS#{hashed(key, address)}", deed)


def _day_key(platform: Platform, day: date) -> bytes:
    """The random key of a day, made by whoever is first. It is not kept in memory: a worker may
    lie frozen for days."""
    found = platform.limits.get(_DAY_KEYS, day.isoformat())
    if found is None:
        item: Item = {
            "pk": _DAY_KEYS,
            "sk": day.isoformat(),
            "secret": platform.ids.random_bytes(KEY_BYTES),
            "expires_at": int(_today_ends(platform)) + _KEPT_SECONDS,
        }
        try:
            platform.limits.put(item, ABSENT)
        except ConditionFailed as error:
            item = error.items[0] or item
        found = item
    secret = found["secret"]
    if not isinstance(secret, bytes):
        raise TypeError("a day key is bytes")
    return secret


def _today_ends(platform: Platform) -> float:
    return day_end(civil_date(platform.clock())).timestamp()


def _refusal(platform: Platform, deed: Deed) -> TooManyRequests:
    left = int(_today_ends(platform) - platform.clock().timestamp()) + 1
    return TooManyRequests(_TOO_MANY[deed], code="too_many_from_here", retry_after=left)
