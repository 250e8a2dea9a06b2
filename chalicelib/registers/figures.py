"""The figures the platform computes itself, by the code a pack's `target.figure` names.

Figures live in other rooms; `app.py` says where (`know_figure`), so that this room need not know
them. A pack may name a figure nobody computes yet: then the status says so, and nothing counts as
reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.aws.platform import Platform
from chalicelib.policy.programme import Target
from chalicelib.registers.rules import FigureValue


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose figure is asked for: an agency's, or (agency empty) a region's with those below it."""

    jurisdiction: str
    region: str
    agency_code: str = ""


Figure = Callable[[Platform, Whose, date], FigureValue]
"""The figure as of a civil date in Asia/Shanghai. May raise Unavailable."""

_known: dict[str, Figure] = {}


def know_figure(code: str, compute: Figure) -> None:
    """Say how the figure `code` of the packs is computed."""
    _known[code] = compute


def known_figures() -> frozenset[str]:
    """Codes of the figures that can be computed."""
    return frozenset(_known)


class Figures:
    """The figures of one request, each computed once."""

    def __init__(self, platform: Platform, today: date) -> None:
        self._platform = platform
        self._today = today
        self._computed: dict[tuple[str, Whose], FigureValue] = {}

    def of(self, target: Target | None, whose: Whose) -> FigureValue | None:
        """The figure of a target; None where there is no target."""
        if target is None:
            return None
        key = (target.figure, whose)
        if key not in self._computed:
            self._computed[key] = self._compute(target.figure, whose)
        return self._computed[key]

    def _compute(self, code: str, whose: Whose) -> FigureValue:
        compute = _known.get(code)
        if compute is None:
            return FigureValue(None, f"平台还没有接入“{code}”这项数据")
        return compute(self._platform, whose, self._today)
