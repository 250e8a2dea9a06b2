"""Published results of cases in the public table.

| item | pk | sk | read by |
|---|---|---|---|
| published result of a case | CASERESULT#<case_id> | - | id; by_listing `supervision` by day; |
| | | | by_subject `supervision#<code>`, the newest first |

One that was taken back is a grave, like a record's: by_end.
"""

from __future__ import annotations

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import Condition, Key

LISTING = "supervision"
_KIND = "CASERESULT"
_LAST = "~"
"""Sorts after every `#<id>`."""


def pk_of(case_id: str) -> str:
    """The partition of a published result."""
    return f"{_KIND}#{case_id}"


def result_key(platform: Platform, case_id: str) -> Key:
    """Where a published result, or its grave, lies."""
    return platform.public.key(pk_of(case_id))


def results_page(
    platform: Platform,
    code: str,
    days: tuple[str, str],
    where: Condition | None,
    limit: int,
    after: str | None,
) -> Page:
    """Published results between two days from the newest, of one body (`code`) or of all, behind
    the position `after`."""
    between = (days[0], days[1] + _LAST)
    if code:
        value, index, names = f"{LISTING}#{code}", "by_subject", ("subject", "occurred")
    else:
        value, index, names = LISTING, "by_listing", ("listing", "position")
    start: Item | None = None
    if after is not None:
        start = {"pk": pk_of(after.rpartition("#")[2]), "sk": "-"}
        start |= {names[0]: value, names[1]: after}
    return platform.public.query_index(
        index, value, between=between, where=where, descending=True, limit=limit, start=start
    )
