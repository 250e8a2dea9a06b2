"""Pure facts about records: by when each was to be reported, what decides its publicity, and what
a reader sees of personal values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from chalicelib.access.permissions import AUDITOR, CREDIT_OFFICE, PERSONNEL, SUPERVISOR
from chalicelib.creditfile import model
from chalicelib.creditfile.model import Record, Standing
from chalicelib.creditfile.rules_standing import delivered, marks_shown
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.clock import parse_instant
from chalicelib.kernel.codes import CHECK_FAULTS, unified_code_fault
from chalicelib.kernel.deadlines import Deadline, Limit, deadline, due_or_provisional
from chalicelib.kernel.keyring import Keyring
from chalicelib.kernel.masking import mask_citizen_code, mask_name, scrub
from chalicelib.policy.base import SEVERITIES, SUBJECT_KINDS
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.publicity.model import Mark, Notice, PublicityFacts, Statement, Subject
from chalicelib.web.model import Caller

HONOUR_CATEGORIES: Final = frozenset({"honour", "commendation"})
"""Categories of the packs that a file shows apart, as honours."""

_KEEPERS: Final = frozenset({CREDIT_OFFICE, SUPERVISOR, AUDITOR})


@lru_cache(maxsize=1024)
def _limit(title: str, working_days: int, document: str, clause: str) -> Limit:
    return Limit(
        amount=working_days,
        unit="working_days",
        rule=f"“{title}”自决定之日起 {working_days} 个工作日内报送",
        basis=f"{document} {clause}".strip(),
    )


def reporting_limit(record_type: RecordType) -> Limit | None:
    """The time limit within which records of this type are to be reported, if it has one."""
    limit = record_type.time_limit
    if limit is None:
        return None
    return _limit(record_type.title, limit.working_days, limit.basis.document, limit.basis.clause)


def reporting_due_on(pack: Pack, record_type: RecordType, occurred_on: str) -> str:
    """The last day on which reporting is on time (ISO), or an empty text without a limit."""
    return reporting_due(pack, record_type, occurred_on)[0]


def reporting_due(pack: Pack, record_type: RecordType, occurred_on: str) -> tuple[str, bool]:
    """`reporting_due_on`, and whether it is provisional: the holidays of a year it reaches into
    were not yet published, so that it is counted again when they are."""
    limit = reporting_limit(record_type)
    if limit is None:
        return "", False
    day = date.fromisoformat(occurred_on)
    due, provisional = due_or_provisional(pack.calendar.working_days, day, limit)
    return due.isoformat(), provisional


def reporting_deadline(
    pack: Pack, record_type: RecordType, occurred_on: str, counted_with: Pack | None = None
) -> Deadline | None:
    """The reporting deadline with its working shown, day by day. `counted_with` is the pack whose
    calendar settled what was provisional under `pack`."""
    limit = reporting_limit(record_type)
    if limit is None:
        return None
    calendar = (counted_with or pack).calendar.working_days
    return deadline(calendar, date.fromisoformat(occurred_on), limit)


def code_notes(record: Record, record_type: RecordType) -> list[str]:
    """What to know of the unified codes of a record: those that fail their check passed by the
    credit office's list of exceptions."""
    codes = {"主体代码": record.subject_code} | {
        field.title: str(record.fields[field.code])
        for field in record_type.fields
        if field.kind == "unified_code" and field.code in record.fields
    }
    return [
        f"“{title}”校验不通过，依信用办核准的例外名单受理"
        for title, code in codes.items()
        if code and unified_code_fault(code) in CHECK_FAULTS
    ]


def publicity_facts(record: Record, pack: Pack, *, settled: bool) -> PublicityFacts | None:
    """What the publicity decision asks of a record, without its sealed values: they never change
    whether and until when it is public. None where the pack does not know its type or kind."""
    record_type, standing = pack.types.get(record.type), record.standing
    if record_type is None or record.subject_kind not in SUBJECT_KINDS:
        return None
    return PublicityFacts(
        record_id=record.record_id,
        version=record.version,
        type=record_type,
        rule=pack.publicity.get(record_type.publicity_term or ""),
        subject=Subject(record.subject_kind, record.subject_name, record.subject_code or None),
        decided_on=date.fromisoformat(record.occurred_on),
        fields=record.fields,
        severity=next((one for one in SEVERITIES if one == record.severity), None),
        settled_at=parse_instant(record.changed_at) if settled else None,
        decision_notice=_notice(*delivered(record, "decision")),
        repair_notice=_notice(*delivered(record, "repair")),
        withdrawn=record.status == "withdrawn",
        exempted=standing.exempted is not None,
        repaired=standing.repaired is not None,
        marks=tuple(
            Mark(one.code, one.text, date.fromisoformat(one.since)) for one in marks_shown(standing)
        ),
        statement=_statement(standing),
    )


def _statement(standing: Standing) -> Statement | None:
    said = standing.statement
    if said is None or said.sealed:
        return None
    return Statement(said.text, date.fromisoformat(said.made_on))


def _notice(delivered_on: str, proof: str) -> Notice | None:
    return Notice(date.fromisoformat(delivered_on), proof) if delivered_on else None


def sees_full(caller: Caller, subject: model.Subject) -> bool:
    """Whether the caller sees personal values of `subject`'s records as they are: the subject
    itself, and of a person the personnel department (whose approval the use case checks). Everybody
    else sees them masked, the agency that reported them included."""
    if caller.subject_id and caller.subject_id == subject.subject_id:
        return True
    return subject.is_person and PERSONNEL in caller.roles


def is_shared_with(caller: Caller, record: Record) -> bool:
    """Whether the caller may still see a record that lies within its scope. Once sharing has ended
    (停止共享和使用) who saw it by sharing does not: left are the subject, the agency that reported
    it, and those who watch over the file."""
    if not record.standing.sharing_ended:
        return True
    if caller.subject_id and caller.subject_id == record.subject_id:
        return True
    if caller.agency_code and caller.agency_code in (record.reporter, record.subject_code):
        return True
    return not _KEEPERS.isdisjoint(caller.roles)


def is_personal(entry: Field) -> bool:
    """Whether values of this field are personal. A citizen code is, whatever its entry in the
    catalog forgets to say."""
    return entry.personal or entry.mask is not None or entry.kind == "citizen_code"


def mask_value(entry: Field, value: JsonValue) -> JsonValue:
    """A value of this field as readers without full sight see it: a personal one masked (None:
    hidden altogether), text without the citizen codes and mobile numbers inside it."""
    if value is not None and is_personal(entry):
        if entry.mask == "name":
            return mask_name(str(value))
        return mask_citizen_code(str(value)) if entry.mask == "code" else None
    return scrub(value) if isinstance(value, str) and entry.kind == "text" else value


@dataclass(frozen=True, slots=True)
class ArchiveCommitment:
    """What the public is shown of an original: a digest that fixes it, made with a salt that only
    those learn who may see the original. So it can be compared and not guessed (design §2.10)."""

    salt: str
    digest: str


def archive_commitment(keyring: Keyring, record: Record) -> ArchiveCommitment:
    """SHA-256 in hex over salt (16 bytes), SHA-256 of the locked object (32 bytes), and the
    record's place in it (`offset:length`, ASCII)."""
    pointer = record.archive
    salt = keyring.mac("archive_commitment", record.record_id, str(record.version))[:16]
    place = f"{pointer.offset}:{pointer.length}".encode()
    digest = hashlib.sha256(salt + bytes.fromhex(pointer.sha256) + place).hexdigest()
    return ArchiveCommitment(salt.hex(), digest)
