"""Events that AWS delivers: queue messages worked one by one, table changes forwarded to queues.

The platform's consumers trust an event only to say *which* item changed; they read the item
themselves (design §2.7). So the stream function forwards keys, and everything that can fail,
retry or dead-letter happens behind a queue.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.queue import Queue
from chalicelib.kernel.errors import GovcreditError
from chalicelib.kernel.log import report_failure


@dataclass(frozen=True, slots=True)
class Change:
    """Item (`table`, `key`) has reached `version`. `table` is the table's name in the design."""

    table: str
    key: str
    version: int
    entity: str
    dishonesty: bool = False
    """Whether a record is one of dishonesty: who wants only those is spared all others."""
    category: str = ""
    """Of a record, the category of its type."""

    def message(self) -> dict[str, object]:
        """The change as it travels in a queue."""
        return {
            "table": self.table,
            "key": self.key,
            "version": self.version,
            "entity": self.entity,
        }


def _any(change: Change) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who is told of changes: a queue, the entities it wants, and which of their changes."""

    queue: Queue
    entities: Sequence[str]
    wants: Callable[[Change], bool] = _any

    def is_told(self, change: Change) -> bool:
        """Whether the change is sent to this queue."""
        return change.entity in self.entities and self.wants(change)


_FAILURES = (GovcreditError, ConditionFailed, Missing, ValueError, KeyError, TypeError)


def work_messages(
    event: Mapping[str, Any], handle: Callable[[Mapping[str, Any]], None]
) -> dict[str, list[dict[str, str]]]:
    """Give each SQS message's JSON body to `handle`; answer which failed, so that only those come
    again and, after the queue's tries, land in its dead-letter queue.

    Written here because the library's batch utility costs 75 ms of every cold start. An error
    that is neither the platform's own nor a fault of a message's content ends the invocation: then
    all messages come again.
    """
    failed: list[dict[str, str]] = []
    for record in event.get("Records", []):
        message_id = str(record["messageId"])
        try:
            body = json.loads(record["body"])
            if body.get("Event") == "s3:TestEvent":
                continue
            handle(body)
        except _FAILURES as error:
            report_failure(message_id, error)
            failed.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failed}


FIRST_RETRY_SECONDS: Final = 30
_LONGEST_RETRY_SECONDS: Final = 3_600


def retry_soon(queue: Queue, event: Mapping[str, Any], failed: Collection[str]) -> None:
    """Let the messages of these ids come again soon, and each time later, instead of when the time
    of the slowest worker is over. Where that fails too, they come then."""
    for record in event.get("Records", []):
        receipt = record.get("receiptHandle")
        if record["messageId"] not in failed or not receipt:
            continue
        tries = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
        with suppress(GovcreditError, Missing):
            wait = FIRST_RETRY_SECONDS * 4 ** (tries - 1)
            queue.retry_after(receipt, min(wait, _LONGEST_RETRY_SECONDS))


@contextmanager
def retried_soon(queue: Queue, event: Mapping[str, Any]) -> Iterator[None]:
    """If what runs inside fails, all messages of the event come again soon."""
    try:
        yield
    except Exception:
        retry_soon(queue, event, {str(one["messageId"]) for one in event.get("Records", [])})
        raise


def changes_in(event: Mapping[str, Any], tables: Mapping[str, str]) -> list[Change]:
    """The changes a stream event tells of. `tables`: table name in AWS -> name in the design.

    Removals by the table's own time-to-live, and items that are no entity, are left out.
    """
    found: list[Change] = []
    for record in event.get("Records", []):
        if record.get("eventName") == "REMOVE":
            continue
        image = record.get("dynamodb", {}).get("NewImage", {})
        entity = image.get("entity", {}).get("S", "")
        table = _table_in(str(record.get("eventSourceARN", "")), tables)
        if not entity or not table:
            continue
        version = int(image.get("version", {}).get("N", "1"))
        dishonesty = image.get("dishonesty", {}).get("BOOL") is True
        category = image.get("category", {}).get("S", "")
        found.append(Change(table, image["pk"]["S"], version, entity, dishonesty, category))
    return found


def _table_in(stream_arn: str, tables: Mapping[str, str]) -> str:
    # arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>
    parts = stream_arn.split("/")
    return tables.get(parts[1], "") if len(parts) > 1 else ""


def forward(changes: Sequence[Change], consumers: Sequence[Consumer]) -> None:
    """Send each change to every consumer that wants it. Raises Unavailable if any queue did not
    take all, so that the stream delivers again; consumers do not mind repeats."""
    for consumer in consumers:
        wanted = [change.message() for change in changes if consumer.is_told(change)]
        if wanted:
            consumer.queue.send_many(wanted)
