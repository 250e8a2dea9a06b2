"""What disclosure keeps in the public table beside the documents, which are the feed's.

| item | pk | sk | read by |
|---|---|---|---|
| receipt keys | KEYS | - | |
| freshness of the projection | FRESHNESS | - | |
| alarm clock: a record that becomes public later | WAITING#<id> | - | id; by_end |
| how far the sweep has ended terms and compared changes | SWEEP | - | |

Whoever may read the table may read everything in it: an alarm clock holds id, version and instant,
nothing of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition, Delete, Put, Update, commit

_FRESHNESS = "FRESHNESS"
_SWEEP = "SWEEP"
_SWEPT = {"terms": "through", "changes": "compared"}
_KEYS = "KEYS"


def wait_until(platform: Platform, record_id: str, version: int, instant: str, day: str) -> None:
    """Remember that a record becomes public at `instant` (civil day `day`)."""
    alarm: Item = {
        "pk": f"WAITING#{record_id}",
        "sk": "-",
        "entity": "waiting",
        "version": version,
        "until": instant,
        "end_day": day,
        "position": f"{instant}#{record_id}",
    }
    _won(platform, Put(platform.public.name, alarm, _not_newer(version)))


def find_alarm(platform: Platform, record_id: str) -> Item | None:
    """The alarm clock of a record that becomes public later."""
    return platform.public.get(f"WAITING#{record_id}")


def stop_alarm(platform: Platform, alarm: Item) -> bool:
    """Remove an alarm clock that has rung, unless it was set anew meanwhile."""
    unchanged = Condition(
        "#version = :seen AND #until = :until",
        {"seen": alarm["version"], "until": alarm["until"]},
    )
    return _won(platform, Delete(platform.public.key(str(alarm["pk"])), unchanged))


def _not_newer(version: int) -> Condition:
    return Condition("attribute_not_exists(#pk) OR #version <= :mine", {"mine": version})


def _won(platform: Platform, write: Put | Delete) -> bool:
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True


def show_keys(
    platform: Platform, keys: Iterable[Mapping[str, str]], log_key: str, version: int
) -> None:
    """Publish verification keys, and the log's (empty: none yet); those published before stay."""
    known = platform.public.get(_KEYS)
    by_id = {key["kid"]: dict(key) for key in published_keys(known)}
    by_id |= {key["kid"]: dict(key) for key in keys}
    log_keys = {*_published_log_keys(known), log_key} - {""}
    document: dict[str, Any] = {
        "keys": [by_id[kid] for kid in sorted(by_id)],
        "log_keys": [
            {
                "name": text.partition("+")[0],
                "verifier_key": text,
                "active": text == log_key,
            }
            for text in sorted(log_keys)
        ],
    }
    item: Item = {
        "pk": _KEYS,
        "sk": "-",
        "entity": "keys",
        "version": version,
        "document": document,
    }
    platform.public.put(item, _not_newer(version))


def published_keys(item: Item | None) -> list[dict[str, str]]:
    """The keys in the KEYS item."""
    if item is None:
        return []
    return cast("dict[str, list[dict[str, str]]]", item["document"])["keys"]


def _published_log_keys(item: Item | None) -> list[str]:
    document = cast("dict[str, list[dict[str, str]]]", item["document"]) if item else {}
    return [key["verifier_key"] for key in document.get("log_keys", [])]


def find_keys(platform: Platform) -> Item | None:
    """The KEYS item."""
    return platform.public.get(_KEYS)


def note_change(platform: Platform, changed_at: str, projected_at: str, lag_ms: int) -> None:
    """Remember the latest change that has been projected."""
    values: dict[str, Value] = {"changed": changed_at, "at": projected_at, "lag": lag_ms}
    expression = "SET #last_change_at = :changed, #projected_at = :at, #lag_ms = :lag"
    latest = Condition(
        "attribute_not_exists(#last_change_at) OR #last_change_at <= :changed",
        {"changed": changed_at},
    )
    with suppress(ConditionFailed):
        commit([Update(platform.public.key(_FRESHNESS), expression, values, latest)])


def note_check(platform: Platform, checked_at: str, behind: int) -> None:
    """Remember when the projection was last compared with the tables, and what was missing."""
    key = platform.public.key(_FRESHNESS)
    values: dict[str, Value] = {"at": checked_at, "behind": behind}
    commit([Update(key, "SET #checked_at = :at, #behind = :behind", values)])


def find_freshness(platform: Platform) -> Item:
    """The FRESHNESS item, empty before the first projection."""
    return platform.public.get(_FRESHNESS, consistent=False) or {}


def swept_through(platform: Platform, what: str) -> str:
    """How far the sweep has come with `terms` (a day) or `changes` (an hour): all before it is
    done. Empty before the first sweep."""
    return str((platform.public.get(_SWEEP) or {}).get(_SWEPT[what], ""))


def note_swept(platform: Platform, what: str, through: str) -> None:
    """Remember how far the sweep has come with `terms` or `changes`."""
    expression = f"SET #{_SWEPT[what]} = :value"
    commit([Update(platform.public.key(_SWEEP), expression, {"value": through})])
