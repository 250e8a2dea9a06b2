"""Whatever changes something is tried against every single failure (tests/test_faults.py).

What there is to try is read off the code, never listed here:

    a write route              POST /v1/records         from the edge of app.py
    a function of app.py       setup                    from Chalice
    a job of a queue           intake:chunk             from the schemas in events/
    a change that is projected disclosure:record        from the schema of changes
    a part of the sweep        sweep:ended              from what the sweep answers

A use case joins in tests/<room>/use_cases.py under that name; variants add `, ...`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

import app
from chalicelib.aws import calls
from chalicelib.aws.queue import Queue
from chalicelib.disclosure import handlers as disclosure_handlers
from tests.invariants.events import QUEUES, kinds_of, schema_named, validator
from tests.invariants.source import sources
from tests.support.faults import UseCase, use_cases
from tests.support.world import World, fresh_world, make_world

USE_CASES = use_cases()
JOINED = {name.split(",")[0] for name in USE_CASES}
API_FUNCTIONS = {"api", "public", "leads"}


TOUCHES_NOTHING = {
    "POST /v1/deadlines/preview": "counts days; tests/cases holds that it makes no call at all",
}
"""Routes that write by their method alone, and why there is nothing that could fail."""


def functions() -> set[str]:
    return {function.name for function in app.app.pure_lambda_functions}


def write_routes() -> set[str]:
    specs = (*app.private_api.specs, *app.public_api.specs, *app.leads_api.specs)
    return {f"{spec.method} {spec.path}" for spec in specs if spec.is_write} - set(TOUCHES_NOTHING)


def jobs() -> set[str]:
    return {f"{queue}:{kind}" for queue in QUEUES for kind in kinds_of(queue)}


@pytest.mark.requirement("R-60")
def test_every_write_route_has_joined() -> None:
    assert len(write_routes()) > 10
    assert write_routes() - JOINED == set()


@pytest.mark.requirement("R-60")
def test_every_job_of_every_queue_has_joined() -> None:
    assert len(jobs()) > 10
    assert jobs() - JOINED == set()


@pytest.mark.requirement("R-60")
def test_every_function_has_joined() -> None:
    deeds = {name.partition(":")[0] for name in JOINED}
    assert functions() - API_FUNCTIONS - deeds == set()


@pytest.mark.requirement("R-60")
def test_every_part_of_the_sweep_has_joined(
    aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(aws)
    monkeypatch.setattr(disclosure_handlers, "current_platform", lambda: world.platform)
    parts = {f"sweep:{part}" for part in disclosure_handlers.sweep({"tick": "sweep"}, None)}
    assert len(parts) > 3
    assert parts - JOINED == set()


def test_nothing_has_joined_that_is_not_there() -> None:
    methods = ("GET ", "POST ", "PATCH ", "PUT ", "DELETE ")
    deeds = {name for name in JOINED if not name.startswith(methods)}
    assert {name.partition(":")[0] for name in deeds} <= functions()
    assert JOINED - deeds <= write_routes()


def test_every_room_that_writes_has_use_cases() -> None:
    writing = {
        source.room for source in sources("chalicelib") if source.module.endswith(".handlers")
    }
    tried = {
        source.path.parent.name for source in sources("tests") if source.path.stem == "use_cases"
    }
    assert writing <= tried


# -- what is sent keeps to its schema -----------------------------------------------------------


SENT_ELSEWHERE = {
    **dict.fromkeys(
        ("measures:daily", "checks:daily", "monitoring:daily"),
        "the scheduler sends it as a day begins (infra/template)",
    ),
    "disclosure:run": "the rest of a long run; tests/disclosure cuts one into slices",
}
"""Kinds of message no use case is long enough for, and where they are sent."""


def stream_of(world: World) -> dict[str, Any]:
    """What the streams would tell of everything that lies in the tables."""
    dynamodb: Any = calls.client("dynamodb")
    records = []
    for table in ("records", "intake", "cases", "evaluation", "keys"):
        name = getattr(world.platform, table).name
        arn = f"arn:aws-cn:dynamodb:cn-north-1:000000000000:table/{name}/stream/2026"
        for item in dynamodb.scan(TableName=name)["Items"]:
            told = {"NewImage": item}
            records.append({"eventName": "MODIFY", "eventSourceARN": arn, "dynamodb": told})
    return {"Records": records}


class Post:
    """Every message sent while it watches, by queue."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[tuple[str, Mapping[str, object]]] = []
        send, send_many = Queue.send, Queue.send_many

        def watched(queue: Queue, message: Mapping[str, object], delay_seconds: int = 0) -> None:
            self.sent.append((queue.name, message))
            send(queue, message, delay_seconds)

        def watched_many(queue: Queue, messages: Sequence[Mapping[str, object]]) -> None:
            self.sent += [(queue.name, message) for message in messages]
            send_many(queue, messages)

        monkeypatch.setattr(Queue, "send", watched)
        monkeypatch.setattr(Queue, "send_many", watched_many)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


def in_turn(environment: dict[str, str]) -> Iterator[tuple[UseCase, World]]:
    packs = os.environ["POLICY_DIR"]
    for name in sorted(USE_CASES):
        os.environ["POLICY_DIR"] = packs  # some bring packs of their own
        yield USE_CASES[name], fresh_world(environment)


def test_every_message_keeps_to_its_schema_and_every_kind_is_sent(
    aws: dict[str, str], post: Post
) -> None:
    seen: set[str] = set()
    for use_case, world in in_turn(aws):
        post.sent.clear()
        use_case.prepare(world)
        use_case.act(world)
        disclosure_handlers.forward_changes(world.platform, stream_of(world))
        queues: dict[str, Any] = {
            getattr(world.platform, f"{name}_queue").name: name for name in QUEUES
        }
        for name, message in post.sent:
            queue = queues[name]
            schema = schema_named(queue, message)
            problems = [error.message for error in validator(schema).iter_errors(message)]
            assert not problems, f"{use_case.name}: {message}: {problems}"
            seen |= {f"{queue}:{kind}" for kind in kinds_of(queue, message)}
    unsent = jobs() - seen - set(SENT_ELSEWHERE)
    assert not unsent, f"a schema for what nobody sends: {unsent}"
