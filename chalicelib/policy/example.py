"""Made-up but valid records of a type, for documentation, samples and tests."""

from __future__ import annotations

import re
from datetime import date, timedelta

from chalicelib.policy.model import Field, FieldValue, RecordType

_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,5}))?")
_ANY_DAY = date(2026, 3, 2)


def example_fields(
    record_type: RecordType, today: date, *, full: bool = False
) -> dict[str, FieldValue]:
    """Fields that pass the type's checks on `today`: the required ones, or with `full` all.

    A field required only under a condition is included, as it does no harm where it is optional.
    """
    return {
        field.code: example_value(field, today)
        for field in record_type.fields
        if full or field.required or field.required_when
    }


def example_value(field: Field, today: date = _ANY_DAY) -> FieldValue:
    """The field's example; a date may be written relative to today (`today-3`)."""
    value = field.example if field.example is not None else ""
    matched = _RELATIVE.fullmatch(value) if isinstance(value, str) else None
    if matched is None or field.kind != "date":
        return value
    days = int(matched[2] or 0)
    return (today + timedelta(days=-days if matched[1] == "-" else days)).isoformat()
