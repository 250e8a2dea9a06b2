"""The deeds of the registers that must survive any single failure."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.registers import entries, supervision, tasks
from chalicelib.registers.changing import Edit
from chalicelib.registers.entries import Place, Reported
from chalicelib.registers.judging import Asking
from chalicelib.registers.model import Evidence
from chalicelib.registers.upkeep import remind_keepers
from chalicelib.web.model import Scope
from tests.registers.town import HOUSING, caller, office, settle
from tests.support.faults import join
from tests.support.world import World

FIELDS = {"name": "守信激励办法", "due_on": "2026-06-20"}
PROOF = (Evidence(title="印发通知", file_number="1号"),)


def _keeper(world: World) -> Asking:
    return Asking(world.platform, caller(HOUSING), Scope.OWN)


def _office(world: World) -> Asking:
    return Asking(world.platform, office(), Scope.REGION)


def _create(world: World) -> Place:
    entry, _ = entries.create_entry(_keeper(world), "institutions", FIELDS)
    return Place("institutions", entry.entry_id)


def _place(world: World) -> Place:
    (item,) = world.platform.registers.query_index("by_listing", "testland#institutions").items
    return Place("institutions", str(item["pk"]).partition("#")[2])


def _created(world: World) -> None:
    settle(world)
    _create(world)


def _report(world: World) -> object:
    reported = Reported(date(2026, 6, 10), PROOF)
    return entries.report_step(_keeper(world), _place(world), "issued", reported)


def _reported(world: World) -> None:
    _created(world)
    _report(world)


def _change(world: World) -> object:
    wanted: dict[str, Any] = {"due_on": "2026-09-30"}
    edit = Edit("change", wanted, "延期批准")
    return entries.change_entry(_keeper(world), _place(world), wanted, edit, 1)


def _take_back(world: World) -> object:
    edit = Edit("take_back", {"step": "issued"}, "日期有误")
    return entries.take_back(_keeper(world), _place(world), "issued", edit, 2)


def _assign(world: World) -> object:
    return tasks.assign(_office(world), "archive", [HOUSING], [], 0)


def _supervise(world: World) -> object:
    demand = supervision.Demand("请说明原因", working_days=3)
    return supervision.supervise(_office(world), _place(world), demand)


def _supervised(world: World) -> None:
    _created(world)
    _supervise(world)


def _answer(world: World) -> object:
    place = _place(world)
    (note,) = entries.find_entry(_keeper(world), place).supervision
    return supervision.answer(_keeper(world), place, note.supervision_id, "已经补做", PROOF)


def _overdue(world: World) -> None:
    _created(world)
    _assign(world)
    world.clock.advance(days=16)


_ENTRY = "/v1/registers/{register}/entries/{entry_id}"

join("POST /v1/registers/{register}/entries", settle, _create)
join(f"PATCH {_ENTRY}", _created, _change)
join(f"POST {_ENTRY}/steps/{{step}}", _created, _report)
join(f"POST {_ENTRY}/steps/{{step}}/withdrawal", _reported, _take_back)
join("PUT /v1/registers/tasks/entries/{task}/assignment", settle, _assign)
join(f"POST {_ENTRY}/supervision", _created, _supervise)
join(f"POST {_ENTRY}/supervision/{{supervision_id}}/answer", _supervised, _answer)
join("sweep:reminders", _overdue, lambda world: remind_keepers(world.platform))
