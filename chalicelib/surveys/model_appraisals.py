"""An appraisal round (评议): representatives of the public appraise bodies, each with a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.surveys.model import Question, State, SurveyedBody


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of representatives (人大代表, 政协委员 ...): how many, and what they weigh."""

    code: str
    title: str
    weight: int
    seats: int
    issue: int = 0
    """How often their codes were handed out; only the latest ones are good. 0: not yet."""
    issued_version: int = 0
    """The version the round had when they were handed out last."""


@dataclass(frozen=True, slots=True)
class Round:
    """An appraisal round: all of it is data its credit office has set."""

    round_id: str
    jurisdiction: str
    region: str
    title: str
    purpose: str
    questions: tuple[Question, ...]
    bodies: tuple[SurveyedBody, ...]
    categories: tuple[Category, ...]
    opens_on: str
    closes_on: str
    """Civil days (ISO), both inclusive."""
    least_answers: int
    """A category with fewer answers about a body counts nothing there, and is not told."""
    created_by: str
    created_at: str
    version: int = 1
    closed_at: str = ""
    """Instant of an early end; empty otherwise."""
    reason: str = ""

    def state_on(self, today: date) -> State:
        """Where it stands on a day."""
        day = today.isoformat()
        if self.closed_at or day > self.closes_on:
            return "closed"
        return "upcoming" if day < self.opens_on else "open"

    def category(self, code: str) -> Category | None:
        """The category of that code."""
        return next((one for one in self.categories if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose code it is: a representative without a name."""

    category: str
    number: int


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """What the representatives of a category gave a body."""

    category: Category
    answers: int
    score: str
    """Decimal text, 0 to 100; empty where there are too few."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """What a round came to for one body."""

    body: SurveyedBody
    answers: int
    score: str
    """Decimal text, 0 to 100: the categories that count, by weight. Empty where none counts."""
    categories: tuple[CategoryResult, ...]


Tallies = Mapping[tuple[str, str], Mapping[str, int]]
"""(unified code, category) -> what the counters say."""
