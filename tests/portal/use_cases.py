"""What the pages of the site do, joined to the fault harness."""

from __future__ import annotations

from tests.cases.bench import settle
from tests.portal.counter import Counter, code_on
from tests.support.faults import join
from tests.support.world import World

_CODE: list[str] = []
"""What the preparation opened."""


def _opened(world: World) -> None:
    settle(world)
    _CODE[:] = [Counter(world).reported()]


def _report(world: World) -> None:
    reply = Counter(world).report()
    assert reply.status == 201 and len(code_on(reply)) == 39, reply.text


def _track(world: World) -> None:
    reply = Counter(world).post("/site/leads/track", code=_CODE[0])
    assert reply.status == 200, reply.text


def _say(world: World) -> None:
    reply = Counter(world).say(_CODE[0])
    assert reply.status == 200, reply.text


join("POST /site/leads", settle, _report)
join("POST /site/leads/track", _opened, _track)
join("POST /site/leads/messages", _opened, _say)
