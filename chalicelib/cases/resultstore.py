"""What cases leave for others in the CASES table, and no other module's business.

| item | pk | sk | read by |
|---|---|---|---|
| published result | RESULT#<case_id> | - | case; by_listing `results` by instant |
| precedent | PRECEDENT#<id> | - | by_listing `precedents#<jurisdiction>#<kind>` by year |

A result is an entity of its own (`case_result`), so that the stream forwards what is published and
never a case. A precedent holds no id of its case, its record or its subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, Condition, Put
from chalicelib.cases.model_results import CaseResult, Precedent

ENTITY = "case_result"
_RESULTS = "results"


def result_put(platform: Platform, result: CaseResult) -> Put:
    """The write that publishes a result, or takes it back; it belongs to a write of its case."""
    item: Item = {**asdict(result), "values": dict(result.values)}
    item |= {
        "pk": f"RESULT#{result.case_id}",
        "sk": "-",
        "entity": ENTITY,
        "listing": _RESULTS,
        "position": f"{result.at}#{result.case_id}",
    }
    return Put(platform.cases.name, item)


def find_result(platform: Platform, case_id: str) -> CaseResult | None:
    """What is published of a case, or that it was taken back; None if nothing ever was."""
    item = platform.cases.get(f"RESULT#{case_id}")
    return None if item is None else _result_from(item)


def results_since(platform: Platform, instant: str) -> Iterator[CaseResult]:
    """The results published or taken back at `instant` or later, the oldest first."""
    span = (instant, "~")
    return map(_result_from, platform.cases.each_in_index("by_listing", _RESULTS, between=span))


def precedent_put(platform: Platform, precedent: Precedent) -> Put:
    """The write that keeps a precedent, once."""
    item: Item = {
        **asdict(precedent),
        "pk": f"PRECEDENT#{precedent.precedent_id}",
        "sk": "-",
        "listing": f"precedents#{precedent.jurisdiction}#{precedent.kind}",
        "position": f"{precedent.year:04d}#{precedent.precedent_id}",
    }
    return Put(platform.cases.name, item, ABSENT)


def page_of_precedents(
    platform: Platform,
    place: tuple[str, str],
    where: Condition | None,
    limit: int,
    start: Item | None,
) -> Page:
    """One page of the precedents of a (jurisdiction, kind), the newest year first."""
    listing = f"precedents#{place[0]}#{place[1]}"
    return platform.cases.query_index(
        "by_listing", listing, where=where, descending=True, limit=limit, start=start
    )


def precedent_from(item: Item) -> Precedent:
    """The precedent an item holds."""
    body: dict[str, Any] = item
    return Precedent(**{name: body[name] for name in Precedent.__dataclass_fields__})


def condition(equal: dict[str, str], text: str) -> Condition | None:
    """What narrows a list of precedents, in the table's words."""
    parts = [f"#{name} = :{name}" for name in equal]
    values: dict[str, Value] = dict(equal)
    if text:
        parts.append("contains(#text, :text)")
        values["text"] = text
    return Condition(" AND ".join(parts), values) if parts else None


def _result_from(item: Item) -> CaseResult:
    body: dict[str, Any] = item
    return CaseResult(**{name: body[name] for name in CaseResult.__dataclass_fields__})
