"""Entries: find, list, create, change, report steps on them and take reports back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NoReturn

from chalicelib.access.permissions import CLERK, CREDIT_OFFICE
from chalicelib.access.rules import significant_part
from chalicelib.access.service import allowed_codes, may_act_on, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.intake.rules import PERSONAL_NUMBER, holds_personal_number
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from chalicelib.kernel.ids import id_text
from chalicelib.policy.fields import checker_of
from chalicelib.policy.model import FieldValue
from chalicelib.policy.programme import Register, RegisterStep
from chalicelib.registers import store
from chalicelib.registers.changing import Edit, Updates, change, deed_of, save
from chalicelib.registers.definitions import COMPLETION, PROGRESS, find_register
from chalicelib.registers.judging import Asking, Judged, judge
from chalicelib.registers.model import TASKS, Entry, Evidence, Report
from chalicelib.registers.rules import (
    Objection,
    StatusCode,
    report_objections,
    take_back_objection,
)
from chalicelib.registers.tasks import find_task
from chalicelib.web.model import Scope

_ROUNDS = 20
"""Index pages one answer looks through at most when it filters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which entry: the register's code and the entry's id (in the register of tasks, the task's
    code)."""

    register_code: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to hold; an empty filter lets everything through."""

    region: str = ""
    status: StatusCode | Literal[""] = ""
    open_only: bool = False
    withdrawn: bool = False

    def takes(self, judged: Judged) -> bool:
        """Whether the list holds this entry."""
        if judged.entry.withdrawn != self.withdrawn:
            return False
        code = judged.status.code
        return (not self.status or code == self.status) and not (
            self.open_only and code == "complete"
        )


@dataclass(frozen=True, slots=True)
class Reported:
    """What an agency reports of a step."""

    done_on: date
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


# -- reading --------------------------------------------------------------------------------------


def find_entry(asking: Asking, place: Place) -> Entry:
    """The entry the caller may see. Raises NotFound."""
    if place.register_code == TASKS:
        entry = find_task(asking, place.entry_id)
    else:
        found = store.load_entry(asking.platform, place.entry_id)
        if found is None or found.register_code != place.register_code:
            raise NotFound("没有这一条")
        entry = found
    if not asking.sees(entry):
        raise NotFound("没有这一条")
    return entry


def read_entry(asking: Asking, place: Place) -> tuple[Judged, list[Entry]]:
    """An entry as it stands today, and its earlier versions, oldest first. Raises NotFound."""
    entry = find_entry(asking, place)
    earlier = store.history(asking.platform, entry.entry_id) if entry.version > 1 else []
    return judge(entry, asking.today, asking.figures), earlier


def list_entries(
    asking: Asking, register_code: str, wanted: Wanted, limit: int, start: Item | None
) -> tuple[list[Judged], Item | None]:
    """One page of the entries the caller may see, by region and keeper. Raises NotFound,
    Forbidden (code `beyond_region`)."""
    find_register(asking.pack, register_code)
    prefix = prefix_of(asking, wanted.region)
    found: list[Judged] = []
    for _ in range(_ROUNDS):
        page = store.list_entries(
            asking.platform,
            asking.caller.jurisdiction,
            register_code,
            prefix,
            limit - len(found),
            start,
        )
        entries = map(store.entry_from, page.items)
        seen = (entry for entry in entries if asking.sees(entry))
        shown = (judge(entry, asking.today, asking.figures) for entry in seen)
        found += [judged for judged in shown if wanted.takes(judged)]
        start = page.next_start
        if start is None or len(found) >= limit:
            break
    return found, start


def prefix_of(asking: Asking, region: str) -> str:
    """The beginning of the positions a list may hold. Raises Forbidden."""
    caller = asking.caller
    if asking.scope is Scope.OWN:
        if region and region != caller.region:
            raise beyond_region()
        return store.position(caller.region, caller.agency_code)
    if asking.scope is Scope.ALL:
        return significant_part(region)
    if region and not region_covers(caller.region, region):
        raise beyond_region()
    return significant_part(region or caller.region)


def beyond_region() -> Forbidden:
    """The refusal of a region beyond the caller's."""
    return Forbidden("所给的行政区划不在管辖范围内", code="beyond_region")


# -- keeping --------------------------------------------------------------------------------------


