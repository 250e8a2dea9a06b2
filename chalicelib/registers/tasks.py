"""The register of tasks: which tasks there are is told by the pack, who does them by the office."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.access.service import find_agency, may_act_on, region_covers
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault, Forbidden, Invalid, NotFound
from chalicelib.policy.programme import Task
from chalicelib.registers import store
from chalicelib.registers.changing import Edit, Updates, change
from chalicelib.registers.definitions import find_register, home_of
from chalicelib.registers.duties import task_id
from chalicelib.registers.judging import Asking, Judged, judge
from chalicelib.registers.model import TASKS, Deed, Entry, Unit


def find_task(asking: Asking, task_code: str) -> Entry:
    """What is known of a task where the caller is: version 0 while nobody is charged with it.
    Raises NotFound for a task the document does not have."""
    task = asking.pack.tasks.get(task_code)
    if task is None:
        raise NotFound("文件的责任分工里没有这项任务")
    blank = _blank(asking, task)
    return store.load_entry(asking.platform, blank.entry_id) or blank


def all_tasks(asking: Asking) -> list[Judged]:
    """Every task the caller may see, in the document's order. Raises NotFound where the document
    has no task table."""
    find_register(asking.pack, TASKS)
    tasks = sorted(asking.pack.tasks.values(), key=lambda task: task.order)
    blanks = [_blank(asking, task) for task in tasks]
    known = store.load_entries(asking.platform, [blank.entry_id for blank in blanks])
    entries = [known.get(blank.entry_id, blank) for blank in blanks]
    return [judge(one, asking.today, asking.figures) for one in entries if asking.sees(one)]


def assign(
    asking: Asking, task_code: str, lead: Sequence[str], cooperating: Sequence[str], version: int
) -> Entry:
    """Charge agencies with a task, in place of those who were. Raises NotFound, Forbidden,
    Invalid, PreconditionFailed."""
    lead_units = _units(asking, lead, "lead")
    other_units = _units(asking, cooperating, "cooperating", taken=frozenset(lead))

    def load() -> Entry:
        entry = find_task(asking, task_code)
        if not may_act_on(asking.caller, asking.scope, "", entry.region):
            raise Forbidden("任务由文件所在地区的信用办分派", code="beyond_region")
        return entry

    def decide(entry: Entry) -> Updates | None:
        if (entry.lead, entry.cooperating) == (lead_units, other_units):
            return None
        return {
            "lead": lead_units,
            "cooperating": other_units,
            "policy_version": asking.pack.version,
        }

    content = {"lead": list(lead), "cooperating": list(cooperating)}
    return change(asking, load, Edit("assign", content), decide, version)


def _units(
    asking: Asking, codes: Sequence[str], where: str, taken: frozenset[str] = frozenset()
) -> tuple[Unit, ...]:
    faults: list[Fault] = []
    units: list[Unit] = []
    for at, code in enumerate(codes):
        agency = find_agency(asking.platform, code)
        if agency is None or not agency.active:
            faults.append(Fault(f"/{where}/{at}", "unknown_agency", "这个单位没有登记或已停用"))
        elif not region_covers(asking.caller.region, agency.region):
            message = "只能分派给本行政区划及以下的单位"
            faults.append(Fault(f"/{where}/{at}", "not_allowed", message))
        elif code in taken or code in codes[:at]:
            faults.append(Fault(f"/{where}/{at}", "named_twice", "同一单位只能写一次"))
        else:
            units.append(Unit(agency_code=code, agency_name=agency.name))
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    return tuple(units)


def _blank(asking: Asking, task: Task) -> Entry:
    """A task nobody is charged with yet."""
    platform, jurisdiction = asking.platform, asking.caller.jurisdiction
    home = home_of(asking.pack, asking.caller.region)
    entry_id = task_id(platform, jurisdiction, home, task.code)
    now = instant_text(platform.clock())
    nobody = Deed(kind="assign", agency_code="", agency_name="", at=now, request="")
    return Entry(
        entry_id=entry_id,
        register_code=TASKS,
        task=task.code,
        jurisdiction=jurisdiction,
        region=home,
        keeper="",
        keeper_name="",
        policy_version=asking.pack.version,
        version=0,
        created_at=now,
        updated_at=now,
        deed=nobody,
    )
