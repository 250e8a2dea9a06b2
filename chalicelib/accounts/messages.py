"""Messages of the accounts queue: each names what to count, and carries nothing of it."""

from __future__ import annotations


def count_message(agency: str, month: str, jurisdiction: str = "") -> dict[str, object]:
    """Count one month of an agency. `jurisdiction`: whose pack its clients act under; empty where
    the sender only knows the agency's region."""
    return {"job": "count", "agency": agency, "month": month, "jurisdiction": jurisdiction}


def cover_message(region: str) -> dict[str, object]:
    """Count the coverage of a region."""
    return {"job": "cover", "region": region}
