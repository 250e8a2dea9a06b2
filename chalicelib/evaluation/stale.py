"""A record changed: which results were made from what it said before, and are to be made again.

    a record's change ─ nothing evaluations look at ─ done
                      ├─ run completed ─ its manifest names an earlier version ─ result marked
                      └─ run under way ─ remembered; looked at again when the run is complete

A mark stays until a new run: results are never changed, and that a record is as before again does
not prove that nobody relied on what it said meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.aws.events import Change
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.model import Record
from chalicelib.evaluation import stalestore, store
from chalicelib.evaluation.freezing import frozen_bodies
from chalicelib.evaluation.runs import Result, Run, StaleReason
from chalicelib.kernel.clock import instant_text


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A result, and the version of the record it was made from."""

    result: Result
    version: int
    about: bool
    """Whether the record is about the body; otherwise the body reported it."""


def reason_of(before: Record, now: Record, *, about: bool = True) -> StaleReason | None:
    """What became of a record between two versions, as far as an evaluation of the body it is
    about (or of its reporter) looks; None if that is nothing: marks, statements, notices and sealed
    names change no result, and repair and exemption none of the agency that reported."""
    if _looked_at(before, about) == _looked_at(now, about):
        return None
    if now.status == "withdrawn" and before.status == "active" and not now.superseded_by:
        return "withdrawn"
    if not about:
        return "corrected"
    if now.standing.exempted is not None and before.standing.exempted is None:
        return "exempted"
    if now.standing.repaired is not None and before.standing.repaired is None:
        return "repaired"
    return "corrected"


def _looked_at(record: Record, about: bool) -> tuple[object, ...]:
    return (
        record.status,
        record.type,
        record.severity,
        record.occurred_on,
        record.on_time if record.due_on else None,
        dict(record.fields),
        about and record.standing.exempted is not None,
        about and record.standing.repaired is not None,
    )


def record_changed(platform: Platform, record_id: str) -> None:
    """Mark every result that was made from what a record no longer says. Looks at the newest
    LOOK_BACK_RUNS runs of the jurisdictions of its subject and its reporter. Raises NotFound."""
    versions = {each.version: each for each in creditfile.find_versions(platform, record_id)}
    now = versions[max(versions)]
    changed = {number for number, each in versions.items() if reason_of(each, now)}
    if not changed:
        return
    bodies = {now.subject_id, creditfile.body_id(now.reporter)}
    days = {versions[number].occurred_on for number in changed}
    runs = [
        run.run_id for run in _runs_over(platform, bodies, days) if _is_over(platform, run, now)
    ]
    at = instant_text(platform.clock())
    for pinned in _made_from(platform, record_id, stalestore.results_in(platform, runs, bodies)):
        before = versions.get(pinned.version, now)
        if why := reason_of(before, now, about=pinned.about):
            stalestore.mark_stale(platform, pinned.result, record_id, why, at)


def _runs_over(platform: Platform, bodies: Collection[str], days: Collection[str]) -> Iterator[Run]:
    """The runs a record of these days could count in."""
    subjects = creditfile.subjects_by_id(platform, sorted(bodies)).values()
    for jurisdiction in sorted({subject.jurisdiction for subject in subjects}):
        for run in stalestore.newest_runs(platform, jurisdiction):
            if not run.draft and any(run.first_day <= day <= run.last_day for day in days):
                yield run


def _is_over(platform: Platform, run: Run, record: Record) -> bool:
    """Whether a run is completed; if not, it is told to look at the record when it is."""
    if run.status == "completed":
        return True
    stalestore.put_late(platform, run.run_id, record.record_id, record.version)
    # It may have been completed just before: then it did not see what was put there.
    known = store.load_run(platform, run.run_id)
    return known is not None and known.status == "completed"


def _made_from(
    platform: Platform, record_id: str, results: Collection[Result]
) -> Iterator[_Pinned]:
    """Those of the results that were made from a version of the record."""
    by_chunk: dict[tuple[str, int], dict[str, Result]] = {}
    for result in results:
        by_chunk.setdefault((result.run_id, result.chunk), {})[result.body.subject_id] = result
    for chunk, pin in stalestore.manifests(platform, by_chunk).items():
        for frozen in frozen_bodies(platform, pin):
            found = by_chunk[chunk].get(frozen.subject_id)
            if found is None:
                continue
            for about, named in ((True, frozen.about), (False, frozen.reported_by)):
                for each in named:
                    if each.record_id == record_id:
                        yield _Pinned(found, each.version, about)


def run_completed(platform: Platform, run: Run) -> None:
    """What follows from a run's completion: records that changed under way are looked at again,
    and it takes the place of earlier runs of the same that reach no further; where a later one was
    done sooner, that one takes its place. Nothing follows from a draft. Repeating does no harm."""
    if run.draft:
        return
    late = [
        Change("records", f"RECORD#{record_id}", version, "record").message()
        for record_id, version in stalestore.late_records(platform, run.run_id)
    ]
    platform.evaluation_queue.send_many(late)
    for other in store.runs_of(platform, run.jurisdiction):
        if other.status != "completed" or other.draft:
            continue
        if _replaces(run, other):
            stalestore.supersede(platform, other, run)
        elif _replaces(other, run):
            stalestore.supersede(platform, run, other)


def _replaces(run: Run, earlier: Run) -> bool:
    return (
        not earlier.superseded_by
        and (earlier.scheme, earlier.period) == (run.scheme, run.period)
        and (earlier.created_at, earlier.run_id) < (run.created_at, run.run_id)
        and set(earlier.regions) <= set(run.regions)
    )


def look_again(platform: Platform, records: Iterable[Record]) -> None:
    """Have results made from earlier versions of these records looked for again: the stream's
    message may have been lost."""
    platform.evaluation_queue.send_many(
        [
            Change("records", f"RECORD#{each.record_id}", each.version, "record").message()
            for each in records
            if each.version > 1
        ]
    )


def record_named(message: Mapping[str, object]) -> str:
    """The record a change message is about. Raises ValueError for another entity."""
    if message["entity"] != "record":
        raise ValueError(f"no evaluation follows {message['entity']}")
    return str(message["key"]).partition("#")[2]
