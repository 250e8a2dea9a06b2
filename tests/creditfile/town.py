"""The register of the made-up city over HTTP: who calls, what they register, what is on file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.access.model import Agency
from chalicelib.access.service import authorize
from chalicelib.access.store import agency_write
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service
from chalicelib.creditfile.routes import routes
from chalicelib.kernel.codes import citizen_code_from
from chalicelib.policy.example import example_fields
from chalicelib.policy.routes import routes as catalog_routes
from chalicelib.policy.service import pack_for
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.intake import town as intake
from tests.intake.town import BUREAU, CITY, EAST, HOUSING, JURISDICTION, OFFICIAL, body_code
from tests.support.world import World
from tests.web.build import Reply, call

TODAY = date(2026, 6, 15)
SECRETS = (OFFICIAL, "张某甲", "示政务处〔2026〕1号", "未按规定履行审核职责")
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
SUPERVISOR = caller("supervisor", agency_code=GOVERNMENT, agency_name="示例市人民政府")
"""Of the government; what stands below it is what the register says (`stand_below`)."""
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


def stand_below(world: World, top: str, *codes: str) -> None:
    """Put registered bodies below another one; officials follow their employer."""
    for code in codes:
        before = service.find_subject(world.platform, service.body_id(code))
        after = replace(before, superior=top, registered=True)
        commit(service.register_again(world.platform, before, after))


def employ(world: World, subject_id: str, employer: str) -> None:
    """Move an official to another body."""
    before = service.find_subject(world.platform, subject_id)
    after = replace(before, employer=employer)
    commit(service.register_again(world.platform, before, after))


def found_agencies(world: World) -> None:
    """The bureau and the housing bureau as agencies, for their names and regions."""
    for code, name in ((BUREAU, "示例市综合执法局"), (HOUSING, "示例市住房局")):
        agency = Agency(code, name, CITY, "city", "", frozenset({"clerk"}))
        commit([agency_write(world.platform, agency)])


def trail(world: World) -> list[dict[str, Any]]:
    """The audit trail of the jurisdiction, the oldest first."""
    return list(world.platform.audit.each(f"TRAIL#{JURISDICTION}"))


def submit(world: World, sent: dict[str, Any], who: Any = None) -> str:
    """Submit a record; its id."""
    answer = intake.submit(world, sent, who)
    assert answer.status == 201, answer.body
    return str(answer.body.record_id)  # type: ignore[union-attr]


def official_id(world: World) -> str:
    """The id of the official of the intake town."""
    named = service.Identification("", OFFICIAL, "")
    return service.find_by_code(world.platform, named).subject_id


def breach() -> dict[str, Any]:
    """A dishonesty record of the housing bureau."""
    return about_housing("commitment_breach")


def about_housing(code: str) -> dict[str, Any]:
    """The example of a record type, about the housing bureau."""
    kind = pack_for("nanjing", TODAY).types[code]
    return {
        "type": code,
        "subject": {"unified_code": HOUSING, "name": "示例市住房局"},
        "fields": example_fields(kind, TODAY),
    }


def file_of(http: Http, subject_id: str, who: Any = OFFICER_OF_CREDIT, **headers: str) -> Any:
    """A credit file, read with a purpose."""
    path = f"/v1/credit-files/{subject_id}"
    return http(who, "GET", path, headers={**PURPOSE, **headers})


def values_of(record: dict[str, Any]) -> dict[str, Any]:
    """The field values of a record as shown."""
    return {field["code"]: field["value"] for field in record["fields"]}
