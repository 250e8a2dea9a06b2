"""From what the registers know to what they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.model import Field
from chalicelib.policy.programme import Register, RegisterStep, Task
from chalicelib.registers import views
from chalicelib.registers.judging import Judged
from chalicelib.registers.model import Entry, Evidence, Report, Supervision, Unit
from chalicelib.registers.rules import (
    STATUS_TITLES,
    STEP_TITLES,
    Missing,
    StepStatus,
    condition,
    place,
    shown,
    warning_days,
)
from chalicelib.registers.summary import Keeper
from chalicelib.registers.supervision import deadline_of
from chalicelib.registers.upkeep import Told


class Presenter:
    """Shows entries as they stand on one day, deadlines counted with one calendar."""

    def __init__(self, today: date, calendar: Calendar) -> None:
        self.today = today
        self.calendar = calendar

    def entry(self, judged: Judged) -> views.EntryOut:
        """An entry and where it stands."""
        entry, status = judged.entry, judged.status
        register, task = judged.definition.register, judged.definition.task
        until = judged.case.valid_until
        return views.EntryOut(
            register_code=entry.register_code,
            entry_id=entry.task or entry.entry_id,
            title=register.title,
            version=entry.version,
            keeper=entry.keeper or None,
            keeper_name=entry.keeper_name or None,
            region=entry.region,
            policy_version=entry.policy_version,
            fields=_entry_fields(register, entry),
            task=None if task is None else _task(task, entry),
            status=status.code,
            status_title=status.title,
            computed=status.computed,
            working=list(status.working),
            due=self._due(judged),
            valid_until=None if until is None else until.isoformat(),
            steps=[_step(found) for found in status.steps],
            missing=[_missing(lack) for lack in status.missing],
            supervision=[self._supervision(note) for note in entry.supervision],
            withdrawn=entry.withdrawn,
            created_at=entry.created_at,
            updated_at=entry.updated_at,
        )

    def detail(self, judged: Judged, earlier: Sequence[Entry]) -> views.EntryDetail:
        """An entry with its history."""
        versions = [*earlier, *([judged.entry] if judged.entry.version else [])]
        return views.EntryDetail(
            **dict(self.entry(judged)), history=[_change(version) for version in versions]
        )

    def reminder(self, told: Told) -> views.RegisterReminderOut:
        """A reminder with the entry it is about."""
        reminder = told.reminder
        title = told.judged.definition.register.title
        return views.RegisterReminderOut(
            day=reminder.day,
            kind=reminder.kind,
            due_on=reminder.due_on,
            late=reminder.late,
            open=told.is_open,
            text=f"“{title}”{_WHAT[reminder.kind].format(day=reminder.due_on)}",
            entry=self.entry(told.judged),
        )

    def _due(self, judged: Judged) -> views.EntryDueOut | None:
        due_on, register = judged.case.due_on, judged.definition.register
        if due_on is None:
            return None
        stated = "本条填写的完成期限" if judged.definition.task is None else "文件规定的完成期限"
        return views.EntryDueOut(
            due_on=due_on.isoformat(),
            due_soon_from=(due_on - timedelta(days=warning_days(register))).isoformat(),
            days_left=(due_on - self.today).days,
            rule=f"{stated}，按自然日计算",
            basis=place(register.basis),
        )

    def _supervision(self, note: Supervision) -> views.SupervisionOut:
        counted = deadline_of(note, self.calendar)
        answer = note.answer
        return views.SupervisionOut(
            supervision_id=note.supervision_id,
            message=note.message,
            office=note.agency_name,
            issued_at=note.issued_at,
            due_on=note.due_on,
            deadline=None if counted is None else dict(counted.as_json()),
            overdue=answer is None and self.today > date.fromisoformat(note.due_on),
            answer=None
            if answer is None
            else views.SupervisionAnswerOut(
                text=answer.text,
                evidence=_evidence(answer.evidence),
                agency_code=answer.agency_code,
                agency_name=answer.agency_name,
                answered_at=answer.answered_at,
            ),
        )


_WHAT = {
    "due": "有一条应于 {day} 前完成",
    "valid_until": "有一条有效期至 {day}",
    "supervision": "有一份督办应于 {day} 前答复",
}


def register_out(register: Register) -> views.RegisterOut:
    """A register: what is entered, which steps it takes."""
    target = register.target
    return views.RegisterOut(
        code=register.code,
        title=register.title,
        purpose=register.purpose,
        kept_by=register.kept_by,
        fields=[_field(field) for field in register.fields],
        key=list(register.key),
        steps=[_step_rule(register, step) for step in register.steps],
        due_field=register.due_field,
        valid_until_field=register.valid_until_field,
        at_least=register.at_least,
        target=None
        if target is None
        else views.RegisterTargetOut(figure=target.figure, at_least=shown(target.at_least)),
        remind_days=list(register.remind_days),
        basis=basis_out(register.basis),
    )


def keeper_out(keeper: Keeper) -> views.RegisterKeeperOut:
    """How an agency stands."""
    status = keeper.status
    return views.RegisterKeeperOut(
        agency_code=keeper.agency_code or None,
        agency_name=keeper.agency_name,
        region=keeper.region,
        entries=status.entries,
        counts={code: number for code, number in status.counts.items()},
        lacking=status.lacking,
        missing=[
            views.MissingCount(**dict(_missing(lack)), entries=number)
            for lack, number in status.missing
        ],
        figure=status.figure or None,
        fine=status.is_fine,
    )


def totals(keepers: Sequence[Keeper]) -> dict[str, int]:
    """The statuses of all these agencies' entries."""
    return {code: sum(one.status.counts[code] for one in keepers) for code in STATUS_TITLES}


