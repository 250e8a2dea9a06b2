"""What other rooms and `app.py` ask of the registers: remind, and where figures come from."""

from __future__ import annotations

from chalicelib.registers.duties import duties_of_keeper, duties_of_tasks
from chalicelib.registers.figures import Figure, Whose, know_figure, known_figures
from chalicelib.registers.rules import FigureValue
from chalicelib.registers.rules_duties import Duty
from chalicelib.registers.upkeep import remind_keepers

__all__ = [
    "Duty",
    "Figure",
    "FigureValue",
    "Whose",
    "duties_of_keeper",
    "duties_of_tasks",
    "know_figure",
    "known_figures",
    "remind_keepers",
]
