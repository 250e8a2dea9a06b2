"""A kind of case as a picture: states from top to bottom, what may be done in each beside it.

Pure: from a kind to SVG text, always the same. Every state has one lane on the right; a line runs
from an action to the lane of the state it leads to, and along it into that state. No two texts can
meet, however many actions there are. Without the picture the description says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from chalicelib.cases.rules_clocks import limit_in_words
from chalicelib.policy.case_kinds import (
    ABOUT_TITLES,
    RELATION_TITLES,
    CaseAction,
    CaseKind,
    CaseState,
)

_FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
_MARGIN, _TOP, _GAP = 24, 92, 22
_BOX, _STEP, _LINE = 250, 30, 20
_ACTIONS_AT = _MARGIN + _BOX + 40
_LANE = 16
_COLOURS = ("#0b5cad", "#a23b00", "#1c6b3a", "#7a1fa2", "#8a5a00", "#00707a", "#9c1f4b", "#40507a")
_INK, _SOFT, _PAPER = "#1b1f24", "#57606a", "#ffffff"


@dataclass(frozen=True, slots=True)
class _Row:
    """One state (None: the opening), where it stands, and what may be done there."""

    state: CaseState | None
    lines: tuple[str, ...]
    actions: tuple[CaseAction, ...]
    top: int

    @property
    def height(self) -> int:
        """Enough for the lines of the box and for the actions below the line that comes in."""
        return max(28 + _LINE * len(self.lines), 26 + _STEP * len(self.actions), 48)

    @property
    def entry(self) -> int:
        """Where the line into the state runs, above its actions."""
        return self.top + 12


def diagram(kind: CaseKind) -> str:
    """The kind as an SVG document with a title and a description for those who do not see it."""
    rows = _rows(kind)
    lanes = {row.state.code: at for at, row in enumerate(rows) if row.state is not None}
    label = max(_width(_label(action), 14) for row in rows for action in row.actions) + 24
    lanes_at = _ACTIONS_AT + label + 24
    width = lanes_at + _LANE * (len(lanes) + 1) + _MARGIN
    last = rows[-1]
    height = last.top + last.height + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="title description" lang="zh-CN" '
        f'font-family="{_FONT}" font-size="14">',
        f'<title id="title">{escape(kind.title)}：状态和操作</title>',
        f'<desc id="description">{escape("；".join(_sentences(kind)))}</desc>',
        *_arrowheads(),
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        _text(_MARGIN, 40, kind.title, 22, bold=True),
        _text(_MARGIN, 66, f"针对{ABOUT_TITLES[kind.about]}；虚线框的操作不改变状态", 13, _SOFT),
    ]
    for row in rows:
        parts += _edges(row, rows, lanes, label, lanes_at)
    for row in rows:
        parts += _box(row)
        parts += _labels(row, label)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _rows(kind: CaseKind) -> list[_Row]:
    openings = tuple(action for action in kind.actions if action.opens)
    rows = [_Row(None, ("发起",), openings, _TOP)]
    for state in _in_order(kind):
        top = rows[-1].top + rows[-1].height + _GAP
        rows.append(_Row(state, tuple(_lines(kind, state)), kind.actions_at(state.code), top))
    return rows


def _in_order(kind: CaseKind) -> list[CaseState]:
    """States that are not final in the order of the pack, then the ends."""
    return sorted(kind.states, key=lambda state: state.final)


def _lines(kind: CaseKind, state: CaseState) -> Iterator[str]:
    yield from _cut(state.title, _BOX - 28, 15)
    if state.final:
        yield "终结"
    if state.owner is not None:
        yield f"承办：{RELATION_TITLES[state.owner]}"
    for code in state.limits:
        limit = kind.limit(code)
        yield from _cut(f"{limit.title}：{limit_in_words(limit)}", _BOX - 28, 13)


def _label(action: CaseAction) -> str:
    return f"{action.title}（{'、'.join(RELATION_TITLES[relation] for relation in action.by)}）"


def _sentences(kind: CaseKind) -> Iterator[str]:
    """The transitions in words."""
    titles = {state.code: state.title for state in kind.states}
    for action in kind.actions:
        starts = "、".join(f"“{titles[code]}”" for code in action.states)
        who = "、".join(RELATION_TITLES[relation] for relation in action.by)
        where = f"在{starts}" if starts else "发起"
        to = f"进入“{titles[action.to]}”" if action.to else "状态不变"
        yield f"{where}：{action.title}（{who}），{to}"


def _arrowheads() -> Iterator[str]:
    yield "<defs>"
    for at, colour in enumerate(_COLOURS):
        yield (
            f'<marker id="a{at}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        )
    yield "</defs>"


def _edges(
    row: _Row, rows: Iterable[_Row], lanes: dict[str, int], label: int, lanes_at: int
) -> Iterator[str]:
    entries = {other.state.code: other.entry for other in rows if other.state is not None}
    for at, action in enumerate(row.actions):
        if action.to is None:
            continue
        lane = lanes[action.to]
        colour = _COLOURS[lane % len(_COLOURS)]
        y, x, into = _action_y(row, at), lanes_at + _LANE * lane, entries[action.to]
        yield (
            f'<path d="M{_ACTIONS_AT + label} {y}H{x}V{into}H{_MARGIN + _BOX + 2}" fill="none" '
            f'stroke="{colour}" stroke-width="1.6" marker-end="url(#a{lane % len(_COLOURS)})"/>'
        )


def _action_y(row: _Row, at: int) -> int:
    return row.top + 26 + _STEP * at + _STEP // 2


def _box(row: _Row) -> Iterator[str]:
    final = row.state is not None and row.state.final
    fill = "#eef1f4" if final else "#fff8e1" if row.state is None else "#e8f1fb"
    yield (
        f'<rect x="{_MARGIN}" y="{row.top}" width="{_BOX}" height="{row.height}" rx="8" '
        f'fill="{fill}" stroke="{_INK}" stroke-width="{3 if final else 1.2}"/>'
    )
    for at, line in enumerate(row.lines):
        size = 15 if at == 0 else 13
        y = row.top + 26 + _LINE * at
        yield _text(_MARGIN + 14, y, line, size, _INK if at == 0 else _SOFT, bold=at == 0)


def _labels(row: _Row, label: int) -> Iterator[str]:
    for at, action in enumerate(row.actions):
        y = _action_y(row, at)
        dash = "" if action.to else ' stroke-dasharray="4 3"'
        yield (
            f'<path d="M{_MARGIN + _BOX} {y}H{_ACTIONS_AT}" stroke="{_SOFT}" stroke-width="1"/>'
            f'<rect x="{_ACTIONS_AT}" y="{y - 12}" width="{label}" height="24" rx="12" '
            f'fill="{_PAPER}" stroke="{_SOFT}"{dash}/>'
        )
        yield _text(_ACTIONS_AT + 12, y + 5, _label(action), 14)


def _text(x: int, y: int, text: str, size: int, colour: str = _INK, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'


def _width(text: str, size: int) -> int:
    """How wide a text is at most: a Chinese character is square, others about half."""
    return sum(size if ord(character) > 0x2E7F else size * 2 // 3 for character in text)


def _cut(text: str, width: int, size: int) -> Iterator[str]:
    """The text in lines no wider than that."""
    line = ""
    for character in text:
        if line and _width(line + character, size) > width:
            yield line
            line = ""
        line += character
    yield line
