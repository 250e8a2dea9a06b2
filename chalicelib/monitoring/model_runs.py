"""A look at all rules of a jurisdiction on one day, and a back-test of one rule: both go over every
body in chunks. And the warning they raise. Frozen values.

    planned -> running -> completed, or given up: failed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from chalicelib.monitoring.model import Change, Part, Standing, Subject
from chalicelib.policy.warnings import Level

Purpose = Literal["look", "backtest"]
RunStatus = Literal["planned", "running", "completed", "failed"]

CHUNK_BODIES: Final = 40
"""Bodies per chunk: what all their rows are fits one invocation, and their watches one read."""

MOST_ROWS: Final = 20
"""Rows a warning names; of the others it says how many there are."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as the plan found it."""

    subject_id: str
    unified_code: str
    name: str
    kind: str
    region: str
    superior: str

    @property
    def subject(self) -> Subject:
        """As what is watched."""
        return Subject("body", self.subject_id, self.name, self.region)


@dataclass(frozen=True, slots=True)
class Run:
    """One look at the rules, or one back-test."""

    run_id: str
    purpose: Purpose
    jurisdiction: str
    day: str
    """ISO date that is judged; of a back-test the last day."""
    pack: str
    pack_digest: str
    requested_by: str
    """Unified code of the agency that asked for it; empty for the daily look."""
    created_at: str
    first_day: str = ""
    """Of a back-test."""
    rule: str = ""
    """The rule of a back-test as canonical JSON: it may be a draft that no pack has."""
    region: str = ""
    """A back-test is of the bodies of this region and below."""
    status: RunStatus = "planned"
    version: int = 1
    plan: str = ""
    """Digest of the list of bodies: under it lie the chunks that count."""
    bodies: int = 0
    chunks: int = 0
    done: int = 0
    started_at: str = ""
    updated_at: str = ""
    completed_at: str = ""
    result: str = ""
    """What came out, as canonical JSON."""
    failure: str = ""
    """Why it has failed, in Chinese."""

    @property
    def date(self) -> date:
        """The day judged."""
        return date.fromisoformat(self.day)

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.status in ("completed", "failed")

    @property
    def all_done(self) -> bool:
        """Whether every chunk of a run that has begun is done."""
        return self.status != "planned" and self.done >= self.chunks

    @property
    def percentage(self) -> int:
        """Progress; 100 only when completed."""
        if self.status == "completed":
            return 100
        return 0 if self.chunks == 0 else min(99, self.done * 100 // self.chunks)


@dataclass(frozen=True, slots=True)
class Contribution:
    """How many of the rows behind the value of a region or trade are of one body."""

    subject_id: str
    name: str
    sample: int


@dataclass(frozen=True, slots=True)
class RowReference:
    """A row a warning rests on: the id and version of a record, or what a figure was made from."""

    row_id: str
    version: int
    type: str
    occurred_on: str


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one rule for one object on the day of a run, and all that explains it."""

    rule: str
    value: Decimal | None
    sample: int
    rows: tuple[RowReference, ...] = ()
    row_count: int = 0
    bodies: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found out about one object: the values of all rules that are about it."""

    subject: Subject
    values: tuple[Value, ...]
    body: Body | None = None
    """Who is warned: the body itself, or the government of the region."""


@dataclass(frozen=True, slots=True)
class RaisedWarning:
    """A warning (预警), open or closed, as it stands now."""

    warning_id: str
    jurisdiction: str
    rule: str
    rule_title: str
    subject: Subject
    level: Standing
    """`none` once it is closed."""
    peak: Level
    """The gravest level it has had."""
    raised_on: str
    day: str
    """The day of the value below."""
    value: str
    """Decimal text; empty for none."""
    sample: int
    reason: str
    run_id: str
    pack: str
    version: int = 1
    closed_on: str = ""
    body_id: str = ""
    """Subject id of the body that is warned; empty where there is none."""
    body_code: str = ""
    """Its unified code."""
    superior: str = ""
    """Unified code of the body above it."""
    rows: tuple[RowReference, ...] = ()
    row_count: int = 0
    bodies: tuple[Contribution, ...] = ()
    case_kind: str = ""
    case_id: str = ""
    case_level: Standing = "none"
    """The level the case was told of."""
    cases: int = 0
    """How many cases were opened because of it."""

    @property
    def is_open(self) -> bool:
        """Whether the warning has not been closed."""
        return self.level != "none"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a warning."""

    change: Change
    level: Standing
    day: str
    value: str
    reason: str
    run_id: str


@dataclass(frozen=True, slots=True)
class MapCell:
    """A region under one rule on one day."""

    region: str
    value: str
    level: Standing
    sample: int
    counts: Mapping[str, int]
    """How many of its bodies, and of those below, stand at which level."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """What chunks found of regions and trades, to be added up."""

    regions: Mapping[str, Mapping[str, Part]]
    """Region -> rule -> part of the bodies in the region itself."""
    trades: Mapping[str, Mapping[str, Part]]
    """Trade -> rule -> part."""
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    """Region -> rule -> level -> bodies."""
    contributions: Mapping[str, Mapping[str, Sequence[Contribution]]]
    """Key of a region or trade -> rule -> bodies."""
    governments: Mapping[str, Body]
    """Region -> its government."""
