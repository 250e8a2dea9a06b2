"""Pictures that stand alone: SVG documents with their colours inside, to be saved, printed and put
into reports, each with its numbers as a table. Pure.

The site colours by style sheet; a document taken away has none, and a style of its own would be
refused by the security policy it is served under: every class becomes plain attributes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from chalicelib.pictures import lines
from chalicelib.pictures import radar as radars
from chalicelib.pictures.bars import colour_of, placed
from chalicelib.pictures.drawing import picture, short
from chalicelib.pictures.model import Axis, Bar, Chart, Line, Square, Step, Table

_INK, _SOFT, _RAIL, _EDGE = "#1a2330", "#526072", "#e8edf3", "#dde3ea"
_COLOURS: Final = ("#14539a", "#d08a1d", "#b3382c", "#2f8a63", "#6f5bb0", "#5d7388")
_HEAT: Final = ("#e4f3ea", "#e9f1fa", "#fcf2db", "#fbdcb8", "#fcd3ce")
_PAINT: Final = {
    "rail": f'fill="{_RAIL}"',
    "grid": f'fill="none" stroke="{_EDGE}"',
    "tick": f'font-size="12" fill="{_SOFT}"',
    "label": f'font-size="13" fill="{_INK}"',
    "strong": f'font-size="13" font-weight="700" fill="{_INK}"',
    "dot": 'stroke="#ffffff" stroke-width="1.5"',
    "hnone": 'fill="#ffffff"',
    **{f"s{number}": f'fill="{colour}"' for number, colour in enumerate(_COLOURS, start=1)},
    **{f"h{number}": f'fill="{colour}"' for number, colour in enumerate(_HEAT)},
}
_SANS: Final = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_ROW, _LABEL, _BARS, _VALUE = 28, 170, 260, 90


def radar(title: str, axes: Sequence[Axis]) -> Chart:
    """How much of each axis is reached; under three axes, bars."""
    table = Table(title, ("指标", "得分"), tuple((one.label, one.text) for one in axes))
    if len(axes) < 3:
        return Chart(bars(title, _as_bars(axes), most=1).svg, table)
    return Chart(_alone(radars.radar(title, axes)), table)


def trend(title: str, labels: Sequence[str], drawn: Sequence[Line], *, high: float) -> Chart:
    """Lines over time, upright from 0 to `high`."""
    rows = tuple(
        (label, *(_number(line.values[index]) for line in drawn))
        for index, label in enumerate(labels)
    )
    table = Table(title, ("时间", *(line.name for line in drawn)), rows)
    return Chart(_alone(lines.trend(title, labels, drawn, high=high)), table)


def bars(title: str, found: Sequence[Bar], *, most: float, unit: str = "数值") -> Chart:
    """Horizontal bars, one part each. `most`: the value of a full bar."""
    rows = [(bar.label, 0.0, sum(bar.parts), 1, bar.text, False) for bar in found]
    table = Table(title, ("名称", unit), tuple((bar.label, bar.text) for bar in found))
    return Chart(_rows(title, rows, most), table)


def waterfall(title: str, steps: Sequence[Step], *, full: float) -> Chart:
    """How a first amount became the last one. `full`: the value of the whole width."""
    rows = [
        (step.label, start, end, colour_of(step), step.text, step.is_total)
        for step, (start, end) in placed(steps)
    ]
    table = Table(title, ("步骤", "分值"), tuple((step.label, step.text) for step in steps))
    return Chart(_rows(title, rows, full), table)


def heat_map(
    title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Square]]]
) -> Chart:
    """Rows by columns, each square as strong as what it tells."""
    table = Table(
        title, ("", *columns), tuple((label, *(one.text for one in row)) for label, row in rows)
    )
    wide, high = _LABEL + 92 * len(columns), _ROW * (len(rows) + 1)
    drawn = Markup("").join((*_heads(columns), *_squares(rows)))
    told = f"{len(rows)}行{len(columns)}列，每格写明数值。"
    return Chart(_alone(picture(title, told, (0, 0, wide, high + 8), drawn, "heat")), table)


def _heads(columns: Sequence[str]) -> Iterator[Markup]:
    for number, name in enumerate(columns):
        yield Markup('<text class="tick" x="{}" y="18" text-anchor="middle">{}</text>').format(
            _LABEL + 92 * number + 46, _fitted(name, 84)
        )


def _squares(rows: Sequence[tuple[str, Sequence[Square]]]) -> Iterator[Markup]:
    for line, (label, squares) in enumerate(rows, start=1):
        y = _ROW * line
        yield _text("label", 0, y + 18, _fitted(label, _LABEL - 10))
        for number, one in enumerate(squares):
            strength = "none" if one.strength is None else min(max(one.strength, 0), 4)
            yield Markup(
                '<rect class="h{}" x="{}" y="{}" width="88" height="{}" rx="3"/>'
                '<text class="label" x="{}" y="{}" text-anchor="middle">{}</text>'
            ).format(
                strength, _LABEL + 92 * number + 2, y + 2, _ROW - 4,
                _LABEL + 92 * number + 46, y + 18, one.text,
            )  # fmt: skip


def _rows(
    title: str, rows: Sequence[tuple[str, float, float, int, str, bool]], full: float
) -> str:
    """Rows of (label, from, to, colour, text, whether it is a total) as a document."""
    parts: list[Markup] = []
    for number, (label, start, end, colour, text, is_total) in enumerate(rows):
        y = _ROW * number
        left, right = (min(max(value / (full or 1), 0), 1) * _BARS for value in (start, end))
        width = max(right - left, 1)
        style = "strong" if is_total else "label"
        parts += (
            _text(style, 0, y + 18, _fitted(label, _LABEL - 10)),
            _rect("rail", _LABEL, y + 8, _BARS),
            _rect(f"s{colour}", _LABEL + min(left, _BARS - width), y + 8, width),
            _text(style, _LABEL + _BARS + 10, y + 18, text),
        )
    told = "；".join(f"{row[0]} {row[4]}" for row in rows)
    box = (0, 0, _LABEL + _BARS + _VALUE, _ROW * max(len(rows), 1))
    return _alone(picture(title, told, box, Markup("").join(parts), "rows"))


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
        style, short(x), short(y), text
    )


def _rect(style: str, x: float, y: float, width: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="12"/>').format(
        style, short(x), short(y), short(width)
    )


def _fitted(label: str, room: float) -> str:
    """A label cut to the room it has: a Chinese character is as wide as high."""
    wide = 0.0
    for place, letter in enumerate(label):
        wide += 13 if unicodedata.east_asian_width(letter) in "WFA" else 7.5
        if wide > room:
            return label[: max(place - 1, 1)] + "…"
    return label


def _as_bars(axes: Sequence[Axis]) -> list[Bar]:
    return [Bar(axis.label, (axis.share,), axis.text) for axis in axes]


def _number(value: float | None) -> str:
    return "" if value is None else short(value)


def _alone(drawing: Markup) -> str:
    """The picture of a drawing as a document; what else the page shows beside it is left out."""
    text = str(drawing)
    body = text[: text.index("</svg>") + len("</svg>")] if "</svg>" in text else ""
    if not body:
        return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    painted = re.sub(r'class="([^"<>]*)"', lambda found: _painted(found.group(1)), body)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{_SANS}"'
    return painted.replace("<svg", head, 1)


def _painted(classes: str) -> str:
    names = classes.split()
    if "line" in names or "area" in names:
        colour = _COLOURS[int(names[-1][1:]) - 1]
        fill = f'fill="{colour}" fill-opacity="0.22"' if "area" in names else 'fill="none"'
        return f'{fill} stroke="{colour}" stroke-width="2"'
    return " ".join(_PAINT[name] for name in names if name in _PAINT)
