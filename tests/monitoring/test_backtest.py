"""A rule tried on history: as things were known, against what was confirmed later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile.model import Deed, Standing
from chalicelib.monitoring import backtests, rules_backtest, sources
from chalicelib.monitoring.model import Watch
from chalicelib.monitoring.rules import part_of, value_of
from chalicelib.monitoring.rules_backtest import Trial, tried
from chalicelib.monitoring.rules_levels import judge
from tests.monitoring.builders import row, rule
from tests.monitoring.town import breach

pytestmark = pytest.mark.requirement("R-64")

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
TRIAL = Trial(FIRST, LAST, date(2026, 6, 15))
RULE = rule(
    thresholds={"blue": 2, "red": 4},
    confirmed_by={"types": ["judgment"], "horizon_days": 60},
)


def on(month: int, day: int) -> date:
    return date(2025, month, day)


def judgment(number: int, day: date) -> Any:
    return row(number, day, type="judgment")


def test_a_warning_that_was_followed_by_a_judgment_was_right() -> None:
    rows = [row(1, on(3, 1)), row(2, on(3, 5)), judgment(3, on(4, 1))]
    found = tried(RULE, rows, TRIAL)
    (episode,) = found.episodes
    # Thirty days from 03-01 the window holds one; ten calm days later it is over.
    assert (episode.raised_on, episode.peak, episode.closed_on) == (on(3, 5), "blue", on(4, 10))
    blue = found.scores["blue"]
    assert (blue.warnings, blue.right, blue.confirmed, blue.foreseen) == (1, 1, 1, 1)
    assert (blue.precision, blue.recall) == (Decimal(1), Decimal(1))
    # No warning was red: the judgment came without one, and of red warnings nothing can be said.
    red = found.scores["red"]
    assert (red.precision, red.recall) == (None, Decimal(0))


def test_what_was_received_late_did_not_warn_earlier() -> None:
    late = row(2, on(3, 5), known_from=on(3, 20))
    found = tried(RULE, [row(1, on(3, 1)), late], TRIAL)
    assert [one.raised_on for one in found.episodes] == [on(3, 20)]


def test_a_warning_without_a_judgment_was_wrong_and_one_without_warning_was_missed() -> None:
    rows = [row(1, on(3, 1)), row(2, on(3, 1)), judgment(3, on(9, 1))]
    blue = tried(RULE, rows, TRIAL).scores["blue"]
    assert (blue.precision, blue.recall) == (Decimal(0), Decimal(0))


def test_what_cannot_be_known_yet_counts_neither_way() -> None:
    trial = Trial(FIRST, LAST, LAST)
    rows = [row(1, on(12, 20)), row(2, on(12, 21))]
    blue = tried(RULE, rows, trial).scores["blue"]
    assert (blue.warnings, blue.undecided, blue.precision) == (1, 1, None)


def test_each_level_is_told_by_itself() -> None:
    rows = [row(n, on(3, n)) for n in range(1, 6)] + [judgment(9, on(5, 2))]
    found = tried(RULE, rows, TRIAL)
    (episode,) = found.episodes
    assert episode.reached["blue"] == on(3, 2) and episode.reached["red"] == on(3, 4)
    # 61 days after blue and 59 after red.
    assert found.scores["blue"].right == 0 and found.scores["red"].right == 1


days = st.integers(0, 364).map(lambda n: FIRST + timedelta(days=n))


@given(st.lists(days, max_size=15), st.lists(days, max_size=4))
def test_shares_stay_within_bounds_and_graver_levels_are_rarer(
    decided: list[date], confirmed: list[date]
) -> None:
    rows = [row(n, day) for n, day in enumerate(decided)]
    rows += [judgment(100 + n, day) for n, day in enumerate(confirmed)]
    scores = tried(RULE, rows, TRIAL).scores
    for score in scores.values():
        for share in (score.precision, score.recall):
            assert share is None or 0 <= share <= 1
        assert score.right + score.undecided <= score.warnings
        assert score.foreseen <= score.confirmed == len(confirmed)
    assert scores["red"].warnings <= scores["blue"].warnings


@given(st.lists(st.tuples(days, st.integers(0, 40)), min_size=1, max_size=8), st.booleans())
def test_days_on_which_nothing_happens_are_passed_over_without_a_difference(
    rows: list[tuple[date, int]], growth: bool
) -> None:
    changes: dict[str, Any] = {"metric": {"kind": "growth"}} if growth else {}
    tested = rule(thresholds={"blue": 1, "red": 3}, confirmed_by={"horizon_days": 60}, **changes)
    made = [
        row(n, day, known_from=day + timedelta(days=late)) for n, (day, late) in enumerate(rows)
    ]
    trial = Trial(FIRST, FIRST + timedelta(days=120), LAST)
    watch, raised = Watch(), []
    for number in range(121):
        day = FIRST + timedelta(days=number)
        known = [one for one in made if one.known_from <= day]
        value = value_of(tested, part_of(tested, known, day)) if known else None
        watch, change = judge(tested, watch, value, day)
        raised += [day] if change == "raised" else []
    assert [one.raised_on for one in tried(tested, made, trial).episodes] == raised


def test_a_quiet_year_is_not_counted_day_by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[date] = []

    def count(rule_: Any, rows: Any, day: date) -> dict[str, Decimal]:
        counted.append(day)
        return part_of(rule_, rows, day)

    monkeypatch.setattr(rules_backtest, "part_of", count)
    tried(RULE, [row(1, on(3, 1)), row(2, on(3, 5))], TRIAL)
    assert len(counted) <= 6


def test_what_only_today_knows_is_not_tried_on_the_past() -> None:
    overdue = {"kind": "overdue", "due_field": "due", "state_field": "state", "done": ["done"]}
    (why,) = backtests._untestable(rule(metric=overdue, confirmed_by={"horizon_days": 60}))
    assert "逾期件数" in why


def test_what_was_repaired_later_counted_until_then() -> None:
    rows = [row(1, on(3, 1), counts_until=on(3, 10)), row(2, on(3, 5))]
    (episode,) = tried(RULE, rows, TRIAL).episodes
    assert (episode.raised_on, episode.closed_on) == (on(3, 5), on(3, 20))


def test_records_repaired_since_are_read_for_a_back_test_and_for_no_look() -> None:
    repaired = replace(
        breach("rec_1"), standing=Standing(repaired=Deed("2026-06-01", "c_1"))
    )
    assert list(sources._counting([repaired], "about", frozenset(), False)) == []
    (found,) = sources._counting([repaired], "about", frozenset(), True)
    assert found.row.counts_until == date(2026, 6, 1)
