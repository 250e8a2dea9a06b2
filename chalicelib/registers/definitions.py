"""What holds for an entry: the register of its pack, or the task it is about. Reads packs only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.access.rules import region_covers, significant_part
from chalicelib.kernel.errors import NotFound
from chalicelib.policy import service as policy
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Register, RegisterStep, Task
from chalicelib.registers.model import TASKS, Entry
from chalicelib.registers.rules import Case
from chalicelib.registers.rules_terms import Term

PROGRESS, COMPLETION = "progress", "completion"
"""What can be reported of a task: how far it is, as often as there is news; that it is done."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The rules an entry is judged by."""

    register: Register
    task: Task | None = None


def registers_of(pack: Pack) -> list[Register]:
    """Every register of a pack, the one of tasks first if the document has a task table."""
    found = sorted(pack.registers.values(), key=lambda register: register.code)
    return [tasks_register(pack), *found] if pack.tasks else found


def find_register(pack: Pack, code: str) -> Register:
    """A register of the pack. Raises NotFound."""
    if code == TASKS and pack.tasks:
        return tasks_register(pack)
    found = pack.registers.get(code)
    if found is None:
        raise NotFound("本地的政策包里没有这个台账", code="unknown_register")
    return found


def tasks_register(pack: Pack) -> Register:
    """The register of the document's task table, as a whole."""
    return Register(
        code=TASKS,
        title="责任分工",
        purpose="文件的任务分工：谁牵头、谁配合、到什么时候，完成得怎么样",
        kept_by="credit_office",
        fields=(),
        key=(),
        basis=pack.document,
    )


def task_register(task: Task) -> Register:
    """The rules of one task. A task with a figure is not reported as done: the figure tells."""
    reported = task.target is None
    steps = [_step(PROGRESS, "工作进展", task.basis, reported and task.term == "continuous")]
    if reported and task.term != "continuous":
        steps.append(_step(COMPLETION, "任务完成", task.basis, True))
    return Register(
        code=TASKS,
        title=task.title,
        purpose=task.content,
        kept_by="credit_office",
        fields=(),
        key=(),
        steps=tuple(steps),
        target=task.target,
        basis=task.basis,
    )


def _step(code: str, title: str, basis: LegalBasis, is_required: bool) -> RegisterStep:
    return RegisterStep(code=code, title=title, required=is_required, basis=basis)


def definition_of(entry: Entry, today: date) -> Definition:
    """What an entry is judged by: the version of the pack it was made under; a task by what is
    prescribed today, or, where it no longer is, by what was when it was assigned."""
    pack = policy.pack_version(entry.jurisdiction, entry.policy_version)
    if entry.register_code != TASKS:
        return Definition(find_register(pack, entry.register_code))
    current = policy.pack_for(entry.jurisdiction, today).tasks.get(entry.task)
    task = pack.tasks[entry.task] if current is None else current
    return Definition(task_register(task), task)


def case_of(entry: Entry, definition: Definition) -> Case:
    """The facts of an entry under its rules."""
    task = definition.task
    return Case(
        register=definition.register,
        fields=entry.fields,
        reports=entry.reports,
        doers=entry.lead_codes,
        due_on=_due(entry.fields, definition),
        valid_until=_day(entry.fields, definition.register.valid_until_field),
        continuous=task is not None and task.term == "continuous",
    )


def terms_of(entry: Entry, case: Case, is_open: bool) -> list[Term]:
    """The days by which something is to be done about an entry: what is open, how long it holds,
    what an office demands."""
    if entry.withdrawn:
        return []
    found: list[Term] = []
    if is_open and case.due_on is not None:
        found.append(Term("due", case.due_on))
    if case.valid_until is not None:
        found.append(Term("valid_until", case.valid_until))
    for note in entry.supervision:
        if note.answer is None:
            found.append(Term("supervision", date.fromisoformat(note.due_on), note.supervision_id))
    return found


def _due(fields: Mapping[str, object], definition: Definition) -> date | None:
    if definition.task is not None:
        return definition.task.due_on
    return _day(fields, definition.register.due_field)


def _day(fields: Mapping[str, object], code: str | None) -> date | None:
    value = fields.get(code) if code else None
    return date.fromisoformat(str(value)) if value else None


def home_of(pack: Pack, region: str) -> str:
    """The area whose task table holds in `region`: the most senior area of the pack around it."""
    around = [code for code in pack.regions if region_covers(code, region)]
    return min(around, key=lambda code: len(significant_part(code)), default=region)
