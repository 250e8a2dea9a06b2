"""What a register holds: entries, what was reported on their steps, supervision, reminders.

Nothing here is personal: the pack check refuses personal fields in registers, and free text with a
citizen code or a mobile number in it is refused when it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from chalicelib.policy.base import Frozen
from chalicelib.policy.model import FieldValue

TASKS = "tasks"
"""The register every pack has by itself: the task table of its document (责任分工)."""

DeedKind = Literal[
    "create",
    "change",
    "withdraw",
    "restore",
    "report",
    "take_back",
    "assign",
    "supervise",
    "answer",
]


class Evidence(Frozen):
    """A document that proves something: by address or by the number it is filed under."""

    title: str
    url: str = ""
    file_number: str = ""
    sha256: str = ""


class Report(Frozen):
    """An agency's word that a step was done on a day."""

    step: str
    agency_code: str
    agency_name: str
    done_on: str
    """ISO day in Asia/Shanghai."""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    reported_at: str


class SupervisionAnswer(Frozen):
    """What the keeper says to a supervision note."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    agency_code: str
    agency_name: str
    answered_at: str


class Supervision(Frozen):
    """督办: the credit office demands an answer by a day."""

    supervision_id: str
    message: str
    agency_code: str
    agency_name: str
    """The office."""
    issued_on: str
    issued_at: str
    due_on: str
    working_days: int | None = None
    """If the day was counted in working days from `issued_on`."""
    answer: SupervisionAnswer | None = None


class Unit(Frozen):
    """An agency a task is assigned to."""

    agency_code: str
    agency_name: str


class Deed(Frozen):
    """The change that made a version: what, why, by whom."""

    kind: DeedKind
    reason: str = ""
    agency_code: str
    agency_name: str
    at: str
    request: str
    """Keyed digest of who asked for what: how a retry is recognised."""


class Entry(Frozen):
    """One entry of a register, or what was assigned and reported of one task."""

    entry_id: str
    register_code: str
    task: str = ""
    """Code of the task, in the register of tasks."""
    jurisdiction: str
    region: str
    keeper: str
    """Agency code: whose entry it is."""
    keeper_name: str
    policy_version: str
    """The pack by which the entry is judged, for as long as it lives."""
    fields: Mapping[str, FieldValue] = Field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    supervision: tuple[Supervision, ...] = ()
    lead: tuple[Unit, ...] = ()
    cooperating: tuple[Unit, ...] = ()
    withdrawn: bool = False
    version: int
    created_at: str
    updated_at: str
    deed: Deed

    @property
    def lead_codes(self) -> tuple[str, ...]:
        """The agencies that answer for it: those in the lead, or the keeper."""
        if self.register_code == TASKS:
            return tuple(unit.agency_code for unit in self.lead)
        return (self.keeper,)

    @property
    def involved(self) -> frozenset[str]:
        """Every agency it concerns."""
        units = (*self.lead, *self.cooperating)
        codes = {self.keeper, *(unit.agency_code for unit in units)}
        return frozenset(codes - {""})


ReminderKind = Literal["due", "valid_until", "supervision"]


class Reminder(Frozen):
    """One reminder to one agency, made once; `late` ones are told to the credit office as well."""

    entry_id: str
    register_code: str
    task: str = ""
    jurisdiction: str
    region: str
    agency_code: str
    """Whom it is for; empty for the copy to the credit office."""
    keeper: str
    kind: ReminderKind
    about: str = ""
    """The supervision it is about."""
    due_on: str
    day: str
    """The day on which it fell due to be made."""
    late: bool
    made_at: str
