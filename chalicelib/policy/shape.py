"""From what is pleasant to write in YAML to what the model holds.

    fields: {decided_on: {...}}            -> [{code: decided_on, ...}]
    values: {fine: 罚款, other: {...}}      -> [{code: fine, title: 罚款}, {code: other, ...}]
    holidays: {春节: [2026-02-15, 2026-02-23]} -> one entry for every day of the range

What does not have the expected form is passed on unchanged, for the model to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from chalicelib.policy.source import Raw


def shape_sections(sections: Mapping[str, Mapping[str, Raw]]) -> Raw:
    """The sections of a raw pack in the form `Pack` validates."""
    shaped: Raw = {
        section: {code: {**entry, "code": code} for code, entry in entries.items()}
        for section, entries in sections.items()
    }
    shaped["types"] = {
        code: {
            **entry,
            "code": code,
            "fields": _listed(entry.get("fields"), _field),
            "exclusions": _listed(entry.get("exclusions", {})),
            "withholdings": _listed(entry.get("withholdings", {})),
        }
        for code, entry in sections["types"].items()
    }
    shaped["registers"] = {
        code: {
            **entry,
            "code": code,
            "fields": _listed(entry.get("fields"), _field),
            "steps": _listed(entry.get("steps", {})),
        }
        for code, entry in sections["registers"].items()
    }
    shaped["case_kinds"] = {
        code: {
            **entry,
            "code": code,
            "states": _listed(entry.get("states")),
            "limits": _listed(entry.get("limits", {})),
            "actions": _listed(entry.get("actions"), _action),
        }
        for code, entry in sections["case_kinds"].items()
    }
    shaped["schemes"] = {
        code: {
            **entry,
            "code": code,
            "grades": _listed(entry.get("grades")),
            "indicators": _listed(entry.get("indicators"), _indicator),
            "vetoes": _listed(entry.get("vetoes", {})),
        }
        for code, entry in sections["schemes"].items()
    }
    shaped["assessments"] = {
        code: {**entry, "code": code, "rates": _coded(entry.get("rates"))}
        for code, entry in sections["assessments"].items()
    }
    years = sections["calendar"].items()
    shaped["calendar"] = {"years": [_year(code, entry) for code, entry in years]}
    return shaped


def _same(entry: Raw) -> Raw:
    return entry


def _listed(entries: object, each: object = _same) -> object:
    if not isinstance(entries, Mapping) or not callable(each):
        return entries
    return [
        each({**entry, "code": str(code)}) if isinstance(entry, Mapping) else entry
        for code, entry in entries.items()
    ]


def _coded(entries: object) -> object:
    if not isinstance(entries, Mapping):
        return entries
    return {
        code: {**entry, "code": str(code)} if isinstance(entry, Mapping) else entry
        for code, entry in entries.items()
    }


def _field(entry: Raw) -> Raw:
    values = entry.get("values")
    if isinstance(values, Mapping):
        entry["values"] = [
            {**value, "code": str(code)}
            if isinstance(value, Mapping)
            else {"code": str(code), "title": value}
            for code, value in values.items()
        ]
    return entry


def _action(entry: Raw) -> Raw:
    if "fields" in entry:
        entry["fields"] = _listed(entry["fields"], _field)
    return entry


def _indicator(entry: Raw) -> Raw:
    if "children" in entry:
        entry["children"] = _listed(entry["children"], _indicator)
    return entry


def _year(code: str, entry: Raw) -> Raw:
    shaped: Raw = {**entry, "year": code}
    ranges = entry.get("holidays")
    if isinstance(ranges, Mapping):
        shaped["holidays"] = {
            day: str(name) for name, span in ranges.items() for day in _days(span)
        }
    return shaped


def _days(span: object) -> list[str]:
    """Every day from the first to the last date of a span; unreadable spans as they are."""
    ends = [str(end) for end in span] if isinstance(span, list) else [str(span)]
    try:
        first, last = date.fromisoformat(ends[0]), date.fromisoformat(ends[-1])
    except (ValueError, IndexError):
        return [" ".join(ends)]
    count = (last - first).days + 1
    return [(first + timedelta(days=offset)).isoformat() for offset in range(min(count, 31))]
