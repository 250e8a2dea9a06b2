"""What arrives: size, type and syntax of a body, names of query parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from pydantic import BaseModel

from chalicelib.kernel.errors import (
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    UnsupportedMediaType,
)
from chalicelib.web import request as requests
from chalicelib.web.request import Request

_JSON_TYPE = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
_FORM_TYPE = re.compile(
    r"application/x-www-form-urlencoded(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE
)
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


FORM_BYTES = 131_072
"""The largest form taken: the longest texts a pack asks for, each character as nine bytes."""
_OWN_SITE = frozenset({"same-origin", "none"})


def check_body(request: Request, limit: int, takes_body: bool) -> None:
    """Size, type and encoding of the body. Raises TooLarge, UnsupportedMediaType, Malformed."""
    text, body = _of_size(request, limit)
    if not takes_body:
        return
    kind = request.headers.get("content-type", "")
    if _JSON_TYPE.fullmatch(kind.strip()) is None:
        raise UnsupportedMediaType("正文须为 JSON：请加上 Content-Type: application/json")
    if not body:
        raise Malformed("正文为空，应为 JSON", code="not_json")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("正文须为 UTF-8 编码", code="not_json") from error
    if "\ufffd" in text:
        # The gateway puts this character where bytes were no UTF-8: what was sent is lost already.
        raise Malformed("正文须为 UTF-8 编码，其中有无法识别的字节", code="not_json")


def check_form(request: Request) -> None:
    """A form of our own pages and no other site's; its fields are read by `request.form`.
    Raises Forbidden, TooLarge, UnsupportedMediaType."""
    _of_size(request, FORM_BYTES)
    if _FORM_TYPE.fullmatch(request.headers.get("content-type", "").strip()) is None:
        raise UnsupportedMediaType("这个地址只接受网页表单（application/x-www-form-urlencoded）")
    if not _is_from_here(request.headers):
        raise Forbidden("表单不是从本站的页面提交的，请打开本站的页面重新填写", code="foreign_form")


def _is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that one of our own pages sent this, or says nothing. No cookie is
    there to be abused; but nobody shall be made to report something without knowing. Our pages
    send no referrer, and then browsers write `null` for the origin (Fetch standard §3.1)."""
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "null")
    if site:
        return site in _OWN_SITE
    return origin == "null" or origin.partition("://")[2] == headers.get("host", "")


def _of_size(request: Request, limit: int) -> tuple[str, bytes]:
    text = request.event.get("body") or ""
    # Characters first: a body this long is over the limit in bytes too, and is not copied.
    if len(text) * 3 // 4 > limit or len(body := requests.raw_body()) > limit:
        raise TooLarge(f"正文最大 {limit // 1024} KiB")
    return text, body


def check_query(request: Request, known: frozenset[str]) -> None:
    """Refuse a filter nobody knows: an answer without it would look right. Raises Invalid."""
    given = request.event.get("queryStringParameters")
    if not given or known.issuperset(given):
        return
    raise Invalid(
        "有不认识的查询参数",
        faults=[
            Fault(f"/query/{name}", "unknown_field", "不认识的查询参数，请检查拼写或去掉")
            for name in sorted(set(given) - known)
        ],
    )


def query_names(parameters: Sequence[Any]) -> set[str]:
    """The names of query parameters, those inside a parameter model included."""
    names: set[str] = set()
    for parameter in parameters:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= {found.alias or name for name, found in annotation.model_fields.items()}
        else:
            names.add(parameter.alias)
    return names


def strict_json(text: str) -> Any:
    """JSON without NaN, duplicate names, lone surrogates and bottomless nesting.
    Raises Malformed (code `not_json`)."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _LONE_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Malformed(
            f"正文不是有效的 JSON：第 {error.pos + 1} 个字符处有错", code="not_json"
        ) from error
    except (ValueError, RecursionError) as error:
        raise Malformed("正文不是有效的 JSON", code="not_json") from error
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Malformed("正文中有重复的字段名", code="not_json")
    return value


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"JSON 中没有 {name} 这个值", code="not_json")
