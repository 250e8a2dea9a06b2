"""Pages that tell how to object, repair, be told, verify; made from the policy pack of a place."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import NotFound
from chalicelib.policy.service import BASE
from chalicelib.portal import guide
from chalicelib.portal.places import find_place, kept_today, pack_today, places
from chalicelib.portal.rendering import page
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("办事指南页面")

ChosenPlace = Annotated[str, Query(max_length=64, description="哪地的政策包；不填为国家规定")]


@routes.get("/site/guide", operation=PUBLIC, summary="办事指南", media_type="text/html")
def show_guide(place: ChosenPlace = "") -> Answer:
    """能办什么事、各地的期限有什么不同。"""
    chosen = find_place(place)
    pack = pack_today(BASE if chosen is None else chosen.jurisdiction)
    offered = [(topic, guide.procedures(pack, topic)) for topic in guide.TOPICS]
    return page(
        "guide.html",
        None,
        cache_seconds=kept_today(),
        section="guide",
        offered=offered,
        places=places(),
        place=chosen,
        pack=pack,
    )


@routes.get("/site/guide/verify", operation=PUBLIC, summary="怎样核验", media_type="text/html")
def show_verifying() -> Answer:
    """怎样核验一条公示信息、一份回执、一个快照文件。"""
    return page("guide_verify.html", None, cache_seconds=kept_today(), section="guide")


@routes.get("/site/guide/{topic}", operation=PUBLIC, summary="怎样办", media_type="text/html")
def show_topic(
    topic: Annotated[str, Path(description="事项", max_length=32)], place: ChosenPlace = ""
) -> Answer:
    """谁可以办、什么条件、要什么材料、经过哪些步骤、各要多少天，依据什么。"""
    found = guide.topic_named(topic)
    if found is None:
        raise NotFound("没有这个办事指南")
    chosen = find_place(place)
    pack = pack_today(BASE if chosen is None else chosen.jurisdiction)
    today = civil_date(request.platform().clock())
    return page(
        "guide_topic.html",
        None,
        cache_seconds=kept_today(),
        section="guide",
        topic=found,
        procedures=guide.procedures(pack, found),
        terms=guide.terms(pack, today) if found.name == "repair" else None,
        places=places(),
        place=chosen,
        pack=pack,
        topics=guide.TOPICS,
    )
