"""Files of subjects as their client sees them, and the work on them, step by step.

    commit -> {step 0: count} -> {step 1} ... -> {step n: last rows, result} -> over

A step reads the pinned file from its beginning, so that nothing about a person is kept between
steps. Up to a hundred rows make one check: its id follows from file and row, so that a step that
comes twice asks nobody twice; feedback is given on it as on any other. The file is deleted, in
every version, once it was worked.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO, Final, cast

from chalicelib.access.service import allowed_codes
from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import PresignedPost
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit, update
from chalicelib.checks import filestore
from chalicelib.checks.asking import Wish, ask, key_reused
from chalicelib.checks.bodies_files import CheckFileIn
from chalicelib.checks.model import Check, Name
from chalicelib.checks.model_files import CheckFile
from chalicelib.checks.rules import MOST_SUBJECTS
from chalicelib.checks.rules_files import (
    RESULT_HEADER,
    FileRow,
    columns_of,
    known_names,
    result_cells,
    row_of,
)
from chalicelib.checks.service import wish_of
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.kernel.errors import Conflict, NotFound
from chalicelib.kernel.ids import id_text
from chalicelib.policy.service import pack_for
from chalicelib.sheets.model import MAX_WORKBOOK_BYTES, SheetRefused
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import open_table
from chalicelib.web.model import Caller

LARGEST_BYTES: Final = MAX_WORKBOOK_BYTES
POST_SECONDS: Final = 3_600
LINK_SECONDS: Final = 300
STEP_ROWS: Final = 2_000
MAX_ROWS: Final = 100_000
COMMIT_WITHIN: Final = timedelta(days=1)
"""A file that was posted and not committed for longer is deleted: it may hold citizen codes."""


def start(
    platform: Platform, caller: Caller, body: CheckFileIn, name: Name
) -> tuple[CheckFile, PresignedPost | None]:
    """A place for one file, and the form to post it with (None once it was committed); the same
    under the same name. Raises Invalid, Conflict."""
    wish = wish_of(platform, caller, body, (), [])
    file = CheckFile(
        file_id=name.check_id,
        client_id=caller.client_id,
        agency=caller.agency_code,
        agency_name=caller.agency_name,
        jurisdiction=caller.jurisdiction,
        region=caller.region,
        level=caller.level,
        scene=wish.scene.code,
        purpose=wish.purpose,
        reference=wish.reference,
        format=body.format,
        created_at=instant_text(platform.clock()),
        request_mac=name.request_mac,
    )
    try:
        commit([filestore.new_put(platform, file), filestore.open_mark(platform, file)])
    except ConditionFailed as error:
        file = filestore.file_from(error.items[0] or {})
        if file.request_mac != name.request_mac:
            raise key_reused() from error
    if file.state != "awaiting_file":
        return file, None
    return file, platform.inbox.presign_post(file.object_key, LARGEST_BYTES, POST_SECONDS)


def find(platform: Platform, caller: Caller, file_id: str) -> CheckFile:
    """One of the caller's own files. Raises NotFound."""
    found = filestore.load(platform, file_id)
    if found.client_id != caller.client_id:
        raise NotFound("没有这个核查文件")
    return found


def receive(platform: Platform, file: CheckFile) -> CheckFile:
    """Pin the version of the file that lies there now, and start the work. Committing again asks
    once more for what is not done. Raises Conflict without a file."""
    if file.state == "awaiting_file":
        try:
            head = platform.inbox.head(file.object_key)
        except Missing:
            raise Conflict("还没有收到文件，请先上传再提交", code="file_missing") from None
        changes: Item = {
            "state": "counting",
            "committed_at": instant_text(platform.clock()),
            "object_version": head.version_id,
            "size": head.size,
        }
        file = _move(platform, file, changes)
    if not file.is_over:
        _send(platform, file)
    return file


def result_link(platform: Platform, file: CheckFile) -> str:
    """Where the result can be fetched for five minutes. Raises Conflict before the end, NotFound
    once it has expired."""
    if file.state != "completed":
        raise Conflict("文件还没有核查完，结果在完成后提供", code="file_in_progress")
    if not platform.work.exists(_result_key(file)):
        raise NotFound("结果已过保存期，各次核查仍可用 GET /v1/checks 查看")
    name = f"checks-{file.file_id}.csv"
    return platform.work.presign_get(_result_key(file), name, LINK_SECONDS)


# -- the work -----------------------------------------------------------------------------------


