"""Pages of the site that show the public world, and the files pages load."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.portal import static_files
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("网站")

HTML = "text/html"


@routes.get(
    "/site/static/{file}", operation=PUBLIC, summary="页面所用的文件", media_type="text/css"
)
def get_static_file(file: Annotated[str, Path(max_length=100)]) -> Answer:
    """样式表、脚本和图形。地址含内容的摘要，可长期缓存。"""
    return static_files.serve(file)
