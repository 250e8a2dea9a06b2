"""Evaluations as they are drawn and told: grades, rankings, the reasons for every point. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.pictures.evaluations import Part
from chalicelib.pictures.model import Bar
from chalicelib.policy.base import LEVEL_TITLES, SUBJECT_KINDS

Json = Mapping[str, Any]

_TITLES: Final = {**LEVEL_TITLES, **{str(code): title for code, title in SUBJECT_KINDS.items()}}


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator with the points a body got, how deep it stands, and the records behind it."""

    code: str
    title: str
    weight: str
    points: str
    lost: str
    """Points that are missing; empty: none."""
    rule: str
    working: str
    records: tuple[str, ...]
    hidden: int
    """Records behind it that are not public, or no longer."""
    children: tuple[Node, ...]


def group_title(group: str) -> str:
    """How a group of a ranking is called: by levels, kinds, or regions as they are."""
    return "、".join(_TITLES.get(part, part) for part in group.split("/")) if group else "全部"


def grade_bars(run: Json) -> list[Bar]:
    """How many bodies got which grade."""
    return [
        Bar(f"{one['title']}（{one['grade']}）", (float(one["count"]),), f"{one['count']}个")
        for one in run["grades"]
    ]


def ranking_bars(results: Iterable[Json], run: str) -> list[Bar]:
    """The bodies of a group with their scores, as far as the page shows them."""
    return [
        Bar(
            one["body"]["name"],
            (_number(one["score"]),),
            one["score"],
            f"/site/evaluations/{run}/{one['body']['code']}",
        )
        for one in results
    ]


def parts(nodes: Sequence[Node]) -> tuple[Part, ...]:
    """The first-level indicators as they are drawn."""
    return tuple(Part(node.title, node.weight, node.points) for node in nodes)


def nodes(indicators: Iterable[Json]) -> tuple[Node, ...]:
    """The indicator tree as it is shown."""
    return tuple(_node(one) for one in indicators)


def _node(one: Json) -> Node:
    children = nodes(one["children"])
    records = tuple(one["records"])
    lost = _number(one["weight"]) - _number(one["points"])
    return Node(
        code=one["code"],
        title=one["title"],
        weight=one["weight"],
        points=one["points"],
        lost=f"{lost:.2f}".rstrip("0").rstrip(".") if lost > 0.004 else "",
        rule=one.get("rule") or "",
        working=one.get("working") or "",
        records=records,
        hidden=max(0, int(one.get("record_count", 0)) - len(records)),
        children=children,
    )


def record_ids(found: Iterable[Node]) -> Iterator[str]:
    """Every record that is named behind a point."""
    for node in found:
        yield from node.records
        yield from record_ids(node.children)


def _number(text: object) -> float:
    """A decimal text as a length to draw."""
    try:
        return float(str(text))
    except ValueError:
        return 0.0
