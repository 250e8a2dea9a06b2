"""What makes standings to be worked out again: a record, a case, a subject, an evaluation that is
completed, a new day, a new version of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.cases import service as cases
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import HONOUR_CATEGORIES
from chalicelib.evaluation import service as evaluations
from chalicelib.evaluation.runs import Result, Run
from chalicelib.kernel.clock import civil_date, day_start, instant_text, parse_instant
from chalicelib.kernel.errors import NotFound, Unavailable
from chalicelib.measures import store
from chalicelib.measures.model import Cause, Graded
from chalicelib.measures.work import restand, restand_subject
from chalicelib.policy.case_effects import BarExcellent
from chalicelib.policy.measures import CaseGround, EvaluationGround, RecordGround
from chalicelib.policy.model import Pack
from chalicelib.policy.service import jurisdictions, pack_for, pack_version, versions_of

FILE_PATIENCE: Final = timedelta(days=1)
"""How long a row waits for its file to be finished before somebody has to look."""
LOOK_AGAIN_SECONDS: Final = 300
SLICE: Final = 50
"""Results one message works."""
FIRST_LOOK_BACK: Final = timedelta(days=7)
"""How far the first daily job looks back."""


def wants(change: Change) -> bool:
    """Whether a change can touch a measure. First versions of licences and penalties come by the
    million; what is repaired, exempted or withdrawn is a later version."""
    if change.entity == "record":
        honour = change.category in HONOUR_CATEGORIES
        return change.dishonesty or change.version > 1 or honour
    # Of whom is first registered nothing is on file yet.
    return change.version > 1 or change.entity != "subject"


def record_changed(platform: Platform, record_id: str) -> None:
    """A record came, was changed, repaired or withdrawn. Raises NotFound, and Unavailable where its
    file is not finished for a day."""
    record = files.find_record(platform, record_id)
    if not is_concerned(record, civil_date(platform.clock())):
        return
    if not files.is_settled(platform, record):
        if platform.clock() - parse_instant(record.changed_at) > FILE_PATIENCE:
            raise Unavailable("这条信用信息所在的文件一天还没有处理完")
        platform.measures_queue.send(_change(record), delay_seconds=LOOK_AGAIN_SECONDS)
        return
    restand(platform, record.subject_id, Cause("record", record_id))


def is_concerned(record: Record, today: date) -> bool:
    """Whether a record is, or was, one that measures can rest on: by the policy it was decided
    under, or by that of `today`."""
    if record.dishonesty or record.standing.exempted is not None:
        return True
    if record.category in HONOUR_CATEGORIES:
        return True
    packs = _packs(record.jurisdiction, record.pack, today)
    return any(_is_ground(pack, record) for pack in packs)


def _packs(jurisdiction: str, version: str, today: date) -> list[Pack]:
    """The policy something was decided under, and that of `today`: standings are worked out by
    the latter, and what it has made a ground has to reach them. One that is not there any more is
    left out: what cannot be judged by it must not hold up the others."""
    found: list[Pack] = []
    with suppress(NotFound):
        found.append(pack_version(jurisdiction, version))
    with suppress(NotFound):
        found.append(pack_for(jurisdiction, today))
    return found


def _is_ground(pack: Pack, record: Record) -> bool:
    found = pack.types.get(record.type)
    if found is not None and found.is_dishonesty(record.subject_kind):
        return True
    return any(
        isinstance(ground, RecordGround) and record.type in ground.types
        for entry in pack.measures.values()
        for ground in entry.grounds
    )


def look_again(platform: Platform, records: Sequence[Record]) -> int:
    """Have it looked at again what follows from these records: a message may have been lost. How
    many can bear on measures."""
    today = civil_date(platform.clock())
    messages = [_change(record) for record in records if is_concerned(record, today)]
    platform.measures_queue.send_many(messages)
    return len(messages)


def _change(record: Record) -> dict[str, object]:
    key = f"RECORD#{record.record_id}"
    return Change("records", key, record.version, "record").message()


def case_changed(platform: Platform, case_id: str) -> None:
    """A case took a step: only of kinds that measures, or bars from 优秀, can come from."""
    file = cases.find_file(platform, case_id)
    subject_id = file.parties.subject_id
    packs = _packs(file.jurisdiction, file.pack, civil_date(platform.clock()))
    if subject_id and any(file.kind in _kinds(pack) for pack in packs):
        restand(platform, subject_id, Cause("case", case_id))


def _kinds(pack: Pack) -> set[str]:
    found = {
        code
        for entry in pack.measures.values()
        for ground in entry.grounds
        if isinstance(ground, CaseGround)
        for code in ground.states
    }
    return found | {
        kind.code
        for kind in pack.case_kinds.values()
        for action in kind.actions
        if any(isinstance(effect, BarExcellent) for effect in action.effects)
    }


def subject_changed(platform: Platform, subject_id: str) -> None:
    """A subject was registered again, moved, or a person was erased."""
    restand(platform, subject_id, Cause("subject", subject_id))


# -- evaluation -----------------------------------------------------------------------------------


def run_changed(platform: Platform, run_id: str, after: str = "") -> None:
    """A run was completed: the grades behind subject id `after`, one slice; the rest is left to a
    message of its own. A run that is not completed, or replaced, has no effect; nor has a result
    that the body was told of and that is not published: the run changes again when it is."""
    run = evaluations.completed_run(platform, run_id)
    if run is None or run.superseded_by or not _is_used(run, platform.clock()):
        return
    results = evaluations.results_of(platform, run_id, after)
    part = list(islice(results, SLICE))
    subjects = files.subjects_by_id(platform, [one.body.subject_id for one in part])
    for result in part:
        subject = subjects.get(result.body.subject_id)
        if subject is None or subject.is_person:
            continue  # no measure rests on the evaluation of a person, which is internal
        if _is_held(platform, run, result):
            continue
        place = store.body_key(platform, subject.subject_id)
        if store.keep_grade(platform, place, _graded(run, result), run.completed_at):
            restand_subject(platform, subject, Cause("evaluation", run_id))
    if next(results, None) is not None:
        last = part[-1].body.subject_id
        platform.measures_queue.send({"job": "run", "run_id": run_id, "after": last})
    else:
        store.note_run(platform, run_id, run.version)


def _is_held(platform: Platform, run: Run, result: Result) -> bool:
    scheme = pack_version(run.jurisdiction, run.pack).schemes.get(run.scheme)
    notice = None if scheme is None else scheme.notice
    if notice is None or result.grade not in notice.grades:
        return False
    return evaluations.is_held(platform, run.run_id, result.body.subject_id)


def _is_used(run: Run, now: datetime) -> bool:
    return any(
        isinstance(ground, EvaluationGround) and ground.scheme == run.scheme
        for pack in _packs(run.jurisdiction, run.pack, civil_date(now))
        for entry in pack.measures.values()
        for ground in entry.grounds
    )


def _graded(run: Run, result: Result) -> Graded:
    return Graded(
        scheme=run.scheme,
        run_id=run.run_id,
        period=run.period,
        grade=result.grade,
        grade_title=result.grade_title,
        total=str(result.total),
        completed_on=civil_date(parse_instant(run.completed_at)).isoformat(),
    )


# -- days -----------------------------------------------------------------------------------------


def new_day(platform: Platform) -> None:
    """A day has begun: have the standings looked at again in which something ended, and everybody
    once in every month and once under every version of the policy, whichever day that is noticed
    on; so also on the first day this ever runs, for what was on file before.

    Also whatever changed of runs and cases and of which the message may have been lost.

    An answer never counts what is over, so a late job changes no answer."""
    today = civil_date(platform.clock())
    first = _first(platform, today)
    for day in _days(first, today):
        due = store.due_on(platform, day.isoformat())
        while part := list(islice(due, SLICE)):
            platform.measures_queue.send_many([_again(subject_id) for subject_id in part])
    for jurisdiction in jurisdictions():
        pack = pack_for(jurisdiction, today)
        wanted = store.Rebuilt(pack.version, pack.digest, f"{today:%Y-%m}")
        if store.rebuilt(platform, jurisdiction) != wanted:
            platform.measures_queue.send({"job": "rebuild", "jurisdiction": jurisdiction})
            store.note_rebuilt(platform, jurisdiction, wanted)
        platform.measures_queue.send(_missed(jurisdiction, instant_text(day_start(first)), ""))
    store.note_done(platform, (today - timedelta(days=1)).isoformat())


def look_at_missed(platform: Platform, jurisdiction: str, since: str, after: str) -> None:
    """Have it looked at again what runs not yet taken as they are, and cases that took a step since
    an instant, bring about: their messages may have been lost. One slice of the cases, behind the
    place `after`; the rest is left to a message of its own."""
    messages: list[dict[str, object]] = []
    if not after:
        now = platform.clock()
        runs = [
            run
            for run in evaluations.latest_runs(platform, jurisdiction)
            if not run.superseded_by and _is_used(run, now)
        ]
        taken = store.runs_taken(platform, [run.run_id for run in runs])
        messages += [
            {"job": "run", "run_id": run.run_id, "after": ""}
            for run in runs
            if taken.get(run.run_id, 0) < run.version
        ]
    found, last = cases.changed_since(platform, jurisdiction, since, after)
    messages += [
        Change("cases", f"CASE#{case_id}", version, "case").message() for case_id, version in found
    ]
    if last:
        messages.append(_missed(jurisdiction, since, last))
    platform.measures_queue.send_many(messages)


def _missed(jurisdiction: str, since: str, after: str) -> dict[str, object]:
    return {"job": "missed", "jurisdiction": jurisdiction, "since": since, "after": after}


def _first(platform: Platform, today: date) -> date:
    through = store.done_through(platform)
    return date.fromisoformat(through) if through else today - FIRST_LOOK_BACK


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _again(subject_id: str) -> dict[str, object]:
    return {"job": "subject", "subject": subject_id}


def rebuild(platform: Platform, jurisdiction: str) -> None:
    """Have everybody in a jurisdiction worked out again, region by region: those of every version
    of the policy, as bodies of a region that is no more remain on file."""
    regions = {
        region
        for version in versions_of(jurisdiction)
        for region in pack_version(jurisdiction, version).regions
    }
    platform.measures_queue.send_many(
        [
            {"job": "region", "jurisdiction": jurisdiction, "region": region, "persons": persons}
            for region in sorted(regions)
            for persons in (False, True)
        ]
    )


def rebuild_region(platform: Platform, jurisdiction: str, region: str, persons: bool) -> None:
    """Have everybody of a region worked out again: whoever is registered, whoever is under a
    measure without being so, and of whom a body of the region has reported what measures can rest
    on. The last are the firms and persons that are on file and not registered."""
    listing = store.listing_of(jurisdiction, region, persons=persons)
    known = set(store.listed_in(platform, listing))
    reporters: list[str] = []
    if persons:
        known |= set(files.listed_subjects(platform, jurisdiction, region, persons=True))
    else:
        for body in files.bodies(platform, jurisdiction, [region]):
            known.add(body.subject_id)
            reporters.append(body.unified_code)
    messages = [_again(subject_id) for subject_id in sorted(known)]
    messages += [_reported(code, "") for code in reporters]
    platform.measures_queue.send_many(messages)


def rebuild_reporter(platform: Platform, reporter: str, after: str) -> None:
    """Have everybody worked out again of whom an agency has reported what measures can rest on:
    one slice of its records; the rest is left to a message of its own."""
    found, last = files.subjects_reported(platform, reporter, after)
    messages = [_again(subject_id) for subject_id in sorted(found)]
    if last:
        messages.append(_reported(reporter, last))
    platform.measures_queue.send_many(messages)


def _reported(reporter: str, after: str) -> dict[str, object]:
    return {"job": "reporter", "reporter": reporter, "after": after}
