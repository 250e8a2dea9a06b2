"""/openapi.json: the document of both APIs, as packaged."""

from __future__ import annotations

from typing import Final

from chalicelib.web.document import packaged_text
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("文档")

_CACHE_SECONDS: Final = 30


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
