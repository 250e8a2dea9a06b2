"""A small policy, subjects and records as intake would have stored them, and the public API."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.attributes import from_attributes
from chalicelib.aws.queue import Queue
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import (
    ArchivePointer,
    Identification,
    Notices,
    Record,
    Subject,
    UploadRow,
)
from chalicelib.disclosure import handlers
from chalicelib.disclosure.projection import Progress
from chalicelib.feed import sequencer
from chalicelib.intake.settling import ChunkResult
from chalicelib.intake.store import Upload, new_upload_put
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from chalicelib.policy.compile import write_compiled
from chalicelib.policy.model import Pack
from chalicelib.replica import service as replica
from chalicelib.replica.routes import routes
from chalicelib.replica.routes_charts import routes as chart_routes
from chalicelib.replica.routes_log import routes as log_routes
from chalicelib.replica.routes_proofs import routes as proof_routes
from chalicelib.replica.routes_ratings import routes as ratings_routes
from chalicelib.replica.routes_results import routes as results_routes
from chalicelib.web.edge import Edge, build
from tests.evaluation import town
from tests.evaluation.builders import RATIO, leaf, scheme_of
from tests.publicity.builders import OPEN_RULE, RULE, record_type
from tests.support.world import World, sqs_event

BASIS: Mapping[str, Any] = {"document": "测试依据", "verified": False}
JURISDICTION, VERSION, REGION = "testland", "2026-01-01", "320199"
AGENCY, BODY, FIRM = "11320100000000001A", "11320100000000002B", "91320100000000003C"
CITIZEN, PERSON_NAME = "11010519491231002X", "欧阳明"
PUBLIC_ROUTES = (
    routes,
    results_routes,
    chart_routes,
    ratings_routes,
    log_routes,
    proof_routes,
)
EVERYBODY = ["department", "enterprise", "person", "civil_servant"]
PERSONS_BASIS = {"scope": "public", "basis": BASIS, "persons": "public", "persons_basis": BASIS}


PEERS = {"strength": "0.01", "rate": "peers"}


def pack(ratio: Mapping[str, Any] = RATIO, **scheme_changes: Any) -> Pack:
    """Penalties, breaches behind the two notices, honours (persons too), internal discipline."""
    types = [
        record_type(
            code="penalty",
            title="行政处罚",
            category="penalty",
            about=EVERYBODY,
            dishonesty=False,
            notice_required=False,
        ),
        record_type(about=EVERYBODY, category="breach"),
        record_type(
            code="honour",
            title="表彰奖励",
            category="honour",
            about=EVERYBODY,
            dishonesty=False,
            notice_required=False,
            publicity_term="open",
            disclosure=PERSONS_BASIS,
        ),
        record_type(
            code="discipline",
            title="政务处分",
            category="discipline",
            about=EVERYBODY,
            disclosure={"scope": "internal", "basis": BASIS},
        ),
    ]
    titles = {"penalty": "行政处罚", "breach": "违约失信", "honour": "荣誉", "discipline": "处分"}
    categories = {
        code: {"code": code, "title": title, "file": "both", "order": 1, "basis": BASIS}
        for code, title in titles.items()
    }
    scheme = scheme_of(leaf("reports", "20", ratio, types=["penalty"]), **scheme_changes)
    return Pack.model_validate(
        {
            "jurisdiction": JURISDICTION,
            "title": "测试地",
            "version": VERSION,
            "effective_from": VERSION,
            "digest": "d" * 64,
            "document": BASIS,
            "categories": categories,
            "types": {kind.code: kind.model_dump() for kind in types},
            "publicity": {"dishonesty": RULE.model_dump(), "open": OPEN_RULE.model_dump()},
            "schemes": {scheme.code: scheme.model_dump()},
            "calendar": {"years": []},
            "regions": {REGION: {"code": REGION, "title": "示例市", "level": "city"}},
            "forbidden": {},
            "mechanisms": {},
        }
    )


@functools.cache
def policy_folder(*, told: bool = False) -> str:
    """A folder with that pack compiled, as the loader reads it; written once. `told`: whose result
    is in the lowest grade is told five working days before it is published, and points are drawn
    a little towards the rate of all peers."""
    folder = Path(tempfile.mkdtemp(prefix="testland-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if told:
        notice = {"grades": ["C"], "days": 5, "basis": BASIS}
        appeal = {"days": 10, "basis": BASIS}
        write_compiled(folder, [pack({**RATIO, "prior": PEERS}, notice=notice, appeal=appeal)])
    else:
        write_policy(folder)
    return str(folder)


def write_policy(folder: Path) -> None:
    """Compiled policy with that one pack, as the loader reads it."""
    write_compiled(folder, [pack()])


def store_body(world: World, code: str = BODY, name: str = "示例市乙局", **more: Any) -> Subject:
    """A body in the register (registered=False: seen once)."""
    values: dict[str, Any] = {
        "kind": "department",
        "jurisdiction": JURISDICTION,
        "region": REGION,
        "registered": True,
        "details": {"level": "city", "superior": AGENCY},
    }
    who = Identification(code, "", name)
    subject = files.new_subject(world.platform, who, **(values | more))
    commit(files.subject_writes(world.platform, subject))
    return subject


def store_person(world: World) -> Subject:
    """A civil servant."""
    subject = files.new_subject(
        world.platform,
        Identification("", CITIZEN, PERSON_NAME),
        kind="civil_servant",
        jurisdiction=JURISDICTION,
        region=REGION,
        registered=True,
    )
    mac = files.code_mac(world.platform.keyring, CITIZEN)
    commit(files.subject_writes(world.platform, subject, mac))
    return subject


def record(world: World, record_id: str = "r_1", **changes: Any) -> Record:
    """A public penalty about the body, decided a fortnight ago, general, reported just now."""
    now = instant_text(world.clock())
    base = Record(
        record_id=record_id,
        version=1,
        jurisdiction=JURISDICTION,
        region=REGION,
        type="penalty",
        category="penalty",
        dishonesty=False,
        severity="general",
        subject_id=files.body_id(BODY),
        subject_kind="department",
        subject_code=BODY,
        subject_name="示例市乙局",
        reporter=AGENCY,
        occurred_on="2026-06-01",
        fields={"document_number": "示罚〔2026〕1号", "remark": "内部备注"},
        sealed={},
        notices=Notices(),
        status="active",
        content_mac=f"mac-{record_id}",
        known={f"mac-{record_id}": 1},
        pack=VERSION,
        received_at=now,
        received_sha256="",
        due_on="",
        on_time=True,
        archive=ArchivePointer("k", "v", "0" * 64, 0, 1),
        submitted_by="client",
        changed_at=now,
    )
    return replace(base, **changes)


def breach(world: World, record_id: str = "r_b", **changes: Any) -> Record:
    """A dishonesty record whose two notices were delivered."""
    values = {
        "type": "breach",
        "category": "breach",
        "dishonesty": True,
        "notices": Notices("2026-06-02", "2026-06-02", "回证1号"),
    }
    return record(world, record_id, **(values | changes))


def about_person(world: World, person: Subject, record_id: str = "r_p", **more: Any) -> Record:
    """An honour of a person: its type may be public."""
    key = world.platform.keyring.open_key(person.subject_id, person.wrapped_key)
    values = {
        "type": "honour",
        "category": "honour",
        "severity": "",
        "subject_id": person.subject_id,
        "subject_kind": person.kind,
        "subject_code": "",
        "subject_name": "",
        "sealed": files.seal_fields(key, {"head": "张三丰", "home": "示例路1号"}, world.platform),
    }
    return record(world, record_id, **(values | more))


def from_file(record: Record, upload_id: str = "u_1") -> Record:
    """The record as a row of a file."""
    return replace(record, upload=UploadRow(upload_id, 1))


def store_record(world: World, record: Record) -> Record:
    """A new record in the records table."""
    commit([files.new_record_put(world.platform, record)])
    return record


def next_version(world: World, before: Record, **changes: Any) -> Record:
    """A correction or withdrawal of `before`, stored."""
    world.clock.advance(seconds=30)
    now = instant_text(world.clock())
    after = replace(before, version=before.version + 1, changed_at=now, **changes)
    commit(files.next_version_writes(world.platform, before, after))
    return after


def change(record: Record) -> dict[str, object]:
    """The change message of a record."""
    return {
        "table": "records",
        "key": f"RECORD#{record.record_id}",
        "version": record.version,
        "entity": "record",
    }


def deliver(world: World, *messages: Mapping[str, Any]) -> None:
    """Let the disclosure function work these messages; none may fail."""
    answer = handlers.project_changes(world.platform, sqs_event(*messages))
    assert answer == {"batchItemFailures": []}


def drain(world: World) -> None:
    """Work the disclosure queue until it is empty. What fails goes back, as a queue would have
    it, and the failure comes out."""
    queue = world.platform.disclosure_queue
    while messages := world.take(queue):
        for index, message in enumerate(messages):
            try:
                work(world, message)
            except Unavailable:
                for left in messages[index:]:
                    _put_back(queue, left)
                raise


def _put_back(queue: Queue, message: Mapping[str, Any]) -> None:
    client: Any = calls.client("sqs")  # not through `invoke`: the queue itself does this
    client.send_message(QueueUrl=queue.url, MessageBody=json.dumps(message))


def work(world: World, *messages: Mapping[str, Any]) -> None:
    """Work messages as `deliver` does, but let the first failure out."""
    progress = Progress()
    for message in messages:
        handlers.work(world.platform, message, progress)
    progress.note(world.platform)


def finish_file(world: World, chunks: Sequence[Sequence[str]], upload_id: str = "u_1") -> None:
    """A finished file whose chunks brought these records."""
    upload = Upload(
        upload_id=upload_id,
        agency=AGENCY,
        agency_name="示例市甲局",
        jurisdiction=JURISDICTION,
        region=REGION,
        roles=(),
        client_id="client",
        type="penalty",
        format="csv",
        file_name="rows.csv",
        created_at=instant_text(world.clock()),
        state="completed",
        chunks=len(chunks),
    )
    commit([new_upload_put(world.platform, upload)])
    for number, ids in enumerate(chunks, 1):
        result = ChunkResult(len(ids), len(ids), 0, 0, [], [], list(ids), [])
        world.platform.work.put(
            f"uploads/{upload_id}/results/{number:05d}.json",
            json.dumps(result.as_json()).encode(),
            content_type="application/json",
        )


UPLOAD_DONE = {"table": "intake", "key": "UPLOAD#u_1", "version": 4, "entity": "upload"}


def subject_change(subject: Subject) -> dict[str, object]:
    """The change message of a subject."""
    return {
        "table": "records",
        "key": f"SUBJECT#{subject.subject_id}",
        "version": subject.version,
        "entity": "subject",
    }


def run_evaluation(world: World) -> str:
    """A completed run over 2025 of the bodies of the region; its id."""
    order = town.order(scheme="yearly")
    run_id = town.start(world, order, town.caller(REGION, jurisdiction=JURISDICTION))
    town.work_all(world)
    return run_id


def run_change(run_id: str) -> dict[str, object]:
    """The change message of a completed run."""
    return {
        "table": "evaluation",
        "key": f"RUN#{run_id}",
        "version": 3,
        "entity": "evaluation_run",
    }


_ASKED: list[World] = []
"""The world that is asked just now."""


@functools.cache
def _public_api() -> Edge:
    return build(PUBLIC_ROUTES, None, None, lambda: _ASKED[0].platform)


def get(
    world: World, path: str, query: Mapping[str, str] | None = None, etag: str = ""
) -> dict[str, Any]:
    """GET from the public API once all is numbered: status, headers (single values), JSON body."""
    event = {
        "path": path,
        "httpMethod": "GET",
        "headers": {"If-None-Match": etag} if etag else {},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": (
            {name: [value] for name, value in query.items()} if query else None
        ),
        "requestContext": {"requestId": "test"},
        "body": None,
        "isBase64Encoded": False,
    }
    number(world)
    replica.look_again()
    _ASKED[:] = [world]
    answer = _public_api()(event, None)
    return {
        "status": answer["statusCode"],
        "headers": {
            name: values[0] if isinstance(values, list) else values
            for name, values in answer["multiValueHeaders"].items()
        },
        "body": _read(answer),
    }


def _read(answer: Mapping[str, Any]) -> Any:
    """The body: JSON as values, a picture as its text, nothing as None."""
    text = answer["body"] or None
    (kind,) = answer["multiValueHeaders"].get("Content-Type", [""])
    return text if text is None or kind.startswith("image/") else json.loads(text)


def number(world: World) -> None:
    """The sequencer's turn: everything it was asked to number."""
    for message in world.take(world.platform.sequencer_queue):
        sequencer.sequence(world.platform, message["ids"])


def public_items(world: World) -> list[dict[str, Any]]:
    """Every document of the feed as the public table keeps it, once all is numbered, its content
    legible; and the alarm clocks."""
    number(world)
    client: Any = calls.client("dynamodb")
    found = client.scan(TableName=world.platform.public.name)["Items"]
    items = [from_attributes(item) for item in found]
    return [_legible(item) for item in items if item.get("entity") in ("document", "waiting")]


def _legible(item: dict[str, Any]) -> dict[str, Any]:
    assert "next" not in item, "a change waits though all were numbered"
    content = item.get("shown", {}).get("content")
    return {**item, "document": json.loads(zlib.decompress(content))} if content else item


def public_world(world: World) -> dict[str, dict[str, Any]]:
    """What is public now, once all is numbered: document by id."""
    now = instant_text(world.clock())
    return {
        str(item["pk"]).partition("#")[2]: item["document"]
        for item in public_items(world)
        if "document" in item and now < (item["shown"]["until"] or "~")
    }
