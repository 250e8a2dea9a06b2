"""What passed between whoever reported something and the offices, told to either side. Pure.

Told is what they said themselves, what they were told, and where the case went; never what the
offices said among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.cases.model import Entry, Letter
from chalicelib.policy.case_kinds import RELATION_TITLES, CaseAction, CaseKind
from chalicelib.policy.model import Field, FieldValue

YOU: Final = "您"
_OUTSIDE: Final = ("anyone", "informant")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing somebody said: the title of what was asked, and the text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the dialogue."""

    version: int
    at: datetime
    by: str
    title: str
    state: str
    told: str
    """What the platform told whoever reported it, in the kind's words."""
    said: tuple[Said, ...]


def dialogue(
    kind: CaseKind,
    entries: Sequence[Entry],
    opened: Mapping[int, Mapping[str, FieldValue]],
    letters: Sequence[Letter],
) -> list[Turn]:
    """The turns of a case, the oldest first. `opened` is what was said in it, by event; `letters`
    are those to the informant."""
    told = {letter.case_version: letter.text for letter in letters}
    turns = []
    before = ""
    for entry in sorted(entries, key=lambda one: one.version):
        turn = _turn(kind, entry, opened.get(entry.version, {}), told.get(entry.version, ""))
        if turn.by == YOU or turn.told or turn.said or entry.event.state != before:
            turns.append(turn)
        before = entry.event.state
    return turns


def voiced(
    kind: CaseKind, entries: Sequence[Entry], opened: Mapping[int, Mapping[str, FieldValue]]
) -> list[Turn]:
    """The events of a case in which something was said in confidence, as the offices hear it."""
    turns = []
    for entry in sorted(entries, key=lambda one: one.version):
        event = entry.event
        action = kind.action(event.code) if event.what == "acted" else None
        if action is None or entry.version not in opened:
            continue
        turns.append(
            Turn(
                version=entry.version,
                at=event.at,
                by=RELATION_TITLES["informant" if event.relation in _OUTSIDE else event.relation],
                title=action.title,
                state=kind.state(event.state).title,
                told="",
                said=tuple(_said(action, opened[entry.version])),
            )
        )
    return turns


def _turn(kind: CaseKind, entry: Entry, values: Mapping[str, FieldValue], told: str) -> Turn:
    event = entry.event
    action = kind.action(event.code) if event.what == "acted" else None
    is_own = event.relation in _OUTSIDE
    is_told = action is not None and "informant" in action.tells
    state = kind.state(event.state).title
    return Turn(
        version=entry.version,
        at=event.at,
        by=YOU if is_own else RELATION_TITLES[event.relation],
        title=action.title if action is not None and (is_own or is_told) else state,
        state=state,
        told=told,
        said=tuple(_said(action, values)) if is_own or is_told else (),
    )


def _said(action: CaseAction | None, values: Mapping[str, FieldValue]) -> list[Said]:
    fields: dict[str, Field] = {} if action is None else {one.code: one for one in action.fields}
    return [
        Said(fields[code].title, fields[code].text_of(value))
        for code, value in values.items()
        if code in fields
    ]
