"""DynamoDB: items in and out as plain Python values, writes as values that are committed once.

A use case that joins a larger one returns its writes; the outermost commits them in one
conditional write (design §2.6): a single put, update or delete, or one transaction.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chalicelib.aws.attributes import (
    Item,
    Value,
    from_attributes,
    to_attribute,
    to_attributes,
)
from chalicelib.aws.calls import ConditionFailed, Contended, invoke
from chalicelib.kernel.errors import Unavailable

# DynamoDB's own limits; emulators do not all enforce them, so they are checked here.
MAX_TRANSACTION_ITEMS = 100
MAX_TRANSACTION_BYTES = 4_000_000
MAX_ITEM_BYTES = 400_000
MAX_BATCH_GET = 100
_CONTENTION_TRIES = 5
_UNPROCESSED_TRIES = 6


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


@dataclass(frozen=True, slots=True)
class Page:
    """Some items and where the next page starts (None: that was all)."""

    items: tuple[Item, ...]
    next_start: Item | None


class Table:
    """One table (keys `pk`, `sk`)."""

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, pk: str, sk: str = "-") -> Key:
        """The place of one item of this table."""
        return Key(self.name, pk, sk)

    def get(self, pk: str, sk: str = "-", *, consistent: bool = True) -> Item | None:
        """One item, or None."""
        answer = invoke(
            "dynamodb",
            "get_item",
            self.name,
            TableName=self.name,
            Key=_key_attributes(pk, sk),
            ConsistentRead=consistent,
            ReturnConsumedCapacity="TOTAL",
        )
        found = answer.get("Item")
        return None if found is None else from_attributes(found)

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        hash_name: str = "pk",
        range_name: str = "sk",
        between: tuple[str, str] | None = None,
        prefix: str | None = None,
        where: Condition | None = None,
        descending: bool = False,
        limit: int | None = None,
        start: Item | None = None,
        names: Sequence[str] = (),
    ) -> Page:
        """One page of a partition in the order of its range key; `where` filters what was read,
        `names` picks attributes (all if empty)."""
        condition = "#hash = :hash"
        placeholders = {"#hash": hash_name}
        values: dict[str, Value] = {"hash": pk}
        if between is not None:
            condition += " AND #range BETWEEN :low AND :high"
            values |= {"low": between[0], "high": between[1]}
            placeholders["#range"] = range_name
        elif prefix is not None:
            condition += " AND begins_with(#range, :prefix)"
            values["prefix"] = prefix
            placeholders["#range"] = range_name
        parameters: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not descending,
            "ReturnConsumedCapacity": "TOTAL",
        }
        if where is not None:
            parameters["FilterExpression"] = where.expression
            placeholders |= _names(where.expression)
            values |= where.values
        if names:
            parameters["ProjectionExpression"] = ", ".join(f"#{name}" for name in names)
            placeholders |= {f"#{name}": name for name in names}
        if index is None:
            parameters["ConsistentRead"] = True
        else:
            parameters["IndexName"] = index
        if limit is not None:
            parameters["Limit"] = limit
        if start is not None:
            parameters["ExclusiveStartKey"] = to_attributes(start)
        parameters["ExpressionAttributeNames"] = placeholders
        parameters["ExpressionAttributeValues"] = _values(values)
        answer = invoke("dynamodb", "query", self.name, **parameters)
        last = answer.get("LastEvaluatedKey")
        return Page(
            tuple(from_attributes(found) for found in answer.get("Items", [])),
            None if not last else from_attributes(last),
        )

    def query_index(
        self,
        index: str,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        prefix: str | None = None,
        where: Condition | None = None,
        descending: bool = False,
        limit: int | None = None,
        start: Item | None = None,
        names: Sequence[str] = (),
    ) -> Page:
        """`query` on one of the indexes named in INDEXES (eventually consistent)."""
        hash_name, range_name = INDEXES[index]
        return self.query(
            pk,
            index=index,
            hash_name=hash_name,
            range_name=range_name,
            between=between,
            prefix=prefix,
            where=where,
            descending=descending,
            limit=limit,
            start=start,
            names=names,
        )

    def each_in_index(
        self, index: str, pk: str, *, between: tuple[str, str] | None = None
    ) -> Iterator[Item]:
        """Every item of an index partition, page after page."""
        start: Item | None = None
        while True:
            page = self.query_index(index, pk, between=between, start=start)
            yield from page.items
            start = page.next_start
            if start is None:
                return

    def each(self, pk: str, *, prefix: str | None = None) -> Iterator[Item]:
        """Every item of a partition, page after page (consistent)."""
        start: Item | None = None
        while True:
            page = self.query(pk, prefix=prefix, start=start)
            yield from page.items
            start = page.next_start
            if start is None:
                return

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Write one item. Raises ConditionFailed with what was there."""
        commit([Put(self.name, item, condition)])


