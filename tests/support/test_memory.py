"""The dictionary does what moto does, on everything the cases ask of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws import calls
from chalicelib.aws.attributes import to_attributes
from tests.cases.machine import Machine
from tests.cases.play import Play
from tests.cases.procedures import kind_of
from tests.support.faults import state
from tests.support.memory import MemoryTables
from tests.support.world import fresh_world, make_world

STEPS = 14


class Scanned:
    """moto's tables, looked at as the dictionary is."""

    @property
    def items(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        client: Any = calls.client("dynamodb")
        return {
            (table, item["pk"]["S"], item["sk"]["S"]): item
            for table in client.list_tables()["TableNames"]
            for item in client.scan(TableName=table)["Items"]
        }

    def snapshot(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        return self.items


@pytest.mark.parametrize("code", ["objection", "lead"])
def test_the_same_script_ends_in_the_same_state(
    aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    ends, scripts = [], []
    for tables in (MemoryTables(), Scanned()):
        if isinstance(tables, MemoryTables):
            monkeypatch.setitem(calls._clients, "dynamodb", tables)
            world = make_world(aws)
        else:
            monkeypatch.delitem(calls._clients, "dynamodb")
            world = fresh_world(aws)
        machine = Machine(world, tables, kind_of("nanjing", code), "nanjing", random.Random("7"))  # type: ignore[arg-type]
        Play(machine).run(STEPS)
        ends.append(state(world))
        scripts.append(machine.script)
    assert scripts[0] == scripts[1] and len(scripts[0]) > STEPS // 2
    assert ends[0] == ends[1]


def test_what_dynamodb_refuses_is_refused() -> None:
    tables = MemoryTables()
    item = to_attributes({"pk": "a", "sk": "-", "subject": ""})
    with pytest.raises(ClientError, match="empty"):
        tables.put_item(TableName="t", Item=item)
    entry = {"Put": {"TableName": "t", "Item": to_attributes({"pk": "a", "sk": "-"})}}
    with pytest.raises(ClientError, match="twice"):
        tables.transact_write_items(TransactItems=[entry, entry])
    assert tables.items == {}


def test_what_the_dictionary_does_not_know_is_never_guessed() -> None:
    tables = MemoryTables()
    item = to_attributes({"pk": "a", "sk": "-"})
    with pytest.raises(NotImplementedError):
        tables.put_item(
            TableName="t",
            Item=item,
            ConditionExpression="size(#pk) > :n",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":n": {"N": "1"}},
        )
