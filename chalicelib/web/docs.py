"""/openapi.json, /docs and /docs/errors/<code>: the document, and pages for people made from it.

Plain HTML from the server: no script, nothing from elsewhere, readable without any of it loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.kernel.errors import NotFound
from chalicelib.web.document import packaged_document, packaged_text
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("文档")

_CACHE_SECONDS = 30
_SECURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_HTML = "text/html; charset=utf-8"
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--key:#0b5cad}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;line-height:1.7;
font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
a{color:var(--key)}h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;
border-bottom:1px solid var(--line);padding-bottom:.3rem}
code{font-family:ui-monospace,Consolas,monospace;font-size:.92em;overflow-wrap:anywhere}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.45rem .8rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:4.2rem;color:var(--key);
font-family:ui-monospace,Consolas,monospace}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.94rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:var(--soft);font-weight:600}.note{color:#666}
@media (prefers-color-scheme:dark){:root{--key:#7db7f5;background:#16181b;color:#e8e8e8}
.note{color:#aaa}}
"""
_PLACES = {"path": "路径", "query": "查询参数", "header": "请求头"}


@routes.get(
    "/openapi.json", operation=PUBLIC, summary="OpenAPI 3.1 文档", media_type="application/json"
)
def show_document() -> Answer:
    """两套接口的完整描述，与校验请求的是同一套模型。"""
    return Answer(
        200,
        packaged_text(),
        cache_seconds=_CACHE_SECONDS,
        media_type="application/json; charset=utf-8",
    )


@routes.get("/docs", operation=PUBLIC, summary="接口说明", media_type="text/html")
def show_docs() -> Answer:
    """给人看的接口清单。"""
    return _page("政务诚信平台接口说明", _overview(packaged_document()))


@routes.get("/docs/errors/{code}", operation=PUBLIC, summary="错误代码说明", media_type="text/html")
def show_error(
    code: Annotated[str, Path(description="错误代码", max_length=64)],
) -> Answer:
    """一个错误代码的原因和处理办法。"""
    found = packaged_document()["x-error-codes"].get(code)
    if found is None:
        raise NotFound("没有这个错误代码")
    return _page(f"{found['title']}（{code}）", _error_text(code, found))


def _page(title: str, content: str) -> Answer:
    html = (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return Answer(200, html, cache_seconds=_CACHE_SECONDS, headers=_SECURE, media_type=_HTML)


def _error_text(code: str, page: Mapping[str, Any]) -> str:
    status = f"HTTP {page['status']}" if page["status"] else "出现在 errors 列表中"
    return (
        f'<p class="note"><code>{escape(code)}</code> · {status}</p>'
        f"<h2>原因</h2><p>{escape(page['cause'])}</p>"
        f"<h2>怎么办</h2><p>{escape(page['remedy'])}</p>"
        f'<p><a href="/docs">全部接口</a></p>'
    )


def _overview(document: Mapping[str, Any]) -> str:
    info = document["info"]
    parts = [f"<p>{escape(line)}</p>" for line in info["description"].split("\n\n")]
    parts.append('<p>机器可读的完整描述：<a href="/openapi.json">openapi.json</a></p>')
    groups = [(tag["name"], _operations(document, tag["name"])) for tag in document["tags"]]
    links = "、".join(
        f'<a href="#{escape(name)}">{escape(name)}</a>' for name, found in groups if found
    )
    parts.append(f"<nav>{links}、<a href='#errors'>错误代码</a></nav>")
    for name, found in groups:
        if found:
            parts.append(f'<h2 id="{escape(name)}">{escape(name)}</h2>{"".join(found)}')
    parts.append(_error_list(document["x-error-codes"]))
    return "".join(parts)


def _operations(document: Mapping[str, Any], tag: str) -> list[str]:
    return [
        _operation(document, path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if tag in operation.get("tags", [])
    ]


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> str:
    access = "公开" if not operation["security"] else f"需要令牌，权限 {operation['x-operation']}"
    words = operation.get("description", "")
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation['summary'])}</summary>"
        f'<p class="note">{escape(access)}</p><p>{escape(words)}</p>'
        f"{_parameter_table(document, operation)}{_body_table(document, operation)}"
        f"{_answer_table(document, operation)}</details>"
    )


def _parameter_table(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    rows = []
    for entry in operation.get("parameters", []):
        found = _resolved(document, entry)
        rows.append(
            f"<tr><td><code>{escape(found['name'])}</code></td>"
            f"<td>{_PLACES.get(found['in'], found['in'])}</td>"
            f"<td>{'必填' if found.get('required') else '可选'}</td>"
            f"<td>{escape(found.get('description', ''))}</td></tr>"
        )
    if not rows:
        return ""
    return f"<table><tr><th>参数<th>位置<th>必填<th>说明</tr>{''.join(rows)}</table>"


def _body_table(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    content: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ""
    schema = _resolved(document, next(iter(content.values()))["schema"])
    required = set(schema.get("required", []))
    rows = [
        f"<tr><td><code>{escape(name)}</code></td>"
        f"<td>{'必填' if name in required else '可选'}</td>"
        f"<td>{escape(_type_words(document, field))}</td>"
        f"<td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    if not rows:
        return ""
    return f"<table><tr><th>正文字段<th>必填<th>类型<th>说明</tr>{''.join(rows)}</table>"


def _type_words(document: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    found = _resolved(document, field)
    if "enum" in found:
        return "、".join(str(value) for value in found["enum"])
    if "anyOf" in found:
        return " 或 ".join(_type_words(document, part) for part in found["anyOf"])
    words = {
        "string": "文字",
        "integer": "整数",
        "number": "数字",
        "boolean": "是否",
        "array": "列表",
        "object": "对象",
        "null": "空",
    }
    return words.get(str(found.get("type", "")), "任意")


def _answer_table(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td>{status}</td><td>{escape(_resolved(document, answer)['description'])}</td></tr>"
        for status, answer in operation["responses"].items()
    ]
    return f"<table><tr><th>状态<th>含义</tr>{''.join(rows)}</table>"


def _error_list(codes: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        f'<tr><td><a href="/docs/errors/{code}"><code>{escape(code)}</code></a></td>'
        f"<td>{page['status'] or '—'}</td><td>{escape(page['title'])}</td></tr>"
        for code, page in codes.items()
    ]
    return (
        f'<h2 id="errors">错误代码</h2><table><tr><th>代码<th>状态<th>含义</tr>'
        f"{''.join(rows)}</table>"
    )


def _resolved(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = entry.get("$ref")
    if reference is None:
        return entry
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part]
    resolved: Mapping[str, Any] = found
    return resolved
