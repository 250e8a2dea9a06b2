"""What a run need not read again: bodies whose file has not changed since an earlier run read it.

The basis is the newest completed run of the same scheme, period and pack that reaches as far. What
has changed since it began to read is found by the hour a change was made in, begun OVERLAP earlier
(an index follows its table, and a change is dated before it is written). A body is read again if

    its own item or a record that is now about it or reported by it changed,
    a record its earlier values were made from changed (it may be about another by now),
    rows of an unfinished file were left out, or a figure is another now,
    or the basis does not have it.

Where more than MOST_CHANGED have changed there is no basis: everything is read again.

All others take over raw values and manifest entries; the result is digit for digit that of a run
that reads everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.creditfile import service as creditfile
from chalicelib.evaluation import chunkstore, stalestore, store
from chalicelib.evaluation.freezing import frozen_bodies
from chalicelib.evaluation.model import FactRow, RawBody
from chalicelib.evaluation.rawstore import RAW_FORM, read_raws
from chalicelib.evaluation.runs import Basis, Body, FrozenBody, Pin, Run
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.clock import instant_text, parse_instant

OVERLAP = timedelta(minutes=15)
MOST_HOURS = 31 * 24
"""A basis read longer ago is none: looking for what changed would cost more than reading."""
MOST_CHANGED = 20_000
"""Where more subjects and records than this have changed, reading all again costs less than looking
for them, and a run must not wait for the looking."""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Changes:
    """The subjects (by id) and records that changed; a changed record's parties are among the
    subjects."""

    subjects: frozenset[str]
    records: frozenset[str]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What an unchanged body has from the basis."""

    entry: FrozenBody
    raw: RawBody


def basis_for(platform: Platform, run: Run) -> Basis:
    """What a run that begins now starts from."""
    now = platform.clock()
    looked_at = instant_text(now)
    found = None if run.draft else _newest_basis(platform, run, now)
    changes = None
    if found is not None:
        changes = _changes_since(platform, parse_instant(found.looked_at), now)
    if found is None or changes is None:
        return Basis(looked_at, RAW_FORM)
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/changes.json",
        canonical_json({"subjects": sorted(changes.subjects), "records": sorted(changes.records)}),
        content_type="application/json",
    )
    # An earlier attempt may have looked sooner: what has changed since is then not among it.
    return _frozen_basis(platform, found.run_id, Pin.of(stored), looked_at, changes)


def _frozen_basis(
    platform: Platform, run_id: str, pin: Pin, looked_at: str, changes: Changes
) -> Basis:
    if read_changes(platform, pin) != changes:
        return Basis(looked_at, RAW_FORM)
    return Basis(looked_at, RAW_FORM, run_id, pin)


def _newest_basis(platform: Platform, run: Run, now: datetime) -> Run | None:
    for other in stalestore.newest_runs(platform, run.jurisdiction):
        if _is_basis(other, run) and now - parse_instant(other.looked_at) <= timedelta(
            hours=MOST_HOURS
        ):
            return other
    return None


def _is_basis(other: Run, run: Run) -> bool:
    same = ("scheme", "period", "pack", "pack_digest")
    return (
        other.status == "completed"
        and not other.draft
        and other.raw_form == RAW_FORM
        and all(getattr(other, name) == getattr(run, name) for name in same)
        and set(run.regions) <= set(other.regions)
    )


def _changes_since(platform: Platform, since: datetime, now: datetime) -> Changes | None:
    """What has changed; None where it is more than MOST_CHANGED."""
    subjects: set[str] = set()
    records: set[str] = set()
    first = instant_text(since - OVERLAP)
    for hour in _hours(since - OVERLAP, now):
        for key, changed_at in creditfile.changed_in(platform, hour):
            entity, _, name = key.partition("#")
            if changed_at < first:
                continue
            if entity == "SUBJECT":
                subjects.add(name)
            elif entity == "RECORD":
                records.add(name)
            if len(subjects) + len(records) > MOST_CHANGED:
                return None
    return Changes(frozenset(subjects | _parties(platform, sorted(records))), frozenset(records))


def _hours(first: datetime, last: datetime) -> Iterator[str]:
    hour = first.replace(minute=0, second=0, microsecond=0)
    while hour <= last:
        yield instant_text(hour)[:13]
        hour += timedelta(hours=1)


def _parties(platform: Platform, records: Sequence[str]) -> set[str]:
    """Whom records are about, and who reported them."""
    parties: set[str] = set()
    for begin in range(0, len(records), _AT_ONCE):
        part = records[begin : begin + _AT_ONCE]
        keys = [creditfile.record_key(platform, record_id) for record_id in part]
        for item in batch_get(keys, names=("subject_id", "reporter")).values():
            parties |= {str(item["subject_id"]), creditfile.body_id(str(item["reporter"]))}
    return parties


_kept: dict[Pin, Changes] = {}
"""The changes this worker used last: every chunk of a run needs the same."""


def read_changes(platform: Platform, pin: Pin) -> Changes:
    """What had changed when a run began."""
    if pin not in _kept:
        _kept.clear()
        entry = json.loads(platform.archive.read(pin.key, pin.version_id))
        _kept[pin] = Changes(frozenset(entry["subjects"]), frozenset(entry["records"]))
    return _kept[pin]


def taken_over(
    platform: Platform,
    run: Run,
    bodies: Sequence[Body],
    figures: Mapping[str, tuple[FactRow, ...]],
) -> dict[str, TakenOver]:
    """What those of the bodies that have not changed have from the run's basis, by subject id."""
    if run.changes is None:
        return {}
    changes = read_changes(platform, run.changes)
    unchanged = [each.subject_id for each in bodies if each.subject_id not in changes.subjects]
    found = store.chunks_of(platform, run.basis, unchanged)
    earlier = _earlier(platform, run.basis, sorted(set(found.values())))
    return {
        subject_id: earlier[subject_id]
        for subject_id in found
        if subject_id in earlier
        and _is_the_same(earlier[subject_id].entry, changes, figures.get(subject_id, ()))
    }


def _is_the_same(
    entry: FrozenBody, changes: Changes, figures: tuple[FactRow, ...]
) -> bool:
    named = (*entry.about, *entry.reported_by)
    return (
        not entry.unfinished
        and entry.figures == figures
        and changes.records.isdisjoint(each.record_id for each in named)
    )


def _earlier(platform: Platform, run_id: str, chunks: Iterable[int]) -> dict[str, TakenOver]:
    taken: dict[str, TakenOver] = {}
    for gathered in chunkstore.load_chunks(platform, run_id, chunks).values():
        if gathered.raws is None:
            continue
        entries = {each.subject_id: each for each in frozen_bodies(platform, gathered.manifest)}
        for raw in read_raws(platform, gathered.raws):
            taken[raw.subject_id] = TakenOver(entries[raw.subject_id], raw)
    return taken
