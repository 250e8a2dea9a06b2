"""The rows of one chunk of a file as candidates: read, tidied where that is safe, examined."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date

from chalicelib.access.service import allowed_codes
from chalicelib.aws.platform import Platform
from chalicelib.intake import jobs, splitting
from chalicelib.intake.model import Candidate, Examined, Reporter, SentForm
from chalicelib.intake.rules import examine
from chalicelib.intake.splitting import Chunk, CsvShape, row_record
from chalicelib.intake.store import Upload
from chalicelib.intake.tidying import lost_digits, pointer_of, shortened_numbers, tidied
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Pack

_UNREAD = (
    ("formula_cell", "公式不求值，请粘贴为数值"),
    (
        "error_cell",
        "单元格中是错误值（例如 #REF!），或显示的数与实际存的数不同（例如显示为“万”），"
        "请改为实际内容",
    ),
)


def candidates_of(platform: Platform, upload: Upload, chunk: Chunk) -> Iterator[Candidate]:
    """Every row of a chunk that is not blank, in order."""
    span = (chunk.offset, chunk.offset + chunk.length)
    reading = Reading(upload, allowed_codes(platform))
    if upload.rows_key:
        for line in platform.work.read(upload.rows_key, span=span).split(b"\n"):
            if line:
                yield reading.of_table(line)
        return
    data = platform.inbox.read(upload.object_key, upload.object_version, span)
    form: splitting.Format = "jsonl" if upload.format == "jsonl" else "csv"
    rows = splitting.rows_of(splitting.lines_of([data]), form)
    for number, row in enumerate(rows, chunk.first_row):
        if not splitting.is_blank(row):
            yield reading.of_csv(number, row) if form == "csv" else reading.of_json(number, row)


class Reading:
    """How the rows of one file are read and examined."""

    def __init__(self, upload: Upload, allowed: Container[str] = ()) -> None:
        self._allowed = allowed
        self._pack: Pack = jobs.pack_of(upload)
        self._reporter: Reporter = jobs.reporter_of(upload)
        self._today = date.fromisoformat(upload.received_on)
        self._shape = CsvShape(upload.columns, upload.type)
        self._type = self._pack.types.get(upload.type)

    def of_json(self, number: int, row: bytes) -> Candidate:
        """A line of JSON Lines: written by a system, and held to the rules as they are."""
        record = splitting.read_json_row(row, self._shape.record_type)
        if isinstance(record, Fault):
            return Candidate(number, SentForm({}), (record,))
        return Candidate(number, SentForm(record), self._examined(record))

    def of_csv(self, number: int, row: bytes) -> Candidate:
        """A row of a CSV."""
        read = self._shape.read(row)
        if isinstance(read, Fault):
            return Candidate(number, SentForm(()), (read,))
        cells, record = read
        sent = SentForm(cells, self._shape.columns)
        return self._of_cells(number, sent, record, self._shortened(cells))

    def of_table(self, line: bytes) -> Candidate:
        """A row of a converted file (see `converting`)."""
        number, cells, *marks = json.loads(line)
        numeric, formulas, errors, fault = marks or ((), (), (), None)
        if fault:
            return Candidate(number, SentForm(()), (Fault("", *fault),))
        columns = self._shape.columns
        sent = SentForm(tuple(cells), columns, tuple(numeric))
        record = row_record(columns, cells, self._shape.record_type)
        unread = [*self._unread((formulas, errors)), *self._shortened(cells)]
        if numeric and self._type is not None:
            unread += lost_digits(self._type, columns, cells, numeric)
        return self._of_cells(number, sent, record, unread)

    def _shortened(self, cells: Sequence[str]) -> list[Fault]:
        # A clean row pays next to nothing.
        if self._type is None or not any("E+" in cell for cell in cells):
            return []
        return shortened_numbers(self._type, self._shape.columns, cells)

    def _unread(self, positions: Sequence[Sequence[int]]) -> Iterator[Fault]:
        for (code, message), places in zip(_UNREAD, positions, strict=True):
            for at in places:
                column = self._shape.columns[at]
                if column:
                    yield Fault(pointer_of(column), code, message)

    def _of_cells(
        self,
        number: int,
        sent: SentForm,
        record: Mapping[str, JsonValue],
        unread: Sequence[Fault],
    ) -> Candidate:
        """The row as a candidate; `unread` is what cannot be so, whatever the rules say of it."""
        candidate = self._tidied(number, sent, record)
        if not unread:
            return candidate
        told = {fault.pointer for fault in unread}
        found = candidate.examined if isinstance(candidate.examined, tuple) else ()
        others = [fault for fault in found if fault.pointer not in told]
        read = candidate.record or record
        return Candidate(number, sent, (*unread, *others), record=read)

    def _tidied(
        self, number: int, sent: SentForm, record: Mapping[str, JsonValue]
    ) -> Candidate:
        examined = self._examined(record)
        if not isinstance(examined, tuple) or self._type is None:
            return Candidate(number, sent, examined)
        # Only what the rules refuse is looked at again: a clean row pays nothing.
        tidy = tidied(self._type, record, examined, sent.numeric_pointers())
        again = self._examined(tidy.record) if tidy.notes else examined
        if isinstance(again, tuple):
            return Candidate(number, sent, tidy.explained(again), tidy.notes, tidy.record)
        return Candidate(number, sent, again, tidy.notes)

    def _examined(self, record: Mapping[str, JsonValue]) -> Examined | tuple[Fault, ...]:
        return examine(self._pack, self._reporter, record, self._today, self._allowed)
