"""A small made-up town for runs: bodies in two levels, records in moto, jobs worked from the queue.

The policy is the pack that ships for the made-up city; its yearly scheme is what runs here.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as creditfile
from chalicelib.creditfile.model import ArchivePointer, Notices, Record, Subject, UploadRow
from chalicelib.evaluation import service
from chalicelib.evaluation.runs import Run
from chalicelib.evaluation.work import work
from chalicelib.kernel.clock import instant_text
from chalicelib.web.model import Answer, Caller, Scope
from tests.support.world import World

JURISDICTION = "nanjing"
CITY, EAST, WEST = "329900", "329901", "329902"
SCHEME = "annual_integrity"
NOW = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


def caller(region: str = CITY, **changes: Any) -> Caller:
    """A credit office of the made-up city, or of one of its districts."""
    values: dict[str, Any] = {
        "client_id": "client-1",
        "agency_code": "OFFICE",
        "agency_name": "示例市信用办",
        "jurisdiction": JURISDICTION,
        "region": region,
        "level": "city",
        "roles": frozenset({"credit_office"}),
    }
    return Caller(**(values | changes))


def body(number: int, region: str = EAST, **changes: Any) -> Subject:
    """A registered department."""
    code = f"DEPT{number:05d}"
    values: dict[str, Any] = {
        "subject_id": creditfile.body_id(code),
        "kind": "department",
        "jurisdiction": JURISDICTION,
        "region": region,
        "wrapped_key": "",
        "name_mac": "",
        "unified_code": code,
        "name": f"示例局{number}",
        "level": "city" if region == CITY else "county",
        "updated_at": "2026-01-01T00:00:00.000Z",
    }
    return Subject(**(values | changes))


def record(record_id: str, about: Subject, **changes: Any) -> Record:
    """A licence of 2025 about a body, reported on time by the body itself unless told otherwise."""
    values: dict[str, Any] = {
        "record_id": record_id,
        "version": 1,
        "jurisdiction": JURISDICTION,
        "region": about.region,
        "type": "administrative_licence",
        "category": "lawful",
        "dishonesty": False,
        "severity": "",
        "subject_id": about.subject_id,
        "subject_kind": about.kind,
        "subject_code": about.unified_code,
        "subject_name": about.name,
        "reporter": about.unified_code,
        "occurred_on": "2025-06-15",
        "fields": {},
        "sealed": {},
        "notices": Notices(),
        "status": "active",
        "content_mac": "",
        "known": {},
        "pack": "2024-09-13",
        "received_at": "2025-06-16T00:00:00.000Z",
        "received_sha256": "",
        "due_on": "2025-06-24",
        "on_time": True,
        "archive": ArchivePointer("", "", "", 0, 0),
        "submitted_by": "client-1",
        "changed_at": "2025-06-16T00:00:00.000Z",
    }
    return Record(**(values | changes))


def penalty(record_id: str, about: Subject, **changes: Any) -> Record:
    """A general penalty against a body."""
    given = {"type": "administrative_penalty", "severity": "general", "reporter": "COURT"}
    return record(record_id, about, **(given | changes))


def of_upload(record_: Record, upload_id: str) -> Record:
    """The record as a row of a file."""
    return replace(record_, upload=UploadRow(upload_id, 1))


def register(platform: Platform, *subjects: Subject) -> None:
    """Put bodies on the register."""
    at = instant_text(platform.clock())
    for subject in subjects:
        commit(creditfile.subject_writes(platform, replace(subject, updated_at=at)))


def keep(platform: Platform, *records: Record) -> None:
    """Put records on file."""
    at = instant_text(platform.clock())
    for kept in records:
        commit([creditfile.new_record_put(platform, replace(kept, changed_at=at))])


def correct(platform: Platform, before: Record, **changes: Any) -> Record:
    """A correction: the next version of a record."""
    given = {"changed_at": instant_text(platform.clock()), "reason": "更正"} | changes
    after = replace(before, version=before.version + 1, **given)
    commit(creditfile.next_version_writes(platform, before, after))
    return after


def withdraw(platform: Platform, record_id: str) -> Record:
    """A withdrawal: the next version of the record, its agency taking it back."""
    return correct(platform, creditfile.find_record(platform, record_id), status="withdrawn")


def change(record_id: str, version: int = 2) -> dict[str, object]:
    """What the stream tells of a record."""
    key = f"RECORD#{record_id}"
    return {"table": "records", "key": key, "version": version, "entity": "record"}


def settle(world: World, count: int = 5) -> list[Subject]:
    """A town of `count` bodies, half in the city, half in the east; some late, some penalised."""
    bodies = [body(number, CITY if number % 2 else EAST) for number in range(count)]
    register(world.platform, *bodies)
    for number, subject in enumerate(bodies):
        keep(
            world.platform,
            record(f"rec_on_time_{number}", subject),
            record(f"rec_second_{number}", subject, on_time=number % 3 != 0),
        )
        if number % 2:
            keep(world.platform, penalty(f"rec_penalty_{number}", subject))
    return bodies


def poor(world: World, subject: Subject) -> None:
    """Register a body whose record is bad enough for the lowest grade."""
    register(world.platform, subject)
    breach = {"type": "commitment_breach", "severity": "serious", "reporter": "COURT"}
    for number in range(2):
        keep(
            world.platform,
            penalty(f"rec_serious_{number}", subject, severity="serious"),
            record(f"rec_breach_{number}", subject, **breach),
        )


def all_finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
    """Every upload is finished."""
    return set(upload_ids)


def order(**changes: Any) -> service.Order:
    """An order for the year 2025."""
    values: dict[str, Any] = {"scheme": SCHEME, "period": "2025"}
    return service.Order(**(values | changes))


def present(run: Run) -> Answer:
    """An answer that names the run."""
    return Answer(202, {"run_id": run.run_id}, location=f"/v1/evaluations/{run.run_id}")


def start(world: World, wanted: service.Order | None = None, who: Caller | None = None) -> str:
    """Start a run; its id."""
    answer = service.start_run(
        world.platform,
        who or caller(),
        Scope.REGION,
        wanted or order(),
        claim=None,
        present=present,
    )
    assert answer.location is not None
    return answer.location.rsplit("/", 1)[-1]


def work_all(world: World) -> int:
    """Work the evaluation queue until it is empty."""

    def one(message: Mapping[str, Any]) -> None:
        work(world.platform, message, all_finished)

    return world.drain(world.platform.evaluation_queue, one)


def work_until(world: World, job: str) -> None:
    """Work the evaluation queue until only `job` is left to do, which is taken out unworked."""
    while others := [m for m in world.take(world.platform.evaluation_queue) if m["job"] != job]:
        for message in others:
            work(world.platform, message, all_finished)


def run_through(world: World, wanted: service.Order | None = None) -> Run:
    """Start a run and work it to its end."""
    run_id = start(world, wanted)
    work_all(world)
    run = service.completed_run(world.platform, run_id)
    assert run is not None
    return run


def shuffled(messages: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The messages twice, in another order: duplicated and out of order. What lies in the queue
    many times comes twice, too: else twice of twice of twice would be waited for."""
    once = list({json.dumps(one, sort_keys=True): one for one in messages}.values())
    mixed = [*once, *once]
    random.Random(seed).shuffle(mixed)
    return mixed
