"""How far a long piece of work has come, and when it will be done if it goes on like this."""

from __future__ import annotations

from datetime import datetime


def percent_done(done: int, total: int, *, is_over: bool) -> int:
    """How much is done; 100 only when all of it is."""
    return 100 if is_over else min(99, 100 * done // max(total, 1))


def estimated_end(begun: datetime, now: datetime, done: int, total: int) -> datetime | None:
    """When the work will be done; None where nothing can be said (nothing done, or all)."""
    if not done or total <= done:
        return None
    return now + (now - begun) * (total - done) / done
