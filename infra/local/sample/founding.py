"""The agencies of the made-up city that report, and their clients, as `setup` is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from infra.local.sample.city import JURISDICTION, Body, bodies, reporters

if TYPE_CHECKING:  # `rows` imports this module, and starts with the standard library alone
    from infra.building.sources import Node

ROLE = "clerk"
DEMO_CLERK = "示例市市场监督管理局"
"""This agency's client is the demo identity `clerk` itself."""


def client_name(agency: Body) -> str:
    """The name of an agency's client at the demo issuer."""
    return ROLE if agency.name == DEMO_CLERK else f"{ROLE}-{agency.code}"


def client_names() -> tuple[str, ...]:
    """The names of all clients that report."""
    return tuple(client_name(agency) for agency in reporters())


def agencies(demo_roles: Mapping[str, str]) -> Iterator[Node]:
    """The agencies that report and those of the demo identities (unified code -> role), superiors
    first."""
    for body in bodies():
        if body.reports or body.code in demo_roles:
            yield _agency(body, demo_roles.get(body.code, ""))


def clients(client_ids: Mapping[str, str]) -> Iterator[Node]:
    """The clients of the agencies that report; `client_ids`: name -> id at the issuer."""
    for agency in reporters():
        if agency.name != DEMO_CLERK:
            yield {
                "client_id": client_ids[client_name(agency)],
                "name": f"演示报送：{agency.name}",
                "agency_code": agency.code,
                "jurisdiction": JURISDICTION,
                "roles": [ROLE],
            }


def _agency(body: Body, demo_role: str) -> Node:
    roles = {demo_role} - {""} | ({ROLE} if body.reports else set())
    return {
        "agency_code": body.code,
        "name": body.name,
        "region": body.region,
        "level": body.level,
        "superior": body.superior or None,
        "roles": [*sorted(roles)],
    }
