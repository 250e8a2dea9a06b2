"""Every refusal as RFC 9457 `application/problem+json`, in Chinese, in this one place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from chalicelib.kernel.errors import Fault, GovcreditError, Invalid, TooManyRequests, Unavailable
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.request import Request

MEDIA_TYPE = "application/problem+json"
DEFAULT_RETRY_SECONDS = 5
_HAN = re.compile(r"[\u4e00-\u9fff]")


class NoSuchPath(GovcreditError):
    """Nothing is served at this path."""

    status, code, title = 404, "no_such_path", "没有这个接口"


class MethodNotAllowed(GovcreditError):
    """The path is served, with other methods."""

    status, code, title = 405, "method_not_allowed", "接口不支持这种方法"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"这个接口只接受 {'、'.join(allowed)}")
        self.allowed = tuple(allowed)


def problem_response(
    error: GovcreditError, request: Request, pages: Mapping[str, ErrorPage]
) -> Response[str]:
    """The answer to `error`: always the same six members, and those few errors add."""
    page = pages.get(error.code)
    body = {
        "type": f"/docs/errors/{error.code}",
        "title": error.title if page is None else page.title,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:request:{request.request_id}",
        "errors": [
            {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
            for fault in error.faults
        ],
        **error.members,
    }
    request.problem_code = error.code
    return Response(error.status, MEDIA_TYPE, json.dumps(body, ensure_ascii=False), _headers(error))


def _headers(error: GovcreditError) -> dict[str, str | list[str]]:
    headers: dict[str, str | list[str]] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="govcredit"'
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(DEFAULT_RETRY_SECONDS)
    return headers


def invalid_request(error: RequestValidationError, body: bytes) -> Invalid:
    """pydantic's findings as faults with JSON pointers and Chinese messages."""
    try:
        document = json.loads(body) if body else None
    except ValueError:
        document = None
    faults = faults_of(error.errors(), document)
    return Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)


def faults_of(errors: Iterable[Mapping[str, object]], document: object) -> list[Fault]:
    """pydantic's findings in `document`, each once."""
    return list(dict.fromkeys(_fault(found, document) for found in errors))


def _fault(found: Mapping[str, object], document: object) -> Fault:
    kind = str(found.get("type", ""))
    place = found.get("loc")
    pointer = json_pointer(place if isinstance(place, tuple | list) else (), kind, document)
    context = found.get("ctx")
    code, message = _explain(
        kind, context if isinstance(context, Mapping) else {}, str(found.get("msg", ""))
    )
    return Fault(pointer, code, message)


def json_pointer(place: Sequence[object], kind: str, document: object) -> str:
    """RFC 6901 pointer into the body for ("body", ...); `/query/limit` and the like elsewhere.
    pydantic names the tried branch of a union in its location; what is not in the body is left
    out, except the missing field itself."""
    if not place:
        return ""
    if place[0] != "body":
        return "".join(f"/{_escaped(part)}" for part in place)
    pointer, here = "", document
    for index, part in enumerate(place[1:], start=1):
        if isinstance(here, dict) and isinstance(part, str) and part in here:
            here = here[part]
        elif isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here):
            here = here[part]
        elif not (kind == "missing" and index == len(place) - 1):
            continue
        pointer += f"/{_escaped(part)}"
    return pointer


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


# pydantic's error type -> (code, message with the type's context filled in)
_EXPLAINED: dict[str, tuple[str, str]] = {
    "missing": ("required", "必填，但没有给出"),
    "extra_forbidden": ("unknown_field", "不认识的字段，请检查拼写或去掉"),
    "string_type": ("wrong_type", "应为文字"),
    "int_type": ("wrong_type", "应为整数"),
    "int_parsing": ("wrong_type", "应为整数"),
    "int_from_float": ("wrong_type", "应为整数，不能带小数"),
    "float_type": ("wrong_type", "应为数字"),
    "bool_type": ("wrong_type", "应为 true 或 false"),
    "bool_parsing": ("wrong_type", "应为 true 或 false"),
    "dict_type": ("wrong_type", "应为对象"),
    "model_type": ("wrong_type", "应为对象"),
    "model_attributes_type": ("wrong_type", "应为对象"),
    "list_type": ("wrong_type", "应为列表"),
    "tuple_type": ("wrong_type", "应为列表"),
    "set_type": ("wrong_type", "应为列表"),
    "frozen_set_type": ("wrong_type", "应为列表"),
    "none_required": ("wrong_type", "应为 null"),
    "decimal_type": ("wrong_type", "应为数字，用文字形式书写"),
    "decimal_parsing": ("wrong_format", "应为十进制数"),
    "decimal_max_places": ("wrong_format", "小数位最多 {decimal_places} 位"),
    "decimal_max_digits": ("out_of_range", "数字最多 {max_digits} 位"),
    "date_type": ("wrong_type", "应为日期"),
    "date_parsing": ("wrong_format", "日期应写作 2026-01-31 的形式"),
    "date_from_datetime_parsing": ("wrong_format", "日期应写作 2026-01-31 的形式"),
    "date_from_datetime_inexact": ("wrong_format", "日期应写作 2026-01-31 的形式，不带时刻"),
    "date_past": ("out_of_range", "应早于今天"),
    "date_future": ("out_of_range", "应晚于今天"),
    "datetime_type": ("wrong_type", "应为时间"),
    "datetime_parsing": ("wrong_format", "时间应写作 2026-01-31T08:00:00+08:00 的形式"),
    "datetime_from_date_parsing": (
        "wrong_format",
        "时间应写作 2026-01-31T08:00:00+08:00 的形式",
    ),
    "timezone_aware": ("wrong_format", "时间必须带时区"),
    "url_parsing": ("wrong_format", "应为完整的网址"),
    "url_scheme": ("wrong_format", "网址应以 {expected_schemes} 开头"),
    "string_pattern_mismatch": ("wrong_format", "不符合要求的格式"),
    "string_unicode": ("wrong_format", "含有无法识别的字符"),
    "string_too_short": ("wrong_length", "至少 {min_length} 个字"),
    "string_too_long": ("wrong_length", "最多 {max_length} 个字"),
    "too_short": ("wrong_length", "至少 {min_length} 项"),
    "too_long": ("wrong_length", "最多 {max_length} 项"),
    "greater_than": ("out_of_range", "应大于 {gt}"),
    "greater_than_equal": ("out_of_range", "不得小于 {ge}"),
    "less_than": ("out_of_range", "应小于 {lt}"),
    "less_than_equal": ("out_of_range", "不得大于 {le}"),
    "finite_number": ("out_of_range", "应为有限的数"),
    "literal_error": ("not_allowed", "只能是 {expected} 之一"),
    "enum": ("not_allowed", "只能是 {expected} 之一"),
    "union_tag_invalid": ("not_allowed", "只能是 {expected_tags} 之一"),
    "union_tag_not_found": ("required", "缺少 {discriminator}"),
}
_BY_OWN_WORDS = frozenset({"value_error", "assertion_error"})


def _explain(kind: str, context: Mapping[str, object], message: str) -> tuple[str, str]:
    found = _EXPLAINED.get(kind)
    if found is not None:
        code, words = found
        shown = {name: str(value).replace(" or ", "、") for name, value in context.items()}
        return code, words.format_map(_Blank(shown))
    # A validator's own words are shown when they are meant for people, that is, in Chinese.
    words = message.partition(", ")[2] if kind in _BY_OWN_WORDS else message
    if not _HAN.search(words):
        return "invalid_value", "不符合该字段的规则"
    return ("invalid_value" if kind in _BY_OWN_WORDS else kind), words


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "规定值"
