"""The completeness account (归集台账): what an agency decided in a month, and what became of it.

    produced (declared) + undeclared = accepted + rejected + pending

`undeclared` is what was received beyond the declaration: a declaration that is too small is shown
with the difference, never evened out. A declaration of 0 is a zero report (零报告).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

RateCode = Literal["collection_rate", "on_time_rate", "compliance_rate"]
ReminderCode = Literal[
    "declaration_due", "zero_report_missing", "refused_rows_open", "decisions_pending"
]
FigureCode = Literal[
    "collection_rate",
    "on_time_rate",
    "compliance_rate",
    "zero_report_share",
    "bodies_recorded_share",
    "officials_recorded_share",
]


@dataclass(frozen=True, slots=True)
class Declaration:
    """How many decisions of one type an agency states to have made in a month."""

    type: str
    produced: int
    note: str
    declared_at: str
    declared_by: str
    """The client that declared."""
    version: int


@dataclass(frozen=True, slots=True)
class Count:
    """What the platform holds of one agency, month and type; counted by a job."""

    accepted: int = 0
    """Current records that are not withdrawn."""
    late: int = 0
    """Of those, received after their last day."""
    rejected: int = 0
    """Distinct rows refused in files, whose fact has not been accepted since."""
    closed: int = 0
    """Refused rows the agency has closed with a reason, whose fact has not been accepted since;
    counted nowhere else."""
    first_due_on: str = ""
    """The earliest last day of a refused row; empty where none has one."""


@dataclass(frozen=True, slots=True)
class Account:
    """One agency's account of one month (`2026-05`, by the date of decision in Asia/Shanghai)."""

    agency: str
    agency_name: str
    jurisdiction: str
    region: str
    month: str
    types: tuple[str, ...] = ()
    """The types the agency accounts for; empty until it was counted for the first time."""
    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    counts: Mapping[str, Count] = field(default_factory=dict)
    computed_at: str = ""
    open_parts: int = 0
    """In how many parts the open refused rows are listed."""
    confirmed_at: str = ""
    confirmed_by: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One type of an account, or all together; `(produced or 0) + undeclared = accepted + rejected
    + pending`, always."""

    type: str
    produced: int | None
    """None until it was declared; of a total, the sum of what was."""
    accepted: int
    rejected: int
    late: int
    closed: int
    pending: int
    """Decisions that were declared and have not arrived."""
    undeclared: int
    """What arrived beyond the declaration: the difference to be explained."""
    all_declared: bool = True
    """Of a total: whether every type was declared."""

    @property
    def reported(self) -> int:
        """What arrived: accepted or refused."""
        return self.accepted + self.rejected

    @property
    def known(self) -> int:
        """Every decision known of: declared, or arrived without."""
        return self.reported + self.pending

    @property
    def is_zero_report(self) -> bool:
        """Whether the agency stated that there was nothing."""
        return self.all_declared and self.produced == 0

    @property
    def is_consistent(self) -> bool:
        """Whether the declaration covers what arrived."""
        return self.all_declared and self.produced is not None and not self.undeclared


@dataclass(frozen=True, slots=True)
class RateValue:
    """A rate with both sides of its fraction; `value` is None where there is nothing to divide."""

    code: RateCode
    numerator: int
    denominator: int
    points: Decimal | None = None
    """Points by the pack's rate; None where the pack gives none, or there is no value."""

    @property
    def value(self) -> Decimal | None:
        """The share, exact to six places."""
        return share(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Standing:
    """An agency's place in a ranking. `rank` is None where it is shown without one."""

    account: Account
    total: Line
    rates: Mapping[RateCode, RateValue]
    rank: int | None
    unranked_why: str
    called_out: bool
    """迟报 above the pack's share."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something an agency should do, and by when. It follows from the account and the day: it is
    there once, also after the platform was away, and gone when the matter is settled."""

    code: ReminderCode
    agency: str
    agency_name: str
    region: str
    month: str
    type: str
    count: int
    due_on: str
    overdue: bool
    """Past its day: now the credit office sees it too."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row refused in a file, without anything of what it held but its date."""

    row_id: str
    """The record's id where the row tells it, else a keyed digest of the row."""
    type: str
    decided_on: str
    due_on: str
    upload_id: str
    row: int
    faults: tuple[tuple[str, str], ...]
    """(field, rule)."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a refused row needs no correction."""

    row_id: str
    type: str
    reason: str
    closed_at: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure the registers ask for: a share with both sides of its fraction."""

    code: FigureCode
    numerator: int
    denominator: int
    computed_at: str
    """When what it rests on was last counted; empty: not yet."""

    @property
    def value(self) -> Decimal | None:
        """The share (0 to 1); None where there is nothing to divide."""
        return share(self.numerator, self.denominator)


def share(numerator: int, denominator: int) -> Decimal | None:
    """The fraction exact to six places; None over 0."""
    if not denominator:
        return None
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.000001"))