def work(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message `{"job": "file", "file_id": ..., "step": n}`."""
    file = filestore.load(platform, str(message["file_id"]))
    if file.is_over:
        _sweep(platform, file)
        return
    if file.state == "awaiting_file":
        if platform.clock() - parse_instant(file.created_at) > COMMIT_WITHIN:
            words = "文件没有在一天内提交，已经删除，请重新申请"
            _end(platform, file, {"state": "failed", "problem": ["not_committed", words]})
        return
    if message["step"] != file.step:
        _send(platform, file)  # this step is done; the message for the next may have been lost
        return
    try:
        if file.state == "counting":
            _count(platform, file)
        else:
            _check_rows(platform, file)
    except SheetRefused as refused:
        place = f"第 {refused.row} 行：" if refused.row and "行" not in refused.message else ""
        problem = [refused.code, f"{place}{refused.message}"]
        _end(platform, file, {"state": "failed", "problem": list(problem)})
    except Missing:
        words = "文件已过保存期，没有核查完，请重新申请"
        _end(platform, file, {"state": "failed", "problem": ["file_expired", words]})


def _sweep(platform: Platform, file: CheckFile) -> None:
    """Delete what was posted to a file that is over: its form may have been good a while longer."""
    platform.inbox.delete_all_versions(file.object_key)
    if platform.clock() - parse_instant(file.completed_at) > timedelta(seconds=POST_SECONDS):
        commit([filestore.close_mark(platform, file)])


def resend(platform: Platform) -> None:
    """The day's job: have files that should long be over brought forward, those that were never
    committed deleted, and what was posted to those that are over."""
    for file_id in filestore.open_ids(platform):
        _send(platform, filestore.load(platform, file_id))


def _send(platform: Platform, file: CheckFile) -> None:
    message = {"job": "file", "file_id": file.file_id, "step": file.step}
    platform.checks_queue.send(message)


def _move(platform: Platform, file: CheckFile, changes: Item) -> CheckFile:
    """The file taken on; another worker having done the same is just as well."""
    try:
        return filestore.file_from(update(filestore.move(platform, file, changes)))
    except ConditionFailed:
        return filestore.load(platform, file.file_id)


def _end(platform: Platform, file: CheckFile, changes: Item) -> None:
    ended = {**changes, "completed_at": instant_text(platform.clock())}
    try:
        commit([filestore.move(platform, file, ended)])  # the day's job looks once more
    except ConditionFailed:
        if not filestore.load(platform, file.file_id).is_over:
            return  # it was committed just now: whoever works it needs the file
    platform.inbox.delete_all_versions(file.object_key)


def _count(platform: Platform, file: CheckFile) -> None:
    with _rows(platform, file) as rows:
        total = sum(1 for _ in rows)
    if not total:
        raise SheetRefused("no_rows", "文件中没有数据行")
    if total > MAX_ROWS:
        raise SheetRefused("too_many_rows", f"文件超过 {MAX_ROWS} 行，请分成几个文件")
    _send(platform, _move(platform, file, {"state": "checking", "rows": total, "step": 1}))


def _check_rows(platform: Platform, file: CheckFile) -> None:
    begin = (file.step - 1) * STEP_ROWS
    lines: list[str] = []
    counts = Counter(file.counts)
    with _rows(platform, file) as rows:
        piece = islice(rows, begin, begin + STEP_ROWS)
        done = 0
        while batch := list(islice(piece, MOST_SUBJECTS)):
            done += len(batch)
            check = _ask(platform, file, batch)
            told = {one.number: one for one in check.told} if check else {}
            for row in batch:
                found = told.get(row.asked.number) if row.asked else None
                counts[found.answer if found else "wrong"] += 1
                lines.append(csv_line(result_cells(row, check, found)))
    platform.work.put(_part_key(file, file.step), "".join(lines).encode(), content_type="text/csv")
    changes: Item = {
        "step": file.step + 1,
        "rows_done": begin + done,
        "counts": dict(counts),
    }
    if begin + done < file.rows:
        _send(platform, _move(platform, file, changes))
        return
    _write_result(platform, file)
    _end(platform, file, {**changes, "state": "completed"})


def _ask(platform: Platform, file: CheckFile, batch: list[FileRow]) -> Check | None:
    """One check of the rows that name somebody; under the same name, however often."""
    asked = tuple(row.asked for row in batch if row.asked is not None)
    if not asked:
        return None
    # What was valid when the file was committed: the scene is asked under that day's pack.
    pack = pack_for(file.jurisdiction, civil_date(parse_instant(file.committed_at)))
    wish = Wish(
        pack=pack,
        scene=pack.scenes[file.scene],
        purpose=file.purpose,
        reference=file.reference,
        asked=asked,
        kind="file",
        file_id=file.file_id,
    )
    place = platform.keyring.mac("check_file", file.file_id, str(batch[0].row))
    return ask(platform, file.caller, wish, Name(id_text("k", place))).check


@contextmanager
def _rows(platform: Platform, file: CheckFile) -> Iterator[Iterator[FileRow]]:
    """The rows of the pinned file; each knows its place in the check it goes into."""
    today = civil_date(platform.clock())
    with tempfile.TemporaryFile() as opened:
        for block in platform.inbox.stream(file.object_key, file.object_version):
            opened.write(block)
        with open_table(cast(BinaryIO, opened), file.format, known_names) as table:
            columns, allowed = columns_of(table.header), allowed_codes(platform)
            yield (
                row_of(columns, row, at % MOST_SUBJECTS + 1, today, allowed)
                for at, row in enumerate(table.rows())
            )


def _write_result(platform: Platform, file: CheckFile) -> None:
    """All parts as one CSV that office software opens as it is."""
    with tempfile.TemporaryFile() as joined:
        joined.write(b"\xef\xbb\xbf" + csv_line(RESULT_HEADER).encode())
        for step in range(1, file.step + 1):
            for block in platform.work.stream(_part_key(file, step)):
                joined.write(block)
        joined.seek(0)
        platform.work.put_file(_result_key(file), joined, content_type="text/csv")


def _part_key(file: CheckFile, step: int) -> str:
    return f"check-files/{file.file_id}/{step:05d}.csv"


def _result_key(file: CheckFile) -> str:
    return f"check-files/{file.file_id}/result.csv"
