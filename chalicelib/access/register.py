"""Keeping the register: who is an agency, which clients act for it, who may appoint whom.

Every appointment is in the audit trail, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.access import store
from chalicelib.access.audit import record_deed
from chalicelib.access.exceptions import check_code
from chalicelib.access.jwks import check_issuer
from chalicelib.access.model import (
    Agency,
    AgencyChange,
    AgencyIn,
    Client,
    ClientChange,
    ClientIn,
    Founding,
)
from chalicelib.access.permissions import FOUNDING_ONLY_ROLES, SUBJECT
from chalicelib.access.rules import may_act_on, may_appoint, region_covers, significant_part
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Put, commit
from chalicelib.kernel.codes import CODE_MESSAGES, unified_code_fault
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    PreconditionFailed,
)
from chalicelib.web.model import Caller, Scope

Entry = TypeVar("Entry", Agency, Client)

SubjectRegion = Callable[[Platform, str], str | None]
"""The region of the subject of an id; None if nobody knows it."""


def _unknown_subjects(platform: Platform, subject_id: str) -> str | None:
    raise Misconfigured("没有接入信用主体名册，不能登记信用主体的客户端")


_subject_region: SubjectRegion = _unknown_subjects


def know_subjects(find_region: SubjectRegion) -> None:
    """Say how the region of a subject is found: subjects live in a room above this one."""
    global _subject_region
    _subject_region = find_region


@dataclass(frozen=True, slots=True)
class AgencyPage:
    """One page of agencies and where the next one starts."""

    items: tuple[Agency, ...]
    next_start: Item | None


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One page of clients and where the next one starts."""

    items: tuple[Client, ...]
    next_start: Item | None


def read_agency(platform: Platform, agency_code: str) -> Agency:
    """A registered agency (the register of agencies is open to all staff). Raises NotFound."""
    agency = store.load_agency(platform, agency_code)
    if agency is None:
        raise NotFound("没有这个单位")
    return agency


def list_agencies(platform: Platform, region: str, limit: int, start: Item | None) -> AgencyPage:
    """Agencies of `region` and below (all if empty), by region and code."""
    page = store.list_register(platform, store.AGENCY, significant_part(region), limit, start)
    return AgencyPage(tuple(store.agency_from(item) for item in page.items), page.next_start)


def register_agency(platform: Platform, caller: Caller, body: AgencyIn) -> tuple[Agency, bool]:
    """Register an agency of the caller's region; (agency, whether it is new). The same again is
    answered alike. Raises Forbidden, Invalid, Conflict."""
    agency = _agency_from(body)
    if not may_appoint(caller.region, agency.region, agency.roles):
        raise Forbidden(_appointing(agency.roles, "只能登记本行政区划内的单位"))
    check_code(platform, agency.agency_code, "/agency_code")
    _check_superior(platform, agency)
    deed = _Appointment(platform, caller, "register_agency", store.agency_write(platform, agency))
    return _put_if_absent(deed, agency, store.agency_from)


def change_agency(
    platform: Platform, caller: Caller, agency_code: str, body: AgencyChange, version: int
) -> Agency:
    """Change an agency of the caller's region that still has `version`.
    Raises NotFound, Forbidden, Invalid, PreconditionFailed."""
    agency = read_agency(platform, agency_code)
    if not region_covers(caller.region, agency.region):
        raise Forbidden("只能修改本行政区划内的单位")
    changed = replace(
        agency,
        name=agency.name if body.name is None else body.name,
        superior=agency.superior if body.superior is None else body.superior,
        roles=agency.roles if body.roles is None else frozenset(body.roles),
        active=agency.active if body.active is None else body.active,
    )
    if changed == agency and agency.version == version + 1:
        return agency  # a retry: the first attempt took effect, its answer got lost
    changed = replace(changed, version=version + 1)
    _check_founding_only(agency, changed)
    if not may_appoint(caller.region, agency.region, changed.roles - agency.roles):
        raise Forbidden(_appointing(changed.roles - agency.roles, "只能修改本行政区划内的单位"))
    _check_superior(platform, changed)
    _check_version(agency.version, version)
    write = store.agency_write(platform, changed)
    _commit_change(_Appointment(platform, caller, "change_agency", write), changed)
    return changed


def read_client(platform: Platform, caller: Caller, scope: Scope, client_id: str) -> Client:
    """A registered client within the caller's scope. Raises NotFound."""
    client, region = _client_and_region(platform, client_id)
    if not may_act_on(caller, scope, client.agency_code, region, client.subject_id):
        raise NotFound("没有这个客户端")
    return client


