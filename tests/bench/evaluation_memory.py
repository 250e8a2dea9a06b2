"""AWS as seen by a worker, in memory: stands in for the clients behind `aws.calls.invoke`.

moto answers an index query in time proportional to the whole table, which would measure moto. Here
a call costs the same however large the town is; bodies and records are made up when asked for.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from chalicelib.aws.attributes import to_attributes

PAGE = 500
Attributes = dict[str, Any]
MadeUp = Callable[[str, str, str | None], tuple[list[Attributes], bool]]
"""index, its hash value and where to start -> items of a page, and whether there are more."""


def refused(code: str) -> ClientError:
    """botocore's way of saying no."""
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {}}, "call")  # type: ignore[typeddict-item]


class MemoryTables:
    """DynamoDB, as far as evaluation and file intake use it."""

    def __init__(self, made_up: MadeUp) -> None:
        self._made_up = made_up
        self._items: dict[str, dict[str, Attributes]] = {}
        self._order: dict[str, list[str]] = {}
        self._listed: dict[str, dict[tuple[str, str], Attributes]] = {}

    def get_item(self, Key: Attributes, **_: Any) -> Attributes:
        found = self._find(Key)
        return {} if found is None else {"Item": found}

    def batch_get_item(self, RequestItems: Mapping[str, Any], **_: Any) -> Attributes:
        responses = {
            table: [found for key in wanted["Keys"] if (found := self._find(key)) is not None]
            for table, wanted in RequestItems.items()
        }
        return {"Responses": responses}

    def put_item(self, Item: Attributes, **more: Any) -> Attributes:
        self._check({"pk": Item["pk"], "sk": Item["sk"]}, more)
        self._store(Item)
        return {}

    def update_item(self, Key: Attributes, **more: Any) -> Attributes:
        self._check(Key, more)
        return {"Attributes": self._update(Key, more)}

    def transact_write_items(self, TransactItems: list[Attributes], **_: Any) -> Attributes:
        for entry in TransactItems:
            ((_kind, write),) = entry.items()
            item = write.get("Item", write.get("Key"))
            self._check({"pk": item["pk"], "sk": item["sk"]}, write)
        for entry in TransactItems:
            if "Put" in entry:
                self._store(entry["Put"]["Item"])
            elif "Update" in entry:
                self._update(entry["Update"]["Key"], entry["Update"])
        return {}

    def query(self, **asked: Any) -> Attributes:
        values = asked["ExpressionAttributeValues"]
        pk = values[":hash"]["S"]
        start = asked.get("ExclusiveStartKey")
        index = asked.get("IndexName")
        if index and not pk.startswith(("runs#", "results#", "replays#")):
            items, more = self._made_up(index, pk, start["position"]["S"] if start else None)
            return _picked(page(items, more, "position"), asked)
        if index:
            found = self._index(pk)
            return {"Items": sorted(found, key=lambda item: str(item["position"]["S"]))}
        prefix = values.get(":prefix", {"S": ""})["S"]
        rows = self._range(pk, prefix, start["sk"]["S"] if start else "")
        return page([item for _, item in rows], len(rows) == PAGE, "sk")

    def _index(self, pk: str) -> list[Attributes]:
        return list(self._listed.get(pk, {}).values())

    def _range(self, pk: str, prefix: str, after: str) -> list[tuple[str, Attributes]]:
        order = self._order.get(pk)
        if order is None:
            order = self._order[pk] = sorted(self._items.get(pk, {}))
        begin = bisect.bisect_right(order, after) if after else bisect.bisect_left(order, prefix)
        names = order[begin : begin + PAGE]
        return [(name, self._items[pk][name]) for name in names if name.startswith(prefix)]

    def _find(self, key: Attributes) -> Attributes | None:
        return self._items.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _store(self, item: Attributes) -> None:
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        partition = self._items.setdefault(pk, {})
        if sk not in partition:
            self._order.pop(pk, None)
        partition[sk] = item
        if "listing" in item:
            self._listed.setdefault(item["listing"]["S"], {})[pk, sk] = item

    def _check(self, key: Attributes, write: Mapping[str, Any]) -> None:
        expression = write.get("ConditionExpression")
        if expression is None:
            return
        found = self._find(key)
        values = write.get("ExpressionAttributeValues", {})
        if not all(_holds(part, found, values) for part in expression.split(" AND ")):
            raise refused("ConditionalCheckFailedException")

    def _update(self, key: Attributes, write: Mapping[str, Any]) -> Attributes:
        item = dict(self._find(key) or key)
        values = write["ExpressionAttributeValues"]
        sets, _, adds = f" {write['UpdateExpression']}".partition(" ADD ")
        for name, value in re.findall(r"#(\w+) = (:\w+)", sets):
            item[name] = values[value]
        for name, value in re.findall(r"#(\w+) (:\w+)", adds):
            item[name] = _added(item.get(name), values[value])
        self._store(item)
        return item


