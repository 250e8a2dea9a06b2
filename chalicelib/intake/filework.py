"""Work on an uploaded file, behind a queue: each chunk, and the end. See `jobs` for the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.access.service import allowed_codes
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import Missing
from chalicelib.aws.platform import Platform
from chalicelib.intake import converting, cutting, jobs, settling, store
from chalicelib.intake.acceptance import accept
from chalicelib.intake.candidates import candidates_of
from chalicelib.intake.lookup import look_up
from chalicelib.intake.model import Candidate, Outcome
from chalicelib.intake.preflight import finish_preflight, look_at_chunk
from chalicelib.intake.refusals import refusals
from chalicelib.intake.settling import Rejection, RowNote
from chalicelib.intake.showing import shown_value
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import Upload
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Fault

_CSV = "text/csv; charset=utf-8"


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """Do one queued job. Raises for anything that should be tried again."""
    upload_id, job = str(message["upload_id"]), str(message["job"])
    upload = store.load_upload(platform, upload_id)
    try:
        _do(platform, upload, job, message)
    except Missing:
        if not upload.of_upload:
            raise
        message_text = "文件在预检期间已提交处理或已清除，预检没有做完"
        jobs.refuse(platform, upload, [Fault("", "file_gone", message_text)])


def _do(platform: Platform, upload: Upload, job: str, message: Mapping[str, Any]) -> None:
    if job == "split":
        cutting.split(platform, upload)
    elif job == "convert":
        converting.convert(platform, upload)
    elif job == "chunk":
        work_chunk(platform, upload, Chunk(*(int(part) for part in message["chunk"])))
    elif job == "finish" and upload.of_upload:
        finish_preflight(platform, upload)
    elif job == "finish":
        finish(platform, upload)
    else:
        raise ValueError(f"no such job: {job}")


def work_chunk(platform: Platform, upload: Upload, chunk: Chunk) -> None:
    """Take the rows of one chunk: one archive object, one conditional write per new record; or
    only look at them, for a preflight."""
    if upload.state != "processing":
        return
    if chunk.number not in upload.done:
        work = look_at_chunk if upload.of_upload else _take
        result: jobs.Result = work(platform, upload, chunk)
        jobs.write_result(platform, upload.upload_id, chunk.number, result)
        upload = store.mark_chunk_done(platform, upload, result.counts(chunk.number))
    if len(upload.done) >= upload.chunks:
        platform.intake_queue.send({"job": "finish", "upload_id": upload.upload_id})


def _take(platform: Platform, upload: Upload, chunk: Chunk) -> settling.ChunkResult:
    candidates = list(candidates_of(platform, upload, chunk))
    submission = jobs.submission_of(platform, upload, chunk.number)
    known = look_up(platform, submission, candidates)
    outcomes = accept(platform, submission, candidates, known)
    rejections = _rejections(upload, candidates, outcomes)
    allowed = allowed_codes(platform)
    refused = refusals(platform.keyring, submission, candidates, outcomes, allowed)
    return settling.chunk_result(outcomes, rejections, _notes(candidates, outcomes), refused)


def _rejections(
    upload: Upload, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]
) -> list[Rejection]:
    """One line of the error file per fault of the rows that were refused for good."""
    types, found = jobs.pack_of(upload).types, []
    for candidate, outcome in zip(candidates, outcomes, strict=True):
        if outcome.verdict not in ("rejected", "conflict") or outcome.contest:
            continue
        for fault in outcome.faults:
            value = shown_value(types, upload.type, candidate, fault)
            found.append(
                Rejection(candidate.position, fault.pointer, fault.code, fault.message, value)
            )
    return found


def _notes(candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> list[RowNote]:
    return [
        RowNote(candidate.position, *note)
        for candidate, outcome in zip(candidates, outcomes, strict=True)
        if candidate.notes and (outcome.verdict in ("accepted", "duplicate") or outcome.contest)
        for note in candidate.notes
    ]


def finish(platform: Platform, upload: Upload) -> None:
    """Settle contested rows, write the error file and the notes, state the final counts once, then
    empty the inbox of every version of the file."""
    if upload.state == "processing" and len(upload.done) >= upload.chunks:
        settled = settling.settle(jobs.results_of(platform, upload))
        _write_files(platform, upload, settled)
        values: Item = {
            "accepted": settled.accepted,
            "duplicate": settled.duplicate,
            "rejected": settled.rejected,
            "notes": settled.notes,
            "completed_at": instant_text(platform.clock()),
        }
        jobs.move(platform, upload, to="completed", values=values, finish=True)
    elif not upload.is_over:
        return
    if upload.state != "failed":
        # Also when the job comes again: the first time may have ended before this.
        platform.accounts_queue.send({"job": "gather", "upload_id": upload.upload_id})
    jobs.empty(platform, upload)


def _write_files(platform: Platform, upload: Upload, settled: settling.Settled) -> None:
    name, results = upload.upload_id, jobs.results_of(platform, upload)
    errors = settling.error_cells(settling.error_lines(results, settled.lost))
    with settling.csv_file(settling.ERROR_HEADER, errors, upload.sheet) as file:
        platform.work.put_file(jobs.errors_key(name), file, content_type=_CSV)
    if settled.notes:
        lines = settling.note_lines(jobs.results_of(platform, upload), settled.lost)
        cells = settling.note_cells(lines)
        with settling.csv_file(settling.NOTE_HEADER, cells, upload.sheet) as file:
            platform.work.put_file(jobs.notes_key(name), file, content_type=_CSV)
