"""A satisfaction survey (满意度调查): what is asked, about whom, when; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["upcoming", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One step of a scale."""

    score: int
    title: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, answered with one step of its scale."""

    code: str
    title: str
    scale: tuple[Choice, ...]
    """From the least to the most satisfied."""


@dataclass(frozen=True, slots=True)
class SurveyedBody:
    """A body that is asked about, by code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey: all of it is data its credit office has set."""

    survey_id: str
    jurisdiction: str
    region: str
    title: str
    purpose: str
    questions: tuple[Question, ...]
    bodies: tuple[SurveyedBody, ...]
    opens_on: str
    closes_on: str
    """Civil days (ISO), both inclusive."""
    least_answers: int
    """Of a body with fewer answers only their number is told."""
    created_by: str
    created_at: str
    version: int = 1
    closed_at: str = ""
    """Instant of an early end; empty otherwise."""
    reason: str = ""
    """Why it was ended early."""

    def state_on(self, today: date) -> State:
        """Where it stands on a day."""
        day = today.isoformat()
        if self.closed_at or day > self.closes_on:
            return "closed"
        return "upcoming" if day < self.opens_on else "open"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What was answered to one question about one body."""

    question: Question
    counts: tuple[int, ...]
    """By step of the scale, in its order."""
    average: str
    """Decimal text, two places."""


@dataclass(frozen=True, slots=True)
class BodyResult:
    """What was answered about one body."""

    body: SurveyedBody
    answers: int
    satisfaction: str
    """Percent (decimal text, one place): how far up the scales the answers lie on average. Empty
    where there are too few."""
    questions: tuple[QuestionResult, ...] = ()


Tally = Mapping[str, int]
"""What the counters of a body say: `answers`, and `<question>_<score>`."""
