"""A Lambda worker of evaluation: works two runs over a made-up city to their end, one message after
the other, and says what it took.

Run as `python -m tests.bench.evaluation_worker <setup.json>` with POLICY_DIR set. Records are made
up when asked for; what is written lies on disk (`evaluation_disk`), so that the memory measured is
the worker's own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import service
from chalicelib.evaluation.work import work
from chalicelib.kernel.clock import parse_instant
from chalicelib.kernel.settings import Settings
from tests.bench.evaluation_disk import DiskObjects, DiskTables
from tests.bench.evaluation_memory import PAGE, Attributes, MemoryQueue
from tests.bench.file_worker import memory

ABOUT = ("penalty", "openness", "satisfaction")


class City:
    """Bodies, officials and records made up when asked for, from one template of each."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self._given = setup["templates"]
        self._bodies, self._officials = setup["bodies"], setup["officials"]
        self._reported = setup["reported"]
        self._of_official = setup["of_official"]
        self.made = 0

    def page(self, index: str, key: str, start: str | None) -> tuple[list[Attributes], bool]:
        """A page of an index."""
        if index == "by_reporter":
            return self._records("licence", key, self._reported), False
        if index == "by_subject":
            person = key.startswith("p_")
            if person:
                return self._records("discipline", key, self._of_official), False
            return [self._records(name, key, 1)[0] for name in ABOUT], False
        if index == "by_change" or not key.endswith("329901"):
            return [], False
        persons = key.startswith("officials")
        count = self._officials if persons else self._bodies
        first = 0 if start is None else int(start[-6:]) + 1
        last = min(first + PAGE, count)
        found = [self._subject(number, persons) for number in range(first, last)]
        return found, last < count

    def _subject(self, number: int, person: bool) -> Attributes:
        code = f"DEPT{number:06d}"
        subject_id = f"p_{number:026d}" if person else f"b_{code}"
        changed = {"pk": f"SUBJECT#{subject_id}", "subject_id": subject_id, "position": code}
        if not person:
            changed["unified_code"] = code
        template = self._given["official" if person else "body"]
        return {**template, **{name: {"S": value} for name, value in changed.items()}}

    def _records(self, name: str, owner: str, count: int) -> list[Attributes]:
        self.made += count
        template = self._given[name]
        return [
            {
                **template,
                "pk": {"S": f"RECORD#r_{name}_{owner}_{number}"},
                "record_id": {"S": f"r_{name}_{owner}_{number}"},
                "on_time": {"BOOL": number % 5 != 0},
            }
            for number in range(count)
        ]


def main() -> None:
    """Work everything and say what it took, as one line of JSON."""
    setup = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # The function logs to standard output.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    city, folder = City(setup), Path(setup["folder"])
    tables = DiskTables(city.page, setup["record_bytes"], folder / "tables.sqlite")
    objects, queue = DiskObjects(folder), MemoryQueue()
    clients: Any = {"dynamodb": tables, "s3": objects, "sqs": queue}
    calls._clients.update(clients)
    settings = Settings(
        stage="bench", records_table="records", evaluation_table="evaluation",
        intake_table="intake", cases_table="cases", registers_table="registers",
        archive_bucket="archive", evaluation_queue="evaluation",
    )  # fmt: skip
    now = parse_instant(setup["now"])
    platform = Platform(settings, clock=lambda: now)
    begun, busy = time.monotonic(), time.process_time()
    run_ids = service.start_due_runs(platform)
    messages = sum(_work(platform, message) for message in _taken(queue))
    runs = [service.completed_run(platform, run_id) for run_id in run_ids]
    said = {
        "seconds": time.monotonic() - begun,
        "processor": time.process_time() - busy,
        "subjects": [run.bodies for run in runs if run is not None],
        "records": city.made,
        "messages": messages,
        "calls": {**tables.calls, **objects.calls},
        "units": {"write": tables.written, "read": tables.read},
        "peak": memory()[1],
    }
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _taken(queue: MemoryQueue) -> Iterator[dict[str, Any]]:
    while queue.bodies:
        yield json.loads(queue.bodies.popleft())


def _work(platform: Platform, message: Mapping[str, Any]) -> int:
    work(platform, message, _finished)
    return 1


def _finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
    return set(upload_ids)


if __name__ == "__main__":
    main()
