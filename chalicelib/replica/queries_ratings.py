"""Ratings of third parties: beside the official results, in a table of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.feed.model import document_id
from chalicelib.replica.queries import find_document
from chalicelib.replica.queries_results import ShownPage, page_of
from chalicelib.replica.reading import COLUMNS, LIVE, Reading, Shown


@dataclass(frozen=True, slots=True)
class RatingQuery:
    """Which ratings are looked for; empty fields do not narrow."""

    subject: str = ""
    system: str = ""
    period: str = ""


def search_ratings(
    reading: Reading,
    query: RatingQuery,
    limit: int,
    after: tuple[str | int, ...] | None = None,
) -> ShownPage:
    """Ratings, the newest first."""
    parts, values = [LIVE], [reading.now]
    for column in ("subject", "system", "period"):
        value = getattr(query, column)
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if after is not None:
        parts.append("(published_on, id) < (?, ?)")
        values += map(str, after)
    rows = reading.all(
        f"SELECT published_on, id, {COLUMNS} FROM third_party_ratings"
        f" WHERE {' AND '.join(parts)} ORDER BY published_on DESC, id DESC LIMIT ?",
        (*values, limit + 1),
    )
    return page_of(rows, limit, 2)


def find_rating(reading: Reading, system: str, period: str, code: str) -> Shown:
    """A rating. Raises Gone, NotFound."""
    name = document_id("rating", system, period, code)
    return find_document(reading, "rating", name, "没有这个第三方评价")


def ratings_of_body(reading: Reading, code: str, limit: int) -> tuple[dict[str, Any], ...]:
    """The ratings of a body (RatingView as JSON values), the newest period first."""
    rows = reading.all(
        f"SELECT document FROM third_party_ratings WHERE subject = ? AND {LIVE}"
        " ORDER BY period DESC, system LIMIT ?",
        (code, reading.now, limit),
    )
    return tuple(json.loads(row[0]) for row in rows)
