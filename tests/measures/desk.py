"""Standings in the made-up city: what records and cases bring about, worked as the queue would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification, Standing
from chalicelib.disclosure.handlers import forward_changes
from chalicelib.measures import store
from chalicelib.measures.handlers import do_job
from chalicelib.measures.model import Standing as MeasureStanding
from chalicelib.measures.model import Turn
from tests.cases.bench import HOUSING, recorded, settle
from tests.intake import town
from tests.support.world import World

HOUSING_ID = files.body_id(HOUSING)
BUREAU_OF_HOUSING = Identification(HOUSING, "", "")
OFFICIAL = Identification("", town.OFFICIAL, "张某甲")


def settled(world: World) -> None:
    """Agencies and bodies are registered, and a breach of the housing bureau is on record."""
    settle(world)
    recorded(world)


def changed(record_id: str, version: int = 1) -> dict[str, object]:
    """What the stream tells of a record."""
    key = f"RECORD#{record_id}"
    return {"table": "records", "key": key, "version": version, "entity": "record"}


def due(world: World) -> list[dict[str, Any]]:
    """What the measures queue holds, but for the daily look at what was missed."""
    found = world.take(world.platform.measures_queue)
    return [one for one in found if one.get("job") != "missed"]


def defaulter(number: int = 70) -> dict[str, object]:
    """A court's finding about a firm that nobody has registered."""
    return {
        "type": "judgment_defaulter",
        "subject": {"unified_code": town.body_code(number, "91"), "name": "示例建设有限公司"},
        "fields": {
            "enforcement_number": f"（2026）示01执{number}号",
            "judgment_number": "（2025）示01民初1号",
            "court": "示例市中级人民法院",
            "duty": "支付工程款",
            "performance": "none",
            "listed_on": "2026-06-02",
        },
    }


def firm(number: int = 70) -> Identification:
    """The firm of that finding."""
    return Identification(town.body_code(number, "91"), "", "")


def the_record(world: World, subject_id: str = HOUSING_ID) -> str:
    """The id of the only record about a subject."""
    (found,) = files.records_about(world.platform, subject_id)
    return found.record_id


def told(world: World, subject_id: str = HOUSING_ID, version: int = 1) -> None:
    """The measures function is told of the record about a subject."""
    do_job(world.platform, changed(the_record(world, subject_id), version))


def mend(world: World, standing: Standing, subject_id: str = HOUSING_ID) -> None:
    """What a case does to the record about a subject, and measures are told of it."""
    town.stand(world, the_record(world, subject_id), standing)
    told(world, subject_id, 2)


def standing(world: World, who: Identification = BUREAU_OF_HOUSING) -> MeasureStanding | None:
    """The standing as checks would read it."""
    key = store.standing_key(world.platform, who)
    item = world.platform.measures.get(key.pk, key.sk)
    return None if item is None else store.standing_from(item)


def codes(world: World) -> set[str]:
    """The measures the housing bureau is under."""
    found = standing(world)
    return set() if found is None else {one.code for one in found.measures}


def turns(world: World, who: Identification = BUREAU_OF_HOUSING) -> list[Turn]:
    """How a standing changed, the newest first."""
    key = store.standing_key(world.platform, who)
    return store.load_turns(world.platform, key, 50, None)[0]


def work_all(world: World) -> None:
    """Work the measures queue until it is empty."""
    world.drain(world.platform.measures_queue, lambda message: do_job(world.platform, message))


def stream(world: World, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Forward a stream event; what the measures queue got of it."""
    forward_changes(world.platform, event)
    return world.take(world.platform.measures_queue)
