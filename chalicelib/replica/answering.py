"""From a reading of the replica to HTTP answers: entity tags, how long to keep, `As-Of-Seq`.

Documents are sent as the log has them, never taken apart and spelled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalicelib.disclosure.rules import CACHE_CEILING, cache_seconds
from chalicelib.kernel.clock import parse_instant
from chalicelib.kernel.errors import Malformed
from chalicelib.replica.reading import Reading, Shown
from chalicelib.replica.service import open_replica
from chalicelib.web import request
from chalicelib.web.answer import raw_listing
from chalicelib.web.model import Answer, RawJson

if TYPE_CHECKING:  # what others enter by is pure
    from chalicelib.aws.attributes import Item

AS_OF: Final = "As-Of-Seq"
_FARTHEST: Final = 2**63 - 1


def current_reading() -> Reading:
    """The public world this request is answered from; its number is told with any answer."""
    reading = open_replica(request.platform())
    say_as_of(reading.seq)
    return reading


def say_as_of(seq: int) -> None:
    """Tell with the answer which log position it reflects."""
    request.current().answer_headers[AS_OF] = str(seq)


def single(reading: Reading, shown: Shown) -> Answer:
    """One document with its place in the log."""
    kept = kept_seconds(reading, [shown.until])
    return Answer(200, RawJson(shown.with_log), version=str(shown.seq), cache_seconds=kept)


def composed(reading: Reading, text: str, parts: Iterable[str], untils: Iterable[str]) -> Answer:
    """An answer put together; `parts` tell one state of it from another."""
    kept = kept_seconds(reading, untils)
    return Answer(200, RawJson(text), version=tag_of(parts), cache_seconds=kept)


def page(
    reading: Reading,
    items: Sequence[Shown],
    after: object,
    texts: Sequence[str] | None = None,
    more: str = "",
) -> Answer:
    """One page of documents (or of `texts` made of them); `after`: where the next begins, None on
    the last; `more`: further members, which tell of records that are not shown."""
    cursor: Item | None = None if after is None else {"after": after}  # type: ignore[dict-item]
    shown = [item.with_log for item in items] if texts is None else texts
    answer = raw_listing(shown, cursor, more)
    # A page's tag covers its place among others: the same items with or without a next page.
    tag = tag_of([*(f"{item.id} {item.seq}" for item in items), str(after), more])
    counted = [reading.next_end] if more else []
    kept = kept_seconds(reading, [*(item.until for item in items), *counted])
    return replace(answer, version=tag, cache_seconds=kept)


def kept_seconds(reading: Reading, untils: Iterable[str], most: int = CACHE_CEILING) -> int:
    """How long an answer that shows these terms may be kept."""
    first = min((until for until in untils if until), default="")
    return min(most, cache_seconds([first], parse_instant(reading.now)))


def tag_of(parts: Iterable[str]) -> str:
    """An entity tag of what an answer is made from."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def place_in(cursor: Mapping[str, Any] | None, *kinds: type) -> Any:
    """Where a page token says the page begins: one value, or several as a tuple; None: the first.
    Raises Malformed for a place of another kind."""
    if cursor is None:
        return None
    place = cursor.get("after")
    parts = place if isinstance(place, list) else [place]
    # Nobody signs a public token: a made-up place must still be one SQLite can be asked for.
    too_far = any(isinstance(part, int) and abs(part) >= _FARTHEST for part in parts)
    if [type(part) for part in parts] != list(kinds) or too_far:
        raise Malformed("翻页令牌无效，请从第一页重新开始", code="page_token")
    return tuple(parts) if len(kinds) > 1 else parts[0]
