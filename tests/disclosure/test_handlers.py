"""Triggers as AWS sends them, and messages as this room sends them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.aws.platform import Platform
from chalicelib.disclosure import handlers, runs, upkeep
from chalicelib.kernel.errors import Misconfigured
from chalicelib.kernel.log import MESSAGE_FAILED
from tests.disclosure.builders import (
    UPLOAD_DONE,
    about_person,
    finish_file,
    from_file,
    public_items,
    record,
    run_change,
    run_evaluation,
    store_body,
    store_person,
    store_record,
    work,
)
from tests.disclosure.use_cases import EVENTS, stream_event
from tests.support.faults import counting
from tests.support.world import World, sqs_event


def schema(name: str) -> Draft202012Validator:
    """A schema of the emitted messages."""
    text = (EVENTS / "schemas" / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def test_the_stream_is_forwarded_by_key_and_no_more(world: World) -> None:
    handlers.forward_changes(world.platform, stream_event(world))

    first, second = world.take(world.platform.disclosure_queue)
    assert first == {"table": "records", "key": "RECORD#r_1", "version": 1, "entity": "record"}
    assert second == {"table": "records", "key": "RECORD#r_2", "version": 2, "entity": "record"}
    schema("change").validate(first)


@pytest.mark.requirement("R-31")
def test_evaluation_is_told_of_what_changed_and_never_of_what_is_new(world: World) -> None:
    # Files bring first versions by the million.
    handlers.forward_changes(world.platform, stream_event(world))

    (message,) = world.take(world.platform.evaluation_queue)
    assert message == {"table": "records", "key": "RECORD#r_2", "version": 2, "entity": "record"}
    schema("evaluation_work").validate(message)


@pytest.mark.requirement("R-30")
def test_cases_are_told_of_dishonesty_alone(world: World) -> None:
    handlers.forward_changes(world.platform, stream_event(world))

    (message,) = world.take(world.platform.cases_queue)
    assert message == {"table": "records", "key": "RECORD#r_2", "version": 2, "entity": "record"}
    schema("cases_work").validate(message)


def test_a_stream_nobody_knows_is_refused_loudly(world: World) -> None:
    event: dict[str, Any] = json.loads((EVENTS / "stream_records.json").read_text("utf-8"))

    with pytest.raises(Misconfigured):
        handlers.forward_changes(world.platform, event)


def test_the_queue_event_is_worked(world: World) -> None:
    store_record(world, record(world))
    store_record(world, from_file(record(world, "r_2")))
    finish_file(world, [["r_2"]])
    event: dict[str, Any] = json.loads((EVENTS / "disclosure_change.json").read_text("utf-8"))

    answer = handlers.project_changes(world.platform, event)

    assert answer == {"batchItemFailures": []}
    assert {item["pk"] for item in public_items(world)} == {"DOCUMENT#r_1", "DOCUMENT#r_2"}


@pytest.mark.parametrize("body", [{}, {"entity": "x", "key": "X#1"}, {"chunk": 1}, {"run_id": "r"}])
def test_a_message_that_means_nothing_fails_alone(world: World, body: dict[str, Any]) -> None:
    stored = store_record(world, record(world))
    good = {"entity": "record", "key": f"RECORD#{stored.record_id}", "version": 1}

    answer = handlers.project_changes(world.platform, sqs_event(body, good))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert len(public_items(world)) == 1


def test_the_operator_has_everything_projected_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "current_platform", lambda: world.platform)
    store_record(world, record(world))
    event = json.loads((EVENTS / "sweep_rebuild.json").read_text("utf-8"))

    done = handlers.sweep(event, None)
    messages = world.take(world.platform.disclosure_queue)
    assert done == {"rebuild_messages": len(messages)}
    work(world, *messages)

    assert "DOCUMENT#r_1" in {item["pk"] for item in public_items(world)}


def test_a_part_of_the_sweep_that_fails_takes_no_other_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_be_judged(platform: Platform) -> int:
        raise KeyError("an entry of a register that is in no pack any more")

    ended: list[Platform] = []
    monkeypatch.setattr(handlers, "current_platform", lambda: world.platform)
    monkeypatch.setattr(handlers, "remind_keepers", cannot_be_judged)
    monkeypatch.setattr(
        handlers, "sweep_disclosure", lambda platform: ended.append(platform) or {"ended": 0}
    )
    with pytest.raises(KeyError):
        handlers.sweep({"tick": "sweep"}, None)
    assert ended == [world.platform]


def test_every_message_sent_keeps_to_its_schema(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLICE_BODIES", 1)
    monkeypatch.setattr(upkeep, "REBUILD_SLICE", 1)
    store_body(world)
    for day in ("2026-01-01", "2026-02-01"):
        store_record(world, record(world, f"r_{day}", occurred_on=day))
    finish_file(world, [["r_1"]])
    work(world, UPLOAD_DONE, run_change(run_evaluation(world)))
    world.clock.advance(minutes=30)
    upkeep.rebuild(world.platform)
    upkeep.reconcile(world.platform)
    kinds = set()
    change, own = schema("change"), schema("disclosure_work")
    for _ in range(3):
        for message in world.take(world.platform.disclosure_queue):
            (change if "entity" in message else own).validate(message)
            kinds.add(message.get("entity") or next(iter(message)))
            work(world, message)

    assert kinds == {"record", "subject", "evaluation_run", "keyring", "upload_id", "run_id",
                     "reporter"}  # fmt: skip


def test_a_failure_is_logged_without_its_text(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    person = store_person(world)
    broken = about_person(world, person, sealed={"head": "not sealed at all"})
    store_record(world, broken)

    handlers.project_changes(
        world.platform, sqs_event({"entity": "record", "key": "RECORD#r_p", "version": 1})
    )

    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["error"]) == (MESSAGE_FAILED, "ValueError")
    assert "sealed" not in str(line)


def test_importing_the_handlers_reads_no_environment() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import chalicelib.disclosure.handlers, chalicelib.replica.routes_log",
        ],
        cwd=root,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.requirement("R-26")
def test_the_public_function_loads_nothing_that_knows_more_than_the_public_table() -> None:
    script = (
        "import sys, chalicelib.replica.routes_log; "
        "rooms = ('creditfile', 'intake', 'evaluation', 'publicity', 'access'); "
        "print([m for m in sys.modules if m.startswith(tuple('chalicelib.' + r for r in rooms))"
        " or m in ('boto3', 'cryptography')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_one_changed_record_costs_five_calls(world: World) -> None:
    stored = store_record(world, record(world))
    event = sqs_event({"entity": "record", "key": f"RECORD#{stored.record_id}", "version": 1})
    assert world.platform.keyring, "opened once per worker"

    with counting() as made:
        handlers.project_changes(world.platform, event)

    assert [call.operation for call in made] == [
        "batch_get_item",  # the record
        "batch_get_item",  # the reporter's name
        "update_item",  # the document, to be numbered
        "send_message_batch",  # to the sequencer: once, as freshness
        "update_item",  # freshness: once per delivery of up to ten messages
    ]
