"""Writes as values, committed once (design §2.6).

A use case that joins a larger one returns its writes; the outermost commits them in one
conditional write: a single put, update or delete, or one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chalicelib.aws.attributes import (
    Item,
    Value,
    from_attributes,
    key_attributes,
    placeholders,
    to_attributes,
    value_attributes,
)
from chalicelib.aws.calls import ConditionFailed, Contended, invoke

# DynamoDB's own limits; emulators do not all enforce them, so they are checked here.
MAX_TRANSACTION_ITEMS = 100
MAX_TRANSACTION_BYTES = 4_000_000
MAX_ITEM_BYTES = 400_000
_CONTENTION_TRIES = 5


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in DynamoDB's words; `#name` stands for an attribute, `:name` for a value."""

    expression: str
    values: Mapping[str, Value] = field(default_factory=dict)


ABSENT = Condition("attribute_not_exists(#pk)")
PRESENT = Condition("attribute_exists(#pk)")


def version_is(version: int) -> Condition:
    """The optimistic lock: nobody has changed the item since `version` was read."""
    return Condition("#version = :expected_version", {"expected_version": version})


@dataclass(frozen=True, slots=True)
class Key:
    """One item's place."""

    table: str
    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Put:
    """Write the whole item."""

    table: str
    item: Item
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of one item: `SET #a = :a ADD #done :chunk`."""

    key: Key
    expression: str
    values: Mapping[str, Value]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove one item."""

    key: Key
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Let the transaction happen only while this item's condition holds."""

    key: Key
    condition: Condition


Write: TypeAlias = "Put | Update | Delete | Check"


def commit(writes: Sequence[Write]) -> None:
    """Make `writes` happen together or not at all. Raises ConditionFailed (index -> what was
    there), Unavailable, or ValueError when DynamoDB's limits are exceeded."""
    if not writes:
        return
    if len(writes) == 1 and not isinstance(writes[0], Check):
        _commit_one(writes[0])
        return
    if len(writes) > MAX_TRANSACTION_ITEMS:
        raise ValueError(f"{len(writes)} writes: a transaction takes {MAX_TRANSACTION_ITEMS}")
    if sum(_size(write) for write in writes) > MAX_TRANSACTION_BYTES:
        raise ValueError("a transaction takes 4 MB")
    entries = [_transaction_entry(write) for write in writes]
    target = ",".join(sorted({_table_of(write) for write in writes}))
    for attempt in range(_CONTENTION_TRIES):
        try:
            invoke(
                "dynamodb",
                "transact_write_items",
                target,
                TransactItems=entries,
                ReturnConsumedCapacity="TOTAL",
            )
            return
        except ConditionFailed as error:
            raise _read_failed(error) from error
        except Contended:
            if attempt == _CONTENTION_TRIES - 1:
                raise
            time.sleep(0.01 * 2**attempt)


def update(write: Update) -> Item:
    """Change one item and return it as it is now. Raises ConditionFailed."""
    parameters = _update_parameters(write)
    try:
        answer = invoke(
            "dynamodb",
            "update_item",
            write.key.table,
            **parameters,
            ReturnValues="ALL_NEW",
            ReturnConsumedCapacity="TOTAL",
        )
    except ConditionFailed as error:
        raise _read_failed(error) from error
    return from_attributes(answer["Attributes"])


def _commit_one(write: Put | Update | Delete | Check) -> None:
    operation, parameters = _single(write)
    try:
        invoke(
            "dynamodb",
            operation,
            _table_of(write),
            **parameters,
            ReturnConsumedCapacity="TOTAL",
        )
    except ConditionFailed as error:
        raise _read_failed(error) from error


def _read_failed(error: ConditionFailed) -> ConditionFailed:
    return ConditionFailed(
        {
            index: None if found is None else from_attributes(found)
            for index, found in error.items.items()
        }
    )


def _single(write: Put | Update | Delete | Check) -> tuple[str, dict[str, Any]]:
    if isinstance(write, Put):
        return "put_item", _put_parameters(write)
    if isinstance(write, Update):
        return "update_item", _update_parameters(write)
    if isinstance(write, Delete):
        return "delete_item", _keyed_parameters(write.key, write.condition)
    raise TypeError("a check alone writes nothing")


def _transaction_entry(write: Put | Update | Delete | Check) -> dict[str, dict[str, Any]]:
    if isinstance(write, Put):
        return {"Put": _put_parameters(write)}
    if isinstance(write, Update):
        return {"Update": _update_parameters(write)}
    if isinstance(write, Delete):
        return {"Delete": _keyed_parameters(write.key, write.condition)}
    return {"ConditionCheck": _keyed_parameters(write.key, write.condition)}


def _table_of(write: Put | Update | Delete | Check) -> str:
    return write.table if isinstance(write, Put) else write.key.table


def _put_parameters(write: Put) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "TableName": write.table,
        "Item": to_attributes(write.item),
    }
    return _conditional(parameters, write.condition)


def _update_parameters(write: Update) -> dict[str, Any]:
    parameters = _keyed_parameters(write.key, write.condition)
    names = {**placeholders(write.expression), **parameters.get("ExpressionAttributeNames", {})}
    values = value_attributes(write.values)
    values |= parameters.get("ExpressionAttributeValues", {})
    parameters |= {"UpdateExpression": write.expression, "ExpressionAttributeNames": names}
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def _keyed_parameters(key: Key, condition: Condition | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "TableName": key.table,
        "Key": key_attributes(key.pk, key.sk),
    }
    return _conditional(parameters, condition)


def _conditional(parameters: dict[str, Any], condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return parameters
    parameters["ConditionExpression"] = condition.expression
    parameters["ExpressionAttributeNames"] = dict(placeholders(condition.expression))
    if condition.values:
        parameters["ExpressionAttributeValues"] = value_attributes(condition.values)
    parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return parameters


def _size(write: Put | Update | Delete | Check) -> int:
    if isinstance(write, Put):
        size = len(repr(write.item).encode())
        if size > 2 * MAX_ITEM_BYTES:
            raise ValueError("an item takes 400 KB")
        return size
    return len(repr(write.values).encode()) if isinstance(write, Update) else 0
