"""What pages of results share: how long they are kept, and the pages of a list."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.aws.attributes import Item
from chalicelib.portal.asking import standing_of
from chalicelib.portal.rendering import link, page
from chalicelib.replica.answering import kept_seconds
from chalicelib.replica.service import Reading
from chalicelib.web.answer import page_token
from chalicelib.web.model import Answer


def told(
    template: str, reading: Reading, untils: Iterable[str], *, section: str, **values: object
) -> Answer:
    """The page of what `reading` shows, kept no longer than until the first of it ends."""
    return page(
        template,
        standing_of(reading),
        status=200,
        cache_seconds=kept_seconds(reading, untils),
        embeddable=False,
        section=section,
        **values,
    )


def next_page(path: str, after: object, **query: str) -> str:
    """The address of the next page of a list; empty on the last."""
    if after is None:
        return ""
    cursor: Item = {"after": after}  # type: ignore[dict-item]
    return link(path, query, page_token=page_token(cursor))
