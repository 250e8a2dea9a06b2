"""What a case leaves for others: a published result, a precedent, a mark on an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.policy.case_effects import ContestOutcome, PrecedentOutcome
from chalicelib.policy.model import FieldValue


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The published result of a case about a body: the fields its kind publishes and no others."""

    case_id: str
    version: int
    """Of the case, when it was published or withdrawn."""
    kind: str
    jurisdiction: str
    region: str
    pack: str
    subject_code: str
    subject_name: str
    subject_kind: str
    at: str
    """Instant of publication, or of withdrawal."""
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decision of an earlier case without anything that leads back to it."""

    precedent_id: str
    jurisdiction: str
    kind: str
    year: int
    outcome: PrecedentOutcome
    ground: str
    """Code of the ground that was claimed."""
    record_type: str
    severity: str
    subject_kind: str
    sphere: str
    pack: str
    text: str
    """Why it was decided so, without names, codes, numbers and days."""


@dataclass(frozen=True, slots=True)
class Contest:
    """The appeal against the result of one subject in one evaluation, as others see it."""

    run_id: str
    subject_id: str
    case_id: str
    state: Literal["open"] | ContestOutcome
    text: str
    """What is shown beside the result."""
    at: str
    """Instant of the last change."""
    opened_at: str
    version: int = 1

    @property
    def is_marked(self) -> bool:
        """Whether anything is shown beside the result: not of one that was dropped."""
        return self.state != "dropped"
