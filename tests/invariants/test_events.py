"""A sample payload for every trigger, and every sample worked by the function it is for.

A sample is named after its function, with a word behind where there are several:
`sweep.json`, `intake_split.json`.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

import app
from chalicelib.access import handlers as access_handlers
from chalicelib.accounts import handlers as accounts_handlers
from chalicelib.cases import handlers as cases_handlers
from chalicelib.checks import handlers as checks_handlers
from chalicelib.creditfile import service as files
from chalicelib.crosscheck import service as crosschecks
from chalicelib.disclosure import handlers as disclosure_handlers
from chalicelib.evaluation import handlers as evaluation_handlers
from chalicelib.feed import handlers as feed_handlers
from chalicelib.intake import exports, uploads
from chalicelib.intake import handlers as intake_handlers
from chalicelib.measures import handlers as measures_handlers
from chalicelib.monitoring import handlers as monitoring_handlers
from chalicelib.snapshots import handlers as snapshots_handlers
from chalicelib.web.model import Answer, Scope
from tests.cases import bench
from tests.checks import hall
from tests.crosscheck import office
from tests.evaluation import town as evaluated
from tests.intake import town
from tests.intake.calendars import publish_2027
from tests.invariants.events import EVENTS, QUEUES, sample, schema_named, validator
from tests.invariants.source import sources
from tests.support.world import World, make_world

HANDLERS = (
    access_handlers,
    accounts_handlers,
    cases_handlers,
    checks_handlers,
    disclosure_handlers,
    evaluation_handlers,
    feed_handlers,
    intake_handlers,
    measures_handlers,
    monitoring_handlers,
    snapshots_handlers,
)
SAMPLES = sorted(path.stem for path in EVENTS.glob("*.json"))
SCHEMAS = sorted(
    path.name.removesuffix(".schema.json") for path in EVENTS.glob("schemas/*.schema.json")
)
FUNCTIONS = {function.name for function in app.app.pure_lambda_functions}


def function_of(name: str) -> str:
    """The function a sample is for: the longest name it begins with."""
    return max(
        (one for one in FUNCTIONS if name == one or name.startswith(f"{one}_")),
        key=len,
        default="",
    )


def test_every_function_has_a_sample_and_every_sample_a_function() -> None:
    assert {function_of(name) for name in SAMPLES} == FUNCTIONS


def test_every_sample_is_used_by_a_test() -> None:
    words = {
        str(node.value)
        for source in sources("tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
    }
    # `sample(f"evaluation_{name}")` names three of them by their last word.
    unused = [
        name
        for name in SAMPLES
        if not {name, f"{name}.json"} & words
        and not {f"{function_of(name)}_", name.removeprefix(f"{function_of(name)}_")} <= words
    ]
    assert not unused


@pytest.mark.parametrize("name", [name for name in SAMPLES if function_of(name) in QUEUES])
def test_queue_samples_are_as_the_queue_would_deliver_them(name: str) -> None:
    queue = function_of(name)
    for record in sample(name)["Records"]:
        body = json.loads(record["body"])
        assert list(validator(schema_named(queue, body)).iter_errors(body)) == []
        digest = hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
        assert record["md5OfBody"] == digest
        assert record["eventSourceARN"].endswith(f":{queue.capitalize()}Queue")


def test_every_schema_belongs_to_a_queue_and_forbids_what_it_does_not_know() -> None:
    assert set(SCHEMAS) == {name for names in QUEUES.values() for name in names}
    for name in SCHEMAS:
        assert not validator(name).is_valid({})
        content = json.loads((EVENTS / "schemas" / f"{name}.schema.json").read_text("utf-8"))
        for one in content.get("oneOf", [content]):
            assert one["additionalProperties"] is False, name


def test_nothing_personal_travels_in_a_queue() -> None:
    # Design §2.10: messages name things. No alternative has room for a name, a code or a value.
    for name in SCHEMAS:
        content = json.loads((EVENTS / "schemas" / f"{name}.schema.json").read_text("utf-8"))
        for one in content.get("oneOf", [content]):
            assert not set(one["properties"]) & {"name", "citizen_code", "fields", "body", "value"}


# -- through the functions of app.py ------------------------------------------------------------


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the functions of app.py take for their own."""
    world = make_world(aws)
    for module in HANDLERS:
        monkeypatch.setattr(module, "current_platform", lambda: world.platform)
    return world


