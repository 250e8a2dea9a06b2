"""What each metric is, by hand; and what holds for all of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.monitoring.rules import (
    earliest_day,
    first_day,
    merged,
    part_of,
    rows_behind,
    selected,
    value_of,
)
from chalicelib.policy.warnings import Window
from tests.monitoring.builders import DAY, row, rule

pytestmark = pytest.mark.requirement("R-64")


def value(rows: list[Any], **changes: Any) -> str | None:
    one = rule(**changes)
    found = value_of(one, part_of(one, selected(one, rows), DAY))
    return None if found is None else f"{found:f}"


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def test_a_window_ends_with_the_day_and_counts_it() -> None:
    assert first_day(Window(amount=1, unit="days"), DAY) == DAY
    assert first_day(Window(amount=30, unit="days"), DAY) == date(2026, 5, 17)
    assert first_day(Window(amount=3, unit="months"), DAY) == date(2026, 3, 16)
    assert first_day(Window(amount=1, unit="months"), date(2026, 3, 31)) == date(2026, 3, 1)
    growth = rule(metric={"kind": "growth"})
    assert earliest_day(growth, DAY) == date(2026, 4, 17)
    assert value([row(1, ago(29)), row(2, ago(30)), row(3, DAY + timedelta(days=1))]) == "1"


def test_only_the_rows_of_the_source_count() -> None:
    rows = [row(1), row(2, type="other"), row(3, link="reported_by"), row(4, severity="serious")]
    assert value(rows) == "2"
    serious = {"link": "about", "types": ["decision"], "severities": ["serious"]}
    assert value(rows, source=serious) == "1"
    dishonest = {"link": "about", "dishonesty": True}
    assert value([row(1), row(2, type="other", dishonesty=True)], source=dishonest) == "1"
    chosen = {**serious, "severities": [], "where": [{"field": "kind", "values": ["b"]}]}
    rows = [row(1, values={"kind": "a,b"}), row(2, values={"kind": "a"}), row(3)]
    assert value(rows, source=chosen) == "1"


def test_growth_is_told_against_the_window_before_and_against_one_where_there_was_nothing() -> None:
    growth = {"metric": {"kind": "growth"}}
    assert value([row(1), row(2), row(3), row(4, ago(40)), row(5, ago(59))], **growth) == "0.5"
    assert value([row(1), row(2), row(3)], **growth) == "3"
    assert value([row(1, ago(30))], **growth) == "-1"
    assert value([], **growth) == "0"
    assert value([row(1)], **growth, min_sample=2) is None


def test_a_rate_is_a_share_and_without_records_there_is_none() -> None:
    late = {"metric": {"kind": "rate", "part": "late"}}
    assert value([row(1, late=True), row(2, late=False), row(3, late=False)], **late) == "0.3333"
    assert value([row(1)], **late) is None  # the type has no time limit
    assert value([], **late) is None
    where = [{"field": "kind", "values": ["b"]}]
    matching = {"metric": {"kind": "rate", "part": "matching", "where": where}}
    assert value([row(1, values={"kind": "b"}), row(2)], **matching) == "0.5"
    assert value([row(1, values={"kind": "b"}), row(2)], **matching, min_sample=3) is None


def test_what_is_past_its_day_and_not_settled_is_overdue() -> None:
    overdue = {"metric": {"kind": "overdue", "due_field": "due_on", "state_field": "status",
                          "done": ["performed"]}}  # fmt: skip
    rows = [
        row(1, values={"due_on": "2026-06-14", "status": "open"}),
        row(2, values={"due_on": "2026-06-15", "status": "open"}),
        row(3, values={"due_on": "2026-06-14", "status": "performed"}),
        row(4, values={"status": "open"}),
    ]
    assert value(rows, **overdue) == "1"
    assert value([], **overdue) == "0"


def test_concentration_is_the_share_of_whoever_has_most() -> None:
    by_body = {"metric": {"kind": "concentration", "by": "subject"}}
    rows = [row(1), row(2), row(3, subject="b_2"), row(4, subject="b_3")]
    assert value(rows, **by_body) == "0.5"
    assert value([], **by_body) is None
    by_field = {"metric": {"kind": "concentration", "by": "field", "field": "kind"}}
    assert value([row(1, values={"kind": "a,b"}), row(2, values={"kind": "b"})], **by_field) == "1"
    assert value([row(1)], **{"metric": {"kind": "concentration", "by": "type"}}) == "1"
    one = rule(**by_body)
    assert [found.row_id for found in rows_behind(one, rows, DAY)] == ["rec_2", "rec_1"]


def test_sums_and_ratios_are_of_numbers_and_a_ratio_needs_a_denominator() -> None:
    total = {"metric": {"kind": "sum", "field": "amount"}}
    assert value([row(1, values={"amount": "1.10"}), row(2, values={"amount": 2}), row(3)],
                 **total) == "3.10"  # fmt: skip
    ratio = {"metric": {"kind": "ratio", "numerator": "balance", "denominator": "limit"}}
    first = row(1, ago(9), values={"balance": "95", "limit": "100"})
    latest = row(2, ago(1), values={"balance": "45", "limit": "50"})
    assert value([first, latest], **ratio) == "0.9"
    every = {"metric": {**ratio["metric"], "rows": "all"}}
    assert value([first, latest], **every) == "0.9333"
    assert value([row(1, values={"balance": "5", "limit": "0"})], **ratio) is None
    assert value([row(1)], **ratio) is None


METRICS: list[dict[str, Any]] = [
    {"kind": "count"},
    {"kind": "growth"},
    {"kind": "rate", "part": "late"},
    {"kind": "sum", "field": "amount"},
    {"kind": "concentration", "by": "subject"},
    {"kind": "ratio", "numerator": "amount", "denominator": "limit"},
    {"kind": "overdue", "due_field": "due_on", "state_field": "status", "done": ["b"]},
]
drawn_rows = st.lists(
    st.builds(
        lambda number, days, late, amount, subject, status: row(
            number, ago(days), late=late, subject=subject,
            values={"amount": str(amount), "limit": "7", "due_on": ago(days).isoformat(),
                    "status": status},
        ),
        st.integers(0, 10_000),
        st.integers(-2, 70),
        st.sampled_from([True, False, None]),
        st.decimals(0, 1000, places=2),
        st.sampled_from(["b_1", "b_2", "b_3"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=12,
    unique_by=lambda one: one.row_id,
)  # fmt: skip


@given(st.sampled_from(METRICS), drawn_rows, st.randoms())
def test_the_order_of_rows_does_not_matter_and_bodies_add_up(
    metric: dict[str, Any], rows: list[Any], chance: Any
) -> None:
    one = rule(metric=metric)
    whole = part_of(one, selected(one, rows), DAY)
    mixed = list(rows)
    chance.shuffle(mixed)
    assert part_of(one, selected(one, mixed), DAY) == whole
    bodies: dict[str, list[Any]] = {}
    for each in rows:
        bodies.setdefault(each.subject, []).append(each)
    parts = [part_of(one, selected(one, mine), DAY) for mine in bodies.values()]
    chance.shuffle(parts)
    assert value_of(one, merged(parts)) == value_of(one, whole)
    found = value_of(one, whole)
    if metric["kind"] in ("rate", "concentration") and found is not None:
        assert 0 <= found <= 1
    if metric["kind"] == "count":
        assert found == Decimal(len(rows_behind(one, selected(one, rows), DAY)))
