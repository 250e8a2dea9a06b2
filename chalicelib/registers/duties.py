"""How agencies kept what registers and the task table demand of them, day by day due."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from chalicelib.aws.platform import Platform
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.ids import id_text
from chalicelib.policy.model import Pack
from chalicelib.registers import store
from chalicelib.registers.definitions import case_of, definition_of
from chalicelib.registers.model import TASKS, Entry
from chalicelib.registers.rules_duties import Duty, done_and_when

Days = tuple[date, date]
"""The first and the last day, both inclusive."""


def duties_of_keeper(
    platform: Platform, jurisdiction: str, register: str, agency: str, region: str, days: Days
) -> Iterator[Duty]:
    """How an agency of a region kept the entries of its own in a register that were due on the days
    given (made on them, where nothing is ever due). One call per page of its entries."""
    today = civil_date(platform.clock())
    place = store.position(region, agency)
    for entry in store.entries_between(platform, jurisdiction, register, place, place):
        if entry.keeper == agency and not entry.withdrawn:
            duty = _duty(entry, agency, today)
            if duty is not None and days[0] <= duty.day <= days[1]:
                yield duty


def duties_of_tasks(
    platform: Platform, pack: Pack, agencies: Collection[str], days: Days
) -> Iterator[Duty]:
    """How agencies did the tasks they lead that were due on the days given; those a figure decides
    apart. One call per page of what is known of the tasks of a jurisdiction, and none where none is
    due."""
    due = {
        task.code
        for task in pack.tasks.values()
        if task.due_on is not None and days[0] <= task.due_on <= days[1] and task.target is None
    }
    if not due:
        return
    today = civil_date(platform.clock())
    for entry in store.entries_between(platform, pack.jurisdiction, TASKS, "0", "9"):
        for agency in entry.lead_codes if entry.task in due else ():
            if agency in agencies:
                duty = _duty(entry, agency, today)
                if duty is not None:
                    yield duty


def task_id(platform: Platform, jurisdiction: str, home: str, task: str) -> str:
    """The id of what is known of a task in the area whose table it stands in."""
    mac = platform.keyring.mac("register_entry", jurisdiction, TASKS, home, task)
    return id_text("reg", mac)


def _duty(entry: Entry, agency: str, today: date) -> Duty | None:
    """How an entry stands; None where the platform's own figure decides."""
    case = case_of(entry, definition_of(entry, today))
    if case.register.target is not None or case.continuous:
        return None
    done, last = done_and_when(case, agency, today)
    limit = case.due_on
    return Duty(
        entry_id=entry.entry_id,
        version=entry.version,
        agency=agency,
        day=limit or civil_date(parse_instant(entry.created_at)),
        has_limit=limit is not None,
        done=done,
        in_time=done and (limit is None or last is None or last <= limit),
        is_open=not done and (limit is None or today <= limit),
    )


