"""Two evaluations beside each other: who moves, and by how much. Pure, over standings alone.

Places are compared within groups. Who is in only one of both has no move; it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chalicelib.evaluation.runs import Placing

_ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Stood:
    """Where somebody stood in one evaluation."""

    total: Decimal
    placing: Placing


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody in both evaluations."""

    subject_id: str
    before: Stood
    after: Stood

    @property
    def points(self) -> Decimal:
        """How many points more."""
        return self.after.total - self.before.total

    @property
    def places(self) -> int:
        """How many places up (below 0: down); 0 where the group is another one."""
        if self.before.placing.group != self.after.placing.group:
            return 0
        return self.before.placing.place - self.after.placing.place


@dataclass(frozen=True, slots=True)
class Summary:
    """All moves counted."""

    compared: int
    up: int
    down: int
    same: int
    largest_up: int
    largest_down: int
    mean_points: Decimal
    """Mean change of the total, two decimals."""
    only_before: int
    only_after: int


Standings = Mapping[str, Stood]


def moves(before: Standings, after: Standings) -> list[Move]:
    """Everybody in both, who moves most places first, then who gains or loses most points."""
    found = [Move(each, before[each], after[each]) for each in after if each in before]
    return sorted(found, key=lambda one: (-abs(one.places), -abs(one.points), one.subject_id))


def summary(before: Standings, after: Standings, found: Sequence[Move]) -> Summary:
    """The moves counted."""
    places = [move.places for move in found]
    points = sum((move.points for move in found), _ZERO)
    mean = (points / len(found)).quantize(_CENT, ROUND_HALF_UP) if found else _ZERO
    return Summary(
        compared=len(found),
        up=sum(1 for each in places if each > 0),
        down=sum(1 for each in places if each < 0),
        same=sum(1 for each in places if not each),
        largest_up=max((0, *places)),
        largest_down=-min((0, *places)),
        mean_points=mean,
        only_before=len(before) - len(found),
        only_after=len(after) - len(found),
    )


def place_among(total: Decimal, others: Sequence[Decimal]) -> int:
    """The place somebody with this total would have among others (ties share it)."""
    return 1 + sum(1 for each in others if each > total)
