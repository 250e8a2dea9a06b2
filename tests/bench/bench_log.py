"""The log: how many changes a second get their number on MiniStack, how soon one is signed for, and
how few tiles a proof reads. The reference of the first is the one transaction that commits as many
documents, without thinking."""

from __future__ import annotations

import time
from typing import Any

import app
from chalicelib.aws.calls import client
from chalicelib.aws.platform import Platform
from chalicelib.feed import handlers, sequencer
from chalicelib.feed import service as feed
from chalicelib.feed.model import NewDocument
from chalicelib.feed.publishing import publish
from chalicelib.feed.store import BATCH
from chalicelib.kernel.settings import read_settings
from chalicelib.replica import service
from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.proofs import TreeView, check_inclusion
from tests.bench.disclosure_sides import answered_with
from tests.bench.model import Row
from tests.bench.setting import emulator, in_process, packs, say
from tests.replica.builders import big_documents
from tests.support.world import sqs_event
from tests.tlog.logs import VastLog
from tests.web.build import call

CHANGES = 2_400
TARGET = 1_000
TEN_MILLION = 10_000_000
TILES = 25
SECONDS = 5


def run(changes: int = CHANGES, real: bool = True) -> list[Row]:
    """The rows of this benchmark. `real`: on MiniStack, not on AWS in process."""
    with packs(), emulator() if real else in_process() as environment:
        platform = Platform(read_settings({**environment, "WRITE_THREADS": "1"}))
        platform.create_keyring()
        platform.create_log_key()
        rows = [
            *_append_rows(platform, changes),
            *_publish_rows(platform, changes),
            _visible_row(platform),
        ]
    return [*rows, tiles_row()]


def _append_rows(platform: Platform, changes: int) -> list[Row]:
    say(f"log: {changes} documents decided")
    ids = [decided(platform, document) for document in big_documents(changes)]
    floor = _bare_rate(platform, changes)
    say("log: they get their numbers")
    started = time.perf_counter()
    done = sequencer.sequence(platform, ids)
    rate = changes / (time.perf_counter() - started)
    assert done.changes == changes
    return [
        Row("log: changes numbered and committed (beside bare transactions of as many writes)",
            round(rate), round(floor), "changes/s", f">= {TARGET}", rate >= TARGET),
    ]  # fmt: skip


def _publish_rows(platform: Platform, changes: int) -> list[Row]:
    """What was numbered is signed and published; then one change from its message on."""
    say("log: they are published")
    started = time.perf_counter()
    done = publish(platform)
    rate = changes / (time.perf_counter() - started)
    assert (done.size, done.is_whole) == (changes, True)
    *_, document = big_documents(changes + 1)
    name = decided(platform, document)
    started = time.perf_counter()
    handlers.work_jobs(platform, sqs_event({"job": "sequence", "ids": [name]}))
    seconds = time.perf_counter() - started
    return [
        Row("log: changes published behind a signed checkpoint",
            round(rate), 0, "changes/s", f">= {TARGET}", rate >= TARGET),
        Row("log: one change, from its message to the checkpoint that holds it",
            round(seconds, 3), 0, "s", f"<= {SECONDS}", seconds <= SECONDS),
    ]  # fmt: skip


def decided(platform: Platform, document: dict[str, Any]) -> str:
    """A document that waits for its number; its id."""
    name = str(document["id"])
    until = str(document["publicity"]["until"] or "")
    feed.show(platform, NewDocument(name, "record", 1, document, until, until[:10]))
    return name


def _bare_rate(platform: Platform, changes: int) -> float:
    """What the store itself takes: as many small updates in transactions of the same size."""
    dynamodb: Any = client("dynamodb")
    table = platform.public.name
    writes = [
        {"Update": {
            "TableName": table,
            "Key": {"pk": {"S": f"BARE#{number}"}, "sk": {"S": "-"}},
            "UpdateExpression": "SET seq = :seq",
            "ExpressionAttributeValues": {":seq": {"N": str(number)}},
        }}
        for number in range(changes)
    ]  # fmt: skip
    started = time.perf_counter()
    for first in range(0, changes, BATCH):
        dynamodb.transact_write_items(TransactItems=writes[first : first + BATCH])
    return changes / (time.perf_counter() - started)


def _visible_row(platform: Platform) -> Row:
    """From the checkpoint in the bucket to the answer of a worker that was busy with others."""
    say("log: from the checkpoint to the public API")
    waits = []
    with answered_with(platform):
        call(app.public_api, "GET", "/public/v1/freshness")  # the worker has loaded what there is
        for document in big_documents(3):
            name = decided(platform, {**document, "id": f"r_new{len(waits)}"})
            handlers.work_jobs(platform, sqs_event({"job": "sequence", "ids": [name]}))
            started = time.perf_counter()
            while call(app.public_api, "GET", f"/public/v1/records/{name}").status != 200:
                time.sleep(0.02)
            waits.append(time.perf_counter() - started)
    service.forget()
    return Row("log: from a signed checkpoint to the answer of the public API, longest of 3",
               round(max(waits), 2), 0, "s", f"<= {SECONDS}",
               max(waits) <= SECONDS)  # fmt: skip


def tiles_row() -> Row:
    """Tiles the proof of any entry of a log of ten million reads."""
    most = 0
    for index in (0, 255, 4_999_999, 5_000_000, TEN_MILLION - 1):
        leaf = leaf_hash(b"%d" % index)
        log = VastLog(TEN_MILLION, {index: leaf})
        proof = TreeView(TEN_MILLION, log.read).inclusion_proof(index)
        check_inclusion(leaf, index, TEN_MILLION, proof, log.root(TEN_MILLION))
        most = max(most, len(log.reads))
    return Row("log: tiles read for a proof in a log of 10 000 000 entries",
               most, 0, "tiles", f"<= {TILES}", most <= TILES)  # fmt: skip
