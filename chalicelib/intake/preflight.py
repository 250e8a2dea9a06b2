"""Preflight (预检): what would become of a file or a batch, told before anything is submitted.

A file is worked by the same jobs as when it is submitted (see `jobs`), under an id of its own; only
the chunks examine and judge instead of storing. Nothing changes but the preflight's own item, its
chunks and its report. A file may be preflighted as often as its agency likes.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import heapq
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from typing import IO, Any, Final, NamedTuple

from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.intake import jobs, settling, store
from chalicelib.intake.candidates import candidates_of
from chalicelib.intake.foreseeing import foresee
from chalicelib.intake.model import Candidate
from chalicelib.intake.rules_fixes import fix_of
from chalicelib.intake.rules_preflight import (
    FACT,
    Foreseen,
    Tally,
    fault_of_name,
    fault_of_repeat,
    repeats,
)
from chalicelib.intake.showing import shown_value, value_of
from chalicelib.intake.splitting import Chunk
from chalicelib.intake.store import ChunkCounts, Upload
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import Conflict, Fault, NotFound
from chalicelib.kernel.ids import id_text
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for

REPORT_HEADER = ("行号", "结论", "字段", "规则", "说明", "怎么改", "值")
_VERDICTS = {
    "rejected": "退回", "conflict": "冲突", "duplicate": "重复", "late": "迟报", "due": "期限",
    "note": "提示",
}  # fmt: skip
_PARTS = 64
"""Temporary files by the beginning of a digest: each holds all rows of its facts, and is small
enough to be sorted in memory even for the longest file."""
_IN_MEMORY = 65_536
KEPT_SECONDS: Final = 90 * 86_400
"""As long as its report lies in the work bucket."""


class Line(NamedTuple):
    """One line of the report."""

    row: int
    kind: str
    pointer: str
    code: str
    message: str
    fix: str
    value: str


@dataclass(frozen=True, slots=True)
class Foresight:
    """What one chunk of a preflight came to, as kept between the jobs."""

    tally: Tally
    lines: list[Line]
    facts: bytes
    """Packed rows that would be stored."""
    names: bytes
    """Packed rows among them that name a subject nobody knows."""

    def counts(self, number: int) -> ChunkCounts:
        """The numbers alone, for the progress."""
        tally = self.tally
        return ChunkCounts(
            number, tally.rows, tally.accepted, tally.duplicate, tally.rejected, 0
        )

    def as_json(self) -> dict[str, Any]:
        """The form kept in the work bucket."""
        facts, names = (base64.b64encode(one).decode() for one in (self.facts, self.names))
        told = {"tally": self.tally.as_json(), "lines": self.lines}
        return {**told, "facts": facts, "names": names}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Foresight:
        """The inverse of `as_json`."""
        lines = [Line(*one) for one in body["lines"]]
        facts, names = (base64.b64decode(body[name]) for name in ("facts", "names"))
        return cls(Tally.from_json(body["tally"]), lines, facts, names)


# -- beginning -----------------------------------------------------------------------------------


def start_preflight(platform: Platform, upload: Upload) -> Upload:
    """Begin a preflight of the file that lies there now; while one of the same file is under way,
    that one. Raises Conflict once the file was committed, or without a file."""
    if upload.state != "awaiting_file":
        raise Conflict("文件已经提交，预检须在提交之前", code="already_committed")
    try:
        head = platform.inbox.head(upload.object_key)
    except Missing:
        raise Conflict("还没有收到文件，请先上传再预检", code="file_missing") from None
    number, latest = store.latest_preflight(platform, upload.upload_id)
    if latest is None or latest.is_over or latest.object_version != head.version_id:
        now, received_on = instant_text(platform.clock()), civil_date(head.last_modified)
        wanted = replace(
            upload,
            upload_id=_name(upload.upload_id, number + 1),
            of_upload=upload.upload_id,
            state="splitting",
            created_at=now,
            expires_at=int(platform.clock().timestamp()) + KEPT_SECONDS,
            committed_at=now,
            received_at=instant_text(head.last_modified),
            received_on=received_on.isoformat(),
            object_version=head.version_id,
            size=head.size,
            pack=pack_for(upload.jurisdiction, received_on).version,
        )
        try:
            commit(store.preflight_writes(platform, wanted, number))
        except ConditionFailed:
            pass  # begun a moment ago by the same agency: go on with that one
        latest = find_preflight(platform, upload)
    jobs.resend(platform, latest)
    return latest


def _name(upload_id: str, number: int) -> str:
    """The id of the n-th preflight of an upload: the same when the request is sent again."""
    return id_text("p", hashlib.sha256(f"{upload_id}:{number}".encode()).digest())


def find_preflight(platform: Platform, upload: Upload) -> Upload:
    """The latest preflight of an upload. Raises NotFound."""
    _, latest = store.latest_preflight(platform, upload.upload_id)
    if latest is None:
        raise NotFound("这个文件还没有预检过")
    return latest


# -- a chunk -------------------------------------------------------------------------------------


def look_at_chunk(platform: Platform, upload: Upload, chunk: Chunk) -> Foresight:
    """What would become of the rows of one chunk."""
    candidates = list(candidates_of(platform, upload, chunk))
    submission = jobs.submission_of(platform, upload, chunk.number)
    rows = foresee(platform, submission, candidates, upload.type)
    tally, facts, names = Tally(), bytearray(), bytearray()
    lines: list[Line] = []
    for candidate, row in zip(candidates, rows, strict=True):
        tally.add(row)
        if row.faults or row.notes or row.late:
            lines += _lines(jobs.pack_of(upload), upload.type, candidate, row)
        if row.verdict == "accepted":
            facts += row.packed()
            names += row.packed_name() if row.stranger else b""
    lines = list(heapq.merge(lines, _due_lines(rows), key=_row_of))
    return Foresight(tally, lines, bytes(facts), bytes(names))


def _due_lines(rows: Iterable[Foreseen]) -> Iterator[Line]:
    """Until when rows are on time: one line for neighbours that are due on the same day."""
    timed = (row for row in rows if row.verdict == "accepted" and row.due_on and not row.late)
    for (due_on, provisional), group in groupby(timed, lambda row: (row.due_on, row.provisional)):
        positions = [row.position for row in group]
        first, last = positions[0], positions[-1]
        where = f"第 {first} 行" if first == last else f"第 {first} 至 {last} 行中可入库的各行"
        about = "（放假安排未公布，暂按周末推算）" if provisional else ""
        message = f"{where}：报送期限 {due_on}{about}，此后收到按迟报计"
        yield Line(first, "due", "", "due", message, f"在 {due_on}（含）以前提交", "")


def _lines(pack: Pack, type_code: str, candidate: Candidate, row: Foreseen) -> Iterator[Line]:
    for fault in row.faults:
        shown = shown_value(pack.types, type_code, candidate, fault)
        fix = fix_for(pack, type_code, candidate, fault)
        yield Line(row.position, row.verdict, *_told(fault), fix, shown)
    if row.verdict == "accepted" and row.late:
        fault = fault_of_late(row)
        yield Line(row.position, "late", *_told(fault), fix_of(None, fault, ""), "")
    for note in row.notes:
        yield Line(row.position, "note", *note, "", "")


def _told(fault: Fault) -> tuple[str, str, str]:
    return fault.pointer, fault.code, fault.message


def fix_for(pack: Pack, type_code: str, candidate: Candidate, fault: Fault) -> str:
    """What to write instead of what a fault of a candidate is about."""
    sent = candidate.sent.value
    code = type_code if isinstance(sent, tuple) else str(sent.get("type"))
    return fix_of(pack.types.get(code), fault, value_of(candidate, fault))


def fault_of_late(row: Foreseen) -> Fault:
    """What to tell about a row that is late."""
    about = "（放假安排未公布，暂按周末推算）" if row.provisional else ""
    return Fault("", "late", f"报送期限 {row.due_on} 已过{about}，现在报送按迟报计")


# -- the end -------------------------------------------------------------------------------------


def finish_preflight(platform: Platform, upload: Upload) -> None:
    """Find the rows that repeat each other across the file, write the report, state the counts."""
    if upload.state == "processing" and len(upload.done) >= upload.chunks:
        tally = Tally()
        with ExitStack() as stack:
            parts, named = (
                [
                    stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
                    for _ in range(_PARTS)
                ]
                for _ in range(2)
            )
            for result in _results(platform, upload):
                tally.merge(result.tally.as_json())
                _deal(result.facts, parts)
                _deal(result.names, named)
            misnamed = _misnamed(named, tally)
            lost = _lost(parts, misnamed, tally)
        _write_report(platform, upload, lost, misnamed)
        summary: Item = tally.as_json()
        now = instant_text(platform.clock())
        values: Item = {"summary": summary, "completed_at": now}
        jobs.move(platform, upload, to="completed", values=values, finish=True)
    elif not upload.is_over:
        return
    jobs.empty(platform, upload)


def _results(platform: Platform, upload: Upload) -> Iterator[Foresight]:
    return (Foresight.from_json(body) for body in jobs.bodies_of(platform, upload))


def _deal(facts: bytes, parts: Sequence[IO[bytes]]) -> None:
    """Put each row to those whose digest begins alike."""
    for begin in range(0, len(facts), FACT.size):
        parts[facts[begin] % _PARTS].write(facts[begin : begin + FACT.size])


def _misnamed(parts: Iterable[IO[bytes]], tally: Tally) -> array[int]:
    """The rows that name a new subject otherwise than the first row about it, in order: row and
    that first row, in one number. `tally` counts them as what they are."""
    misnamed = array("Q")
    for part in parts:
        for repeat in repeats(_packed(part)):
            if not repeat.is_same:
                tally.misname(repeat)
                misnamed.append(repeat.row << 32 | repeat.winner << 1)
    return array("Q", sorted(misnamed))


def _lost(parts: Iterable[IO[bytes]], misnamed: array[int], tally: Tally) -> array[int]:
    """The rows that give way, in order: row, winner and whether they say the same, in one number.
    `tally` counts them as what they are. A row refused for its name is none of them."""
    lost = array("Q")
    for part in parts:
        for repeat in repeats(one for one in _packed(part) if not _is_among(misnamed, one)):
            tally.give_way(repeat)
            lost.append(repeat.row << 32 | repeat.winner << 1 | repeat.is_same)
    return array("Q", sorted(lost))


def _packed(part: IO[bytes]) -> Iterator[bytes]:
    part.seek(0)
    return iter(functools.partial(part.read, FACT.size), b"")


def _is_among(misnamed: array[int], packed: bytes) -> bool:
    if not misnamed:
        return False
    row = FACT.unpack(packed)[1]
    at = bisect_left(misnamed, row << 32)
    return at < len(misnamed) and misnamed[at] >> 32 == row


def _write_report(
    platform: Platform, upload: Upload, lost: array[int], misnamed: array[int]
) -> None:
    found = (line for result in _results(platform, upload) for line in result.lines)
    gone = heapq.merge(map(_lost_line, lost), map(_misnamed_line, misnamed), key=_row_of)
    cells = map(_cells, _settled(found, gone))
    with settling.csv_file(REPORT_HEADER, cells, upload.sheet) as file:
        platform.work.put_file(
            jobs.report_key(upload.upload_id), file, content_type="text/csv; charset=utf-8"
        )


def _settled(found: Iterable[Line], lost: Iterable[Line]) -> Iterator[Line]:
    """All lines in row order; a row that gives way is not told to be late."""
    ordered = heapq.merge(lost, found, key=_row_of)
    for _, group in groupby(ordered, key=_row_of):
        lines = list(group)
        gives_way = any(line.kind in ("duplicate", "conflict", "rejected") for line in lines)
        yield from (line for line in lines if line.kind != "late" or not gives_way)


def _lost_line(packed: int) -> Line:
    winner = packed >> 1 & 0x7FFFFFFF
    fault = fault_of_repeat(bool(packed & 1), f"本文件第 {winner} 行")
    return Line(packed >> 32, fault.code, *_told(fault), fix_of(None, fault, ""), "")


def _misnamed_line(packed: int) -> Line:
    fault = fault_of_name(f"本文件第 {packed >> 1 & 0x7FFFFFFF} 行")
    return Line(packed >> 32, "rejected", *_told(fault), fix_of(None, fault, ""), "")


def _row_of(line: Line) -> int:
    return line.row


def _cells(line: Line) -> tuple[str, ...]:
    name = line.pointer.strip("/").replace("/", ".")
    told = (_VERDICTS[line.kind], name, line.code, line.message, line.fix, line.value)
    return (str(line.row), *told)
