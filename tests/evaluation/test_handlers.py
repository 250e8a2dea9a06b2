"""Triggers as AWS sends them, and messages as the runs send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.aws import calls
from chalicelib.aws.events import changes_in
from chalicelib.evaluation import handlers, service
from chalicelib.evaluation.work import work
from chalicelib.web.model import Answer, Scope
from tests.evaluation import town
from tests.support.world import World, sqs_event

EVENTS = Path(__file__).parents[2] / "events"
RUN = "ev_nanjing-annual_integrity-2025"

pytestmark = pytest.mark.requirement("R-60")


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return found


def deliver(world: World, event: Mapping[str, Any]) -> list[dict[str, str]]:
    answer = handlers.work_jobs(world.platform, event, town.all_finished)
    failed: list[dict[str, str]] = answer["batchItemFailures"]
    return failed


def test_the_tick_and_the_queue_bring_a_run_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(world, 2)
    monkeypatch.setattr(handlers, "current_platform", lambda: world.platform)
    started = handlers.start_due_evaluations(sample("evaluation_schedule"), None)
    assert started == {"started": [RUN]}
    for name in ("plan", "chunk", "tally", "settle", "finish", "tell", "finish"):
        event = sample(f"evaluation_{name}")
        sent = world.take(world.platform.evaluation_queue)
        assert sent == [json.loads(event["Records"][0]["body"])]
        assert handlers.work_evaluation_queue(event, None) == {"batchItemFailures": []}
    assert service.completed_run(world.platform, RUN) is not None


def test_every_message_is_as_its_schema_says(world: World) -> None:
    schema = json.loads((EVENTS / "schemas" / "evaluation_work.schema.json").read_text("utf-8"))
    validator = Draft202012Validator(schema)
    jobs: list[str] = []

    def one(message: Mapping[str, Any]) -> None:
        validator.validate(message)
        jobs.append(str(message["job"]))
        work(world.platform, message, town.all_finished)

    town.settle(world, 3)
    town.start(world)
    world.drain(world.platform.evaluation_queue, one)
    (run,) = service.list_runs(world.platform, town.caller(), Scope.REGION, 9, None)[0]
    service.start_replay(
        world.platform, town.caller(), run, claim=None, present=lambda _: Answer(202)
    )
    world.drain(world.platform.evaluation_queue, one)
    steps = {"plan", "chunk", "tally", "settle", "finish", "tell"}
    assert set(jobs) == steps | {"replay", "replay_finish"}
    assert not validator.is_valid({"job": "chunk", "run_id": run.run_id})
    assert not validator.is_valid({"job": "plan", "run_id": run.run_id, "more": 1})


@pytest.mark.parametrize(
    "message",
    [
        {"job": "dance", "run_id": RUN},
        {"run_id": RUN},
        {"job": "plan", "run_id": "ev_nobody"},
        {"job": "chunk", "run_id": "ev_nobody", "chunk": 0},
        {"job": "chunk", "run_id": RUN, "chunk": "first"},
        {"job": "replay", "run_id": RUN, "replay_id": "rp_nobody", "chunk": 0},
    ],
)
def test_a_message_that_cannot_be_worked_fails_alone(
    world: World, message: Mapping[str, Any]
) -> None:
    town.settle(world, 2)
    service.start_due_runs(world.platform)
    (plan,) = world.take(world.platform.evaluation_queue)
    assert deliver(world, sqs_event(message, plan)) == [{"itemIdentifier": "m0"}]
    assert len(world.take(world.platform.evaluation_queue)) == 1


def test_a_chunk_beyond_the_plan_fails(world: World) -> None:
    town.settle(world, 2)
    service.start_due_runs(world.platform)
    (plan,) = world.take(world.platform.evaluation_queue)
    assert deliver(world, sqs_event(plan)) == []
    assert deliver(world, sqs_event({"job": "chunk", "run_id": RUN, "chunk": 7})) != []


def test_the_stream_tells_of_a_completed_run_and_of_nothing_else(world: World) -> None:
    town.settle(world, 3)
    run = town.run_through(world)
    name = world.platform.evaluation.name
    client: Any = calls.client("dynamodb")
    records = [
        {
            "eventName": "MODIFY",
            "eventSourceARN": f"arn:aws:dynamodb:cn-north-1:0:table/{name}/stream/2026",
            "dynamodb": {"NewImage": image},
        }
        for image in client.scan(TableName=name)["Items"]
    ]
    (change,) = changes_in({"Records": records}, {name: "evaluation"})
    assert change.message() == {
        "table": "evaluation",
        "key": f"RUN#{run.run_id}",
        "version": 3,
        "entity": "evaluation_run",
    }
