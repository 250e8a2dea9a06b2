"""What a chunk is scored from: frozen once, the same ever after.

The first attempt at a chunk writes down which version of which record counts; every later attempt,
and every replay, reads that manifest and loads exactly those versions, whatever was corrected or
withdrawn since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.model import Record, RecordFacts, RecordReference
from chalicelib.creditfile.rules_standing import is_archived
from chalicelib.evaluation.model import BodyFacts, FactRow
from chalicelib.evaluation.rules import Plan
from chalicelib.evaluation.runs import Body, FrozenBody, Pin, Run
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.base import SEVERITIES

FinishedUploads: TypeAlias = Callable[[Platform, Collection[str]], Collection[str]]
"""Which of these uploads are finished: until then a file's rows are not final (design §2.6)."""


_LOAD_AT_ONCE = 1000
"""Records loaded before they are reduced to what scoring looks at."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may count, reduced to what scoring looks at, and the upload it came in."""

    row: FactRow
    upload_id: str

    @property
    def reference(self) -> RecordReference:
        """The record at this version."""
        return RecordReference(self.row.record_id, self.row.version)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is on record about one body."""

    subject_id: str
    about: Sequence[Candidate]
    reported_by: Sequence[Candidate]
    unfinished: bool = False
    """Whether something was left out because its file is not finished."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one body is scored from, as it is on file now: by name, and by value."""

    entry: FrozenBody
    facts: BodyFacts


def read_bodies(
    platform: Platform,
    run: Run,
    plan: Plan,
    bodies: Sequence[Body],
    figures: Mapping[str, tuple[FactRow, ...]],
    finished: FinishedUploads,
) -> list[Reading]:
    """What these bodies are scored from now. Raises Unavailable."""
    return [
        _reading(found, figures.get(found.subject_id, ()))
        for found in _gather(platform, run, plan, bodies, finished)
    ]


def freeze(
    platform: Platform, run: Run, chunk: int, entries: Sequence[FrozenBody]
) -> tuple[Pin, bool]:
    """Write down what a chunk is scored from; where it lies, and whether it is this: if an earlier
    attempt wrote something else, that counts."""
    content = _manifest(platform, run, chunk, entries)
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/manifest/{chunk:06d}.json",
        content,
        content_type="application/json",
    )
    pin = Pin.of(stored)
    return pin, pin.sha256 == hashlib.sha256(content).hexdigest()


def frozen_facts(platform: Platform, plan: Plan, manifest: Pin) -> list[BodyFacts]:
    """Exactly what a manifest names. Raises Unavailable if a record cannot be found."""
    frozen = frozen_bodies(platform, manifest)
    rows = _load(platform, plan, frozen)
    return [
        BodyFacts(
            body.subject_id,
            reported_by=tuple(_as_reported(rows[reference]) for reference in body.reported_by),
            about=tuple(rows[reference] for reference in body.about),
            figures=body.figures,
        )
        for body in frozen
    ]


def frozen_bodies(platform: Platform, manifest: Pin) -> list[FrozenBody]:
    """Which versions of which records a manifest names. Raises Unavailable."""
    data = platform.archive.read(manifest.key, manifest.version_id)
    if manifest.sha256 and hashlib.sha256(data).hexdigest() != manifest.sha256:
        raise Unavailable(f"冻结清单 {manifest.key} 与登记的摘要不符")
    return [_frozen_body(entry) for entry in json.loads(data)["bodies"]]


def _load(
    platform: Platform, plan: Plan, frozen: Sequence[FrozenBody]
) -> dict[RecordReference, FactRow]:
    wanted = list(
        dict.fromkeys(
            reference for body in frozen for reference in (*body.about, *body.reported_by)
        )
    )
    rows: dict[RecordReference, FactRow] = {}
    for begin in range(0, len(wanted), _LOAD_AT_ONCE):
        found = creditfile.records_at(platform, wanted[begin : begin + _LOAD_AT_ONCE])
        rows |= {reference: _row(record, plan) for reference, record in found.items()}
    if len(rows) < len(wanted):
        raise Unavailable(f"冻结的信用信息有 {len(wanted) - len(rows)} 条没有读到")
    return rows


def _gather(
    platform: Platform, run: Run, plan: Plan, bodies: Sequence[Body], finished: FinishedUploads
) -> list[Gathered]:
    found = [_candidates(platform, run, plan, body) for body in bodies]
    uploads = {
        candidate.upload_id
        for gathered in found
        for candidate in (*gathered.about, *gathered.reported_by)
    } - {""}
    if not uploads:
        return found
    final = set(finished(platform, sorted(uploads)))
    rows = _final_rows(platform, found, final)
    return [
        replace(_settled(run, plan, gathered, rows), unfinished=_is_unfinished(gathered, final))
        for gathered in found
    ]


def _is_unfinished(gathered: Gathered, final: set[str]) -> bool:
    return any(
        candidate.upload_id and candidate.upload_id not in final
        for candidate in (*gathered.about, *gathered.reported_by)
    )


