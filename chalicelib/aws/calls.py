"""The one door to AWS: every call of the platform passes through `invoke`.

Here calls are named, counted and (in tests) made to fail before or after their effect, and here
botocore's exceptions become the platform's own.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.kernel.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from botocore.client import BaseClient


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call: `dynamodb`, `put_item`, and the table, bucket or queue it goes to."""

    service: str
    operation: str
    target: str


class Observer(Protocol):
    """Sees each call before and after it took effect; may raise to act as a failing network."""

    def before(self, call: Call) -> None:
        """The call is about to be sent."""
        ...

    def after(self, call: Call, capacity: float) -> None:
        """The call has taken effect and consumed `capacity` DynamoDB units (0 elsewhere)."""
        ...


class ConditionFailed(Exception):
    """A conditional write found another state. `items`: index of the write -> what was there."""

    def __init__(self, items: Mapping[int, dict[str, Any] | None]) -> None:
        super().__init__("condition failed")
        self.items = dict(items)


class Contended(Unavailable):
    """Another transaction held the same item at this moment."""


class Missing(Exception):
    """The S3 object or version does not exist."""


class AlreadyExists(Exception):
    """An `IfNoneMatch: *` put found an object under the key."""


_observers: list[Observer] = []
_clients: dict[str, BaseClient] = {}
_lock = threading.Lock()

# Standard mode backs off with jitter; two retries keep an API call well inside the 29 s of the
# gateway, and queues retry the rest.
_RETRIES = {"mode": "standard", "total_max_attempts": 3}
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalError",
        "ServiceUnavailable",
        "SlowDown",
        "KMSInternalException",
        "DependencyTimeoutException",
    }
)


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Let `observer` see every call made while the block runs, in any thread."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def client(service: str) -> BaseClient:
    """The process's client of `service`, made at first use."""
    found = _clients.get(service)
    if found is None:
        with _lock:
            found = _clients.get(service)
            if found is None:
                found = _clients[service] = _new_client(service)
    return found


def forget_clients() -> None:
    """Drop the clients (a test has changed where AWS is)."""
    _clients.clear()


def _s3_addressing() -> dict[str, str]:
    """The emulator knows paths only. S3 itself is addressed at its region: left to choose, botocore
    signs forms for the global host, which redirects those for a young bucket elsewhere (307), and
    a form cannot be posted twice."""
    if os.environ.get("AWS_ENDPOINT_URL"):
        return {"addressing_style": "path"}
    return {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}


def _new_client(service: str) -> BaseClient:
    import boto3
    from botocore.config import Config

    config = Config(
        retries=_RETRIES,  # type: ignore[arg-type]
        connect_timeout=3,
        read_timeout=20,
        max_pool_connections=32,
        signature_version="s3v4" if service == "s3" else None,
        # The typed wrappers of this package build every parameter; checking each again costs
        # as much processor time as signing it.
        parameter_validation=False,
        s3=_s3_addressing(),  # type: ignore[arg-type]
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload,no-any-return]


@functools.cache
def _botocore_errors() -> tuple[type[Exception], type[Exception]]:
    from botocore.exceptions import BotoCoreError, ClientError

    return ClientError, BotoCoreError


def invoke(service: str, operation: str, target: str, **parameters: object) -> dict[str, Any]:
    """Make one call. Raises ConditionFailed, Contended, Missing, AlreadyExists, Unavailable
    (retrying is safe) or Misconfigured (denied, no such resource)."""
    call = Call(service, operation, target)
    client_error, transport_error = _botocore_errors()
    for observer in _observers:
        observer.before(call)
    try:
        answer: dict[str, Any] = getattr(client(service), operation)(**parameters)
    except client_error as error:
        raise _translated(call, error) from error
    except transport_error as error:
        raise Unavailable(f"{call.service} {call.operation} 没有应答") from error
    if _observers:
        capacity = _capacity(answer)
        for observer in _observers:
            observer.after(call, capacity)
    return answer


def _capacity(answer: Mapping[str, Any]) -> float:
    consumed = answer.get("ConsumedCapacity")
    if not consumed:
        return 0.0
    parts = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(part.get("CapacityUnits", 0.0) for part in parts))


def _translated(call: Call, error: Exception) -> Exception:
    response: dict[str, Any] = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        return ConditionFailed({0: response.get("Item")})
    if code == "TransactionCanceledException":
        return _cancelled(response)
    if code in ("PreconditionFailed", "ConditionalRequestConflict"):
        return AlreadyExists(call.target)
    if code in ("NoSuchKey", "NoSuchVersion", "404") and call.service == "s3":
        return Missing(call.target)
    if code == "TransactionConflictException":
        return Contended()
    if code in _THROTTLED or status >= 500:
        return Unavailable(f"{call.service} {call.operation} 暂时不可用")
    return Misconfigured(f"{call.service} {call.operation} 被拒绝（{code}）")


def _cancelled(response: Mapping[str, Any]) -> Exception:
    reasons = response.get("CancellationReasons", [])
    failed = {
        index: reason.get("Item")
        for index, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    if failed:
        return ConditionFailed(failed)
    return Contended()
