"""Whether subjects may be rated 优秀 in a year: who may ask, what the answer rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.service import record_read
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.creditfile.rules import is_shared_with
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Forbidden, Invalid
from chalicelib.policy.service import pack_for, pack_version, versions_of
from chalicelib.ratings.model import Opinion
from chalicelib.ratings.rules import Facts, bars_for, day_of, judge, pending_states
from chalicelib.web.model import Caller, Scope

OWN_READING = "self"
"""The purpose in the audit trail where a person asks about itself."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, how far the right reaches, and what for (the two request headers)."""

    caller: Caller
    scope: Scope
    purpose: str = ""
    approval: str = ""


def opinion_on(platform: Platform, asking: Asking, subject_id: str, year: int) -> Opinion:
    """The answer about one subject. A look at a person is noted first. Raises NotFound, Forbidden
    outside the scope, Invalid without a purpose (personnel: and an approval)."""
    subject = files.find_subject(platform, subject_id)
    files.check_scope(platform, asking.caller, asking.scope, subject)
    _note(platform, asking, [subject])
    return _opinion(platform, asking.caller, subject, year)


def opinions_on(
    platform: Platform, asking: Asking, subject_ids: Sequence[str], year: int
) -> list[Opinion]:
    """The answers about several subjects, in their order: all or none. Raises Invalid naming those
    that do not exist or lie outside the scope, alike."""
    found = files.subjects_by_id(platform, subject_ids)
    faults: list[Fault] = []
    for position, subject_id in enumerate(subject_ids):
        subject = found.get(subject_id)
        if subject is None or not _reaches(platform, asking, subject):
            message = "没有这个信用主体，或者不在管辖范围内"
            faults.append(Fault(f"/subject_ids/{position}", "subject_not_reached", message))
    if faults:
        raise Invalid("有主体不能查询，全部没有查询", faults=faults)
    subjects = [found[subject_id] for subject_id in subject_ids]
    _note(platform, asking, subjects)
    return [_opinion(platform, asking.caller, subject, year) for subject in subjects]


def _reaches(platform: Platform, asking: Asking, subject: Subject) -> bool:
    try:
        files.check_scope(platform, asking.caller, asking.scope, subject)
    except Forbidden:
        return False
    return True


def _note(platform: Platform, asking: Asking, subjects: Sequence[Subject]) -> None:
    """Every look at a person is in the audit trail before anything is answered."""
    persons = [subject for subject in subjects if subject.is_person]
    caller = asking.caller
    others = [one for one in persons if one.subject_id != caller.subject_id]
    stated = files.purpose_of(caller, asking.purpose, asking.approval) if others else ("", "")
    for subject in persons:
        purpose = stated if subject in others else (OWN_READING, "")
        record_read(platform, caller, subject.subject_id, *purpose)


def _opinion(platform: Platform, caller: Caller, subject: Subject, year: int) -> Opinion:
    today = civil_date(platform.clock())
    day = day_of(year, today)
    # A day before the first version is judged by the first one: nothing older is known.
    first = date.fromisoformat(versions_of(subject.jurisdiction)[0])
    pack = pack_for(subject.jurisdiction, max(day, first))
    kind, states = subject.kind, pending_states(pack, subject.kind)
    limits = bars_for(pack, kind, "annual_excellent") + bars_for(pack, kind, "award")
    records = (
        files.dishonest_about(platform, subject.subject_id, f"{year:04d}-12-31") if limits else ()
    )
    facts = Facts(
        subject_kind=kind,
        records=tuple((one, pack_version(one.jurisdiction, one.pack)) for one in records),
        bars=tuple(cases.bars_in(platform, subject.subject_id, year)),
        pending=tuple(cases.standing_in(platform, subject.subject_id, states) if states else ()),
    )
    verdicts = judge(pack, facts, year, today)
    hidden = {one.record_id for one, _ in facts.records if not is_shared_with(caller, one)}
    shown = tuple(
        replace(
            verdict,
            reasons=tuple(
                # What is no longer shared counts, but is not pointed at.
                replace(one, record_id="") if one.record_id in hidden else one
                for one in verdict.reasons
            ),
        )
        for verdict in verdicts
    )
    return Opinion(subject.subject_id, kind, year, pack.version, shown)