def create_entry(
    asking: Asking, register_code: str, raw: Mapping[str, object]
) -> tuple[Entry, bool]:
    """Enter something into a register; (entry, whether it is new). The same again is answered
    alike. Raises NotFound, Forbidden, Invalid, Conflict (codes `prescribed`, `entry_exists`)."""
    register = find_register(asking.pack, register_code)
    if register_code == TASKS:
        raise Conflict("任务由文件规定，不能另立；请分派和报告", code="prescribed")
    caller = asking.caller
    _check_keeper(asking, register, caller.agency_code, caller.region)
    fields = checked_fields(asking, register, raw)
    entry = _new_entry(asking, register, fields)
    try:
        save(asking, entry, None)
    except ConditionFailed as error:
        there = error.items[0]
        if there is None:
            raise
        existing = store.entry_from(there)
        if existing.fields == fields and not existing.withdrawn:
            return existing, False
        raise Conflict(
            f"这一条已经登记，编号 {existing.entry_id}；请修改它", code="entry_exists"
        ) from error
    return entry, True


def _new_entry(asking: Asking, register: Register, fields: dict[str, FieldValue]) -> Entry:
    caller, platform = asking.caller, asking.platform
    key = [str(fields.get(code, "")) for code in register.key]
    parts = (caller.jurisdiction, register.code, caller.agency_code, *key)
    entry_id = id_text("reg", platform.keyring.mac("register_entry", *parts))
    now = instant_text(platform.clock())
    return Entry(
        entry_id=entry_id,
        register_code=register.code,
        jurisdiction=caller.jurisdiction,
        region=caller.region,
        keeper=caller.agency_code,
        keeper_name=caller.agency_name,
        policy_version=asking.pack.version,
        fields=fields,
        version=1,
        created_at=now,
        updated_at=now,
        deed=deed_of(asking, entry_id, Edit("create", dict(fields))),
    )


def change_entry(
    asking: Asking, place: Place, raw: Mapping[str, object], edit: Edit, version: int
) -> Entry:
    """Change fields of an entry (null empties one), withdraw it or bring it back, based on
    `version`. Raises NotFound, Forbidden, Invalid, PreconditionFailed, Conflict."""

    def decide(entry: Entry) -> Updates | None:
        register = judge(entry, asking.today, None).definition.register
        fields = checked_fields(asking, register, {**entry.fields, **raw})
        moved = [code for code in register.key if fields.get(code) != entry.fields.get(code)]
        if moved:
            message = "这是区分各条的字段，不能修改；请撤销本条后另行登记"
            raise Invalid(faults=[Fault(f"/fields/{code}", "key_fixed", message) for code in moved])
        withdrawn = {"withdraw": True, "restore": False}.get(edit.kind, entry.withdrawn)
        if (fields, withdrawn) == (entry.fields, entry.withdrawn):
            return None
        return {"fields": fields, "withdrawn": withdrawn}

    def load() -> Entry:
        if place.register_code == TASKS:
            raise Conflict("任务由文件规定，不能修改；请分派和报告", code="prescribed")
        return _kept_entry(asking, place)

    return change(asking, load, edit, decide, version)


def checked_fields(
    asking: Asking, register: Register, raw: Mapping[str, object]
) -> dict[str, FieldValue]:
    """The stored form of an entry's fields. Raises Invalid: unknown fields are errors, and so are
    citizen codes and mobile numbers in free text."""
    fields, faults = checker_of(register).normalise(
        raw, asking.today, allowed_codes(asking.platform)
    )
    faults += [
        Fault(f"/fields/{code}", "personal_number", PERSONAL_NUMBER)
        for code, value in fields.items()
        if isinstance(value, str) and holds_personal_number(value)
        if any(one.code == code and one.kind in ("text", "url") for one in register.fields)
    ]
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    return fields


def report_step(asking: Asking, place: Place, step_code: str, reported: Reported) -> Entry:
    """Report that a step was done. The same again is answered alike. Raises NotFound, Forbidden,
    Invalid, Conflict (codes `computed`, `already_reported`, `step_before`, `entry_withdrawn`)."""
    content: dict[str, JsonValue] = {
        "step": step_code,
        "done_on": reported.done_on.isoformat(),
        "evidence": [one.model_dump() for one in reported.evidence],
        "note": reported.note,
    }

    def decide(entry: Entry) -> Updates | None:
        judged = judge(entry, asking.today, None)
        step = find_step(judged, step_code)
        _check_lead(asking, entry, step)
        report = _report(asking, entry, step, reported)
        for there in _own_reports(entry, step, report.agency_code, report.done_on):
            if there.model_copy(update={"reported_at": report.reported_at}) == report:
                return None
            raise Conflict(
                f"“{step.title}”已经报告过；内容有误的，先撤回再报", code="already_reported"
            )
        _refuse(
            report_objections(
                judged.case, step, reported.done_on, asking.today, bool(reported.evidence)
            )
        )
        return {"reports": (*entry.reports, report)}

    edit = Edit("report", content)
    return change(asking, lambda: _kept_entry(asking, place, live=True), edit, decide)


