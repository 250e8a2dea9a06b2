"""End to end: the packaged artifact on the emulator, started as a user would start it.

One run serves the whole session. Tests that stop or break a run start one of their own.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.building.lock import ROOT
from infra.local.issuer import fetch_token
from infra.local.state import STACK, State, emulator_client, root_session
from tests.e2e.city import AGENCY_NAME, licence, register_body
from tests.e2e.client import Api, until

START_SECONDS = 240
STOP_SECONDS = 60
# Quick redelivery: a killed worker's message comes back after the visibility timeout.
QUICK = {
    "IntakeTimeoutSeconds": "6",
    "IntakeVisibilitySeconds": "36",
    "DisclosureTimeoutSeconds": "6",
    "DisclosureVisibilitySeconds": "36",
    "EvaluationTimeoutSeconds": "6",
    "EvaluationVisibilitySeconds": "36",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Run:
    """A running platform: what READY said, and ways to look behind it."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    state: State
    lines: list[str]

    @property
    def base_url(self) -> str:
        return str(self.ready["base_url"])

    @property
    def session(self) -> boto3.Session:
        """Full rights in the emulator, for looking behind the API."""
        return root_session(self.state)

    def client(self, service: str, session: boto3.Session | None = None) -> Any:
        endpoint = str(self.ready["aws_endpoint"])
        return emulator_client(session or self.session, service, endpoint)

    def physical(self) -> dict[str, str]:
        """Logical id -> physical id of the deployed stack."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "")
            for page in pages.paginate(StackName=STACK)
            for entry in page["StackResourceSummaries"]
        }

    def token(self, role: str) -> str:
        client = self.ready["clients"][role]
        url = str(self.ready["token_url"])
        return fetch_token(url, client["client_id"], client["client_secret"])

    def api(self, role: str = "") -> Api:
        """The front door as a demo client; without a role, as the public."""
        return Api(self.base_url, self.token(role) if role else "")

    def agency(self, role: str = "clerk") -> str:
        """The unified code of a demo client's agency."""
        return str(self.ready["clients"][role]["agency"])

    @contextmanager
    def paused(self, function: str) -> Iterator[None]:
        """While the block runs, nothing takes messages off the function's queue."""
        functions = self.client("lambda")
        name = self.physical()[function]
        found = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        for mapping in found:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            for mapping in found:
                functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def workers(self, function: str) -> list[int]:
        """Process ids of the warm workers of a function, for killing one in the middle of a job."""
        name = f"AWS_LAMBDA_FUNCTION_NAME={STACK}-{function}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                told = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
            except OSError:
                continue
            if name in told and str(self.state.folder).encode() in told:
                found.append(int(entry.name))
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it as Ctrl-C or a service manager would; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def start(state: Path, *arguments: str, parameters: dict[str, str] | None = None) -> Run:
    """Starts `dev.py up` and waits for READY. Raises AssertionError with its output if it fails."""
    settings = [f"--set={name}={value}" for name, value in (parameters or QUICK).items()]
    command = [sys.executable, str(ROOT / "infra" / "dev.py"), "up", "--state", str(state)]
    process = subprocess.Popen(
        [*command, *settings, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "GOVCREDIT_PYTHON": "this"},
        start_new_session=True,
    )
    lines: list[str] = []
    arrived: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, arrived), daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        line = arrived.get(timeout=left)
        if line is None:
            break
        lines.append(line)
        if line.startswith("READY "):
            return Run(process, json.loads(line.removeprefix("READY ")), State(state), lines)
    process.terminate()
    process.wait(STOP_SECONDS)
    raise AssertionError("no READY:\n" + "".join(lines))


def _read(process: subprocess.Popen[str], arrived: queue.SimpleQueue[str | None]) -> None:
    with process.stdout or open(os.devnull) as output:
        for line in output:
            arrived.put(line)
    arrived.put(None)


def processes_with(text: str) -> Sequence[str]:
    """Command lines and environments of running processes that mention a text."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in told:
            found.append(f"{entry.name}: {(entry / 'cmdline').read_bytes()!r}")
    return found


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A fresh platform without sample data, for the whole session."""
    state = tmp_path_factory.mktemp("run") / "state"
    ports = ("--port", str(free_port()), "--aws-port", str(free_port()))
    running = start(state, "--fresh", "--no-sample", *ports)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def public(run: Run) -> Api:
    """Anybody."""
    return run.api()


@pytest.fixture(scope="session")
def clerk(run: Run) -> Api:
    """The clerk of an agency that grants licences."""
    return run.api("clerk")


@pytest.fixture(scope="session")
def office(run: Run) -> Api:
    """The credit office; it has registered the clerk's agency as a body."""
    office = run.api("credit_office")
    reply = register_body(office, run.agency(), AGENCY_NAME)
    assert reply.status in (200, 201), reply
    return office


@pytest.fixture(scope="session")
def lost_record(run: Run, clerk: Api, office: Api) -> str:
    """A record whose message to the disclosure queue was lost. The sweep leaves a change two
    minutes to arrive, so the loss is made first and looked at last."""
    sqs, queue_url = run.client("sqs"), run.physical()["DisclosureQueue"]
    # The stream forwards what setup and registration changed before this begins.
    time.sleep(1)
    with run.paused("Disclosure"):
        reply = clerk.post("/v1/records", licence(run.agency()))
        assert reply.status == 201, reply
        record_id = str(reply.json["record_id"])

        def lost() -> bool:
            answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                if record_id in message["Body"]:
                    return True
            return False

        until(lambda: lost() or None, "the stream forwards the change")
    return record_id
