"""Work on an uploaded file, behind a queue: split, work each chunk, finish.

    commit -> {split} -> plan, one {chunk} per piece -> the last one done sends {finish}

Every job may come twice, late, or again after a crash. A job reads what is pinned (object version,
pack, plan) and writes what it would write again. Nothing lost stays lost: the sweep re-sends what
is not done (`resend`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.intake import settling, splitting, store
from chalicelib.intake.acceptance import accept
from chalicelib.intake.lookup import look_up
from chalicelib.intake.model import Candidate, Outcome, Reporter, SentForm, Submission
from chalicelib.intake.rules import examine
from chalicelib.intake.splitting import Chunk, CsvShape
from chalicelib.intake.store import Upload
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import mask_text, scrub
from chalicelib.policy.fields import column_map
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_version

_SHOWN_VALUE = 100
_LONG_NUMBER = re.compile(r"\d{14,}[\dXx]")


def errors_key(upload_id: str) -> str:
    """Where the error file of an upload lies in the work bucket."""
    return f"uploads/{upload_id}/errors.csv"


def _plan_key(upload_id: str) -> str:
    return f"uploads/{upload_id}/plan.json"


def _result_key(upload_id: str, number: int) -> str:
    return f"uploads/{upload_id}/results/{number:05d}.json"


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """Do one queued job. Raises for anything that should be tried again."""
    upload_id, job = str(message["upload_id"]), message["job"]
    upload = store.load_upload(platform, upload_id)
    if job == "split":
        split(platform, upload)
    elif job == "chunk":
        work_chunk(platform, upload, Chunk(*(int(part) for part in message["chunk"])))
    elif job == "finish":
        finish(platform, upload)
    else:
        raise ValueError(f"no such job: {job}")


def split(platform: Platform, upload: Upload) -> None:
    """Read the whole file once, streaming: its digest, its header, and where it is cut."""
    if upload.state == "splitting":
        plan: list[Chunk] = []
        digest = hashlib.sha256()
        header: list[str] = []
        try:
            plan.extend(_cut(platform, upload, digest.update, header))
        except ValueError as error:
            _refuse(platform, upload, [Fault("/header", "header_unreadable", str(error))])
            return
        columns, faults = _columns(upload, header)
        if not plan and not faults:
            faults = [Fault("", "no_rows", "文件中没有数据行")]
        rows = sum(chunk.rows for chunk in plan)
        if rows > splitting.MAX_ROWS:
            message = f"文件有 {rows} 行，一个文件最多 {splitting.MAX_ROWS} 行，请分成几个文件"
            faults = [Fault("", "too_many_rows", message)]
        if faults:
            _refuse(platform, upload, faults)
            return
        body = json.dumps([list(_numbers(chunk)) for chunk in plan]).encode()
        platform.work.put(_plan_key(upload.upload_id), body, content_type="application/json")
        values: Item = {
            "sha256": digest.hexdigest(),
            "rows": rows,
            "chunks": len(plan),
            "columns": list(columns),
        }
        _move(platform, upload, to="processing", values=values)
        upload = store.load_upload(platform, upload.upload_id)
    resend(platform, upload)


def _cut(platform: Platform, upload: Upload, digest: Any, header: list[str]) -> Iterator[Chunk]:
    def blocks() -> Iterator[bytes]:
        for block in platform.inbox.stream(upload.object_key, upload.object_version):
            digest(block)
            yield block

    def rows() -> Iterator[bytes]:
        found = splitting.rows_of(splitting.lines_of(blocks()), upload.format)
        for position, row in enumerate(found):
            if position == 0 and upload.format == "csv":
                header.extend(splitting.header_of(row))
            yield row

    return splitting.chunks_of(rows(), upload.format, upload.size)


def _columns(upload: Upload, header: list[str]) -> tuple[list[str], list[Fault]]:
    if upload.format != "csv":
        return [], []
    record_type = _pack(upload).types[upload.type]
    return column_map(record_type, header)


def _pack(upload: Upload) -> Pack:
    return pack_version(upload.jurisdiction, upload.pack)


def _numbers(chunk: Chunk) -> tuple[int, int, int, int, int]:
    return (chunk.number, chunk.offset, chunk.length, chunk.first_row, chunk.rows)


def _move(
    platform: Platform, upload: Upload, *, to: store.State, values: Item, finish: bool = False
) -> None:
    """Take the upload to its next state; another worker having done so is just as well."""
    writes = [store.move(upload, platform, to=to, values=values, finish=finish)]
    try:
        commit([*writes, store.close_mark(platform, upload)] if finish else writes)
    except ConditionFailed:
        pass


def _refuse(platform: Platform, upload: Upload, faults: list[Fault]) -> None:
    """The file as a whole cannot be taken: say why, change nothing."""
    problems: list[Value] = [[fault.pointer, fault.code, fault.message] for fault in faults[:100]]
    now = instant_text(platform.clock())
    values: Item = {"problems": problems, "completed_at": now}
    _move(platform, upload, to="failed", values=values, finish=True)
    platform.inbox.delete_all_versions(upload.object_key)


def resend(platform: Platform, upload: Upload) -> None:
    """Send the jobs that bring an upload forward from where it is."""
    queue, name = platform.intake_queue, upload.upload_id
    if upload.state == "splitting":
        queue.send({"job": "split", "upload_id": name})
    elif upload.state == "processing":
        left = [chunk for chunk in _plan(platform, name) if chunk.number not in upload.done]
        if left:
            queue.send_many(
                [
                    {"job": "chunk", "upload_id": name, "chunk": list(_numbers(chunk))}
                    for chunk in left
                ]
            )
        else:
            queue.send({"job": "finish", "upload_id": name})


def _plan(platform: Platform, upload_id: str) -> list[Chunk]:
    return [Chunk(*numbers) for numbers in json.loads(platform.work.read(_plan_key(upload_id)))]


def resend_open(platform: Platform, committed_before: str) -> int:
    """Sweep: re-send the jobs of uploads that should long be finished; how many uploads."""
    found = store.open_upload_ids(platform, committed_before)
    for upload in store.load_uploads(platform, found).values():
        resend(platform, upload)
    return len(found)


def work_chunk(platform: Platform, upload: Upload, chunk: Chunk) -> None:
    """Take the rows of one chunk: one archive object, one conditional write per new record."""
    if upload.state != "processing":
        return
    if chunk.number not in upload.done:
        candidates = list(_candidates(platform, upload, chunk))
        submission = _submission(platform, upload, chunk.number)
        known = look_up(platform, submission, candidates)
        outcomes = accept(platform, submission, candidates, known)
        result = settling.chunk_result(outcomes, _rejections(upload, candidates, outcomes))
        platform.work.put(
            _result_key(upload.upload_id, chunk.number),
            json.dumps(result.as_json(), ensure_ascii=False).encode(),
            content_type="application/json",
        )
        upload = store.mark_chunk_done(platform, upload.upload_id, result.counts(chunk.number))
    if len(upload.done) >= upload.chunks:
        platform.intake_queue.send({"job": "finish", "upload_id": upload.upload_id})


def _submission(platform: Platform, upload: Upload, number: int) -> Submission:
    reporter = Reporter(
        upload.agency,
        upload.jurisdiction,
        upload.region,
        frozenset(upload.roles),
        upload.client_id,
    )
    return Submission(
        kind="file",
        reporter=reporter,
        pack=_pack(upload),
        received_at=upload.received_at,
        received_on=upload.received_on,
        received_sha256="",
        stored_at=instant_text(platform.clock()),
        upload_id=upload.upload_id,
        chunk=number,
    )


def _candidates(platform: Platform, upload: Upload, chunk: Chunk) -> Iterator[Candidate]:
    span = (chunk.offset, chunk.offset + chunk.length)
    data = platform.inbox.read(upload.object_key, upload.object_version, span)
    rows = splitting.rows_of(splitting.lines_of([data]), upload.format)
    reporter = _submission(platform, upload, chunk.number).reporter
    pack, today = _pack(upload), date.fromisoformat(upload.received_on)
    shape = CsvShape(upload.columns, upload.type)
    for number, row in enumerate(rows, chunk.first_row):
        if splitting.is_blank(row):
            continue
        sent: SentForm
        record: Mapping[str, JsonValue] | Fault
        if upload.format == "csv":
            read = shape.read(row)
            if isinstance(read, Fault):
                yield Candidate(number, SentForm(()), (read,))
                continue
            cells, record = read
            sent = SentForm(cells, upload.columns)
        else:
            record = splitting.read_json_row(row, upload.type)
            if isinstance(record, Fault):
                yield Candidate(number, SentForm({}), (record,))
                continue
            sent = SentForm(record)
        yield Candidate(number, sent, examine(pack, reporter, record, today))


def _rejections(
    upload: Upload, candidates: list[Candidate], outcomes: list[Outcome]
) -> list[settling.Rejection]:
    """One line of the error file per fault of the rows that were refused for good."""
    found: list[settling.Rejection] = []
    for candidate, outcome in zip(candidates, outcomes, strict=True):
        if outcome.verdict not in ("rejected", "conflict") or outcome.contest:
            continue
        for fault in outcome.faults:
            value = _shown(upload, candidate, fault)
            found.append(
                settling.Rejection(
                    candidate.position, fault.pointer, fault.code, fault.message, value
                )
            )
    return found


def _shown(upload: Upload, candidate: Candidate, fault: Fault) -> str:
    """The value a fault is about, cut short, and masked if it is personal."""
    if not fault.pointer or fault.pointer.count("/") < 2:
        return ""
    sent = candidate.sent
    if isinstance(sent.value, tuple):
        target = fault.pointer.strip("/").replace("/", ".")
        position = sent.columns.index(target) if target in sent.columns else -1
        value = sent.value[position] if 0 <= position < len(sent.value) else ""
        type_code: object = upload.type
    else:
        value = splitting.value_at(sent.value, fault.pointer)
        type_code = sent.value.get("type")
    part, _, name = fault.pointer.strip("/").partition("/")
    record_type = _pack(upload).types.get(str(type_code))
    field = record_type.field(name) if record_type is not None and part == "fields" else None
    if part == "subject" or (part == "fields" and (field is None or field.personal)):
        return mask_text(value)
    # A number may have been typed into the wrong column, and with a wrong check digit.
    return _LONG_NUMBER.sub("***", scrub(value))[:_SHOWN_VALUE]


def finish(platform: Platform, upload: Upload) -> None:
    """Settle contested rows, write the error file, state the final counts once, then empty the
    inbox of every version of the file."""
    if upload.state == "processing" and len(upload.done) >= upload.chunks:
        settled = settling.settle(_results(platform, upload))
        lines = settling.error_lines(_results(platform, upload), settled.lost)
        with settling.error_file(lines) as file:
            platform.work.put_file(
                errors_key(upload.upload_id), file, content_type="text/csv; charset=utf-8"
            )
        values: Item = {
            "accepted": settled.accepted,
            "duplicate": settled.duplicate,
            "rejected": settled.rejected,
            "completed_at": instant_text(platform.clock()),
        }
        _move(platform, upload, to="completed", values=values, finish=True)
    elif upload.state in ("processing", "splitting", "awaiting_file"):
        return
    try:
        platform.inbox.delete_all_versions(upload.object_key)
    except Missing:
        return


def _results(platform: Platform, upload: Upload) -> Iterator[settling.ChunkResult]:
    """What each chunk of a file came to, in order, a few in memory at a time."""
    threads = platform.settings.write_threads
    with ThreadPoolExecutor(threads) as pool:
        for first in range(1, upload.chunks + 1, threads):
            numbers = range(first, min(first + threads, upload.chunks + 1))
            yield from pool.map(lambda one: _result(platform, upload.upload_id, one), numbers)


def _result(platform: Platform, upload_id: str, number: int) -> settling.ChunkResult:
    body = platform.work.read(_result_key(upload_id, number))
    return settling.ChunkResult.from_json(json.loads(body))


def records_of_chunk(platform: Platform, upload_id: str, number: int) -> list[str]:
    """The ids of the records a chunk of a finished upload brought in."""
    return _result(platform, upload_id, number).record_ids
