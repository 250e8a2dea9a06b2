"""Lists of cases: those of a subject, an agency, a superior, a region, picked by what is asked."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import INDEXES
from chalicelib.cases import store
from chalicelib.cases.model import CaseFile

_CHUNK = 200
MOST_LOOKED_AT = 4_000
"""How many cases one page may pass over; then it ends early and says where to go on."""


def page_of_cases(
    platform: Platform,
    index: str,
    value: str,
    limit: int,
    start: Item | None,
    prefix: str | None = None,
    wanted: Callable[[CaseFile], bool] = lambda file: True,
) -> tuple[list[CaseFile], Item | None]:
    """Up to `limit` wanted cases of an index, the newest first, and where the next page starts."""
    found: list[CaseFile] = []
    for _ in range(MOST_LOOKED_AT // _CHUNK):
        page = platform.cases.query_index(
            index, value, prefix=prefix, descending=True, limit=_CHUNK, start=start
        )
        for number, item in enumerate(page.items):
            file = store.file_from(item)
            if not wanted(file):
                continue
            found.append(file)
            if len(found) == limit:
                is_last = number + 1 == len(page.items) and page.next_start is None
                return found, None if is_last else _place(index, item)
        start = page.next_start
        if start is None:
            break
    return found, start


def _place(index: str, item: Item) -> Item:
    """Where a list goes on after an item."""
    return {name: item[name] for name in ("pk", "sk", *INDEXES[index])}
