"""The forms for whoever reports something: what was typed becomes what the API takes, and what the
API refuses stands beside the field it is about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.kernel.errors import Fault, GovcreditError
from chalicelib.leads.model import LeadField, LeadKind
from chalicelib.policy.model import FieldValue

PREFIX: Final = "field_"
"""Before the code of a field in the names of a form."""

_LONG: Final = 200
_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_YES: Final = {"true": "是", "false": "否"}
_WRONG: Final = "填写有误，请改正"


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form as it is shown: what is asked, what was typed, what is wrong with it."""

    name: str
    title: str
    control: str
    """`area`, `select`, or the type of an input."""
    required: bool
    most: int | None
    choices: Mapping[str, str]
    typed: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not taken: beside fields, and what belongs to no field of it."""

    beside: Mapping[str, str]
    general: tuple[str, ...]


def entries(
    fields: Iterable[LeadField], typed: Mapping[str, str], refused: Refused | None, own: str = ""
) -> tuple[Entry, ...]:
    """The fields of a form, filled in as they were. `own`: what their names begin with."""
    beside = {} if refused is None else refused.beside
    return tuple(
        Entry(
            name=name,
            title=field.title,
            control=_control(field),
            required=field.required,
            most=field.max_length,
            choices=_YES if field.kind == "boolean" else field.choices,
            typed=typed.get(name, ""),
            fault=beside.get(name, ""),
        )
        for field in fields
        for name in (f"{own}{PREFIX}{field.code}",)
    )


def _control(field: LeadField) -> str:
    if field.choices or field.kind == "boolean":
        return "select"
    if field.kind == "text":
        return "area" if (field.max_length or 0) > _LONG else "text"
    return {"date": "date", "integer": "number", "url": "url"}.get(field.kind, "text")


def fields_of_all(kinds: Sequence[LeadKind]) -> tuple[LeadField, ...]:
    """What any of the kinds asks for, each thing once; required is what all of them require."""
    found: dict[str, LeadField] = {}
    for kind in kinds:
        for field in kind.fields:
            found.setdefault(field.code, field)
    return tuple(
        field.model_copy(update={"required": _required_by_all(code, kinds)})
        for code, field in found.items()
    )


def _required_by_all(code: str, kinds: Sequence[LeadKind]) -> bool:
    return all(
        any(field.code == code and field.required for field in kind.fields) for kind in kinds
    )


def values_of(
    fields: Iterable[LeadField], typed: Mapping[str, str], own: str = ""
) -> dict[str, FieldValue | None]:
    """What was typed into `fields`, as the API takes it; what was left empty is left out."""
    found: dict[str, FieldValue | None] = {}
    for field in fields:
        text = typed.get(f"{own}{PREFIX}{field.code}", "")
        if text:
            found[field.code] = _value(field, text)
    return found


def _value(field: LeadField, text: str) -> FieldValue:
    if field.kind == "boolean" and text in _YES:
        return text == "true"
    return number_in(text) if field.kind == "integer" else text


def number_in(text: str) -> int | str:
    """The number that was typed; what is none, or too long to be one, stays the text it is."""
    return int(text) if _NUMBER.fullmatch(text) else text


def refused(error: GovcreditError, names: Iterable[str], own: str = "") -> Refused:
    """Where the refusal of a form is told: beside those fields of it that it names, the rest above.
    `names`: the names of the form."""
    known = frozenset(names)
    beside: dict[str, str] = {}
    general: list[str] = []
    for fault in error.faults:
        name = _name_at(fault, own)
        if name in known:
            beside.setdefault(name, fault.message or _WRONG)
        else:
            general.append(fault.message)
    if not beside and not general:
        general.append(error.detail)
    return Refused(beside, tuple(dict.fromkeys(general)))


def _name_at(fault: Fault, own: str) -> str:
    first, _, rest = fault.pointer.removeprefix("/").partition("/")
    return f"{own}{PREFIX}{rest}" if first == "fields" else first
