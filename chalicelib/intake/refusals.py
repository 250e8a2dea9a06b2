"""Which rows of a file were refused for good, told without what they held: the date of decision,
the fact where the row tells it, the rules that were broken. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping
from datetime import date

from chalicelib.creditfile.model import FieldValue
from chalicelib.creditfile.rules import reporting_due_on
from chalicelib.creditfile.service import body_id, known_id
from chalicelib.intake.model import Candidate, Examined, Outcome, RefusedFact, Submission
from chalicelib.intake.rules import fact_id
from chalicelib.intake.rules_subject import MUST_NOT_BE_REPORTED
from chalicelib.kernel.codes import unified_code_fault
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.keyring import Keyring
from chalicelib.policy.fields import checker_of
from chalicelib.policy.model import RecordType

MOST_FAULTS = 8
# A pointer may name a field of the sender's own making, which may be anything.
_KNOWN_POINTER = re.compile(r"/(type|subject|fields|notices)(/[a-z][a-z_]{0,63})?")


def refusals(
    keyring: Keyring,
    submission: Submission,
    candidates: Iterable[Candidate],
    outcomes: Iterable[Outcome],
    allowed: Container[str],
) -> list[RefusedFact]:
    """One refusal per row that was refused for good; rows in a contest are settled elsewhere, and
    their fact is on file whoever wins. Of what must not be reported at all nothing is owed, and
    nothing is kept. `allowed`: genuine codes that fail their check."""
    return [
        _refusal(keyring, submission, candidate, outcome, allowed)
        for candidate, outcome in zip(candidates, outcomes, strict=True)
        if outcome.verdict in ("rejected", "conflict") and not outcome.contest
        if all(fault.code != MUST_NOT_BE_REPORTED for fault in outcome.faults)
    ]


def _refusal(
    keyring: Keyring,
    submission: Submission,
    candidate: Candidate,
    outcome: Outcome,
    allowed: Container[str],
) -> RefusedFact:
    type_code, fields, subject_id = _read(candidate, submission, allowed)
    record_type = submission.pack.types.get(type_code)
    decided_on = due_on = record_id = ""
    if outcome.record is not None:
        record_id, decided_on = outcome.record.record_id, outcome.record.occurred_on
        due_on = outcome.record.due_on
    elif record_type is not None:
        decided_on = str(fields.get(record_type.date_field, ""))
        if decided_on > submission.received_on:
            decided_on = ""
        due_on = reporting_due_on(submission.pack, record_type, decided_on) if decided_on else ""
        record_id = _record_id(keyring, submission, record_type, fields, subject_id)
    return RefusedFact(
        row=candidate.position,
        row_id=record_id or _digest(keyring, submission, candidate),
        type=type_code,
        decided_on=decided_on,
        due_on=due_on,
        faults=tuple(_told(fault) for fault in outcome.faults[:MOST_FAULTS]),
    )


def _read(
    candidate: Candidate, submission: Submission, allowed: Container[str]
) -> tuple[str, Mapping[str, FieldValue], str]:
    """(type, the fields that can be read, subject id) of a row; empty where there is none."""
    examined = candidate.examined
    if isinstance(examined, Examined):
        named = examined.identification
        subject_id = "" if named.is_person else known_id(named)
        return examined.record_type.code, examined.fields, subject_id
    record = candidate.record
    if record is None:
        record = candidate.sent.value if isinstance(candidate.sent.value, Mapping) else {}
    type_code = str(record.get("type", submission.file_type))
    record_type = submission.pack.types.get(type_code)
    if record_type is None:
        return "", {}, ""
    fields, subject = record.get("fields"), record.get("subject")
    today = date.fromisoformat(submission.received_on)
    raw = fields if isinstance(fields, Mapping) else {}
    values, _ = checker_of(record_type).normalise(raw, today, allowed)
    code = subject.get("unified_code") if isinstance(subject, Mapping) else ""
    sound = isinstance(code, str) and not unified_code_fault(code.strip(), allowed)
    return type_code, values, body_id(str(code).strip()) if sound else ""


def _record_id(
    keyring: Keyring,
    submission: Submission,
    record_type: RecordType,
    fields: Mapping[str, FieldValue],
    subject_id: str,
) -> str:
    """The id of the fact about a body; a person's own id is not known here."""
    if not subject_id or not all(code in fields for code in record_type.key_of(fields)):
        return ""
    return fact_id(keyring, submission.reporter, record_type, fields, subject_id)


def _digest(keyring: Keyring, submission: Submission, candidate: Candidate) -> str:
    agency, sent = submission.reporter.agency_code, candidate.sent.as_json()
    # A row that could not be taken apart is known by its place alone.
    row = json.dumps(sent or [submission.upload_id, candidate.position], sort_keys=True)
    return id_text("x", keyring.mac("refused_row", agency, submission.file_type, row))


def _told(fault: Fault) -> tuple[str, str]:
    known = _KNOWN_POINTER.match(fault.pointer)
    return (known.group(0) if known else "", fault.code)
