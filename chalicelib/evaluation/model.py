"""What an evaluation scores and what comes out: frozen values, decimals only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from chalicelib.evaluation.formulas import Among
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.base import Severity
from chalicelib.policy.model import FieldValue
from chalicelib.policy.scheme import Grade, Indicator, Veto

Amounts: TypeAlias = tuple[tuple[str, Decimal], ...]
"""What one record adds to which input of a leaf: `(("numerator", 1), ("denominator", 1))`."""


def _no_vetoes() -> Mapping[str, tuple["Counted", ...]]:
    return MappingProxyType({})


def _nothing() -> Mapping[str, FieldValue]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FactRow:
    """One version of one record, as far as scoring looks at it."""

    record_id: str
    version: int
    type: str
    occurred_on: date
    severity: Severity | None = None
    on_time: bool | None = None
    """Received within the type's limit; None where the type has none."""
    values: Mapping[str, FieldValue] = field(default_factory=_nothing)
    """At least the fields the scheme names (`Plan.fields`)."""
    exempted: bool = False
    """Not held against the body it is about any more, because it was recognised as a good-faith
    error (容错) or repaired (修复) when the run was frozen: shown in a deduction, deducts nothing;
    to whatever else is measured it is as if it were not there."""


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """The records and figures of one body, in any order. A record may be in both of the first."""

    subject_id: str
    reported_by: tuple[FactRow, ...] = ()
    about: tuple[FactRow, ...] = ()
    figures: tuple[FactRow, ...] = ()
    """`type` is the figure's code, `record_id` names what it was made from."""


@dataclass(frozen=True, slots=True)
class Period:
    """The civil days an evaluation covers, both inclusive."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a record of that day is in the period."""
        return self.first <= day <= self.last


class RecordEffect(NamedTuple):
    """What one record did to a leaf: `inputs` of the leaf are the sums of these amounts."""

    record_id: str
    version: int
    amounts: Amounts


class Counted(NamedTuple):
    """A row that counts towards a veto."""

    record_id: str
    version: int


@dataclass(frozen=True, slots=True)
class RawLeaf:
    """What one leaf was found to read of a body, before the peers are known."""

    code: str
    inputs: Mapping[str, Decimal]
    records: tuple[RecordEffect, ...]
    points: Decimal | None
    """None: they depend on the peers."""
    earlier: tuple[RecordEffect, ...] = ()
    """Where the latest value counts: what the rows before it, newest first, would have done."""


@dataclass(frozen=True, slots=True)
class RawBody:
    """Phase 1 of an evaluation: everything that follows from the body's own rows."""

    subject_id: str
    leaves: tuple[RawLeaf, ...]
    vetoes: Mapping[str, tuple[Counted, ...]] = field(default_factory=_no_vetoes)
    """Rows found for each veto of the scheme that found any."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What a body has in common with others; who its peers are follows from the scheme."""

    level: str = ""
    kind: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """How the peers, the body included, did in one leaf, in points of the scheme's decimals."""

    of: int
    mean: Decimal
    best: Decimal
    lowest: Decimal


@dataclass(frozen=True, slots=True)
class LeafResult:
    """The points of one scoring indicator and everything they were made from."""

    indicator: Indicator
    points: Decimal
    rule: str
    """The scoring rule in Chinese."""
    working: str
    """The calculation with its numbers, in Chinese."""
    inputs: Mapping[str, Decimal]
    records: tuple[RecordEffect, ...]
    earlier: tuple[RecordEffect, ...] = ()
    among: Among | None = None
    """What the points take from the peers; None: nothing."""
    peers: PeerFigures | None = None
    score: JsonValue = None
    """The score as a document, the same for every body."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A node of the indicator tree: a branch's points are the sum of its children's."""

    indicator: Indicator
    points: Decimal
    leaf: LeafResult | None = None
    children: tuple["NodeResult", ...] = ()


@dataclass(frozen=True, slots=True)
class VetoResult:
    """A veto some rows speak for; `met` if there are enough of them."""

    veto: Veto
    records: tuple[Counted, ...]
    met: bool


@dataclass(frozen=True, slots=True)
class BodyResult:
    """The evaluation of one body."""

    subject_id: str
    total: Decimal
    grade: Grade
    tree: tuple[NodeResult, ...]
    leaves: tuple[LeafResult, ...]
    scored: Decimal = Decimal(0)
    """The total the points add up to, vetoes left aside."""
    vetoes: tuple[VetoResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranking looks at: bodies equal in the scheme's `rank_within` are one group."""

    subject_id: str
    total: Decimal
    level: str = ""
    kind: str = ""
    region: str = ""
