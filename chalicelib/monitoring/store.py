"""Items of the monitoring table: runs, watches, values. Warnings stand in `store_warnings`.

| item | pk | sk | read by |
|---|---|---|---|
| run | RUN#<run_id> | - | id; by_listing `<purpose>#<jurisdiction>` in order of creation |
| chunk: its bodies | RUN#<run_id> | CHUNK#<plan>#<chunk> | run, plan and chunk |
| chunk: what it found | RUN#<run_id> | FOUND#<chunk> | run |
| watch over one object, all rules | WATCH#<jurisdiction>#<object> | - | jurisdiction and object |
| values of an object, all rules | VALUES#<jurisdiction>#<object> | <day> | object; days |
| map of a rule over all regions | MAP#<jurisdiction>#<day> | <rule> | jurisdiction and day; rule |
| warning | WARNING#<warning_id> | - | id; by_listing `warnings#<jurisdiction>` by day |
| warning: what became of it | WARNING#<warning_id> | HISTORY#<number> | warning |

An object is `body:<subject id>`, `region:<code>` or `trade:<choice>`. No item names a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import (
    ABSENT,
    MAX_TRANSACTION_ITEMS,
    Condition,
    Key,
    Put,
    Update,
    commit,
    update,
    version_is,
)
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.monitoring.model import Standing, Watch
from chalicelib.monitoring.model_runs import Body, MapCell, Run

Values = Mapping[str, tuple[str, Standing, int]]
"""Rule -> value (decimal text, empty for none), level, sample."""


def run_item(run: Run) -> Item:
    """The item of a run."""
    return {
        **asdict(run),
        "pk": f"RUN#{run.run_id}",
        "sk": "-",
        "listing": f"{run.purpose}#{run.jurisdiction}",
        "position": f"{run.created_at}#{run.run_id}",
    }


def run_from(item: Item) -> Run:
    """The run an item holds."""
    entry: dict[str, Any] = {
        name: value
        for name, value in item.items()
        if name not in ("pk", "sk", "listing", "position")
    }
    return Run(**entry)


def new_run_put(platform: Platform, run: Run) -> Put:
    """The write that starts a run, once."""
    return Put(platform.monitoring.name, run_item(run), ABSENT)


def load_run(platform: Platform, run_id: str) -> Run | None:
    """A run by its id."""
    item = platform.monitoring.get(f"RUN#{run_id}")
    return None if item is None else run_from(item)


def newest_runs(platform: Platform, purpose: str, jurisdiction: str, limit: int) -> list[Run]:
    """The newest runs of a jurisdiction, the newest first."""
    page = platform.monitoring.query_index(
        "by_listing", f"{purpose}#{jurisdiction}", descending=True, limit=limit
    )
    return [run_from(item) for item in page.items]


def plan_of(bodies: Sequence[Body]) -> str:
    """The name of a plan: a digest of its bodies, so that planning the same again is the same."""
    return hashlib.sha256(canonical_json([_body_document(one) for one in bodies])).hexdigest()[:32]


def put_plan(
    platform: Platform, run: Run, plan: str, chunks: Sequence[Sequence[Body]]
) -> None:
    """Write the chunks of a plan; repeating changes nothing."""
    puts = [
        Put(
            platform.monitoring.name,
            {
                "pk": f"RUN#{run.run_id}",
                "sk": _chunk_sk(plan, number),
                "version": 1,
                "bodies": canonical_json([_body_document(one) for one in chunk]).decode(),
            },
        )
        for number, chunk in enumerate(chunks)
    ]
    put_all(puts)


def put_all(puts: Sequence[Put]) -> None:
    """Write unconditional puts, as many at a time as a transaction takes."""
    for begin in range(0, len(puts), MAX_TRANSACTION_ITEMS):
        commit(puts[begin : begin + MAX_TRANSACTION_ITEMS])


def begin_run(
    platform: Platform, run: Run, plan: str, bodies: int, chunks: int, at: str
) -> Run:
    """planned -> running. Raises ConditionFailed if it is no longer planned."""
    values: dict[str, Any] = {
        "running": "running", "next": run.version + 1, "plan": plan, "bodies": bodies,
        "chunks": chunks, "at": at,
    }  # fmt: skip
    expression = (
        "SET #status = :running, #version = :next, #plan = :plan, #bodies = :bodies,"
        " #chunks = :chunks, #started_at = :at, #updated_at = :at"
    )
    while_planned = Condition("#status = :planned", {"planned": "planned"})
    return run_from(update(Update(_run_key(platform, run), expression, values, while_planned)))


def load_chunk(platform: Platform, run: Run, chunk: int) -> list[Body]:
    """The bodies of one chunk. Raises ValueError if the run has no such chunk."""
    item = platform.monitoring.get(f"RUN#{run.run_id}", _chunk_sk(run.plan, chunk))
    if item is None:
        raise ValueError(f"run {run.run_id} has no chunk {chunk}")
    return [Body(**entry) for entry in json.loads(str(item["bodies"]))]


def has_found(platform: Platform, run: Run, chunk: int) -> bool:
    """Whether a chunk is done."""
    return platform.monitoring.get(f"RUN#{run.run_id}", f"FOUND#{chunk:06d}") is not None


def mark_done(
    platform: Platform, run: Run, chunk: int, found: JsonValue, at: str
) -> Run | None:
    """Keep what a chunk found and count it, once; the run as it is then, None if it is gone."""
    item: Item = {
        "pk": f"RUN#{run.run_id}",
        "sk": f"FOUND#{chunk:06d}",
        "version": 1,
        "found": canonical_json(found).decode(),
    }
    counted = Update(
        _run_key(platform, run),
        "SET #done = #done + :one, #version = #version + :one, #updated_at = :at",
        {"one": 1, "at": at},
        Condition("#status = :running", {"running": "running"}),
    )
    try:
        commit([Put(platform.monitoring.name, item, ABSENT), counted])
    except ConditionFailed:
        pass  # done before, by another delivery of the same message
    return load_run(platform, run.run_id)


def each_found(platform: Platform, run: Run) -> Iterator[Any]:
    """What each chunk found."""
    for item in platform.monitoring.each(f"RUN#{run.run_id}", prefix="FOUND#"):
        yield json.loads(str(item["found"]))


def complete_run(platform: Platform, run: Run, result: JsonValue, at: str) -> Run:
    """running -> completed, once. Raises ConditionFailed if it is not running."""
    values: dict[str, Any] = {
        "completed": "completed", "one": 1, "at": at, "result": canonical_json(result).decode(),
    }  # fmt: skip
    expression = (
        "SET #status = :completed, #version = #version + :one, #completed_at = :at,"
        " #updated_at = :at, #result = :result"
    )
    while_running = Condition("#status = :running", {"running": "running"})
    return run_from(update(Update(_run_key(platform, run), expression, values, while_running)))


def fail_run(platform: Platform, run: Run, failure: str, at: str) -> Run:
    """planned or running -> failed. Raises ConditionFailed if it is over."""
    values: dict[str, Any] = {"failed": "failed", "one": 1, "at": at, "failure": failure}
    expression = (
        "SET #status = :failed, #version = #version + :one, #updated_at = :at, #failure = :failure"
    )
    while_under_way = Condition(
        "#status IN (:planned, :running)", {"planned": "planned", "running": "running"}
    )
    return run_from(update(Update(_run_key(platform, run), expression, values, while_under_way)))


def watch_key(platform: Platform, jurisdiction: str, key: str) -> Key:
    """Where the watch over an object lies."""
    return platform.monitoring.key(f"WATCH#{jurisdiction}#{key}")


def load_watches(
    platform: Platform, jurisdiction: str, keys: Iterable[str]
) -> dict[str, tuple[int, dict[str, Watch]]]:
    """The watches over these objects that there are: version, and rule -> where it stands."""
    places = {watch_key(platform, jurisdiction, key): key for key in keys}
    return {
        places[place]: (_number(item["version"]), _watches_in(item))
        for place, item in batch_get(list(places)).items()
    }


def watch_put(
    platform: Platform, jurisdiction: str, key: str, watches: Mapping[str, Watch], version: int
) -> Put:
    """Write the watch over an object that was read at `version` (0: there was none)."""
    place = watch_key(platform, jurisdiction, key)
    item: Item = {
        "pk": place.pk,
        "sk": place.sk,
        "version": version + 1,
        "rules": {code: dict(asdict(watch)) for code, watch in watches.items()},
    }
    return Put(place.table, item, version_is(version) if version else ABSENT)


def _watches_in(item: Item) -> dict[str, Watch]:
    rules: Any = item["rules"]
    return {code: Watch(**entry) for code, entry in rules.items()}


def values_put(
    platform: Platform, run: Run, key: str, values: Values
) -> Put:
    """The values of an object on the day of a run; a later run of the same day writes over it."""
    item: Item = {
        "pk": f"VALUES#{run.jurisdiction}#{key}",
        "sk": run.day,
        "version": 1,
        "run_id": run.run_id,
        "values": {code: list(entry) for code, entry in values.items()},
    }
    return Put(platform.monitoring.name, item)


def values_between(
    platform: Platform, jurisdiction: str, key: str, first: str, last: str
) -> Iterator[tuple[str, Values]]:
    """Day and values of an object, in order of days."""
    start: Item | None = None
    while True:
        page = platform.monitoring.query(
            f"VALUES#{jurisdiction}#{key}", between=(first, last), start=start
        )
        for item in page.items:
            found: Any = item["values"]
            yield str(item["sk"]), {code: tuple(entry) for code, entry in found.items()}
        start = page.next_start
        if start is None:
            return


def map_put(platform: Platform, run: Run, rule: str, cells: Sequence[MapCell]) -> Put:
    """A rule over all regions on the day of a run."""
    item: Item = {
        "pk": f"MAP#{run.jurisdiction}#{run.day}",
        "sk": rule,
        "version": 1,
        "run_id": run.run_id,
        "cells": canonical_json([_cell_document(cell) for cell in cells]).decode(),
    }
    return Put(platform.monitoring.name, item)


def maps_on(
    platform: Platform, jurisdiction: str, day: str, rule: str = ""
) -> dict[str, list[MapCell]]:
    """Rule -> its regions on a day; of one rule if given."""
    pk = f"MAP#{jurisdiction}#{day}"
    if rule:
        item = platform.monitoring.get(pk, rule)
        items = [] if item is None else [item]
    else:
        items = list(platform.monitoring.each(pk))
    return {
        str(item["sk"]): [MapCell(**entry) for entry in json.loads(str(item["cells"]))]
        for item in items
    }


def _run_key(platform: Platform, run: Run) -> Key:
    return platform.monitoring.key(f"RUN#{run.run_id}")


def _chunk_sk(plan: str, chunk: int) -> str:
    return f"CHUNK#{plan}#{chunk:06d}"


def _body_document(body: Body) -> dict[str, JsonValue]:
    return dict(asdict(body))


def _cell_document(cell: MapCell) -> dict[str, JsonValue]:
    return dict(asdict(cell))


def _number(value: object) -> int:
    return int(str(value))
