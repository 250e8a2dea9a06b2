"""Rules and rows for pure tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from chalicelib.monitoring.model import Row
from chalicelib.policy.warnings import WarningRule

DAY = date(2026, 6, 15)


def rule(**changes: Any) -> WarningRule:
    """A rule that counts decisions of the last thirty days."""
    values: dict[str, Any] = {
        "code": "decisions",
        "title": "决定件数",
        "scopes": ["body"],
        "source": {"link": "about", "types": ["decision"]},
        "metric": {"kind": "count"},
        "window": {"amount": 30, "unit": "days"},
        "thresholds": {"blue": 2, "yellow": 3, "orange": 5, "red": 8},
        "hysteresis": {"margin": 0, "calm_days": 10},
        "mechanism": "monitoring",
        "basis": {"document": "测试", "verified": False},
    }
    return WarningRule.model_validate(values | changes)


def row(number: int, on: date = DAY, **changes: Any) -> Row:
    """A decision about the body, known on its day."""
    values: dict[str, Any] = {
        "row_id": f"rec_{number}",
        "version": 1,
        "link": "about",
        "type": "decision",
        "subject": "b_1",
        "reporter": "AGENCY",
        "occurred_on": on,
        "known_from": on,
    }
    return Row(**(values | changes))
