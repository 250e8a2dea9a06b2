"""The run itself: READY, roles that hold, state that survives, nothing left behind."""

from __future__ import annotations

import json
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


def test_the_gateway_speaks_of_problems_in_chinese(run: Run) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{run.base_url}/", timeout=30)
    with caught.value as answer:
        problem = json.loads(answer.read())
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (problem["status"], problem["instance"]) == (404, "/")
    assert re.search("[一-鿿]", problem["detail"])


@pytest.mark.requirement("R-60")
def test_the_public_role_is_denied_every_private_table(run: Run) -> None:
    physical = run.physical()
    role = _session_of_role(run, physical["PublicRole"])
    dynamodb = run.client("dynamodb", role)
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    dynamodb.get_item(TableName=physical["PublicTable"], Key=key)
    private = [
        name
        for logical_id, name in physical.items()
        if logical_id.endswith("Table") and logical_id != "PublicTable"
    ]
    assert len(private) == 6
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


def _session_of_role(run: Run, role: str) -> boto3.Session:
    """The role's own rights. Only Lambda may assume it, so the trust is widened for the test."""
    iam = run.client("iam")
    trusted = iam.get_role(RoleName=role)["Role"]
    document = trusted["AssumeRolePolicyDocument"]
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "sts:AssumeRole",
    }
    widened = {**document, "Statement": [*document["Statement"], root]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(widened))
    try:
        answer = run.client("sts").assume_role(RoleArn=trusted["Arn"], RoleSessionName="test")
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))
    given = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=run.session.region_name,
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
