"""What a chunk is scored from: frozen once, the same ever after.

The first attempt at a chunk writes down which version of which record counts; every later attempt,
and every replay, reads that manifest and loads exactly those versions, whatever was corrected or
withdrawn since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.model import Record, RecordReference
from chalicelib.evaluation import store
from chalicelib.evaluation.model import BodyFacts, FactRow
from chalicelib.evaluation.rules import Plan
from chalicelib.evaluation.runs import Body, FrozenBody, Pin, Run
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.base import SEVERITIES

FinishedUploads: TypeAlias = Callable[[Platform, Collection[str]], Collection[str]]
"""Which of these uploads are finished: until then a file's rows are not final (design §2.6)."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records that may count for one body, before unfinished uploads are left out."""

    body: Body
    about: Sequence[Record]
    reported_by: Sequence[Record]


def facts_of_chunk(
    platform: Platform,
    run: Run,
    plan: Plan,
    chunk: int,
    bodies: Sequence[Body],
    finished: FinishedUploads,
) -> list[BodyFacts]:
    """What the bodies of a chunk are scored from; freezes it if nobody has. Raises Unavailable."""
    known = store.load_chunk(platform, run.run_id, chunk)
    if known is not None:
        return frozen_facts(platform, plan, known)
    gathered = _gather(platform, run, plan, bodies, finished)
    manifest = _manifest(platform, run, chunk, gathered)
    stored = platform.archive.put_once(
        f"evaluations/{run.run_id}/manifest/{chunk:06d}.json",
        manifest,
        content_type="application/json",
    )
    mine = Pin.of(stored)
    first = store.put_chunk(platform, run, chunk, mine)
    if first == mine and mine.sha256 == hashlib.sha256(manifest).hexdigest():
        # This attempt's reading is the frozen one: no need to load the same versions again.
        return [_facts(found, plan) for found in gathered]
    return frozen_facts(platform, plan, first)


def frozen_facts(platform: Platform, plan: Plan, manifest: Pin) -> list[BodyFacts]:
    """Exactly what a manifest names. Raises Unavailable if a record cannot be found."""
    data = platform.archive.read(manifest.key, manifest.version_id)
    if manifest.sha256 and hashlib.sha256(data).hexdigest() != manifest.sha256:
        raise Unavailable(f"冻结清单 {manifest.key} 与登记的摘要不符")
    frozen = [_frozen_body(entry) for entry in json.loads(data)["bodies"]]
    return [_load(platform, plan, body) for body in frozen]


def _load(platform: Platform, plan: Plan, frozen: FrozenBody) -> BodyFacts:
    wanted = [*frozen.about, *frozen.reported_by]
    records = creditfile.records_at(platform, wanted)
    missing = [reference for reference in wanted if reference not in records]
    if missing:
        raise Unavailable(f"冻结的信用信息有 {len(missing)} 条没有读到")
    return BodyFacts(
        frozen.subject_id,
        reported_by=_rows((records[reference] for reference in frozen.reported_by), plan),
        about=_rows((records[reference] for reference in frozen.about), plan),
    )


def _gather(
    platform: Platform, run: Run, plan: Plan, bodies: Sequence[Body], finished: FinishedUploads
) -> list[Candidates]:
    found = [_candidates(platform, run, plan, body) for body in bodies]
    uploads = {
        record.upload.upload_id
        for candidates in found
        for record in (*candidates.about, *candidates.reported_by)
        if record.upload is not None
    }
    final = set(finished(platform, sorted(uploads))) if uploads else set()

    def kept(records: Iterable[Record]) -> list[Record]:
        return [
            record
            for record in records
            if record.upload is None or record.upload.upload_id in final
        ]

    return [
        Candidates(candidates.body, kept(candidates.about), kept(candidates.reported_by))
        for candidates in found
    ]


def _candidates(platform: Platform, run: Run, plan: Plan, body: Body) -> Candidates:
    days = (run.first_day, run.last_day)
    about: list[Record] = []
    reported: list[Record] = []
    if types := plan.types["about"]:
        records = creditfile.records_about(platform, body.subject_id, *days)
        about = list(_counting(records, types))
    if (types := plan.types["reported_by"]) and body.unified_code:
        records = creditfile.records_reported(platform, body.unified_code, *days)
        reported = list(_counting(records, types))
    return Candidates(body, about, reported)


def _counting(records: Iterable[Record], types: frozenset[str]) -> Iterator[Record]:
    for record in records:
        if record.status == "active" and record.type in types:
            yield record


def _manifest(platform: Platform, run: Run, chunk: int, gathered: Sequence[Candidates]) -> bytes:
    return canonical_json(
        {
            "run_id": run.run_id,
            "chunk": chunk,
            "frozen_at": instant_text(platform.clock()),
            "bodies": [
                {
                    "subject_id": found.body.subject_id,
                    "about": _pairs(found.about),
                    "reported_by": _pairs(found.reported_by),
                }
                for found in gathered
            ],
        }
    )


def _pairs(records: Iterable[Record]) -> list[list[str | int]]:
    return [[record.record_id, record.version] for record in records]


def _frozen_body(entry: Mapping[str, Any]) -> FrozenBody:
    return FrozenBody(
        subject_id=entry["subject_id"],
        about=tuple(RecordReference(*pair) for pair in entry["about"]),
        reported_by=tuple(RecordReference(*pair) for pair in entry["reported_by"]),
    )


def _facts(found: Candidates, plan: Plan) -> BodyFacts:
    return BodyFacts(
        found.body.subject_id,
        reported_by=_rows(found.reported_by, plan),
        about=_rows(found.about, plan),
    )


def _rows(records: Iterable[Record], plan: Plan) -> tuple[FactRow, ...]:
    return tuple(_row(record, plan) for record in records)


def _row(record: Record, plan: Plan) -> FactRow:
    return FactRow(
        record_id=record.record_id,
        version=record.version,
        type=record.type,
        occurred_on=date.fromisoformat(record.occurred_on),
        severity=next((level for level in SEVERITIES if level == record.severity), None),
        on_time=record.on_time if record.due_on else None,
        values={code: record.fields[code] for code in plan.fields if code in record.fields},
    )
