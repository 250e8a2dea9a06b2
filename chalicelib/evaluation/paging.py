"""Pages of a list of which a caller may not see everything."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.aws.attributes import Item
from chalicelib.aws.table import Page


def page_of(
    fetch: Callable[[Item | None], Page],
    keep: Callable[[Item], bool],
    limit: int,
    start: Item | None,
) -> tuple[list[Item], Item | None]:
    """`limit` items worth keeping and where the next page starts: after the last one shown, so
    that a page token names nothing its reader has not seen."""
    kept: list[Item] = []
    while True:
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


def _place_of(item: Item) -> Item:
    return {name: item[name] for name in ("pk", "sk", "listing", "position")}
