"""Pure rules of whom a submission speaks about: which code names the subject, whether the fields
agree with it, and what must not be reported at all."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date

from chalicelib.creditfile.model import FieldValue, Identification
from chalicelib.kernel.codes import (
    CODE_MESSAGES,
    NUMBER_FORM,
    SENTINEL,
    citizen_code_fault,
    is_registration_number,
    unified_code_fault,
)
from chalicelib.kernel.errors import Fault
from chalicelib.policy.fields import printable
from chalicelib.policy.model import Counterpart, RecordType

MAX_NAME = 200
MUST_NOT_BE_REPORTED = "must_not_be_reported"
_SUBJECT = frozenset({"unified_code", "citizen_code", "name"})
_SOLE_TRADER = "92"
"""How unified codes of sole traders begin: 9 market supervision, 2 individual business."""


def identification_of(
    record_type: RecordType,
    sent: Mapping[str, object],
    today: date,
    allowed: Container[str],
    faults: list[Fault],
) -> Identification | None:
    """How a submission names its subject; None where anything was added to `faults`."""
    subject, fields = sent.get("subject"), sent.get("fields")
    if not isinstance(subject, Mapping):
        faults.append(Fault("/subject", "required", "“subject”必须填写：主体代码和名称"))
        return None
    before = len(faults)
    for name in subject:
        if name not in _SUBJECT:
            shown = printable(str(name))
            message = f"主体信息中没有“{shown}”"
            faults.append(Fault(f"/subject/{shown}", "unknown_field", message))
    unified, citizen, name = (
        text_of(subject.get(part)) for part in ("unified_code", "citizen_code", "name")
    )
    number = ""
    if unified == SENTINEL and record_type.counterpart is not None:
        # Beside a citizen code the sentinel stays what it is without this rule: a wrong code.
        if not citizen:
            number = _number(record_type.counterpart, fields, faults)
            unified = ""
    if sum(map(bool, (unified, citizen, number))) != 1 and len(faults) == before:
        message = "统一社会信用代码和公民身份号码须填写其中一个"
        faults.append(Fault("/subject", "one_code", message))
    fault = unified_code_fault(unified, allowed) if unified else None
    if fault:
        faults.append(Fault("/subject/unified_code", fault, CODE_MESSAGES[fault]))
    fault = citizen_code_fault(citizen, today) if citizen else None
    if fault:
        faults.append(Fault("/subject/citizen_code", fault, CODE_MESSAGES[fault]))
    _check_name(name, faults)
    return Identification(unified, citizen, name, number) if len(faults) == before else None


def _number(rule: Counterpart, fields: object, faults: list[Fault]) -> str:
    given = fields.get(rule.registration_number) if isinstance(fields, Mapping) else None
    number, where = text_of(given), f"/fields/{rule.registration_number}"
    if not number:
        message = "没有统一社会信用代码（填17个0加X）的个体工商户，工商注册号必须填写"
        faults.append(Fault(where, "required", message))
    elif not is_registration_number(number):
        faults.append(Fault(where, "registration_number", NUMBER_FORM))
    return number


def _check_name(name: str, faults: list[Fault]) -> None:
    if not name:
        faults.append(Fault("/subject/name", "required", "主体名称必须填写"))
    elif len(name) > MAX_NAME or not name.isprintable():
        message = f"主体名称应为不超过 {MAX_NAME} 字的可见文字"
        faults.append(Fault("/subject/name", "malformed", message))


def counterpart_faults(
    record_type: RecordType,
    named: Identification,
    values: Mapping[str, FieldValue],
    *,
    is_person: bool,
) -> list[Fault]:
    """What does not fit between the stated category of the counterpart and the code that names
    it. `named` may lack a person's code (a correction does not open it): hence `is_person`."""
    rule = record_type.counterpart
    if rule is None:
        return []
    stated = values.get(rule.category)
    if is_person:
        expected, why = rule.natural_person, "以公民身份号码标识的是自然人"
    elif named.registration_number:
        expected, why = rule.sole_trader, "以工商注册号标识的是个体工商户"
    elif named.unified_code.startswith(_SOLE_TRADER):
        expected, why = rule.sole_trader, "92 开头的代码属于个体工商户"
    else:
        expected, why = "", "该统一社会信用代码属于法人或非法人组织"
    natural_or_trader = stated in (rule.natural_person, rule.sole_trader)
    faults: list[Fault] = []
    if stated != expected if expected else natural_or_trader:
        message = f"行政相对人类别与代码不符：{why}，请核对类别和代码"
        faults.append(Fault(f"/fields/{rule.category}", "category_mismatch", message))
    id_type = values.get(rule.id_type)
    if is_person and id_type is not None and id_type not in rule.id_types:
        message = (
            f"自然人以公民身份号码归集，证件类型只能填：{'、'.join(rule.id_types)}；"
            "护照、港澳台通行证等其他证件不能与他人区分，不予归集"
        )
        faults.append(Fault(f"/fields/{rule.id_type}", "id_type_not_accepted", message))
    if named.registration_number and named.registration_number != values.get(
        rule.registration_number
    ):
        message = "工商注册号标识这个主体，不能更正；主体有误的请撤回后重新报送"
        faults.append(Fault(f"/fields/{rule.registration_number}", "identifies_subject", message))
    return faults


def exclusion_faults(record_type: RecordType, values: Mapping[str, FieldValue]) -> list[Fault]:
    """What the catalog says must not be reported, with its reason."""
    faults: list[Fault] = []
    for exclusion in record_type.exclusions:
        value = values.get(exclusion.field)
        held = (value, *value.split(",")) if isinstance(value, str) else (value,)
        if value is not None and any(one in exclusion.values for one in held):
            basis = exclusion.basis.document
            message = f"不得报送：{exclusion.reason}（{basis}）" if basis else exclusion.reason
            pointer = f"/fields/{exclusion.field}"
            faults.append(Fault(pointer, MUST_NOT_BE_REPORTED, message))
    return faults


def respelled(record_type: RecordType, raw: Mapping[str, object]) -> Mapping[str, object]:
    """The fields as sent, with values an older standard spells otherwise in the present spelling.
    The same digit must not be read as "valid" where its sender means "revoked"."""
    changed: dict[str, object] = {}
    for spelling in record_type.spellings:
        sent = text_of(raw.get(spelling.field))
        if sent in spelling.values and any(raw.get(code) for code in spelling.beside):
            changed[spelling.field] = spelling.values[sent]
    return {**raw, **changed} if changed else raw


def text_of(value: object) -> str:
    """Text without the spaces around it; empty for anything that is no text."""
    return value.strip() if isinstance(value, str) else ""
