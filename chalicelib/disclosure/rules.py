"""What readers of the public projection decide for themselves. Pure, and free of any policy: the
public function imports this and no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import floor
from typing import Final

from chalicelib.kernel.clock import parse_instant

CACHE_CEILING: Final = 30
"""Seconds a public answer may be kept at most."""


def region_prefix(region: str) -> str:
    """The digits all areas within a region share: 320000 -> 32, 320100 -> 3201."""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def has_ended(until: str, now: datetime) -> bool:
    """Whether a term has ended: at `until` itself it has. Empty: no end."""
    return bool(until) and parse_instant(until) <= now


def cache_seconds(untils: Iterable[str], now: datetime) -> int:
    """How long an answer that shows these terms may be kept: never past the first to end."""
    left = [(parse_instant(until) - now).total_seconds() for until in untils if until]
    return max(0, floor(min([CACHE_CEILING, *left])))
