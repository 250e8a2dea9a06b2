"""Originals: what was accepted, as it was sent, locked in the archive; and the proof of a record.

One object per submission (or chunk of a file), JSON Lines. The first line is the frame; each
further line one record: its id, its type and the sent form with personal values replaced by ones
sealed under the subject's key. A keyed digest of the sent form lets anyone with the platform's key
rebuild and compare. Destroying the subject's key erases the personal values here too.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.aws.platform import Platform
from chalicelib.creditfile.model import ArchivePointer, FieldValue, Notices, Record, Subject
from chalicelib.creditfile.rules import mask_value
from chalicelib.intake.model import Candidate, Examined, SentForm, Submission
from chalicelib.intake.rules import content_mac_of, examine_content, personal_codes
from chalicelib.intake.splitting import row_record
from chalicelib.intake.tidying import tidied
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.keyring import Keyring, SubjectKey
from chalicelib.kernel.masking import mask_citizen_code, mask_name, scrub
from chalicelib.policy.model import RecordType

FORMAT = "govcredit-original/1"
_MASKS = {"citizen_code": mask_citizen_code, "name": mask_name}
_SUBJECT_PERSONAL = tuple(_MASKS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record about to be archived. `key` is None where nothing of it is personal."""

    candidate: Candidate
    examined: Examined
    record_id: str
    content_mac: str
    key: SubjectKey | None


def archive(
    platform: Platform, submission: Submission, entries: Sequence[Entry]
) -> dict[int, ArchivePointer]:
    """Lock the originals of `entries` in one object; where each one lies, by position.

    The object's key is a digest of what it holds, and it is written only once: archiving again
    after a failure finds the first object instead of making a second.
    """
    keyring = platform.keyring
    macs = [sent_mac(keyring, entry.candidate.sent) for entry in entries]
    frame = _frame(submission, entries)
    identity = keyring.mac(
        "original",
        json.dumps(frame, sort_keys=True),
        # Each of the three has one length, so that joined they still say which is which.
        "".join(
            entry.record_id + entry.content_mac + mac
            for entry, mac in zip(entries, macs, strict=True)
        ),
    )
    frame["received_at"] = submission.received_at
    lines = [_line(frame)]
    lines += [_line(_entry(platform, entry, mac)) for entry, mac in zip(entries, macs, strict=True)]
    stored = platform.archive.put_once(
        _object_key(submission, id_text("o", identity)),
        b"".join(lines),
        content_type="application/x-ndjson",
    )
    pointers: dict[int, ArchivePointer] = {}
    offset = len(lines[0])
    for entry, line in zip(entries, lines[1:], strict=True):
        pointers[entry.candidate.position] = ArchivePointer(
            stored.key, stored.version_id, stored.sha256, offset, len(line)
        )
        offset += len(line)
    return pointers


def _frame(submission: Submission, entries: Sequence[Entry]) -> dict[str, JsonValue]:
    reporter = submission.reporter
    frame: dict[str, JsonValue] = {
        "format": FORMAT,
        "submission": submission.kind,
        "jurisdiction": reporter.jurisdiction,
        "agency": reporter.agency_code,
        "submitted_by": reporter.client_id,
        "pack": submission.pack.version,
    }
    if submission.upload_id:
        frame["upload_id"] = submission.upload_id
        frame["chunk"] = submission.chunk
    columns = entries[0].candidate.sent.columns
    if columns:
        frame["columns"] = list(columns)
    return frame


def _object_key(submission: Submission, identity: str) -> str:
    folder = f"originals/{submission.reporter.jurisdiction}"
    if submission.upload_id:
        return f"{folder}/{submission.upload_id}/{submission.chunk:05d}-{identity}.jsonl"
    return f"{folder}/{submission.received_at[:7]}/{identity}.jsonl"


def _entry(platform: Platform, entry: Entry, mac: str) -> dict[str, JsonValue]:
    sent, key, examined = entry.candidate.sent, entry.key, entry.examined
    if key is not None:
        seal = functools.partial(key.seal, ids=platform.ids)
        person = examined.identification.is_person
        sent = _replaced(sent, examined.record_type, seal, json.dumps, person=person)
    line: dict[str, JsonValue] = {
        "record_id": entry.record_id,
        "type": examined.record_type.code,
        "position": entry.candidate.position,
        "sent": sent.as_json(),
        "sent_mac": mac,
    }
    # What was tidied is tidied again when the record is proved; only then are these asked for.
    return {**line, "numeric": list(sent.numeric)} if sent.numeric else line


# Not sorted: the sent form keeps the order in which it was sent.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _line(value: Mapping[str, JsonValue]) -> bytes:
    return _encode(value).encode() + b"\n"


def sent_mac(keyring: Keyring, sent: SentForm) -> str:
    """The keyed digest of a sent form."""
    return keyring.mac("sent_form", canonical_json(sent.as_json())).hex()


def _replaced(
    sent: SentForm,
    record_type: RecordType,
    change: Callable[[str], str],
    spell: Callable[[JsonValue], str],
    *,
    person: bool,
) -> SentForm:
    """The sent form with every personal value put through `change`. A value in a JSON object is
    spelled as JSON first, so that a number comes back as a number; a CSV cell is text anyway."""
    personal = _personal_targets(record_type, person=person)
    if isinstance(sent.value, tuple):
        cells = tuple(
            change(cell) if column in personal and cell else cell
            for column, cell in zip(sent.columns, sent.value, strict=True)
        )
        return SentForm(cells, sent.columns, sent.numeric)
    copy: dict[str, JsonValue] = dict(sent.value)
    for part in ("subject", "fields"):
        inner = copy.get(part)
        if isinstance(inner, Mapping):
            copy[part] = {
                name: change(spell(value))
                if f"{part}.{name}" in personal and value is not None
                else value
                for name, value in inner.items()
            }
    return SentForm(copy)


