"""What a scheme owes those it evaluates: told before a poor result is published, and heard after.

Days are working days; the day of being told is not counted. Where no document says how many, the
number is the platform's own and marked as not verified.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Constrained

from chalicelib.policy.base import Frozen, LegalBasis

Days = Annotated[int, Constrained(ge=1, le=60)]


class Notice(Frozen):
    """A body whose result is in one of these grades is told, and its result is published only when
    so many working days are over and an appeal, if there is one, is decided."""

    grades: Annotated[tuple[str, ...], Constrained(min_length=1)]
    days: Days
    basis: LegalBasis


class AppealWindow(Frozen):
    """Within how many working days after being told whoever was evaluated may appeal."""

    days: Days
    basis: LegalBasis