def invoke(name: str, event: object) -> Any:
    """Call a function of app.py as Lambda would."""
    function: Callable[[object, object], Any] = getattr(app, function_of(name))
    return function(event, None)


def test_the_intake_samples_bring_a_file_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(world)
    upload_id = json.loads(sample("intake_split")["Records"][0]["body"])["upload_id"]
    monkeypatch.setattr(world.ids, "new", lambda prefix: f"{prefix}_{upload_id[2:]}")
    content = town.honour_csv([(number, "2026-05-20") for number in range(1, 5)])
    assert town.post_file(world, content) == upload_id
    uploads.commit_upload(world.platform, uploads.find_upload(world.platform, upload_id))
    for name in ("intake_split", "intake_chunk", "intake_finish"):
        (sent,) = world.take(world.platform.intake_queue)
        given = json.loads(sample(name)["Records"][0]["body"])
        assert {**sent, "chunk": 0} == {**given, "chunk": 0}
        event = sample(name)
        event["Records"][0]["body"] = json.dumps(sent)  # offsets are this file's
        assert invoke(name, event) == {"batchItemFailures": []}
    done = uploads.find_upload(world.platform, upload_id)
    assert (done.state, done.accepted, done.rejected) == ("completed", 4, 0)
    for name in ("accounts_gather", "accounts_count", "accounts_cover"):
        assert invoke(name, sample(name)) == {"batchItemFailures": []}


