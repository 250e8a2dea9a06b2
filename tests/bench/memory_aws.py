"""The table in memory for a worker of licence files: stands in for the client behind
`aws.calls.invoke`. It keeps uploads and chunks; records are taken and forgotten, so that what grows
is the platform's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.evaluation_memory import Attributes, MemoryTables

RECORDS = "records"


class FileTables(MemoryTables):
    """DynamoDB where the enterprises are known and no record is, whatever is written."""

    def __init__(self, known: Mapping[str, Attributes]) -> None:
        super().__init__(lambda *_: ([], False))
        self._known = known
        self.written = 0

    def put_item(self, Item: Attributes, **more: Any) -> Attributes:
        if more["TableName"] != RECORDS:
            return super().put_item(Item, **more)
        self.written += 1
        return {}

    def batch_get_item(self, RequestItems: Mapping[str, Any], **more: Any) -> Attributes:
        if RECORDS not in RequestItems:
            return super().batch_get_item(RequestItems, **more)
        asked, known = RequestItems[RECORDS], self._known
        found = [known[key["pk"]["S"]] for key in asked["Keys"] if key["pk"]["S"] in known]
        names = asked.get("ExpressionAttributeNames", {}).values()
        if names:
            found = [{name: item[name] for name in names if name in item} for item in found]
        return {"Responses": {RECORDS: found}}
