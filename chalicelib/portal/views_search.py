"""The search page: the same filters as the API, counts as links, whatever is chosen as a link that
takes it back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.policy.base import SEVERITY_TITLES
from chalicelib.portal.rendering import day_text, link
from chalicelib.portal.views import Shown, Values, all_listed

PATH = "/site/search"
FILTERS = (
    "q",
    "subject",
    "type",
    "category",
    "severity",
    "dishonesty",
    "reporter",
    "region",
    "from",
    "to",
)
"""Names of the filters, as the API has them."""
_IN_THE_FORM = frozenset({"q", "subject", "reporter", "from", "to"})
_TITLES = {
    "type": "信息类型",
    "category": "信息类别",
    "severity": "失信等级",
    "region": "区划",
    "reporter": "报送单位",
    "year": "年份",
    "dishonesty": "是否失信",
}
_OPTIONS = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet, with the number of records it leaves."""

    value: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a search found: one page of it."""

    records: tuple[Shown, ...]
    total: int | None = None
    next_token: str | None = None
    facets: Mapping[str, Sequence[Option]] | None = None
    bodies: tuple[Shown, ...] = ()
    """Registered bodies whose name or code is what was asked for."""
    problems: tuple[str, ...] = ()
    """What is wrong with the question; then nothing was looked for."""


def search_values(query: Mapping[str, str], page: SearchPage, token: str | None) -> Values:
    """The page of `query` (a value per name in FILTERS, empty for none)."""
    titles = _titles_found(page)
    given = {name: query.get(name, "") for name in FILTERS}
    return {
        "section": "search",
        "query": given,
        "dated": any(given[name] for name in ("from", "to", "subject", "reporter")),
        "kept": [(name, given[name]) for name in given if name not in _IN_THE_FORM and given[name]],
        "chosen": [
            (_chosen_text(name, value, titles), link(PATH, {**given, name: ""}))
            for name, value in given.items()
            if value
        ],
        "problems": page.problems,
        "bodies": page.bodies,
        "total": page.total,
        "records": all_listed(page.records),
        "facets": [
            facet
            for name, options in (page.facets or {}).items()
            if (facet := _facet(name, options, given)) is not None
        ],
        "first_page": link(PATH, given) if token else "",
        "next_page": link(PATH, given, page_token=page.next_token) if page.next_token else "",
    }


def _titles_found(page: SearchPage) -> dict[tuple[str, str], str]:
    titles = {
        (name, option.value): option.title
        for name, options in (page.facets or {}).items()
        for option in options
    }
    for record in page.records:
        titles |= _titles_of(record)
    return titles


def _titles_of(record: Shown) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("type", record["type"]), record["type_title"]
    yield ("category", record["category"]), record["category_title"]
    yield ("region", record["region"]), record["region_title"]
    yield ("reporter", record["reporter"]["code"]), record["reporter"]["name"]
    yield ("subject", record["subject"]["code"] or ""), record["subject"]["name"]


def _chosen_text(name: str, value: str, titles: Mapping[tuple[str, str], str]) -> str:
    if name == "q":
        return f"“{value}”"
    if name == "dishonesty":
        return "失信记录" if value == "true" else "不含失信记录"
    if name in ("from", "to"):
        return f"{_day(value)}{'起' if name == 'from' else '止'}"
    if name == "severity":
        return SEVERITY_TITLES.get(value, value)
    return titles.get((name, value)) or value


def _day(value: str) -> str:
    try:
        return day_text(value)
    except ValueError:
        return value


def _facet(name: str, options: Sequence[Option], given: Mapping[str, str]) -> Values | None:
    shown = [option for option in options if option.count][:_OPTIONS]
    if not shown or (len(shown) == 1 and not _is_chosen(name, shown[0].value, given)):
        return None
    return {
        "name": name,
        "title": _TITLES.get(name, name),
        "options": [
            {
                "title": option.title or SEVERITY_TITLES.get(option.value, option.value),
                "count": option.count,
                "href": link(PATH, _with(name, option.value, given)),
                "chosen": _is_chosen(name, option.value, given),
            }
            for option in shown
        ],
    }


def _with(name: str, value: str, given: Mapping[str, str]) -> dict[str, str]:
    """The query with this option chosen, or without it where it is chosen already."""
    chosen = _is_chosen(name, value, given)
    if name == "year":
        days = ("", "") if chosen else (f"{value}-01-01", f"{value}-12-31")
        return {**given, "from": days[0], "to": days[1]}
    return {**given, name: "" if chosen else value}


def _is_chosen(name: str, value: str, given: Mapping[str, str]) -> bool:
    if name == "year":
        return (given["from"], given["to"]) == (f"{value}-01-01", f"{value}-12-31")
    return given.get(name) == value
