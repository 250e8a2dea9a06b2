"""File ingest beside bare conditional PutItem of the same items: same client, same threads, same
table. The rate is measured against MiniStack on loopback, a process of its own.

What a row costs of the worker's own processor time is measured twice: as the difference between a
file and the bare loop, both through boto3 with the network left out (against the emulator the two
large numbers vary by more than their difference), and directly, without boto3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from tests.bench.transport import in_process_transport

RATE_TARGET, PROCESSOR_TARGET = 0.6, 200.0
ROWS, ROUNDS = 4_000, 3
OWN_ROWS, OWN_ROUNDS = 4_000, 6
Pair: TypeAlias = tuple[Worked, list[Spent]]
"""A file worked, and its items written bare, chunk by chunk."""


def run(
    rows: int = ROWS, rounds: int = ROUNDS, own_rows: int = OWN_ROWS, *, real: bool = True
) -> list[Row]:
    """The rows of this benchmark. `real`: against the emulator, otherwise moto (for tests)."""
    with packs():
        own = _own_rows(own_rows, OWN_ROUNDS if real else 1)
        say("ingest: starting MiniStack" if real else "ingest: in process")
        with emulator() if real else in_process() as environment:
            platform = Platform(read_settings(environment))
            platform.create_keyring()
            for subject in licence_file.known_subjects(platform, min(rows, licence_file.COMPANIES)):
                platform.records.put(subject_item(subject))
            pairs = [_round(platform, rows, f"{number}S") for number in range(rounds)]
    name = f"{rows} rows, {platform.settings.write_threads} threads"
    backend = "MiniStack" if real else "moto"
    return [_rate_row(f"ingest: a file against bare PutItem ({name}, {backend})", pairs), *own]


def _rate_row(name: str, pairs: list[Pair]) -> Row:
    """Of several rounds the quickest file and the quickest floor."""
    records = pairs[0][0].upload.accepted
    rate = records / min(worked.wall for worked, _ in pairs)
    floor = records / min(sum(spent.wall for spent in bare) for _, bare in pairs)
    is_met = rate / floor >= RATE_TARGET
    return Row(name, round(rate), round(floor), "records/s", f"ratio >= {RATE_TARGET}", is_met)


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


def _own_rows(rows: int, rounds: int) -> list[Row]:
    """What a row costs of this process's processors; of several rounds the least disturbed."""
    say(f"ingest: own CPU over {rows} rows, {rounds} rounds")
    platform = Platform(_settings())
    platform.__dict__["keyring"] = new_keyring(RandomIds())
    known = {
        f"SUBJECT#{subject.subject_id}": to_attributes(subject_item(subject))
        for subject in licence_file.known_subjects(platform)
    }
    ours, bare = _through_boto3(platform, known, rows, rounds)
    direct = _without_boto3(platform, known, rows, rounds)
    return [
        _own_row("ingest: own CPU per row, over the bare PutItem loop", ours - bare, bare),
        _own_row("ingest: own CPU per row, table in memory", direct, bare),
    ]


def _own_row(name: str, seconds: float, floor: float) -> Row:
    own = round(seconds * 1e6, 1)
    target = f"<= {PROCESSOR_TARGET:.0f}"
    return Row(name, own, round(floor * 1e6, 1), "µs", target, own <= PROCESSOR_TARGET)


def _through_boto3(
    platform: Platform, known: Mapping[str, Attributes], rows: int, rounds: int
) -> tuple[float, float]:
    """Processor seconds per row: of a chunk, and of its items written bare a moment later. Of all
    chunks the ones the machine disturbed least: other programs make threads wait for each other,
    and waiting costs processor time, too."""
    ours: list[float] = []
    bare: list[float] = []
    with in_process_transport(FileTables(known), _memory()) as transport:

        def write_bare() -> None:
            items = transport.items()
            with timed(floors):
                _bare(platform, items)
            transport.forget()

        for _ in range(rounds):
            floors: list[Spent] = []
            upload_id = post(platform, rows, "S")
            transport.forget()
            worked = work(platform, upload_id, write_bare)
            pieces = zip(worked.chunks, floors, worked.chunk_rows, strict=True)
            for chunk, floor, of_rows in pieces:
                ours.append(chunk.processor / of_rows)
                bare.append(floor.processor / of_rows)
    whole_file = sum(spent.processor for spent in worked.others) / rows
    return min(ours) + whole_file, min(bare)


def _without_boto3(
    platform: Platform, known: Mapping[str, Attributes], rows: int, rounds: int
) -> float:
    """Processor seconds per row of a file."""
    calls.forget_clients()
    clients: Any = {"dynamodb": FileTables(known), **_memory()}
    calls._clients.update(clients)
    try:
        worked = [work(platform, post(platform, rows, "S")) for _ in range(rounds)]
    finally:
        calls.forget_clients()
    return min(one.processor for one in worked) / rows


def _memory() -> dict[str, Any]:
    return {"s3": MemoryObjects(), "sqs": MemoryQueue("intake")}


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
