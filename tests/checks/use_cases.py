"""The use cases of checks, joined to the fault harness."""

from __future__ import annotations

import pytest

from chalicelib.checks import asking, handlers
from chalicelib.creditfile.model import Identification
from tests.checks import hall
from tests.crosscheck import office
from tests.support.faults import join
from tests.support.world import World


def _ask(world: World, *subjects: Identification, key: str = "k-1") -> None:
    hall.ask(world, *subjects, key=key)


def _crowd(world: World) -> None:
    """A second official."""
    office.employ(world, 1)


def _settled_crowd(world: World) -> None:
    hall.settle(world)
    _crowd(world)


def _ask_crowd(world: World, key: str = "k-1") -> None:
    """More people than one transaction takes with their looks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "COPIES_AT_ONCE", 1)
        _ask(world, hall.OFFICIAL, Identification("", office.code(1), ""), key=key)


def _asked(world: World) -> None:
    hall.settle(world)
    _ask(world, hall.BUILDER)


def _late(world: World) -> None:
    _asked(world)
    world.clock.advance(days=16)
    _day(world)


def _feed_back(world: World) -> None:
    (item,) = world.platform.checks.query_index("by_listing", "checks#hall-1").items
    path = f"/v1/checks/{item['check_id']!s}/feedback"
    done = {"done": [{"number": 1, "act": "excluded"}]}
    reply = hall.api(world)("PUT", path, done, {"If-Match": '"1"'})
    assert reply.status == 200, reply.text


def _day(world: World) -> None:
    handlers.do_job(world.platform, {"job": "daily"})


def _due(world: World) -> None:
    """One check whose feedback is late, one whose is due tomorrow."""
    _asked(world)
    world.clock.advance(days=2)
    hall.ask(world, hall.BUILDER, key="k-2")
    world.clock.advance(days=14)
    _crowd(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "_finish", lambda *_: None)  # cut short before all have a copy
        _ask_crowd(world, "k-3")


def _due_day(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "COPIES_AT_ONCE", 1)
        _day(world)


join("POST /v1/checks", hall.settle, lambda world: _ask(world, hall.BUILDER))
join("POST /v1/checks, persons", hall.settle, lambda world: _ask(world, hall.OFFICIAL))
join("POST /v1/checks, a crowd", _settled_crowd, _ask_crowd)
def _prove(world: World) -> None:
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "subject": hall.asked(hall.OFFICIAL)}
    reply = hall.api(world)("POST", "/v1/check-proofs", body, {"Idempotency-Key": "k-1"})
    assert reply.status == 201, reply.text


join("POST /v1/check-proofs", hall.settle, _prove)
join("PUT /v1/checks/{check_id}/feedback", _asked, _feed_back)
join("PUT /v1/checks/{check_id}/feedback, late", _late, _feed_back)
join("checks:daily", _due, _due_day)
