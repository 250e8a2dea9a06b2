"""The public API beside Datasette on the same file of 100 000 records.

In process, our handler is called by eight threads (each event a gateway's, each answer its text),
Datasette's ASGI application by eight tasks: each its own way, both bound to one core. Over HTTP
both stand behind uvicorn, asked on eight connections by a process of its own. Datasette is asked
without counts, facets and suggestions, ours without facets, and Datasette may take the file to be
unchanging.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import app
from chalicelib.aws.calls import client
from chalicelib.aws.platform import Platform
from chalicelib.kernel.settings import read_settings
from chalicelib.replica import service
from chalicelib.replica.text import match_expression
from chalicelib.tlog.model import HASH_BYTES
from tests.bench import disclosure_sides as sides
from tests.bench.http_load import Measured
from tests.bench.model import Row
from tests.bench.setting import in_process, packs, say
from tests.replica.builders import big_world
from tests.support.world import StandingClock

RECORDS = 100_000
SECONDS = 4.0
TARGET = 3.0
WORDS = ("污水处理", "道路拓宽工程", "幼儿园食堂", "超范围经营食品", "河道清淤", "校舍加固")
_FEW = "_shape=objects&_nocount=1&_nofacet=1&_nosuggest=1&_sort_desc=number"


@dataclass(frozen=True, slots=True)
class Question:
    """The same question as each of the two takes it."""

    name: str
    ours: list[str]
    theirs: list[str]


def run(records: int = RECORDS, seconds: float = SECONDS) -> list[Row]:
    """The rows of this benchmark."""
    with tempfile.TemporaryDirectory() as folder, packs(), in_process() as environment:
        file = Path(folder) / "public.db"
        say(f"disclosure: a file of {records} records")
        big_world(file, records)
        questions = _questions(file)
        platform = Platform(read_settings(environment), clock=StandingClock())
        _publish(platform, file, records)
        with sides.answered_with(platform):
            rows = [_load_row(platform, records)]
            datasette = sides.datasette_app(file)
            for question in questions:
                rows += _in_process(question, datasette, seconds)
            rows += _over_http(questions, datasette, seconds)
        service.forget()
    return rows


def _questions(file: Path) -> list[Question]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            "SELECT id, number, subject_code FROM records ORDER BY id LIMIT 400"
        ).fetchall()
    connection.close()
    base, api = "/public/records", "/public/v1/records"
    subjects = [code for *_, code in rows]
    terms = [match_expression(word).replace(" ", "%20").replace('"', "%22") for word in WORDS]
    return [
        Question("record by id", [f"{api}/{name}" for name, *_ in rows],
                 [f"{base}/{number}.json?_shape=objects" for _, number, _ in rows]),
        Question("filter by subject", [f"{api}?subject={code}&facets=false" for code in subjects],
                 [f"{base}.json?subject_code={code}&_size=50&{_FEW}" for code in subjects]),
        Question("page of 100", [f"{api}?limit=100&facets=false"],
                 [f"{base}.json?_size=100&{_FEW}"]),
        Question("free text", [f"{api}?q={word}&facets=false" for word in WORDS],
                 [f"{base}.json?_search={term}&_searchmode=raw&_size=50&{_FEW}" for term in terms]),
    ]  # fmt: skip


def _publish(platform: Platform, file: Path, records: int) -> None:
    """The file as the newest snapshot, at the head of a feed of as many changes."""
    name = "bench.sqlite"
    s3: Any = client("s3")
    bucket = platform.publication.name
    s3.upload_file(str(file), bucket, f"public/v1/snapshots/files/{name}")
    entry = {
        "format": "sqlite",
        "name": name,
        "size": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    index = {"seq": records, "built_at": "2026-06-15T00:10:00.000Z", "files": [entry]}
    s3.put_object(Bucket=bucket, Key="public/v1/snapshots/index.json", Body=json.dumps(index))
    item: Mapping[str, Any] = {
        "pk": "LOG", "sk": "HEAD", "seq": records, "at": index["built_at"],
        "edge": bytes(HASH_BYTES * records.bit_count()),
    }  # fmt: skip
    platform.public.put(dict(item))


def _load_row(platform: Platform, records: int) -> Row:
    started = time.perf_counter()
    reading = service.open_replica(platform)
    spent = time.perf_counter() - started
    assert reading.seq == records
    size = service.newest_snapshot(platform)
    assert size is not None
    return Row(
        f"disclosure: loading {records} records ({size.size / 1e6:.0f} MB) into a new worker",
        round(spent, 2), 0, "s", "stated (S3 in process)", True,
    )  # fmt: skip


def _in_process(question: Question, datasette: Any, seconds: float) -> list[Row]:
    say(f"disclosure: {question.name}, in process")
    # A short round each to warm up, then in turns, so that a busy machine slows both.
    sides.ours_in_process(app.public_api, question.ours, seconds / 10)
    sides.datasette_in_process(datasette, question.theirs, seconds / 10)
    pairs = [
        (
            sides.ours_in_process(app.public_api, question.ours, seconds / 2),
            sides.datasette_in_process(datasette, question.theirs, seconds / 2),
        )
        for _ in range(2)
    ]
    ours, theirs = (max(side, key=lambda one: one.rate) for side in zip(*pairs, strict=True))
    return [*_rows(f"disclosure: {question.name}", ours, theirs, TARGET)]


def _over_http(questions: list[Question], datasette: Any, seconds: float) -> list[Row]:
    rows: list[Row] = []
    with (
        sides.served(sides.ours_as_asgi(app.public_api)) as ours,
        sides.served(datasette) as theirs,
    ):
        for question in questions:
            say(f"disclosure: {question.name}, over HTTP")
            rows += _rows(
                f"disclosure over HTTP (uvicorn before both): {question.name}",
                sides.over_http(ours, question.ours, seconds / 2),
                sides.over_http(theirs, question.theirs, seconds / 2),
                0,
            )
    return rows


def _rows(name: str, ours: Measured, theirs: Measured, target: float) -> Iterator[Row]:
    ratio = ours.rate / theirs.rate
    said = f"ratio >= {target:g}" if target else "stated"
    yield Row(name, ours.rate, theirs.rate, "requests/s", said, ratio >= target)
    yield Row(f"{name}, p99", ours.p99_ms, theirs.p99_ms, "ms", "stated", True)
