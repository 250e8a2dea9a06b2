"""A public licence or penalty in the column names of the national standard of 2018.

The columns and what stands in each are the catalog's (`layouts.national_2018` of the type); the
values are the public document's alone, so what is not public stays empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from chalicelib.kernel.codes import SENTINEL
from chalicelib.policy.base import PERSONS
from chalicelib.policy.model import RecordType

LAYOUT: Final = "national_2018"
_SIX_DECIMALS: Final = Decimal("0.000001")


def national_row(record_type: RecordType, document: str) -> dict[str, str]:
    """The record under the lower-case names of the standard: `xk_xdr_mc`, `cf_wsh`, ... Days as
    2026/03/01, amounts in ten thousand yuan with six decimals, choices by their titles; what the
    public is not shown is empty."""
    shown = json.loads(document)
    fields = {field["code"]: field for field in shown["fields"]}
    layout = record_type.layouts.get(LAYOUT, {})
    return {
        column.lower(): _cell(record_type, target, shown, fields)
        for column, target in layout.items()
    }


def _cell(
    record_type: RecordType,
    target: str,
    shown: Mapping[str, Any],
    fields: Mapping[str, Mapping[str, Any]],
) -> str:
    part, _, name = target.partition(".")
    if part == "subject":
        return _subject(name, shown["subject"])
    found, entry = fields.get(name), record_type.field(name)
    if part != "fields" or found is None or entry is None:
        return ""
    if entry.kind == "date":
        return str(found["value"]).replace("-", "/")
    if entry.kind == "amount_wan":
        return f"{Decimal(str(found['value'])).quantize(_SIX_DECIMALS):f}"
    return str(found["text"])


def _subject(name: str, subject: Mapping[str, Any]) -> str:
    if name == "name":
        return str(subject["name"])
    if name == "unified_code" and subject["kind"] not in PERSONS:
        return subject["code"] or SENTINEL
    return ""
