"""Pure tidying of spreadsheet rows: what is unambiguous is written as the catalog wants it, and a
note says so; what is not is left to the strict check, with the reason.

Only values that the strict check refused come here, so a clean row costs nothing. JSON is never
tidied: a system that sends it can be put right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.creditfile.rules import is_personal
from chalicelib.intake.model import Note
from chalicelib.intake.rules_tidying import SHORTENED, Kind, Remark, choice_tidier, tidier_of
from chalicelib.kernel.canonical import JsonValue
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import mask_text, scrub
from chalicelib.policy.model import Field, RecordType

_SHOWN = 100
_ENVELOPE: Mapping[str, tuple[str, Kind]] = {
    "/subject/unified_code": ("统一社会信用代码", "unified_code"),
    "/subject/citizen_code": ("公民身份号码", "citizen_code"),
    "/subject/name": ("主体名称", "name"),
    "/notices/decision_delivered_on": ("决定书送达日期", "date"),
    "/notices/repair_delivered_on": ("信用修复告知书送达日期", "date"),
}
_CODES = ("unified_code", "citizen_code")
_EXACT_DIGITS = 15
"""A number in a spreadsheet keeps so many digits; what follows is zeros."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """A record as tidied, the notes on it, and why other values were left as they are."""

    record: Mapping[str, JsonValue]
    notes: tuple[Note, ...] = ()
    reasons: Mapping[str, Remark] = field(default_factory=dict)

    def explained(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """The faults of what was left, with the reason where there is a better one."""
        return tuple(
            Fault(fault.pointer, *self.reasons[fault.pointer])
            if fault.pointer in self.reasons
            else fault
            for fault in faults
        )


def tidied(
    record_type: RecordType,
    record: Mapping[str, JsonValue],
    faults: Sequence[Fault],
    numeric: Collection[str] = (),
) -> Tidied:
    """Tidy the values `faults` point at. `numeric`: pointers of cells stored as numbers."""
    parts: dict[str, JsonValue] = dict(record)
    notes: list[Note] = []
    reasons: dict[str, Remark] = {}
    for pointer in dict.fromkeys(fault.pointer for fault in faults):
        part, _, name = pointer.lstrip("/").partition("/")
        inner = parts.get(part)
        if not name or not isinstance(inner, Mapping):
            continue
        value = inner.get(name)
        if not isinstance(value, str):
            continue
        found = _tidy_value(record_type, pointer, value, is_number=pointer in numeric)
        if isinstance(found, str):
            parts[part] = {**inner, name: found}
            notes.append(_note(record_type, record, pointer, value, found))
        elif found is not None:
            reasons[pointer] = found
    return Tidied(parts, tuple(notes), reasons)


def lost_digits(
    record_type: RecordType, columns: Sequence[str], cells: Sequence[str], numeric: Collection[int]
) -> list[Fault]:
    """Faults of codes that a spreadsheet turned into numbers: a number keeps fifteen digits, so
    the last ones of a code are zeros nobody wrote, and a check digit may even agree by chance."""
    faults: list[Fault] = []
    for position in numeric:
        if position >= len(columns) or len(cells[position]) <= _EXACT_DIGITS:
            continue
        pointer = pointer_of(columns[position])
        title, kind = _title_and_kind(record_type, pointer)
        digits = "".join(one for one in cells[position] if one.isdigit())
        if kind in (*_CODES, "text") and len(digits.lstrip("0")) > _EXACT_DIGITS:
            faults.append(
                Fault(pointer, "digits_lost", f"“{title}”被表格软件改成数字，末几位已丢失")
            )
    return faults


def shortened_numbers(
    record_type: RecordType, columns: Sequence[str], cells: Sequence[str]
) -> list[Fault]:
    """Faults of texts that hold what a spreadsheet shows of a long number, 3.29912E+14, instead of
    the number. Other kinds of value refuse it by themselves."""
    found = [
        (pointer_of(column), title)
        for column, cell in zip(columns, cells, strict=True)
        if "E+" in cell and SHORTENED.fullmatch(cell.strip())
        for title, kind in [_title_and_kind(record_type, pointer_of(column))]
        if kind in ("text", "name")
    ]
    return [
        Fault(pointer, "digits_lost", f"“{title}”被表格软件改成科学记数，中间几位已丢失")
        for pointer, title in found
    ]


def pointer_of(column: str) -> str:
    """The JSON pointer of what a column fills."""
    return "/" + column.replace(".", "/", 1)


def kind_of_column(record_type: RecordType, column: str) -> Kind:
    """What kind of value a column holds."""
    return _title_and_kind(record_type, pointer_of(column))[1]


def _title_and_kind(record_type: RecordType, pointer: str) -> tuple[str, Kind]:
    if pointer in _ENVELOPE:
        return _ENVELOPE[pointer]
    found = _field_at(record_type, pointer)
    return ("", "unknown") if found is None else (found.title, found.kind)


def _field_at(record_type: RecordType, pointer: str) -> Field | None:
    part, _, name = pointer.lstrip("/").partition("/")
    return record_type.field(name) if part == "fields" else None


def _tidy_value(
    record_type: RecordType, pointer: str, value: str, *, is_number: bool
) -> str | Remark | None:
    """The value as it should be, why it cannot be told, or None: nothing is known of it."""
    _, kind = _title_and_kind(record_type, pointer)
    entry = _field_at(record_type, pointer)
    tidier = choice_tidier(entry) if entry is not None and kind == "enum" else tidier_of(kind)
    found = tidier(value, is_number)
    return None if found == value else found


def _note(
    record_type: RecordType,
    record: Mapping[str, JsonValue],
    pointer: str,
    before: str,
    after: str,
) -> Note:
    title, kind = _title_and_kind(record_type, pointer)
    code = f"tidied_{kind}"
    return Note(pointer, code, f"“{title}”已改写为：{_shown(record_type, record, pointer, after)}")


def _shown(
    record_type: RecordType, record: Mapping[str, JsonValue], pointer: str, value: str
) -> str:
    entry, subject = _field_at(record_type, pointer), record.get("subject")
    is_person = isinstance(subject, Mapping) and bool(subject.get("citizen_code"))
    if pointer == "/subject/citizen_code" or (entry is not None and is_personal(entry)):
        return mask_text(value)
    if pointer == "/subject/name" and is_person:
        return mask_text(value)
    return scrub(value)[:_SHOWN]
