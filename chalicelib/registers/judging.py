"""An entry as it stands now: its rules, its facts, its status. Always computed from today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from chalicelib.access.service import Superiors
from chalicelib.aws.platform import Platform
from chalicelib.kernel.clock import civil_date
from chalicelib.policy import service as policy
from chalicelib.policy.model import Pack
from chalicelib.registers.definitions import Definition, case_of, definition_of, terms_of
from chalicelib.registers.figures import Figures, Whose
from chalicelib.registers.model import TASKS, Entry
from chalicelib.registers.rules import Case, Status, assess
from chalicelib.registers.rules_terms import calls_due, next_look
from chalicelib.web.model import Caller, Scope


@dataclass(frozen=True)
class Asking:
    """Who asks what of the registers, how far their right reaches, and on which day."""

    platform: Platform
    caller: Caller
    scope: Scope

    @cached_property
    def today(self) -> date:
        """The civil day in Asia/Shanghai."""
        return civil_date(self.platform.clock())

    @cached_property
    def pack(self) -> Pack:
        """The pack in force today where the caller is. Raises NotFound."""
        return policy.pack_for(self.caller.jurisdiction, self.today)

    @cached_property
    def figures(self) -> Figures:
        """The platform's own figures."""
        return Figures(self.platform, self.today)

    def sees(self, entry: Entry) -> bool:
        """Whether the entry lies within the caller's scope."""
        if self.caller.agency_code and self.caller.agency_code in entry.involved:
            return True
        owners = entry.involved or {""}
        return any(self.reaches(owner, entry.region) for owner in owners)

    def reaches(self, agency_code: str, region: str) -> bool:
        """Whether what belongs to an agency lies within the caller's scope."""
        return self._superiors.reach(self.caller, self.scope, agency_code, region)

    @cached_property
    def _superiors(self) -> Superiors:
        return Superiors(self.platform)


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry and where it stands."""

    entry: Entry
    definition: Definition
    case: Case
    status: Status


def judge(entry: Entry, today: date, figures: Figures | None) -> Judged:
    """Where an entry stands on `today`. Without `figures` nothing computed counts as reached."""
    definition = definition_of(entry, today)
    case = case_of(entry, definition)
    figure = None
    if figures is not None:
        agency = "" if entry.register_code == TASKS else entry.keeper
        whose = Whose(entry.jurisdiction, entry.region, agency)
        figure = figures.of(definition.register.target, whose)
    return Judged(entry, definition, case, assess(case, today, figure))


def due_day_of(entry: Entry, today: date) -> str:
    """The day on which somebody has to be reminded next: today if a reminder has fallen due
    (making it again does no harm); empty for never."""
    judged = judge(entry, today, None)
    terms = terms_of(entry, judged.case, bool(judged.status.missing))
    remind_days = judged.definition.register.remind_days
    if calls_due(terms, remind_days, today):
        return today.isoformat()
    found = next_look(terms, remind_days, today)
    return "" if found is None else found.isoformat()
