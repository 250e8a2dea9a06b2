"""Schemes and records for scoring tests."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.evaluation.model import FactRow, Period
from chalicelib.policy.model import FieldValue
from chalicelib.policy.scheme import Scheme

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


def leaf(code: str, weight: str, score: Mapping[str, Any], **source: Any) -> dict[str, Any]:
    """A scoring indicator over `licence` records the body reported, unless told otherwise."""
    values = {"link": "reported_by", "types": ["licence"]} | source
    return {
        "code": code,
        "title": f"指标{code}",
        "weight": weight,
        "source": values,
        "score": score,
    }


def scheme_of(*indicators: Mapping[str, Any], **changes: Any) -> Scheme:
    """A yearly scheme over these indicators with four grades."""
    total = sum(Decimal(indicator["weight"]) for indicator in indicators)
    values: dict[str, Any] = {
        "code": "yearly",
        "title": "年度评价",
        "subjects": ["department"],
        "period": "year",
        "schedule": {"months_after": 1, "day": 15, "hour": 2},
        "total": total,
        "grades": [
            {"code": "A", "title": "优", "at_least": total * 9 / 10},
            {"code": "B", "title": "良", "at_least": total * 6 / 10, "below": total * 9 / 10},
            {"code": "C", "title": "差", "at_least": 0, "below": total * 6 / 10},
        ],
        "indicators": indicators,
        "disclosure": "public",
        "basis": {"document": "测试办法", "verified": False},
    }
    return Scheme.model_validate(values | changes)


RATIO = {
    "kind": "ratio",
    "numerator": {"of": "on_time"},
    "denominator": {"of": "count"},
    "full_at": "0.95",
    "empty": "12",
}
DEDUCTION = {
    "kind": "deduction",
    "points": {"serious": "10", "general": "4.5", "any": "1"},
    "floor": "2",
}
TIERS = {
    "kind": "tiers",
    "measure": {"of": "average", "field": "satisfaction"},
    "tiers": [
        {"at_least": "80", "points": "12"},
        {"at_least": "90", "points": "20"},
        {"at_least": "60.5", "points": "5"},
    ],
    "otherwise": "1",
    "empty": "7",
}
BONUS = {
    "kind": "bonus",
    "by": "award_level",
    "points": {"national": "5", "province": "3.3", "any": "0.5"},
    "cap": "10",
}


def row(record_id: str = "r1", **changes: Any) -> FactRow:
    """A licence reported on time in the middle of 2025, changed."""
    values: dict[str, Any] = {
        "record_id": record_id,
        "version": 1,
        "type": "licence",
        "occurred_on": date(2025, 6, 15),
        "on_time": True,
    }
    return FactRow(**(values | changes))


def rows(count: int, prefix: str = "r", **changes: Any) -> tuple[FactRow, ...]:
    """That many such records."""
    return tuple(row(f"{prefix}{number}", **changes) for number in range(count))


def holding(**values: FieldValue) -> dict[str, Any]:
    """Keyword arguments for a row with these field values."""
    return {"values": values}