def _holds(expression: str, found: Attributes | None, values: Mapping[str, Any]) -> bool:
    if absent := re.fullmatch(r"attribute_not_exists\(#(\w+)\)", expression):
        return found is None or absent[1] not in found
    equal = re.fullmatch(r"#(\w+) = (:\w+)", expression)
    assert equal is not None, expression
    return found is not None and found[equal[1]] == values[equal[2]]


def _added(before: Attributes | None, more: Attributes) -> Attributes:
    if "N" in more:
        return {"N": str(int(more["N"]) + (0 if before is None else int(before["N"])))}
    known = set() if before is None else set(before["NS"])
    return {"NS": sorted(known | set(more["NS"]))}


def _picked(answer: Attributes, asked: Mapping[str, Any]) -> Attributes:
    if "ProjectionExpression" not in asked:
        return answer
    names = [name.strip("# ") for name in asked["ProjectionExpression"].split(",")]
    items = [{name: item[name] for name in names if name in item} for item in answer["Items"]]
    return {**answer, "Items": items}


def page(items: list[Attributes], more: bool, by: str) -> Attributes:
    """A page, and by which key the next one starts."""
    if not more:
        return {"Items": items}
    last = items[-1]
    names = ("pk", "sk", "listing", "position") if by == "position" else ("pk", "sk")
    return {"Items": items, "LastEvaluatedKey": {name: last[name] for name in names}}


class MemoryObjects:
    """S3: objects that are written once."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def put_object(self, Key: str, Body: bytes, **_: Any) -> Attributes:
        if Key in self._objects:
            raise refused("PreconditionFailed")
        self._objects[Key] = Body
        return {"VersionId": "v1"}

    def get_object(self, Key: str, Range: str = "", **_: Any) -> Attributes:
        body = self._objects[Key]
        if Range:
            begin, end = (int(part) for part in Range.removeprefix("bytes=").split("-"))
            part = body[begin : end + 1]
            return opened(part) | {"ContentRange": f"bytes {begin}-{end}/{len(body)}"}
        return opened(body)

    def delete_object(self, Key: str, **_: Any) -> Attributes:
        self._objects.pop(Key, None)
        return {}

    def list_object_versions(self, **_: Any) -> Attributes:
        return {}

    def generate_presigned_post(self, bucket: str, key: str, **_: Any) -> Attributes:
        return {"url": "", "fields": {}}

    def head_object(self, Key: str, **_: Any) -> Attributes:
        body = self._objects[Key]
        return {
            "VersionId": "v1",
            "ContentLength": len(body),
            "LastModified": datetime.now(UTC),
            "ChecksumSHA256": b64encode(hashlib.sha256(body).digest()).decode(),
        }


def opened(body: bytes) -> Attributes:
    """An object as S3 gives it."""
    return {"Body": StreamingBody(BytesIO(body), len(body)), "ContentLength": len(body)}


class MemoryQueue:
    """SQS: bodies of messages in the order they were sent. With a `url`, those to another queue
    are taken and forgotten: somebody else works them."""

    def __init__(self, url: str = "") -> None:
        self.bodies: deque[str] = deque()
        self._url = url

    def send_message(self, QueueUrl: str, MessageBody: str, **_: Any) -> Attributes:
        if self._url in ("", QueueUrl):
            self.bodies.append(MessageBody)
        return {}

    def send_message_batch(
        self, QueueUrl: str, Entries: list[dict[str, str]], **_: Any
    ) -> Attributes:
        if self._url in ("", QueueUrl):
            self.bodies.extend(entry["MessageBody"] for entry in Entries)
        return {}

    def receive_message(self, **_: Any) -> Attributes:
        taken = [{"Body": body, "ReceiptHandle": ""} for body in self.bodies]
        self.bodies.clear()
        return {"Messages": taken}

    def delete_message(self, **_: Any) -> Attributes:
        return {}


def attributes(item: Mapping[str, Any]) -> Attributes:
    """An item in DynamoDB's typed form."""
    return to_attributes(item)
