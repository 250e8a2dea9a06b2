"""What error files and reports show of a row: where it is wrong, and the value, masked if it is
personal."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.intake import splitting
from chalicelib.intake.model import Candidate
from chalicelib.kernel.errors import Fault
from chalicelib.kernel.masking import mask_text, scrub
from chalicelib.policy.model import RecordType

_SHOWN_VALUE = 100
_LONG_NUMBER = re.compile(r"\d{14,}[\dXx]")


def value_of(candidate: Candidate, fault: Fault) -> str:
    """The value a fault is about, as it was sent."""
    sent = candidate.sent
    if not fault.pointer:
        return ""
    if not isinstance(sent.value, tuple):
        return splitting.value_at(sent.value, fault.pointer)
    target = fault.pointer.strip("/").replace("/", ".")
    position = sent.columns.index(target) if target in sent.columns else -1
    return sent.value[position] if 0 <= position < len(sent.value) else ""


def shown_value(
    types: Mapping[str, RecordType], type_code: str, candidate: Candidate, fault: Fault
) -> str:
    """The value a fault is about, cut short, and masked if it is personal. `type_code` is the type
    of a row of cells; a JSON row names its own."""
    if not fault.pointer or fault.pointer.count("/") < 2:
        return ""
    value, sent = value_of(candidate, fault), candidate.sent.value
    if not isinstance(sent, tuple):
        type_code = str(sent.get("type"))
    part, _, name = fault.pointer.strip("/").partition("/")
    record_type = types.get(type_code)
    field = record_type.field(name) if record_type is not None and part == "fields" else None
    if part == "subject" or (part == "fields" and (field is None or field.personal)):
        return mask_text(value)
    # A number may have been typed into the wrong column, and with a wrong check digit.
    return _LONG_NUMBER.sub("***", scrub(value))[:_SHOWN_VALUE]
