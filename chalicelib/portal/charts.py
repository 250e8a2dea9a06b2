"""Drawings of numbers, made by the server: SVG without script or inline style, and the same numbers
as a table for whoever does not see. Pure.

Bars are drawn inside the table itself, so that labels stay as large as the text around them on a
phone; lines and the radar are pictures with their table beneath.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

SERIES = 6
"""How many colours the style sheet has (`.s1` to `.s6`)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the lengths of its parts, and what is written behind it."""

    label: str
    parts: tuple[float, ...]
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a value per label of the axis, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a radar: how much of it is filled (0 to 1), and the value as it is written."""

    label: str
    share: float
    text: str


def bars(
    title: str, bars: Sequence[Bar], *, unit: str = "数量", most: float | None = None
) -> Markup:
    """Horizontal bars, one part each. `most`: the value of a full bar; the longest by default."""
    return _bar_table(title, bars, ("名称", unit), most)


def stacked_bars(title: str, series: Sequence[str], bars: Sequence[Bar], *, unit: str) -> Markup:
    """Horizontal bars of several parts, one per name in `series`, and a legend."""
    legend = Markup("").join(
        Markup('<li><span class="key s{}"></span>{}</li>').format(number, name)
        for number, name in enumerate(series, start=1)
    )
    table = _bar_table(title, bars, ("名称", unit), None, series)
    return Markup('<ul class="legend">{}</ul>{}').format(legend, table)


def _bar_table(
    title: str,
    bars: Sequence[Bar],
    heads: tuple[str, str],
    most: float | None,
    series: Sequence[str] = (),
) -> Markup:
    full = most or max((sum(bar.parts) for bar in bars), default=0) or 1
    rows = Markup("").join(_bar_row(bar, full, series) for bar in bars)
    return Markup(
        '<table class="bars" role="table"><caption class="unseen">{}</caption>'
        '<thead class="unseen" role="rowgroup"><tr role="row"><th scope="col" role="columnheader">'
        '{}</th><th scope="col" role="columnheader">图示</th>'
        '<th scope="col" role="columnheader">{}</th></tr></thead>'
        '<tbody role="rowgroup">{}</tbody></table>'
    ).format(title, heads[0], heads[1], rows)


def _bar_row(bar: Bar, full: float, series: Sequence[str]) -> Markup:
    label = Markup('<a href="{}">{}</a>').format(bar.href, bar.label) if bar.href else bar.label
    told = "，".join(
        f"{name} {_short(part)}" for name, part in zip(series, bar.parts, strict=False) if part
    )
    return Markup(
        '<tr role="row"><th scope="row" role="rowheader">{}</th>'
        '<td class="bar" role="cell"><svg viewBox="0 0 100 8" '
        'preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="rail" width="100" height="8"/>{}</svg>{}</td>'
        '<td class="value" role="cell">{}</td></tr>'
    ).format(
        label,
        Markup("").join(_parts(bar.parts, full)),
        Markup('<span class="unseen">{}</span>').format(told) if told else "",
        bar.text,
    )


def _parts(parts: Sequence[float], full: float) -> Iterator[Markup]:
    start = 0.0
    for number, part in enumerate(parts):
        width = min(max(part, 0) / full * 100, 100 - start)
        if width > 0:
            yield Markup('<rect class="s{}" x="{}" width="{}" height="8"/>').format(
                number % SERIES + 1, _short(start), _short(width)
            )
        start += width


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
    top = high if high is not None else _round_up(max(*values, low + 1))
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
    picture = _picture(title, told, (0, 0, _WIDTH, _HEIGHT), drawn, "trend")
    return picture + _legend(lines) + _numbers(title, labels, lines, unit)


def _grid(low: float, top: float) -> Iterator[Markup]:
    for step in range(5):
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * step / 4
        value = top - (top - low) * step / 4
        yield Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
        ).format(
            _LEFT, _WIDTH - _RIGHT, _short(y), _short(y), _LEFT - 6, _short(y + 4), _short(value)
        )


def _labels(labels: Sequence[str]) -> Iterator[Markup]:
    # As many as stand beside each other without touching.
    longest = max(map(len, labels))
    every = max(1, math.ceil(len(labels) * (longest * 7.5 + 12) / (_WIDTH - _LEFT - _RIGHT)))
    for index, label in enumerate(labels):
        if (len(labels) - 1 - index) % every == 0:
            yield Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                _short(_x(index, len(labels))), _HEIGHT - 8, label
            )


