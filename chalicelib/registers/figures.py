"""The figures the platform computes itself, by the code a pack's `target.figure` names.

Rates of collection and shares of coverage come from the accounts; a room above this one may add
its own (`know_figure`, said in `app.py`). A pack may name a figure nobody computes yet: then the
status says so, and nothing counts as reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import get_args

from chalicelib.accounts import service as accounts
from chalicelib.accounts.model import FigureCode
from chalicelib.aws.platform import Platform
from chalicelib.kernel.clock import civil_date, parse_instant
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


def of_accounts(code: FigureCode) -> Figure:
    """How a figure of the accounts is computed."""

    def compute(platform: Platform, whose: Whose, today: date) -> FigureValue:
        found = accounts.figure(
            platform,
            code,
            jurisdiction=whose.jurisdiction,
            on=today,
            agency=whose.agency_code,
            region="" if whose.agency_code else whose.region,
        )
        if not found.computed_at:
            return FigureValue(found.value, "还没有统计过")
        counted_on = civil_date(parse_instant(found.computed_at))
        told = f"{found.numerator}/{found.denominator}，{counted_on} 统计"
        return FigureValue(found.value, told)

    return compute


_known: dict[str, Figure] = {code: of_accounts(code) for code in get_args(FigureCode)}


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
