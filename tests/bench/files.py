"""Posting a file and working it, job by job as the queue delivers them."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.platform import Platform
from chalicelib.intake import handlers, service, store, uploads
from chalicelib.kernel.clock import civil_date
from tests.bench import licence_file
from tests.intake import town


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall and of this process's processors."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Worked:
    """A finished file and what the handler took for each of its jobs."""

    upload: store.Upload
    chunks: list[Spent]
    chunk_rows: list[int]
    others: list[Spent]

    @property
    def wall(self) -> float:
        """Seconds of all jobs together."""
        return sum(job.wall for job in (*self.chunks, *self.others))

    @property
    def processor(self) -> float:
        """Processor seconds of all jobs together."""
        return sum(job.processor for job in (*self.chunks, *self.others))


@contextmanager
def timed(into: list[Spent]) -> Iterator[None]:
    """Add to `into` what the block takes."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    yield
    into.append(Spent(time.perf_counter() - wall, time.process_time() - processor))


def post(platform: Platform, rows: int, series: str) -> str:
    """A committed file of `rows` licences; its upload id."""
    today = civil_date(platform.clock())
    upload, _ = uploads.start_upload(
        platform,
        service.reporter_of(town.clerk()),
        "示例市综合执法局",
        record_type=licence_file.TYPE,
        form="csv",
        file_name="许可.csv",
    )
    content = b"".join(licence_file.lines(rows, today, series=series))
    platform.inbox.put(upload.object_key, content, content_type="text/csv")
    uploads.commit_upload(platform, upload)
    return upload.upload_id


def work(
    platform: Platform, upload_id: str, after_chunk: Callable[[], object] = lambda: None
) -> Worked:
    """Work the intake queue until it is empty; what counts is the time within the handler."""
    chunks: list[Spent] = []
    chunk_rows: list[int] = []
    others: list[Spent] = []
    while messages := _take(platform):
        for body in messages:
            message = json.loads(body)
            is_chunk = message["job"] == "chunk"
            event = {"Records": [{"messageId": "m", "body": body}]}
            with timed(chunks if is_chunk else others):
                failed = handlers.work_jobs(platform, event)["batchItemFailures"]
            assert failed == []
            if is_chunk:
                chunk_rows.append(message["chunk"][-1])
                after_chunk()
    upload = uploads.find_upload(platform, upload_id)
    refused = licence_file.bad_rows(upload.rows)
    assert (upload.state, upload.rejected) == ("completed", refused), upload
    assert upload.accepted == upload.rows - refused
    return Worked(upload, chunks, chunk_rows, others)


def _take(platform: Platform) -> list[str]:
    client: Any = calls.client("sqs")
    url = platform.intake_queue.url
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in found]
