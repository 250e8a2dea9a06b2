"""What would become of rows if they were submitted now: examined, looked up and judged as intake
does, and nothing written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.intake import originals
from chalicelib.intake.judging import judge
from chalicelib.intake.lookup import Known, look_up
from chalicelib.intake.model import Candidate, Examined, Outcome, Submission
from chalicelib.intake.rules import content_mac_of, record_id_of, subject_faults
from chalicelib.intake.rules_preflight import Foreseen
from chalicelib.intake.splitting import row_record
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.keyring import Erased
from chalicelib.policy.fields import checker_of
from chalicelib.policy.model import RecordType

_SUBJECT_ITEMS = 2
"""Code and name of the subject: items of every record."""
_DIGEST = 16


def foresee(
    platform: Platform, submission: Submission, candidates: Sequence[Candidate], type_code: str
) -> list[Foreseen]:
    """What would become of each candidate, in order. Rows that repeat each other are all foreseen
    as the first: `rules_preflight.repeats` tells them apart. `type_code`: of rows of cells."""
    known = look_up(platform, submission, candidates)
    seeing = _Seeing(platform, submission, known)
    rows = [seeing.row(candidate, type_code) for candidate in candidates]
    return seeing.judged(rows)


class _Seeing:
    """Rows on their way; what one finds out is there for the next."""

    def __init__(self, platform: Platform, submission: Submission, known: Known) -> None:
        self._platform, self._submission, self._known = platform, submission, known
        self._subjects: dict[Key, Subject] = {}
        self._records: dict[int, tuple[Key, str]] = {}
        """Position -> where the record would lie, and the digest of its content."""
        assessment = submission.pack.assessments.get("collection")
        self._assessed = frozenset(assessment.types if assessment else ())

    def row(self, candidate: Candidate, type_code: str) -> Foreseen:
        """One row by itself; whether it is there already is judged later."""
        examined = candidate.examined
        if isinstance(examined, tuple):
            return self._refused(candidate, examined, type_code)
        faults = self._subject_faults(candidate, examined)
        record_type = examined.record_type
        needed = len(checker_of(record_type).needed(examined.fields)) + _SUBJECT_ITEMS
        row = Foreseen(
            position=candidate.position,
            verdict="rejected" if faults else "accepted",
            faults=faults,
            notes=candidate.notes,
            due_on=examined.due_on,
            provisional=examined.due_provisional,
            late=bool(examined.due_on) and self._submission.received_on > examined.due_on,
            assessed=record_type.code in self._assessed,
            filled=needed,
            required=needed,
        )
        return row if faults else self._placed(row, examined)

    def _subject_faults(self, candidate: Candidate, examined: Examined) -> tuple[Fault, ...]:
        place = self._known.places[candidate.position].subject
        subject = self._subject_at(place)
        mac = files.name_mac(self._platform.keyring, examined.identification.name)
        faults = subject_faults(examined, subject, mac)
        if subject is None:
            return faults
        person = examined.identification.is_person
        if not faults and not subject.wrapped_key and originals.has_personal(
            examined.record_type, examined.fields, person=person
        ):
            gone = Erased()
            return (Fault("/subject/citizen_code", gone.code, gone.detail),)
        return faults

    def _subject_at(self, place: Key) -> Subject | None:
        found = self._subjects.get(place)
        if found is None and place in self._known.items:
            found = self._subjects[place] = files.subject_from(self._known.items[place])
        return found

    def _placed(self, row: Foreseen, examined: Examined) -> Foreseen:
        keyring, where = self._platform.keyring, self._known.places[row.position]
        subject = self._subject_at(where.subject)
        if subject is None:
            row = replace(row, stranger=_digest(where.subject.pk), name=self._name_of(examined))
        # A person nobody knows has no id yet; the place of the look-up item tells rows apart.
        subject_id = where.subject.pk if subject is None else subject.subject_id
        if not examined.identification.is_person and subject is None:
            subject_id = files.known_id(examined.identification)
        record_id = where.record_id or record_id_of(
            keyring, self._submission.reporter, examined, subject_id
        )
        mac = content_mac_of(keyring, subject_id, examined.fields, examined.notices)
        self._records[row.position] = (files.record_key(self._platform, record_id), mac)
        return replace(row, fact=_digest(record_id), content=bytes.fromhex(mac[:_DIGEST]))

    def _name_of(self, examined: Examined) -> bytes:
        mac = files.name_mac(self._platform.keyring, examined.identification.name)
        return hashlib.blake2b(mac.encode(), digest_size=_DIGEST // 2).digest()

    def judged(self, rows: Sequence[Foreseen]) -> list[Foreseen]:
        """The rows as judged against the records that are there."""
        there = dict(self._known.items)
        unread = {key for key, _ in self._records.values()} - self._looked_up()
        there.update(batch_get(list(unread)))
        return [self._against(row, there) for row in rows]

    def _looked_up(self) -> set[Key]:
        ids = (place.record_id for place in self._known.places.values())
        return {files.record_key(self._platform, one) for one in ids if one}

    def _against(self, row: Foreseen, there: Mapping[Key, Item]) -> Foreseen:
        place = self._records.get(row.position)
        item = there.get(place[0]) if place is not None else None
        if place is None or item is None:
            return row
        judged = judge(row.position, place[1], self._submission, files.record_from(item))
        return row if judged is None else _as_judged(row, judged)

    def _refused(
        self, candidate: Candidate, faults: tuple[Fault, ...], type_code: str
    ) -> Foreseen:
        record = record_of(candidate, type_code)
        code = str(record.get("type", ""))
        record_type = self._submission.pack.types.get(code)
        filled, required = (0, 0) if record_type is None else _items(
            record_type, record, date.fromisoformat(self._submission.received_on)
        )
        return Foreseen(
            position=candidate.position,
            verdict="rejected",
            faults=faults,
            notes=candidate.notes,
            assessed=code in self._assessed,
            filled=filled,
            required=required,
        )


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=_DIGEST).digest()


def record_of(candidate: Candidate, type_code: str) -> Mapping[str, JsonValue]:
    """A candidate as the record it stands for, as it was sent."""
    sent = candidate.sent
    if not isinstance(sent.value, tuple):
        return sent.value
    return row_record(sent.columns, sent.value, type_code)


def _as_judged(row: Foreseen, judged: Outcome) -> Foreseen:
    if judged.verdict != "duplicate":
        return replace(row, verdict=judged.verdict, faults=judged.faults, fact=b"")
    there = judged.record
    name = there.record_id if there is not None else ""
    fault = Fault("", "duplicate", f"内容相同的信息已在档（编号 {name}），本次不会再收")
    return replace(row, verdict="duplicate", faults=(fault,), fact=b"")


def _items(
    record_type: RecordType, record: Mapping[str, JsonValue], today: date
) -> tuple[int, int]:
    """(items filled, items required) of a row that is refused; what is wrong is filled all the
    same: rightness is another rate."""
    raw, subject = record.get("fields"), record.get("subject")
    sent = raw if isinstance(raw, Mapping) else {}
    named = subject if isinstance(subject, Mapping) else {}
    checker = checker_of(record_type)
    values, _ = checker.normalise(sent, today)
    needed = checker.needed(values)
    codes = [value for name, value in named.items() if name != "name"]
    filled = sum(not checker.is_blank(code, sent.get(code)) for code in needed)
    filled += any(map(_is_filled, codes)) + _is_filled(named.get("name"))
    return filled, len(needed) + _SUBJECT_ITEMS


def _is_filled(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None
