"""Pure rules of intake: is this record acceptable, which fact is it, is its content known.

Nothing is looked up here. What needs the store (is the subject registered, does the name match)
is judged in `acceptance` with `subject_faults`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date

from chalicelib.creditfile.model import FieldValue, Identification, Notices, Record, Subject
from chalicelib.creditfile.rules import reporting_due
from chalicelib.intake.model import Examined, ReceiptClaims, Reporter
from chalicelib.intake.rules_subject import (
    counterpart_faults,
    exclusion_faults,
    identification_of,
    respelled,
    text_of,
)
from chalicelib.kernel.canonical import JsonValue, canonical_json
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.keyring import Keyring
from chalicelib.kernel.masking import scrub
from chalicelib.policy.base import PERSONS, SUBJECT_KINDS
from chalicelib.policy.fields import checker_of, printable
from chalicelib.policy.model import Pack, RecordType

MAX_PROOF = 500
_ENVELOPE = frozenset({"type", "subject", "fields", "notices"})
_NOTICES = frozenset({"decision_delivered_on", "repair_delivered_on", "proof"})
_NOTICE_TITLES = {
    "decision_delivered_on": "决定书送达日期",
    "repair_delivered_on": "信用修复告知书送达日期",
}


def examine(
    pack: Pack,
    reporter: Reporter,
    sent: Mapping[str, object],
    today: date,
    allowed: Container[str] = (),
) -> Examined | tuple[Fault, ...]:
    """Check one submitted record (`type`, `subject`, `fields`, `notices`) against the catalog.

    `today` is the civil date of receipt; `allowed` holds the unified codes on the credit office's
    list of exceptions. Returns every fault at once, so that a clerk corrects once.
    """
    record_type, faults = _type_of(pack, reporter, sent)
    if record_type is None:
        return tuple(faults)
    faults.extend(
        Fault(f"/{printable(name)}", "unknown_field", f"没有名为“{printable(name)}”的内容")
        for name in sent
        if name not in _ENVELOPE
    )
    named = identification_of(record_type, sent, today, allowed, faults)
    content = examine_content(
        record_type, sent.get("fields"), sent.get("notices"), today, faults, allowed
    )
    if named is not None and content is not None:
        is_person = named.is_person
        faults.extend(counterpart_faults(record_type, named, content[0], is_person=is_person))
    if faults or named is None or content is None:
        return tuple(faults)
    return judged(pack, record_type, named, content)


def examine_content(
    record_type: RecordType,
    raw_fields: object,
    raw_notices: object,
    today: date,
    faults: list[Fault],
    allowed: Container[str] = (),
) -> tuple[Mapping[str, FieldValue], Notices] | None:
    """Check fields and notices; None where anything was added to `faults`."""
    before = len(faults)
    notices = _notices(raw_notices, today, faults)
    if not isinstance(raw_fields, Mapping):
        faults.append(Fault("/fields", "not_an_object", "“fields”应是一个对象，按目录填写各字段"))
        return None
    raw = respelled(record_type, raw_fields) if record_type.spellings else raw_fields
    values, field_faults = checker_of(record_type).normalise(raw, today, allowed)
    faults.extend(field_faults)
    if record_type.exclusions:
        faults.extend(exclusion_faults(record_type, values))
    return None if notices is None or len(faults) > before else (values, notices)


def judged(
    pack: Pack,
    record_type: RecordType,
    identification: Identification,
    content: tuple[Mapping[str, FieldValue], Notices],
) -> Examined:
    """Good content with what the pack concludes from it: day, deadline, severity."""
    values, notices = content
    occurred_on = str(values[record_type.date_field])
    due_on, due_provisional = reporting_due(pack, record_type, occurred_on)
    return Examined(
        record_type=record_type,
        identification=identification,
        fields=values,
        notices=notices,
        occurred_on=occurred_on,
        due_on=due_on,
        severity=record_type.severity_of(values, date.fromisoformat(occurred_on)) or "",
        due_provisional=due_provisional,
    )


def _type_of(
    pack: Pack, reporter: Reporter, sent: Mapping[str, object]
) -> tuple[RecordType | None, list[Fault]]:
    code = sent.get("type")
    if not isinstance(code, str) or not code:
        return None, [Fault("/type", "required", "“type”必须填写归集目录中的信息类型代码")]
    record_type = pack.types.get(code)
    if record_type is None:
        message = f"“{pack.title}”的归集目录中没有信息类型“{printable(code)}”，目录外信息不得归集"
        return None, [Fault("/type", "unknown_type", message)]
    if record_type.reporters and not reporter.roles & set(record_type.reporters):
        message = f"“{record_type.title}”由{record_type.reported_by}报送，本单位不能报送"
        return None, [Fault("/type", "not_a_reporter", message)]
    return record_type, []


def _notices(sent: object, today: date, faults: list[Fault]) -> Notices | None:
    if sent is None:
        return Notices()
    if not isinstance(sent, Mapping):
        faults.append(Fault("/notices", "not_an_object", "“notices”应是一个对象"))
        return None
    before = len(faults)
    for name in sent:
        if name not in _NOTICES:
            shown = printable(str(name))
            faults.append(Fault(f"/notices/{shown}", "unknown_field", f"送达信息中没有“{shown}”"))
    days: dict[str, str] = {}
    for name, title in _NOTICE_TITLES.items():
        text = text_of(sent.get(name)).replace("/", "-")
        if not text:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            faults.append(Fault(f"/notices/{name}", "not_a_date", f"“{title}”应写作 2026-03-01"))
            continue
        if day > today:
            faults.append(Fault(f"/notices/{name}", "in_future", f"“{title}”不能晚于今天"))
        days[name] = day.isoformat()
    proof = _proof(sent.get("proof"), bool(days), faults)
    if len(faults) > before:
        return None
    return Notices(
        days.get("decision_delivered_on", ""), days.get("repair_delivered_on", ""), proof
    )


def _proof(sent: object, is_needed: bool, faults: list[Fault]) -> str:
    proof, where = text_of(sent), "/notices/proof"
    if is_needed and not proof:
        faults.append(Fault(where, "required", "填写送达日期时须注明送达证明，例如送达回证编号"))
    if holds_personal_number(proof):
        faults.append(Fault(where, "personal_number", PERSONAL_NUMBER))
    if len(proof) > MAX_PROOF:
        faults.append(Fault(where, "too_long", f"送达证明不超过 {MAX_PROOF} 字"))
    return proof


PERSONAL_NUMBER = "这里不加密保存，请不要写公民身份号码或手机号码"


def holds_personal_number(text: str) -> bool:
    """Whether free text that is kept in the clear holds a citizen code or a mobile number."""
    return scrub(text) != text


def kind_at_first_sight(record_type: RecordType, identification: Identification) -> str:
    """The kind of a subject nobody has registered, told by its code (GB 32100 positions 1-2).
    Empty if the type does not allow for it."""
    if identification.is_person:
        kind = "person"
    elif identification.registration_number or identification.unified_code.startswith("92"):
        kind = "sole_trader"
    elif identification.unified_code[0] in "9AN":
        kind = "enterprise"
    else:
        kind = "organisation"
    return kind if kind in record_type.about else ""


def subject_faults(
    examined: Examined, subject: Subject | None, submitted_name_mac: str
) -> tuple[Fault, ...]:
    """What is wrong between a record and the subject the register knows (None: unknown)."""
    record_type, named = examined.record_type, examined.identification
    where = "/subject/citizen_code" if named.is_person else "/subject/unified_code"
    if subject is None:
        if record_type.registration == "required":
            message = "该主体尚未登记，请先由信用办登记后再报送"
            return (Fault(where, "subject_not_registered", message),)
        if not kind_at_first_sight(record_type, named):
            message = f"“{record_type.title}”不记录这类主体"
            return (Fault(where, "wrong_subject_kind", message),)
        return ()
    if subject.kind not in record_type.about and not (
        # A registered official is still a natural person to a licence or a penalty.
        subject.kind in PERSONS and "person" in record_type.about
    ):
        kind = next((title for code, title in SUBJECT_KINDS.items() if code == subject.kind), "")
        message = f"“{record_type.title}”不记录{kind or '这类主体'}"
        return (Fault(where, "wrong_subject_kind", message),)
    if subject.name_mac != submitted_name_mac:
        message = "主体名称与登记的名称不一致，请核对代码和名称"
        return (Fault("/subject/name", "name_mismatch", message),)
    return ()


def record_id_of(keyring: Keyring, reporter: Reporter, examined: Examined, subject_id: str) -> str:
    """The id of the fact (design §2.6): the same fact reported twice is one record."""
    return fact_id(keyring, reporter, examined.record_type, examined.fields, subject_id)


def fact_id(
    keyring: Keyring,
    reporter: Reporter,
    record_type: RecordType,
    fields: Mapping[str, FieldValue],
    subject_id: str,
) -> str:
    """`record_id_of` where not the whole record is known, but all fields of its key."""
    parts = [str(fields.get(code, "")) for code in record_type.key_of(fields)]
    digest = keyring.mac(
        "record_id",
        reporter.jurisdiction,
        record_type.code,
        subject_id,
        reporter.agency_code,
        *parts,
    )
    return id_text("r", digest)


def content_mac_of(
    keyring: Keyring,
    subject_id: str,
    fields: Mapping[str, FieldValue],
    notices: Notices,
) -> str:
    """The keyed digest of what a version says; equal content means a duplicate."""
    content: dict[str, JsonValue] = {
        "subject": subject_id,
        "fields": dict(fields),
        "notices": [notices.decision_delivered_on, notices.repair_delivered_on, notices.proof],
    }
    return keyring.mac("record_content", canonical_json(content)).hex()[:32]


def split_personal(
    record_type: RecordType, fields: Mapping[str, FieldValue]
) -> tuple[dict[str, FieldValue], dict[str, FieldValue]]:
    """(plain fields, personal fields)."""
    personal = personal_codes(record_type)
    if personal.isdisjoint(fields):
        return dict(fields), {}
    plain = {code: value for code, value in fields.items() if code not in personal}
    return plain, {code: value for code, value in fields.items() if code in personal}


def personal_codes(record_type: RecordType) -> frozenset[str]:
    """The codes of a type's personal fields."""
    kept = _PERSONAL.get(id(record_type))
    if kept is None or kept[0] is not record_type:
        if len(_PERSONAL) >= _MOST_TYPES:
            _PERSONAL.clear()
        codes = frozenset(field.code for field in record_type.fields if field.personal)
        kept = _PERSONAL[id(record_type)] = (record_type, codes)
    return kept[1]


# Asked several times for every row of a file. By identity, because hashing a type costs more than
# going through its fields; the type is kept beside, so that its id cannot become another's.
_PERSONAL: dict[int, tuple[RecordType, frozenset[str]]] = {}
_MOST_TYPES = 1024


def receipt_claims(record: Record, sha256: str) -> ReceiptClaims:
    """What a receipt states: what was received, its digest, when, against which deadline.

    Derived from stored facts alone, so that a duplicate is answered with the first receipt.
    """
    return {
        "iss": "govcredit",
        "jurisdiction": record.jurisdiction,
        "agency": record.reporter,
        "type": record.type,
        "record_id": record.record_id,
        "version": record.version,
        "position": record.position if record.upload is None else record.upload.row,
        "upload_id": None if record.upload is None else record.upload.upload_id,
        "sha256": sha256,
        "received_at": record.received_at,
        "occurred_on": record.occurred_on,
        "due_on": record.due_on or None,
        "due_provisional": record.due_provisional,
        "on_time": record.on_time,
        "pack": record.pack,
    }
