"""What monitoring looks at and what comes out: rows, standings, warnings. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from chalicelib.policy.model import FieldValue
from chalicelib.policy.warnings import Level, Watched

Standing: TypeAlias = Literal["none"] | Level
"""No warning, or the level of one."""

STANDINGS: Final[tuple[Standing, ...]] = ("none", "blue", "yellow", "orange", "red")
"""From nothing to the gravest."""

Change = Literal["raised", "escalated", "lowered", "closed"]

CHANGE_TITLES: Final[Mapping[Change, str]] = MappingProxyType(
    {"raised": "发出预警", "escalated": "预警升级", "lowered": "预警降级", "closed": "预警解除"}
)

Part: TypeAlias = Mapping[str, Decimal]
"""What a metric is made of, by name. The part of a region is the sum of its bodies' parts."""


def _nothing() -> Mapping[str, FieldValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one record, or one row of a figure, as far as a rule looks at it."""

    row_id: str
    version: int
    link: str
    """`about`, `reported_by` or `figure`."""
    type: str
    subject: str
    """Id of the subject the record is about."""
    reporter: str
    occurred_on: date
    known_from: date
    """The day it was received: before it nobody knew."""
    counts_until: date | None = None
    """The day it was repaired: it counted before. None: it counts still."""
    severity: str = ""
    dishonesty: bool = False
    late: bool | None = None
    """Received after its time limit; None where there is none."""
    values: Mapping[str, FieldValue] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Watch:
    """Where the watch over one rule and one object stands."""

    level: Standing = "none"
    judged_on: str = ""
    """ISO date of the newest value judged."""
    calm_since: str = ""
    """The first of the days on which the value has stayed below the margin; empty: it has not."""
    calm_level: Standing = "none"
    """The highest level the value would have held on any of these days."""
    peak: Standing = "none"
    """The gravest level of the warning that is open, or was last."""
    warning_id: str = ""
    """The warning that is open, or was last."""
    closed_on: str = ""
    """The day on which the last one was closed; empty while one is open."""
    episode: int = 0
    """How many warnings there have been."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a value is of: a body, a region or a trade."""

    watched: Watched
    code: str
    """Subject id of a body, code of a region, choice of a trade."""
    title: str
    region: str = ""
    """Of a body, or the region itself; empty for a trade, which is of the whole jurisdiction."""

    @property
    def key(self) -> str:
        """In one word."""
        return f"{self.watched}:{self.code}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A value of a rule for an object on a day, and what it is made of."""

    rule: str
    value: Decimal | None
    sample: int


def higher(one: Standing, other: Standing) -> Standing:
    """The graver of two."""
    return max(one, other, key=STANDINGS.index)
