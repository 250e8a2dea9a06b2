"""Committed changes, the log that is published of them, and everything that was ever signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from chalicelib.aws import calls
from chalicelib.aws.calls import Call
from chalicelib.feed import store
from chalicelib.feed.logfiles import PREFIX
from chalicelib.feed.model import Change
from chalicelib.kernel.clock import instant_text
from chalicelib.tlog import checks
from chalicelib.tlog.checkpoint import Checkpoint, open_checkpoint
from chalicelib.tlog.entry import Entry
from chalicelib.tlog.fetching import FolderLog
from tests.support.world import World


def commit(world: World, count: int, name: str = "r") -> None:
    """Let so many made-up entries be committed, and not published."""
    at = instant_text(world.clock())
    head = store.read_head(world.platform)
    end = head.seq + count
    while head.seq < end:
        changes = tuple(
            Change(Entry(seq, "publish", f"{name}_{seq}", 1, _digest(name, seq)), "record", at)
            for seq in range(head.seq + 1, min(head.seq + store.BATCH, end) + 1)
        )
        head = store.append(world.platform, head, changes, at, {})


def _digest(name: str, seq: int) -> str:
    return hashlib.sha256(f"{name}{seq}".encode()).hexdigest()


def objects(world: World) -> dict[str, dict[str, Any]]:
    """What lies in the bucket: path below the log's prefix -> answer of GetObject, body read."""
    s3: Any = calls.client("s3")
    bucket = world.platform.publication.name
    found: dict[str, dict[str, Any]] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for entry in page.get("Contents", []):
            answer = s3.get_object(Bucket=bucket, Key=entry["Key"])
            found[entry["Key"].removeprefix(PREFIX)] = {**answer, "Body": answer["Body"].read()}
    return found


def read_note(world: World) -> bytes:
    """The checkpoint as it lies there; empty before the first."""
    s3: Any = calls.client("s3")
    key = {"Bucket": world.platform.publication.name, "Key": f"{PREFIX}checkpoint"}
    try:
        return bytes(s3.get_object(**key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return b""


def copied(world: World, folder: Path) -> Path:
    """The published log in a folder, as a website would mirror it."""
    for path, answer in objects(world).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(answer["Body"])
    return folder


def restored(world: World, act: Callable[[], object]) -> None:
    """Do something to the public table that a restore to now undoes."""
    dynamodb: Any = calls.client("dynamodb")
    name = world.platform.public.name
    before = dynamodb.scan(TableName=name)["Items"]
    act()
    for item in dynamodb.scan(TableName=name)["Items"]:
        dynamodb.delete_item(TableName=name, Key={key: item[key] for key in ("pk", "sk")})
    for item in before:
        dynamodb.put_item(TableName=name, Item=item)


@dataclass
class Signed:
    """Watches AWS calls: every checkpoint that ever was published, in order; and lets something
    happen in the middle of a call's turn."""

    world: World
    notes: list[bytes] = field(default_factory=list)
    interrupt_at: int = -1
    interruption: Callable[[], object] = lambda: None
    seen: int = 0

    def before(self, call: Call) -> None:
        self.seen += 1
        if self.seen - 1 == self.interrupt_at:
            self.interruption()

    def after(self, call: Call, capacity: float) -> None:
        if (call.operation, call.target) == ("put_object", self.world.platform.publication.name):
            published = read_note(self.world)
            if published and published not in self.notes:
                self.notes.append(published)

    def are_one_log(self, folder: Path) -> list[Checkpoint]:
        """All that was signed, each shown to be a beginning of the next by what is published."""
        read = checks.tile_reader(FolderLog(copied(self.world, folder)))
        key = self.world.platform.log_signer.key
        signed = [open_checkpoint(note, [key]) for note in self.notes]
        for old, new in pairwise(signed):
            assert old.size < new.size
            checks.check_prefix(old, new, read)
        checks.check_all(signed[-1], read)
        return signed
