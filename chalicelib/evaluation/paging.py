"""Pages of a list of which a caller may not see everything.

Of a long list a page looks at PAGES_LOOKED_AT pages and no further, so that no request runs out of
time: it may then show fewer than asked for, or none, and the next page goes on from there. Where
that is stays sealed: it is the place of somebody the caller may not see.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page

PAGES_LOOKED_AT: Final = 20
"""Pages of items looked at for one page of answers."""
_CONTEXT: Final = "evaluation_page"


def page_of(
    platform: Platform,
    fetch: Callable[[Item | None], Page],
    keep: Callable[[Item], bool],
    limit: int,
    start: Item | None,
) -> tuple[list[Item], Item | None]:
    """Up to `limit` items worth keeping and where the next page starts: after the last one shown,
    so that a page token names nothing its reader has not seen."""
    kept: list[Item] = []
    start = _opened(platform, start)
    for _ in range(PAGES_LOOKED_AT):
        page = fetch(start)
        for item in page.items:
            if not keep(item):
                continue
            if len(kept) == limit:
                return kept, _place_of(kept[-1])
            kept.append(item)
        start = page.next_start
        if start is None:
            return kept, None
    return kept, _sealed(platform, start)


def _sealed(platform: Platform, place: Item | None) -> Item:
    text = json.dumps(place).encode()
    return {"sealed": platform.keyring.seal_internal(text, _CONTEXT, platform.ids)}


def _opened(platform: Platform, start: Item | None) -> Item | None:
    if start is None or "sealed" not in start:
        return start
    place: Item = json.loads(platform.keyring.unseal_internal(str(start["sealed"]), _CONTEXT))
    return place


def _place_of(item: Item) -> Item:
    return {name: item[name] for name in ("pk", "sk", "listing", "position")}
