"""/docs, /docs/operations/<id> and /docs/errors/<code>: the API document as pages."""

from __future__ import annotations

import functools
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.kernel.errors import NotFound
from chalicelib.portal.openapi_pages import Group, groups, operation_of
from chalicelib.portal.rendering import page
from chalicelib.web import document
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("接口说明页面")


@routes.get("/docs", operation=PUBLIC, summary="接口说明", media_type="text/html")
def show_docs() -> Answer:
    """全部接口，按用途分组。"""
    found = document.packaged_document()
    return page(
        "docs.html",
        None,
        info=found["info"],
        groups=_groups(),
        codes=found["x-error-codes"],
        section="data",
    )


@routes.get(
    "/docs/operations/{operation}", operation=PUBLIC, summary="一个接口", media_type="text/html"
)
def show_operation(
    operation: Annotated[str, Path(description="接口编号", max_length=200)],
) -> Answer:
    """参数、正文、请求和回答的示例、可能的错误。"""
    found = operation_of(document.packaged_document(), operation)
    if found is None:
        raise NotFound("没有这个接口")
    return page("docs_operation.html", None, one=found, section="data")


@routes.get("/docs/errors/{code}", operation=PUBLIC, summary="错误代码说明", media_type="text/html")
def show_error(
    code: Annotated[str, Path(description="错误代码", max_length=64)],
) -> Answer:
    """一个错误代码的原因和处理办法。"""
    found = document.packaged_document()["x-error-codes"].get(code)
    if found is None:
        raise NotFound("没有这个错误代码")
    return page("docs_error.html", None, code=code, error=found, section="data")


@functools.cache
def _groups() -> tuple[Group, ...]:
    return groups(document.packaged_document())