def list_clients(
    platform: Platform, caller: Caller, scope: Scope, limit: int, start: Item | None
) -> ClientPage:
    """Clients within the caller's scope, by region and id."""
    prefix = "" if scope is Scope.ALL else significant_part(caller.region)
    page = store.list_register(platform, store.CLIENT, prefix, limit, start)
    return ClientPage(tuple(store.client_from(item) for item in page.items), page.next_start)


def register_client(platform: Platform, caller: Caller, body: ClientIn) -> tuple[Client, bool]:
    """Register a client of an agency of the caller's region, or of a subject; (client, whether
    it is new). Raises Forbidden, Invalid, Conflict."""
    client = _client_from(body)
    region = caller.region
    if client.agency_code:
        agency = store.load_agency(platform, client.agency_code)
        if agency is None:
            raise _unknown_agency("/agency_code")
        _check_client_roles(client.roles, agency)
        region = agency.region
    if not may_appoint(caller.region, region, client.roles):
        raise Forbidden(_appointing(client.roles, "只能登记本行政区划内单位的客户端"))
    _check_jurisdiction(caller, client)
    _check_subject(platform, caller, client)
    write = store.client_write(platform, client, region)
    deed = _Appointment(platform, caller, "register_client", write)
    return _put_if_absent(deed, client, store.client_from)


def change_client(
    platform: Platform, caller: Caller, client_id: str, body: ClientChange, version: int
) -> Client:
    """Change a client of the caller's region that still has `version`; it takes effect
    everywhere within a minute. Raises NotFound, Forbidden, Invalid, PreconditionFailed."""
    client, region = _client_and_region(platform, client_id)
    if not region_covers(caller.region, region):
        raise NotFound("没有这个客户端")
    changed = replace(
        client,
        name=client.name if body.name is None else body.name,
        roles=client.roles if body.roles is None else frozenset(body.roles),
        active=client.active if body.active is None else body.active,
    )
    if changed == client and client.version == version + 1:
        return client  # a retry, see change_agency
    changed = replace(changed, version=version + 1)
    _check_founding_only(client, changed)
    if (SUBJECT in changed.roles) != (SUBJECT in client.roles):
        raise Invalid(
            faults=[Fault("/roles", "subject_alone", "信用主体的客户端与工作人员的客户端不能互换")]
        )
    agency = store.load_agency(platform, client.agency_code) if client.agency_code else None
    if agency is not None:
        _check_client_roles(changed.roles, agency)
    if not may_appoint(caller.region, region, changed.roles - client.roles):
        raise Forbidden(_appointing(changed.roles - client.roles, "只能修改本行政区划内的客户端"))
    _check_version(client.version, version)
    write = store.client_write(platform, changed, region)
    _commit_change(_Appointment(platform, caller, "change_client", write), changed)
    return changed


@dataclass(frozen=True, slots=True)
class Founded:
    """What founding did: new entries, and entries that were there already."""

    added: int
    already_there: int


def found_platform(platform: Platform, founding: Founding) -> Founded:
    """Make the keyring and the log's key if there are none, register the founding agencies and
    clients. Safe to repeat: what is registered stays as it is, also where it has been changed
    since. Raises Invalid for a client of an unknown agency, Misconfigured for an unsafe issuer."""
    check_issuer(platform.settings)
    platform.create_keyring()
    platform.create_log_key()
    agencies = [_agency_from(body) for body in founding.agencies]
    for index, agency in enumerate(agencies):
        fault = unified_code_fault(agency.agency_code)  # there is no list of exceptions yet
        if fault is not None:
            pointer = f"/agencies/{index}/agency_code"
            raise Invalid(faults=[Fault(pointer, fault, CODE_MESSAGES[fault])])
    added = sum(_added(store.agency_write(platform, agency)) for agency in agencies)
    regions = {agency.agency_code: agency.region for agency in agencies}
    for index, body in enumerate(founding.clients):
        client = _client_from(body)
        if client.agency_code and client.agency_code not in regions:
            found = store.load_agency(platform, client.agency_code)
            if found is None:
                raise _unknown_agency(f"/clients/{index}/agency_code")
            regions[client.agency_code] = found.region
        region = regions.get(client.agency_code, "")
        added += _added(store.client_write(platform, client, region))
    return Founded(added, len(founding.agencies) + len(founding.clients) - added)


def _added(write: Put) -> bool:
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True


def _agency_from(body: AgencyIn) -> Agency:
    return Agency(
        agency_code=body.agency_code,
        name=body.name,
        region=body.region,
        level=body.level.value,
        superior=body.superior or "",
        roles=frozenset(body.roles),
    )


