"""The rows of one chunk of a file as candidates: read, tidied where that is safe, examined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from chalicelib.aws.platform import Platform
from chalicelib.intake import jobs, splitting
from chalicelib.intake.model import Candidate, Examined, Reporter, SentForm
from chalicelib.intake.rules import examine
from chalicelib.intake.splitting import Chunk, CsvShape
from chalicelib.intake.store import Upload
from chalicelib.intake.tidying import tidied
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Pack


def candidates_of(platform: Platform, upload: Upload, chunk: Chunk) -> Iterator[Candidate]:
    """Every row of a chunk that is not blank, in order."""
    span = (chunk.offset, chunk.offset + chunk.length)
    data = platform.inbox.read(upload.object_key, upload.object_version, span)
    reading = Reading(upload)
    form: splitting.Format = "jsonl" if upload.format == "jsonl" else "csv"
    rows = splitting.rows_of(splitting.lines_of([data]), form)
    for number, row in enumerate(rows, chunk.first_row):
        if not splitting.is_blank(row):
            yield reading.csv(number, row) if form == "csv" else reading.json(number, row)


class Reading:
    """How the rows of one file are read and examined."""

    def __init__(self, upload: Upload) -> None:
        self._pack: Pack = jobs.pack_of(upload)
        self._reporter: Reporter = jobs.reporter_of(upload)
        self._today = date.fromisoformat(upload.received_on)
        self._shape = CsvShape(upload.columns, upload.type)

    def json(self, number: int, row: bytes) -> Candidate:
        """A line of JSON Lines: written by a system, and held to the rules as they are."""
        record = splitting.read_json_row(row, self._shape.record_type)
        if isinstance(record, Fault):
            return Candidate(number, SentForm({}), (record,))
        return Candidate(number, SentForm(record), self._examined(record))

    def csv(self, number: int, row: bytes) -> Candidate:
        """A row of a CSV."""
        read = self._shape.read(row)
        if isinstance(read, Fault):
            return Candidate(number, SentForm(()), (read,))
        cells, record = read
        return self._of_cells(number, SentForm(cells, self._shape.columns), record)

    def _of_cells(
        self, number: int, sent: SentForm, record: Mapping[str, JsonValue]
    ) -> Candidate:
        examined = self._examined(record)
        if not isinstance(examined, tuple):
            return Candidate(number, sent, examined)
        # Only what the rules refuse is looked at again: a clean row pays nothing.
        record_type = self._pack.types.get(self._shape.record_type)
        if record_type is None:
            return Candidate(number, sent, examined)
        tidy = tidied(record_type, record, examined, sent.numeric_pointers())
        again = self._examined(tidy.record) if tidy.notes else examined
        if isinstance(again, tuple):
            again = tidy.explained(again)
        return Candidate(number, sent, again, tidy.notes)

    def _examined(self, record: Mapping[str, JsonValue]) -> Examined | tuple[Fault, ...]:
        return examine(self._pack, self._reporter, record, self._today)
