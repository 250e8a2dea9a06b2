"""What one error code means and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One code: HTTP status (0 for a code that only occurs inside `errors[]`), cause and remedy."""

    code: str
    status: int
    title: str
    cause: str
    remedy: str
