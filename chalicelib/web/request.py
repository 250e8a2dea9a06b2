"""The request being answered: what a route may ask about it.

One request at a time runs in a Lambda worker; a context variable keeps threads in tests apart.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from chalicelib.kernel.errors import Malformed, PreconditionFailed, PreconditionRequired
from chalicelib.web.idempotency import IdempotencyClaim, claim_for
from chalicelib.web.model import Caller, Scope

if TYPE_CHECKING:
    from chalicelib.aws.platform import Platform
    from chalicelib.web.routes import RouteSpec

_MOST_FIELDS = 100
_ETAG = re.compile(r'"([^"\x00-\x20]+)"')
# What an answer shows may change without a new version (publicity ends by itself): then the tag
# goes on after the version. An edit is based on the version alone.
_VERSION = re.compile(r"([0-9]{1,18})(?:-[0-9a-f]+)?")


@dataclass(slots=True)
class Request:
    """One request from arrival to answer."""

    event: Mapping[str, Any]
    request_id: str
    headers: Mapping[str, str]
    """By lower-case name."""
    open_platform: Callable[[], Platform]
    is_public: bool
    spec: RouteSpec | None = None
    caller: Caller | None = None
    scope: Scope | None = None
    body: bytes | None = None
    claim: IdempotencyClaim | None = None
    problem_code: str = ""
    answer_headers: dict[str, str] = field(default_factory=dict)
    """Sent with whatever is answered, refusals too."""


_current: ContextVar[Request] = ContextVar("request")

enter = _current.set
leave = _current.reset


def current() -> Request:
    """The request being answered. Raises LookupError outside one."""
    return _current.get()


def platform() -> Platform:
    """The platform the request is answered with."""
    return _current.get().open_platform()


def caller() -> Caller:
    """Who is calling. Raises LookupError on a public route, where nobody is."""
    found = _current.get().caller
    if found is None:
        raise LookupError("a public route has no caller")
    return found


def scope() -> Scope:
    """How far the caller's right to this operation reaches."""
    found = _current.get().scope
    if found is None:
        raise LookupError("a public route has no scope")
    return found


def request_id() -> str:
    """The correlation id, also in the answer's X-Request-Id and in the log line."""
    return _current.get().request_id


def header(name: str) -> str:
    """A request header by any spelling of its name, or an empty string."""
    return _current.get().headers.get(name.lower(), "")


def raw_body() -> bytes:
    """The body's bytes as they arrived. Raises Malformed if its base64 wrapping is broken."""
    request = _current.get()
    if request.body is None:
        request.body = _read_body(request.event)
    return request.body


def form() -> dict[str, str]:
    """The fields of a form as they were typed, with the line ends of the platform; what was left
    empty is an empty text. Raises Malformed for what no browser sends: bytes that are no UTF-8, a
    name that comes twice, a hundred fields."""
    try:
        text = raw_body().decode()
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Malformed("表单无法读取，请重新打开页面填写", code="not_form") from error
    fields = {name: _as_typed(value) for name, value in pairs}
    if len(fields) != len(pairs):
        raise Malformed("表单中有重复的字段，请重新打开页面填写", code="not_form")
    return fields


def _as_typed(value: str) -> str:
    # HTML sends every line end of a text area as CR LF.
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _read_body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("正文的编码无法读取") from error


def query_of(event: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """The query parameters with all their values."""
    found: Mapping[str, Sequence[str]] | None = event.get("multiValueQueryStringParameters")
    if found:
        return found
    single = event.get("queryStringParameters") or {}
    return {name: [value] for name, value in single.items()}


def if_match() -> int:
    """The version the caller's edit is based on. Raises PreconditionRequired (428) without
    If-Match, PreconditionFailed (412) for a weak one, Malformed (400) for anything unreadable."""
    text = header("if-match").strip()
    if not text:
        raise PreconditionRequired()
    if text == "*":
        raise PreconditionRequired("If-Match 不接受 *，请注明所依据的具体版本")
    if text.startswith("W/"):
        # RFC 9110 §13.1.1: If-Match compares strongly, so a weak validator never matches.
        raise PreconditionFailed("If-Match 不接受弱校验值，请原样使用响应头 ETag 的值")
    found = _ETAG.fullmatch(text)
    if found is None:
        raise Malformed('If-Match 应是读取时 ETag 给出的一个版本，例如 "3"', code="etag_malformed")
    version = _VERSION.fullmatch(found[1])
    if version is None:
        raise PreconditionFailed()
    return int(version[1])


def idempotency_claim() -> IdempotencyClaim | None:
    """The caller's claim to be answered once for this Idempotency-Key, or None without one.
    Raises Malformed for a key that cannot be one."""
    request = _current.get()
    if request.claim is not None:
        return request.claim
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        return None
    spec = request.spec
    if spec is None:
        raise LookupError("no route")
    event = request.event
    query = query_of(event)
    request.claim = claim_for(
        request.open_platform(),
        key=key,
        client_id=caller().client_id,
        operation=f"{spec.method} {spec.path} {spec.operation}",
        request=(
            str(event.get("path", "")),
            repr(sorted((name, tuple(values)) for name, values in query.items())),
            raw_body(),
        ),
    )
    return request.claim
