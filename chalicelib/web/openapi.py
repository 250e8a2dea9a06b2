"""The one OpenAPI 3.1 document of both APIs, built from the models that validate.

Building costs tens of milliseconds, so it is done when packaging (`write_document`) and only read
at run time. The Event Handler gives paths, parameters and schemas; what every operation shares
(errors, security, headers) is added here once.
"""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chalicelib.web.edge import Edge
from chalicelib.web.error_pages import ErrorPage
from chalicelib.web.examples import example_of
from chalicelib.web.problem import MEDIA_TYPE
from chalicelib.web.routes import PUBLIC, Replay, RouteSpec

VERSION = "0.1.0"
_SCHEMES = {
    "oidc": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "统一身份认证签发的访问令牌（RS256 或 ES256）。",
    }
}
_STATUS_TITLES = {
    200: "成功",
    201: "已建立",
    202: "已受理，正在办理",
    204: "成功，没有正文",
    304: "没有变化",
    400: "请求无法读取",
    401: "身份未通过验证",
    403: "没有权限",
    404: "没有找到",
    409: "与现有数据冲突",
    410: "已不再公示，或已依法删除",
    412: "数据已被更新",
    413: "内容超过大小上限",
    415: "不支持的内容类型",
    422: "内容不符合要求",
    428: "缺少 If-Match",
    429: "请求过于频繁",
    500: "系统内部错误",
    503: "服务暂时不可用",
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    "X-Request-Id": ("本次请求的编号，联系运维时请提供", "6f5c1a0e-7a3d-4a35-9a52-0f0c8d3e2b11"),
    "ETag": ("资源的版本（强校验值）", '"3"'),
    "Location": ("新资源的地址", "/v1/agencies/11990100MB0000019L"),
    "Link": ("下一页（RFC 8288）", '</v1/agencies?page_token=AAAA>; rel="next"'),
    "Cache-Control": ("可以缓存多久", "no-store"),
    "RateLimit-Policy": ("调用配额：所有调用方合计每秒的请求数", '"everyone";q=500;w=1'),
    "Retry-After": ("多少秒后再试（变更流：多少秒后再来，只在到达最新序号时给出）", "5"),
    "As-Of-Seq": ("公开接口：答复所依据的公开日志序号", "128"),
    "WWW-Authenticate": ("认证方式", 'Bearer realm="govcredit"'),
    "Idempotency-Replayed": ("true 表示这是第一次的结果的重放", "true"),
}


def document(*edges: Edge) -> dict[str, Any]:
    """The complete document of `edges`, without pages for people. Raises ValueError if two of them
    serve the same path."""
    merged = _frame(edges)
    for edge in edges:
        part = _described(edge)
        for path, operations in part["paths"].items():
            if path in merged["paths"]:
                raise ValueError(f"{path} is served by two APIs")
            merged["paths"][path] = operations
        merged["components"]["schemas"] |= part.get("components", {}).get("schemas", {})
        for spec in edge.specs:
            if not spec.is_page:
                _complete(merged, spec)
    merged["paths"] = dict(sorted(merged["paths"].items()))
    merged["components"]["schemas"] = dict(sorted(merged["components"]["schemas"].items()))
    return merged


def app_document() -> dict[str, Any]:
    """The document of the application: of every `Edge` in `app.py`."""
    app = importlib.import_module("app")
    return document(*(value for value in vars(app).values() if isinstance(value, Edge)))


def write_document(path: Path) -> None:
    """Write the application's document to `path`, as packaging does."""
    path.write_text(json.dumps(app_document(), ensure_ascii=False, separators=(",", ":")), "utf-8")


def _frame(edges: tuple[Edge, ...]) -> dict[str, Any]:
    pages: dict[str, ErrorPage] = {}
    for edge in edges:
        pages |= edge.pages
    specs = [spec for edge in edges for spec in edge.specs if not spec.is_page]
    tags = list(dict.fromkeys(spec.tag for spec in specs))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "政务诚信平台",
            "summary": "归集、归档、评价、公示政务诚信信息的开放平台",
            "description": (
                "/public/v1 下的接口公开，不需要令牌；/v1 下的接口需要统一身份认证签发的令牌。\n\n"
                "错误一律为 application/problem+json（RFC 9457），type 指向说明页；"
                "写操作接受 Idempotency-Key，修改需要 If-Match；列表用 next_page_token 翻页。"
            ),
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": {},
        "components": {
            "schemas": {"Problem": _problem_schema()},
            "responses": {},
            "headers": {
                name: {
                    "description": words,
                    "schema": {"type": "string"},
                    "example": example,
                }
                for name, (words, example) in _HEADERS.items()
            },
            "parameters": _parameters(),
            "securitySchemes": _SCHEMES,
        },
        "x-error-codes": {
            code: {
                "status": page.status,
                "title": page.title,
                "cause": page.cause,
                "remedy": page.remedy,
            }
            for code, page in sorted(pages.items())
        },
    }


