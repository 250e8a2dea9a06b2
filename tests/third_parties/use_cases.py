"""Third parties, joined to the fault harness."""

from __future__ import annotations

from chalicelib.third_parties import keeping, presenting, service, submitting
from chalicelib.third_parties.model import Institution, RatingSystem
from chalicelib.third_parties.views import StatementIn, SystemContentIn
from chalicelib.web.model import Scope
from tests.cases.bench import HOUSING
from tests.support.api import Api
from tests.support.faults import join
from tests.support.world import World
from tests.third_parties.builders import KEY, OTHER_KEY, jwk_of, kid_of
from tests.third_parties.campus import (
    CODE,
    CONTENT,
    INDEX,
    OFFICE,
    SENT,
    SIGNED,
    UNIVERSITY,
    open_campus,
    register_institution,
    register_system,
    registered,
    submitted,
)


def _campus_with_institution(world: World) -> None:
    open_campus(world)
    register_institution(world)


def _institution(world: World) -> Institution:
    return keeping.find_institution(world.platform, OFFICE, Scope.REGION, CODE)


def _system(world: World) -> RatingSystem:
    return keeping.find_visible_system(world.platform, OFFICE, Scope.REGION, INDEX)


def _add_key(world: World) -> None:
    keeping.add_key(world.platform, _institution(world), jwk_of(OTHER_KEY), 1)


def _retire_key(world: World) -> None:
    keeping.retire_key(world.platform, _institution(world), kid_of(KEY), 1)


def _change_system(world: World) -> None:
    content = presenting.content_of(SystemContentIn(**{**CONTENT, "title": "新的名称"}))
    keeping.change_system(world.platform, _system(world), content, 1)


def _withdraw_system(world: World) -> None:
    keeping.withdraw_system(world.platform, _system(world), "不再评价", 1)


def _prepare(world: World) -> None:
    sent = presenting.sent_of(StatementIn(**SENT))
    submitting.judge(world.platform, submitting.examine(world.platform, UNIVERSITY, sent))


def _submit(world: World) -> None:
    reply = Api(world, UNIVERSITY)("POST", "/v1/third-party-ratings", SIGNED)
    assert reply.status in (200, 201), reply.text


def _withdraw(world: World) -> None:
    rating = service.find_rating(world.platform, INDEX, "2025", HOUSING)
    assert rating is not None
    submitting.withdraw_rating(world.platform, rating, 1, "抽样有误")


join("POST /v1/third-parties", open_campus, register_institution)
join("POST /v1/third-parties/{code}/keys", registered, _add_key)
join("POST /v1/third-parties/{code}/keys/{kid}/retirement", registered, _retire_key)
join("POST /v1/rating-systems", _campus_with_institution, register_system)
join("PUT /v1/rating-systems/{system}", registered, _change_system)
join("POST /v1/rating-systems/{system}/withdrawal", registered, _withdraw_system)
join("POST /v1/third-party-ratings/statement", registered, _prepare)
join("POST /v1/third-party-ratings", registered, _submit)
join("POST /v1/third-party-ratings/{system}/{period}/{code}/withdrawal", submitted, _withdraw)
