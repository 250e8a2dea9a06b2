"""Raw bodies as JSON and back: the same digits, so that a later run can take them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from chalicelib.evaluation.model import Amounts, Counted, RawBody, RawLeaf, RecordEffect
from chalicelib.kernel.canonical import JsonValue


def raw_json(raw: RawBody) -> dict[str, JsonValue]:
    """The raw values of a body; numbers as decimal text, rows as short lists."""
    document: dict[str, JsonValue] = {
        "subject_id": raw.subject_id,
        "leaves": [_leaf_json(leaf) for leaf in raw.leaves],
    }
    if raw.vetoes:
        document["vetoes"] = {
            code: [[row.record_id, row.version] for row in rows]
            for code, rows in raw.vetoes.items()
        }
    return document


def raw_from(document: Mapping[str, Any]) -> RawBody:
    """The raw body `raw_json` wrote down."""
    known: dict[str, Amounts] = {}
    return RawBody(
        document["subject_id"],
        tuple(_leaf_from(leaf, known) for leaf in document["leaves"]),
        MappingProxyType(
            {
                code: tuple(Counted(*row) for row in rows)
                for code, rows in document.get("vetoes", {}).items()
            }
        ),
    )


def _leaf_json(leaf: RawLeaf) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {"code": leaf.code}
    if leaf.points is not None:
        document["points"] = str(leaf.points)
    if leaf.records:
        document["records"] = _effects_json(leaf.records)
        document["inputs"] = {name: str(value) for name, value in leaf.inputs.items()}
    if leaf.earlier:
        document["earlier"] = _effects_json(leaf.earlier)
    return document


def _effects_json(effects: Iterable[RecordEffect]) -> list[JsonValue]:
    # Most rows of a leaf share one value: it is spelt once.
    spelt: dict[int, str] = {}
    rows: list[JsonValue] = []
    for record_id, version, amounts in effects:
        text = spelt.get(id(amounts))
        if text is None:
            text = spelt[id(amounts)] = ",".join(f"{name}={value}" for name, value in amounts)
        rows.append([record_id, version, text])
    return rows


def _leaf_from(leaf: Mapping[str, Any], known: dict[str, Amounts]) -> RawLeaf:
    points = leaf.get("points")
    return RawLeaf(
        leaf["code"],
        {name: Decimal(value) for name, value in leaf.get("inputs", {}).items()},
        _effects_from(leaf.get("records", ()), known),
        None if points is None else Decimal(points),
        _effects_from(leaf.get("earlier", ()), known),
    )


def _effects_from(
    rows: Iterable[Any], known: dict[str, Amounts]
) -> tuple[RecordEffect, ...]:
    effects = []
    for record_id, version, text in rows:
        amounts = known.get(text)
        if amounts is None:
            pairs = (part.split("=") for part in text.split(","))
            amounts = known[text] = tuple((name, Decimal(value)) for name, value in pairs)
        effects.append(RecordEffect(record_id, version, amounts))
    return tuple(effects)
