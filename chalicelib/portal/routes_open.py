"""Pages for whoever builds on the data: snapshots, the feed, the dictionary, the widget, and the
choice of a body for whoever reports something."""

from __future__ import annotations

import json
from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.errors import NotFound
from chalicelib.policy.service import BASE
from chalicelib.portal import dictionary, static_files
from chalicelib.portal.asking import documents, kept_for, standing_of
from chalicelib.portal.places import find_place, kept_today, pack_today, places
from chalicelib.portal.public import told
from chalicelib.portal.rendering import page
from chalicelib.replica.answering import current_reading
from chalicelib.replica.model import Gone
from chalicelib.replica.queries_bodies import BodyQuery, body_page, search_bodies
from chalicelib.snapshots.rules_views import snapshots_view
from chalicelib.snapshots.service import current_snapshot
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("开放数据页面")

_WIDGET_SECONDS: Final = 3600
_BODIES: Final = 50


@routes.get("/site/open-data", operation=PUBLIC, summary="开放数据", media_type="text/html")
def show_open_data() -> Answer:
    """快照、变更、核验、嵌入部件，怎样用。"""
    reading = current_reading()
    found = snapshots_view(current_snapshot(request.platform()))
    example = search_bodies(reading, BodyQuery(), 1).items
    return told(
        "open_data.html",
        reading,
        (),
        section="data",
        snapshots=found.items,
        formats=found.formats,
        verify=found.verify,
        example=documents(example).items,
    )


@routes.get("/site/open-data/fields", operation=PUBLIC, summary="数据字典", media_type="text/html")
def show_fields(
    place: Annotated[str, Query(max_length=64, description="哪地的目录；不填为国家目录")] = "",
) -> Answer:
    """公开哪些信息、各有哪些字段，取自归集目录。"""
    chosen = find_place(place)
    pack = pack_today(BASE if chosen is None else chosen.jurisdiction)
    return page(
        "open_fields.html",
        None,
        cache_seconds=kept_today(),
        section="data",
        types=list(dictionary.public_types(pack)),
        places=places(),
        place=chosen,
        pack=pack,
    )


@routes.get("/site/choose", operation=PUBLIC, summary="选择单位", media_type="text/html")
def show_choice(
    q: Annotated[str, Query(max_length=100, description="名称的一部分、拼音或代码")] = "",
) -> Answer:
    """按名称找到单位，再去反映问题。"""
    reading = current_reading()
    words = q.strip()
    found = search_bodies(reading, BodyQuery(name=words), _BODIES) if words else None
    shown = documents(() if found is None else found.items)
    return told(
        "choose.html",
        reading,
        shown.untils,
        section="leads",
        typed=words,
        bodies=shown.items,
        more=found is not None and found.after is not None,
    )


@routes.get("/site/widget.js", operation=PUBLIC, summary="嵌入脚本", media_type="text/css")
def show_widget_script() -> Answer:
    """嵌入其他网站的脚本，地址不变；不设 Cookie，不跟踪。"""
    return static_files.at_fixed_address("widget.js", _WIDGET_SECONDS)


@routes.get("/site/widget/{code}", operation=PUBLIC, summary="单位现状部件", media_type="text/html")
def show_widget(
    code: Annotated[str, Path(pattern=r"^[0-9A-Z]{18}$", description="统一社会信用代码")],
) -> Answer:
    """可以嵌入其他网站的小页面：名称、在公示的失信信息数、最近一次评价等级。"""
    reading = current_reading()
    try:
        found = body_page(reading, code)
    except (NotFound, Gone):
        found = None
    evaluation = None
    if found is not None and found.evaluation is not None:
        evaluation = json.loads(found.evaluation)
    return page(
        "widget.html",
        standing_of(reading),
        status=200 if found is not None else 404,
        cache_seconds=kept_for(reading),
        embeddable=True,
        code=code,
        body=None if found is None else json.loads(found.basic),
        dishonesty=0 if found is None else found.dishonesty.count,
        evaluation=evaluation,
        now=reading.now,
    )
