"""What a benchmark reports: rows of the table `dev.py bench` prints."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_HEADINGS = ("what", "measured", "floor", "ratio", "target", "ok")


@dataclass(frozen=True, slots=True)
class Row:
    """`measured` beside its `floor` from the same run, in `unit`; `ok` if `target` is met.
    Floor 0: there is nothing to compare with."""

    name: str
    measured: float
    floor: float
    unit: str
    target: str
    ok: bool

    @property
    def ratio(self) -> float | None:
        """How often the floor goes into what was measured."""
        return self.measured / self.floor if self.floor else None

    def cells(self) -> tuple[str, ...]:
        """The row as printed."""
        floor = "-" if self.ratio is None else f"{self.floor:g} {self.unit}"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        measured = f"{self.measured:g} {self.unit}"
        return (self.name, measured, floor, ratio, self.target, "yes" if self.ok else "NO")


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of aligned columns."""
    lines = [_HEADINGS, *(row.cells() for row in rows)]
    widths = [max(_width(line[at]) for line in lines) for at in range(len(_HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        " | ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
