"""Explanations as documents, and points computed again from a document alone.

Whoever holds a leaf's document can check it without the platform's data: the amounts of its records
add up to its inputs, and its score applied to the inputs gives its points.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter

from chalicelib.evaluation.formulas import exact, points_of
from chalicelib.evaluation.model import BodyResult, LeafResult, NodeResult
from chalicelib.evaluation.texts import shown
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Scheme, Score

_ZERO: Final = Decimal(0)


def titles_of(pack: Pack) -> dict[str, str]:
    """Chinese titles of all fields of a pack, and of their choices as `field.choice`."""
    titles: dict[str, str] = {}
    for record_type in pack.types.values():
        for entry in record_type.fields:
            titles.setdefault(entry.code, entry.title)
            for choice in entry.values:
                titles.setdefault(f"{entry.code}.{choice.code}", choice.title)
    return titles


def leaf_document(leaf: LeafResult, decimals: int) -> dict[str, JsonValue]:
    """One indicator: points, rule, working, inputs, and each record with its effect."""
    score = leaf.indicator.score
    return {
        "indicator": leaf.indicator.code,
        "title": leaf.indicator.title,
        "max_points": shown(leaf.indicator.weight),
        "points": format(leaf.points, "f"),
        "decimals": decimals,
        "rule": leaf.rule,
        "working": leaf.working,
        "score": score.model_dump(mode="json", exclude_none=True) if score else None,
        "inputs": {name: shown(value) for name, value in leaf.inputs.items()},
        "records": [
            {
                "record_id": effect.record_id,
                "version": effect.version,
                "effect": {name: shown(amount) for name, amount in effect.amounts},
            }
            for effect in leaf.records
        ],
    }


def body_document(result: BodyResult, scheme: Scheme) -> dict[str, JsonValue]:
    """The whole result of a body: total, grade, the tree in points, and every leaf explained."""
    return {
        "subject_id": result.subject_id,
        "total": format(result.total, "f"),
        "grade": {"code": result.grade.code, "title": result.grade.title},
        "tree": [_node_document(node) for node in result.tree],
        "leaves": [leaf_document(leaf, scheme.decimals) for leaf in result.leaves],
    }


def recompute(document: Mapping[str, Any]) -> Decimal:
    """The points of a leaf from its document alone: records -> inputs -> points."""
    with exact():
        return points_of(
            _score_adapter().validate_python(document["score"]),
            Decimal(document["max_points"]),
            _inputs_of(document["records"]),
            document["decimals"],
        )


def discrepancies(document: Mapping[str, Any]) -> list[str]:
    """What in a body's document does not add up, in Chinese; empty if everything does."""
    return [*_leaf_discrepancies(document["leaves"]), *_tree_discrepancies(document)]


def _leaf_discrepancies(leaves: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for leaf in leaves:
        with exact():
            added = {name: shown(value) for name, value in _inputs_of(leaf["records"]).items()}
        if added != leaf["inputs"]:
            yield f"指标“{leaf['title']}”：各条记录之和与所列数值不符"
        if recompute(leaf) != Decimal(leaf["points"]):
            yield f"指标“{leaf['title']}”：按规则重新计算的得分与所列得分不符"


def _tree_discrepancies(document: Mapping[str, Any]) -> Iterator[str]:
    points = {leaf["indicator"]: Decimal(leaf["points"]) for leaf in document["leaves"]}
    if sum(points.values(), _ZERO) != Decimal(document["total"]):
        yield "总分与各指标得分之和不符"
    pending = list(document["tree"])
    while pending:
        node = pending.pop()
        children = node.get("children", ())
        pending.extend(children)
        expected = (
            sum((Decimal(child["points"]) for child in children), _ZERO)
            if children
            else points.get(node["indicator"])
        )
        if expected != Decimal(node["points"]):
            yield f"指标“{node['title']}”：得分与下级得分之和不符"


def _inputs_of(records: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    inputs: dict[str, Decimal] = {}
    for record in records:
        for name, amount in record["effect"].items():
            inputs[name] = inputs.get(name, _ZERO) + Decimal(amount)
    return inputs


def _node_document(node: NodeResult) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {
        "indicator": node.indicator.code,
        "title": node.indicator.title,
        "max_points": shown(node.indicator.weight),
        "points": format(node.points, "f"),
    }
    if node.children:
        document["children"] = [_node_document(child) for child in node.children]
    return document


@lru_cache(maxsize=1)
def _score_adapter() -> TypeAdapter[Score]:
    # Built when first needed: most workers score and never check.
    return TypeAdapter(Score)
