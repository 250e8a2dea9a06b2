"""Subjects and records: what a credit file is made of.

A subject is a body (known by its unified code) or a person (known by a random id; name and citizen
code only sealed). A record is one fact about one subject, reported by one agency, in versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from chalicelib.policy.base import PERSONS

FieldValue: TypeAlias = "str | int | bool"
Status = Literal["active", "withdrawn"]


def body_id(unified_code: str) -> str:
    """The subject id of a body: its unified code is public, so the id may show it."""
    return f"b_{unified_code}"


@dataclass(frozen=True, slots=True)
class Identification:
    """How a submission names its subject: one code, and the name to check it against. A sole
    trader who has no unified code is named by its registration number (工商注册号)."""

    unified_code: str
    citizen_code: str
    name: str
    registration_number: str = ""

    @property
    def is_person(self) -> bool:
        """Whether a citizen code names the subject."""
        return bool(self.citizen_code)


@dataclass(frozen=True, slots=True)
class Subject:
    """信用主体. A person's name and code are only in `sealed_profile`."""

    subject_id: str
    kind: str
    jurisdiction: str
    region: str
    wrapped_key: str
    """The subject's data key, wrapped; empty once the person was erased."""
    name_mac: str
    """Keyed digest of the name: lets a submission be checked without opening anything."""
    unified_code: str = ""
    registration_number: str = ""
    """工商注册号 of a sole trader without a unified code; empty for everybody else."""
    name: str = ""
    level: str = ""
    superior: str = ""
    """Unified code of the body above."""
    employer: str = ""
    """For a public official: unified code of the body."""
    sealed_profile: str = ""
    registered: bool = True
    """False: created at first sight of a licence or penalty about it."""
    version: int = 1
    updated_at: str = ""
    erased_at: str = ""
    """When the person was erased; empty otherwise."""
    erased_by: str = ""
    """The client that erased the person."""
    erasure_reason: str = ""

    @property
    def is_person(self) -> bool:
        """Whether this is a human being."""
        return self.kind in PERSONS

    @property
    def is_erased(self) -> bool:
        """Whether the person was erased: what was sealed can never be read again."""
        return bool(self.erased_at)


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """What is sealed about a person. Only ever in memory."""

    name: str
    citizen_code: str
    post: str = ""


@dataclass(frozen=True, slots=True)
class Notices:
    """Delivery of the decision notice and the repair notice (两书同达), as stated by the agency.
    What cases delivered is in the standing; `rules_standing.notices_of` tells both together."""

    decision_delivered_on: str = ""
    repair_delivered_on: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """标注: what is shown beside a record as long as the case that set it does not take it off."""

    code: str
    text: str
    since: str
    """ISO date."""
    case_id: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The subject's own statement on a record. A body's is in `text`; a person's only in `sealed`,
    under the person's own key."""

    text: str
    sealed: str
    made_on: str
    """ISO date."""
    case_id: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something decided about a record for good: on which day (ISO), in which case, and why."""

    on: str
    case_id: str
    grounds: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice a case delivered. `notice` is a NoticeKind of the case effects, `delivered_on` an
    ISO date."""

    notice: str
    delivered_on: str
    proof: str
    case_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What cases did to a record. It goes wherever the record goes; what the reporting agency sends
    never changes it."""

    marks: tuple[Mark, ...] = ()
    statement: Statement | None = None
    repaired: Deed | None = None
    """Credit repair was completed (信用修复): publication has ended."""
    sharing_ended: bool = False
    """停止共享和使用: who saw the record by sharing no longer does."""
    measures_ended: bool = False
    exempted: Deed | None = None
    """Recognised as a good-faith error (容错): not a dishonesty record."""
    eased: Deed | None = None
    """Measures lightened or waived (从轻、减免、免于); `grounds` says how far."""
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivePointer:
    """Where the original lies: a line [offset, offset + length) of one locked object version."""

    key: str
    version_id: str
    sha256: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class UploadRow:
    """The file row a record came from. Among equal keys of one file the lowest row wins;
    `displaced` are (row, content digest) of the higher rows this one took the record from."""

    upload_id: str
    row: int
    displaced: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """信用信息: one version of one fact. Dates are civil dates (ISO), instants UTC."""

    record_id: str
    version: int
    jurisdiction: str
    region: str
    """Region of the reporting agency: what a credit office's scope is checked against."""
    type: str
    category: str
    dishonesty: bool
    """False once it was recognised as a good-faith error, whatever its type says."""
    severity: str
    subject_id: str
    subject_kind: str
    subject_code: str
    subject_name: str
    """Name of a body; empty for persons, whose names are only sealed."""
    reporter: str
    """Unified code of the reporting agency."""
    occurred_on: str
    fields: Mapping[str, FieldValue]
    sealed: Mapping[str, str]
    """Personal fields, sealed under the subject's data key."""
    notices: Notices
    status: Status
    content_mac: str
    known: Mapping[str, int]
    """Content digest of every version -> that version: how a duplicate is recognised."""
    pack: str
    received_at: str
    received_sha256: str
    """SHA-256 of the bytes received (sealed when the subject is a person, whose record could be
    guessed from it); empty for a file row, whose receipt is the upload's."""
    due_on: str
    """Last day on which reporting was on time; empty if the type has no limit."""
    on_time: bool
    archive: ArchivePointer
    submitted_by: str
    changed_at: str
    upload: UploadRow | None = None
    position: int = 0
    """Index within the submission (0 for a single record)."""
    reason: str = ""
    """Why this version was made, for corrections and withdrawals."""
    supersedes: str = ""
    superseded_by: str = ""
    due_provisional: bool = False
    """`due_on` reaches into a year whose holidays were not published; it is counted again."""
    due_calendar: str = ""
    """Version of the pack whose calendar settled a provisional deadline; empty: that of `pack`."""
    standing: Standing = Standing()


@dataclass(frozen=True, slots=True)
class RecordBrief:
    """What is read of a record where many are only counted."""

    record_id: str
    type: str
    reporter: str
    jurisdiction: str
    occurred_on: str
    is_active: bool
    """Not withdrawn."""
    on_time: bool
    version: int


@dataclass(frozen=True, slots=True)
class RecordReference:
    """A record as it was: what an evaluation pins."""

    record_id: str
    version: int


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one row of a subject import."""

    row: int
    outcome: Literal["created", "updated", "unchanged", "rejected"]
    subject_id: str = ""
    faults: tuple[tuple[str, str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What evaluating needs of a record: a third of what is kept of it, read much faster."""

    record_id: str
    version: int
    type: str
    occurred_on: str
    status: str
    severity: str
    subject_id: str
    on_time: bool
    due_on: str
    upload_id: str
    fields: Mapping[str, FieldValue]
    standing: Standing
