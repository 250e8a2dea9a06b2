"""The pictures of monitoring, from what its routes show: the map of regions, the series. Pure."""

from __future__ import annotations

from typing import Final

from chalicelib.monitoring.views import CellOut, HeatMapOut, MapRowOut, TrendOut
from chalicelib.pictures import standalone
from chalicelib.pictures.drawing import round_up
from chalicelib.pictures.model import Chart, Line, Square
from chalicelib.policy.warnings import LEVEL_TITLES

_STRENGTH: Final = {"none": 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}


def heat_map(shown: HeatMapOut) -> Chart:
    """Regions by rules: each square says its value and its level."""
    rows = [(row.title, _squares(shown, row)) for row in shown.rows]
    columns = [rule.title for rule in shown.rules]
    return standalone.heat_map(f"{shown.day}监测预警热力图", columns, rows)


def trend(shown: TrendOut) -> Chart:
    """The series of one rule for one object, with the thresholds of its levels as lines."""
    values = [float(point.value) if point.value else None for point in shown.points]
    labels = [point.day for point in shown.points]
    steps = {code: float(value) for code, value in shown.rule.thresholds.items()}
    lines = [
        Line(shown.rule.title, tuple(values)),
        *(Line(f"{LEVEL_TITLES[code]}阈值", (step,) * len(labels)) for code, step in steps.items()),
    ]
    highest = max([1.0, *steps.values(), *(value for value in values if value is not None)])
    return standalone.trend(f"{shown.rule.title}走势", labels, lines, high=round_up(highest))


def _squares(shown: HeatMapOut, row: MapRowOut) -> list[Square]:
    cells = {cell.rule: cell for cell in row.cells}
    return [_square(cells.get(rule.code)) for rule in shown.rules]


def _square(cell: CellOut | None) -> Square:
    if cell is None or not cell.value:
        return Square(None, "—")
    level = f" {LEVEL_TITLES[cell.level]}" if cell.level != "none" else ""
    return Square(_STRENGTH[cell.level], f"{cell.value}{level}")
