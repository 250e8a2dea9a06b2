"""Pure rules of exports: one record as a row of a published column set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import mask_value
from chalicelib.creditfile.rules_standing import notices_of
from chalicelib.kernel.codes import SENTINEL
from chalicelib.policy.base import PERSONS
from chalicelib.policy.model import Field, FieldValue, RecordType

HIDDEN: Final = "***"
"""Instead of a person's name or code: an export opens nothing that is sealed."""


def export_row(record_type: RecordType, layout: Mapping[str, str], record: Record) -> list[str]:
    """The cells of a record under the columns of `layout`, as the national standard spells them:
    choices by their Chinese titles, dates 2026/03/01, amounts as exact text in the column's unit.
    Personal values are left out, and codes and mobile numbers inside text are masked."""
    return [_cell(record_type, target, record) for target in layout.values()]


def _cell(record_type: RecordType, target: str, record: Record) -> str:
    part, _, name = target.partition(".")
    if part == "subject":
        return _subject(name, record)
    if part == "notices":
        return str(getattr(notices_of(record), name)).replace("-", "/") if name != "proof" else ""
    entry, value = record_type.field(name), record.fields.get(name)
    return "" if entry is None or value is None else _text(entry, value)


def _subject(name: str, record: Record) -> str:
    is_person = record.subject_kind in PERSONS
    if name == "citizen_code":
        return HIDDEN if is_person else ""
    if name == "name":
        return HIDDEN if is_person else record.subject_name
    if is_person:
        return ""
    return record.subject_code or SENTINEL


def _text(entry: Field, value: FieldValue) -> str:
    shown = mask_value(entry, value)
    if shown is None:
        return ""
    if entry.kind == "date":
        return str(shown).replace("-", "/")
    if entry.kind == "enum":
        titles = {choice.code: choice.title for choice in entry.values}
        # A title may hold the comma 、 itself.
        return "；".join(titles.get(code, code) for code in str(shown).split(","))
    if entry.kind == "boolean":
        return "是" if shown is True else "否"
    return str(shown)