def _personal_targets(record_type: RecordType, *, person: bool) -> set[str]:
    targets = {f"fields.{code}" for code in personal_codes(record_type)}
    return targets | {f"subject.{name}" for name in _SUBJECT_PERSONAL} if person else targets


def has_personal(
    record_type: RecordType, fields: Mapping[str, FieldValue], *, person: bool
) -> bool:
    """Whether a record with these fields (about a person, or not) holds anything to be sealed."""
    return person or not personal_codes(record_type).isdisjoint(fields)


@dataclass(frozen=True, slots=True)
class Original:
    """The archived original of a record, opened and checked."""

    sent: SentForm
    object_intact: bool
    """The object's bytes still have the SHA-256 noted in the record."""
    form_intact: bool
    """The rebuilt sent form has the digest noted beside it."""


def read_original(
    platform: Platform, record: Record, subject: Subject, record_type: RecordType
) -> Original:
    """Read, unseal and check the original of a record's version. Raises Erased, Missing."""
    pointer = record.archive
    body = platform.archive.read(pointer.key, pointer.version_id)
    line = json.loads(body[pointer.offset : pointer.offset + pointer.length])
    frame = json.loads(body[: body.index(b"\n")])
    sent = _sent_form(line["sent"], frame, line.get("numeric", ()))
    if subject.is_person or record.sealed:
        key = platform.keyring.open_key(subject.subject_id, subject.wrapped_key)
        sent = _restored(sent, key, record_type, person=subject.is_person)
    return Original(
        sent=sent,
        object_intact=hashlib.sha256(body).hexdigest() == pointer.sha256,
        form_intact=sent_mac(platform.keyring, sent) == line["sent_mac"],
    )


def _restored(
    sent: SentForm, key: SubjectKey, record_type: RecordType, *, person: bool
) -> SentForm:
    if isinstance(sent.value, tuple):
        return _replaced(sent, record_type, key.unseal, str, person=person)
    personal = _personal_targets(record_type, person=person)
    copy: dict[str, JsonValue] = dict(sent.value)
    for part in ("subject", "fields"):
        inner = copy.get(part)
        if isinstance(inner, Mapping):
            copy[part] = {
                name: json.loads(key.unseal(value))
                if f"{part}.{name}" in personal and isinstance(value, str)
                else value
                for name, value in inner.items()
            }
    return SentForm(copy)


def _sent_form(
    value: JsonValue, frame: Mapping[str, JsonValue], numeric: Sequence[int]
) -> SentForm:
    if isinstance(value, Mapping):
        return SentForm(value)
    if isinstance(value, list):
        columns = frame.get("columns")
        names = tuple(str(name) for name in columns) if isinstance(columns, list) else ()
        return SentForm(tuple(str(cell) for cell in value), names, tuple(numeric))
    raise ValueError("an original is an object or a row of cells")


class _WasChecked:
    """Every code: whether it might pass was judged on the day, by the list as it was then."""

    def __contains__(self, code: object) -> bool:
        return True


def content_matches(
    keyring: Keyring, record: Record, record_type: RecordType, sent: SentForm
) -> bool:
    """Whether the sent form, normalised anew under the pack it was decided under, is the content
    of this version of the record."""
    form = _as_record(sent, record_type.code)
    # On the day of receipt nothing in the form lay in the future; that rule was applied then.
    day = civil_date(parse_instant(record.changed_at))
    content, faults = _content(record_type, form, day)
    if content is None and isinstance(sent.value, tuple):
        tidy = tidied(record_type, form, faults, sent.numeric_pointers())
        content, _ = _content(record_type, tidy.record, day)
    if content is None:
        return False
    return content_mac_of(keyring, record.subject_id, *content) == record.content_mac


def _content(
    record_type: RecordType, form: Mapping[str, JsonValue], day: date
) -> tuple[tuple[Mapping[str, FieldValue], Notices] | None, list[Fault]]:
    faults: list[Fault] = []
    fields, notices = form.get("fields"), form.get("notices")
    content = examine_content(record_type, fields, notices, day, faults, _WasChecked())
    return content, faults


def _as_record(sent: SentForm, type_code: str) -> Mapping[str, JsonValue]:
    if not isinstance(sent.value, tuple):
        return sent.value
    return row_record(sent.columns, sent.value, type_code)


def masked(sent: SentForm, record_type: RecordType, *, person: bool) -> SentForm:
    """The sent form as someone may see it who has no right to the personal values in it."""

    def hide(part: str, name: str, value: JsonValue) -> JsonValue:
        if part == "subject":
            return _MASKS[name](str(value)) if person and name in _MASKS and value else value
        if part == "notices":
            return scrub(value) if isinstance(value, str) else value
        entry = record_type.field(name)
        return None if entry is None else mask_value(entry, value)

    if isinstance(sent.value, tuple):
        cells = []
        for column, cell in zip(sent.columns, sent.value, strict=True):
            part, _, name = column.partition(".")
            cells.append(str(hide(part, name, cell) or "") if cell else cell)
        return SentForm(tuple(cells), sent.columns, sent.numeric)
    shown: dict[str, JsonValue] = {}
    for part, inner in sent.value.items():
        is_part = part in ("subject", "fields", "notices") and isinstance(inner, Mapping)
        shown[part] = (
            {name: hide(part, name, value) for name, value in inner.items()}
            if is_part and isinstance(inner, Mapping)
            else inner
        )
    return SentForm(shown)
