"""The deeds of access, joined to the fault harness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.access import exceptions, register
from chalicelib.access.handlers import setup_on
from chalicelib.access.model import AgencyChange, AgencyIn, ClientChange, ClientIn, Level
from chalicelib.access.routes import routes
from chalicelib.access.routes_exceptions import routes as exception_routes
from chalicelib.access.service import authorize
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Unavailable
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.access.build import CITY_BUREAU, CITY_OFFICE, ISSUER, agency_code, founding
from tests.support.faults import join
from tests.support.world import World
from tests.web.build import call

OFFICE = Caller(
    "credit_office-1",
    CITY_OFFICE,
    "示例市信用办",
    "nanjing",
    "990100",
    "city",
    frozenset({"credit_office"}),
)
AGENCY = AgencyIn(
    agency_code=agency_code(70),
    name="示例市水务局",
    region="990100",
    level=Level.CITY,
    roles=["clerk"],
)
CLIENT = ClientIn(
    client_id="clerk-70",
    name="水务局报送",
    agency_code=CITY_BUREAU,
    jurisdiction="nanjing",
    roles=["clerk"],
)


def _platform(world: World) -> Platform:
    """The world's platform with an issuer, without which access does not run."""
    found = world.platform
    # An entry's id is random: an attempt that failed before its effect must draw the same again.
    world.ids.counters["id:aud"] = 0
    return Platform(replace(found.settings, oidc_issuer=ISSUER), found.clock, found.ids)


def _found(world: World) -> object:
    return setup_on(_platform(world), founding().model_dump(mode="json"))


def _post(path: str, body: dict[str, Any]) -> Any:
    def act(world: World) -> None:
        """Over HTTP with an Idempotency-Key, the edge keeping the answer."""
        platform = _platform(world)
        found = [routes, exception_routes]
        api = edge.build(found, lambda _, token: OFFICE, authorize, lambda: platform)
        reply = call(api, "POST", path, body, {"Idempotency-Key": "k-70"})
        if reply.status == 503:
            raise Unavailable(reply.text)
        assert reply.status in (200, 201), reply.text

    return act


join("setup", lambda world: None, _found)
join("POST /v1/agencies", _found, _post("/v1/agencies", AGENCY.model_dump(mode="json")))
join("POST /v1/clients", _found, _post("/v1/clients", CLIENT.model_dump(mode="json")))
join(
    "PATCH /v1/agencies/{agency_code}",
    _found,
    lambda world: register.change_agency(
        _platform(world), OFFICE, CITY_BUREAU, AgencyChange(name="新名"), 1
    ),
)
join(
    "PATCH /v1/clients/{client_id}",
    _found,
    lambda world: register.change_client(
        _platform(world), OFFICE, "clerk-county", ClientChange(active=False), 1
    ),
)


EXCEPTION = {
    "unified_code": "91350100M0001TGQXM",
    "name": "示例有限公司",
    "reason": "试点期间赋码，校验位与标准不符",
    "evidence": "营业执照副本已核验",
}


def _listed(world: World) -> None:
    _found(world)
    _post("/v1/code-exceptions", EXCEPTION)(world)


def _revoke(world: World) -> object:
    code = EXCEPTION["unified_code"]
    return exceptions.revoke_exception(_platform(world), OFFICE, code, "已换发新代码", 1)


join("POST /v1/code-exceptions", _found, _post("/v1/code-exceptions", EXCEPTION))
join("POST /v1/code-exceptions/{unified_code}/revocation", _listed, _revoke)
