"""Numbers for charts: all of what is public at a reading's instant, kept until that changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from chalicelib.kernel.clock import civil_date, parse_instant
from chalicelib.policy.base import LEVEL_TITLES
from chalicelib.replica.queries import rolled_up, title_of
from chalicelib.replica.reading import LIVE, Reading

_COVERED: Final = "records INDEXED BY records_figures"
"""That index holds all that is counted: no document is touched."""
_SHOWN_REPORTERS: Final = 500


def figures(reading: Reading, double_publicity: Sequence[str]) -> dict[str, Any]:
    """The members of `model.Figures`. `double_publicity`: the types that count for it."""
    key = ("figures", tuple(double_publicity))
    kept = reading.cache.get(key)
    if kept is None or reading.now >= kept[0]:
        kept = (reading.next_end or "~", _counted(reading, double_publicity))
        reading.cache[key] = kept
    day = civil_date(parse_instant(reading.now)).isoformat()
    return {"as_of_day": day, **kept[1]}


def _counted(reading: Reading, double_publicity: Sequence[str]) -> dict[str, Any]:
    years = _rows(reading, f"SELECT year, count(*), sum(dishonesty) FROM {_COVERED}", "GROUP BY 1")
    categories = _rows(reading, f"SELECT category, count(*) FROM {_COVERED}", "GROUP BY 1")
    bodies = reading.one(f"SELECT count(*) FROM subjects WHERE {LIVE}", (reading.now,))
    return {
        "records": sum(row[1] for row in years),
        "bodies": bodies[0],
        "dishonesty_by_region": _by_region(reading),
        "dishonesty_by_level": _by_level(reading),
        "by_year": [
            {"year": year, "records": count, "dishonesty": dishonest}
            for year, count, dishonest in sorted(years)
        ],
        "by_category": [
            {"code": code, "title": title_of(reading, "category", code), "count": count}
            for code, count in sorted(categories, key=lambda row: (-row[1], row[0]))
        ],
        "on_time": _on_time(reading, double_publicity),
        "grades": _grades(reading),
    }


def _rows(reading: Reading, select: str, rest: str, values: Sequence[object] = ()) -> list[Any]:
    return reading.all(f"{select} WHERE {LIVE} {rest}", (reading.now, *values))


def _by_region(reading: Reading) -> list[dict[str, Any]]:
    """As a search for the region counts: with all areas within it."""
    rows = _rows(
        reading,
        f"SELECT region, severity, count(*) FROM {_COVERED}",
        "AND dishonesty = 1 GROUP BY 1, 2 ORDER BY 2, 1",
    )
    regions = sorted({region for region, _, _ in rows})
    by_severity: dict[str | None, dict[str, int]] = {}
    for region, severity, count in rows:
        by_severity.setdefault(severity, {})[region] = count
    rolled = {severity: rolled_up(found, regions) for severity, found in by_severity.items()}
    return [
        {
            "region": region,
            "title": title_of(reading, "region", region),
            "severity": severity,
            "count": counts[region],
        }
        for region in regions
        for severity, counts in rolled.items()
        if counts[region]
    ]


def _by_level(reading: Reading) -> list[dict[str, Any]]:
    rows = reading.all(
        "SELECT level, severity, count(*) FROM records"
        " JOIN subjects ON subjects.code = subject_code"
        " WHERE dishonesty = 1 AND (records.until IS NULL OR records.until > ?)"
        " AND level IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        (reading.now,),
    )
    return [
        {
            "level": level,
            "title": LEVEL_TITLES.get(level, level),
            "severity": severity,
            "count": count,
        }
        for level, severity, count in rows
    ]


def _on_time(reading: Reading, types: Sequence[str]) -> list[dict[str, Any]]:
    marks = ", ".join("?" * len(types))
    rows = _rows(
        reading,
        f"SELECT reporter, sum(on_time), count(on_time) FROM {_COVERED}",
        f"AND type IN ({marks}) AND on_time IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT ?",
        (*types, _SHOWN_REPORTERS),
    )
    return [
        {
            "reporter": reporter,
            "name": title_of(reading, "reporter", reporter),
            "on_time": on_time,
            "known": known,
            "rate": percentage(on_time, known),
        }
        for reporter, on_time, known in rows
    ]


def percentage(part: int, whole: int) -> str:
    """Two decimals, half up: 2 of 3 -> `66.67`."""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _grades(reading: Reading) -> list[dict[str, Any]]:
    row = reading.one(
        f"SELECT document -> '$.grades' FROM evaluation_runs WHERE {LIVE}"
        " ORDER BY completed_at DESC, run DESC LIMIT 1",
        (reading.now,),
    )
    found = json.loads(row[0]) if row and row[0] else []
    return [
        {"code": grade["grade"], "title": grade["title"], "count": grade["count"]}
        for grade in found
        if grade["count"]
    ]
