"""What the public may ask of supervision: published results, by body, kind, year and place."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.disclosure import resultstore, store
from chalicelib.disclosure.service import Found, FoundPage, condition_of, found_in, is_live, walk
from chalicelib.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class ResultQuery:
    """Which published results are looked for; empty fields do not narrow."""

    subject: str = ""
    kind: str = ""
    year: int | None = None
    region: str = ""


def search_results(
    platform: Platform, query: ResultQuery, limit: int, cursor: Item | None
) -> FoundPage:
    """Published results, the newest first."""
    where = condition_of({"kind": query.kind} if query.kind else {}, query.region)
    year = query.year
    days = ("0000", "9999") if year is None else (f"{year:04d}-01-01", f"{year:04d}-12-31")

    def read(code: str, size: int, after: str | None) -> Page:
        return resultstore.results_page(platform, code, days, where, size, after)

    place = "occurred" if query.subject else "position"
    return walk(platform, [query.subject], read, place, limit, cursor, where)


def find_result(platform: Platform, case_id: str) -> Found:
    """A published result. Raises NotFound alike for what never was and what was taken back."""
    item = store.find_item(platform, resultstore.pk_of(case_id))
    if item is None or not is_live(item, platform.clock()):
        raise NotFound("没有这项公开的办理结果")
    return found_in(item)
