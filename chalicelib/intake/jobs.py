"""The jobs of an uploaded file: what lies where between them, which are still to be done.

    commit -> {split} [-> {convert}] -> plan, one {chunk} per piece -> the last one done: {finish}

Every job may come twice, late, or again after a crash. A job reads what is pinned (object version,
pack, plan) and writes what it would write again. Nothing lost stays lost: the sweep re-sends what
is not done (`resend`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.intake import settling, store
from chalicelib.intake.model import Reporter, Submission
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import Upload
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_version

_MOST_PROBLEMS = 100


def errors_key(upload_id: str) -> str:
    """Where the error file of an upload lies in the work bucket."""
    return f"uploads/{upload_id}/errors.csv"


def notes_key(upload_id: str) -> str:
    """Where the notes of an upload lie in the work bucket."""
    return f"uploads/{upload_id}/notes.csv"


def report_key(preflight_id: str) -> str:
    """Where the report of a preflight lies in the work bucket."""
    return f"uploads/{preflight_id}/report.csv"


def rows_key(upload_id: str) -> str:
    """Where the converted rows of an upload lie in the work bucket, until it is finished."""
    return f"converted/{upload_id}.jsonl"


def _plan_key(upload_id: str) -> str:
    return f"uploads/{upload_id}/plan.json"


def _result_key(upload_id: str, number: int) -> str:
    return f"uploads/{upload_id}/results/{number:05d}.json"


def numbers_of(chunk: Chunk) -> list[int]:
    """A chunk as messages and the plan carry it."""
    return [chunk.number, chunk.offset, chunk.length, chunk.first_row, chunk.rows]


def write_plan(platform: Platform, upload_id: str, plan: Sequence[Chunk]) -> None:
    """Keep where the file is cut."""
    body = json.dumps([numbers_of(chunk) for chunk in plan]).encode()
    platform.work.put(_plan_key(upload_id), body, content_type="application/json")


def read_plan(platform: Platform, upload_id: str) -> list[Chunk]:
    """Where the file is cut."""
    return [Chunk(*numbers) for numbers in json.loads(platform.work.read(_plan_key(upload_id)))]


class Result(Protocol):
    """What a chunk came to: rows taken, or only looked at."""

    def counts(self, number: int) -> store.ChunkCounts:
        """The numbers alone, for chunk `number`."""
        ...

    def as_json(self) -> dict[str, Any]:
        """The form that is kept."""
        ...


def write_result(platform: Platform, upload_id: str, number: int, result: Result) -> None:
    """Keep what one chunk came to."""
    platform.work.put(
        _result_key(upload_id, number),
        json.dumps(result.as_json(), ensure_ascii=False).encode(),
        content_type="application/json",
    )


def bodies_of(platform: Platform, upload: Upload) -> Iterator[dict[str, Any]]:
    """What each chunk of a file came to, as kept: in order, a few in memory at a time."""
    threads = platform.settings.write_threads
    with ThreadPoolExecutor(threads) as pool:
        for first in range(1, upload.chunks + 1, threads):
            numbers = range(first, min(first + threads, upload.chunks + 1))
            yield from pool.map(lambda one: _body(platform, upload.upload_id, one), numbers)


def results_of(platform: Platform, upload: Upload) -> Iterator[settling.ChunkResult]:
    """What each chunk of a file that is taken came to."""
    return map(settling.ChunkResult.from_json, bodies_of(platform, upload))


def _body(platform: Platform, upload_id: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(platform.work.read(_result_key(upload_id, number)))
    return found


def records_of_chunk(platform: Platform, upload_id: str, number: int) -> list[str]:
    """The ids of the records a chunk of a finished upload brought in."""
    return settling.ChunkResult.from_json(_body(platform, upload_id, number)).record_ids


def pack_of(upload: Upload) -> Pack:
    """The pack an upload is worked under."""
    return pack_version(upload.jurisdiction, upload.pack)


def reporter_of(upload: Upload) -> Reporter:
    """The agency an upload comes from."""
    roles = frozenset(upload.roles)
    return Reporter(upload.agency, upload.jurisdiction, upload.region, roles, upload.client_id)


def submission_of(platform: Platform, upload: Upload, number: int) -> Submission:
    """The frame of one chunk of a file."""
    return Submission(
        kind="file",
        reporter=reporter_of(upload),
        pack=pack_of(upload),
        received_at=upload.received_at,
        received_on=upload.received_on,
        received_sha256="",
        stored_at=instant_text(platform.clock()),
        upload_id=upload.upload_id,
        chunk=number,
        file_type=upload.type,
    )


def move(
    platform: Platform, upload: Upload, *, to: store.State, values: Item, finish: bool = False
) -> None:
    """Take the upload to its next state; another worker having done so is just as well."""
    writes = [store.move(upload, platform, to=to, values=values, finish=finish)]
    try:
        commit([*writes, store.close_mark(platform, upload)] if finish else writes)
    except ConditionFailed:
        pass


def refuse(platform: Platform, upload: Upload, faults: Sequence[Fault]) -> None:
    """The file as a whole cannot be taken: say why, change nothing."""
    problems: list[Value] = [
        [fault.pointer, fault.code, fault.message] for fault in faults[:_MOST_PROBLEMS]
    ]
    now = instant_text(platform.clock())
    values: Item = {"problems": problems, "completed_at": now}
    move(platform, upload, to="failed", values=values, finish=True)
    empty(platform, upload)


def empty(platform: Platform, upload: Upload) -> None:
    """Remove the rows a file was converted to, and every version of the file itself unless it was
    only looked at."""
    if upload.format != "jsonl":
        # They may lie there though nothing says so: a worker can end before it does.
        platform.work.delete(rows_key(upload.upload_id))
    if not upload.of_upload:
        platform.inbox.delete_all_versions(upload.object_key)


def resend(platform: Platform, upload: Upload) -> None:
    """Send the jobs that bring an upload forward from where it is."""
    queue, name = platform.intake_queue, upload.upload_id
    if upload.state == "splitting":
        queue.send({"job": "split", "upload_id": name})
    elif upload.state == "converting":
        queue.send({"job": "convert", "upload_id": name})
    elif upload.state == "processing":
        left = [chunk for chunk in read_plan(platform, name) if chunk.number not in upload.done]
        if left:
            queue.send_many(
                [{"job": "chunk", "upload_id": name, "chunk": numbers_of(chunk)} for chunk in left]
            )
        else:
            queue.send({"job": "finish", "upload_id": name})


def resend_open(platform: Platform, committed_before: str) -> int:
    """Sweep: re-send the jobs of uploads that should long be finished; how many uploads."""
    found = store.open_upload_ids(platform, committed_before)
    for upload in store.load_uploads(platform, found).values():
        resend(platform, upload)
    return len(found)
