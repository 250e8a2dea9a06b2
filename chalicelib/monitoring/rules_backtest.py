"""A rule tried on history, day by day, as things were known: a record counts from the day it was
received until the day it was repaired. What proved to be an error (withdrawn, recognised as made in
good faith) is left out, and what was corrected counts as corrected. Pure.

A warning was right if a confirming record about the body lies within the horizon after the day its
level was reached; where that time is not over yet and nothing has come, it is undecided and counts
neither way. A confirming record was foreseen if a warning of the level was raised within the
horizon before it, or was still open on that day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.monitoring.model import STANDINGS, Row, Standing, Watch
from chalicelib.monitoring.rules import earliest_day, first_day, part_of, selected, value_of
from chalicelib.monitoring.rules_levels import judge
from chalicelib.policy.warnings import LEVELS, Confirmation, Level, WarningRule

_SHARE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Episode:
    """A warning the rule would have raised."""

    raised_on: date
    peak: Standing
    reached: Mapping[Level, date]
    """Each level it had, or passed over, and the day."""
    closed_on: date | None = None


@dataclass(slots=True)
class Score:
    """How well warnings of one level or above foretold."""

    warnings: int = 0
    right: int = 0
    undecided: int = 0
    confirmed: int = 0
    """Confirming records in the time tried."""
    foreseen: int = 0

    def add(self, other: Score) -> None:
        """Add the score of other bodies."""
        self.warnings += other.warnings
        self.right += other.right
        self.undecided += other.undecided
        self.confirmed += other.confirmed
        self.foreseen += other.foreseen

    @property
    def precision(self) -> Decimal | None:
        """Right ones among the warnings that are decided; None without any."""
        return _share(self.right, self.warnings - self.undecided)

    @property
    def recall(self) -> Decimal | None:
        """Foreseen ones among the confirming records; None without any."""
        return _share(self.foreseen, self.confirmed)


@dataclass(frozen=True, slots=True)
class Trial:
    """The days a rule is tried on, both inclusive, and the day up to which records are known."""

    first: date
    last: date
    known_to: date


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a rule on one body."""

    episodes: tuple[Episode, ...] = ()
    confirmed_on: tuple[date, ...] = ()
    scores: Mapping[Level, Score] = field(default_factory=dict)


def tried(rule: WarningRule, rows: Sequence[Row], trial: Trial) -> Tried:
    """Try a rule, which has `confirmed_by`, on the rows of one body."""
    if rule.confirmed_by is None:
        raise ValueError("the rule does not say what confirms a warning")
    episodes = episodes_of(rule, rows, trial)
    confirmed = confirmations(rule.confirmed_by, rows)
    horizon = timedelta(days=rule.confirmed_by.horizon_days)
    scores = {
        level: _score(level, episodes, confirmed, horizon, trial)
        for level in LEVELS
        if level in rule.thresholds
    }
    return Tried(tuple(episodes), tuple(confirmed), scores)


def episodes_of(rule: WarningRule, rows: Sequence[Row], trial: Trial) -> list[Episode]:
    """The warnings the rule would have raised about a body, in order."""
    mine = selected(rule, rows)
    if not mine:
        return []
    found: list[Episode] = []
    watch = Watch()
    day = trial.first
    moments = _Moments(rule, mine)
    before: tuple[int, ...] = ()
    value: Decimal | None = None
    while day <= trial.last:
        # Most days no row comes or leaves the window: the value is yesterday's.
        now = moments.passed(day)
        if now != before:
            before = now
            known = moments.known_within(day)
            value = value_of(rule, part_of(rule, known, day)) if now[0] else None
        watch, change = judge(rule, watch, value, day)
        if change == "raised":
            found.append(Episode(day, watch.level, _passed({}, watch.level, day)))
        elif change == "escalated":
            last = found[-1]
            peak = max(last.peak, watch.level, key=STANDINGS.index)
            reached = _passed(last.reached, watch.level, day)
            found[-1] = Episode(last.raised_on, peak, reached)
        elif change == "closed":
            last = found[-1]
            found[-1] = Episode(last.raised_on, last.peak, last.reached, day)
        day += timedelta(days=1)
    return found


class _Moments:
    """The days on which the value of a rule can change, in order."""

    def __init__(self, rule: WarningRule, rows: Sequence[Row]) -> None:
        self._rule = rule
        self._rows = sorted(rows, key=lambda row: row.occurred_on)
        self._occurred = [row.occurred_on for row in self._rows]
        self._known = sorted(row.known_from for row in rows)
        self._ended = sorted(row.counts_until for row in rows if row.counts_until is not None)

    def passed(self, day: date) -> tuple[int, ...]:
        """How many rows are known, have ended, have occurred, have left the window and the one
        before it. None of these falls from day to day: while they are the same, so are the rows
        that count."""
        return (
            bisect_right(self._known, day),
            bisect_right(self._ended, day),
            bisect_right(self._occurred, day),
            bisect_left(self._occurred, first_day(self._rule.window, day)),
            bisect_left(self._occurred, earliest_day(self._rule, day)),
        )

    def known_within(self, day: date) -> list[Row]:
        """The rows the value of `day` is made of, as far as they counted on that day."""
        begin = bisect_left(self._occurred, earliest_day(self._rule, day))
        inside = self._rows[begin : bisect_right(self._occurred, day)]
        return [
            row
            for row in inside
            if row.known_from <= day and (row.counts_until is None or day < row.counts_until)
        ]


def confirmations(confirmed_by: Confirmation, rows: Iterable[Row]) -> list[date]:
    """The days of the records that show a warning was right."""
    return sorted(
        row.occurred_on
        for row in rows
        if row.link == "about"
        and (row.type in confirmed_by.types or (not confirmed_by.types and row.dishonesty))
        and (not confirmed_by.severities or row.severity in confirmed_by.severities)
    )


def confirmed_after(
    episode: Episode, level: Level, confirmed: Iterable[date], horizon: timedelta
) -> date | None:
    """The first confirming day within the horizon after a level was reached."""
    reached = episode.reached[level]
    return min((day for day in confirmed if reached < day <= reached + horizon), default=None)


def _passed(before: Mapping[Level, date], level: Standing, day: date) -> dict[Level, date]:
    reached = dict(before)
    for one in LEVELS[: STANDINGS.index(level)]:
        reached.setdefault(one, day)
    return reached


def _score(
    level: Level,
    episodes: Sequence[Episode],
    confirmed: Sequence[date],
    horizon: timedelta,
    trial: Trial,
) -> Score:
    score = Score()
    of_level = [episode for episode in episodes if level in episode.reached]
    for episode in of_level:
        score.warnings += 1
        if confirmed_after(episode, level, confirmed, horizon) is not None:
            score.right += 1
        elif episode.reached[level] + horizon > trial.known_to:
            score.undecided += 1
    for day in confirmed:
        if trial.first <= day <= trial.last:
            score.confirmed += 1
            score.foreseen += any(_foresaw(one, level, day, horizon) for one in of_level)
    return score


def _foresaw(episode: Episode, level: Level, day: date, horizon: timedelta) -> bool:
    reached = episode.reached[level]
    if reached >= day:
        return False
    is_open = episode.closed_on is None or episode.closed_on >= day
    return is_open or day - reached <= horizon


def _share(part: int, whole: int) -> Decimal | None:
    if whole <= 0:
        return None
    found = (Decimal(part) / whole).quantize(_SHARE, ROUND_HALF_UP)
    return found.normalize() if found else Decimal(0)
