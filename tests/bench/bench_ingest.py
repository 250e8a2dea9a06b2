"""File ingest beside bare conditional PutItem of the same items: same client, same threads, same
table. And what a row costs of the worker's own processor time: as the difference of the two, and
directly, with the table (and S3) in memory.

The backend is MiniStack on loopback, a process of its own: its time is not the worker's.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from chalicelib.aws import calls
from chalicelib.aws.attributes import to_attributes
from chalicelib.aws.platform import Platform
from chalicelib.creditfile.store import subject_item
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.keyring import new_keyring
from chalicelib.kernel.settings import Settings, read_settings
from tests.bench import licence_file
from tests.bench.evaluation_memory import Attributes, MemoryObjects, MemoryQueue
from tests.bench.files import Spent, Worked, post, timed, work
from tests.bench.memory_aws import RECORDS, FileTables
from tests.bench.model import Row
from tests.bench.setting import emulator, in_process, packs, say

RATE_TARGET, PROCESSOR_TARGET = 0.6, 200.0
ROWS, ROUNDS = 3_000, 4
STUBBED_ROWS, STUBBED_ROUNDS = 4_000, 5
Pair: TypeAlias = tuple[Worked, list[Spent]]
"""A file worked, and its items written bare, chunk by chunk."""


def run(
    rows: int = ROWS, rounds: int = ROUNDS, stubbed_rows: int = STUBBED_ROWS, *, real: bool = True
) -> list[Row]:
    """The rows of this benchmark. `real`: against the emulator, otherwise moto (for tests)."""
    with packs():
        stubbed = _stubbed(stubbed_rows)
        say("ingest: starting MiniStack" if real else "ingest: in process")
        with emulator() if real else in_process() as environment:
            platform = Platform(read_settings(environment))
            platform.create_keyring()
            for subject in licence_file.known_subjects(platform, min(rows, licence_file.COMPANIES)):
                platform.records.put(subject_item(subject))
            pairs = [_round(platform, rows, f"{number}S") for number in range(rounds)]
    name = f"{rows} rows, {platform.settings.write_threads} threads"
    backend = "MiniStack" if real else "moto"
    return [
        _rate_row(f"ingest: a file against bare PutItem ({name}, {backend})", pairs),
        *_processor_rows(pairs, stubbed),
    ]


def _rate_row(name: str, pairs: list[Pair]) -> Row:
    """Of several rounds the quickest file and the quickest floor."""
    records = pairs[0][0].upload.accepted
    rate = records / min(worked.wall for worked, _ in pairs)
    floor = records / min(sum(spent.wall for spent in bare) for _, bare in pairs)
    is_met = rate / floor >= RATE_TARGET
    return Row(
        name, round(rate), round(floor), "records/s", f"ratio >= {RATE_TARGET}", is_met
    )


def _processor_rows(pairs: list[Pair], stubbed: float) -> list[Row]:
    """The difference is one of two large numbers: each chunk is set against its own items written
    bare a moment later, and of all chunks the median counts."""
    jobs = [
        (ours.processor / rows, bare.processor / rows)
        for worked, floors in pairs
        for ours, bare, rows in zip(worked.chunks, floors, worked.chunk_rows, strict=True)
    ]
    more = sorted(ours - bare for ours, bare in jobs)
    say(f"ingest: own CPU of {len(jobs)} chunks: {', '.join(f'{one * 1e6:.0f}' for one in more)}")
    upload = pairs[0][0].upload
    others = min(sum(spent.processor for spent in worked.others) for worked, _ in pairs)
    own = (statistics.median(more) + others / upload.rows) * 1e6
    floor = round(statistics.median(bare for _, bare in jobs) * 1e6, 1)
    target = f"<= {PROCESSOR_TARGET:.0f}"
    return [
        Row("ingest: own CPU per row, over the bare PutItem loop", round(own, 1), floor,
            "µs", target, own <= PROCESSOR_TARGET),
        Row("ingest: own CPU per row, table in memory", round(stubbed, 1), floor,
            "µs", target, stubbed <= PROCESSOR_TARGET),
    ]  # fmt: skip


def _round(platform: Platform, rows: int, series: str) -> Pair:
    """A file worked chunk by chunk, after each chunk its items written bare."""
    floors: list[Spent] = []
    upload_id = post(platform, rows, series)

    def write_bare() -> None:
        items = _take_records(platform, upload_id)
        with timed(floors):
            _bare(platform, items)
        _take_records(platform, upload_id)

    worked = work(platform, upload_id, write_bare)
    bare = sum(spent.wall for spent in floors)
    say(f"ingest: {rows} rows in {worked.wall:.1f} s, bare PutItem {bare:.1f} s")
    return worked, floors


def _take_records(platform: Platform, upload_id: str) -> list[Attributes]:
    """The items of a file's records, taken out of the table."""
    client: Any = calls.client("dynamodb")
    name = platform.records.name
    pages = client.get_paginator("scan").paginate(TableName=name)
    items = [
        item
        for page in pages
        for item in page["Items"]
        if item.get("upload_id", {}).get("S") == upload_id
    ]
    for begin in range(0, len(items), 25):
        doomed = [
            {"DeleteRequest": {"Key": {part: item[part] for part in ("pk", "sk")}}}
            for item in items[begin : begin + 25]
        ]
        client.batch_write_item(RequestItems={name: doomed})
    return items


def _bare(platform: Platform, items: Sequence[Attributes]) -> None:
    client: Any = calls.client("dynamodb")
    name = platform.records.name

    def put(item: Attributes) -> None:
        client.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(pk)")

    with ThreadPoolExecutor(platform.settings.write_threads) as pool:
        list(pool.map(put, items))


def _stubbed(rows: int) -> float:
    """Microseconds of the processor per row, through the handler, AWS in memory."""
    say(f"ingest: {rows} rows, AWS in memory")
    platform = Platform(_settings())
    platform.__dict__["keyring"] = new_keyring(RandomIds())
    known = {
        f"SUBJECT#{subject.subject_id}": to_attributes(subject_item(subject))
        for subject in licence_file.known_subjects(platform)
    }
    calls.forget_clients()
    clients: Any = {"dynamodb": FileTables(known), "s3": MemoryObjects(), "sqs": MemoryQueue()}
    calls._clients.update(clients)
    try:
        worked = [work(platform, post(platform, rows, "S")) for _ in range(STUBBED_ROUNDS)]
    finally:
        calls.forget_clients()
    return min(one.processor for one in worked) / rows * 1e6


def _settings() -> Settings:
    return Settings(
        stage="bench",
        records_table=RECORDS,
        intake_table="intake",
        archive_bucket="archive",
        inbox_bucket="inbox",
        work_bucket="work",
        intake_queue="intake",
    )
