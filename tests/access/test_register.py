"""The register on (in-process) DynamoDB: who is a caller, who may change the register, founding."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access import audit, register, store
from chalicelib.access.handlers import setup_on
from chalicelib.access.model import AgencyChange, AgencyIn, ClientChange, ClientIn, Level
from chalicelib.access.service import authenticate, find_agency, permissions_of
from chalicelib.aws.calls import Call, observed
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
)
from chalicelib.web.model import Caller, Scope
from tests.access.build import (
    CITY_BUREAU,
    CITY_OFFICE,
    COUNTY_BUREAU,
    OTHER_CITY,
    Issuer,
    Time,
    agency_code,
    founding,
)

pytestmark = pytest.mark.requirement("R-26")


def office(platform: Platform, issuer: Issuer) -> Caller:
    return authenticate(platform, issuer.token("credit_office-1"))


class Calls:
    def __init__(self) -> None:
        self.made: list[Call] = []

    def before(self, call: Call) -> None:
        self.made.append(call)

    def after(self, call: Call, capacity: float) -> None:
        pass


def test_a_registered_client_is_a_caller(platform: Platform, issuer: Issuer) -> None:
    caller = authenticate(platform, issuer.token("clerk-county"))
    assert caller == Caller(
        client_id="clerk-county",
        agency_code=COUNTY_BUREAU,
        agency_name="示例县教育局",
        jurisdiction="nanjing",
        region="990102",
        level="county",
        roles=frozenset({"clerk"}),
    )
    subject = authenticate(platform, issuer.token("subject-1"))
    assert (subject.subject_id, subject.agency_code, subject.region) == ("sub_1", "", "")
    assert permissions_of(subject)["credit_files.read"] == "own"


def test_the_register_is_asked_once_a_minute(
    platform: Platform, issuer: Issuer, time: Time
) -> None:
    calls, token = Calls(), issuer.token("clerk-1")
    with observed(calls):
        for _ in range(3):
            authenticate(platform, token)
    assert len(calls.made) == 2  # the client and its agency
    time.pass_(60)
    with observed(calls):
        authenticate(platform, token)
    assert len(calls.made) == 4


def test_unknown_and_stopped_clients_are_nobody(
    platform: Platform, issuer: Issuer, time: Time
) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        authenticate(platform, issuer.token("stranger"))
    assert refusal.value.code == "unknown_client"
    authenticate(platform, issuer.token("clerk-county"))
    me = office(platform, issuer)
    register.change_client(platform, me, "clerk-county", ClientChange(active=False), 1)
    time.pass_(61)
    with pytest.raises(Unauthenticated):
        authenticate(platform, issuer.token("clerk-county"))
    register.change_agency(platform, me, CITY_BUREAU, AgencyChange(active=False), 1)
    register.register_client(
        platform,
        me,
        ClientIn(
            client_id="late",
            name="迟到",
            agency_code=CITY_BUREAU,
            jurisdiction="nanjing",
            roles=["clerk"],
        ),
    )
    with pytest.raises(Unauthenticated):
        authenticate(platform, issuer.token("late"))


def test_a_role_taken_from_the_agency_is_taken_from_its_clients(
    platform: Platform, issuer: Issuer, time: Time
) -> None:
    me = office(platform, issuer)
    body = new_agency(roles=["clerk", "personnel"])
    agency, _ = register.register_agency(platform, me, body)
    client = new_client("p9", agency_code=agency.agency_code, roles=["personnel"])
    register.register_client(platform, me, client)
    assert authenticate(platform, issuer.token("p9")).roles == {"personnel"}
    change = AgencyChange(roles=["clerk", "credit_office"])
    register.change_agency(platform, me, agency.agency_code, change, 1)
    time.pass_(61)
    assert authenticate(platform, issuer.token("p9")).roles == frozenset()


@pytest.mark.parametrize(
    "change", [{"active": False}, {"roles": ["clerk"]}, {"roles": ["clerk", "auditor"]}], ids=str
)
def test_nobody_stops_or_strips_its_own_auditor(
    platform: Platform, issuer: Issuer, change: dict[str, Any]
) -> None:
    me = office(platform, issuer)
    with pytest.raises(Forbidden):
        register.change_client(platform, me, "auditor-1", ClientChange(**change), 1)
    with pytest.raises(Forbidden):
        register.change_agency(platform, me, CITY_OFFICE, AgencyChange(**change), 1)
    assert authenticate(platform, issuer.token("auditor-1")).roles == {"auditor"}
    renamed = register.change_client(platform, me, "auditor-1", ClientChange(name="审计"), 1)
    assert (renamed.name, renamed.roles) == ("审计", {"auditor"})
    agency = register.change_agency(platform, me, CITY_OFFICE, AgencyChange(name="新名"), 1)
    assert agency.name == "新名" and "auditor" in agency.roles
    with pytest.raises(Forbidden):
        moved = AgencyChange(superior=CITY_BUREAU)
        register.change_agency(platform, me, CITY_OFFICE, moved, 2)


def new_client(client_id: str, **more: object) -> ClientIn:
    values = {
        "client_id": client_id,
        "name": client_id,
        "agency_code": CITY_BUREAU,
        "jurisdiction": "nanjing",
        "roles": ["clerk"],
        **more,
    }
    return ClientIn.model_validate(values)


def test_a_client_speaks_only_for_subjects_of_the_office_s_own_region(
    platform: Platform, issuer: Issuer
) -> None:
    me = office(platform, issuer)
    for subject_id in ("p_theirs", "p_nobody"):
        body = new_client("s1", agency_code=None, roles=["subject"], subject_id=subject_id)
        with pytest.raises(Invalid) as refusal:
            register.register_client(platform, me, body)
        assert [fault.code for fault in refusal.value.faults] == ["unknown_subject"]
    ours = new_client("s1", agency_code=None, roles=["subject"], subject_id="p_ours")
    client, is_new = register.register_client(platform, me, ours)
    assert is_new and client.subject_id == "p_ours"
    readers = audit.list_readers(platform, "p_ours", 9, None).items
    assert [entry["action"] for entry in readers] == ["register_client"]  # the subject sees it


@pytest.mark.parametrize("more", [{}, {"agency_code": None, "roles": ["subject"]}], ids=str)
def test_a_client_is_of_the_office_s_own_jurisdiction(
    platform: Platform, issuer: Issuer, more: dict[str, Any]
) -> None:
    if more:
        more = {**more, "subject_id": "p_ours"}
    with pytest.raises(Invalid) as refusal:
        body = new_client("c9", jurisdiction="nosuch", **more)
        register.register_client(platform, office(platform, issuer), body)
    assert [fault.code for fault in refusal.value.faults] == ["other_jurisdiction"]
    assert store.load_client(platform, "c9") is None


def test_every_appointment_is_in_the_trail_once(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    agency, _ = register.register_agency(platform, me, new_agency())
    register.register_agency(platform, me, new_agency())
    register.register_client(platform, me, new_client("c9"))
    register.change_client(platform, me, "c9", ClientChange(active=False), 1)
    register.change_client(platform, me, "c9", ClientChange(active=False), 1)
    register.change_agency(platform, me, CITY_BUREAU, AgencyChange(name="新名"), 1)
    with pytest.raises(PreconditionFailed):
        register.change_agency(platform, me, CITY_BUREAU, AgencyChange(name="旧名"), 1)
    entries = [
        audit.entry_from(item) for item in audit.list_trail(platform, "nanjing", 9, None).items
    ]
    assert [(entry.action, entry.subject_id) for entry in reversed(entries)] == [
        ("register_agency", f"agency:{agency.agency_code}"),
        ("register_client", "client:c9"),
        ("change_client", "client:c9"),
        ("change_agency", f"agency:{CITY_BUREAU}"),
    ]
    assert {entry.client_id for entry in entries} == {me.client_id}
    assert "停用" in entries[1].purpose and "clerk" in entries[1].purpose
    assert audit.verify_trail(platform, "nanjing").is_intact


def new_agency(number: int = 50, region: str = "990102", **more: object) -> AgencyIn:
    values = {
        "agency_code": agency_code(number, region[:6]),
        "name": "示例县统计局",
        "region": region,
        "level": Level.COUNTY,
        "roles": ["clerk"],
        **more,
    }
    return AgencyIn.model_validate(values)


def test_registering_twice_is_registering_once(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    body = new_agency(superior=CITY_BUREAU)
    agency, is_new = register.register_agency(platform, me, body)
    assert is_new and find_agency(platform, agency.agency_code) == agency
    assert register.register_agency(platform, me, body) == (agency, False)
    with pytest.raises(Conflict):
        register.register_agency(platform, me, new_agency(superior=CITY_BUREAU, name="别名"))
    client = ClientIn(
        client_id="c9",
        name="九",
        agency_code=agency.agency_code,
        jurisdiction="nanjing",
        roles=["clerk"],
    )
    first, is_new = register.register_client(platform, me, client)
    assert is_new
    assert register.register_client(platform, me, client) == (first, False)


def test_only_within_the_region_and_never_an_auditor(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    with pytest.raises(Forbidden):
        register.register_agency(platform, me, new_agency(region="990200"))
    with pytest.raises(Forbidden):
        register.register_agency(platform, me, new_agency(roles=["auditor"]))
    with pytest.raises(Forbidden):
        register.change_agency(platform, me, OTHER_CITY, AgencyChange(name="我的"), 1)
    with pytest.raises(Forbidden):
        register.change_client(platform, me, "clerk-1", ClientChange(roles=["clerk", "auditor"]), 1)
    for body in (
        ClientIn(
            client_id="x", name="x", agency_code=OTHER_CITY, jurisdiction="nanjing", roles=["clerk"]
        ),
        ClientIn(
            client_id="x",
            name="x",
            agency_code=CITY_OFFICE,
            jurisdiction="nanjing",
            roles=["auditor"],
        ),
    ):
        with pytest.raises(Forbidden):
            register.register_client(platform, me, body)
    with pytest.raises(NotFound):
        register.change_client(platform, me, "clerk-other", ClientChange(active=False), 1)
    assert store.load_client(platform, "clerk-other").active  # type: ignore[union-attr]


def test_references_must_exist(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    with pytest.raises(Invalid) as refusal:
        register.register_agency(platform, me, new_agency(superior=agency_code(77)))
    assert refusal.value.faults[0].code == "unknown_agency"
    code = agency_code(50, "990102")
    with pytest.raises(Invalid) as refusal:
        register.register_agency(platform, me, new_agency(superior=code))
    assert refusal.value.faults[0].code == "own_superior"
    with pytest.raises(Invalid):
        register.register_client(
            platform,
            me,
            ClientIn(
                client_id="x",
                name="x",
                agency_code=agency_code(77),
                jurisdiction="nanjing",
                roles=["clerk"],
            ),
        )
    with pytest.raises(Invalid) as refusal:
        register.register_client(
            platform,
            me,
            ClientIn(
                client_id="x",
                name="x",
                agency_code=CITY_BUREAU,
                jurisdiction="nanjing",
                roles=["supervisor"],
            ),
        )
    assert refusal.value.faults[0].code == "role_beyond_agency"
    with pytest.raises(Invalid):
        register.change_client(platform, me, "clerk-1", ClientChange(roles=["subject"]), 1)


def test_an_old_version_is_not_changed(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    changed = register.change_agency(platform, me, CITY_BUREAU, AgencyChange(name="新名"), 1)
    assert (changed.name, changed.version) == ("新名", 2)
    with pytest.raises(PreconditionFailed):
        register.change_agency(platform, me, CITY_BUREAU, AgencyChange(name="旧名"), 1)
    register.change_client(platform, me, "clerk-1", ClientChange(name="甲"), 1)
    with pytest.raises(PreconditionFailed):
        register.change_client(platform, me, "clerk-1", ClientChange(name="乙"), 1)


def test_lists_stay_within_region_and_page(platform: Platform, issuer: Issuer) -> None:
    page = register.list_agencies(platform, "990100", 2, None)
    rest = register.list_agencies(platform, "990100", 9, page.next_start)
    codes = [agency.agency_code for agency in (*page.items, *rest.items)]
    assert codes == [*sorted([CITY_OFFICE, CITY_BUREAU]), COUNTY_BUREAU]
    me = office(platform, issuer)
    within = register.list_clients(platform, me, Scope.REGION, 50, None).items
    assert "clerk-other" not in {client.client_id for client in within}
    everything = register.list_clients(platform, me, Scope.ALL, 50, None).items
    assert {"clerk-other", "subject-1"} <= {client.client_id for client in everything}
    assert register.read_client(platform, me, Scope.REGION, "clerk-county").client_id
    with pytest.raises(NotFound):
        register.read_client(platform, me, Scope.REGION, "clerk-other")


def test_founding_again_changes_nothing(platform: Platform, issuer: Issuer) -> None:
    me = office(platform, issuer)
    register.change_agency(platform, me, CITY_BUREAU, AgencyChange(name="新名"), 1)
    keyring = platform.keyring.to_bytes()
    done = setup_on(platform, founding().model_dump(mode="json"))
    there = len(founding().agencies) + len(founding().clients)
    assert done == {"added": 0, "already_there": there}
    assert platform.create_keyring().to_bytes() == keyring
    assert register.read_agency(platform, CITY_BUREAU).name == "新名"


def test_founding_refuses_a_client_of_nobody(platform: Platform) -> None:
    event = {
        "clients": [
            {
                "client_id": "x",
                "name": "x",
                "agency_code": agency_code(88),
                "jurisdiction": "nanjing",
                "roles": ["clerk"],
            }
        ]
    }
    with pytest.raises(Invalid) as refusal:
        setup_on(platform, event)
    assert refusal.value.faults[0].pointer == "/clients/0/agency_code"
