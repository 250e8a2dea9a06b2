"""Events of cross-checks: their jobs lie in the intake queue."""

from __future__ import annotations

from chalicelib.crosscheck.checking import work as work

JOB = "crosscheck"
"""What the intake queue calls a piece of a cross-check."""
