"""Very many open cases, and a count of what is read of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.attributes import to_attributes
from chalicelib.aws.platform import Platform
from chalicelib.cases import store
from chalicelib.cases.model import Case, CaseFile, Frame, Parties, file_of
from tests.intake import town

_BATCH = 25
_OPENED = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


@dataclass
class Reading:
    """What was read by queries: calls, items, capacity units, and of which tables."""

    calls: int = 0
    items: int = 0
    capacity: float = 0.0
    tables: set[str] = field(default_factory=set)

    def seen(self, parsed: Any, **_: object) -> None:
        """A query was answered."""
        self.calls += 1
        self.items += parsed["ScannedCount"]
        self.capacity += parsed["ConsumedCapacity"]["CapacityUnits"]
        self.tables.add(parsed["ConsumedCapacity"]["TableName"])


@contextmanager
def reading() -> Iterator[Reading]:
    """Count what queries read while the block runs."""
    found = Reading()
    client: Any = calls.client("dynamodb")
    events = client.meta.events
    events.register("after-call.dynamodb.Query", found.seen)
    try:
        yield found
    finally:
        events.unregister("after-call.dynamodb.Query", found.seen)


def open_case(number: int) -> CaseFile:
    """An objection that waits to be accepted."""
    frame = Frame(
        case_id=f"c_{number:026d}",
        jurisdiction=town.JURISDICTION,
        region=town.CITY,
        pack="2024-09-13",
        kind="objection",
        title="违约毁约",
        parties=Parties(subject_id="b_1", source_agency=town.BUREAU),
        wrapped_key="",
    )
    return file_of(frame, Case("objection", "received", _OPENED, _OPENED, 1))


def many_open(platform: Platform, first: int, due_on: Sequence[date]) -> None:
    """Open cases numbered from `first`, one for each day of `due_on`."""
    client: Any = calls.client("dynamodb")
    puts = [
        {"PutRequest": {"Item": to_attributes(put.item)}}
        for number, day in enumerate(due_on, first)
        for put in (store.case_put(platform, open_case(number), None, day),)
    ]
    for begin in range(0, len(puts), _BATCH):
        part = puts[begin : begin + _BATCH]
        client.batch_write_item(RequestItems={platform.cases.name: part})
