"""Items of the public table. Whoever may read it may read everything in it.

| item | pk | sk | read by |
|---|---|---|---|
| record | RECORD#<id> | - | id; by_subject (bodies); by_listing `records#<yyyy-mm>`; by_end |
| registered body | SUBJECT#<unified code> | - | code; by_listing `bodies` by region and code |
| run | RUN#<run> | - | id; by_listing `evaluations` |
| result of a body | RUN#<run> | RESULT#<code> | by_listing `results#<run>#<group>` by place; |
| | | | by_subject `results#<code>`, the newest first |
| receipt keys | KEYS | - | |
| freshness, and the months that have records | FRESHNESS | - | |
| grave: a record that was public and is withdrawn | RECORD#<id> | - | id; by_end |
| alarm clock: a record that becomes public later | WAITING#<id> | - | by_end |
| how far the sweep has ended terms and compared changes | SWEEP | - | |

`document` is the JSON that is served. Grave and alarm clock hold id, version and instant, nothing
of the record; the sweep removes both. A record that never was public never has an item.

Versions only go forward: a write names the version of the fact it shows, and loses against an item
that shows a newer one, or against a grave of the same one. So duplicate, late and simultaneous
deliveries end in the same state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page, batch_get
from chalicelib.aws.writes import Condition, Delete, Key, Put, Update, commit
from chalicelib.disclosure.model import BodyView, RecordView, ResultView, RunView
from chalicelib.kernel.canonical import JsonValue, canonical_json

BODIES = "bodies"
RUNS = "evaluations"
_FRESHNESS = "FRESHNESS"
_SWEEP = "SWEEP"
_SWEPT = {"terms": "through", "changes": "compared"}
_KEYS = "KEYS"
_LAST = "~"
"""Sorts after every `#<id>`."""


def record_key(platform: Platform, record_id: str) -> Key:
    """Where a public record, or its grave, lies."""
    return platform.public.key(f"RECORD#{record_id}")


def body_key(platform: Platform, code: str) -> Key:
    """Where a registered body lies."""
    return platform.public.key(f"SUBJECT#{code}")


def record_item(view: RecordView) -> Item:
    """The item of a public record. One about a person is in no listing by subject."""
    place = f"{view.occurred_on}#{view.id}"
    item = document_item(f"RECORD#{view.id}", "-", "record", view.version, view)
    item |= {
        "as_of": view.as_of,
        "type": view.type,
        "category": view.category,
        "severity": view.severity or "",
        "reporter": view.reporter.code,
        "region": view.region,
        "listing": f"records#{view.occurred_on[:7]}",
        "position": place,
    }
    if view.subject.code is not None:
        item |= {"subject": view.subject.code, "occurred": place}
    if view.publicity.until is not None and view.publicity.last_day is not None:
        item |= {"until": view.publicity.until, "end_day": view.publicity.last_day}
    return item


def body_item(view: BodyView, version: int) -> Item:
    """The item of a registered body."""
    item = document_item(f"SUBJECT#{view.code}", "-", "subject", version, view)
    return item | {
        "as_of": view.as_of,
        "kind": view.kind,
        "level": view.level or "",
        "listing": BODIES,
        "position": f"{view.region or ''}#{view.code}",
    }


def run_item(view: RunView, version: int) -> Item:
    """The item of a completed run; written last, so that a run is seen with all its results."""
    item = document_item(f"RUN#{view.run}", "-", "run", version, view)
    return item | {"listing": RUNS, "position": f"{view.completed_at}#{view.run}"}


def result_item(view: ResultView, explanation: BaseModel | None, version: int) -> Item:
    """The item of a body's result, with its explanation beside it."""
    item = document_item(f"RUN#{view.run}", f"RESULT#{view.body.code}", "result", version, view)
    if explanation is not None:
        item["explanation"] = explanation.model_dump(mode="json")
    return item | {
        "listing": f"results#{view.run}#{view.group}",
        "position": f"{view.place or 999_999:06d}#{view.body.code}",
        "subject": f"results#{view.body.code}",
        "occurred": f"{view.period}#{view.as_of}#{view.run}",
    }


def document_item(pk: str, sk: str, entity: str, version: int, view: BaseModel) -> Item:
    """An item that shows a document."""
    document = view.model_dump(mode="json")
    return {
        "pk": pk,
        "sk": sk,
        "entity": entity,
        "version": version,
        "document": document,
        # The same version may be shown otherwise later (a renamed agency, a mark): the tag of a
        # document follows its content, too.
        "etag": f"{version}-{tag_of(document)}",
    }


def tag_of(content: JsonValue) -> str:
    """A short digest of public content, for entity tags."""
    return hashlib.sha256(canonical_json(content)).hexdigest()[:16]


def show(platform: Platform, item: Item) -> bool:
    """Make `item` public, unless something newer is there. The only way into the public table.

    Here, and in `bury`, the sequencer of the publication log will attach: it numbers what was
    really shown or taken away, and salts the digest of `document` (design §2.8). False: lost.
    """
    return _won(
        platform,
        Put(
            platform.public.name,
            item,
            Condition(
                "attribute_not_exists(#pk) OR #version < :mine"
                " OR (#version = :mine AND attribute_not_exists(#gone))",
                {"mine": item["version"]},
            ),
        ),
    )


