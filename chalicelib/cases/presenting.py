"""How a case is shown, and to whom how much of it.

Whoever a case complains of sees where it stands, what it was told and what it said itself: nothing
an outsider or an office among themselves said. That is no matter of leaving something out: what
outsiders said is not in what is read here at all (`store.voice_of`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from chalicelib.cases import rules
from chalicelib.cases.model import Actor, CaseFile, Entry, Letter
from chalicelib.cases.rules_clocks import days_left, deadline_of, is_over, plain_limit, running
from chalicelib.cases.rules_parties import relations_of
from chalicelib.cases.scene import Scene
from chalicelib.cases.views import (
    CaseBrief,
    CaseOut,
    ClockOut,
    CountedOn,
    EventOut,
    LetterOut,
    PaperOut,
    PartyOut,
    PossibleOut,
    StepOut,
    ValueOut,
)
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.keyring import Erased, SubjectKey
from chalicelib.kernel.workdays import Calendar
from chalicelib.policy.case_kinds import RELATION_TITLES, CaseAction, CaseKind, Relation
from chalicelib.policy.model import Field, FieldValue
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.web.model import Caller

_REMINDED = {"reminded": "到期提醒", "escalated": "逾期上报"}


def kind_of(file: CaseFile) -> CaseKind:
    """The kind of a case, by the pack it is decided under."""
    return pack_version(file.jurisdiction, file.pack).case_kinds[file.kind]


def is_final(file: CaseFile) -> bool:
    """Whether a case has come to its end."""
    return kind_of(file).state(file.case.state).final


def possible_for(caller: Caller, file: CaseFile) -> tuple[CaseAction, ...]:
    """The actions that are a caller's to take in a case now."""
    actor = Actor(caller.client_id, relations_of(caller, file), caller.roles)
    return rules.possible(kind_of(file), file.case, actor)


def calendar_for(file: CaseFile, now: datetime) -> Calendar:
    """The calendar that counts for a case at `now`: the latest arrangement of days off."""
    return pack_for(file.jurisdiction, civil_date(now)).calendar.working_days


def case_out(file: CaseFile, actor: Actor, now: datetime) -> CaseOut:
    """A case as `actor` may see it."""
    kind, case = kind_of(file), file.case
    state = kind.state(case.state)
    return CaseOut(
        case_id=file.case_id,
        kind=kind.code,
        kind_title=kind.title,
        about=file.title,
        record_id=file.record_id or None,
        subject=_party(file),
        region=file.region,
        state=state.code,
        state_title=state.title,
        final=state.final,
        owner=None if state.owner is None else RELATION_TITLES[state.owner],
        opened_at=case.opened_at,
        changed_at=case.changed_at,
        version=case.version,
        pack=file.pack,
        parent=file.parent or None,
        relations=sorted(actor.relations),
        clocks=clocks_out(kind, file, calendar_for(file, now), civil_date(now)),
        actions=[
            PossibleOut(code=action.code, title=action.title)
            for action in rules.possible(kind, case, actor)
        ],
    )


def step_out(file: CaseFile, actor: Actor, now: datetime, results: Mapping[str, str]) -> StepOut:
    """A case after a step of `actor`, with what came of it."""
    return StepOut(**dict(case_out(file, actor, now)), results=dict(results))


def brief_out(file: CaseFile, now: datetime) -> CaseBrief:
    """A case in a list."""
    kind, case, today = kind_of(file), file.case, civil_date(now)
    calendar, state = calendar_for(file, now), kind.state(case.state)
    shown = (deadline_of(kind, clock, calendar) for clock in running(kind, case))
    ends = [one.due_on for one in shown if one is not None]
    due_on = min(ends, default=None)
    return CaseBrief(
        case_id=file.case_id,
        kind=kind.code,
        kind_title=kind.title,
        about=file.title,
        record_id=file.record_id or None,
        subject_id=file.parties.subject_id or None,
        state=state.code,
        state_title=state.title,
        final=state.final,
        owner=None if state.owner is None else RELATION_TITLES[state.owner],
        opened_at=case.opened_at,
        changed_at=case.changed_at,
        next_due_on=due_on,
        overdue=due_on is not None and due_on < today,
    )


