"""From public documents to what pages show of them. Pure.

A document is the JSON the API shows (models in `disclosure.model`); nothing is added to it but the
order and the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from chalicelib.pictures.evaluations import Part, axes, scores_over
from chalicelib.pictures.model import Axis, Line
from chalicelib.portal.rendering import day_text, moment_text
from chalicelib.replica.model import Tombstone

Shown: TypeAlias = Mapping[str, Any]
"""A public document as JSON."""
Values: TypeAlias = dict[str, Any]
"""What a template is given."""

_BRIEF = 64
_ADDRESS = re.compile(r"https?://[^\s<>\"']{1,500}", re.ASCII)
"""A field that is an address (of a judgment at 裁判文书网, R-22) is a link; nothing else is."""
_ENDED = {
    "withdrawn": "这条信息已依法撤下。",
    "term_ended": "这条信息的公示期已满。",
}
_REASONS = {"withdrawn": "撤下", "term_ended": "公示期满"}


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a document stands in the log."""

    seq: int


def listed(record: Shown) -> Values:
    """A record as an entry of a list: itself and a brief of what it says."""
    return {**record, "brief": _brief(record)}


def all_listed(records: Iterable[Shown]) -> list[Values]:
    """Several of them."""
    return [listed(record) for record in records]


def _brief(record: Shown) -> str:
    texts = [field["text"].strip() for field in record["fields"][:3]]
    whole = "　".join(text for text in dict.fromkeys(texts) if text)
    return whole if len(whole) <= _BRIEF else whole[: _BRIEF - 1] + "…"


def record_values(record: Shown, place: LogPlace, *, has_national_fields: bool = False) -> Values:
    """The page of a record. `has_national_fields`: the national standard has columns for it."""
    return {
        "section": "search",
        "record": record,
        "place": place,
        "proof_address": f"/public/v1/records/{record['id']}/proof",
        "fields": [
            (field["title"], field["text"], _ADDRESS.fullmatch(field["text"]) is not None)
            for field in record["fields"]
        ],
        "term": term_text(record["publicity"]),
        "notices": _notices(record.get("notices") or {}),
        "about": _about(record),
        "archive": record.get("archive"),
        "has_national_fields": has_national_fields,
    }


def term_text(publicity: Shown) -> str:
    """Until when a record is public, as a sentence without its full stop."""
    last_day = publicity["last_day"]
    return f"公示至{day_text(last_day)}24时" if last_day else "长期公示"


def _notices(notices: Shown) -> list[tuple[str, str]]:
    named = (
        ("失信认定决定送达", notices.get("decision_delivered_on")),
        ("信用修复告知送达", notices.get("repair_delivered_on")),
    )
    return [(name, day_text(day)) for name, day in named if day]


def _about(record: Shown) -> list[tuple[str, str]]:
    found = [("所在区划", f"{record['region_title']}（{record['region']}）")]
    reported = record.get("reported_on")
    if reported:
        on_time = record.get("on_time")
        kept = "" if on_time is None else "，在规定期限内" if on_time else "，超过规定期限"
        found.append(("报送日期", day_text(reported) + kept))
    return found


def gone_values(gone: Tombstone) -> Values:
    """The page in place of a document that is public no more: facts, no content."""
    return {
        "why": _ENDED.get(gone.reason, _ENDED["withdrawn"]),
        "facts": [
            ("编号", gone.id),
            ("原因", _REASONS.get(gone.reason, "撤下")),
            ("不再公示自", moment_text(gone.withdrawn_at)),
            ("日志序号", f"第 {gone.seq:,} 条"),
        ],
    }


# -- a body ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BodyParts:
    """What is public of one body."""

    page: Shown
    """As the API's BodyPage: body, categories, dishonesty, honours."""
    explanation: Shown | None
    """The newest result with the reasons of its points."""
    results: tuple[Shown, ...]
    """Its results in all evaluations, the newest first."""
    supervision: tuple[Shown, ...]
    """Published results of supervision cases, the newest first."""
    ratings: tuple[Shown, ...] = ()
    """Ratings by third parties, the newest period first."""


def body_values(parts: BodyParts) -> Values:
    """The page of a body."""
    page = parts.page
    body = page["body"]
    groups = [
        {**group, "records": all_listed(group["records"])}
        for group in page["categories"]
        if group["count"]
    ]
    apart = (page["dishonesty"], page["honours"])
    total = sum(group["count"] for group in (*page["categories"], *apart))
    return {
        "section": "search",
        "body": body,
        "basics": _basics(body),
        "groups": groups,
        "total": total,
        "dishonesty": _group(page["dishonesty"]),
        "honours": _group(page["honours"]),
        "result": parts.results[0] if parts.results else None,
        "axes": axes_of(parts.explanation),
        "trend": trend_of(parts.results),
        "supervision": parts.supervision,
        "ratings": parts.ratings,
    }


def _group(group: Shown) -> Values:
    return {"count": group["count"], "records": all_listed(group["records"])}


def _basics(body: Shown) -> list[tuple[str, str]]:
    region = f"{body['region_title']}（{body['region']}）" if body["region"] else ""
    named = (
        ("主体类别", body["kind_title"]),
        ("层级", body["level_title"] or ""),
        ("所在区划", region),
        ("登记情况", "已登记的信用主体" if body["registered"] else "未登记，因公示信息列示"),
        ("资料更新", moment_text(body["as_of"])),
    )
    return [(name, value) for name, value in named if value]


def axes_of(explanation: Shown | None) -> list[Axis]:
    """The indicators of the first level, as axes of a radar: the share of the points reached."""
    if explanation is None:
        return []
    found = (Part(one["title"], one["weight"], one["points"]) for one in explanation["indicators"])
    return axes([part for part in found if Decimal(part.weight) > 0])


def trend_of(results: Iterable[Shown]) -> Values | None:
    """The scores of a body over the periods of one kind of evaluation: that of its newest result.
    None if there are fewer than two."""
    found = list(results)
    if not found:
        return None
    told = ((one["title"], one["period"], one["score"]) for one in found)
    scores = scores_over(told, found[0]["title"])
    if len(scores) < 2:
        return None
    line = Line("得分", tuple(float(one.score) for one in scores))
    labels = [one.period for one in scores]
    return {"title": found[0]["title"], "labels": labels, "lines": [line]}
