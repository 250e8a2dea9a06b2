"""A warning rises at once and falls slowly: by hand, and whatever the values are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.monitoring.model import STANDINGS, Change, Standing, Watch
from chalicelib.monitoring.rules_levels import judge, reached, reason
from tests.monitoring.builders import DAY, rule

pytestmark = pytest.mark.requirement("R-64")

RULE = rule(hysteresis={"margin": "0.5", "calm_days": 5})

numbers = st.one_of(st.none(), st.decimals(0, 12, places=1))


def walk(values: Sequence[object], watch: Watch | None = None) -> tuple[Watch, list[Change]]:
    """Judge one value a day."""
    watch = watch or Watch()
    changes: list[Change] = []
    for number, value in enumerate(values):
        given_ = None if value is None else Decimal(str(value))
        watch, change = judge(RULE, watch, given_, DAY + timedelta(days=number))
        changes += [change] if change else []
    return watch, changes


def order(level: Standing) -> int:
    return STANDINGS.index(level)


def test_it_rises_at_once_and_over_several_levels() -> None:
    assert walk([1]) == (Watch(judged_on="2026-06-15"), [])
    assert walk([2])[1] == ["raised"]
    assert walk([9])[0].level == "red"
    watch, changes = walk([2, 4, 8])
    assert (watch.level, changes) == ("red", ["raised", "escalated", "escalated"])


def test_within_the_margin_a_level_goes_on() -> None:
    assert walk([3, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5])[0].level == "yellow"


def test_below_the_margin_it_falls_after_the_calm_days_to_what_was_held_meanwhile() -> None:
    assert walk([8, 1, 1, 1, 1, 1])[0].level == "red"
    assert walk([8, 1, 1, 1, 1, 1, 1]) == (Watch(judged_on="2026-06-21"), ["raised", "closed"])
    watch, changes = walk([8, 1, 1, 3, 1, 1, 1])
    assert (watch.level, changes) == ("yellow", ["raised", "lowered"])


def test_one_bad_day_begins_the_calm_days_anew() -> None:
    assert walk([3, 1, 1, 1, 1, 3, 1, 1, 1, 1])[0].level == "yellow"


def test_no_value_is_judged_as_below_everything() -> None:
    assert walk([3, None, None, None, None, None, None])[1] == ["raised", "closed"]


def test_the_same_day_may_be_judged_again_and_an_earlier_one_changes_nothing() -> None:
    watch, _ = judge(RULE, Watch(), Decimal(3), DAY)
    assert judge(RULE, watch, Decimal(3), DAY) == (watch, None)
    assert judge(RULE, watch, Decimal(9), DAY - timedelta(days=1)) == (watch, None)


def test_the_reason_names_window_value_and_threshold() -> None:
    said = reason(RULE, Decimal(3), DAY, "yellow")
    assert said == "2026-05-17至2026-06-15，决定件数（件数）为3，达到黄色阈值3"
    assert "红色（阈值8）尚未解除" in reason(RULE, Decimal(3), DAY, "red")
    assert "没有可以计算的数值，低于蓝色阈值2" in reason(RULE, None, DAY, "none")


@given(st.lists(numbers, max_size=40))
def test_a_level_lies_between_what_is_reached_today_and_what_was_ever_reached(
    values: list[Decimal | None],
) -> None:
    watch, highest = Watch(), 0
    for number, value in enumerate(values):
        before = watch
        watch, change = judge(RULE, watch, value, DAY + timedelta(days=number))
        now = order(reached(RULE, value))
        highest = max(highest, now)
        assert now <= order(watch.level) <= highest
        moved = order(watch.level) - order(before.level)
        assert (moved > 0) == (change in ("raised", "escalated"))
        assert (moved < 0) == (change in ("lowered", "closed"))


@given(st.lists(st.decimals("2.5", "3.4", places=1), max_size=60))
def test_a_value_that_flaps_within_the_margin_is_one_warning(values: list[Decimal]) -> None:
    _, changes = walk([3, *values])
    assert changes == ["raised"]


@given(st.lists(numbers, min_size=1, max_size=60))
def test_a_value_that_flaps_faster_than_the_calm_days_is_one_warning(
    values: list[Decimal | None],
) -> None:
    flapping = [value if number % 5 else Decimal(8) for number, value in enumerate(values)]
    _, changes = walk(flapping)
    assert changes.count("raised") == 1 and "closed" not in changes


@given(numbers, st.integers(1, 40))
def test_a_constant_value_never_changes_the_level(value: Decimal | None, days: int) -> None:
    first, _ = walk([value])
    later, changes = walk([value] * days, first)
    assert later.level == first.level and changes == []
