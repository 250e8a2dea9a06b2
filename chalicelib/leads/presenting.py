"""How a case is shown to whoever reported it, and what was said to the offices that handle it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.access.rules import region_covers
from chalicelib.aws.platform import Platform
from chalicelib.cases import rules
from chalicelib.cases import service as cases
from chalicelib.cases.model import CaseFile
from chalicelib.cases.rules_clocks import limit_in_words
from chalicelib.cases.service import ClockOut
from chalicelib.kernel.clock import civil_date
from chalicelib.leads.dialogue import INFORMANT, Told
from chalicelib.leads.kinds import channels_of
from chalicelib.leads.model import (
    KindTally,
    LeadAction,
    LeadField,
    LeadKind,
    LeadLimit,
    LeadOut,
    ReceiptOut,
    RegionTally,
    SaidOut,
    Statistics,
    TurnOut,
)
from chalicelib.leads.opening import Opened
from chalicelib.leads.rules_dialogue import Said, Turn
from chalicelib.policy.case_kinds import RELATION_TITLES, CaseAction, CaseKind
from chalicelib.policy.model import Field, Pack


def receipt_out(opened: Opened, now: datetime) -> ReceiptOut:
    """A case that was opened, with the code."""
    file = opened.file
    kind = cases.kind_of(file)
    return ReceiptOut(
        code=opened.code,
        kind_title=kind.title,
        body=file.parties.subject_name,
        state_title=kind.state(file.case.state).title,
        in_words=in_words(file, now),
        opened_at=file.case.opened_at,
    )


def lead_out(found: Told, now: datetime) -> LeadOut:
    """A case as whoever reported it sees it."""
    file = found.file
    kind, case = cases.kind_of(file), file.case
    state = kind.state(case.state)
    return LeadOut(
        kind=kind.code,
        kind_title=kind.title,
        body=file.parties.subject_name,
        state=state.code,
        state_title=state.title,
        final=state.final,
        in_words=in_words(file, now),
        opened_at=case.opened_at,
        changed_at=case.changed_at,
        version=case.version,
        clocks=tuple(clocks_of(file, now)),
        dialogue=tuple(_turn_out(turn, found) for turn in found.turns),
        actions=tuple(
            LeadAction(action=one.code, title=one.title, fields=_fields(one.fields))
            for one in rules.possible(kind, case, INFORMANT.actor)
        ),
    )


def clocks_of(file: CaseFile, now: datetime) -> list[ClockOut]:
    """The clocks that run in a case."""
    calendar = cases.calendar_for(file, now)
    return cases.clocks_out(cases.kind_of(file), file, calendar, civil_date(now))


def in_words(file: CaseFile, now: datetime) -> str:
    """Where a case stands and until when what has to happen, in one sentence."""
    kind = cases.kind_of(file)
    state = kind.state(file.case.state)
    if state.final:
        return "已办结。" if state.title == "已办结" else f"已办结：{state.title}。"
    turn = "" if state.owner is None else f"，由{RELATION_TITLES[state.owner]}办理"
    if state.owner == "informant":
        turn = "，等您答复"
    return f"{state.title}{turn}{''.join(_clock_words(one) for one in clocks_of(file, now))}。"


def _clock_words(clock: ClockOut) -> str:
    if clock.stopped_for:
        return f"；{clock.title}因{clock.stopped_for}中止计算"
    if clock.due_on is None:
        return ""
    words = f"；{clock.rule}，{clock.due_on.isoformat()}到期"
    return f"{words}，已经逾期" if clock.overdue else words


def _turn_out(turn: Turn, found: Told) -> TurnOut:
    return TurnOut(
        at=turn.at,
        by=turn.by,
        title=turn.title,
        state=turn.state,
        told=turn.told or None,
        said=said_out(turn.said),
        attachments=found.pictures.get(turn.version, ()),
    )


def said_out(said: Iterable[Said]) -> tuple[SaidOut, ...]:
    """What was said, as it is shown."""
    return tuple(SaidOut(title=one.title, text=one.text) for one in said)


def kind_out(kind: CaseKind, opening: CaseAction) -> LeadKind:
    """A kind anyone may open, as it is offered."""
    return LeadKind(
        kind=kind.code,
        title=kind.title,
        purpose=kind.purpose,
        fields=_fields(opening.fields),
        limits=tuple(
            LeadLimit(title=limit.title, in_words=limit_in_words(limit), basis=limit.basis)
            for limit in kind.limits
        ),
        channels=channels_of(kind),
        basis=kind.basis,
    )


def _fields(fields: Iterable[Field]) -> tuple[LeadField, ...]:
    return tuple(
        LeadField(
            code=field.code,
            title=field.title,
            kind=field.kind,
            required=field.required,
            max_length=field.max_length,
            choices={choice.code: choice.title for choice in field.values},
        )
        for field in fields
    )


def statistics_out(platform: Platform, pack: Pack, region: str) -> Statistics:
    """How many cases of each counted kind were received in a region and those below it."""
    counted = [kind for kind in cases.kinds_of(pack) if kind.is_counted]
    return Statistics(
        jurisdiction=pack.jurisdiction,
        region=region,
        kinds=tuple(_kind_tally(platform, pack, kind, region) for kind in counted),
    )


def _kind_tally(platform: Platform, pack: Pack, kind: CaseKind, region: str) -> KindTally:
    rows = [
        RegionTally(region=place, received=received, **standing)
        for place, (received, standing) in sorted(
            cases.tallies_of(platform, pack.jurisdiction, kind.code).items()
        )
        if region_covers(region, place)
    ]
    return KindTally(
        kind=kind.code,
        title=kind.title,
        received=sum(row.received for row in rows),
        in_progress=sum(row.in_progress for row in rows),
        explained=sum(row.explained for row in rows),
        rectified=sum(row.rectified for row in rows),
        recognised=sum(row.recognised for row in rows),
        regions=tuple(rows),
    )
