"""A whole platform in process: moto's AWS as the template says, a clock that stands still until
told, ids that count. Two worlds made alike behave alike, to the byte where nothing is sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from chalicelib.aws import calls
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.platform import Platform
from chalicelib.aws.queue import Queue
from chalicelib.kernel.ids import id_text
from chalicelib.kernel.settings import read_settings

NOON = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
"""Monday 2026-06-15 12:00 in Shanghai: no holiday near."""


@dataclass
class StandingClock:
    """A clock that shows `now` until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Move on: `advance(days=1, hours=2)`."""
        self.now += timedelta(**span)


@dataclass
class CountedIds:
    """Ids that look random and repeat from world to world; each prefix counts by itself."""

    counters: dict[str, int] = field(default_factory=dict)

    def new(self, prefix: str) -> str:
        return id_text(prefix, self._next(f"id:{prefix}"))

    def random_bytes(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._next("bytes")
        return data[:count]

    def _next(self, name: str) -> bytes:
        self.counters[name] = number = self.counters.get(name, 0) + 1
        return hashlib.sha256(f"{name}:{number}".encode()).digest()


@dataclass
class World:
    """The platform under test and the things a test turns."""

    platform: Platform
    clock: StandingClock
    ids: CountedIds

    def take(self, queue: Queue) -> list[dict[str, Any]]:
        """Take every message out of `queue` (bodies, in the order the queue gives them)."""
        found: list[dict[str, Any]] = []
        client: Any = calls.client("sqs")
        while True:
            answer = client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for message in messages:
                found.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])

    def date_object(self, bucket: Bucket, key: str) -> None:
        """Let S3 have received the object now by this world's clock."""
        for account in s3_backends.values():
            for partition in account.values():
                if bucket.name in partition.buckets:
                    found = partition.buckets[bucket.name].keys[key]
                    found.last_modified = self.clock.now.replace(tzinfo=None)  # as moto keeps it

    def drain(
        self, queue: Queue, handle: Callable[[Mapping[str, Any]], object], most: int = 1000
    ) -> int:
        """Work `queue` until it is empty; returns how many messages were handled."""
        handled = 0
        while messages := self.take(queue):
            for message in messages:
                handle(message)
                handled += 1
                assert handled <= most, "the queue does not run dry"
        return handled


def sqs_event(*bodies: Mapping[str, Any]) -> dict[str, Any]:
    """The event Lambda gets for these message bodies."""
    return {
        "Records": [
            {"messageId": f"m{index}", "body": json.dumps(body, ensure_ascii=False)}
            for index, body in enumerate(bodies)
        ]
    }


def make_world(environment: Mapping[str, str]) -> World:
    """A fresh platform (with its keyring) on the resources named by `environment`."""
    clock, ids = StandingClock(), CountedIds()
    # One write at a time: the order of calls is then the same in every world.
    settings = read_settings({**environment, "WRITE_THREADS": "1"})
    platform = Platform(settings, clock=clock, ids=ids)
    platform.create_keyring()
    platform.create_log_key()
    return World(platform, clock, ids)


def fresh_world(environment: Mapping[str, str]) -> World:
    """The world as `make_world` left it, on the same resources: much cheaper than new ones."""
    empty_aws()
    return make_world(environment)


def empty_aws() -> None:
    """Forget everything stored. moto's own memory is emptied, because through the API locked
    objects cannot be removed, which is what they are for."""
    for account in dynamodb_backends.values():
        for region in account.values():
            for table in region.tables.values():
                table.items.clear()
                if table.stream_shard is not None:  # copied whole by every transaction
                    table.stream_shard.items.clear()
    for account in sqs_backends.values():
        for region in account.values():
            for queue in region.queues.values():
                queue._messages.clear()
                queue._pending_messages.clear()
                queue.pending_message_groups.clear()
    for account in s3_backends.values():
        for partition in account.values():
            for bucket in partition.buckets.values():
                bucket.keys = type(bucket.keys)()


def has_tables() -> bool:
    """Whether moto still has what was provisioned."""
    regions = (region for account in dynamodb_backends.values() for region in account.values())
    return any(region.tables for region in regions)
