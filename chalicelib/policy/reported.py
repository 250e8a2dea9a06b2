"""Figures bodies report of themselves (自评、填报): what, for which period, reviewed by whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field as Constrained

from chalicelib.policy.base import Code, Frozen, LegalBasis, SubjectKind, Title

PeriodKind = Literal["year", "half_year", "quarter", "month"]
Reviewer = Literal["credit_office", "supervisor"]
Amount = Annotated[Decimal, Constrained(ge=Decimal("-1000000000"), le=Decimal("1000000000000"))]


class ReportedFigure(Frozen):
    """A figure a body states of itself; only what was reviewed reaches an evaluation.

    For an evaluation it is the figure `reported.<code>`.
    """

    code: Code
    title: Title
    purpose: str
    """What is to be stated, and how it is worked out, for whoever fills it in."""
    unit: str
    """In Chinese: 分, %, 件 ..."""
    least: Amount = Decimal(0)
    most: Amount
    decimals: Annotated[int, Constrained(ge=0, le=4)] = 2
    about: tuple[SubjectKind, ...]
    period: PeriodKind
    due_days: Annotated[int, Constrained(ge=1, le=366)]
    """Calendar days after the end of the period within which it is stated; the last one counts."""
    review_days: Annotated[int, Constrained(ge=1, le=366)]
    """Calendar days after it was stated within which it is reviewed."""
    evidence: bool = True
    """Whether papers must prove it."""
    text: bool = False
    """Whether a self-evaluation in words (自评报告) goes with it."""
    reviewed_by: Reviewer = "credit_office"
    mechanism: Code | None = None
    basis: LegalBasis
