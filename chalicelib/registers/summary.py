"""Who has and who lacks what: every agency that must keep a register, also one without entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.access.permissions import CLERK, CREDIT_OFFICE
from chalicelib.access.service import find_agency, list_agencies
from chalicelib.aws.attributes import Item
from chalicelib.policy.programme import Register
from chalicelib.registers import store
from chalicelib.registers.definitions import find_register
from chalicelib.registers.entries import beyond_region, prefix_of
from chalicelib.registers.figures import Whose
from chalicelib.registers.judging import Asking, judge
from chalicelib.registers.model import TASKS
from chalicelib.registers.rules import KeeperStatus, Status, assess_keeper
from chalicelib.registers.tasks import all_tasks
from chalicelib.web.model import Scope


@dataclass(frozen=True, slots=True)
class Keeper:
    """An agency and how it stands in a register; no code: tasks nobody is charged with."""

    agency_code: str
    agency_name: str
    region: str
    status: KeeperStatus


@dataclass(frozen=True, slots=True)
class _Agency:
    code: str
    name: str
    region: str


def summarise(
    asking: Asking, register_code: str, region: str, limit: int, start: Item | None
) -> tuple[Register, list[Keeper], Item | None]:
    """One page of the keepers of a register in a region, by region and code; of the tasks, all.
    Raises NotFound, Forbidden (code `beyond_region`)."""
    register = find_register(asking.pack, register_code)
    if register_code == TASKS:
        return register, _tasks_by_unit(asking, register), None
    agencies, cursor = _agencies(asking, register, region, limit, start)
    statuses = _statuses(asking, register_code, agencies)
    return (
        register,
        [_keeper(asking, register, one, statuses[one.code]) for one in agencies],
        cursor,
    )


def _agencies(
    asking: Asking, register: Register, region: str, limit: int, start: Item | None
) -> tuple[list[_Agency], Item | None]:
    role = CREDIT_OFFICE if register.kept_by == "credit_office" else CLERK
    caller = asking.caller
    prefix_of(asking, region)
    if asking.scope is Scope.OWN:
        agency = find_agency(asking.platform, caller.agency_code)
        if agency is None or role not in agency.roles:
            return [], None
        return [_Agency(agency.agency_code, agency.name, agency.region)], None
    if not region and not caller.region:
        raise beyond_region()
    page = list_agencies(asking.platform, region or caller.region, limit, start)
    found = [
        _Agency(agency.agency_code, agency.name, agency.region)
        for agency in page.items
        if agency.active and role in agency.roles
        if asking.reaches(agency.agency_code, agency.region)
    ]
    return found, page.next_start


def _statuses(
    asking: Asking, register_code: str, agencies: Sequence[_Agency]
) -> dict[str, list[Status]]:
    """The statuses of the entries of these agencies. Entries and agencies lie in the same order:
    one stretch of the list holds them all."""
    found: dict[str, list[Status]] = defaultdict(list)
    if not agencies:
        return found
    wanted = {agency.code for agency in agencies}
    places = sorted(store.position(agency.region, agency.code) for agency in agencies)
    for entry in store.entries_between(
        asking.platform, asking.caller.jurisdiction, register_code, places[0], places[-1]
    ):
        if entry.keeper in wanted and not entry.withdrawn:
            found[entry.keeper].append(judge(entry, asking.today, asking.figures).status)
    return found


def _keeper(
    asking: Asking, register: Register, agency: _Agency, statuses: Sequence[Status]
) -> Keeper:
    whose = Whose(asking.caller.jurisdiction, agency.region, agency.code)
    figure = asking.figures.of(register.target, whose)
    status = assess_keeper(register, statuses, figure)
    return Keeper(agency.code, agency.name, agency.region, status)


def _tasks_by_unit(asking: Asking, register: Register) -> list[Keeper]:
    names: dict[str, str] = {}
    regions: dict[str, str] = {}
    statuses: dict[str, list[Status]] = defaultdict(list)
    for judged in all_tasks(asking):
        for unit in judged.entry.lead:
            names[unit.agency_code] = unit.agency_name
        for code in judged.entry.lead_codes or ("",):
            if asking.scope > Scope.BELOW or asking.reaches(code, ""):
                statuses[code].append(judged.status)
                regions[code] = judged.entry.region
    return [
        Keeper(
            code,
            names.get(code, "尚未分派"),
            regions[code],
            assess_keeper(register, statuses[code]),
        )
        for code in sorted(statuses)
    ]
