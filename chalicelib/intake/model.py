"""What agencies submit and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from chalicelib.creditfile.model import FieldValue, Identification, Notices, Record
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Pack, RecordType

Verdict = Literal["accepted", "duplicate", "conflict", "rejected"]
SubmissionKind = Literal["record", "batch", "file", "correction"]


@dataclass(frozen=True, slots=True)
class Reporter:
    """The agency that submits, and for whom its client acts."""

    agency_code: str
    jurisdiction: str
    region: str
    roles: frozenset[str]
    client_id: str


@dataclass(frozen=True, slots=True)
class SentForm:
    """One record exactly as it was sent: a JSON object, or the cells of a CSV row under `columns`
    (targets such as `fields.decided_on`)."""

    value: Mapping[str, JsonValue] | tuple[str, ...]
    columns: tuple[str, ...] = ()
    numeric: tuple[int, ...] = ()
    """Positions of the cells that a workbook stored as numbers."""

    def as_json(self) -> JsonValue:
        """The form the archive keeps."""
        return list(self.value) if isinstance(self.value, tuple) else dict(self.value)

    def numeric_pointers(self) -> frozenset[str]:
        """JSON pointers of what was stored as a number."""
        return frozenset("/" + self.columns[at].replace(".", "/", 1) for at in self.numeric)


class Note(NamedTuple):
    """What was written differently in one value: where, by which rule, and what it is now."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A record that meets every rule that can be checked without looking anything up."""

    record_type: RecordType
    identification: Identification
    fields: Mapping[str, FieldValue]
    notices: Notices
    occurred_on: str
    due_on: str
    severity: str
    due_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record of a submission: its place, the sent form and what examination found."""

    position: int
    """Index in a batch, row of a file, 0 for a single record."""
    sent: SentForm
    examined: Examined | tuple[Fault, ...]
    notes: tuple[Note, ...] = ()
    """What was tidied before it was examined."""
    record: Mapping[str, JsonValue] | None = None
    """What was examined in the end, where a row of cells was refused."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The frame of one record, batch or file chunk: who sent it, when it was received, what
    arrived."""

    kind: SubmissionKind
    reporter: Reporter
    pack: Pack
    received_at: str
    received_on: str
    """The civil day of receipt in Asia/Shanghai: what deadlines are compared with."""
    received_sha256: str
    """SHA-256 (hex) of the bytes received; empty for a file, whose upload states it."""
    stored_at: str
    """The instant of storing: for a file later than that of receipt."""
    upload_id: str = ""
    chunk: int = 0
    file_type: str = ""
    """The type a file's upload states; empty where each row states its own."""


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """A row of a file that was refused for good, without anything of what it held but its date:
    what the agency still has to put right."""

    row: int
    row_id: str
    """The id its record would have, where the row tells that much; else a keyed digest of the row,
    so that the same row sent again is the same refusal."""
    type: str
    decided_on: str
    """The date of decision (ISO); empty where the row has none that can be read."""
    due_on: str
    """The last day on which the fact is reported in time; empty without a date or a limit."""
    faults: tuple[tuple[str, str], ...]
    """(field, rule) of what is wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record of a submission."""

    position: int
    verdict: Verdict
    record: Record | None = None
    """For accepted and duplicate: the version that holds this content."""
    faults: tuple[Fault, ...] = ()
    contest: tuple[tuple[int, str], ...] = ()
    """(row, content digest) of other rows of the same file that state the same fact: what this
    row gave way to, or took the record from. Settled when the file is finished."""
    content_mac: str = ""
    """Digest of the content submitted: tells which version a duplicate equals."""


ReceiptClaims: TypeAlias = "dict[str, str | int | bool | None]"