def _final_rows(
    platform: Platform, found: Iterable[Gathered], final: set[str]
) -> dict[RecordReference, Record]:
    """The rows of finished files, read now: until its file was finished, a lower row could take a
    record over in the same version, and what was found in an index may be older still."""
    wanted = list(
        dict.fromkeys(
            candidate.reference
            for gathered in found
            for candidate in (*gathered.about, *gathered.reported_by)
            if candidate.upload_id in final
        )
    )
    rows: dict[RecordReference, Record] = {}
    for begin in range(0, len(wanted), _LOAD_AT_ONCE):
        rows |= creditfile.records_at(platform, wanted[begin : begin + _LOAD_AT_ONCE])
    if len(rows) < len(wanted):
        raise Unavailable(f"信用信息有 {len(wanted) - len(rows)} 条没有读到")
    return rows


def _settled(
    run: Run, plan: Plan, gathered: Gathered, rows: Mapping[RecordReference, Record]
) -> Gathered:
    """The same without rows of unfinished files, the others as their files left them. A row that
    took over may lie on another day or be about another subject: then it does not count here."""

    def kept(
        candidates: Iterable[Candidate], types: frozenset[str], subject_id: str
    ) -> Iterator[Candidate]:
        for candidate in candidates:
            if not candidate.upload_id:
                yield candidate
            elif (record := rows.get(candidate.reference)) is not None and (
                run.first_day <= record.occurred_on <= run.last_day
                and subject_id in ("", record.subject_id)
            ):
                yield from _counting([record], types, plan)

    about = kept(gathered.about, plan.types["about"], gathered.subject_id)
    reported = kept(gathered.reported_by, plan.types["reported_by"], "")
    return Gathered(gathered.subject_id, list(about), list(reported))


def _candidates(platform: Platform, run: Run, plan: Plan, body: Body) -> Gathered:
    days = (run.first_day, run.last_day)
    about: list[Candidate] = []
    reported: list[Candidate] = []
    if types := plan.types["about"]:
        records = creditfile.facts_about(platform, body.subject_id, *days)
        about = list(_counting(records, types, plan))
    if (types := plan.types["reported_by"]) and body.unified_code:
        records = creditfile.facts_reported(platform, body.unified_code, *days)
        reported = list(_counting(records, types, plan))
    return Gathered(body.subject_id, about, reported)


def _counting(
    records: Iterable[Record | RecordFacts], types: frozenset[str], plan: Plan
) -> Iterator[Candidate]:
    for record in records:
        if record.status == "active" and record.type in types:
            yield Candidate(_row(record, plan), _upload_of(record))


def _upload_of(record: Record | RecordFacts) -> str:
    if isinstance(record, RecordFacts):
        return record.upload_id
    return record.upload.upload_id if record.upload else ""


def _manifest(
    platform: Platform, run: Run, chunk: int, entries: Sequence[FrozenBody]
) -> bytes:
    return canonical_json(
        {
            "run_id": run.run_id,
            "chunk": chunk,
            "frozen_at": instant_text(platform.clock()),
            "bodies": [_entry_value(entry) for entry in entries],
        }
    )


def _entry_value(entry: FrozenBody) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {
        "subject_id": entry.subject_id,
        "about": _pairs(entry.about),
        "reported_by": _pairs(entry.reported_by),
    }
    if entry.figures:
        value["figures"] = [_figure_value(row) for row in entry.figures]
    if entry.unfinished:
        value["unfinished"] = True
    return value


def _pairs(references: Iterable[RecordReference]) -> list[list[str | int]]:
    return [[each.record_id, each.version] for each in references]


def _figure_value(row: FactRow) -> list[JsonValue]:
    values = {name: row.values[name] for name in sorted(row.values)}
    return [row.type, row.record_id, row.version, row.occurred_on.isoformat(), values]


def _frozen_body(entry: Mapping[str, Any]) -> FrozenBody:
    return FrozenBody(
        subject_id=entry["subject_id"],
        about=tuple(RecordReference(*pair) for pair in entry["about"]),
        reported_by=tuple(RecordReference(*pair) for pair in entry["reported_by"]),
        figures=tuple(_figure(*values) for values in entry.get("figures", ())),
        unfinished=entry.get("unfinished", False),
    )


def _figure(code: str, made_from: str, version: int, day: str, values: dict[str, Any]) -> FactRow:
    return FactRow(made_from, version, code, date.fromisoformat(day), values=values)


def _reading(gathered: Gathered, figures: tuple[FactRow, ...]) -> Reading:
    entry = FrozenBody(
        gathered.subject_id,
        about=tuple(candidate.reference for candidate in gathered.about),
        reported_by=tuple(candidate.reference for candidate in gathered.reported_by),
        figures=figures,
        unfinished=gathered.unfinished,
    )
    facts = BodyFacts(
        gathered.subject_id,
        reported_by=tuple(_as_reported(candidate.row) for candidate in gathered.reported_by),
        about=tuple(candidate.row for candidate in gathered.about),
        figures=figures,
    )
    return Reading(entry, facts)


def _as_reported(row: FactRow) -> FactRow:
    """How well an agency reports is no matter of what became of the record for its subject."""
    return replace(row, exempted=False) if row.exempted else row


def _row(record: Record | RecordFacts, plan: Plan) -> FactRow:
    return FactRow(
        record_id=record.record_id,
        version=record.version,
        type=record.type,
        occurred_on=date.fromisoformat(record.occurred_on),
        severity=next((level for level in SEVERITIES if level == record.severity), None),
        on_time=record.on_time if record.due_on else None,
        values={code: record.fields[code] for code in plan.fields if code in record.fields},
        exempted=is_archived(record.standing),
    )
