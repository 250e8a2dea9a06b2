"""The deeds of cross-checks that must survive any single failure."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.crosscheck import checking, service, store
from chalicelib.crosscheck.model import CrossCheck
from chalicelib.kernel.clock import instant_text
from tests.crosscheck.office import PURPOSE, csv_register, employ, personnel, post, row
from tests.support.faults import join
from tests.support.world import CountedIds, World

FIRST = CountedIds({"id:x": 0}).new("x")


def _officials(world: World) -> None:
    for number in (1, 2):
        employ(world, number)


def _start(world: World) -> None:
    # Ids are random: an attempt that failed before its effect must draw the same again.
    world.ids.counters["id:x"] = world.ids.counters["id:aud"] = 0
    if world.platform.intake.get(f"CROSSCHECK#{FIRST}") is not None:
        return  # as with an Idempotency-Key, which the edge keeps
    service.start(world.platform, personnel(), "csv", "", PURPOSE)


def _check(world: World) -> CrossCheck:
    return store.load(world.platform, FIRST)


def _posted(world: World) -> None:
    _officials(world)
    post(world, csv_register([row(1), row(3), row(1)]))


def _commit(world: World) -> None:
    service.receive(world.platform, _check(world))


def _committed(world: World) -> None:
    _posted(world)
    _commit(world)


def _step(number: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        message = {"job": "crosscheck", "crosscheck_id": FIRST, "step": number}
        checking.work(world.platform, message)

    return act


def _read(world: World) -> None:
    _committed(world)
    checking.work(world.platform, {"job": "crosscheck", "crosscheck_id": FIRST, "step": 1})


def _no_register(world: World) -> None:
    _officials(world)
    post(world, b"a,b\n1,2\n")
    _commit(world)


def _find_lost(world: World) -> None:
    world.clock.advance(hours=1)
    assert service.resend_open(world.platform, instant_text(world.clock())) == 1
    world.clock.advance(hours=-1)


def _abandoned(world: World) -> None:
    _officials(world)
    post(world, csv_register([row(1)]))
    world.clock.advance(days=2)


join("intake:crosscheck, never committed", _abandoned, _step(1))
join("sweep:crosschecks", _committed, _find_lost)
join("POST /v1/crosschecks", _officials, _start)
join("POST /v1/crosschecks/{crosscheck_id}/commit", _posted, _commit)
join("intake:crosscheck", _committed, _step(1))
join("intake:crosscheck, who left", _read, _step(2))
join("intake:crosscheck, no register", _no_register, _step(1))
