"""Ranks from standings alone: pure, and small enough in memory for a whole city."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import NamedTuple, TypeAlias

from chalicelib.evaluation.runs import Body, Placing
from chalicelib.policy.scheme import Scheme


class Entry(NamedTuple):
    """What ranking looks at: whose total, and in which group."""

    subject_id: str
    total: str
    group: str


Ordered: TypeAlias = list[tuple[str, Decimal, str]]


def group_of(scheme: Scheme, body: Body) -> str:
    """The group a body is ranked in, named by what its bodies share."""
    return "/".join(getattr(body, name) for name in scheme.rank_within)


def ranked(entries: Iterable[Entry]) -> Iterator[tuple[str, Placing]]:
    """The place of everybody in its group (ties share it: 1, 1, 3), by group, place and subject
    id. Of every entry no more than its id is held, beside one value per total and group."""
    losses: dict[str, Decimal] = {}
    ordered: Ordered = [
        (intern(group), losses.setdefault(total, -Decimal(total)), subject_id)
        for subject_id, total, group in entries
    ]
    ordered.sort()
    yield from _placed(ordered)


def _placed(ordered: Ordered) -> Iterator[tuple[str, Placing]]:
    begin = 0
    for group, members in groupby(ordered, key=itemgetter(0)):
        size = sum(1 for _ in members)
        placing, previous = Placing(group, 1, size), None
        for position in range(size):
            _, loss, subject_id = ordered[begin + position]
            if loss != previous:
                placing, previous = Placing(group, position + 1, size), loss
            yield subject_id, placing
        begin += size


def by_subject(placings: Sequence[tuple[str, Placing]]) -> Sequence[tuple[str, Placing]]:
    """The same by subject id, as the run's digest has them."""
    return sorted(placings, key=itemgetter(0))
