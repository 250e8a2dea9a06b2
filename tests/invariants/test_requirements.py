"""Every requirement of the mission that is said to be met has a test that names it."""

from __future__ import annotations

import ast

from tests.invariants.source import sources
from tests.support.requirements import table

MET = (
    *(f"R-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12)),
    *(f"R-{number}" for number in (20, 21, 27, 28, 30, 31, 32, 33)),
    *(f"R-{number}" for number in range(40, 47)),
    *(f"R-{number}" for number in (60, 61, 62, 63, 64, 65, 66, 67, 71, 73, 74, 75)),
)
"""The requirements (shared/requirements.md) the platform meets so far, wholly or in the part that
CHANGELOG.md names."""


def marked() -> set[str]:
    """The ids given to `pytest.mark.requirement` anywhere in the tests."""
    found: set[str] = set()
    for source in sources("tests"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
                found |= {str(ast.literal_eval(argument)) for argument in node.args}
    return found


def test_every_requirement_met_has_a_test() -> None:
    assert set(MET) - marked() == set()


def test_the_table_names_each_requirement_its_outcome_and_its_tests() -> None:
    lines = table({"R-02": {"tests/a.py::one", "tests/a.py::two"}}, {"tests/a.py::two"})
    assert lines == ["R-02  1 passed, 1 FAILED tests/a.py (2)"]

