"""From documents of the feed to rows: the columns repeat what a document says, to search by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from chalicelib.feed.model import Document
from chalicelib.replica.schema import UNRANKED
from chalicelib.replica.text import index_text, pinyin_text

Cell: TypeAlias = str | int | None
Row: TypeAlias = dict[str, Cell]


def record_row(document: Document) -> tuple[Row, str]:
    """The row of a record (all but its number), and what the search index is given of it."""
    shown = json.loads(document.content)
    subject, reporter = shown["subject"], shown["reporter"]
    on_time = shown.get("on_time")
    region = shown["region"]
    row: Row = {
        **_common(document),
        "type": shown["type"],
        "category": shown["category"],
        "dishonesty": int(shown["dishonesty"]),
        "severity": shown["severity"],
        "subject_code": subject["code"],
        "subject_name": subject["name"],
        "subject_kind": subject["kind"],
        "reporter": reporter["code"],
        "region": region,
        "province": region[:2],
        "city": region[:4],
        "occurred_on": shown["occurred_on"],
        "year": shown["occurred_on"][:4],
        "reported_on": shown.get("reported_on"),
        "on_time": None if on_time is None else int(on_time),
        "pinyin": f"{pinyin_text(subject['name'])} {pinyin_text(reporter['name'])}",
        "document": document.content.decode(),
    }
    return row, index_text(_texts(shown))


def record_text(content: str) -> str:
    """What the search index was given of a record with this document."""
    return index_text(_texts(json.loads(content)))


def _texts(shown: Mapping[str, Any]) -> Iterator[str]:
    yield shown["subject"]["name"]
    yield shown["subject"]["code"] or ""
    yield shown["reporter"]["name"]
    yield shown["reporter"]["code"]
    yield shown["type_title"]
    for field in shown["fields"]:
        yield field["text"]
    if shown["statement"] is not None:
        yield shown["statement"]["text"]


def row_of(document: Document) -> Row:
    """The row of any document but a record."""
    shown = json.loads(document.content)
    more = {"subject": _subject, "run": _run, "result": _result, "supervision": _supervision}
    return {
        **_common(document),
        **more[document.entity](shown),
        "document": document.content.decode(),
    }


def _common(document: Document) -> Row:
    return {
        "id": document.id,
        "seq": document.seq,
        "version": document.version,
        "until": document.until or None,
        "salt": document.salt.hex(),
    }


def _subject(shown: Mapping[str, Any]) -> Row:
    superior = shown["superior"]
    return {
        "code": shown["code"],
        "name": shown["name"],
        "kind": shown["kind"],
        "region": shown["region"] or "",
        "level": shown["level"],
        "superior": superior["code"] if superior else None,
        "pinyin": pinyin_text(shown["name"]),
    }


def _run(shown: Mapping[str, Any]) -> Row:
    return {name: shown[name] for name in ("run", "title", "period", "completed_at")}


def _result(shown: Mapping[str, Any]) -> Row:
    result = shown["result"]
    return {
        **{name: result[name] for name in ("run", "kind", "region", "level", "score", "grade")},
        "code": result["body"]["code"],
        "name": result["body"]["name"],
        "period": result["period"],
        "ranking": result["group"],
        "place": result["place"] or UNRANKED,
    }


def _supervision(shown: Mapping[str, Any]) -> Row:
    return {
        "subject_code": shown["body"]["code"],
        **{name: shown[name] for name in ("kind", "region", "published_on")},
    }