INDEXES: Mapping[str, tuple[str, str]] = {
    "by_subject": ("subject", "occurred"),
    "by_reporter": ("reporter", "occurred"),
    "by_change": ("change_shard", "changed_at"),
    "by_listing": ("listing", "position"),
    "by_actor": ("actor", "at"),
    "by_end": ("end_day", "position"),
}
"""Index name -> its hash and range attribute; the template's indexes are these."""


def batch_get(
    keys: Sequence[Key], *, consistent: bool = True, names: Sequence[str] = ()
) -> dict[Key, Item]:
    """The items among `keys` that exist, from any tables; one call per 100 keys. `names` picks
    attributes (all if empty); the keys are always among them."""
    found: dict[Key, Item] = {}
    unique = list(dict.fromkeys(keys))
    read: dict[str, Any] = {"ConsistentRead": consistent}
    if names:
        picked = sorted({"pk", "sk", *names})
        read["ProjectionExpression"] = ", ".join(f"#{name}" for name in picked)
        read["ExpressionAttributeNames"] = {f"#{name}": name for name in picked}
    for begin in range(0, len(unique), MAX_BATCH_GET):
        request: dict[str, Any] = {}
        for key in unique[begin : begin + MAX_BATCH_GET]:
            entry = request.setdefault(key.table, {"Keys": [], **read})
            entry["Keys"].append(_key_attributes(key.pk, key.sk))
        _batch_get_all(request, found)
    return found


def _batch_get_all(request: dict[str, Any], found: dict[Key, Item]) -> None:
    for attempt in range(_UNPROCESSED_TRIES):
        answer = invoke(
            "dynamodb",
            "batch_get_item",
            ",".join(sorted(request)),
            RequestItems=request,
            ReturnConsumedCapacity="TOTAL",
        )
        for table, items in answer.get("Responses", {}).items():
            for attributes in items:
                item = from_attributes(attributes)
                found[Key(table, str(item["pk"]), str(item["sk"]))] = item
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return
        time.sleep(0.02 * 2**attempt)
    raise Unavailable("dynamodb batch_get_item 没有读完")


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
    names = {**_names(write.expression), **parameters.get("ExpressionAttributeNames", {})}
    values = _values(write.values)
    values |= parameters.get("ExpressionAttributeValues", {})
    parameters |= {"UpdateExpression": write.expression, "ExpressionAttributeNames": names}
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def _keyed_parameters(key: Key, condition: Condition | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "TableName": key.table,
        "Key": _key_attributes(key.pk, key.sk),
    }
    return _conditional(parameters, condition)


def _conditional(parameters: dict[str, Any], condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return parameters
    parameters["ConditionExpression"] = condition.expression
    parameters["ExpressionAttributeNames"] = dict(_names(condition.expression))
    if condition.values:
        parameters["ExpressionAttributeValues"] = _values(condition.values)
    parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return parameters


@functools.lru_cache(maxsize=256)
def _names(expression: str) -> Mapping[str, str]:
    """The placeholders of an expression; the platform has few, and writes them again and again."""
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def _values(values: Mapping[str, Value]) -> dict[str, Any]:
    return {f":{name}": to_attribute(value) for name, value in values.items()}


def _key_attributes(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _size(write: Put | Update | Delete | Check) -> int:
    if isinstance(write, Put):
        size = len(repr(write.item).encode())
        if size > 2 * MAX_ITEM_BYTES:
            raise ValueError("an item takes 400 KB")
        return size
    return len(repr(write.values).encode()) if isinstance(write, Update) else 0
