"""What a benchmark reports: one row of the table `dev.py bench` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`measured` beside its `floor` from the same run, in `unit`; `ok` if `target` is met."""

    name: str
    measured: float
    floor: float
    unit: str
    target: str
    ok: bool