def test_the_sample_converts_a_file_that_is_no_plain_csv(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(world)
    upload_id = json.loads(sample("intake_convert")["Records"][0]["body"])["upload_id"]
    monkeypatch.setattr(world.ids, "new", lambda prefix: f"{prefix}_{upload_id[2:]}")
    content = town.honour_csv([(1, "2026-05-20")]).decode().encode("gb18030")
    town.post_file(world, content)
    uploads.commit_upload(world.platform, uploads.find_upload(world.platform, upload_id))
    for name in ("intake_split", "intake_convert"):
        (sent,) = world.take(world.platform.intake_queue)
        assert sent == json.loads(sample(name)["Records"][0]["body"])
        assert invoke(name, sample(name)) == {"batchItemFailures": []}
    assert uploads.find_upload(world.platform, upload_id).state == "processing"


def test_the_sample_works_a_piece_of_a_register(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = json.loads(sample("intake_crosscheck")["Records"][0]["body"])
    monkeypatch.setattr(world.ids, "new", lambda prefix: f"{prefix}_{given['crosscheck_id'][2:]}")
    check = office.post(world, office.csv_register([office.row(1)]))
    crosschecks.receive(world.platform, check)
    assert world.take(world.platform.intake_queue) == [given]
    assert invoke("intake_crosscheck", sample("intake_crosscheck")) == {"batchItemFailures": []}
    done = crosschecks.find(world.platform, office.personnel(), Scope.REGION, check.crosscheck_id)
    assert (done.state, done.counts) == ("comparing", {"joiner": 1, "unchanged": 0})


def test_the_sample_counts_provisional_deadlines_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(world)
    world.clock.advance(days=197)  # 2026-12-29
    sent = town.submit(world, town.licence(decided_on="2026-12-28"))
    publish_2027(monkeypatch)
    assert invoke("intake_deadlines", sample("intake_deadlines")) == {"batchItemFailures": []}
    record = files.find_record(world.platform, sent.body.record_id)
    assert (record.due_on, record.due_provisional) == ("2027-01-08", False)


def test_the_sample_brings_an_export_forward(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    town.settle(world)
    town.submit(world, town.licence())
    named = json.loads(sample("intake_export")["Records"][0]["body"])["export_id"]
    monkeypatch.setattr(world.ids, "new", lambda prefix: named)
    wish = exports.Wish(
        "administrative_licence", "national_2018", "csv", date(2026, 6, 1), date(2026, 6, 30), ""
    )
    export = exports.new_export(world.platform, town.clerk(), Scope.OWN, wish)
    answer = Answer(202, None, location=f"/v1/exports/{export.export_id}")
    exports.start(world.platform, export, answer, None)
    for step, state in enumerate(("writing", "completed"), 1):
        event = sample("intake_export")
        body = {**json.loads(event["Records"][0]["body"]), "step": step}
        event["Records"][0]["body"] = json.dumps(body)
        assert invoke("intake_export", event) == {"batchItemFailures": []}
        found = exports.find_export(world.platform, town.clerk(), Scope.OWN, named)
        assert (found.state, found.rows) == (state, 1)


def test_the_sample_reminds_of_a_case(world: World) -> None:
    bench.settle(world)
    record_id = bench.recorded(world)
    filing = {"ground": "content_wrong", "statement": "款项已经付清"}
    desk = bench.Desk(world, bench.RECORDED)
    case_id = desk.open("objection", record_id=record_id, fields=filing).json["case_id"]
    world.clock.advance(days=1)
    invoke("sweep_daily", sample("sweep_daily"))
    (sent,) = world.take(world.platform.cases_queue)
    event = sample("cases_due")
    assert sent == {**json.loads(event["Records"][0]["body"]), "case_id": case_id}
    event["Records"][0]["body"] = json.dumps(sent)  # the id is this case's
    assert invoke("cases_due", event) == {"batchItemFailures": []}
    assert desk.version(case_id) == 2


def test_the_sample_opens_what_a_dishonesty_record_gives_rise_to(world: World) -> None:
    bench.settle(world)
    record_id = bench.recorded(world)
    event = sample("cases_record")
    body = {**json.loads(event["Records"][0]["body"]), "key": f"RECORD#{record_id}"}
    event["Records"][0]["body"] = json.dumps(body)  # the id is this record's
    assert invoke("cases_record", event) == {"batchItemFailures": []}
    desk = bench.Desk(world, bench.CLERK)
    kinds = {one["kind"] for one in desk.api("GET", "/v1/cases").json["items"]}
    assert kinds == {"two_notices", "notice"}


def test_the_ticks_and_the_founding_are_answered_with_what_was_done(world: World) -> None:
    evaluated.settle(world, 2)
    assert len(invoke("evaluation_schedule", sample("evaluation_schedule"))["started"]) == 1
    swept = invoke("sweep", sample("sweep"))
    assert swept.keys() >= {"uploads", "evaluation_jobs", "ended", "behind"}
    assert invoke("evaluation_plan", sample("evaluation_plan")) == {"batchItemFailures": []}


def test_the_public_side_takes_its_samples(world: World) -> None:
    for name in ("sequencer", "snapshots"):
        assert invoke(name, sample(name)) == {"batchItemFailures": []}


def test_the_checks_samples_check_a_file_and_tell_whoever_subscribed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.settle(world)
    named = json.loads(sample("checks_file")["Records"][0]["body"])["file_id"]
    with monkeypatch.context() as patch:
        patch.setattr(world.ids, "new", lambda prefix: named)
        body = {"scene": "bidding", "purpose": hall.PURPOSE, "format": "csv"}
        assert hall.api(world)("POST", "/v1/check-files", body).json["file_id"] == named
    content = f"统一社会信用代码\r\n{hall.BUILDER.unified_code}\r\n".encode()
    world.platform.inbox.put(f"uploads/checks/{named}", content, content_type="text/csv")
    assert hall.api(world)("POST", f"/v1/check-files/{named}/commit").status == 202
    assert invoke("checks_file", sample("checks_file")) == {"batchItemFailures": []}
    assert hall.api(world)("GET", f"/v1/check-files/{named}").json["rows"] == 1
    for name in ("checks_changed", "checks_deliver", "checks_redeliver", "checks_upkeep"):
        assert invoke(name, sample(name)) == {"batchItemFailures": []}


def test_a_new_day_is_taken_by_whoever_has_something_due(world: World) -> None:
    for name in ("measures_daily", "checks_daily", "monitoring_daily"):
        assert invoke(name, sample(name)) == {"batchItemFailures": []}


def test_a_message_nobody_understands_fails_alone(world: World) -> None:
    for queue in QUEUES:
        event = {"Records": [{"messageId": "m1", "body": '{"job": "dance", "upload_id": "u_1"}'}]}
        assert invoke(queue, event) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}, queue
