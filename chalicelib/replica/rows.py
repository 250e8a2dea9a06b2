"""From documents of the feed to rows: the columns repeat what a document says, to search by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from chalicelib.feed.model import Document
from chalicelib.replica.schema import UNRANKED
from chalicelib.replica.text import index_text, pinyin_of, pinyin_tokens

Cell: TypeAlias = str | int | None
Row: TypeAlias = dict[str, Cell]


def record_row(document: Document) -> Row:
    """The row of a record: all but its number."""
    shown = json.loads(document.content)
    subject, reporter = shown["subject"], shown["reporter"]
    on_time = shown.get("on_time")
    region = shown["region"]
    return {
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
        "pinyin": f"{pinyin_of(subject['name'])}\n{pinyin_of(reporter['name'])}",
        "document": document.content.decode(),
    }


def search_texts(content: str | bytes, pinyin: str) -> tuple[str, str]:
    """What the search index is given of a record: of its subject's name, and of the rest."""
    shown = json.loads(content)
    subject, _, reporter = pinyin.partition("\n")
    return (
        f"{index_text([shown['subject']['name']])} {pinyin_tokens(subject)}",
        f"{index_text(_texts(shown))} {pinyin_tokens(reporter)}",
    )


def _texts(shown: Mapping[str, Any]) -> Iterator[str]:
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
    more = {
        "subject": _subject,
        "run": _run,
        "result": _result,
        "supervision": _supervision,
        "rating": _rating,
    }
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
        "salted_sha256": hashlib.sha256(document.salt + document.content).hexdigest(),
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
        "pinyin": _whole(pinyin_of(shown["name"])),
    }


def _whole(pinyin: str) -> str:
    """`nan jing shi` -> `nanjingshi njs`."""
    return f"{pinyin.replace(' ', '')} {''.join(part[0] for part in pinyin.split())}"


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


def _rating(shown: Mapping[str, Any]) -> Row:
    return {
        "subject": shown["body"]["code"],
        "institution": shown["institution"]["code"],
        **{name: shown[name] for name in ("system", "period", "region", "score", "published_on")},
    }


def _supervision(shown: Mapping[str, Any]) -> Row:
    return {
        "subject_code": shown["body"]["code"],
        **{name: shown[name] for name in ("kind", "region", "published_on")},
    }
