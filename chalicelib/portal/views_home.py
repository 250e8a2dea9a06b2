"""The figures of the home page, from counts of what is public. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalicelib.pictures.model import Bar, Line
from chalicelib.policy.base import SEVERITIES, SEVERITY_TITLES
from chalicelib.portal.rendering import link
from chalicelib.portal.views import Shown, Values, all_listed

BARS = 10
"""Bars one chart shows at most: more is a list, not a picture."""
_SEVERITY_TITLES = (*(SEVERITY_TITLES[severity] for severity in SEVERITIES), "未分等级")
_LEVELS = ("nation", "province", "city", "county", "township")


@dataclass(frozen=True, slots=True)
class Home:
    """What the home page is made from."""

    figures: Mapping[str, Any]
    """As `replica.model.Figures`."""
    newest: tuple[Shown, ...] = ()
    run: Shown | None = None
    """The newest evaluation."""
    results: tuple[Shown, ...] = ()
    """The best of each of its groups, in the order of groups and places."""


def home_values(home: Home) -> Values:
    """The home page."""
    figures = home.figures
    areas = _by_place(figures["dishonesty_by_region"], "region")
    levels = _by_place(figures["dishonesty_by_level"], "level")
    agencies = figures["on_time"]
    return {
        "section": "home",
        "records": figures["records"],
        "bodies": figures["bodies"],
        "dishonesty": sum(year["dishonesty"] for year in figures["by_year"]),
        "on_time_share": share_text(
            sum(one["on_time"] for one in agencies), sum(one["known"] for one in agencies)
        ),
        "newest": all_listed(home.newest),
        "severities": _legend((*areas.values(), *levels.values())),
        "areas": _area_bars(areas),
        "levels": _level_bars(levels),
        "years": _years(figures["by_year"]),
        "punctual": [_on_time_bar(one) for one in _largest(agencies)],
        "run": home.run,
        "ranking": _ranking(home.results),
    }


def share_text(part: int, whole: int) -> str:
    """`97.5%`, rounded down so that only all is 100 %; nothing of nothing."""
    if not whole:
        return ""
    tenths = part * 1000 // whole
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


@dataclass(slots=True)
class _Place:
    """How many dishonesty records stand at one place, by severity."""

    code: str
    title: str
    parts: list[int]

    @property
    def total(self) -> int:
        return sum(self.parts)


def _by_place(entries: Iterable[Mapping[str, Any]], name: str) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for entry in entries:
        code = entry[name]
        place = places.setdefault(code, _Place(code, entry["title"], [0, 0, 0, 0]))
        severity = entry["severity"]
        place.parts[SEVERITIES.index(severity) if severity in SEVERITIES else 3] += entry["count"]
    return places


def _legend(places: Iterable[_Place]) -> Sequence[str]:
    """Whatever severity occurs nowhere at the end of the list needs no colour explained."""
    return _SEVERITY_TITLES if any(place.parts[3] for place in places) else _SEVERITY_TITLES[:3]


def _area_bars(areas: Mapping[str, _Place]) -> list[Bar]:
    found = sorted(areas.values(), key=lambda area: (-area.total, area.code))[:BARS]
    return [_bar(area, {"dishonesty": "true", "region": area.code}) for area in found]


def _level_bars(levels: Mapping[str, _Place]) -> list[Bar]:
    return [_bar(levels[level], {}) for level in _LEVELS if level in levels]


def _bar(place: _Place, query: Mapping[str, str]) -> Bar:
    href = link("/site/search", query) if query else ""
    return Bar(place.title, tuple(place.parts), f"{place.total:,} 条", href)


def _years(years: Sequence[Mapping[str, Any]]) -> Values | None:
    found = sorted(years, key=lambda year: str(year["year"]))[-BARS:]
    if len(found) < 2:
        return None
    line = Line("失信记录", tuple(year["dishonesty"] for year in found))
    return {"labels": [year["year"] for year in found], "lines": [line]}


def _largest(agencies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The agencies with most to report, the most punctual of them first."""
    largest = sorted(agencies, key=lambda one: (-one["known"], one["reporter"]))[:BARS]
    return sorted(largest, key=lambda one: (-one["on_time"] / one["known"], -one["known"]))


def _on_time_bar(one: Mapping[str, Any]) -> Bar:
    href = link("/site/search", {"reporter": one["reporter"]})
    share = one["on_time"] / one["known"]
    return Bar(one["name"], (share,), share_text(one["on_time"], one["known"]), href)


_GROUP_TITLES = {
    "nation": "国家级",
    "province": "省级",
    "city": "市级",
    "county": "县（市、区）级",
    "township": "乡镇（街道）级",
}


def _ranking(results: Sequence[Shown]) -> list[Values]:
    groups: dict[str, list[Bar]] = {}
    for result in results:
        groups.setdefault(result["group"], []).append(_result_bar(result))
    return [
        {"title": _GROUP_TITLES.get(group, group or "全部"), "bars": bars}
        for group, bars in groups.items()
    ]


def _result_bar(result: Shown) -> Bar:
    place = f"{result['place']}. " if result["place"] else ""
    name = result["body"]["name"] or result["body"]["code"]
    href = f"/site/evaluations/{result['run']}/{result['body']['code']}"
    text = f"{result['score']} 分 {result['grade_title']}"
    return Bar(f"{place}{name}", (float(Decimal(result["score"])),), text, href)
