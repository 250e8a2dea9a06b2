"""Standings worked out again from what they rest on, whenever that has changed.

    stream ─ record, case, subject, evaluation run ─ queue ─ restand ─ standing, its change, checks

Nobody applies or lifts a measure by hand: a message only says what has changed, and the standing
follows from records, cases and grades as they are when it is worked. So it does not matter how
often and in which order messages come. A change is told to checks after it is kept; a standing
whose change was not told is due at once and comes again with the next day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key, commit
from chalicelib.cases import service as cases
from chalicelib.cases.model import Pending
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record, Subject
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import NotFound
from chalicelib.measures import store
from chalicelib.measures.model import Cause, Facts, Measure, Standing, Turn
from chalicelib.measures.rules import held_back_until, measures_of, next_change, turn_of
from chalicelib.measures.store import Kept
from chalicelib.policy.measures import CaseGround, RatingGround, RecordGround
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.ratings.rules import pending_states

_RACES: Final = 4
"""How often a standing is worked out again at once that somebody else was just working out."""


def restand(platform: Platform, subject_id: str, cause: Cause) -> None:
    """Work out the standing of a subject by its id again; nothing where nobody is known by it."""
    try:
        subject = files.find_subject(platform, subject_id)
    except NotFound:
        return
    restand_subject(platform, subject, cause)


def restand_subject(platform: Platform, subject: Subject, cause: Cause) -> None:
    """Work out the standing of a subject again, and once more where somebody else has just worked
    it out. Raises ConditionFailed where that happens again and again."""
    for _ in range(_RACES):
        with suppress(ConditionFailed):
            _work_out(platform, subject, cause)
            return
    _work_out(platform, subject, cause)


def _work_out(platform: Platform, subject: Subject, cause: Cause) -> None:
    place = store.place_of(platform, subject)
    if subject.is_erased:
        if place is not None:
            store.forget(platform, place, subject.subject_id)
        # Who watches a person may do so though nothing is kept of it here.
        _send_changed(platform, subject, subject.version)
        return
    if place is None:
        return
    today = civil_date(platform.clock())
    pack = pack_for(subject.jurisdiction, today)
    kept = store.load_kept(platform, place)
    facts = facts_about(platform, pack, subject, kept, today)
    found = measures_of(pack, facts, today)
    due = next_change(found, held_back_until(pack, facts, today))
    _keep(_Worked(platform, subject, place, pack, kept, today, due), found, cause)


def facts_about(
    platform: Platform, pack: Pack, subject: Subject, kept: Kept, today: date
) -> Facts:
    """What the measures of a subject rest on, as it is now."""
    needs = needs_of(pack, subject.kind)
    return Facts(
        subject_kind=subject.kind,
        records=tuple(
            (one, pack_version(one.jurisdiction, one.pack))
            for one in _records(platform, subject, needs, today)
        ),
        bars=tuple(cases.bars_in(platform, subject.subject_id, today.year)) if needs.bars else (),
        pending=_pending(platform, pack, subject, needs),
        results=kept.grades,
    )


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be read of a subject for the measures a pack has for its kind."""

    dishonesty: bool
    """Whether dishonesty records can be a ground."""
    types: frozenset[str]
    """Types of records that are a ground though none of dishonesty."""
    bars: bool
    states: Mapping[str, Collection[str]]


def needs_of(pack: Pack, kind: str) -> Needs:
    """What the measures of a pack for subjects of this kind rest on."""
    dishonesty = bars = False
    types: set[str] = set()
    states: dict[str, set[str]] = {}
    for entry in pack.measures.values():
        if kind not in entry.about:
            continue
        for ground in entry.grounds:
            if isinstance(ground, RecordGround):
                types |= {name for name in ground.types if not _is_dishonesty(pack, name, kind)}
                dishonesty = True
            elif isinstance(ground, RatingGround):
                dishonesty, bars = True, bars or ground.rating == "annual_excellent"
            elif isinstance(ground, CaseGround):
                for code, names in ground.states.items():
                    states.setdefault(code, set()).update(names)
    return Needs(dishonesty, frozenset(types), bars, states)


def _is_dishonesty(pack: Pack, name: str, kind: str) -> bool:
    found = pack.types.get(name)
    return found is not None and found.is_dishonesty(kind)


def _records(
    platform: Platform, subject: Subject, needs: Needs, today: date
) -> Iterator[Record]:
    if not needs.types:
        if needs.dishonesty:
            yield from files.dishonest_about(platform, subject.subject_id, today.isoformat())
        return
    about = [
        one
        for one in files.records_about(platform, subject.subject_id)
        if one.status == "active" and (one.dishonesty or one.type in needs.types)
    ]
    settled = files.settled_uploads(platform, {one.upload.upload_id for one in about if one.upload})
    yield from (one for one in about if one.upload is None or one.upload.upload_id in settled)


def _pending(
    platform: Platform, pack: Pack, subject: Subject, needs: Needs
) -> tuple[Pending, ...]:
    states = {**pending_states(pack, subject.kind)} if needs.bars else {}
    for code, names in needs.states.items():
        states[code] = {*states.get(code, ()), *names}
    return tuple(cases.standing_in(platform, subject.subject_id, states)) if states else ()


# -- keeping --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Worked:
    """A subject whose measures were worked out, and what was kept of it before."""

    platform: Platform
    subject: Subject
    place: Key
    pack: Pack
    kept: Kept
    today: date
    due: str


def _keep(worked: _Worked, found: tuple[Measure, ...], cause: Cause) -> None:
    kept, platform = worked.kept, worked.platform
    before, due = kept.standing, worked.due
    if before is None and not found and not due:
        return
    version = 1 if before is None else before.version
    after = _standing(worked, found, version)
    if before is not None and store.measures_text(before.measures) == store.measures_text(found):
        if kept.told < version:
            _tell(worked, version, due)
        elif replace(before, as_of=after.as_of) != after or kept.due_day != due:
            store.touch(platform, worked.place, kept, after, due)
        return
    if before is not None:
        after = replace(after, version=version + 1)
    turn = _turn(worked, before.measures if before is not None else (), after, cause)
    commit(store.standing_writes(platform, worked.place, kept, after, turn))
    _tell(worked, after.version, due)


def _standing(worked: _Worked, found: tuple[Measure, ...], version: int) -> Standing:
    subject = worked.subject
    return Standing(
        subject_id=subject.subject_id,
        subject_kind=subject.kind,
        jurisdiction=subject.jurisdiction,
        region=subject.region,
        pack=worked.pack.version,
        version=version,
        as_of=worked.today.isoformat(),
        measures=found,
    )



def _turn(
    worked: _Worked, before: tuple[Measure, ...], after: Standing, cause: Cause
) -> Turn:
    remaining = {one.measure_id for one in after.measures}
    gone = {
        one.ground for one in before if one.what == "record" and one.measure_id not in remaining
    }
    records = {}
    for record_id in sorted(gone):
        try:
            records[record_id] = files.find_record(worked.platform, record_id)
        except NotFound:
            continue
    applied, lifted = turn_of(before, after.measures, records, worked.today)
    at = instant_text(worked.platform.clock())
    return Turn(after.version, at, cause, applied, lifted)


def _tell(worked: _Worked, version: int, due: str) -> None:
    """Tell checks of the change, then note that they were told."""
    _send_changed(worked.platform, worked.subject, version)
    store.note_told(worked.platform, worked.place, version, due)


def _send_changed(platform: Platform, subject: Subject, version: int) -> None:
    message = {"job": "changed", "subject": subject.subject_id, "version": version}
    platform.checks_queue.send(message)
