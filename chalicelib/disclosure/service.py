"""What the public may ask: searches, single documents, body pages, evaluations, freshness.

Reads the public table and nothing else. A term that has ended is over here at that second, whether
or not anybody has removed the item. Reads are bounded: a page of a list may be short, even empty,
and still name a next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import Condition
from chalicelib.disclosure import store
from chalicelib.disclosure.rules import has_ended, months_between, region_prefix
from chalicelib.kernel.errors import Malformed, NotFound
from chalicelib.web.answer import fitting

READS: Final = 12
"""Queries one search makes at most."""
_FILTERED_LIMIT: Final = 200
"""Items read at a time where a filter will drop most."""
PAGE_RECORDS: Final = 1000
"""Records looked at for a body's page."""
NEWEST: Final = 10
"""Records shown per group of a body's page."""
HONOUR: Final = "honour"
MEASURED: Final = (
    "last_change_at、projected_at：最近一次进入公开库的变更及其进入的时刻；lag_seconds：两者之差，"
    "每次公开时实测；checked_at、behind：平台每小时将近几小时的变更与公开库逐条核对，"
    "behind 为当次发现尚未反映、已安排补做的条数。"
)

Document: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A public document: its entity tag, and when what it shows ends."""

    document: Document
    etag: str
    untils: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some documents, and where the next page begins (None: that was all)."""

    found: tuple[Found, ...]
    cursor: Item | None


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records are looked for; empty fields do not narrow. Days are inclusive; a region
    stands for all areas within it."""

    subject: str = ""
    first_day: str = ""
    last_day: str = ""
    region: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)
    """type, category, severity, reporter -> the value wanted."""

    @property
    def days(self) -> tuple[str, str]:
        """The days as bounds of a key."""
        return self.first_day or "0000", self.last_day or "9999"


def search_records(
    platform: Platform, query: RecordQuery, limit: int, cursor: Item | None
) -> FoundPage:
    """Public records, the newest first: of one body, or of all, month by month."""
    where = condition_of(query.equal, query.region)

    def read(partition: str, size: int, after: str | None) -> Page:
        if query.subject:
            return store.records_of_subject(platform, partition, query.days, where, size, after)
        return store.records_of_month(platform, partition, query.days, where, size, after)

    if query.subject:
        return walk(platform, [query.subject], read, "occurred", limit, cursor, where)
    known = cast("frozenset[int]", store.find_freshness(platform).get("months", frozenset()))
    months = months_between(known, query.first_day, query.last_day)
    return walk(platform, months, read, "position", limit, cursor, where)


def search_bodies(
    platform: Platform,
    region: str,
    equal: Mapping[str, str],
    limit: int,
    cursor: Item | None,
) -> FoundPage:
    """Registered bodies by region and code. `equal`: kind, level."""
    where = condition_of(equal, "")
    prefix = region_prefix(region) if region else ""

    def read(_: str, size: int, after: str | None) -> Page:
        return store.bodies_page(platform, prefix, where, size, after)

    return walk(platform, [store.BODIES], read, "position", limit, cursor, where)


def list_runs(platform: Platform, limit: int, cursor: Item | None) -> FoundPage:
    """Completed evaluations, the newest first."""

    def read(_: str, size: int, after: str | None) -> Page:
        return store.runs_page(platform, size, after)

    return walk(platform, [store.RUNS], read, "position", limit, cursor)


def list_results(
    platform: Platform, run_id: str, group: str, limit: int, cursor: Item | None
) -> FoundPage:
    """The rank lists of an evaluation (or of one group of it), best place first."""
    run = find_run(platform, run_id).document
    groups = [group] if group else list(run["groups"])

    def read(partition: str, size: int, after: str | None) -> Page:
        return store.results_page(platform, run_id, partition, size, after)

    return walk(platform, groups, read, "position", limit, cursor)


def find_record(platform: Platform, record_id: str) -> Found:
    """A public record. Raises NotFound alike for unknown, withdrawn, ended and internal ones."""
    item = store.find_item(platform, f"RECORD#{record_id}")
    if item is None or not is_live(item, platform.clock()):
        raise NotFound("没有这条公示信息")
    return found_in(item)


def find_run(platform: Platform, run_id: str) -> Found:
    """A completed evaluation. Raises NotFound."""
    item = store.find_item(platform, f"RUN#{run_id}")
    if item is None:
        raise NotFound("没有这次评价")
    return found_in(item)


def explain_result(platform: Platform, run_id: str, code: str) -> Found:
    """A body's result with its explanation, in which only those records are named that are public
    at this moment. Raises NotFound."""
    find_run(platform, run_id)
    item = store.find_item(platform, f"RUN#{run_id}", f"RESULT#{code}")
    if item is None:
        raise NotFound("这次评价中没有该单位的结果")
    explanation = cast("dict[str, Any]", item.get("explanation") or {"indicators": []})
    indicators = cast("list[dict[str, Any]]", explanation["indicators"])
    named = sorted(_record_ids(indicators))
    live = _live_records(platform, named)
    document = {
        "result": item["document"],
        "indicators": [_with_records(node, live.keys()) for node in indicators],
    }
    shown = sorted(live)
    etag = store.tag_of([str(item["etag"]), *shown])
    return Found(document, etag, tuple(live[record_id] for record_id in shown))


def body_page(platform: Platform, code: str) -> Found:
    """A body: basic data, its public records by category, dishonesty records and honours apart,
    the latest evaluation. Raises NotFound for one neither registered nor in a public record."""
    now = platform.clock()
    body = store.find_item(platform, f"SUBJECT#{code}")
    records, complete = _records_about(platform, code, now)
    if body is None and not records:
        raise NotFound("没有这个信用主体的公示信息")
    result = store.latest_result(platform, code)
    basic = _document(body) if body is not None else _body_of(_document(records[0]))
    dishonest = [item for item in records if _document(item)["dishonesty"]]
    honours = [item for item in records if item["category"] == HONOUR]
    apart = {str(item["pk"]) for item in [*dishonest, *honours]}
    rest = [item for item in records if str(item["pk"]) not in apart]
    document = {
        "body": basic,
        "categories": _by_category(rest),
        "dishonesty": _group(dishonest),
        "honours": _group(honours),
        "evaluation": None if result is None else result["document"],
        "counts_complete": complete,
    }
    parts = [item for item in (body, *records, result) if item is not None]
    etag = store.tag_of([str(item["etag"]) for item in parts])
    return Found(document, etag, tuple(_until(item) for item in records))


def freshness(platform: Platform) -> Document:
    """How far behind the tables the public projection is."""
    item = store.find_freshness(platform)
    lag = item.get("lag_ms")
    return {
        "last_change_at": item.get("last_change_at"),
        "projected_at": item.get("projected_at"),
        "lag_seconds": f"{lag // 1000}.{lag % 1000:03d}" if isinstance(lag, int) else None,
        "checked_at": item.get("checked_at"),
        "behind": item.get("behind"),
        "measured": MEASURED,
    }


def receipt_keys(platform: Platform) -> Found:
    """The JWK set with which receipts are verified. Raises NotFound before `setup` has run."""
    item = store.find_keys(platform)
    if item is None:
        raise NotFound("平台尚未公布验证公钥")
    return found_in(item)


# -- lists ----------------------------------------------------------------------------------------

_Read: TypeAlias = Callable[[str, int, str | None], Page]


def walk(
    platform: Platform,
    partitions: Sequence[str],
    read: _Read,
    place: str,
    limit: int,
    cursor: Item | None,
    where: Condition | None = None,
) -> FoundPage:
    """Read one partition after the other until `limit` is reached, the page is as large as an
    answer may be, or READS queries are made."""
    now = platform.clock()
    index, after = _begin(partitions, cursor)
    found: list[Item] = []
    places: list[str] = []
    for _ in range(READS):
        if index >= len(partitions):
            return _page(found, None)
        wanted = limit - len(found)
        page = read(partitions[index], max(wanted, _FILTERED_LIMIT if where else 0), after)
        live = [item for item in page.items if is_live(item, now)]
        found += live[:wanted]
        places += [partitions[index]] * len(live[:wanted])
        count = fitting(map(_document, found))
        if count < len(found) or len(live) > wanted:
            return _page(found[:count], _cursor(places[count - 1], str(found[count - 1][place])))
        if page.next_start is not None:
            after = str(page.next_start[place])
        else:
            index, after = index + 1, None
        if len(found) == limit:
            break
    if index >= len(partitions):
        return _page(found, None)
    return _page(found, _cursor(partitions[index], after))


def _begin(partitions: Sequence[str], cursor: Item | None) -> tuple[int, str | None]:
    if cursor is None:
        return 0, None
    partition, after = cursor.get("in"), cursor.get("after")
    if partition not in partitions or not isinstance(after, str | None):
        raise Malformed("翻页令牌无效，请从第一页重新开始", code="page_token")
    return partitions.index(str(partition)), after


def _cursor(partition: str, after: str | None) -> Item:
    return {"in": partition, "after": after}


def _page(items: Iterable[Item], cursor: Item | None) -> FoundPage:
    return FoundPage(tuple(found_in(item) for item in items), cursor)


def condition_of(equal: Mapping[str, str], region: str) -> Condition | None:
    """What narrows a list, in the table's words; a region stands for all areas within it."""
    parts = [f"#{name} = :{name}" for name in equal]
    values: dict[str, Value] = dict(equal)
    if region:
        parts.append("begins_with(#region, :region)")
        values["region"] = region_prefix(region)
    return Condition(" AND ".join(parts), values) if parts else None


