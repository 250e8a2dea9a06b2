"""Bodies: the registered ones by region, and what the public may know of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.disclosure.rules import region_prefix
from chalicelib.feed.model import document_id
from chalicelib.kernel.errors import NotFound
from chalicelib.replica.model import Gone
from chalicelib.replica.queries import find_document
from chalicelib.replica.queries_results import latest_result
from chalicelib.replica.reading import COLUMNS, LIVE, LOG_BYTES, Reading, Shown
from chalicelib.web.answer import fitting_texts

NEWEST: Final = 10
"""Records shown per group of a body's page."""
HONOUR: Final = "honour"
MISSING: Final = "没有这个信用主体的公示信息"


@dataclass(frozen=True, slots=True)
class BodyQuery:
    """Which registered bodies are looked for; empty fields do not narrow."""

    name: str = ""
    """Part of the name, in characters or pinyin (full or initials)."""
    region: str = ""
    kind: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class BodyList:
    """Some bodies by region and code, and behind which pair the next page begins (None: all)."""

    items: tuple[Shown, ...]
    after: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one kind about a body: how many, and the newest."""

    code: str
    title: str
    count: int
    newest: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class BodyPage:
    """What is public about a body. `basic` is the JSON of its basic data; `shown` that as it
    stands in the log, None for a body that is not registered."""

    basic: str
    shown: Shown | None
    categories: tuple[Group, ...]
    dishonesty: Group
    honours: Group
    evaluation: str | None
    """JSON of the latest result."""

    @property
    def records(self) -> tuple[Shown, ...]:
        """Every record the page shows."""
        groups = (*self.categories, self.dishonesty, self.honours)
        return tuple(record for group in groups for record in group.newest)


def search_bodies(
    reading: Reading, query: BodyQuery, limit: int, after: tuple[str, str] | None = None
) -> BodyList:
    """Registered bodies by region and code."""
    parts, values = [LIVE], [reading.now]
    if query.region:
        parts.append("region >= ? AND region < ?")
        prefix = region_prefix(query.region)
        values += [prefix, prefix + "~"]
    for column, value in (("kind", query.kind), ("level", query.level)):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if query.name:
        parts.append("(instr(name, ?) OR instr(pinyin, ?))")
        values += [query.name, query.name.lower().replace(" ", "")]
    if after is not None:
        parts.append("(region, code) > (?, ?)")
        values += after
    rows = reading.all(
        f"SELECT region, code, {COLUMNS} FROM subjects WHERE {' AND '.join(parts)}"
        " ORDER BY region, code LIMIT ?",
        (*values, limit + 1),
    )
    shown = rows[: fitting_texts([row[-1] for row in rows[:limit]], LOG_BYTES)]
    more = (shown[-1][0], shown[-1][1]) if len(rows) > len(shown) else None
    return BodyList(tuple(Shown(*row[2:]) for row in shown), more)


def find_body(reading: Reading, code: str) -> Shown:
    """A registered body. Raises Gone, NotFound."""
    return find_document(reading, "subject", document_id("subject", code), MISSING)


def body_page(reading: Reading, code: str) -> BodyPage:
    """A body: basic data, public records by category, dishonesty records and honours apart, the
    latest evaluation. Raises Gone, or NotFound for one neither registered nor in a record."""
    groups = _groups(reading, code)
    try:
        shown = find_body(reading, code)
    except (Gone, NotFound):
        if not groups:
            raise
        shown = None
    basic = shown.document if shown else _basic_of(reading, code)
    rest = [group for group in groups if group[1:3] == (0, 0)]
    return BodyPage(
        basic,
        shown,
        tuple(_category(reading, code, category, count) for category, _, _, count in rest),
        _apart(reading, code, "dishonesty", "dishonesty = 1", _sum(groups, 1)),
        _apart(reading, code, "honours", f"category = '{HONOUR}'", _sum(groups, 2)),
        latest_result(reading, code),
    )


def _sum(groups: Iterable[tuple[str, int, int, int]], place: int) -> int:
    return sum(group[3] for group in groups if group[place])


def _groups(reading: Reading, code: str) -> list[tuple[str, int, int, int]]:
    """Category, whether dishonesty, whether honours, how many."""
    return reading.all(
        f"SELECT category, dishonesty, category = '{HONOUR}', count(*) FROM records"
        f" WHERE subject_code = ? AND {LIVE} GROUP BY 1, 2 ORDER BY 1, 2",
        (code, reading.now),
    )


def _category(reading: Reading, code: str, category: str, count: int) -> Group:
    newest = _newest(reading, code, "category = ? AND dishonesty = 0", [category])
    title = json.loads(newest[0].document)["category_title"]
    return Group(category, title, count, newest)


def _apart(reading: Reading, code: str, name: str, where: str, count: int) -> Group:
    return Group(name, "", count, _newest(reading, code, where, []) if count else ())


def _newest(reading: Reading, code: str, where: str, values: Sequence[object]) -> tuple[Shown, ...]:
    rows = reading.all(
        f"SELECT {COLUMNS} FROM records WHERE subject_code = ? AND {LIVE} AND {where}"
        " ORDER BY number DESC LIMIT ?",
        (code, reading.now, *values, NEWEST),
    )
    return tuple(Shown(*row) for row in rows)


def _basic_of(reading: Reading, code: str) -> str:
    """What the newest public record itself says of a body that is not registered."""
    record: dict[str, Any] = json.loads(_newest(reading, code, "1", [])[0].document)
    subject = record["subject"]
    basic = {
        "code": subject["code"],
        "name": subject["name"],
        "kind": subject["kind"],
        "kind_title": subject["kind_title"],
        **dict.fromkeys(("region", "region_title", "level", "level_title", "superior")),
        "registered": False,
        "as_of": record["as_of"],
    }
    return json.dumps(basic, ensure_ascii=False, separators=(",", ":"))
