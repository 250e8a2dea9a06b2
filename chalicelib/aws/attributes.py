"""Plain Python values in and out of DynamoDB's typed form, without boto3's Decimals."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Value: TypeAlias = (
    "str | int | bool | bytes | list[Value] | dict[str, Value] | frozenset[int] | None"
)
Item: TypeAlias = dict[str, Value]


def to_attributes(item: Mapping[str, Value]) -> dict[str, Any]:
    """An item in DynamoDB's typed form."""
    # Most values are text: not calling for each of them halves the time of a record.
    return {
        name: {"S": value} if type(value) is str else to_attribute(value)
        for name, value in item.items()
    }


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    """The inverse of `to_attributes`."""
    return {name: from_attribute(value) for name, value in attributes.items()}


def to_attribute(value: Value) -> dict[str, Any]:
    """One value in DynamoDB's typed form. Raises TypeError for floats: numbers are integers or
    decimal strings here."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is bool:
        return {"BOOL": value}
    if kind is int:
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, dict):
        return {"M": to_attributes(value)}
    if isinstance(value, list):
        return {"L": [to_attribute(part) for part in value]}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, frozenset):
        return {"NS": [str(part) for part in sorted(value)]}
    raise TypeError(f"{kind.__name__} is not stored")


def from_attribute(attribute: Mapping[str, Any]) -> Value:
    """The inverse of `to_attribute`."""
    ((kind, value),) = attribute.items()
    if kind in ("S", "BOOL"):
        found: Value = value
        return found
    if kind == "N":
        return int(value)
    if kind == "M":
        return {name: from_attribute(part) for name, part in value.items()}
    if kind == "L":
        return [from_attribute(part) for part in value]
    if kind == "NS":
        return frozenset(int(part) for part in value)
    if kind == "B":
        return bytes(value)
    return None


@functools.lru_cache(maxsize=256)
def placeholders(expression: str) -> Mapping[str, str]:
    """The placeholders of an expression; the platform has few, and writes them again and again."""
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def value_attributes(values: Mapping[str, Value]) -> dict[str, Any]:
    """The values of an expression, each under its `:name`."""
    return {f":{name}": to_attribute(value) for name, value in values.items()}


def key_attributes(pk: str, sk: str) -> dict[str, dict[str, str]]:
    """The key of an item."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}
