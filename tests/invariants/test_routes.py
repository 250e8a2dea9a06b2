"""Every route says who may, and the whole API as deployed holds to it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

import app
from chalicelib.access.permissions import PERMISSIONS, ROLES
from chalicelib.access.service import authorize
from chalicelib.kernel.settings import Settings
from chalicelib.web import edge
from chalicelib.web.model import Caller
from chalicelib.web.routes import PUBLIC, RouteSpec
from tests.support.api import PRIVATE_ROUTES
from tests.web.build import CONTEXT, Reply, call, event

MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}
PRIVATE = app.private_api.specs
OPEN = (*app.public_api.specs, *app.leads_api.specs)


def ids(spec: RouteSpec) -> str:
    return f"{spec.method} {spec.path}"


def path_of(spec: RouteSpec) -> str:
    return re.sub(r"\{\w+\}", "x", spec.path)


def test_every_room_with_routes_is_served() -> None:
    assert {ids(spec) for routes in PRIVATE_ROUTES for spec in routes.specs} >= {
        ids(spec) for spec in PRIVATE
    }
    assert len(PRIVATE) > 25 and len(OPEN) > 10


def test_routes_and_the_table_of_rights_name_the_same_operations() -> None:
    named = {spec.operation for spec in PRIVATE}
    assert named <= set(PERMISSIONS), "a route without right"
    assert set(PERMISSIONS) <= named, "a right without route"
    assert {spec.operation for spec in OPEN} == {PUBLIC}


def test_private_and_open_paths_never_meet() -> None:
    assert all(spec.path.startswith("/v1/") for spec in PRIVATE)
    assert not [ids(spec) for spec in OPEN if spec.path.startswith("/v1/")]


@pytest.mark.requirement("R-26")
@pytest.mark.parametrize("spec", PRIVATE, ids=ids)
@pytest.mark.parametrize("authorization", ["", "Basic dTpw", "Bearer", "Bearer a b"])
def test_without_a_token_nobody_gets_in(spec: RouteSpec, authorization: str) -> None:
    headers = {"Authorization": authorization}
    body: Any = {} if spec.method in ("POST", "PUT", "PATCH") else None
    reply = Reply(app.api(event(spec.method, path_of(spec), body, headers), CONTEXT))
    assert (reply.status, reply.code) == (401, "unauthenticated")
    assert set(reply.json) == MEMBERS
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.requirement("R-26")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_no_route_it_has_no_right_to(role: str) -> None:
    caller = Caller("c-1", "A", "局", "nanjing", "329900", "city", frozenset({role}))
    platform: Any = SimpleNamespace(settings=Settings(stage="test"))
    api = edge.build(PRIVATE_ROUTES, lambda p, t: caller, authorize, lambda: platform)
    refused = 0
    for spec in PRIVATE:
        if role in PERMISSIONS[spec.operation]:
            continue
        # No body: whoever has no right is not told what a right request would be.
        reply = call(api, spec.method, path_of(spec))
        assert (reply.status, reply.code) == (403, "forbidden"), ids(spec)
        assert set(reply.json) == MEMBERS
        refused += 1
    assert refused, "no role may do everything"
