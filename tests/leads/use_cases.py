"""What is done for whom nobody knows, joined to the fault harness."""

from __future__ import annotations

from typing import Any

from chalicelib.cases import handlers
from chalicelib.leads import limits
from tests.cases.bench import CREDIT_OFFICE, SUPERIOR, Desk, settle
from tests.leads.pictures import in_base64, photo
from tests.leads.window import ADDRESS, KEY, Window, case_id
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
_CASE: list[str] = []
"""What the preparation opened: looking it up is no call of the deed."""


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


def _not_rated(world: World) -> None:
    """A complaint was answered, and the days in which it could be rated are over."""
    settle(world)
    Window(world).reported("complaint", key=KEY)
    complaint = case_id(world)
    _CASE[:] = [complaint]
    answer = {"answer": "经查，窗口已整改"}
    assert Desk(world, CREDIT_OFFICE).act(complaint, "accept").status == 200
    assert Desk(world, SUPERIOR).act(complaint, "answer", fields=answer).status == 200
    world.clock.advance(days=16)


def _lapse(world: World) -> None:
    message = {"job": "due", "case_id": _CASE[0], "day": "2026-07-01"}
    handlers.work(world.platform, message)
    item = world.platform.cases.get(f"CASE#{_CASE[0]}")
    assert item is not None and item["state"] == "closed"


join("cases:due, of what was reported", _not_rated, _lapse)

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
