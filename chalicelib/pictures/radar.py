"""A radar: how much of each axis is reached, with the numbers beneath. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from chalicelib.pictures.bars import bars
from chalicelib.pictures.drawing import hidden_table, picture, short
from chalicelib.pictures.model import Axis, Bar

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
    drawing = picture(title, told, (-70, 34, 440, 230), drawn, "radar")
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="value">{}</td></tr>').format(
            axis.label, axis.text
        )
        for axis in axes
    )
    return drawing + hidden_table(title, Markup('<th scope="col">得分</th>'), rows)


def _ring(shares: Sequence[float], names: str) -> Markup:
    places = (_place(index, len(shares), share) for index, share in enumerate(shares))
    return Markup('<polygon class="{}" points="{}"/>').format(
        names, " ".join(f"{short(x)},{short(y)}" for x, y in places)
    )


def _spoke(index: int, count: int) -> Markup:
    x, y = _place(index, count, 1)
    return Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        _CENTRE, _CENTRE, short(x), short(y)
    )


def _axis_name(axis: Axis, index: int, count: int) -> Markup:
    x, y = _place(index, count, 1.16)
    anchor = "middle" if abs(x - _CENTRE) < 12 else "start" if x > _CENTRE else "end"
    label = axis.label if len(axis.label) <= 7 else axis.label[:6] + "…"
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        short(x), short(y + 4), anchor, label
    )


def _place(index: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / count - math.pi / 2
    return (
        _CENTRE + _RADIUS * share * math.cos(angle),
        _CENTRE + _RADIUS * share * math.sin(angle),
    )
