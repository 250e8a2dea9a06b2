"""What is done for whom nobody knows, joined to the fault harness."""

from __future__ import annotations

from typing import Any

from chalicelib.leads import limits
from tests.cases.bench import settle
from tests.leads.pictures import in_base64, photo
from tests.leads.window import ADDRESS, KEY, Window
from tests.support.faults import join
from tests.support.world import World


def _counted_yesterday(world: World) -> None:
    limits.count(world.platform, ADDRESS, "opening")
    world.clock.advance(days=1)
    limits.count(world.platform, ADDRESS, "opening")


join(
    "sweep:day_keys",
    _counted_yesterday,
    lambda world: limits.drop_day_keys(world.platform),
)


def _opened(world: World) -> None:
    settle(world)
    _CODE[:] = [Window(world).reported(key=KEY)]


_CODE: list[str] = []


def _report(world: World, **body: Any) -> None:
    reply = Window(world).report(key=KEY, **body)
    assert reply.status == 201, reply.text


def _look(world: World) -> None:
    assert Window(world).look(_CODE[0]).json["version"] == 1


def _say(world: World, **body: Any) -> None:
    sent = {"message": "现补充合同复印件"}
    reply = Window(world).say(_CODE[0], version=1, fields=sent, **body)
    assert reply.status == 200, reply.text


def _wrong(world: World) -> None:
    assert Window(world).look("0000-0000").status == 404


PICTURES = [{"title": "合同第一页", "data": in_base64(photo())}]

join("POST /public/v1/leads", settle, _report)
join(
    "POST /public/v1/leads, with a picture",
    settle,
    lambda world: _report(world, attachments=PICTURES),
)
join("POST /public/v1/leads/lookup", settle, _wrong)
join("POST /public/v1/leads/lookup, of a case", _opened, _look)
join("POST /public/v1/leads/messages", _opened, _say)
join(
    "POST /public/v1/leads/messages, with a picture",
    _opened,
    lambda world: _say(world, attachments=PICTURES),
)
