"""DynamoDB answered in this process, beneath boto3: the client serialises, signs and parses as
ever, only the network is left out. So a worker's processor time can be told to the microsecond,
whatever else the machine does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse

from chalicelib.aws import calls
from tests.bench.evaluation_memory import Attributes
from tests.bench.memory_aws import RECORDS, FileTables
from tests.bench.setting import environment, fake_credentials

_WAIT_SECONDS = 0.005
"""What a write takes on AWS: meanwhile other threads have their turn."""
HEADERS: Any = {"content-type": "application/x-amz-json-1.0"}
"""What DynamoDB answers with."""


class Transport:
    """Answers requests from `tables`; notes the records written since `forget`."""

    def __init__(self, tables: FileTables) -> None:
        self._tables = tables
        self._written: list[bytes] = []

    def forget(self) -> None:
        """Begin noting anew."""
        self._written = []

    def items(self) -> list[Attributes]:
        """The records written since."""
        return [json.loads(body)["Item"] for body in self._written]

    def send(self, request: Any, **_: Any) -> AWSResponse:
        """botocore's `before-send`."""
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        body: bytes = request.body
        if operation == "PutItem" and f'"TableName": "{RECORDS}"'.encode() in body:
            self._written.append(body)
            answer = b"{}"
        else:
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
            answer = json.dumps(getattr(self._tables, name)(**json.loads(body))).encode()
        time.sleep(_WAIT_SECONDS)
        return AWSResponse(request.url, 200, HEADERS, Raw(answer))


class Raw:
    """The body of an answer as urllib3 hands it out."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All of it."""
        yield self._body


@contextmanager
def in_process_transport(tables: FileTables, others: Any) -> Iterator[Transport]:
    """The platform's own DynamoDB client on `tables`; `others` are clients of other services."""
    transport = Transport(tables)
    with environment(**fake_credentials("http://127.0.0.1:1")):
        client: Any = calls.client("dynamodb")
        client.meta.events.register("before-send.dynamodb.*", transport.send)
        calls._clients.update(others)
        yield transport
