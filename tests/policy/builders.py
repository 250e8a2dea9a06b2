"""Small packs written to disk, for tests that bend one thing at a time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from chalicelib.policy.compile import PACKS, build_all, compile_all
from chalicelib.policy.model import Field, Pack, RecordType

TODAY = date(2026, 5, 6)

UNREAD = {"document": "测试依据", "verified": False}

# Any: tests bend these nested literals freely.
Tree = dict[str, Any]

_FIELDS: Tree = {
    "number": {"title": "文号", "max_length": 64, "required": True, "public": True, "example": "1"},
    "decided_on": {
        "title": "决定日期",
        "kind": "date",
        "required": True,
        "not_future": True,
        "public": True,
        "example": "today",
    },
    "severity": {
        "title": "失信等级",
        "kind": "enum",
        "required": True,
        "example": "general",
        "values": {"minor": "轻微", "general": "一般", "serious": "严重"},
    },
    "percent": {"title": "满意率", "kind": "decimal", "example": "90"},
}

_TYPE: Tree = {
    "title": "测试信息",
    "category": "lawful",
    "about": ["department"],
    "reported_by": "测试单位",
    "registration": "required",
    "dishonesty": True,
    "natural_key": ["number"],
    "date_field": "decided_on",
    "time_limit": {"working_days": 7, "from_field": "decided_on", "basis": UNREAD},
    "disclosure": {"scope": "public", "basis": UNREAD},
    "notice_required": True,
    "publicity_term": "terms",
    "severity": {"field": "severity", "verified": False},
    "retention": {"years": 5, "basis": UNREAD},
    "update_frequency": "daily",
    "legal_basis": [UNREAD],
    "verified": False,
    "fields": _FIELDS,
}

_TERMS: Tree = {
    "minor": {"published": False, "max_months": 3, "verified": False},
    "general": {"published": True, "min_months": 3, "max_months": 12, "verified": False},
    "serious": {"published": True, "min_months": 12, "max_months": 36, "verified": False},
}

_SCHEME: Tree = {
    "title": "测试评价",
    "subjects": ["department"],
    "period": "year",
    "schedule": {"months_after": 1, "day": 15},
    "total": 100,
    "grades": {
        "A": {"title": "优", "at_least": 60},
        "B": {"title": "差", "at_least": 0, "below": 60},
    },
    "disclosure": "public",
    "basis": UNREAD,
    "indicators": {
        "first": {
            "title": "及时",
            "weight": 60,
            "source": {"link": "reported_by", "types": ["decision"]},
            "score": {
                "kind": "ratio",
                "numerator": {"of": "on_time"},
                "denominator": {"of": "count"},
                "full_at": 1,
                "empty": 60,
            },
        },
        "second": {
            "title": "失信",
            "weight": 40,
            "source": {"link": "about", "types": ["decision"]},
            "score": {"kind": "deduction", "points": {"any": 5}},
        },
    },
}

_BASE: Tree = {
    "pack": {"title": "测试", "document": UNREAD},
    "categories": {"lawful": {"title": "依法", "file": "body", "order": 1, "basis": UNREAD}},
    "types": {"decision": _TYPE},
    "publicity": {
        "terms": {
            "title": "公示期",
            "rule_sets": [
                {
                    "code": "old",
                    "decided_until": "2026-03-31",
                    "terms": _TERMS,
                    "basis": UNREAD,
                },
                {"code": "new", "decided_from": "2026-04-01", "terms": _TERMS, "basis": UNREAD},
            ],
        }
    },
    "schemes": {"yearly": _SCHEME},
    "calendar": {
        2026: {
            "basis": UNREAD,
            "holidays": {"元旦": ["2026-01-01", "2026-01-03"]},
            "working_weekends": ["2026-01-04"],
        }
    },
    "forbidden": {"religion": {"title": "宗教信仰", "names": ["宗教"], "basis": UNREAD}},
    "mechanisms": {},
}


def base() -> Tree:
    """A small national pack without any problem, to bend."""
    return copy.deepcopy(_BASE)


def bend(tree: Tree, path: str, value: object) -> Tree:
    """`tree` with the value at a dotted path replaced, or removed if `value` is `...`."""
    *steps, last = path.split(".")
    node: Any = tree
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is ...:
        del node[last]
    elif isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
    return tree


def write(packs: Path, folder: str, tree: Mapping[str, object], name: str = "all.yaml") -> None:
    """Write one YAML file of a pack, e.g. into `national/2024-01-01`."""
    home = packs / folder
    home.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(yaml.safe_dump(dict(tree), allow_unicode=True), "utf-8")


def compiled(packs: Path, out: Path) -> dict[tuple[str, str], Pack]:
    """Compile and index by (jurisdiction, version)."""
    return {(p.jurisdiction, p.version): p for p in compile_all(out, packs_dir=packs)}


def real_pack(jurisdiction: str) -> Pack:
    """The newest version of a pack that ships with the platform."""
    packs, problems = build_all(PACKS)
    assert problems == []
    return max((p for p in packs if p.jurisdiction == jurisdiction), key=lambda p: p.version)


def type_with(*fields: Field) -> RecordType:
    """A record type with just these fields."""
    plain: Tree = {**_TYPE, "code": "sample", "fields": [f.model_dump() for f in fields]}
    plain.update(
        time_limit=None,
        severity=None,
        natural_key=[fields[0].code],
        date_field=fields[0].code,
    )
    return RecordType.model_validate(plain)