def basis_out(basis: LegalBasis) -> views.RegisterBasisOut:
    """A legal basis."""
    return views.RegisterBasisOut(
        document=basis.document, clause=basis.clause, verified=basis.verified
    )


def _field(field: Field) -> views.RegisterFieldOut:
    return views.RegisterFieldOut(
        code=field.code,
        title=field.title,
        kind=field.kind,
        required=field.required,
        values=[views.RegisterChoiceOut(code=one.code, title=one.title) for one in field.values],
    )


def _step_rule(register: Register, step: RegisterStep) -> views.StepRuleOut:
    return views.StepRuleOut(
        code=step.code,
        title=step.title,
        required=step.required,
        required_when=condition(register, step),
        evidence=step.evidence,
        follows=step.follows,
        basis=basis_out(step.basis),
    )


def _entry_fields(register: Register, entry: Entry) -> list[views.EntryFieldOut]:
    return [
        views.EntryFieldOut(
            code=field.code,
            title=field.title,
            value=entry.fields[field.code],
            text=field.text_of(entry.fields[field.code]),
        )
        for field in register.fields
        if field.code in entry.fields
    ]


def _task(task: Task, entry: Entry) -> views.TaskOut:
    return views.TaskOut(
        content=task.content,
        stated_lead=list(task.lead),
        stated_cooperating=list(task.cooperating),
        term=task.term,
        starts_on=None if task.starts_on is None else task.starts_on.isoformat(),
        lead=_units(entry.lead),
        cooperating=_units(entry.cooperating),
    )


def _units(units: Sequence[Unit]) -> list[views.TaskUnitOut]:
    return [
        views.TaskUnitOut(agency_code=unit.agency_code, agency_name=unit.agency_name)
        for unit in units
    ]


def _step(found: StepStatus) -> views.EntryStepOut:
    return views.EntryStepOut(
        code=found.step.code,
        title=found.step.title,
        state=found.state,
        state_title=STEP_TITLES[found.state],
        why=found.why,
        reports=[_report(report) for report in found.reports],
        basis=basis_out(found.step.basis),
    )


def _report(report: Report) -> views.StepReportOut:
    return views.StepReportOut(
        agency_code=report.agency_code,
        agency_name=report.agency_name,
        done_on=report.done_on,
        evidence=_evidence(report.evidence),
        note=report.note,
        reported_at=report.reported_at,
    )


def _evidence(evidence: Sequence[Evidence]) -> list[views.ProofOut]:
    return [views.ProofOut(**one.model_dump()) for one in evidence]


def _missing(lack: Missing) -> views.EntryMissingOut:
    return views.EntryMissingOut(code=lack.code, title=lack.title, basis=basis_out(lack.basis))


def _change(version: Entry) -> views.EntryChangeOut:
    deed = version.deed
    return views.EntryChangeOut(
        version=version.version,
        kind=deed.kind,
        reason=deed.reason,
        agency_code=deed.agency_code,
        agency_name=deed.agency_name,
        at=deed.at,
        fields=dict(version.fields),
        reports=len(version.reports),
    )
