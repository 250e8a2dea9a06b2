"""Pure settling of a file: what its chunks came to, and rows that state the same fact.

Among rows of one file with the same key the lowest wins, whatever order the chunks were worked in
(design §2.6). A chunk can only report the contests it saw: (record, row, content). Here they are
judged together: the lowest row is accepted, each other is a duplicate if its content is the same
and rejected if it is not. What a chunk counted as accepted before a lower row came is corrected.
"""

from __future__ import annotations

import heapq
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from chalicelib.intake.model import Outcome, RefusedFact
from chalicelib.intake.store import ChunkCounts
from chalicelib.sheets.rules import csv_line

ERROR_HEADER = ("行号", "字段", "规则", "说明", "值")
NOTE_HEADER = ("行号", "字段", "规则", "说明")
_IN_MEMORY = 1_048_576


@dataclass(frozen=True, slots=True)
class Rejection:
    """One line of the error file."""

    row: int
    pointer: str
    code: str
    message: str
    value: str


@dataclass(frozen=True, slots=True)
class RowNote:
    """One line of the notes: a value of a row that was taken, written differently."""

    row: int
    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What one chunk came to, as kept between the jobs."""

    rows: int
    accepted: int
    duplicate: int
    rejected: int
    contested: list[int]
    """Rows that gave way to another row of the file: counted nowhere yet."""
    claims: list[tuple[str, int, str]]
    """(record id, row, content digest) of every row seen in a contest."""
    record_ids: list[str]
    rejections: list[Rejection]
    notes: list[RowNote] = field(default_factory=list)
    """What was tidied in rows that were taken."""
    refused: list[RefusedFact] = field(default_factory=list)
    """The rows behind the rejections, each once."""
    months: list[str] = field(default_factory=list)
    """The months (by date of decision) of the rows whose fact is on file now."""

    def counts(self, number: int) -> ChunkCounts:
        """The numbers alone."""
        return ChunkCounts(
            number, self.rows, self.accepted, self.duplicate, self.rejected, len(self.contested)
        )

    def as_json(self) -> dict[str, Any]:
        """The form kept in the work bucket."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> ChunkResult:
        """The inverse of `as_json`."""
        rejections = [Rejection(**one) for one in body["rejections"]]
        claims = [(record_id, row, mac) for record_id, row, mac in body["claims"]]
        notes = [RowNote(**one) for one in body.get("notes", ())]
        refused = [
            RefusedFact(**{**one, "faults": tuple((where, rule) for where, rule in one["faults"])})
            for one in body.get("refused", ())
        ]
        lists = {"claims": claims, "rejections": rejections, "notes": notes, "refused": refused}
        return cls(**{**body, **lists})


def chunk_result(
    outcomes: Sequence[Outcome],
    rejections: list[Rejection],
    notes: list[RowNote],
    refused: Sequence[RefusedFact] = (),
) -> ChunkResult:
    """The result of a chunk from the outcomes of its rows."""
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    contested: list[int] = []
    claims: list[tuple[str, int, str]] = []
    record_ids: list[str] = []
    months: set[str] = set()
    for outcome in outcomes:
        record = outcome.record
        if record is not None:
            months.add(record.occurred_on[:7])
        if outcome.contest and record is not None:
            claims.append((record.record_id, outcome.position, outcome.content_mac))
            claims += [(record.record_id, row, mac) for row, mac in outcome.contest]
        if outcome.verdict == "accepted" and record is not None:
            counts["accepted"] += 1
            record_ids.append(record.record_id)
        elif outcome.contest:
            contested.append(outcome.position)
        else:
            counts["duplicate" if outcome.verdict == "duplicate" else "rejected"] += 1
    return ChunkResult(
        rows=len(outcomes),
        contested=contested,
        claims=claims,
        record_ids=record_ids,
        rejections=rejections,
        notes=notes,
        refused=list(refused),
        months=sorted(months),
        **counts,
    )


@dataclass(slots=True)
class Settled:
    """The final counts of a file, and the rows refused because they lost a contest, in order."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    lost: list[Rejection] = field(default_factory=list)
    notes: int = 0


def settle(results: Iterable[ChunkResult]) -> Settled:
    """Judge all contests together; accepted + duplicate + rejected = rows."""
    settled = Settled()
    contested: set[int] = set()
    claims: dict[str, dict[int, str]] = {}
    for result in results:
        settled.accepted += result.accepted
        settled.duplicate += result.duplicate
        settled.rejected += result.rejected
        settled.notes += len(result.notes)
        contested.update(result.contested)
        for record_id, row, mac in result.claims:
            # Many rows of a contest say the same: one digest is kept for all of them.
            claims.setdefault(record_id, {})[row] = sys.intern(mac)
    for rows in claims.values():
        winner = min(rows)
        for row, mac in rows.items():
            if row == winner:
                continue
            if row not in contested:
                settled.accepted -= 1  # its chunk was worked before the winner's
            if mac == rows[winner]:
                settled.duplicate += 1
            else:
                settled.rejected += 1
                settled.lost.append(_lost(row, winner))
    settled.lost.sort(key=_row_of)
    return settled


def error_lines(results: Iterable[ChunkResult], lost: Sequence[Rejection]) -> Iterator[Rejection]:
    """The lines of the error file in row order, one chunk's in memory at a time: every row of a
    file may be bad. `results` come in the order of their chunks."""
    refused = (rejection for result in results for rejection in result.rejections)
    return heapq.merge(refused, lost, key=_row_of)


def _row_of(rejection: Rejection) -> int:
    return rejection.row


def _lost(row: int, winner: int) -> Rejection:
    message = f"与本文件第 {winner} 行是同一事项但内容不同，以第 {winner} 行为准"
    return Rejection(row, "", "conflict", message, "")


def note_lines(results: Iterable[ChunkResult], lost: Sequence[Rejection]) -> Iterator[RowNote]:
    """The notes in row order, without those on rows that lost a contest."""
    losers = {rejection.row for rejection in lost}
    return (note for result in results for note in result.notes if note.row not in losers)


def error_cells(lines: Iterable[Rejection]) -> Iterator[tuple[str, ...]]:
    """The lines of the error file as cells under ERROR_HEADER."""
    for line in lines:
        yield (str(line.row), _column(line.pointer), line.code, line.message, line.value)


def note_cells(lines: Iterable[RowNote]) -> Iterator[tuple[str, ...]]:
    """The notes as cells under NOTE_HEADER."""
    for line in lines:
        yield (str(line.row), _column(line.pointer), line.code, line.message)


def _column(pointer: str) -> str:
    return pointer.strip("/").replace("/", ".")


@contextmanager
def csv_file(
    header: Sequence[str], lines: Iterable[Sequence[str]], sheet: str = ""
) -> Iterator[IO[bytes]]:
    """A CSV (UTF-8 with a byte order mark so that spreadsheets read it), on disk where it is
    large. Rows of a workbook are told with the `sheet` they stand in."""
    of_sheet = (sheet,) if sheet else ()
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        titles = (*header, "工作表") if sheet else header
        file.write(b"\xef\xbb\xbf" + csv_line(titles).encode())
        for cells in lines:
            file.write(csv_line((*cells, *of_sheet)).encode())
        file.seek(0)
        yield file
