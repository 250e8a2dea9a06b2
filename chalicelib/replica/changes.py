"""The feed as the public reads it: entries of the log, each with its document while that is the
current one and its term is not over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from chalicelib.aws.platform import Platform
from chalicelib.feed import service as feed
from chalicelib.feed.model import Change, Document
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Malformed
from chalicelib.web.answer import fitting_texts

_ENTRY_BYTES: Final = 700


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Entries behind some number, as JSON; how far the log has come, and how far the page."""

    items: tuple[str, ...]
    head: int
    last: int
    untils: tuple[str, ...]
    """When the documents shown end."""


class BeyondHead(Malformed):
    """Asked for entries behind one that is not there yet."""

    code, title = "beyond_head", "序号超过日志"

    def __init__(self, head: int) -> None:
        super().__init__(f"序号超过了日志的最新序号 {head}")
        self.members = {"head": head}


def changes(platform: Platform, after: int, limit: int) -> ChangePage:
    """Entries behind number `after` in order, without a gap, `limit` at most and no more than an
    answer may hold. Raises BeyondHead (400)."""
    head = feed.head(platform).seq
    if after > head:
        raise BeyondHead(head)
    found = feed.changes_after(platform, after, limit) if after < head else ()
    ids = [change.entry.id for change in found if change.entry.kind != "withdraw"]
    documents = feed.current_documents(platform, dict.fromkeys(ids)) if ids else {}
    now = instant_text(platform.clock())
    shown = [_current(change, documents.get(change.entry.id), now) for change in found]
    count = fitting_texts([_content(document) for document in shown], _ENTRY_BYTES)
    pairs = list(zip(found, shown, strict=True))[:count]
    # What was committed since the head was read is shown too: the head is at least that.
    last = pairs[-1][0].entry.seq if pairs else after
    return ChangePage(
        tuple(_item(change, document) for change, document in pairs),
        max(head, last),
        last,
        tuple(document.until for _, document in pairs if document and document.until),
    )


def _current(change: Change, document: Document | None, now: str) -> Document | None:
    """The document of a change while it shows what is public."""
    if document is None or document.seq != change.entry.seq:
        return None
    return None if document.until and document.until <= now else document


def _content(document: Document | None) -> str:
    return "" if document is None else document.content.decode()


def _item(change: Change, document: Document | None) -> str:
    entry = change.entry
    members = {
        "seq": entry.seq,
        "kind": entry.kind,
        "id": entry.id,
        "version": entry.version,
        "entity": change.entity,
        "salted_sha256": entry.salted_sha256,
        "leaf": entry.leaf().hex(),
        "at": change.at,
        "until": change.until or None,
        "reason": change.reason or None,
        "salt": document.salt.hex() if document else None,
    }
    text = json.dumps(members, separators=(",", ":"))
    return f'{text[:-1]},"document":{_content(document) or "null"}}}'
