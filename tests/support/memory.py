"""DynamoDB in a dictionary: what the platform asks of it and nothing more, for tests of very many
steps. moto stays the judge: `tests/support/test_memory.py` runs the same deeds on both.

It speaks the client's language (typed attributes, expressions, errors), so that everything above
`calls.invoke` is the platform's own. What it does not know is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from chalicelib.aws.attributes import from_attribute, to_attribute
from chalicelib.aws.table import INDEXES

Attributes: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, str, str]

_CALL = re.compile(r"attribute_(not_)?exists\((#\w+)\)")
_COMPARISON = re.compile(r"(#\w+) (=|<|<=|>|>=|<>) (:\w+)")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda mine, given: bool(mine == given),
    "<>": lambda mine, given: bool(mine != given),
    "<": lambda mine, given: bool(mine < given),
    "<=": lambda mine, given: bool(mine <= given),
    ">": lambda mine, given: bool(mine > given),
    ">=": lambda mine, given: bool(mine >= given),
}
_SETTING = re.compile(r"(#\w+) = (?:(#\w+) \+ )?(:\w+)")


class MemoryTables:
    """Stands in for the DynamoDB client. Items are never changed in place: whoever keeps
    `snapshot` can tell later whether anything happened."""

    def __init__(self) -> None:
        self.items: dict[Place, Attributes] = {}

    def snapshot(self) -> dict[Place, Attributes]:
        """Everything as it is now."""
        return dict(self.items)

    def get_item(self, *, TableName: str, Key: Attributes, **_: object) -> dict[str, Any]:
        """GetItem."""
        found = self.items.get(_place(TableName, Key))
        return {} if found is None else {"Item": found}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """BatchGetItem."""
        answer: dict[str, list[Attributes]] = {}
        for table, wanted in RequestItems.items():
            places = [_place(table, key) for key in wanted["Keys"]]
            if len(set(places)) != len(places) or len(places) > 100:
                raise _invalid("BatchGetItem", "keys asked for twice, or too many")
            answer[table] = [
                _projected(self.items[place], wanted) for place in places if place in self.items
            ]
        return {"Responses": answer}

    def put_item(self, **asked: Any) -> dict[str, Any]:
        """PutItem."""
        return self._single("Put", asked)

    def update_item(self, **asked: Any) -> dict[str, Any]:
        """UpdateItem."""
        return self._single("Update", asked)

    def delete_item(self, **asked: Any) -> dict[str, Any]:
        """DeleteItem."""
        return self._single("Delete", asked)

    def transact_write_items(self, *, TransactItems: list[Any], **_: object) -> dict[str, Any]:
        """TransactWriteItems: all or nothing."""
        entries = [next(iter(entry.items())) for entry in TransactItems]
        places = [_place_of(asked) for _, asked in entries]
        if len(set(places)) != len(places):
            raise _invalid("TransactWriteItems", "one item twice in a transaction")
        reasons = [self._reason(asked) for _, asked in entries]
        if any(reason["Code"] != "None" for reason in reasons):
            error = {
                "Error": {"Code": "TransactionCanceledException", "Message": ""},
                "CancellationReasons": reasons,
            }
            raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type]
        for operation, asked in entries:
            self._apply(operation, asked)
        return {}

    def query(self, **asked: Any) -> dict[str, Any]:
        """Query of a table or an index."""
        index = asked.get("IndexName")
        hash_name, range_name = ("pk", "sk") if index is None else INDEXES[index]
        found = [
            item
            for (table, _, _), item in self.items.items()
            if table == asked["TableName"] and hash_name in item and range_name in item
            if _in_partition(item, hash_name, range_name, asked)
        ]
        order = (range_name, "pk", "sk")
        found.sort(key=lambda item: tuple(item[name]["S"] for name in order))
        if not asked.get("ScanIndexForward", True):
            found.reverse()
        start = asked.get("ExclusiveStartKey")
        if start is not None:
            at = next(i for i, item in enumerate(found) if _is_at(item, start))
            found = found[at + 1 :]
        page = found[: asked.get("Limit", len(found))]
        kept = [item for item in page if _holds(asked.get("FilterExpression"), item, asked)]
        answer: dict[str, Any] = {"Items": [_projected(item, asked) for item in kept]}
        if len(page) < len(found):
            names = {"pk", "sk", hash_name, range_name}
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in names}
        return answer

    def scan(self, *, TableName: str, **_: object) -> dict[str, Any]:
        """Scan, in one page."""
        return {"Items": [item for (table, _, _), item in self.items.items() if table == TableName]}

    def _single(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        reason = self._reason(asked)
        if reason["Code"] != "None":
            error: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
            if "Item" in reason:
                error["Item"] = reason["Item"]
            raise ClientError(error, operation)
        self._apply(operation, asked)
        found = self.items.get(_place_of(asked))
        return {"Attributes": found} if asked.get("ReturnValues") == "ALL_NEW" else {}

    def _reason(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        there = self.items.get(_place_of(asked))
        if _holds(asked.get("ConditionExpression"), there or {}, asked):
            return {"Code": "None"}
        shown = {} if there is None else {"Item": there}
        return {"Code": "ConditionalCheckFailed", **shown}

    def _apply(self, operation: str, asked: Mapping[str, Any]) -> None:
        place = _place_of(asked)
        if operation == "Put":
            self._keep(place, asked["Item"])
        elif operation == "Update":
            there = self.items.get(place) or {"pk": {"S": place[1]}, "sk": {"S": place[2]}}
            self._keep(place, _updated(there, asked))
        elif operation == "Delete":
            self.items.pop(place, None)

    def _keep(self, place: Place, item: Attributes) -> None:
        for name in {name for pair in INDEXES.values() for name in pair} & item.keys():
            if not item[name].get("S"):
                raise _invalid("PutItem", f"{name} is the key of an index and empty")
        self.items[place] = item


def _place(table: str, key: Attributes) -> Place:
    return table, key["pk"]["S"], key["sk"]["S"]


def _place_of(asked: Mapping[str, Any]) -> Place:
    return _place(asked["TableName"], asked["Item"] if "Item" in asked else asked["Key"])


def _invalid(operation: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": message}}, operation)


def _is_at(item: Attributes, key: Attributes) -> bool:
    return all(item[name] == key[name] for name in ("pk", "sk"))


def _projected(item: Attributes, asked: Mapping[str, Any]) -> Attributes:
    if "ProjectionExpression" not in asked:
        return item
    named = asked["ExpressionAttributeNames"]
    wanted = {named[one] for one in asked["ProjectionExpression"].split(", ")}
    return {name: value for name, value in item.items() if name in wanted}


def _in_partition(
    item: Attributes, hash_name: str, range_name: str, asked: Mapping[str, Any]
) -> bool:
    values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()
              if "S" in value}  # fmt: skip
    if item[hash_name]["S"] != values[":hash"]:
        return False
    expression, place = asked["KeyConditionExpression"], item[range_name]["S"]
    if expression == "#hash = :hash":
        return True
    if expression.endswith("begins_with(#range, :prefix)"):
        return bool(place.startswith(values[":prefix"]))
    if expression.endswith("#range BETWEEN :low AND :high"):
        return bool(values[":low"] <= place <= values[":high"])
    raise NotImplementedError(expression)


def _holds(expression: str | None, item: Attributes, asked: Mapping[str, Any]) -> bool:
    """Whether a condition holds of an item; OR binds less than AND, parentheses most."""
    if expression is None:
        return True
    ways = list(_parts(expression, " OR "))
    if len(ways) > 1:
        return any(_holds(way, item, asked) for way in ways)
    needs = list(_parts(expression, " AND "))
    if len(needs) > 1:
        return all(_holds(need, item, asked) for need in needs)
    if expression.startswith("(") and expression.endswith(")"):
        return _holds(expression[1:-1], item, asked)
    return _atom(expression, item, asked)


def _parts(expression: str, operator: str) -> Iterator[str]:
    depth = start = 0
    for at, character in enumerate(expression):
        depth += (character == "(") - (character == ")")
        if depth == 0 and expression.startswith(operator, at):
            yield expression[start:at]
            start = at + len(operator)
    yield expression[start:]


def _atom(expression: str, item: Attributes, asked: Mapping[str, Any]) -> bool:
    names = asked["ExpressionAttributeNames"]
    call = _CALL.fullmatch(expression)
    if call is not None:
        return (names[call[2]] in item) is not bool(call[1])
    comparison = _COMPARISON.fullmatch(expression)
    if comparison is None:
        raise NotImplementedError(expression)
    mine = item.get(names[comparison[1]])
    if mine is None:
        return False
    given = from_attribute(asked["ExpressionAttributeValues"][comparison[3]])
    return _COMPARE[comparison[2]](from_attribute(mine), given)


def _updated(item: Attributes, asked: Mapping[str, Any]) -> Attributes:
    """The item after `SET #a = :a, #b = #b + :b ADD #c :c REMOVE #d`."""
    names, result = asked["ExpressionAttributeNames"], dict(item)
    values = asked.get("ExpressionAttributeValues", {})
    clauses = re.split(r"\s*\b(SET|ADD|REMOVE)\b\s*", asked["UpdateExpression"])[1:]
    for word, clause in zip(clauses[::2], clauses[1::2], strict=True):
        for part in clause.split(", "):
            if word == "SET":
                setting = _SETTING.fullmatch(part)
                if setting is None:
                    raise NotImplementedError(part)
                value = values[setting[3]]
                if setting[2] is not None:
                    value = _sum(item[names[setting[2]]], value)
                result[names[setting[1]]] = value
            elif word == "ADD":
                name, given = part.split(" ")
                there = item.get(names[name])
                result[names[name]] = values[given] if there is None else _sum(there, values[given])
            else:
                result.pop(names[part], None)
    return result


def _sum(one: Attributes, other: Attributes) -> Attributes:
    first, second = from_attribute(one), from_attribute(other)
    if isinstance(first, frozenset) and isinstance(second, frozenset):
        return to_attribute(first | second)
    if isinstance(first, int) and isinstance(second, int):
        return to_attribute(first + second)
    raise NotImplementedError("ADD of neither numbers nor sets of numbers")
