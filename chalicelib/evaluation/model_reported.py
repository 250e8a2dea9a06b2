"""A figure a body reports of itself, as it stands: stated, accepted or returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReportState = Literal["submitted", "accepted", "returned"]
Verdict = Literal["accept", "amend", "return"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a body stated of one figure and period, and what came of the review."""

    unified_code: str
    name: str
    jurisdiction: str
    region: str
    figure: str
    """Code of the pack's reported figure."""
    period: str
    pack: str
    """Version of the pack it was stated under."""
    value: str
    """Decimal text, as stated."""
    text: str
    """The self-evaluation in words, empty where none is asked for."""
    evidence: tuple[str, ...]
    """Ids of the papers, held by the agency."""
    submitted_at: str
    submitted_by: str
    """The client."""
    due_on: str
    """The last day for stating it."""
    review_due_on: str
    """The last day for reviewing what is stated now."""
    version: int
    state: ReportState = "submitted"
    accepted_value: str = ""
    """Decimal text that counts, once it is accepted."""
    reason: str = ""
    """Why another value was accepted, or why it was returned."""
    reviewed_at: str = ""
    reviewed_by: str = ""
    """Unified code of the agency that reviewed."""

    @property
    def row_id(self) -> str:
        """What a row of the figure names as what it was made from."""
        return f"reported/{self.figure}/{self.period}/{self.unified_code}"