def _described(edge: Edge) -> dict[str, Any]:
    made = edge.resolver.get_openapi_schema(title="part", version=VERSION)
    part: dict[str, Any] = json.loads(made.model_dump_json(by_alias=True, exclude_none=True))
    part.get("components", {}).get("schemas", {}).pop("ResponseValidationError", None)
    for schema in ("HTTPValidationError", "ValidationError"):
        part.get("components", {}).get("schemas", {}).pop(schema, None)
    return part


def _complete(merged: dict[str, Any], spec: RouteSpec) -> None:
    operation = merged["paths"][spec.path][spec.method.lower()]
    schemas = merged["components"]["schemas"]
    statuses = {*(spec.answers or {200: None}), *((304,) if spec.method == "GET" else ())}
    operation["responses"] = {
        str(status): _success(spec, status, schemas) for status in sorted(statuses)
    }
    for status in _error_statuses(spec, operation):
        operation["responses"][str(status)] = _error_reference(merged, status)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        given = spec.examples.get(0)
        content["example"] = given or example_of(content["schema"], schemas)
    operation["security"] = [] if spec.operation == PUBLIC else [{"oidc": []}]
    operation["x-operation"] = spec.operation
    shared = [*_shared_parameters(spec)]
    if shared:
        operation.setdefault("parameters", []).extend(shared)


def _success(spec: RouteSpec, status: int, schemas: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _STATUS_TITLES.get(status, "成功"),
        "headers": {name: _header(name) for name in _success_headers(spec, status)},
    }
    model = spec.answers.get(status)
    if spec.media_type != "application/json" and status != 304:
        answer["content"] = {spec.media_type: {"schema": {"type": "string"}}}
    elif status not in (204, 304):
        content: dict[str, Any] = {"schema": {}}
        if model is not None:
            content["schema"] = _model_schema(model, schemas)
        if status in spec.examples:
            content["example"] = spec.examples[status]
        elif content["schema"]:
            content["example"] = example_of(content["schema"], schemas)
        answer["content"] = {"application/json": content}
    return answer


def _success_headers(spec: RouteSpec, status: int) -> Iterator[str]:
    yield "X-Request-Id"
    yield "Cache-Control"
    if status == 201:
        yield "Location"
    if status in (200, 201, 304):
        yield "ETag"
    if spec.method == "GET" and status != 304:
        yield "Link"
    if spec.operation == PUBLIC:
        yield "RateLimit-Policy"
    elif spec.is_write and spec.replay is not Replay.NONE:
        yield "Idempotency-Replayed"
    yield from spec.headers


def _model_schema(model: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    made = TypeAdapter(model).json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    for name, found in made.pop("$defs", {}).items():
        schemas.setdefault(name, found)
    name = getattr(model, "__name__", "")
    if made.get("type") != "object" or not name:
        return dict(made)
    schemas.setdefault(name, made)
    return {"$ref": f"#/components/schemas/{name}"}


def _error_statuses(spec: RouteSpec, operation: Mapping[str, Any]) -> list[int]:
    found = {400, 429, 500, 503, *spec.errors}
    if operation.get("parameters") or "requestBody" in operation:
        found.add(422)
    if spec.operation != PUBLIC:
        found |= {401, 403}
    if "{" in spec.path:
        found.add(404)
    if spec.is_write:
        found |= {409, 413}
    if "requestBody" in operation:
        found.add(415)
    if spec.edits:
        found |= {412, 428}
    return sorted(found)


def _error_reference(merged: dict[str, Any], status: int) -> dict[str, str]:
    name = f"Problem{status}"
    responses = merged["components"]["responses"]
    if name not in responses:
        headers = ["X-Request-Id"]
        headers += ["WWW-Authenticate"] if status == 401 else []
        headers += ["Retry-After"] if status in (429, 503) else []
        headers += ["As-Of-Seq"] if status in (404, 410) else []
        responses[name] = {
            "description": _STATUS_TITLES[status],
            "headers": {header: _header(header) for header in headers},
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": _problem_example(merged["x-error-codes"], status),
                }
            },
        }
    return {"$ref": f"#/components/responses/{name}"}