# -- items and documents --------------------------------------------------------------------------


def is_live(item: Item, now: datetime) -> bool:
    """Whether an item is shown at `now`."""
    return "gone" not in item and not has_ended(_until(item), now)


def _until(item: Item) -> str:
    return str(item.get("until", ""))


def _document(item: Item) -> dict[str, Any]:
    return cast("dict[str, Any]", item["document"])


def found_in(item: Item) -> Found:
    """The document of an item."""
    return Found(_document(item), str(item["etag"]), (_until(item),))


def _records_about(platform: Platform, code: str, now: datetime) -> tuple[list[Item], bool]:
    """The live records about a body, the newest first, and whether these are all."""
    found: list[Item] = []
    after: str | None = None
    days = ("0000", "9999")
    while True:
        page = store.records_of_subject(platform, code, days, None, PAGE_RECORDS, after)
        found += [item for item in page.items if is_live(item, now)]
        if page.next_start is None:
            return found, True
        if len(found) >= PAGE_RECORDS:
            return found, False
        after = str(page.next_start["occurred"])


def _by_category(items: Sequence[Item]) -> list[dict[str, Any]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(str(item["category"]), []).append(item)
    return [
        {"category": code, "title": _document(group[0])["category_title"], **_group(group)}
        for code, group in sorted(groups.items())
    ]


def _group(items: Sequence[Item]) -> dict[str, Any]:
    return {"count": len(items), "records": [_document(item) for item in items[:NEWEST]]}


def _body_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a public record itself says of a body that is not registered."""
    subject = record["subject"]
    return {
        "code": subject["code"],
        "name": subject["name"],
        "kind": subject["kind"],
        "kind_title": subject["kind_title"],
        **dict.fromkeys(("region", "region_title", "level", "level_title", "superior")),
        "registered": False,
        "as_of": record["as_of"],
    }


def _record_ids(nodes: Iterable[Mapping[str, Any]]) -> set[str]:
    ids: set[str] = set()
    for node in nodes:
        ids.update(node["records"])
        ids |= _record_ids(node["children"])
    return ids


def _live_records(platform: Platform, record_ids: Iterable[str]) -> dict[str, str]:
    """Those that are public now -> when they end."""
    now = platform.clock()
    keys = [store.record_key(platform, record_id) for record_id in record_ids]
    items = store.find_items(platform, keys).values()
    return {
        str(item["pk"]).partition("#")[2]: _until(item) for item in items if is_live(item, now)
    }


def _with_records(node: Mapping[str, Any], live: Iterable[str]) -> dict[str, Any]:
    known = set(live)
    return {
        **node,
        "records": [record_id for record_id in node["records"] if record_id in known],
        "children": [_with_records(child, known) for child in node["children"]],
    }
