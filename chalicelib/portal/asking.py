"""What pages ask of this worker's replica, and how long their answers may be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.kernel.errors import NotFound
from chalicelib.portal.rendering import Standing
from chalicelib.portal.views import BodyParts
from chalicelib.portal.views_home import BARS, Home
from chalicelib.portal.views_search import Option, SearchPage
from chalicelib.replica import queries, queries_bodies, queries_ratings, queries_results
from chalicelib.replica.answering import kept_seconds
from chalicelib.replica.catalog import double_publicity
from chalicelib.replica.figures import figures
from chalicelib.replica.model import Gone
from chalicelib.replica.queries import RecordQuery
from chalicelib.replica.queries_bodies import BodyPage, BodyQuery, Group
from chalicelib.replica.queries_results import SupervisionQuery
from chalicelib.replica.service import Reading, Shown

PAGE_RECORDS = 20
"""Records on one page of a search."""
_NEWEST = 8
_BODIES_FOUND = 5
_SUPERVISION = 10
_RATINGS = 20


def standing_of(reading: Reading) -> Standing:
    """Up to which change a page made from `reading` stands."""
    return Standing(reading.seq, reading.at)


def kept_for(reading: Reading, untils: Iterable[str] = ()) -> int:
    """How many seconds a page may be kept that shows documents with these ends: never past the
    first. Without `untils` it counts all records."""
    return kept_seconds(reading, list(untils) or [reading.next_end])


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents a page shows, and when they end."""

    items: tuple[dict[str, Any], ...]
    untils: tuple[str, ...]


def documents(shown: Iterable[Shown]) -> Documents:
    """What the replica found, as values."""
    found = tuple(shown)
    items = tuple(json.loads(one.document) for one in found)
    return Documents(items, tuple(one.until for one in found))


def home(reading: Reading) -> Home:
    """What the home page shows; the counts are kept by the replica until something changes."""
    newest = queries.search_records(reading, RecordQuery(), _NEWEST)
    runs = documents(queries_results.list_runs(reading, 1).items).items
    return Home(
        figures(reading, double_publicity()),
        documents(newest.items).items,
        runs[0] if runs else None,
        tuple(_best(reading, runs[0])) if runs else (),
    )


def _best(reading: Reading, run: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for group in run["groups"]:
        page = queries_results.list_results(reading, run["run"], group, BARS // 2)
        yield from documents(page.items).items


def search(
    reading: Reading, query: RecordQuery, after: int | None
) -> tuple[SearchPage, int | None, tuple[str, ...]]:
    """One page of a search with counts and bodies of that name, behind which number the next page
    begins, and the ends of what it shows. Raises Invalid, SearchTooSlow."""
    found = queries.search_records(reading, query, PAGE_RECORDS, after)
    counts = queries.facets(reading, query)
    options = {
        name: [
            Option(code, queries.title_of(reading, name, code), count)
            for code, count in list(counts[name].items())[:12]
        ]
        for name in ("type", "severity", "region", "reporter", "year")
    }
    page = SearchPage(
        documents(found.items).items,
        sum(counts["type"].values()),
        None,
        options,
        _bodies(reading, query.text) if after is None else (),
    )
    return page, found.after, tuple(one.until for one in found.items)


def _bodies(reading: Reading, text: str) -> tuple[dict[str, Any], ...]:
    """Registered bodies whose name, or whose unified code, is what was asked for."""
    name = text.strip()
    if not name:
        return ()
    try:
        return documents([queries_bodies.find_body(reading, name.upper())]).items
    except (Gone, NotFound):
        pass
    return documents(
        queries_bodies.search_bodies(reading, BodyQuery(name), _BODIES_FOUND).items
    ).items


def body(reading: Reading, code: str) -> tuple[BodyParts, tuple[str, ...]]:
    """What the page of a body shows, and when parts of it end. Raises Gone, NotFound."""
    page = queries_bodies.body_page(reading, code)
    results = queries_results.results_of_body(reading, code)
    explanation = None
    if results:
        explained = queries_results.explain_result(reading, results[0]["run"], code)
        explanation = json.loads(explained.document)
    supervised = queries_results.search_results(reading, SupervisionQuery(code), _SUPERVISION)
    parts = BodyParts(
        _page(page),
        explanation,
        results,
        documents(supervised.items).items,
        queries_ratings.ratings_of_body(reading, code, _RATINGS),
    )
    return parts, tuple(record.until for record in page.records)


def _page(page: BodyPage) -> dict[str, Any]:
    return {
        "body": json.loads(page.basic),
        "categories": [
            {"category": group.code, "title": group.title, **_group(group)}
            for group in page.categories
        ],
        "dishonesty": _group(page.dishonesty),
        "honours": _group(page.honours),
    }


def _group(group: Group) -> dict[str, Any]:
    return {"count": group.count, "records": documents(group.newest).items}


def record(reading: Reading, record_id: str) -> Shown:
    """A record as it stands in the log. Raises Gone, NotFound."""
    return queries.find_record(reading, record_id)


def has_national_fields(record_type: str) -> bool:
    """Whether records of this type can be had with the columns of the national standard."""
    return record_type in double_publicity()
