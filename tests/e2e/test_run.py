"""The run itself: READY, roles that hold, state that survives, nothing left behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.building.lock import ROOT
from tests.e2e.conftest import QUICK, Run, free_port, processes_with, start

pytestmark = pytest.mark.e2e
ROLES = {
    "clerk",
    "credit_office",
    "supervisor",
    "personnel",
    "auditor",
    "business_system",
    "subject",
}
READY_AFTER_RESTART_SECONDS = 60


def test_ready_says_where_everything_is(run: Run) -> None:
    assert set(run.ready) == {"base_url", "aws_endpoint", "token_url", "clients"}
    assert set(run.ready["clients"]) == ROLES
    for client in run.ready["clients"].values():
        assert set(client) == {"client_id", "client_secret", "agency"}
    assert sum(line.startswith("READY ") for line in run.lines) == 1
    assert run.token("clerk").count(".") == 2


def test_the_token_command_prints_a_token(run: Run) -> None:
    command = [sys.executable, str(ROOT / "infra" / "dev.py"), "token", "auditor"]
    done = subprocess.run(
        [*command, "--state", str(run.state.folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"GOVCREDIT_PYTHON": "this", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)


def test_the_site_is_at_the_front_door(run: Run) -> None:
    with urllib.request.urlopen(f"{run.base_url}/", timeout=60) as answer:
        page = answer.read().decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Set-Cookie"] is None
    assert 'lang="zh-CN"' in page
    (style,) = re.findall(r'href="(/site/static/site[^"]*)"', page)[:1]
    with urllib.request.urlopen(run.base_url + style, timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/css")


@pytest.mark.requirement("R-60")
def test_the_public_role_is_denied_every_private_table(run: Run) -> None:
    physical = run.physical()
    # Somebody asks something public, so that a worker is there.
    urllib.request.urlopen(f"{run.base_url}/openapi.json", timeout=30).close()
    role = _session_of_worker(run, "public")
    identity = run.client("sts", role).get_caller_identity()["Arn"]
    assert f":assumed-role/{physical['PublicRole']}/" in identity
    dynamodb = run.client("dynamodb", role)
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    dynamodb.get_item(TableName=physical["PublicTable"], Key=key)
    private = [
        name
        for logical_id, name in physical.items()
        if logical_id.endswith("Table") and logical_id != "PublicTable"
    ]
    assert len(private) == 12
    for table in private:
        for attempt in (
            lambda table=table: dynamodb.get_item(TableName=table, Key=key),
            lambda table=table: dynamodb.scan(TableName=table),
            lambda table=table: dynamodb.put_item(TableName=table, Item=key),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                attempt()
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.put_item(TableName=physical["PublicTable"], Item=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        run.client("s3", role).list_objects_v2(Bucket=physical["ArchiveBucket"])
    with pytest.raises(ClientError, match="AccessDenied"):
        run.client("kms", role).encrypt(KeyId=physical["SealingKey"], Plaintext=b"x")


def _session_of_worker(run: Run, function: str) -> boto3.Session:
    """The very credentials a worker of the function was given."""
    pid = run.workers(function)[0]
    told = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    environment = dict(entry.split("=", 1) for entry in told if "=" in entry)
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
        region_name=environment["AWS_REGION"],
    )


def test_state_survives_changes_apply_and_nothing_is_left_behind(tmp_path: Path) -> None:
    state = tmp_path / "state"
    ports = ("--port", str(free_port()), "--aws-port", str(free_port()))
    key = {"pk": {"S": "kept"}, "sk": {"S": "-"}}
    first = start(state, "--fresh", "--no-sample", *ports)
    try:
        physical = first.physical()
        first.client("dynamodb").put_item(TableName=physical["AuditTable"], Item=key)
        stored = first.client("s3")
        stored.put_object(Bucket=physical["WorkBucket"], Key="kept", Body=b"kept")
    finally:
        assert first.stop(signal.SIGINT) == 0
    assert processes_with(str(state)) == []

    # Another timeout stands for any change of code or template: the stack is updated in place.
    changed = {**QUICK, "IntakeTimeoutSeconds": "5", "IntakeVisibilitySeconds": "31"}
    began = time.monotonic()
    second = start(state, "--no-sample", *ports, parameters=changed)
    try:
        assert time.monotonic() - began < READY_AFTER_RESTART_SECONDS
        assert second.physical() == physical
        assert second.ready == first.ready
        found = second.client("dynamodb").get_item(TableName=physical["AuditTable"], Key=key)
        assert found["Item"] == key
        kept = second.client("s3").get_object(Bucket=physical["WorkBucket"], Key="kept")
        assert kept["Body"].read() == b"kept"
        function = second.client("lambda").get_function_configuration(
            FunctionName=physical["Intake"]
        )
        assert function["Timeout"] == 5
        assert second.token("clerk")
    finally:
        assert second.stop(signal.SIGTERM) == 0
    assert processes_with(str(state)) == []


def test_a_launcher_killed_hard_is_cleaned_up_after_by_the_next(tmp_path: Path) -> None:
    state = tmp_path / "state"
    ports = ("--port", str(free_port()), "--aws-port", str(free_port()))
    first = start(state, "--fresh", "--no-sample", *ports)
    key = {"pk": {"S": "kept"}, "sk": {"S": "-"}}
    table = first.physical()["AuditTable"]
    first.client("dynamodb").put_item(TableName=table, Item=key)
    first.process.kill()
    first.process.wait()
    assert processes_with(str(state)), "the emulator should still be there"

    second = start(state, "--no-sample", *ports)
    try:
        found = second.client("dynamodb").get_item(TableName=table, Key=key)
        assert found["Item"] == key, "ended gently, it saved what it had"
    finally:
        assert second.stop() == 0
    assert processes_with(str(state)) == []
