"""Explanations as documents, and points computed again from a document alone.

Whoever holds a leaf's document can check it without the platform's data: the amounts of its records
add up to its inputs, and its score applied to the inputs (and to what it says of the peers) gives
its points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter

from chalicelib.evaluation.formulas import ALONE, Among, exact, points_of
from chalicelib.evaluation.model import (
    BodyResult,
    LeafResult,
    NodeResult,
    RecordEffect,
    VetoResult,
)
from chalicelib.evaluation.texts import shown, veto_text
from chalicelib.kernel.canonical import JsonValue
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import Grade, Scheme, Score

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
    """One indicator: points, rule, working, inputs, each record with its effect, and the peers."""
    document: dict[str, JsonValue] = {
        "indicator": leaf.indicator.code,
        "title": leaf.indicator.title,
        "max_points": shown(leaf.indicator.weight),
        "points": format(leaf.points, "f"),
        "decimals": decimals,
        "rule": leaf.rule,
        "working": leaf.working,
        "score": leaf.score,
        "inputs": {name: shown(value) for name, value in leaf.inputs.items()},
        "records": _effects(leaf.records),
    }
    if leaf.earlier:
        document["earlier"] = _effects(leaf.earlier)
    if leaf.among is not None:
        document["among"] = _among_document(leaf.among)
    if leaf.peers is not None:
        document["peers"] = {
            "of": leaf.peers.of,
            "mean": format(leaf.peers.mean, "f"),
            "best": format(leaf.peers.best, "f"),
            "lowest": format(leaf.peers.lowest, "f"),
        }
    return document


def body_document(result: BodyResult, scheme: Scheme) -> dict[str, JsonValue]:
    """The whole result of a body: total, grade, the tree in points, every leaf explained, and the
    vetoes that rows speak for."""
    document: dict[str, JsonValue] = {
        "subject_id": result.subject_id,
        "total": format(result.total, "f"),
        "grade": _grade_document(result.grade),
        "grades": [
            {**_grade_document(grade), "at_least": shown(grade.at_least)}
            for grade in scheme.grades
        ],
        "tree": [_node_document(node) for node in result.tree],
        "leaves": [leaf_document(leaf, scheme.decimals) for leaf in result.leaves],
    }
    if result.vetoes:
        document["vetoes"] = [_veto_document(veto, scheme) for veto in result.vetoes]
        document["without_vetoes"] = {
            "total": format(result.scored, "f"),
            "grade": _grade_document(scheme.grade_of(result.scored)),
        }
    return document


def recompute(document: Mapping[str, Any]) -> Decimal:
    """The points of a leaf from its document alone: records -> inputs -> points."""
    with exact():
        return points_of(
            score_from(document),
            Decimal(document["max_points"]),
            inputs_of(document["records"]),
            document["decimals"],
            among_from(document),
        )


def score_from(document: Mapping[str, Any]) -> Score:
    """The score of a leaf's document."""
    return _score_adapter().validate_python(document["score"])


def among_from(document: Mapping[str, Any]) -> Among:
    """What a leaf's document says its points take from the peers."""
    given = document.get("among")
    if given is None:
        return ALONE
    return Among(
        Decimal(given.get("numerator", 0)),
        Decimal(given.get("denominator", 0)),
        given.get("not_better", 0),
        given.get("measured", 0),
    )


def discrepancies(document: Mapping[str, Any]) -> list[str]:
    """What in a body's document does not add up, in Chinese; empty if everything does."""
    return [
        *_leaf_discrepancies(document["leaves"]),
        *_tree_discrepancies(document),
        *_veto_discrepancies(document),
    ]


def _leaf_discrepancies(leaves: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for leaf in leaves:
        with exact():
            added = {name: shown(value) for name, value in inputs_of(leaf["records"]).items()}
        if added != leaf["inputs"]:
            yield f"指标“{leaf['title']}”：各条记录之和与所列数值不符"
        if recompute(leaf) != Decimal(leaf["points"]):
            yield f"指标“{leaf['title']}”：按规则重新计算的得分与所列得分不符"


def _tree_discrepancies(document: Mapping[str, Any]) -> Iterator[str]:
    points = {leaf["indicator"]: Decimal(leaf["points"]) for leaf in document["leaves"]}
    scored = document.get("without_vetoes", document)["total"]
    if sum(points.values(), _ZERO) != Decimal(scored):
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


def _veto_discrepancies(document: Mapping[str, Any]) -> Iterator[str]:
    """Documents of before there were vetoes say nothing of grades' bounds: nothing to check."""
    if "grades" not in document:
        return
    bounds = {grade["code"]: Decimal(grade["at_least"]) for grade in document["grades"]}
    total = Decimal(document.get("without_vetoes", document)["total"])
    caps = []
    for veto in document.get("vetoes", ()):
        if veto["met"] != (len(veto["records"]) >= veto["at_least"]):
            yield f"限制“{veto['title']}”：是否达到与所列记录数不符"
        if veto["met"]:
            caps.append(veto)
    total = min([total, *(Decimal(v["total_at_most"]) for v in caps if "total_at_most" in v)])
    if total != Decimal(document["total"]):
        yield "总分与按限制重新计算的结果不符"
    reached = max((code for code in bounds if bounds[code] <= total), key=bounds.__getitem__)
    allowed = [reached, *(v["grade_at_most"]["code"] for v in caps if "grade_at_most" in v)]
    if min(allowed, key=bounds.__getitem__) != document["grade"]["code"]:
        yield "等级与总分和限制不符"


def _effects(effects: Iterable[RecordEffect]) -> list[JsonValue]:
    # Most rows of a leaf share one value: its document is made once.
    known: dict[int, JsonValue] = {}
    found: list[JsonValue] = []
    for record_id, version, amounts in effects:
        effect = known.get(id(amounts))
        if effect is None:
            effect = known[id(amounts)] = {name: shown(amount) for name, amount in amounts}
        found.append({"record_id": record_id, "version": version, "effect": effect})
    return found


def _among_document(among: Among) -> dict[str, JsonValue]:
    if among.measured:
        return {"not_better": among.not_better, "measured": among.measured}
    return {"numerator": shown(among.numerator), "denominator": shown(among.denominator)}


def _grade_document(grade: Grade) -> dict[str, JsonValue]:
    return {"code": grade.code, "title": grade.title}


def _veto_document(found: VetoResult, scheme: Scheme) -> dict[str, JsonValue]:
    veto = found.veto
    document: dict[str, JsonValue] = {
        "veto": veto.code,
        "title": veto.title,
        "basis": f"{veto.basis.document}{veto.basis.clause}",
        "at_least": veto.at_least,
        "met": found.met,
        "working": veto_text(found, scheme),
        "records": [{"record_id": row.record_id, "version": row.version} for row in found.records],
    }
    if veto.total_at_most is not None:
        document["total_at_most"] = shown(veto.total_at_most)
    if veto.grade_at_most is not None:
        document["grade_at_most"] = _grade_document(scheme.grade(veto.grade_at_most))
    return document


def inputs_of(records: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """What the records of a leaf's document add up to. Call within `exact()`."""
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