def letter_out(letter: Letter) -> LetterOut:
    """A letter in a list."""
    return LetterOut(
        case_id=letter.case_id,
        run_id=letter.run_id or None,
        case_version=letter.case_version,
        kind=letter.kind,
        to=letter.to,
        text=letter.text,
        at=parse_instant(letter.at),
    )


def clocks_out(kind: CaseKind, file: CaseFile, calendar: Calendar, today: date) -> list[ClockOut]:
    """The limits that matter where a case stands, each with its working."""
    found = []
    for clock in running(kind, file.case):
        limit = kind.limit(clock.limit)
        shown = deadline_of(kind, clock, calendar)
        counted = plain_limit(limit, clock.extensions)
        found.append(
            ClockOut(
                limit=clock.limit,
                title=limit.title,
                due_on=None if shown is None else shown.due_on,
                overdue=is_over(kind, clock, calendar, today),
                days_left=days_left(kind, clock, calendar, today),
                stopped_for=kind.stops.get(clock.stopped_for),
                rule=counted.rule,
                basis=counted.basis,
                started_on=clock.started_on,
                provisional=shown is not None and shown.provisional,
                days=[
                    CountedOn(date=day.date, counted=day.counted, why=day.why)
                    for day in (shown.days if shown is not None else ())
                ],
            )
        )
    return found


class Reader:
    """Shows the events of one case to one reader."""

    def __init__(
        self, file: CaseFile, relations: frozenset[Relation], key: SubjectKey | None
    ) -> None:
        """`key` opens what is sealed of the case; None: the reader sees that something was said,
        not what."""
        self._file, self._relations, self._key = file, relations, key
        self._kind = kind_of(file)

    def entry(self, entry: Entry) -> EventOut:
        """One event."""
        event, shows = entry.event, self.shows(entry)
        action = self._kind.action(event.code) if event.what == "acted" else None
        titles = {} if action is None else action.evidence
        if action is not None:
            title = action.title
        else:
            title = f"{self._kind.limit(event.code).title}{_REMINDED[event.what]}"
        return EventOut(
            version=entry.version,
            what=event.what,
            code=event.code,
            title=title,
            at=event.at,
            by=event.relation,
            by_title=RELATION_TITLES[event.relation],
            agency=entry.agency or None,
            state=event.state,
            state_title=self._kind.state(event.state).title,
            values=self._values(entry) if shows else [],
            papers=[
                PaperOut(kind=code, title=titles.get(code, code), evidence_id=paper)
                for code, paper in entry.papers.items()
            ]
            if shows
            else [],
            results=dict(entry.results),
        )

    def shows(self, entry: Entry) -> bool:
        """Whether this reader may know what was said in an event."""
        if not self._kind.hides_informant or self._relations - {"subject"}:
            return True
        if not self._relations:
            return True  # whoever reads everything
        action = self._kind.action(entry.event.code)
        return entry.event.relation == "subject" or (
            action is not None and "subject" in action.tells
        )

    def _values(self, entry: Entry) -> list[ValueOut]:
        action = self._kind.action(entry.event.code)
        fields = {} if action is None else {field.code: field for field in action.fields}
        shown = [
            _value(code, fields.get(code), value) for code, value in entry.event.values.items()
        ]
        for code, sealed in entry.sealed.items():
            shown.append(_value(code, fields.get(code), self._opened(sealed)))
        return shown

    def _opened(self, sealed: str) -> FieldValue:
        if self._key is None:
            return "（不显示）"
        value: FieldValue = json.loads(self._key.unseal(sealed))
        return value


def key_of(scene: Scene) -> SubjectKey | None:
    """What opens a case's sealed values; None once the person was erased."""
    try:
        return scene.sealing_key()
    except Erased:
        return None


def _value(code: str, field: Field | None, value: FieldValue) -> ValueOut:
    if field is None:
        return ValueOut(code=code, title=code, text=str(value))
    try:
        text = field.text_of(value)
    except (KeyError, ValueError):
        text = str(value)
    return ValueOut(code=code, title=field.title, text=text)


def _party(file: CaseFile) -> PartyOut | None:
    parties = file.parties
    if not parties.subject_id:
        return None
    return PartyOut(
        subject_id=parties.subject_id,
        kind=parties.subject_kind,
        name=parties.subject_name or None,
        unified_code=parties.subject_code or None,
    )
