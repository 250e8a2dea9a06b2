"""Lines over time, with their numbers beneath. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from chalicelib.pictures.drawing import hidden_table, picture, round_up, short
from chalicelib.pictures.model import Line

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420, 210, 40, 8, 14, 30
_INSET = 20


def trend(
    title: str,
    labels: Sequence[str],
    lines: Sequence[Line],
    *,
    unit: str = "",
    low: float = 0,
    high: float | None = None,
) -> Markup:
    """Lines over time. `low` and `high` bound the upright axis; without `high` the values do."""
    values = [value for line in lines for value in line.values if value is not None]
    if not labels or not values:
        return Markup("")
    top = high if high is not None else round_up(max(*values, low + 1))
    drawn = Markup("").join(
        (
            *_grid(low, top),
            *_labels(labels),
            *(
                mark
                for number, line in enumerate(lines, start=1)
                for mark in _line(line, number, low, top)
            ),
        )
    )
    told = f"横轴从{labels[0]}到{labels[-1]}，共{len(labels)}点；数字见图下的表。"
    drawing = picture(title, told, (0, 0, _WIDTH, _HEIGHT), drawn, "trend")
    return drawing + _legend(lines) + _numbers(title, labels, lines, unit)


def _grid(low: float, top: float) -> Iterator[Markup]:
    for step in range(5):
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * step / 4
        value = top - (top - low) * step / 4
        yield Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
        ).format(
            _LEFT, _WIDTH - _RIGHT, short(y), short(y), _LEFT - 6, short(y + 4), short(value)
        )


def _labels(labels: Sequence[str]) -> Iterator[Markup]:
    # As many as stand beside each other without touching.
    longest = max(map(len, labels))
    every = max(1, math.ceil(len(labels) * (longest * 7.5 + 12) / (_WIDTH - _LEFT - _RIGHT)))
    for index, label in enumerate(labels):
        if (len(labels) - 1 - index) % every == 0:
            yield Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                short(_x(index, len(labels))), _HEIGHT - 8, label
            )


def _line(line: Line, number: int, low: float, top: float) -> Iterator[Markup]:
    places: list[str] = []
    for index, value in enumerate(line.values):
        if value is None:
            yield from _stroke(places, number)
            places = []
            continue
        share = (value - low) / (top - low)
        x = short(_x(index, len(line.values)))
        y = short(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - min(max(share, 0), 1)))
        places.append(f"{x},{y}")
        yield Markup('<circle class="dot s{}" cx="{}" cy="{}" r="3"/>').format(number, x, y)
    yield from _stroke(places, number)


def _stroke(places: Sequence[str], number: int) -> Iterator[Markup]:
    if len(places) > 1:
        yield Markup('<polyline class="line s{}" points="{}"/>').format(number, " ".join(places))


def _x(index: int, count: int) -> float:
    # Half a label's room at both ends.
    wide = _WIDTH - _LEFT - _RIGHT - 2 * _INSET
    return _LEFT + _INSET + wide * (index / (count - 1) if count > 1 else 0.5)


def _legend(lines: Sequence[Line]) -> Markup:
    if len(lines) < 2:
        return Markup("")
    return Markup('<ul class="legend">{}</ul>').format(
        Markup("").join(
            Markup('<li><span class="key s{}"></span>{}</li>').format(number, line.name)
            for number, line in enumerate(lines, start=1)
        )
    )


def _numbers(title: str, labels: Sequence[str], lines: Sequence[Line], unit: str) -> Markup:
    heads = [Markup('<th scope="col">{}</th>').format(line.name) for line in lines]
    rows = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            label,
            Markup("").join(
                Markup('<td class="value">{}</td>').format(_told(line.values[index], unit))
                for line in lines
            ),
        )
        for index, label in enumerate(labels)
    ]
    return hidden_table(title, Markup("").join(heads), Markup("").join(rows))


def _told(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{short(value)}{unit}"
