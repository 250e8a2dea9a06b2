"""May this body or person be rated 优秀 in a year, or take part in awards: the answer as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.policy.programme import Rating

Answered = Literal["allowed", "barred", "not_regulated"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against it, or is to be known of."""

    what: Literal["record", "case", "referral"]
    bars: bool
    """False: to be known of, but no bar."""
    text: str
    basis: str
    since: str
    """ISO date: of the finding, of the action, of the referral."""
    record_id: str = ""
    case_id: str = ""
    kind: str = ""
    """Type of the record or kind of the case."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one rating, with reasons."""

    rating: Rating
    answer: Answered
    text: str
    basis: str
    """Where the limit is laid down, or where it was looked for."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """The answers about a subject in a year, under the pack that was in force."""

    subject_id: str
    subject_kind: str
    year: int
    pack: str
    verdicts: tuple[Verdict, ...]
