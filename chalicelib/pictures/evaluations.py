"""The pictures of an evaluation, from plain values: radar, waterfall, trend, ranking. Pure.

Site, public API and private API draw the same: what a body got, how the full mark became its score,
how that went over the years, and where it stands among its peers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from chalicelib.pictures import standalone
from chalicelib.pictures.drawing import round_up
from chalicelib.pictures.model import Axis, Bar, Chart, Line, Step

ResultChart = Literal["radar", "waterfall", "trend"]
"""The pictures there are of one result."""


@dataclass(frozen=True, slots=True)
class Part:
    """A first-level indicator: its full mark and the points reached, decimal text."""

    title: str
    weight: str
    points: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A score of an earlier evaluation of the same kind."""

    period: str
    score: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A result as it is drawn."""

    name: str
    """Empty for a person."""
    score: str
    parts: tuple[Part, ...]
    scores: tuple[Earlier, ...] = ()
    """All periods, this one included, the oldest first."""


def chart_of(chart: ResultChart, shown: Shown) -> Chart:
    """The picture of a result, standing alone."""
    about = f"{shown.name}：" if shown.name else ""
    full = full_mark(shown.parts)
    if chart == "radar":
        return standalone.radar(f"{about}各项指标得分", axes(shown.parts))
    if chart == "waterfall":
        title = f"{about}{_plain(full)}分如何成为{shown.score}分"
        return standalone.waterfall(title, steps(shown.parts, shown.score), full=float(full))
    labels = [one.period for one in shown.scores]
    line = Line("得分", tuple(float(one.score) for one in shown.scores))
    return standalone.trend(f"{about}历次得分", labels, [line], high=float(full))


def full_mark(parts: Sequence[Part]) -> Decimal:
    """What all indicators together are worth."""
    return sum((Decimal(one.weight) for one in parts), Decimal(0))


def scores_over(results: Iterable[tuple[str, str, str]], title: str) -> tuple[Earlier, ...]:
    """The scores of one kind of evaluation by period, the oldest first, from (title, period,
    score) with the newest evaluation first: of a period that was evaluated again the newest."""
    found: dict[str, str] = {}
    for name, period, score in results:
        if name == title:
            found.setdefault(period, score)
    return tuple(Earlier(period, found[period]) for period in sorted(found))


def ranking(title: str, ranked: Sequence[tuple[str, str]]) -> Chart:
    """Bodies with their scores, in their order."""
    found = [Bar(name, (float(score),), score) for name, score in ranked]
    highest = max((bar.parts[0] for bar in found), default=0.0)
    most = 100.0 if highest <= 100 else round_up(highest)
    return standalone.bars(title, found, most=most, unit="得分")


def axes(parts: Sequence[Part]) -> list[Axis]:
    """How much of each indicator was reached, as axes of a radar."""
    return [
        Axis(
            one.title,
            min(max(float(one.points) / float(one.weight), 0.0), 1.0) if float(one.weight) else 0.0,
            f"{one.points} / {one.weight}",
        )
        for one in parts
    ]


def steps(parts: Sequence[Part], score: str) -> list[Step]:
    """How the full mark became the score: what each indicator took away and, where a veto or a cap
    took more, that too. The steps add up to the score to the last digit."""
    full = full_mark(parts)
    reached = sum((Decimal(one.points) for one in parts), Decimal(0))
    changes = [(one.title, Decimal(one.points) - Decimal(one.weight)) for one in parts]
    changes.append(("否决或封顶", Decimal(score) - reached))
    return [
        Step("满分", float(full), _plain(full), is_total=True),
        *(Step(title, float(change), _signed(change)) for title, change in changes if change),
        Step("得分", float(score), score, is_total=True),
    ]


def _signed(change: Decimal) -> str:
    return f"−{_plain(-change)}" if change < 0 else f"+{_plain(change)}"


def _plain(value: Decimal | str) -> str:
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

