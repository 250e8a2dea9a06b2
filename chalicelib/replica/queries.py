"""Records: one, many, and how many of which kind. Everything live at the reading's instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from chalicelib.disclosure.rules import region_prefix
from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.replica.building import day_number
from chalicelib.replica.model import Gone, Tombstone
from chalicelib.replica.reading import COLUMNS, LIVE, LOG_BYTES, RECORD_COLUMNS, Reading, Shown
from chalicelib.replica.schema import TABLES
from chalicelib.replica.text import match_expression, normalised
from chalicelib.web.answer import fitting_texts

Filter: TypeAlias = Literal["type", "category", "severity", "reporter"]
FACETS: Final = ("type", "category", "severity", "reporter", "region", "year")
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_FACET_CACHE: Final = 200
FACET_SECONDS: Final = 3.0
"""How long counting a whole result may take; it is kept until something changes."""
MOST_WORDS: Final = 10
"""Words one search may have."""
NO_WORD: Final = "应至少有一个汉字、字母或数字"


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records are looked for; empty fields do not narrow. Days are inclusive; a region
    stands for all areas within it."""

    text: str = ""
    """Words that must all be there: Chinese substrings, numbers, pinyin of names."""
    name: str = ""
    """Part of the subject's name, in characters or pinyin."""
    subject: str = ""
    """The subject's unified code."""
    equal: Mapping[Filter, str] = field(default_factory=dict)
    dishonesty: bool | None = None
    region: str = ""
    first_day: str = ""
    last_day: str = ""
    types: tuple[str, ...] = ()
    """Any of these types; empty: all."""

    @property
    def key(self) -> tuple[object, ...]:
        """The query as a key of the cache."""
        return (
            self.text,
            self.name,
            self.subject,
            tuple(sorted(self.equal.items())),
            self.dishonesty,
            self.region,
            self.first_day,
            self.last_day,
            self.types,
        )


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, the newest first, and after which number the next page begins (None: all)."""

    items: tuple[Shown, ...]
    after: int | None


def words_of(text: str | None, place: str) -> str:
    """The words of a free text, as written, one space apart; empty for None. Raises Invalid (of
    query parameter `place`) for a text without any, and for more than MOST_WORDS.

    Some characters stand for several words (U+FDFA): it is counted as it is looked for.
    """
    words = normalised(text or "").split()
    if text is not None and not words:
        raise Invalid(faults=[Fault(f"/query/{place}", "no_word", NO_WORD)])
    if len(words) > MOST_WORDS:
        fault = Fault(f"/query/{place}", "too_many_words", f"最多 {MOST_WORDS} 个检索词")
        raise Invalid(faults=[fault])
    return " ".join((text or "").split())


def find_record(reading: Reading, record_id: str) -> Shown:
    """A public record. Raises Gone for one that was public, NotFound for any other."""
    return find_document(reading, "record", record_id, "没有这条公示信息")


def find_document(reading: Reading, entity: str, document_id: str, missing: str) -> Shown:
    """A live document by its id in the log. Raises Gone for one that was public, NotFound (saying
    `missing`) for any other."""
    table = TABLES[entity]
    row = reading.one(f"SELECT {COLUMNS} FROM {table} WHERE id = ?", (document_id,))
    if row is not None:
        found = Shown(*row)
        if not found.until or found.until > reading.now:
            return found
        raise Gone(Tombstone(found.id, found.seq, found.until, "term_ended"))
    gone = reading.one(
        "SELECT id, seq, withdrawn_at, reason FROM tombstones WHERE id = ?", (document_id,)
    )
    if gone is not None:
        raise Gone(Tombstone(*gone))
    raise NotFound(missing)


def search_records(
    reading: Reading, query: RecordQuery, limit: int, after: int | None = None
) -> RecordPage:
    """Records the newest first: at most `limit`, behind the number `after` of an earlier page.

    A page goes on exactly where the last ended, whatever was published or withdrawn between.
    Raises Invalid for a text without a word, SearchTooSlow.
    """
    source, where, values = _conditions(reading, query)
    number = "records_fts.rowid" if query.text or query.name else "number"
    low, high = _range(query, after)
    statement = (
        f"SELECT number, {RECORD_COLUMNS} FROM {source} WHERE {where}"
        f" AND {number} BETWEEN ? AND ? ORDER BY {number} DESC LIMIT ?"
    )
    with reading.in_time():
        rows = reading.all(statement, (*values, low, high, limit + 1))
    shown = rows[: fitting_texts([row[-1] for row in rows[:limit]], LOG_BYTES)]
    items = tuple(Shown(*row[1:]) for row in shown)
    return RecordPage(items, shown[-1][0] if len(rows) > len(shown) else None)


def count_records(reading: Reading, query: RecordQuery) -> int:
    """How many there are in all. Raises as `search_records`."""
    return sum(facets(reading, query)["type"].values())


def facets(reading: Reading, query: RecordQuery) -> dict[str, dict[str, int]]:
    """How many records of each type, category, severity, reporter, region and year the whole
    result has, the most frequent first: so many as a search narrowed by it finds, those of a
    region with all areas within it. Raises as `search_records`."""
    key = ("facets", query.key)
    kept = reading.cache.get(key)
    if kept is not None and reading.now < kept[0]:
        found: dict[str, dict[str, int]] = kept[1]
        return found
    with reading.in_time(FACET_SECONDS):
        found = _counted(reading, query)
    if len(reading.cache) > _FACET_CACHE:
        reading.cache.clear()
    reading.cache[key] = (reading.next_end or "~", found)
    return found


def _counted(reading: Reading, query: RecordQuery) -> dict[str, dict[str, int]]:
    source, where, values = _conditions(reading, query)
    if query.first_day or query.last_day:
        where, values = f"{where} AND number BETWEEN ? AND ?", (*values, *_range(query, None))
    if _covered(query):
        counters = {facet: _grouped(reading, facet, where, values) for facet in FACETS}
    else:
        rows = reading.all(f"SELECT {', '.join(FACETS)} FROM {source} WHERE {where}", values)
        columns = zip(*rows, strict=True) if rows else ((),) * len(FACETS)
        counters = {facet: Counter(column) for facet, column in zip(FACETS, columns, strict=True)}
    regions = {code: count for code, count in counters["region"].items() if code is not None}
    counters["region"] = Counter(rolled_up(regions, regions))
    return {
        facet: dict(
            sorted(
                ((code, count) for code, count in counter.items() if code is not None),
                key=lambda pair: (-pair[1], pair[0]),
            )
        )
        for facet, counter in counters.items()
    }


def rolled_up(counts: Mapping[str, int], regions: Iterable[str]) -> dict[str, int]:
    """Of each of the regions, how many a search for it finds: those of all areas within it.
    `counts`: how many stand at the very region."""
    totals: Counter[str] = Counter()
    for region, count in counts.items():
        for prefix in {region[:2], region[:4], region}:
            totals[prefix] += count
    return {region: totals[region_prefix(region)] for region in regions}


def _covered(query: RecordQuery) -> bool:
    """Whether one index holds all that is asked and counted."""
    wide = query.region and len(region_prefix(query.region)) < 6
    parts = (query.text, query.name, query.subject, wide, query.first_day, query.last_day)
    return not any(parts)


def _grouped(
    reading: Reading, facet: str, where: str, values: tuple[object, ...]
) -> Counter[str | None]:
    return Counter(
        dict(
            reading.all(
                f"SELECT {facet}, count(*) FROM records INDEXED BY records_figures"
                f" WHERE {where} GROUP BY 1",
                values,
            )
        )
    )


def _conditions(reading: Reading, query: RecordQuery) -> tuple[str, str, tuple[object, ...]]:
    """FROM, WHERE and the values bound in it."""
    parts, values = [LIVE], [reading.now]
    source = "records"
    expression = _expression(query)
    if expression:
        # CROSS JOIN: SQLite keeps this order, and reads the index from its end.
        source = "records_fts CROSS JOIN records ON records.number = records_fts.rowid"
        parts.append("records_fts MATCH ?")
        values.append(expression)
    for column, value in _equal(query).items():
        # In a search the index of the text leads; the columns only check.
        parts.append(f"{'records.' if expression else ''}{column} = ?")
        values.append(value)
    if query.types:
        parts.append(f"type IN ({', '.join('?' * len(query.types))})")
        values += query.types
    if query.dishonesty is not None:
        parts.append("dishonesty = 1" if query.dishonesty else "dishonesty = 0")
    return source, " AND ".join(parts), tuple(values)


def _equal(query: RecordQuery) -> dict[str, str]:
    equal: dict[str, str] = {name: value for name, value in query.equal.items() if value}
    if query.subject:
        equal["subject_code"] = query.subject
    if query.region:
        prefix = region_prefix(query.region)
        equal[{2: "province", 4: "city"}.get(len(prefix), "region")] = prefix
    return equal


def _expression(query: RecordQuery) -> str:
    if not query.text and not query.name:
        return ""
    parts = []
    for place, words, column in (("q", query.text, ""), ("name", query.name, "subject_name")):
        if words:
            part = match_expression(words, column)
            if not part:
                raise Invalid(faults=[Fault(f"/query/{place}", "no_word", NO_WORD)])
            parts.append(part)
    # Codes are words of the index too: it finds what is in both lists without reading either out.
    parts += [f'"{code.lower()}"' for code in (query.subject, query.equal.get("reporter")) if code]
    return " AND ".join(parts)


def _range(query: RecordQuery, after: int | None) -> tuple[int, int]:
    low = day_number(query.first_day) if query.first_day else _LOWEST
    high = day_number(query.last_day, 1) - 1 if query.last_day else _HIGHEST
    return low, high if after is None else min(high, after - 1)


_NAMED: Final = {
    "type": ("type", "$.type_title"),
    "category": ("category", "$.category_title"),
    "severity": ("severity", "$.severity_title"),
    "reporter": ("reporter", "$.reporter.name"),
    "region": ("region", "$.region_title"),
}


def title_of(reading: Reading, facet: str, code: str) -> str:
    """A code of a facet in Chinese, as the newest record that has it says."""
    if facet not in _NAMED:
        return code
    key = ("title", facet, code)
    if key not in reading.cache:
        column, path = _NAMED[facet]
        row = reading.one(
            f"SELECT document ->> '{path}' FROM records WHERE {column} = ?"
            " ORDER BY number DESC LIMIT 1",
            (code,),
        )
        reading.cache[key] = row[0] if row and row[0] else code
    title: str = reading.cache[key]
    return title
