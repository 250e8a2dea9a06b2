"""The split job: read the whole file once, streaming: its digest, its header, where it is cut, and
whether its rows can be read as they lie there or have to be converted first."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import Final

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.intake import jobs, splitting, store
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import Upload
from chalicelib.kernel.errors import Fault
from chalicelib.policy.fields import column_map
from chalicelib.sheets.model import MAX_WORKBOOK_BYTES

MAX_CONVERTED_BYTES: Final = 134_217_728
"""A CSV that has to be converted may be this large: the file and its rows lie in /tmp together."""

_ALIKE = 16
"""Bytes of a row that tell most rows from the header at once."""


def split(platform: Platform, upload: Upload) -> None:
    """Plan the work on a file and send it; refuse a file that cannot be taken as a whole."""
    if upload.state == "splitting":
        if upload.format == "xlsx" and upload.size > MAX_WORKBOOK_BYTES:
            jobs.refuse(platform, upload, [_too_large(upload)])
            return
        scan = Scan(upload)
        plan = list(scan.plan(platform))
        values: Item = {"sha256": scan.sha256, "columns": list(scan.columns)}
        faults = scan.faults or faults_of_plan(plan)
        if scan.needs_converting and upload.size <= MAX_CONVERTED_BYTES:
            jobs.move(platform, upload, to="converting", values={"sha256": scan.sha256})
        elif faults or scan.needs_converting:
            jobs.refuse(platform, upload, faults or [_not_plain(upload)])
            return
        else:
            begin(platform, upload, plan, values)
        upload = store.load_upload(platform, upload.upload_id)
    jobs.resend(platform, upload)


class Scan:
    """What one pass over a file tells."""

    def __init__(self, upload: Upload) -> None:
        self.columns: list[str] = []
        self.faults: list[Fault] = []
        """What is wrong with the first row as the header."""
        self._upload = upload
        self._digest = hashlib.sha256()
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._is_plain = upload.format != "xlsx"

    @property
    def sha256(self) -> str:
        """The digest of the file as it came (hex)."""
        return self._digest.hexdigest()

    @property
    def needs_converting(self) -> bool:
        """Whether this is a workbook, or a CSV that is not UTF-8 with its one header on top."""
        return not self._is_plain and self._upload.format != "jsonl"

    def plan(self, platform: Platform) -> Iterator[Chunk]:
        """Where the file is cut, as it streams by; nothing for a workbook."""
        form = self._upload.format
        if form == "xlsx":
            for _ in self._blocks(platform):
                pass
            return
        yield from splitting.chunks_of(self._rows(platform, form), form, self._upload.size)

    def _blocks(self, platform: Platform) -> Iterator[bytes]:
        upload = self._upload
        for block in platform.inbox.stream(upload.object_key, upload.object_version):
            self._digest.update(block)
            if self._is_plain:
                self._is_plain = self._is_text(block)
            yield block
        if self._is_plain:
            self._is_plain = self._is_text(b"", final=True)

    def _is_text(self, block: bytes, *, final: bool = False) -> bool:
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            return False
        return b"\0" not in block

    def _rows(self, platform: Platform, form: splitting.Format) -> Iterator[bytes]:
        first = b""
        lines = splitting.lines_of(self._blocks(platform))
        for position, row in enumerate(splitting.rows_of(lines, form)):
            if position == 0 and form == "csv":
                first = splitting.without_mark(row)
                self._read_header(row)
            elif row[:_ALIKE] == first[:_ALIKE] and row.strip() == first.strip():
                self._is_plain = False  # the header again, as where several lists were joined
            yield row

    def _read_header(self, row: bytes) -> None:
        upload = self._upload
        try:
            header = splitting.header_of(row)
        except ValueError as error:
            self.faults = [Fault("/header", "header_unreadable", str(error))]
        else:
            record_type = jobs.pack_of(upload).types[upload.type]
            self.columns, self.faults = column_map(record_type, header)
        if self.faults:
            # A title above the header, another delimiter: the converter looks further.
            self._is_plain = False


def _too_large(upload: Upload) -> Fault:
    most = MAX_WORKBOOK_BYTES // 1_048_576
    message = (
        f"工作簿有 {upload.size / 1_048_576:.0f} MiB，最大 {most} MiB，"
        "请分成几个文件，或另存为“CSV UTF-8”后上传"
    )
    return Fault("", "file_too_large", message)


def _not_plain(upload: Upload) -> Fault:
    most = MAX_CONVERTED_BYTES // 1_048_576
    message = (
        f"超过 {most} MiB 的 CSV 须为 UTF-8 编码、逗号分隔，第一行是表头，中间不再有表头，"
        "请另存为“CSV UTF-8”后重新上传"
    )
    return Fault("", "not_plain_csv", message)


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
