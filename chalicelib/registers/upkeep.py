"""Reminders: made by the hourly sweep when they fall due, each once; read with whether they still
matter. A sweep that was away makes up for it, and does no harm when it comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.access.rules import significant_part
from chalicelib.access.service import region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import GovcreditError, Unavailable
from chalicelib.kernel.log import report_failure
from chalicelib.registers import store
from chalicelib.registers.definitions import terms_of
from chalicelib.registers.entries import beyond_region
from chalicelib.registers.judging import Asking, Judged, judge
from chalicelib.registers.model import Entry, Reminder
from chalicelib.registers.rules_terms import Call, calls_due, next_look
from chalicelib.web.model import Scope

FIRST_LOOK_BACK = timedelta(days=31)
"""How far the first sweep looks back."""
_ROUNDS = 20


def remind_keepers(platform: Platform) -> int:
    """Make the reminders that have fallen due; how many are new. What cannot be judged holds up
    neither the others nor itself: its day is looked at again. Raises Unavailable, and the first
    other error after all had their turn."""
    today = civil_date(platform.clock())
    made = 0
    failures: list[Exception] = []
    for day in _days(platform, today):
        for entry, known in list(store.due_on(platform, day.isoformat())):
            try:
                made += _remind(platform, entry, known, today)
            except Unavailable:
                raise
            except (GovcreditError, ValueError, KeyError) as error:
                report_failure(entry.entry_id, error)
                failures.append(error)
    if failures:
        raise failures[0]
    # An entry changed at the last minute of yesterday may show in the index only today.
    store.note_reminded(platform, (today - timedelta(days=1)).isoformat())
    return made


def _days(platform: Platform, today: date) -> Iterator[date]:
    through = store.reminded_through(platform)
    first = date.fromisoformat(through) if through else today - FIRST_LOOK_BACK
    for offset in range((today - first).days + 1):
        yield first + timedelta(days=offset)


def _remind(platform: Platform, entry: Entry, known: str, today: date) -> int:
    judged = judge(entry, today, None)
    terms = terms_of(entry, judged.case, bool(judged.status.missing))
    remind_days = judged.definition.register.remind_days
    made = 0
    for call in calls_due(terms, remind_days, today):
        for agency in entry.lead_codes:
            made += store.add_reminder(platform, _reminder(platform, entry, call, agency))
        if call.late:
            made += store.add_reminder(platform, _reminder(platform, entry, call, ""))
    found = next_look(terms, remind_days, today)
    store.move_due_day(platform, entry, known, "" if found is None else found.isoformat())
    return made


def _reminder(platform: Platform, entry: Entry, call: Call, agency: str) -> Reminder:
    return Reminder(
        entry_id=entry.entry_id,
        register_code=entry.register_code,
        task=entry.task,
        jurisdiction=entry.jurisdiction,
        region=entry.region,
        agency_code=agency,
        keeper=entry.keeper,
        kind=call.term.kind,
        about=call.term.about,
        due_on=call.term.due_on.isoformat(),
        day=call.day.isoformat(),
        late=call.late,
        made_at=instant_text(platform.clock()),
    )


# -- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder, the entry as it stands today, and whether there is still something to do."""

    reminder: Reminder
    judged: Judged
    is_open: bool


def list_reminders(
    asking: Asking, settled: bool, limit: int, start: Item | None
) -> tuple[list[Told], Item | None]:
    """One page of the reminders of the caller's agency, newest first; those that are settled only
    where asked for."""
    found: list[Told] = []
    for _ in range(_ROUNDS):
        page = store.list_reminders(
            asking.platform, asking.caller.agency_code, limit - len(found), start
        )
        found += [told for told in _told(asking, page) if settled or told.is_open]
        start = page.next_start
        if start is None or len(found) >= limit:
            break
    return found, start


def list_late(
    asking: Asking, region: str, limit: int, start: Item | None
) -> tuple[list[Told], Item | None]:
    """One page of what is late in a region and those below it, and still open: what the credit
    office may supervise. Raises Forbidden (code `beyond_region`)."""
    caller = asking.caller
    wanted = region or caller.region
    if asking.scope is Scope.OWN or (
        asking.scope is not Scope.ALL and not region_covers(caller.region, wanted)
    ):
        raise beyond_region()
    found: list[Told] = []
    for _ in range(_ROUNDS):
        page = store.list_late(
            asking.platform,
            caller.jurisdiction,
            significant_part(wanted),
            limit - len(found),
            start,
        )
        found += [told for told in _told(asking, page) if told.is_open]
        start = page.next_start
        if start is None or len(found) >= limit:
            break
    return found, start


def _told(asking: Asking, page: Page) -> list[Told]:
    reminders = [store.reminder_from(item) for item in page.items]
    entries = store.load_entries(asking.platform, [one.entry_id for one in reminders])
    found: list[Told] = []
    for reminder in reminders:
        entry = entries.get(reminder.entry_id)
        # A task that went to others since is theirs to see.
        if entry is not None and asking.sees(entry):
            judged = judge(entry, asking.today, asking.figures)
            found.append(Told(reminder, judged, _is_open(reminder, judged)))
    return found


def _is_open(reminder: Reminder, judged: Judged) -> bool:
    """Whether what a reminder is about is still to be done, by the same day."""
    terms = terms_of(judged.entry, judged.case, judged.status.code != "complete")
    return any(
        (term.kind, term.about, term.due_on.isoformat())
        == (reminder.kind, reminder.about, reminder.due_on)
        for term in terms
    )
