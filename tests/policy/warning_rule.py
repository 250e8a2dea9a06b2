"""A good warning rule over the test pack's one record type, to be bent in one place at a time."""

from __future__ import annotations

from tests.policy.builders import UNREAD, Tree

WARNING_RULE: Tree = {
    "title": "迟报率",
    "scopes": ["body", "region"],
    "subjects": ["department"],
    "source": {
        "link": "about",
        "types": ["decision"],
        "where": [{"field": "severity", "values": ["serious"]}],
    },
    "metric": {"kind": "rate", "part": "late"},
    "window": {"amount": 3, "unit": "months"},
    "min_sample": 2,
    "thresholds": {"blue": "0.1", "yellow": "0.2", "red": "0.4"},
    "hysteresis": {"margin": "0.02", "calm_days": 10},
    "confirmed_by": {"types": ["decision"], "horizon_days": 90},
    "case_kind": None,
    "mechanism": "on",
    "basis": UNREAD,
}
