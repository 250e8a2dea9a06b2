"""Evidence's deeds that must survive any single failure."""

from __future__ import annotations

from chalicelib.creditfile import service as files
from chalicelib.evidence import service, store
from tests.evidence.build import SCAN, attach, record_of, start
from tests.intake import town
from tests.support.faults import join
from tests.support.world import CountedIds, World

_DRAWN = 100
FIRST = CountedIds({"id:e": _DRAWN}).new("e")


def _about_a_body(world: World) -> None:
    town.settle(world)
    town.submit(world, town.honour())


def _about_a_person(world: World) -> None:
    town.settle(world)
    town.submit(world, town.discipline())


def _start(world: World) -> None:
    # The id is random: an attempt that failed before its effect must draw the same again.
    world.ids.counters["id:e"] = _DRAWN
    if store.load_all(world.platform, record_of(world).record_id):
        return  # as with an Idempotency-Key, which the edge keeps
    start(world, "表彰决定")


def _posted(world: World) -> None:
    _about_a_body(world)
    attach(world, SCAN)


def _posted_of_a_person(world: World) -> None:
    _about_a_person(world)
    attach(world, SCAN)


def _receive(world: World) -> None:
    record = files.find_record(world.platform, record_of(world).record_id)
    (evidence,) = service.of_record(world.platform, record.record_id)
    service.receive(world.platform, record.record_id, evidence.evidence_id)


join("POST /v1/records/{record_id}/evidence", _about_a_body, _start)
join("POST /v1/records/{record_id}/evidence, a person's", _about_a_person, _start)
join("POST /v1/records/{record_id}/evidence/{evidence_id}/commit", _posted, _receive)
join(
    "POST /v1/records/{record_id}/evidence/{evidence_id}/commit, a person's",
    _posted_of_a_person,
    _receive,
)
