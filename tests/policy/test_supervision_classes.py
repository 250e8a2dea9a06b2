"""Classes of classified supervision (信用分类监管) that cannot be applied are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.policy.check import check
from tests.policy.builders import UNREAD, Tree, base, bend, write


def classified() -> Tree:
    """A base with two classes without any problem, to bend."""
    common = {"about": ["institution"], "measures": ["年度检查"], "basis": UNREAD}
    first = {**common, "title": "甲类", "order": 1, "most_dishonesty": {"serious": 0}}
    last = {**common, "title": "乙类", "order": 2, "warned": True}
    return {**base(), "supervision": {"first": first, "last": last}}


@pytest.mark.requirement("R-06")
@pytest.mark.parametrize(
    ("path", "value", "where", "reason"),
    [
        ("supervision.last.order", 1, "supervision.last.order", "先后不明"),
        (
            "supervision.last.most_dishonesty",
            {"serious": 3},
            "supervision.last.most_dishonesty",
            "不属于任何一类",
        ),
        ("supervision.first.about", [], "supervision.first.about", "哪类主体"),
        ("supervision.first.measures", [], "supervision.first.measures", "监管措施"),
    ],
)
def test_a_body_without_a_clear_class_is_a_mistake_of_the_pack(
    tmp_path: Path, path: str, value: object, where: str, reason: str
) -> None:
    write(tmp_path, "national/2024-01-01", classified())
    assert check(tmp_path) == []
    write(tmp_path, "national/2024-01-01", bend(classified(), path, value))
    found = check(tmp_path)
    assert [problem.path for problem in found] == [where]
    assert reason in found[0].reason