def _client_from(body: ClientIn) -> Client:
    return Client(
        client_id=body.client_id,
        name=body.name,
        agency_code=body.agency_code or "",
        jurisdiction=body.jurisdiction,
        roles=frozenset(body.roles),
        subject_id=body.subject_id or "",
    )


def _client_and_region(platform: Platform, client_id: str) -> tuple[Client, str]:
    found = store.load_client_and_region(platform, client_id)
    if found is None:
        raise NotFound("没有这个客户端")
    return found


@dataclass(frozen=True, slots=True)
class _Appointment:
    """A write to the register and who makes it."""

    platform: Platform
    caller: Caller
    action: str
    write: Put

    def commit(self, entry: Agency | Client) -> None:
        """Write it together with its entry in the audit trail. Raises ConditionFailed."""
        place, detail = _noted(entry)
        record_deed(self.platform, self.caller, self.action, place, detail, [self.write])


def _noted(entry: Agency | Client) -> tuple[str, str]:
    """What the trail says of an appointment: about whom, and what they are from now on."""
    roles, state = "、".join(sorted(entry.roles)), "启用" if entry.active else "停用"
    if isinstance(entry, Agency):
        place = f"agency:{entry.agency_code}"
    else:
        place = entry.subject_id or f"client:{entry.client_id}"
    who = entry.agency_code if isinstance(entry, Agency) else entry.client_id
    return place, f"第 {entry.version} 版，角色 {roles}，{state}：{who}"


def _put_if_absent(
    deed: _Appointment, entry: Entry, read: Callable[[Item], Entry]
) -> tuple[Entry, bool]:
    try:
        deed.commit(entry)
    except ConditionFailed as error:
        item = error.items[0]
        if item is None:
            raise
        there = read(item)
        if replace(there, version=1) != entry:
            raise Conflict("已经登记过，内容不同；请读取现有登记后用 PATCH 修改") from error
        return there, False
    return entry, True


def _check_founding_only(before: Entry, after: Entry) -> None:
    """The credit office must not stop or strip those who audit it: only their name is its affair.
    Raises Forbidden."""
    concerned = FOUNDING_ONLY_ROLES & (before.roles | after.roles)
    if concerned and after != replace(before, name=after.name, version=after.version):
        raise Forbidden(_appointing(concerned, ""))


def _check_jurisdiction(caller: Caller, client: Client) -> None:
    if client.jurisdiction != caller.jurisdiction:
        fault = Fault("/jurisdiction", "other_jurisdiction", "只能登记适用本地政策包的客户端")
        raise Invalid(faults=[fault])


def _check_subject(platform: Platform, caller: Caller, client: Client) -> None:
    """A client that speaks for a subject reads its file in full: only whom the office's own region
    covers. Another region's subject is answered as an unknown one."""
    if not client.subject_id:
        return
    if not region_covers(caller.region, _subject_region(platform, client.subject_id) or ""):
        message = "本行政区划及以下没有这个信用主体"
        raise Invalid(faults=[Fault("/subject_id", "unknown_subject", message)])


def _check_superior(platform: Platform, agency: Agency) -> None:
    if not agency.superior:
        return
    if agency.superior == agency.agency_code:
        raise Invalid(faults=[Fault("/superior", "own_superior", "单位不能是自己的上级")])
    check_code(platform, agency.superior, "/superior")
    if store.load_agency(platform, agency.superior) is None:
        raise Invalid(faults=[Fault("/superior", "unknown_agency", "上级单位没有登记")])


def _check_client_roles(roles: frozenset[str], agency: Agency) -> None:
    beyond = sorted(roles - agency.roles - {SUBJECT})
    if beyond:
        raise Invalid(
            faults=[
                Fault("/roles", "role_beyond_agency", f"所属单位没有这些角色：{'、'.join(beyond)}")
            ]
        )


def _check_version(current: int, expected: int) -> None:
    if current != expected:
        raise PreconditionFailed()


def _commit_change(deed: _Appointment, entry: Agency | Client) -> None:
    try:
        deed.commit(entry)
    except ConditionFailed as error:
        raise PreconditionFailed() from error


def _unknown_agency(pointer: str) -> Invalid:
    return Invalid(faults=[Fault(pointer, "unknown_agency", "这个单位没有登记")])


def _appointing(roles: Iterable[str], otherwise: str) -> str:
    if FOUNDING_ONLY_ROLES & set(roles):
        return "审计角色只在平台初始化时登记，信用办只能修改其名称"
    return otherwise