def _line(line: Line, number: int, low: float, top: float) -> Iterator[Markup]:
    places: list[str] = []
    for index, value in enumerate(line.values):
        if value is None:
            yield from _stroke(places, number)
            places = []
            continue
        share = (value - low) / (top - low)
        x = _short(_x(index, len(line.values)))
        y = _short(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - min(max(share, 0), 1)))
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
    return _hidden_table(title, Markup("").join(heads), Markup("").join(rows))


def _told(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{_short(value)}{unit}"


_CENTRE, _RADIUS = 150, 88


def radar(title: str, axes: Sequence[Axis]) -> Markup:
    """How much of each axis is reached. Under three axes there is no area: bars are drawn."""
    if len(axes) < 3:
        return bars(
            title, [Bar(axis.label, (axis.share,), axis.text) for axis in axes], unit="得分", most=1
        )
    rings = [_ring([share] * len(axes), "grid") for share in (0.25, 0.5, 0.75, 1)]
    spokes = [_spoke(index, len(axes)) for index in range(len(axes))]
    filled = _ring([min(max(axis.share, 0), 1) for axis in axes], "area s1")
    names = [_axis_name(axis, index, len(axes)) for index, axis in enumerate(axes)]
    drawn = Markup("").join((*rings, *spokes, filled, *names))
    told = "；".join(f"{axis.label} {axis.text}" for axis in axes)
    picture = _picture(title, told, (-70, 34, 440, 230), drawn, "radar")
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="value">{}</td></tr>').format(
            axis.label, axis.text
        )
        for axis in axes
    )
    return picture + _hidden_table(title, Markup('<th scope="col">得分</th>'), rows)


def _ring(shares: Sequence[float], names: str) -> Markup:
    places = (_place(index, len(shares), share) for index, share in enumerate(shares))
    return Markup('<polygon class="{}" points="{}"/>').format(
        names, " ".join(f"{_short(x)},{_short(y)}" for x, y in places)
    )


def _spoke(index: int, count: int) -> Markup:
    x, y = _place(index, count, 1)
    return Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        _CENTRE, _CENTRE, _short(x), _short(y)
    )


def _axis_name(axis: Axis, index: int, count: int) -> Markup:
    x, y = _place(index, count, 1.16)
    anchor = "middle" if abs(x - _CENTRE) < 12 else "start" if x > _CENTRE else "end"
    label = axis.label if len(axis.label) <= 7 else axis.label[:6] + "…"
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        _short(x), _short(y + 4), anchor, label
    )


def _place(index: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / count - math.pi / 2
    return (
        _CENTRE + _RADIUS * share * math.cos(angle),
        _CENTRE + _RADIUS * share * math.sin(angle),
    )


def _picture(
    title: str, told: str, box: tuple[int, int, int, int], drawn: Markup, name: str
) -> Markup:
    own = hashlib.sha256(f"{title}\n{told}\n{drawn}".encode()).hexdigest()[:8]
    return Markup(
        '<svg class="{name}" viewBox="{box}" role="img" aria-labelledby="t{own} d{own}">'
        '<title id="t{own}">{title}</title><desc id="d{own}">{told}</desc>{drawn}</svg>'
    ).format(name=name, box=" ".join(map(str, box)), own=own, title=title, told=told, drawn=drawn)


def _hidden_table(title: str, heads: Markup, rows: Markup) -> Markup:
    return Markup(
        '<details class="numbers"><summary>查看数字</summary><table class="plain">'
        '<caption class="unseen">{}</caption><thead><tr><td></td>{}</tr></thead>'
        "<tbody>{}</tbody></table></details>"
    ).format(title, heads, rows)


def _round_up(value: float) -> float:
    """The next number that divides by four and reads well."""
    step = 10 ** max(0, math.floor(math.log10(value)) - 1)
    step = step * 4 if value > step * 4 else 4
    return math.ceil(value / step) * step


def _short(value: float) -> str:
    return str(escape(f"{value:.2f}".rstrip("0").rstrip(".")))