def _problem_example(codes: Mapping[str, Mapping[str, Any]], status: int) -> dict[str, Any]:
    code = next(name for name, page in codes.items() if page["status"] == status)
    generic = {
        409: "conflict",
        400: "malformed",
        404: "not_found",
        401: "unauthenticated",
        500: "internal",
    }
    code = generic.get(status, code)
    errors = []
    if status == 422:
        errors = [{"pointer": "/name", "code": "required", "message": "必填，但没有给出"}]
    return {
        "type": f"/docs/errors/{code}",
        "title": codes[code]["title"],
        "status": status,
        "detail": codes[code]["cause"],
        "instance": "urn:request:6f5c1a0e-7a3d-4a35-9a52-0f0c8d3e2b11",
        "errors": errors,
    }


def _problem_schema() -> dict[str, Any]:
    def text(words: str) -> dict[str, str]:
        return {"type": "string", "description": words}

    fault = {
        "type": "object",
        "additionalProperties": False,
        "required": ["pointer", "code", "message"],
        "properties": {
            "pointer": text("位置：正文为 JSON Pointer（RFC 6901），参数为 /query/名称 等"),
            "code": text("规则代码，说明见 /docs/errors/{code}"),
            "message": text("说明和更正办法"),
        },
    }
    return {
        "type": "object",
        "title": "Problem",
        "description": "错误（RFC 9457）",
        "additionalProperties": False,
        "required": ["type", "title", "status", "detail", "instance", "errors"],
        "properties": {
            "type": {**text("错误代码的说明页"), "format": "uri-reference"},
            "title": text("错误的名称"),
            "status": {"type": "integer", "description": "HTTP 状态码"},
            "detail": text("这一次的具体情况"),
            "instance": {**text("这一次请求的编号"), "format": "uri-reference"},
            "errors": {"type": "array", "items": fault, "description": "逐条的错误"},
            "head": {"type": "integer", "description": "公开日志的最新序号（序号超前时）"},
            "tombstone": {
                "type": "object",
                "description": "已撤回或期满的信息所余（410）",
                "additionalProperties": False,
                "required": ["id", "seq", "withdrawn_at", "reason"],
                "properties": {
                    "id": text("编号"),
                    "seq": {"type": "integer", "description": "公开日志的序号"},
                    "withdrawn_at": text("撤回或期满的时刻"),
                    "reason": {"type": "string", "enum": ["withdrawn", "term_ended"]},
                },
            },
        },
    }


def _parameters() -> dict[str, Any]:
    def header(name: str, words: str, example: str, required: bool = False) -> dict[str, Any]:
        return {
            "name": name,
            "in": "header",
            "required": required,
            "description": words,
            "schema": {"type": "string"},
            "example": example,
        }

    return {
        "IdempotencyKey": header(
            "Idempotency-Key",
            "每个新操作一个随机值，重试时沿用；24 小时内同值的请求返回第一次的结果",
            "0b6a4c2e-6f0a-4c55-9a3e-1d1f2b7c9e10",
        ),
        "IfMatch": header("If-Match", "所依据的版本，取自读取时的 ETag", '"3"', required=True),
        "IfNoneMatch": header("If-None-Match", "已有的版本；没有变化时返回 304", '"3"'),
    }


def _shared_parameters(spec: RouteSpec) -> Iterator[dict[str, str]]:
    is_replayed = spec.operation != PUBLIC or spec.replay is Replay.SERVICE
    if spec.is_write and is_replayed and spec.replay is not Replay.NONE:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if spec.edits:
        yield {"$ref": "#/components/parameters/IfMatch"}
    if spec.method == "GET" and spec.media_type == "application/json":
        yield {"$ref": "#/components/parameters/IfNoneMatch"}


def _header(name: str) -> dict[str, str]:
    return copy.copy({"$ref": f"#/components/headers/{name}"})
