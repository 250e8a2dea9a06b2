"""What anyone may report, as the place's own document has it."""

from __future__ import annotations

import pytest

import app
from chalicelib.web import edge
from tests.support.world import World, make_world
from tests.web.build import CONTEXT, Reply, call, sample


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    return make_world(aws)


def api(world: World) -> edge.Edge:
    return edge.build([app.leads_routes], None, None, lambda: world.platform)


def kinds(world: World, region: str) -> Reply:
    return call(api(world), "GET", "/public/v1/leads/kinds", query={"region": region})


@pytest.mark.requirement("R-62", "R-65")
def test_each_place_takes_what_its_document_has(world: World) -> None:
    nanjing = {one["kind"]: one for one in kinds(world, "320102").json["kinds"]}
    assert set(nanjing) == {"lead", "breach_complaint", "complaint"}
    assert [one["code"] for one in nanjing["lead"]["fields"]] == ["matter", "contact"]
    assert [one["required"] for one in nanjing["lead"]["fields"]] == [True, False]
    assert {one["title"] for one in nanjing["lead"]["limits"]} >= {"核实期限", "转办期限"}
    lingyuan = {one["kind"] for one in kinds(world, "211382").json["kinds"]}
    assert lingyuan == {"breach_complaint", "complaint"}


@pytest.mark.requirement("R-62", "R-65")
def test_the_log_tells_neither_address_nor_browser(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = sample("leads_get")
    asked["requestContext"]["identity"] |= {"sourceIp": "192.0.2.7", "userAgent": "Firefox/142"}
    asked["headers"] |= {"User-Agent": "Firefox/142", "X-Forwarded-For": "192.0.2.7"}
    assert Reply(api(world)(asked, CONTEXT)).status == 200
    lines = capsys.readouterr().out
    assert "/public/v1/leads/kinds" in lines
    for word in ("192.0.2.7", "Firefox", "320100"):
        assert word not in lines


def test_nothing_of_it_is_kept_by_anybody(world: World) -> None:
    assert kinds(world, "320100").headers["Cache-Control"] == "no-store"
    assert kinds(world, "32").status == 422
