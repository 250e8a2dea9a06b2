"""A made-up city in any place that has a pack: who is who, and records to have cases about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import app
from chalicelib.access.model import AgencyIn, Founding, Level
from chalicelib.access.register import found_platform
from chalicelib.access.service import authorize
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.web import edge
from chalicelib.web.model import Caller
from chalicelib.web.routes import Routes
from tests.cases.bench import BUREAU, GOVERNMENT, HOUSING, OFFICE
from tests.intake import town
from tests.support.world import World
from tests.web.build import Reply, call

_ROUTES = tuple(
    value
    for name, value in vars(app).items()
    if isinstance(value, Routes) and not name.startswith(("replica_", "leads_"))
)
NAMES = {
    GOVERNMENT: "示例市人民政府",
    OFFICE: "示例市信用办",
    BUREAU: "示例市综合执法局",
    HOUSING: "示例市住房局",
}
STRANGER = town.body_code(55)
ELSEWHERE = "659900"
"""A region no other of these lies in."""

SECRET = "不可外传"
"""Stands in everything personal that anybody says, so that it can be looked for."""


@dataclass
class _Door:
    """The API, built once: building it takes longer than ten requests."""

    caller: Caller | None = None
    world: World | None = None
    edge: edge.Edge | None = None

    def request(self, world: World, caller: Caller, *arguments: Any, **more: Any) -> Reply:
        if self.edge is None:
            self.edge = edge.build(
                _ROUTES,
                lambda platform, token: _there(self.caller),
                authorize,
                lambda: _there(self.world).platform,
            )
        self.caller, self.world = caller, world
        return call(self.edge, *arguments, **more)


def _there(found: Any) -> Any:
    assert found is not None
    return found


_DOOR = _Door()


@dataclass
class Place:
    """The city in one place."""

    world: World
    jurisdiction: str
    region: str = ""
    callers: dict[str, Caller] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The civil day."""
        return civil_date(self.world.clock())

    @property
    def pack(self) -> Pack:
        """The policy of the day."""
        return pack_for(self.jurisdiction, self.today)

    def ask(self, caller: Caller, method: str, path: str, body: object = None,
            version: int | None = None, key: str = "") -> Reply:  # fmt: skip
        """One request at the API."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        headers |= {"Idempotency-Key": key} if key else {}
        return _DOOR.request(self.world, caller, method, path, body, headers)

    def agency(self, code: str, *roles: str, region: str = "") -> Caller:
        """A client of an agency."""
        return Caller(
            client_id=f"{'-'.join(roles)}-{code[-4:]}-{region}",
            agency_code=code,
            agency_name=NAMES.get(code, "别处的单位"),
            jurisdiction=self.jurisdiction,
            region=region or self.region,
            level="city",
            roles=frozenset(roles),
        )

    def speaker(self, subject_id: str) -> Caller:
        """A client that speaks for a subject."""
        return Caller(
            client_id=f"subject-{subject_id[-4:]}",
            agency_code="",
            agency_name="",
            jurisdiction=self.jurisdiction,
            region="",
            level="",
            roles=frozenset({"subject"}),
            subject_id=subject_id,
        )

    def register(self, named: Identification, kind: str, **details: str) -> str:
        """Register a subject; its id."""
        platform = self.world.platform
        subject = files.new_subject(
            platform,
            named,
            kind=kind,
            jurisdiction=self.jurisdiction,
            region=self.region,
            registered=True,
            details=details,
        )
        mac = files.code_mac(platform.keyring, named.citizen_code) if named.is_person else ""
        commit(files.subject_writes(platform, subject, mac))
        return subject.subject_id

    def report(self, sent: Mapping[str, Any]) -> Reply:
        """The bureau's clerk reports a record."""
        return self.ask(self.callers["source_agency"], "POST", "/v1/records", dict(sent))


def found(world: World, jurisdiction: str) -> Place:
    """A city with its government, credit office, two bureaus and an official."""
    place = Place(world, jurisdiction)
    place.region = next(iter(place.pack.regions), "329900")
    agencies = [
        AgencyIn(
            agency_code=code,
            name=name,
            region=place.region,
            level=Level.CITY,
            superior=None if code == GOVERNMENT else GOVERNMENT,
            roles=["clerk", "credit_office", "supervisor", "personnel"],
        )
        for code, name in NAMES.items()
    ]
    found_platform(world.platform, Founding(agencies=agencies))
    for code, name in NAMES.items():
        kind = "government" if code == GOVERNMENT else "department"
        above = "" if code == GOVERNMENT else GOVERNMENT
        place.register(Identification(code, "", name), kind, superior=above)
    everything = ("clerk", "supervisor", "credit_office")
    place.callers = {
        "source_agency": place.agency(BUREAU, "clerk", "supervisor"),
        "superior": place.agency(GOVERNMENT, "supervisor", "clerk"),
        "credit_office": place.agency(OFFICE, "credit_office", "clerk"),
        "own_body": place.agency(HOUSING, *everything),
        "stranger": place.agency(STRANGER, *everything, region=ELSEWHERE),
        "auditor": place.agency(town.body_code(92), "auditor"),
        "idle": place.agency(BUREAU, "personnel"),
        "other_subject": place.speaker(files.body_id(GOVERNMENT)),
    }
    return place


def settle_official(place: Place) -> str:
    """An official of the housing bureau is registered; the id."""
    named = Identification("", town.OFFICIAL, "张某甲")
    return place.register(named, "civil_servant", employer=HOUSING)


def about_body(place: Place, number: int, severity: str, decided_on: str) -> dict[str, Any]:
    """A breach of the housing bureau, its two notices delivered."""
    fields = example_fields(place.pack.types["commitment_breach"], place.today)
    own = {
        "determination_number": f"示信认〔2026〕{number}号",
        "severity": severity,
        "determined_by_code": BUREAU,
        "determined_on": decided_on,
    }
    return {
        "type": "commitment_breach",
        "subject": {"unified_code": HOUSING, "name": NAMES[HOUSING]},
        "fields": fields | own,
        "notices": {
            "decision_delivered_on": decided_on,
            "repair_delivered_on": decided_on,
            "proof": "送达回证",
        },
    }


def about_official(place: Place, number: int, decided_on: str) -> dict[str, Any]:
    """A sanction of the official."""
    fields = example_fields(place.pack.types["public_official_discipline"], place.today)
    own = {"decision_number": f"示政务处〔2026〕{number}号", "decided_on": decided_on}
    return {
        "type": "public_official_discipline",
        "subject": {"citizen_code": town.OFFICIAL, "name": "张某甲"},
        "fields": fields | own,
    }


def as_text(body: object) -> str:
    """A body as it is sent."""
    return json.dumps(body, ensure_ascii=False)