def bury(platform: Platform, pk: str, version: int, now: str, today: str) -> bool:
    """Take away what was public, and stand against whoever still wants to show this version or an
    older one. The grave holds nothing of what it buries."""
    grave: Item = {
        "pk": pk,
        "sk": "-",
        "entity": "grave",
        "version": version,
        "gone": True,
        "until": now,
        "end_day": today,
        "position": f"{now}#{pk.partition('#')[2]}",
    }
    return _won(platform, Put(platform.public.name, grave, _not_newer(version)))


def remove(platform: Platform, key: Key, version: int) -> bool:
    """Remove the item unless it shows something newer; nothing there is fine."""
    return _won(platform, Delete(key, _not_newer(version)))


def remove_ended(platform: Platform, item: Item) -> bool:
    """Remove an item found ended, unless it has been replaced meanwhile."""
    unchanged = Condition(
        "#version = :seen AND #until = :until",
        {"seen": item["version"], "until": item["until"]},
    )
    return _won(platform, Delete(platform.public.key(str(item["pk"])), unchanged))


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


def _not_newer(version: int) -> Condition:
    return Condition("attribute_not_exists(#pk) OR #version <= :mine", {"mine": version})


def _won(platform: Platform, write: Put | Delete) -> bool:
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True


def ending_on(platform: Platform, day: str) -> Iterator[Item]:
    """Records, graves and alarm clocks whose last day is `day`."""
    return platform.public.each_in_index("by_end", day)


def find_item(platform: Platform, pk: str, sk: str = "-") -> Item | None:
    """One item as last written."""
    return platform.public.get(pk, sk)


def find_items(platform: Platform, keys: Sequence[Key]) -> dict[Key, Item]:
    """Those of the items that exist."""
    return batch_get(keys) if keys else {}


def records_of_month(
    platform: Platform,
    month: str,
    days: tuple[str, str],
    where: Condition | None,
    limit: int,
    after: str | None,
) -> Page:
    """Items of a month from the newest, between two days, behind the position `after`."""
    listing = f"records#{month}"
    return platform.public.query_index(
        "by_listing",
        listing,
        between=(days[0], days[1] + _LAST),
        where=where,
        descending=True,
        limit=limit,
        start=_behind(after, {"listing": listing, "position": after}),
    )


def records_of_subject(
    platform: Platform,
    code: str,
    days: tuple[str, str],
    where: Condition | None,
    limit: int,
    after: str | None,
) -> Page:
    """Items about a body from the newest, between two days, behind the position `after`."""
    return platform.public.query_index(
        "by_subject",
        code,
        between=(days[0], days[1] + _LAST),
        where=where,
        descending=True,
        limit=limit,
        start=_behind(after, {"subject": code, "occurred": after}),
    )


def bodies_page(
    platform: Platform, prefix: str, where: Condition | None, limit: int, after: str | None
) -> Page:
    """Registered bodies of the regions whose codes begin with `prefix`, by region and code."""
    return platform.public.query_index(
        "by_listing",
        BODIES,
        prefix=prefix or None,
        where=where,
        limit=limit,
        start=_behind(after, {"listing": BODIES, "position": after}, "SUBJECT"),
    )


def runs_page(platform: Platform, limit: int, after: str | None) -> Page:
    """Completed evaluations, the newest first."""
    return platform.public.query_index(
        "by_listing",
        RUNS,
        descending=True,
        limit=limit,
        start=_behind(after, {"listing": RUNS, "position": after}, "RUN"),
    )


def results_page(
    platform: Platform, run_id: str, group: str, limit: int, after: str | None
) -> Page:
    """The rank list of a group of an evaluation, the best place first."""
    listing = f"results#{run_id}#{group}"
    start: Item | None = None
    if after is not None:
        start = {
            "pk": f"RUN#{run_id}",
            "sk": f"RESULT#{after.partition('#')[2]}",
            "listing": listing,
            "position": after,
        }
    return platform.public.query_index("by_listing", listing, limit=limit, start=start)


def _behind(after: str | None, index_key: Item, kind: str = "RECORD") -> Item | None:
    """The start of a page behind a position, whose last part names the item."""
    if after is None:
        return None
    return {"pk": f"{kind}#{after.rpartition('#')[2]}", "sk": "-", **index_key}


def latest_result(platform: Platform, code: str) -> Item | None:
    """The item of a body's result for the latest period."""
    page = platform.public.query_index("by_subject", f"results#{code}", descending=True, limit=1)
    return page.items[0] if page.items else None


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
        "etag": tag_of(document),
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


def note_months(platform: Platform, months: frozenset[int]) -> None:
    """Remember that these months (yyyymm) have records."""
    if months:
        key = platform.public.key(_FRESHNESS)
        commit([Update(key, "ADD #months :months", {"months": months})])


def note_change(
    platform: Platform, months: frozenset[int], changed_at: str, projected_at: str, lag_ms: int
) -> None:
    """Remember the latest change that has been projected, and the months it touched."""
    values: dict[str, Value] = {"changed": changed_at, "at": projected_at, "lag": lag_ms}
    expression = "SET #last_change_at = :changed, #projected_at = :at, #lag_ms = :lag"
    if months:
        expression += " ADD #months :months"
        values["months"] = months
    latest = Condition(
        "attribute_not_exists(#last_change_at) OR #last_change_at <= :changed",
        {"changed": changed_at},
    )
    try:
        commit([Update(platform.public.key(_FRESHNESS), expression, values, latest)])
    except ConditionFailed:
        note_months(platform, months)


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
