"""Where a subject stands, in one answer. Nothing sealed is opened for it."""

from __future__ import annotations

from datetime import date

from chalicelib.access.service import last_readers
from chalicelib.aws.platform import Platform
from chalicelib.cases import presenting, store_letters
from chalicelib.cases.lists import page_of_cases
from chalicelib.cases.model import Actor
from chalicelib.cases.openings import openings_of
from chalicelib.cases.rules_openings import Opening
from chalicelib.cases.views import CaseBrief
from chalicelib.cases.views_mine import (
    OpeningOut,
    Overview,
    OwnCounts,
    OwnLetters,
    OwnRecord,
)
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.creditfile.rules_standing import marks_shown
from chalicelib.kernel.clock import day_start, instant_text
from chalicelib.policy.service import pack_version
from chalicelib.publicity.rules import decide, repairable_from, state_at
from chalicelib.web.model import Caller

RECORDS_SHOWN = 20
LETTERS_SHOWN = 10
READERS_SHOWN = 10
_PAGE = 100
MOST_OPEN = 300

_STATES = {"withheld": "不公示", "pending": "待公示", "public": "公示中", "ended": "公示期满"}


def overview_of(platform: Platform, caller: Caller, since: date) -> Overview:
    """Where the caller's subject stands; letters since a day. Raises NotFound."""
    subject = files.find_subject(platform, caller.subject_id)
    file = files.read_file(platform, caller, subject, RECORDS_SHOWN)
    actor = Actor(caller.client_id, frozenset({"subject"}), caller.roles)
    shown = file.dishonesty.records
    openings = openings_of(platform, actor, caller.jurisdiction, shown)
    cases, more_cases = _open_cases(platform, subject.subject_id)
    return Overview(
        subject_id=subject.subject_id,
        counts=OwnCounts(
            records=file.total,
            dishonesty=file.dishonesty.count,
            honours=file.honours.count,
            archived=file.archive.count,
            pending=file.pending,
            complete=file.complete,
        ),
        dishonesty=[_own_record(platform, one, openings[one.record_id]) for one in shown],
        cases=cases,
        more_cases=more_cases,
        letters=_letters(platform, subject.subject_id, since),
        readers=last_readers(platform, subject.subject_id, READERS_SHOWN),
        as_of=platform.clock(),
    )


def opening_out(opening: Opening) -> OpeningOut:
    """A kind of case that may be opened, or why not."""
    return OpeningOut(
        kind=opening.kind.code,
        kind_title=opening.kind.title,
        action=opening.action.code,
        action_title=opening.action.title,
        allowed=not opening.reasons,
        reasons=list(opening.reasons),
        case_id=opening.open_case or None,
    )


def _own_record(platform: Platform, record: Record, openings: list[Opening]) -> OwnRecord:
    pack = pack_version(record.jurisdiction, record.pack)
    known = publicity_facts(record, pack, settled=True)
    decision = None if known is None else decide(known)
    state = "withheld" if decision is None else state_at(decision, platform.clock())
    return OwnRecord(
        record_id=record.record_id,
        type=record.type,
        type_title=pack.types[record.type].title,
        severity=record.severity or None,
        occurred_on=date.fromisoformat(record.occurred_on),
        reporter=record.reporter,
        publicity=_STATES[state],
        public_until=None if decision is None else decision.last_day,
        repairable_from=None if known is None else repairable_from(known),
        marks=[mark.text for mark in marks_shown(record.standing)],
        stated=record.standing.statement is not None,
        openings=[opening_out(one) for one in openings],
    )


def _open_cases(platform: Platform, subject_id: str) -> tuple[list[CaseBrief], bool]:
    """The cases about a subject that are not over, the first due first; whether there may be
    more."""
    now = platform.clock()
    files, more = page_of_cases(
        platform,
        "by_subject",
        subject_id,
        MOST_OPEN,
        None,
        wanted=lambda file: not presenting.is_final(file),
    )
    found = [presenting.brief_out(file, now) for file in files]
    found.sort(key=lambda one: (one.next_due_on or date.max, one.case_id))
    return found, more is not None


def _letters(platform: Platform, subject_id: str, since: date) -> OwnLetters:
    first = instant_text(day_start(since))
    found, more = store_letters.page_of_letters(
        platform, f"subject:{subject_id}", _PAGE, None, first
    )
    return OwnLetters(
        since=since,
        count=len(found),
        more=more is not None,
        items=[presenting.letter_out(letter) for letter in found[:LETTERS_SHOWN]],
    )
