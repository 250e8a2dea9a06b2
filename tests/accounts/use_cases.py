"""Accounts' use cases, joined to the fault harness."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.accounts import counting, service, store
from tests.accounts import town
from tests.intake import town as intake
from tests.support.api import Api
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


def _put(produced: int, version: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        path = f"/v1/accounts/{town.MONTH}/declarations/{town.LICENCE}"
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": f"k-{version}"}
        reply = Api(world, intake.clerk())("PUT", path, {"produced": produced}, headers)
        assert reply.status in (200, 201), reply.text

    return act


def _declared(world: World) -> None:
    town.settle(world)
    _put(3, 0)(world)


def _all_declared(world: World) -> None:
    _declared(world)
    path = f"/v1/accounts/{town.MONTH}/declarations/{town.PENALTY}"
    Api(world, intake.clerk())("PUT", path, {"produced": 0}, {"If-Match": '"0"'})


def _post(path: str, body: dict[str, str]) -> Callable[[World], None]:
    def act(world: World) -> None:
        headers = {"Idempotency-Key": "k-post"}
        address = f"/v1/accounts/{town.MONTH}/{path}"
        reply = Api(world, intake.clerk())("POST", address, body, headers)
        assert reply.status in (200, 202), reply.text

    return act


def _counted(world: World) -> None:
    _gathered(world)
    _count(world)


def _close(world: World) -> None:
    (row,) = store.refused_in(world.platform, town.BUREAU, town.MONTH)
    _post(f"refused/{row.row_id}/closure", {"reason": "不属于应报范围"})(world)


join("PUT /v1/accounts/{month}/declarations/{type}", town.settle, _put(3, 0))
join("PUT /v1/accounts/{month}/declarations/{type}, again", _declared, _put(5, 1))
join("POST /v1/accounts/{month}/confirmation", _all_declared, _post("confirmation", {}))
join("POST /v1/accounts/{month}/refresh", _counted, _post("refresh", {}))
join("POST /v1/accounts/{month}/refused/{row_id}/closure", _counted, _close)
