"""Items of cross-checks in the intake table.

| item | pk | sk | read by |
|---|---|---|---|
| cross-check | CROSSCHECK#<id> | - | id; by_listing (the checks of a region, newest last) |
| open mark | CROSSCHECK#<id> | OPEN | by_listing `open_crosschecks`: what the sweep looks at |

Findings lie in the work bucket, in parts, and are gone when its objects expire.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Delete, Put, Update, version_is
from chalicelib.crosscheck.model import CrossCheck
from chalicelib.kernel.errors import NotFound

OPEN_LISTING = "open_crosschecks"

_TEXTS = (
    "crosscheck_id",
    "jurisdiction",
    "region",
    "agency",
    "client_id",
    "format",
    "created_at",
    "state",
    "committed_at",
    "object_version",
    "completed_at",
)
_NUMBERS = ("version", "size", "step", "rows", "parts")


def _pk(crosscheck_id: str) -> str:
    return f"CROSSCHECK#{crosscheck_id}"


def _listing(jurisdiction: str, region: str) -> str:
    return f"crosschecks#{jurisdiction}#{region}"


def crosscheck_from(item: Item) -> CrossCheck:
    """The cross-check an item holds."""
    body = cast(dict[str, Any], item)
    code, message = body.get("problem") or ("", "")
    return CrossCheck(
        **{name: body.get(name, "") for name in _TEXTS},
        **{name: body.get(name, 0) for name in _NUMBERS},
        counts={kind: int(count) for kind, count in body.get("counts", {}).items()},
        notes=tuple(body.get("notes", ())),
        problem=(code, message),
    )


def new_put(platform: Platform, check: CrossCheck) -> Put:
    """The write that begins a check."""
    item: Item = {name: getattr(check, name) for name in (*_TEXTS, *_NUMBERS)}
    item |= {
        "pk": _pk(check.crosscheck_id),
        "sk": "-",
        "listing": _listing(check.jurisdiction, check.region),
        "position": f"{check.created_at}#{check.crosscheck_id}",
    }
    return Put(platform.intake.name, item, ABSENT)


def move(platform: Platform, check: CrossCheck, changes: Item) -> Update:
    """The write that takes the version read of a check on."""
    sets = ", ".join(f"#{name} = :{name}" for name in changes)
    return Update(
        platform.intake.key(_pk(check.crosscheck_id)),
        f"SET {sets} ADD #version :one",
        {**changes, "one": 1},
        version_is(check.version),
    )


def open_mark(platform: Platform, check: CrossCheck, since: str) -> Put:
    """The write that lets the sweep see a check until it has ended: from its beginning on, for
    a register may be posted and never committed."""
    item: Item = {
        "pk": _pk(check.crosscheck_id),
        "sk": "OPEN",
        "crosscheck_id": check.crosscheck_id,
        "listing": OPEN_LISTING,
        "position": f"{since}#{check.crosscheck_id}",
    }
    return Put(platform.intake.name, item)


def close_mark(platform: Platform, check: CrossCheck) -> Delete:
    """The write that ends the sweep's interest."""
    return Delete(platform.intake.key(_pk(check.crosscheck_id), "OPEN"))


def open_ids(platform: Platform, committed_before: str) -> Iterator[str]:
    """Checks that were begun or committed before an instant and have not ended."""
    found = platform.intake.each_in_index(
        "by_listing", OPEN_LISTING, between=("0", committed_before)
    )
    return (str(item["crosscheck_id"]) for item in found)


def load(platform: Platform, crosscheck_id: str) -> CrossCheck:
    """A check by its id. Raises NotFound."""
    item = platform.intake.get(_pk(crosscheck_id))
    if item is None:
        raise NotFound("没有这次核对")
    return crosscheck_from(item)


def page_of(
    platform: Platform, jurisdiction: str, region: str, limit: int, start: Item | None
) -> Page:
    """One page of the checks of a region, newest first."""
    return platform.intake.query_index(
        "by_listing", _listing(jurisdiction, region), descending=True, limit=limit, start=start
    )
