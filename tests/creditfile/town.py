"""The register of the made-up city over HTTP: who calls, what they register, what is on file."""

from __future__ import annotations

from typing import Any

from chalicelib.access.model import Agency
from chalicelib.access.service import authorize
from chalicelib.access.store import agency_write
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import commit
from chalicelib.creditfile.routes import routes
from chalicelib.kernel.codes import citizen_code_from
from chalicelib.policy.routes import routes as catalog_routes
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.intake.town import BUREAU, CITY, EAST, HOUSING, JURISDICTION, body_code
from tests.support.world import World
from tests.web.build import Reply, call

WEST = "329902"
OFFICE = body_code(90)
GOVERNMENT = body_code(91)
OFFICER = citizen_code_from("32990119850203021")
"""A civil servant of the bureau; made up, as everybody here."""
PURPOSE = {"Purpose-Code": "annual_review"}
APPROVED = {**PURPOSE, "Approval-Reference": "%E7%BB%84%E6%89%B9%E3%80%942026%E3%80%953%E5%8F%B7"}


def caller(role: str, **changes: Any) -> Caller:
    """A client of one role in the city's credit office."""
    values: dict[str, Any] = {
        "client_id": f"{role}-1",
        "agency_code": OFFICE,
        "agency_name": "示例市信用办",
        "jurisdiction": JURISDICTION,
        "region": CITY,
        "level": "city",
        "roles": frozenset({role}),
    }
    return Caller(**(values | changes))


def subject_client(subject_id: str) -> Caller:
    """A subject that acts for itself."""
    return caller(
        "subject", agency_code="", agency_name="", region="", level="", subject_id=subject_id
    )


CLERK = caller("clerk", agency_code=BUREAU, agency_name="示例市综合执法局")
OFFICER_OF_CREDIT = caller("credit_office")
EAST_OFFICE = caller("credit_office", client_id="east-1", region=EAST, agency_code=body_code(92))
SUPERVISOR = caller("supervisor")
PERSONNEL = caller("personnel")
AUDITOR = caller("auditor")


class Http:
    """Calls the API as any caller; the gate is not what is tried here."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.caller = OFFICER_OF_CREDIT

        def authenticate(platform: Platform, token: str) -> Caller:
            return self.caller

        self.api = edge.build(
            [routes, catalog_routes], authenticate, authorize, lambda: world.platform
        )

    def __call__(self, who: Caller, *arguments: Any, **more: Any) -> Reply:
        self.caller = who
        return call(self.api, *arguments, **more)

    def register(self, given: dict[str, Any], who: Caller = OFFICER_OF_CREDIT) -> Reply:
        """POST one registration."""
        return self(who, "POST", "/v1/subjects", given)

    def load(self, text: str, who: Caller = OFFICER_OF_CREDIT, **headers: str) -> Reply:
        """POST a CSV of subjects."""
        given = {"Content-Type": "text/csv; charset=utf-8", **headers}
        return self(who, "POST", "/v1/subjects/import", text, headers=given)


def bureau(**changes: Any) -> dict[str, Any]:
    """The registration of the bureau."""
    return {
        "kind": "department",
        "unified_code": BUREAU,
        "name": "示例市综合执法局",
        "region": CITY,
        **changes,
    }


def officer(**changes: Any) -> dict[str, Any]:
    """The registration of a civil servant of the bureau."""
    return {
        "kind": "civil_servant",
        "citizen_code": OFFICER,
        "name": "李某乙",
        "region": CITY,
        "employer": BUREAU,
        "post": "四级调研员",
        **changes,
    }


def registered_officer(http: Http) -> str:
    """The bureau and its officer are registered; the officer's id."""
    assert http.register(bureau()).status == 201
    reply = http.register(officer())
    assert reply.status == 201, reply.text
    return str(reply.json["subject_id"])


def found_agencies(world: World) -> None:
    """The bureau and the housing bureau as agencies, for their names and regions."""
    for code, name in ((BUREAU, "示例市综合执法局"), (HOUSING, "示例市住房局")):
        agency = Agency(code, name, CITY, "city", "", frozenset({"clerk"}))
        commit([agency_write(world.platform, agency)])


def trail(world: World) -> list[dict[str, Any]]:
    """The audit trail of the jurisdiction, the oldest first."""
    return list(world.platform.audit.each(f"TRAIL#{JURISDICTION}"))