def take_back(asking: Asking, place: Place, step_code: str, edit: Edit, version: int) -> Entry:
    """Take the own reports of a step back, with a reason (of a task's progress: all of them).
    Raises NotFound, Forbidden, PreconditionFailed, Conflict (codes `not_reported`,
    `step_followed`)."""

    def decide(entry: Entry) -> Updates | None:
        judged = judge(entry, asking.today, None)
        step = find_step(judged, step_code)
        agency = _reporter(asking, entry)[0]
        taken = [one for one in entry.reports if (one.step, one.agency_code) == (step.code, agency)]
        if not taken:
            raise Conflict(f"“{step.title}”没有可以撤回的报告", code="not_reported")
        objection = take_back_objection(judged.case, step)
        _refuse([objection] if objection else [])
        return {"reports": tuple(one for one in entry.reports if one not in taken)}

    return change(asking, lambda: _kept_entry(asking, place, live=True), edit, decide, version)


def find_step(judged: Judged, step_code: str) -> RegisterStep:
    """A step of an entry. Raises NotFound, and Conflict (code `computed`) for completing what the
    platform computes."""
    register = judged.definition.register
    for step in register.steps:
        if step.code == step_code:
            return step
    if judged.definition.task is not None and register.target and step_code == COMPLETION:
        raise Conflict(
            "这项任务的完成情况由平台计算，不能以报告代替；可以报告进展", code="computed"
        )
    raise NotFound("没有这个步骤", code="unknown_step")


def _report(asking: Asking, entry: Entry, step: RegisterStep, reported: Reported) -> Report:
    agency_code, agency_name = _reporter(asking, entry)
    return Report(
        step=step.code,
        agency_code=agency_code,
        agency_name=agency_name,
        done_on=reported.done_on.isoformat(),
        evidence=reported.evidence,
        note=reported.note,
        reported_at=instant_text(asking.platform.clock()),
    )


def _own_reports(entry: Entry, step: RegisterStep, agency: str, done_on: str) -> list[Report]:
    """Reports that stand where another by `agency` would: progress is news day by day."""
    repeats = entry.register_code == TASKS and step.code == PROGRESS
    own = [one for one in entry.reports if (one.step, one.agency_code) == (step.code, agency)]
    return [one for one in own if not repeats or one.done_on == done_on]


def _reporter(asking: Asking, entry: Entry) -> tuple[str, str]:
    """In whose name the caller reports: its own on a task, the keeper's on an entry."""
    if entry.register_code == TASKS:
        return asking.caller.agency_code, asking.caller.agency_name
    return entry.keeper, entry.keeper_name


def _refuse(objections: Sequence[Objection]) -> None:
    for objection in objections:
        if not objection.pointer:
            raise Conflict(objection.message, code=objection.code)
    faults = [Fault(one.pointer, one.code, one.message) for one in objections]
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)


# -- who keeps ------------------------------------------------------------------------------------


def _kept_entry(asking: Asking, place: Place, *, live: bool = False) -> Entry:
    """The entry the caller keeps; `live`: which is not withdrawn. Raises NotFound, Forbidden,
    Conflict."""
    entry = find_entry(asking, place)
    check_keeps(asking, entry)
    if live and entry.withdrawn:
        raise Conflict("这一条已经撤销，不能再报告", code="entry_withdrawn")
    return entry


def check_keeps(asking: Asking, entry: Entry) -> None:
    """Raises Forbidden unless the entry is the caller's to keep, or the task its to report on."""
    if entry.register_code == TASKS:
        if asking.caller.agency_code not in entry.involved:
            _not_yours("任务由分派到的单位报告")
        return
    register = judge(entry, asking.today, None).definition.register
    _check_keeper(asking, register, entry.keeper, entry.region)


def _check_keeper(asking: Asking, register: Register, keeper: str, region: str) -> None:
    caller = asking.caller
    if register.kept_by == "credit_office":
        if CREDIT_OFFICE not in caller.roles or not may_act_on(
            caller, asking.scope, keeper, region
        ):
            _not_yours("这个台账由信用办记")
    elif CLERK not in caller.roles or caller.agency_code != keeper:
        _not_yours("这个台账由各单位自己记")


def _check_lead(asking: Asking, entry: Entry, step: RegisterStep) -> None:
    if entry.register_code == TASKS and step.code == COMPLETION:
        if asking.caller.agency_code not in entry.lead_codes:
            _not_yours("任务的完成由牵头（责任）单位报告，配合单位报告进展")


def _not_yours(detail: str) -> NoReturn:
    raise Forbidden(detail, code="not_your_entry")
