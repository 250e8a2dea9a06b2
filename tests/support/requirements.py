"""The table that ends `pytest -m requirement`: which tests prove which requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

Proofs = dict[str, set[str]]
"""Requirement id -> ids of the tests marked with it."""


def proofs_of(items: Iterable[pytest.Item]) -> Proofs:
    """What each test of a session says it proves."""
    found: Proofs = {}
    for item in items:
        for mark in item.iter_markers("requirement"):
            for name in mark.args:
                found.setdefault(str(name), set()).add(item.nodeid)
    return found


def table(proofs: Proofs, failed: set[str]) -> list[str]:
    """One line per requirement: its id, how many of its tests passed, and where they stand."""
    lines = []
    for name in sorted(proofs):
        tests = proofs[name]
        bad = len(tests & failed)
        outcome = f"{len(tests) - bad} passed" + (f", {bad} FAILED" if bad else "")
        files = Counter(test.partition("::")[0] for test in tests)
        places = ", ".join(f"{file} ({count})" for file, count in sorted(files.items()))
        lines.append(f"{name}  {outcome:<12} {places}")
    return lines


def failed_tests(stats: Mapping[str, list[object]]) -> set[str]:
    """The ids of the tests that failed or broke, from the reporter's own notes."""
    reports = [*stats.get("failed", []), *stats.get("error", [])]
    return {str(getattr(report, "nodeid", "")) for report in reports}
