"""督办: the credit office demands an answer about an open entry by a day; the keeper answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.access.service import may_act_on
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.deadlines import Deadline, Limit, deadline
from chalicelib.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.workdays import Calendar
from chalicelib.registers.changing import Edit, Updates, change
from chalicelib.registers.entries import Place, check_keeps, find_entry
from chalicelib.registers.judging import Asking, judge
from chalicelib.registers.model import Entry, Evidence, Supervision, SupervisionAnswer

_RULE = "督办答复期限"
_BASIS = "信用办督办通知"


@dataclass(frozen=True, slots=True)
class Demand:
    """What the office demands, and by when: a day, or working days from today."""

    message: str
    due_on: date | None = None
    working_days: int | None = None


def supervise(asking: Asking, place: Place, demand: Demand) -> Entry:
    """Add a supervision note to an open entry of the office's region; the same again on the same
    day is answered alike. Raises NotFound, Forbidden, Invalid, Conflict (codes `nothing_open`,
    `unassigned`)."""
    due_on = _due_on(asking, demand)

    def load() -> Entry:
        entry = find_entry(asking, place)
        if not may_act_on(asking.caller, asking.scope, "", entry.region):
            raise Forbidden("只能督办本行政区划及以下的事项", code="beyond_region")
        return entry

    def decide(entry: Entry) -> Updates | None:
        note = _note(asking, entry, demand, due_on)
        if any(one.supervision_id == note.supervision_id for one in entry.supervision):
            return None
        if not entry.lead_codes:
            raise Conflict("任务还没有分派，先分派再督办", code="unassigned")
        status = judge(entry, asking.today, asking.figures).status
        if entry.withdrawn or status.code == "complete":
            raise Conflict("这一条没有未完成的内容，无须督办", code="nothing_open")
        return {"supervision": (*entry.supervision, note)}

    content = {"message": demand.message, "due_on": due_on.isoformat()}
    return change(asking, load, Edit("supervise", content), decide)


def answer(
    asking: Asking, place: Place, supervision_id: str, text: str, evidence: Sequence[Evidence]
) -> Entry:
    """Answer a supervision note, as an agency it concerns. The same again is answered alike.
    Raises NotFound, Forbidden, Conflict (code `already_answered`)."""
    given = SupervisionAnswer(
        text=text,
        evidence=tuple(evidence),
        agency_code=asking.caller.agency_code,
        agency_name=asking.caller.agency_name,
        answered_at=instant_text(asking.platform.clock()),
    )

    def load() -> Entry:
        entry = find_entry(asking, place)
        check_keeps(asking, entry)
        return entry

    def decide(entry: Entry) -> Updates | None:
        notes = list(entry.supervision)
        at = next((i for i, one in enumerate(notes) if one.supervision_id == supervision_id), -1)
        if at < 0:
            raise NotFound("没有这份督办通知")
        there = notes[at].answer
        if there is not None:
            if there.model_copy(update={"answered_at": given.answered_at}) == given:
                return None
            raise Conflict("这份督办已经答复", code="already_answered")
        notes[at] = notes[at].model_copy(update={"answer": given})
        return {"supervision": tuple(notes)}

    content: dict[str, JsonValue] = {
        "supervision_id": supervision_id,
        "text": text,
        "evidence": [one.model_dump() for one in evidence],
    }
    return change(asking, load, Edit("answer", content), decide)


def deadline_of(note: Supervision, calendar: Calendar) -> Deadline | None:
    """The day an answer is due with every day counted, if it was set in working days. A calendar
    announced since may move it; `note.due_on` is what was notified."""
    if note.working_days is None:
        return None
    return deadline(calendar, date.fromisoformat(note.issued_on), _limit(note.working_days))


def _due_on(asking: Asking, demand: Demand) -> date:
    if (demand.due_on is None) == (demand.working_days is None):
        message = "due_on 与 working_days 须填写且只填写一个"
        raise Invalid(faults=[Fault("/due_on", "required", message)])
    if demand.due_on is not None:
        if demand.due_on < asking.today:
            fault = Fault("/due_on", "out_of_range", "答复期限不能早于今天")
            raise Invalid(faults=[fault])
        return demand.due_on
    calendar = asking.pack.calendar.working_days
    return deadline(calendar, asking.today, _limit(demand.working_days or 0)).due_on


def _limit(working_days: int) -> Limit:
    return Limit(working_days, "working_days", _RULE, _BASIS)


def _note(asking: Asking, entry: Entry, demand: Demand, due_on: date) -> Supervision:
    caller, platform = asking.caller, asking.platform
    today = asking.today.isoformat()
    parts = (entry.entry_id, caller.agency_code, today, due_on.isoformat(), demand.message)
    return Supervision(
        supervision_id=id_text("sv", platform.keyring.mac("register_supervision", *parts)),
        message=demand.message,
        agency_code=caller.agency_code,
        agency_name=caller.agency_name,
        issued_on=today,
        issued_at=instant_text(platform.clock()),
        due_on=due_on.isoformat(),
        working_days=demand.working_days,
    )
