"""Accounts' use cases, joined to the fault harness."""

from __future__ import annotations

from chalicelib.accounts import counting, service
from tests.accounts import town
from tests.support.faults import join
from tests.support.world import CountedIds, World

ROWS = [(1, "2026-05-06", "ordinary"), (2, "2026-05-08", "wrong"), (3, "2026-06-10", "ordinary")]


def _filed(world: World) -> None:
    town.settle(world)
    town.file_licences(world, ROWS)


def _gathered(world: World) -> None:
    _filed(world)
    _gather(world)


def _gather(world: World) -> None:
    counting.gather(world.platform, CountedIds().new("u"))  # the only upload


def _count(world: World) -> None:
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")


def _cover(world: World) -> None:
    counting.cover(world.platform, town.CITY)


def _sweep(world: World) -> None:
    now = world.clock.now
    world.clock.advance(hours=2)
    try:
        assert "accounts" in service.sweep(world.platform)
    finally:
        world.clock.now = now


join("accounts:gather", _filed, _gather)
join("accounts:count", _gathered, _count)
join("accounts:cover", town.settle, _cover)
join("sweep:accounts", _gathered, _sweep)
