"""DynamoDB tables: items in and out as plain Python values; writes are in `writes`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.attributes import (
    Item,
    Value,
    from_attributes,
    key_attributes,
    placeholders,
    to_attributes,
    value_attributes,
)
from chalicelib.aws.calls import invoke
from chalicelib.aws.writes import Condition, Key, Put, commit
from chalicelib.kernel.errors import Unavailable

# DynamoDB's own limit.
MAX_BATCH_GET = 100
_UNPROCESSED_TRIES = 6


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
            Key=key_attributes(pk, sk),
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
        named = {"#hash": hash_name}
        values: dict[str, Value] = {"hash": pk}
        if between is not None:
            condition += " AND #range BETWEEN :low AND :high"
            values |= {"low": between[0], "high": between[1]}
            named["#range"] = range_name
        elif prefix is not None:
            condition += " AND begins_with(#range, :prefix)"
            values["prefix"] = prefix
            named["#range"] = range_name
        parameters: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not descending,
            "ReturnConsumedCapacity": "TOTAL",
        }
        if where is not None:
            parameters["FilterExpression"] = where.expression
            named |= placeholders(where.expression)
            values |= where.values
        if names:
            parameters["ProjectionExpression"] = ", ".join(f"#{name}" for name in names)
            named |= {f"#{name}": name for name in names}
        if index is None:
            parameters["ConsistentRead"] = True
        else:
            parameters["IndexName"] = index
        if limit is not None:
            parameters["Limit"] = limit
        if start is not None:
            parameters["ExclusiveStartKey"] = to_attributes(start)
        parameters["ExpressionAttributeNames"] = named
        parameters["ExpressionAttributeValues"] = value_attributes(values)
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
        self,
        index: str,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        names: Sequence[str] = (),
    ) -> Iterator[Item]:
        """Every item of an index partition, page after page; `names` picks attributes."""
        start: Item | None = None
        while True:
            page = self.query_index(index, pk, between=between, start=start, names=names)
            yield from page.items
            start = page.next_start
            if start is None:
                return

    def each(
        self, pk: str, *, prefix: str | None = None, names: Sequence[str] = ()
    ) -> Iterator[Item]:
        """Every item of a partition, page after page (consistent); `names` picks attributes."""
        start: Item | None = None
        while True:
            page = self.query(pk, prefix=prefix, start=start, names=names)
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
    "by_pending": ("pending", "pending_since"),
    "by_end": ("end_day", "position"),
    "by_due": ("due_day", "position"),
}
"""Index name -> its hash and range attribute; the template's indexes are these."""


def batch_get(
    keys: Sequence[Key], *, consistent: bool = True, names: Sequence[str] = ()
) -> dict[Key, Item]:
    """The items among `keys` that exist, from any tables; one call per 100 keys. `names` picks
    attributes (all if empty), `a.b` a part of one; the keys are always among them."""
    found: dict[Key, Item] = {}
    unique = list(dict.fromkeys(keys))
    read: dict[str, Any] = {"ConsistentRead": consistent}
    if names:
        picked = sorted({"pk", "sk", *names})
        paths = ["#" + name.replace(".", ".#") for name in picked]
        read["ProjectionExpression"] = ", ".join(paths)
        read["ExpressionAttributeNames"] = dict(placeholders(read["ProjectionExpression"]))
    for begin in range(0, len(unique), MAX_BATCH_GET):
        request: dict[str, Any] = {}
        for key in unique[begin : begin + MAX_BATCH_GET]:
            entry = request.setdefault(key.table, {"Keys": [], **read})
            entry["Keys"].append(key_attributes(key.pk, key.sk))
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
