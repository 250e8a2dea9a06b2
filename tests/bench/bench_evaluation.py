"""How the time of an evaluation grows with its bodies, and how many a second one worker does.

Everything runs through the handlers, message by message as the queue delivers them: planning,
freezing, scoring, explaining, ranking. AWS is in memory, so what is measured is the platform's own
processor time. The floor of the rate is scoring and explaining alone, on facts already in memory.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.platform import Platform
from chalicelib.creditfile.store import record_item, subject_item
from chalicelib.evaluation import handlers, scoring, service
from chalicelib.evaluation.freezing import read_bodies
from chalicelib.evaluation.gathering import gathered_from
from chalicelib.evaluation.rawstore import read_tally
from chalicelib.evaluation.roster import read_chunk
from chalicelib.evaluation.runs import Run
from chalicelib.kernel.settings import Settings
from tests.bench.evaluation_memory import (
    PAGE,
    Attributes,
    MemoryObjects,
    MemoryQueue,
    MemoryTables,
    attributes,
)
from tests.bench.model import Row
from tests.bench.setting import packs, say
from tests.evaluation import town
from tests.support.world import StandingClock

SMALL, LARGE, ROUNDS = 1_000, 10_000, 3
TARGET_RATIO = 11.0
REPORTED, ABOUT = 6, 2
"""Records per body and year, reported by it and about it."""


def run(few: int = SMALL, many: int = LARGE, rounds: int = ROUNDS) -> list[Row]:
    """The rows of this benchmark."""
    with packs():
        _evaluate(200)  # warm: packs read, code compiled
        say(f"evaluation: {few} bodies, then {many}")
        small = min(_evaluate(few)[0] for _ in range(rounds))
        large, floor_rate = min(_evaluate(many) for _ in range(rounds))
    ratio, rate = large / small, many / large
    return [
        Row(
            name=f"evaluation: time, {few} -> {many} bodies",
            measured=round(ratio, 2),
            floor=many / few,
            unit="x",
            target=f"<= {TARGET_RATIO:.0f}",
            ok=ratio <= TARGET_RATIO,
        ),
        Row(
            name=f"evaluation: bodies per second of one worker ({REPORTED + ABOUT} records each)",
            measured=round(rate),
            floor=round(floor_rate),
            unit="bodies/s CPU",
            target="stated; floor is scoring alone",
            ok=True,
        ),
    ]


def _evaluate(bodies: int) -> tuple[float, float]:
    """Processor seconds of a run over so many bodies; and bodies a second of scoring alone."""
    queue = MemoryQueue()
    with _clients(MemoryTables(_Town(bodies).page), MemoryObjects(), queue):
        platform = Platform(_settings(), clock=StandingClock())
        # What piles up in memory is the stand-in's table, which a worker does not hold: without
        # this the collector would walk it again and again, and be measured.
        gc.collect()
        gc.freeze()
        gc.disable()
        started = time.process_time()
        (run_id,) = service.start_due_runs(platform)
        while queue.bodies:
            event = {"Records": [{"messageId": "m", "body": queue.bodies.popleft()}]}
            failed = handlers.work_jobs(platform, event, _finished)["batchItemFailures"]
            assert failed == []
        seconds = time.process_time() - started
        gc.enable()
        gc.unfreeze()
        run = service.completed_run(platform, run_id)
        assert run is not None and run.bodies == bodies
        return seconds, _scoring_rate(platform, run)


def _scoring_rate(platform: Platform, run: Run) -> float:
    assert run.tally is not None
    chunk, plan = read_chunk(platform, run, 0), scoring.plan_for(platform, run)
    facts = [each.facts for each in read_bodies(platform, run, plan, chunk.bodies, {}, _finished)]
    whole = read_tally(platform, run.tally)
    started = time.process_time()
    for _ in range(10):
        scoring.score(chunk, plan, gathered_from(plan, run, facts), whole)
    return 10 * len(chunk.bodies) / (time.process_time() - started)


def _finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
    return set(upload_ids)


class _Town:
    """Bodies and records made up when asked for."""

    def __init__(self, bodies: int) -> None:
        self.bodies = bodies
        first = town.body(0)
        self._body = attributes(subject_item(first))
        self._licence = attributes(record_item(town.record("rec", first)))
        self._penalty = attributes(record_item(town.penalty("rec", first)))

    def page(self, index: str, key: str, start: str | None) -> tuple[list[Attributes], bool]:
        """A page of an index."""
        if index == "by_listing":
            return self._bodies(key, start)
        if index == "by_reporter":
            return [self._record(self._licence, key, number) for number in range(REPORTED)], False
        return [self._record(self._penalty, key, number) for number in range(ABOUT)], False

    def _bodies(self, key: str, start: str | None) -> tuple[list[Attributes], bool]:
        if not key.endswith(town.EAST):
            return [], False
        first = 0 if start is None else int(start.removeprefix("DEPT")) + 1
        last = min(first + PAGE, self.bodies)
        return [self._subject(number) for number in range(first, last)], last < self.bodies

    def _subject(self, number: int) -> Attributes:
        code = f"DEPT{number:05d}"
        changed = {
            "pk": f"SUBJECT#b_{code}", "subject_id": f"b_{code}", "unified_code": code,
            "position": code,
        }  # fmt: skip
        return self._body | {name: {"S": value} for name, value in changed.items()}

    def _record(self, template: Attributes, owner: str, number: int) -> Attributes:
        record_id = f"r_{template['type']['S']}_{owner}_{number}"
        changed: Mapping[str, Any] = {
            "pk": {"S": f"RECORD#{record_id}"},
            "record_id": {"S": record_id},
            "on_time": {"BOOL": number % 5 != 0},
        }
        return {**template, **changed}


@contextmanager
def _clients(tables: MemoryTables, objects: MemoryObjects, queue: MemoryQueue) -> Iterator[None]:
    calls.forget_clients()
    calls._clients.update({"dynamodb": tables, "s3": objects, "sqs": queue})  # type: ignore[dict-item]
    try:
        yield
    finally:
        calls.forget_clients()


def _settings() -> Settings:
    return Settings(
        stage="bench",
        records_table="records",
        evaluation_table="evaluation",
        archive_bucket="archive",
        evaluation_queue="evaluation",
    )
