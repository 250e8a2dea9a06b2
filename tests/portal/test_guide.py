"""How to get something done is told from the pack of the place, with what it rests on."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chalicelib.kernel.clock import day_end
from chalicelib.policy.service import BASE, jurisdictions, pack_for
from chalicelib.portal import guide
from chalicelib.portal.refusals import refusal_page
from chalicelib.portal.routes_guide import routes
from chalicelib.web import edge
from tests.portal.pages import Page, hold_to_the_house
from tests.support.world import NOON
from tests.web.build import Reply, call

DAY = date(2026, 6, 15)


def get(path: str, *, at: datetime = NOON, **query: str) -> Reply:
    platform: Any = SimpleNamespace(clock=lambda: at)
    api = edge.build([routes], None, None, lambda: platform, refusal_page=refusal_page)
    return call(api, "GET", path, headers={"Authorization": ""}, query=query)


def held(path: str, **query: str) -> Page:
    reply = get(path, **query)
    assert reply.status == 200, reply.text
    assert reply.headers["Cache-Control"] == "public, max-age=30"
    found = Page(reply.text)
    hold_to_the_house(found)
    return found


def test_the_guide_leads_to_every_topic() -> None:
    links = held("/site/guide").links()
    for topic in guide.TOPICS:
        assert f"/site/guide/{topic.name}" in links
    assert "/site/guide/verify" in links and "/site/leads" in links


def test_every_place_tells_its_own_limits() -> None:
    for place in jurisdictions():
        pack = pack_for(place, DAY)
        query = {} if place == BASE else {"place": place}
        for topic in guide.TOPICS:
            page = held(f"/site/guide/{topic.name}", **query)
            for code in topic.kinds:
                kind = pack.case_kinds.get(code)
                if kind is None:
                    continue
                assert kind.title in page.text and kind.purpose in page.text
                assert kind.basis.document in page.text
                for state in kind.states:
                    assert state.title in page.text, (place, code, state.title)
                for limit in kind.limits:
                    assert limit.basis.document in page.text, (place, code, limit.title)


def test_what_was_not_read_in_the_text_itself_says_so() -> None:
    page = held("/site/guide/object")
    told = [limit for step in objection().steps for limit in step.limits]
    unverified = sum(not limit.basis.verified for limit in told)
    assert unverified and page.text.count("待核实") >= unverified


def objection() -> guide.Procedure:
    topic = guide.topic_named("object")
    assert topic is not None
    return guide.procedures(pack_for(BASE, DAY), topic)[0]


def test_a_place_without_a_mechanism_says_so() -> None:
    assert "exemption" not in pack_for("lingyuan", DAY).case_kinds
    assert "没有这项机制" in held("/site/guide/exempt", place="lingyuan").text


def test_repair_tells_how_long_what_is_public() -> None:
    page = held("/site/guide/repair", place="nanjing")
    found = guide.terms(pack_for("nanjing", DAY), DAY)
    assert found is not None
    for row in found[0]:
        assert re.search(f"{row.severity} ?{row.least} ?{row.most}", page.text), row


def test_an_unknown_topic_is_no_page_and_an_unknown_place_the_nations() -> None:
    assert get("/site/guide/nothing").status == 404
    assert "国家规定" in held("/site/guide/object", place="nowhere").text


def test_verifying_is_told_without_a_pack() -> None:
    page = held("/site/guide/verify")
    assert "核验" in page.text and "/site/open-data#verify" in page.links()


def test_no_page_made_from_packs_outlives_the_day() -> None:
    midnight = day_end(DAY)
    for seconds, kept in ((3_600, "public, max-age=30"), (10, "public, max-age=10")):
        reply = get("/site/guide/repair", at=midnight - timedelta(seconds=seconds))
        assert reply.headers["Cache-Control"] == kept
