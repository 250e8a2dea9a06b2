"""The fault harness: every AWS call of a use case fails once before and once after its effect.

A use case joins with one line in its room's `tests/<room>/use_cases.py`:

    join("POST /v1/records", prepare, act)

`prepare(world)` brings about what must already be there, `act(world)` does the deed once as its
caller or its queue would, and must be repeatable as they would repeat it. The calls to fail are
those `chalicelib.aws.calls` sees in a run without faults: none is listed by hand. After each fault
`act` is repeated until it succeeds, and the end state must equal the run without faults: nothing
lost, nothing doubled. The same must hold when a use case that has succeeded is delivered again.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from chalicelib.aws import calls
from chalicelib.aws.attributes import from_attributes
from chalicelib.aws.calls import Call
from chalicelib.kernel.errors import Unavailable
from tests.support.world import World

When = Literal["before", "after"]
MOST_TRIES = 6


@dataclass(frozen=True)
class UseCase:
    """A deed that must survive any single failure."""

    name: str
    prepare: Callable[[World], object]
    act: Callable[[World], object]


USE_CASES: dict[str, UseCase] = {}
"""Everything that has joined, by name: `POST /v1/records` or `intake:chunk`."""


def join(name: str, prepare: Callable[[World], object], act: Callable[[World], object]) -> None:
    """Let a use case be tried by the harness."""
    if name in USE_CASES:
        raise ValueError(f"{name} has joined already")
    USE_CASES[name] = UseCase(name, prepare, act)


def use_cases() -> dict[str, UseCase]:
    """Everything that has joined in any room."""
    import tests

    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if module.name.endswith(".use_cases"):
            importlib.import_module(module.name)
    return USE_CASES


@dataclass
class Recorder:
    """Writes down the calls and makes the chosen one fail, once."""

    fail_at: int = -1
    when: When = "before"
    seen: list[Call] = field(default_factory=list)
    struck: bool = False

    def before(self, call: Call) -> None:
        self.seen.append(call)
        if self.when == "before":
            self._strike(len(self.seen) - 1)

    def after(self, call: Call, capacity: float) -> None:
        if self.when == "after":
            self._strike(len(self.seen) - 1)

    def _strike(self, index: int) -> None:
        if index == self.fail_at and not self.struck:
            self.struck = True
            raise Unavailable(f"fault {self.when} call {index}")


READS = frozenset(
    {
        "get_item",
        "batch_get_item",
        "query",
        "get_object",
        "head_object",
        "list_objects_v2",
        "list_object_versions",
        "decrypt",
    }
)
"""Calls without an effect: failing after it is failing before it."""


def moments_of(call: Call) -> tuple[When, ...]:
    """When a call can fail so that it makes a difference."""
    return ("before",) if call.operation in READS else ("before", "after")


def calls_of(use_case: UseCase, world: World) -> list[Call]:
    """Do the deed without a fault; the calls it made."""
    use_case.prepare(world)
    recorder = Recorder()
    with calls.observed(recorder):
        use_case.act(world)
    return recorder.seen


def survive(use_case: UseCase, world: World, fail_at: int, when: When) -> bool:
    """Do the deed with one fault, repeating it until it succeeds. False: the fault never came."""
    use_case.prepare(world)
    recorder = Recorder(fail_at, when)
    with calls.observed(recorder):
        for _ in range(MOST_TRIES):
            if _succeeds(use_case, world):
                return recorder.struck
    raise AssertionError(f"{use_case.name} does not recover from a fault {when} call {fail_at}")


def _succeeds(use_case: UseCase, world: World) -> bool:
    try:
        use_case.act(world)
    except Unavailable:
        return False
    return True


@contextmanager
def counting() -> Iterator[list[Call]]:
    """The AWS calls made while the block runs."""
    recorder = Recorder()
    with calls.observed(recorder):
        yield recorder.seen


# What differs between two runs of the same deed though nothing is wrong: ciphertexts (their
# nonces), S3 version ids, the digest of a locked object that holds ciphertexts, signatures.
_SEALED = re.compile(r"sealed:1:[A-Za-z0-9+/=]+")
_JWS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_OPAQUE = frozenset(
    {
        "wrapped_key",
        "version_id",
        "sha256",
        "stored_sha256",
        "archive_version",
        "sealed",
        "public_jwks",
        "object_version",
        # Where the explanation of a result lies: the version of an object among it.
        "why",
        # Salts are random, and what follows from them.
        "salt",
        "stamp",
        "digest",
        "edge",
        "changes",
    }
)


def state(world: World) -> dict[str, Any]:
    """Everything the platform has stored, comparable between worlds made alike."""
    platform, found = world.platform, {}
    client: Any = calls.client("dynamodb")
    for name in (
        "records",
        "intake",
        "access",
        "audit",
        "registers",
        "cases",
        "evaluation",
        "public",
        "measures",
        "checks",
        "monitoring",
    ):
        table = getattr(platform, name)
        items = client.scan(TableName=table.name)["Items"]
        plain = [_comparable(from_attributes(item)) for item in items]
        found[name] = sorted(plain, key=lambda item: (item["pk"], item["sk"]))
    # Attempts are counted as attempts, under a random key: of the limits only days are compared.
    limits = client.scan(TableName=platform.limits.name)["Items"]
    plain = [from_attributes(item) for item in limits]
    found["limits"] = sorted(str(item["sk"]) for item in plain if item["pk"] == "DAY_KEYS")
    s3: Any = calls.client("s3")
    for name in ("archive", "inbox", "work", "publication"):
        bucket = getattr(platform, name).name
        listed = s3.list_object_versions(Bucket=bucket)
        found[name] = sorted(
            (entry["Key"], _text(s3, bucket, entry)) for entry in listed.get("Versions", [])
        )
    return found


def _text(s3: Any, bucket: str, entry: dict[str, Any]) -> str:
    if entry["Key"].startswith("public/v1/log/"):
        return "<opaque>"  # digests under random salts
    body = s3.get_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])["Body"]
    return _SEALED.sub("<sealed>", body.read().decode("utf-8", "replace"))


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "<opaque>" if name in _OPAQUE else _comparable(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_comparable(part) for part in value]
    if isinstance(value, str):
        return _JWS.sub("<jws>", _SEALED.sub("<sealed>", value))
    return value
