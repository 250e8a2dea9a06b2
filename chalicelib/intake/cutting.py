"""The split job: read the whole file once, streaming: its digest, its header, where it is cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.intake import jobs, splitting, store
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import Upload
from chalicelib.kernel.errors import Fault
from chalicelib.policy.fields import column_map


def split(platform: Platform, upload: Upload) -> None:
    """Plan the work on a file and send it; refuse a file that cannot be taken as a whole."""
    if upload.state == "splitting":
        plan: list[Chunk] = []
        digest = hashlib.sha256()
        header: list[str] = []
        try:
            plan.extend(_cut(platform, upload, digest.update, header))
        except ValueError as error:
            fault = Fault("/header", "header_unreadable", str(error))
            jobs.refuse(platform, upload, [fault])
            return
        columns, faults = _columns(upload, header)
        faults = faults or faults_of_plan(plan)
        if faults:
            jobs.refuse(platform, upload, faults)
            return
        values: Item = {"sha256": digest.hexdigest(), "columns": list(columns)}
        begin(platform, upload, plan, values)
        upload = store.load_upload(platform, upload.upload_id)
    jobs.resend(platform, upload)


def faults_of_plan(plan: list[Chunk]) -> list[Fault]:
    """Why a file with these rows cannot be taken."""
    rows = sum(chunk.rows for chunk in plan)
    if not rows:
        return [Fault("", "no_rows", "文件中没有数据行")]
    if rows > splitting.MAX_ROWS:
        message = f"文件有 {rows} 行，一个文件最多 {splitting.MAX_ROWS} 行，请分成几个文件"
        return [Fault("", "too_many_rows", message)]
    return []


def begin(platform: Platform, upload: Upload, plan: list[Chunk], values: Item) -> None:
    """Keep the plan and let the work on the pieces begin."""
    jobs.write_plan(platform, upload.upload_id, plan)
    counts: Item = {"rows": sum(chunk.rows for chunk in plan), "chunks": len(plan)}
    jobs.move(platform, upload, to="processing", values={**values, **counts})


def _cut(
    platform: Platform, upload: Upload, digest: Callable[[bytes], None], header: list[str]
) -> Iterator[Chunk]:
    form: splitting.Format = "jsonl" if upload.format == "jsonl" else "csv"

    def blocks() -> Iterator[bytes]:
        for block in platform.inbox.stream(upload.object_key, upload.object_version):
            digest(block)
            yield block

    def rows() -> Iterator[bytes]:
        found = splitting.rows_of(splitting.lines_of(blocks()), form)
        for position, row in enumerate(found):
            if position == 0 and form == "csv":
                header.extend(splitting.header_of(row))
            yield row

    return splitting.chunks_of(rows(), form, upload.size)


def _columns(upload: Upload, header: list[str]) -> tuple[list[str], list[Fault]]:
    if upload.format != "csv":
        return [], []
    return column_map(jobs.pack_of(upload).types[upload.type], header)
