"""What a case leaves for others: a published result, a precedent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.policy.case_effects import PrecedentOutcome
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
