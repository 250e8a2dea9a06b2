"""Answers as HTTP: bytes of the body, ETag and 304, caching, and lists with signed page tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Annotated
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic_core import to_json

from chalicelib.aws.attributes import Item
from chalicelib.kernel.errors import Malformed
from chalicelib.web import request as requests
from chalicelib.web.model import Answer, RawJson

__all__ = [
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "PAGE_BYTES",
    "Answer",
    "Limit",
    "PageToken",
    "fitting",
    "fitting_texts",
    "listing",
    "page_token",
    "raw_listing",
    "read_page_token",
    "render",
]

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
PAGE_BYTES = 4_000_000
"""JSON one page may hold. A function's whole answer is limited to 6 MB, in which the page is a text
whose quotation marks are escaped."""
_MAC_BYTES = 16
_MAX_TOKEN = 4096
_PAGING = frozenset({"page_token", "limit"})

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每页条数")]
"""`limit: Limit = DEFAULT_LIMIT`"""
PageToken = Annotated[
    str | None, Query(max_length=_MAX_TOKEN, description="上一页给出的 next_page_token")
]
"""`page_token: PageToken = None`"""


def render(answer: Answer, request: requests.Request) -> Response[str]:
    """The HTTP response of `answer`, or 304 where the caller already has this version."""
    headers: dict[str, str | list[str]] = dict(answer.headers)
    status, body = answer.status, None
    if answer.location is not None:
        headers["Location"] = answer.location
    if answer.cache_seconds:
        kind = "public" if request.is_public else "private"
        headers["Cache-Control"] = f"{kind}, max-age={answer.cache_seconds}"
    if answer.version is not None:
        etag = headers["ETag"] = f'"{answer.version}"'
        known = request.headers.get("if-none-match")
        if known and status == 200 and _matches(known, etag):
            return Response(304, headers=headers)
    if answer.media_type != "application/json":
        body = str(answer.body)
    elif isinstance(answer.body, RawJson):
        body = answer.body.text
    elif answer.body is not None:
        body = to_json(answer.body).decode()
    return Response(status, answer.media_type if body is not None else None, body, headers)


def _matches(header: str, etag: str) -> bool:
    # RFC 9110 §13.1.2: If-None-Match compares weakly.
    return header.strip() == "*" or any(
        part.strip().removeprefix("W/") == etag for part in header.split(",")
    )


def listing(items: Sequence[object], cursor: Item | None, **more: object) -> Answer:
    """One page: `items`, the token of the next page (null on the last one), the `next` link of
    RFC 8288, and whatever else the list says of itself."""
    token = page_token(cursor)
    body = {"items": items, "next_page_token": token, **more}
    if token is None:
        return Answer(200, body)
    return Answer(200, body, headers={"Link": f'<{_next_address(token)}>; rel="next"'})


def raw_listing(items: Sequence[str], cursor: Item | None, more: str = "") -> Answer:
    """`listing` of items that are JSON already; `more`: further members as `,"name":value`."""
    token = page_token(cursor)
    text = f'{{"items":[{",".join(items)}],"next_page_token":{json.dumps(token)}{more}}}'
    if token is None:
        return Answer(200, RawJson(text))
    link = f'<{_next_address(token)}>; rel="next"'
    return Answer(200, RawJson(text), headers={"Link": link})


def fitting(items: Iterable[object]) -> int:
    """How many of `items`, from the first, one page may show: at least one, and no more than
    PAGE_BYTES of JSON."""
    count = size = 0
    for item in items:
        size += len(to_json(item)) + 1
        if count and size > PAGE_BYTES:
            break
        count += 1
    return count


def fitting_texts(texts: Sequence[str], beside: int = 0) -> int:
    """`fitting` for items that are JSON already; `beside`: bytes the page adds to each."""
    if 3 * sum(map(len, texts)) + beside * len(texts) <= PAGE_BYTES:
        return len(texts)
    size = 0
    for count, text in enumerate(texts):
        size += len(text.encode()) + 1 + beside
        if count and size > PAGE_BYTES:
            return count
    return len(texts)


def _next_address(token: str) -> str:
    event = requests.current().event
    query = {name: list(values) for name, values in requests.query_of(event).items()}
    query["page_token"] = [token]
    return f"{event.get('path', '')}?{urlencode(query, doseq=True)}"


def page_token(cursor: Item | None) -> str | None:
    """An opaque token for where the next page starts, or None on the last page. It is bound to
    this route, this query and this caller; its content is readable, so a cursor holds nothing but
    keys of items the caller has been shown."""
    if cursor is None:
        return None
    payload = json.dumps(cursor, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(payload) + payload).decode().rstrip("=")


def read_page_token(token: str | None) -> Item | None:
    """The cursor inside `token` (None: the first page). Raises Malformed for any other token."""
    if not token:
        return None
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(payload)):
            raise ValueError("another request's token")
        cursor: Item = json.loads(payload)
    except (binascii.Error, ValueError) as error:
        raise Malformed("翻页令牌无效，请从第一页重新开始", code="page_token") from error
    return cursor


def _mac(payload: bytes) -> bytes:
    request = requests.current()
    spec = request.spec
    query = {
        name: list(values)
        for name, values in requests.query_of(request.event).items()
        if name not in _PAGING
    }
    parts = (
        "" if spec is None else f"{spec.method} {request.event.get('path', '')}",
        json.dumps(query, sort_keys=True),
        "" if request.caller is None else request.caller.client_id,
        payload,
    )
    if not request.is_public:
        return request.open_platform().keyring.mac("page_token", *parts)[:_MAC_BYTES]
    # The public function holds no key at all (design §2.3). Here the digest only catches damaged
    # and misplaced tokens; a forged one can name nothing but a place in the public projection.
    digest = hashlib.sha256(b"public_page_token")
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.digest()[:_MAC_BYTES]
