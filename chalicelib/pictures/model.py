"""What is drawn: plain values, with every number also as the text people read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: how much it takes away (negative) or gives, and the text beside it.
    `total` steps stand on the ground: where it begins and where it ends."""

    label: str
    change: float
    text: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a heat map: how strong (0 to 4; None: nothing to tell), and what is written in
    it: colour is never the only sign."""

    strength: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture, for whoever does not see it and for programs."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture that stands alone (an SVG document), and its numbers."""

    svg: str
    table: Table
