"""The deeds on the register that must survive any single failure."""

from __future__ import annotations

from chalicelib.creditfile import importing, reading, register, service
from chalicelib.creditfile.model import Identification
from chalicelib.web.model import Scope
from tests.creditfile.test_importing import GOOD, table
from tests.creditfile.town import OFFICER_OF_CREDIT, bureau, officer
from tests.intake.town import BUREAU, HOUSING
from tests.support.faults import join
from tests.support.world import CountedIds, World

REGION = Scope.REGION
_DRAWN = 100
OFFICER_ID = CountedIds({"id:p": _DRAWN}).new("p")


def _nothing(world: World) -> None:
    """Nobody is registered yet."""


def _bureaus(world: World) -> None:
    for given in (bureau(), bureau(unified_code=HOUSING, name="示例市住房局")):
        register.register_subject(world.platform, OFFICER_OF_CREDIT, given)


def _officer(world: World) -> None:
    _bureaus(world)
    _same_person(world)
    register.register_subject(world.platform, OFFICER_OF_CREDIT, officer())


def _same_person(world: World) -> None:
    # A person's id is random: an attempt that failed before its effect must draw the same again,
    # or the end states could not be compared.
    world.ids.counters["id:p"] = _DRAWN


def _register(world: World) -> None:
    _same_person(world)
    register.register_subject(world.platform, OFFICER_OF_CREDIT, officer())


def _import(world: World) -> None:
    _same_person(world)
    importing.import_subjects(world.platform, OFFICER_OF_CREDIT, table(*GOOD).encode())


def _change(world: World) -> None:
    register.change_registration(
        world.platform,
        OFFICER_OF_CREDIT,
        REGION,
        OFFICER_ID,
        {"employer": HOUSING, "post": "科长"},
        1,
    )


def _erase(world: World) -> None:
    register.erase_person(world.platform, OFFICER_OF_CREDIT, REGION, OFFICER_ID, "本人申请", 1)


def _look_up(world: World) -> None:
    # A body's: looking at a person leaves one entry in the trail per attempt, as it should.
    reader = reading.Reader(OFFICER_OF_CREDIT, REGION)
    sight = reading.look_up(world.platform, reader, Identification(BUREAU, "", ""))
    service.read_file(world.platform, OFFICER_OF_CREDIT, sight.subject, 1)


join("POST /v1/subjects", _bureaus, _register)
join("POST /v1/subjects/import", _nothing, _import)
join("PATCH /v1/subjects/{subject_id}", _officer, _change)
join("POST /v1/subjects/{subject_id}/erasure", _officer, _erase)
join("POST /v1/credit-files/lookup", _bureaus, _look_up)
