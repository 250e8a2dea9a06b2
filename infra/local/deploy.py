"""Puts the packaged artifact on the emulator: uploads the zip, creates or updates the stack."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from infra.building.artifact import Artifact
from infra.building.sources import Json, Node, load_resources, node, properties_of, resources_of
from infra.local.cron import to_utc
from infra.local.state import STACK, STAGE, State, emulator_client

CODE_BUCKET = "govcredit-artifacts"
# Shorter than in production: a killed worker's message comes back after the visibility timeout.
LOCAL_PARAMETERS: Mapping[str, str] = {
    "Stage": STAGE,
    "LogOrigin": "govcredit.example/log",
    "ArchiveLockMode": "GOVERNANCE",
    "WorkerConcurrency": "2",
    "StreamTimeoutSeconds": "30",
    "IntakeTimeoutSeconds": "60",
    "IntakeVisibilitySeconds": "360",
    "AccountsTimeoutSeconds": "60",
    "AccountsVisibilitySeconds": "360",
    "CasesTimeoutSeconds": "60",
    "CasesVisibilitySeconds": "360",
    "DisclosureTimeoutSeconds": "60",
    "DisclosureVisibilitySeconds": "360",
    "EvaluationTimeoutSeconds": "60",
    "EvaluationVisibilitySeconds": "360",
    "SnapshotsTimeoutSeconds": "120",
    "SnapshotsVisibilitySeconds": "720",
    "MeasuresTimeoutSeconds": "60",
    "MeasuresVisibilitySeconds": "360",
    "ChecksTimeoutSeconds": "60",
    "ChecksVisibilitySeconds": "360",
    "MonitoringTimeoutSeconds": "60",
    "MonitoringVisibilitySeconds": "360",
    "SweepScheduleExpression": "rate(1 minute)",
}
SCHEDULES = (
    "EvaluationScheduleExpression",
    "SweepScheduleExpression",
    "DayScheduleExpression",
    "SnapshotScheduleExpression",
    "MeasuresScheduleExpression",
    "ChecksScheduleExpression",
    "MonitoringScheduleExpression",
)


class DeployError(Exception):
    """The stack did not come up; the message carries the emulator's reason."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed: the template as sent, its parameters, and what the ids became."""

    template: Node
    parameters: Mapping[str, str]
    physical: Mapping[str, str]
    endpoint: str

    @property
    def api_base(self) -> str:
        """Where the REST API answers on the emulator."""
        return f"{self.endpoint}/restapis/{self.physical['Gateway']}/{STAGE}/_user_request_"


def local_parameters(overrides: Mapping[str, str], issuer: Mapping[str, str]) -> dict[str, str]:
    """All parameters of the local stack; schedules are shifted, the emulator knows only UTC."""
    defaults = {
        name: str(node(entry, name)["Default"])
        for name, entry in node(load_resources()["Parameters"], "Parameters").items()
        if "Default" in node(entry, name)
    }
    unknown = set(overrides) - set(defaults)
    if unknown:
        raise DeployError(f"no such template parameter: {', '.join(sorted(unknown))}")
    values = {**defaults, **LOCAL_PARAMETERS, **issuer, **overrides}
    return {**values, **{name: to_utc(values[name]) for name in SCHEDULES}}


def deploy(
    session: boto3.Session,
    endpoint: str,
    state: State,
    artifact: Artifact,
    parameters: Mapping[str, str],
) -> Deployment:
    """Creates the stack, or updates it if anything changed. Raises DeployError."""
    template: Node = json.loads(artifact.template.read_text(encoding="utf-8"))
    key = f"{artifact.sha256}.zip"
    _adapt(template, key, parameters)
    body = json.dumps(template, sort_keys=True)
    digest = hashlib.sha256((body + json.dumps(dict(parameters), sort_keys=True)).encode())
    cloudformation = emulator_client(session, "cloudformation", endpoint)
    status = _status(cloudformation)
    if not (status and state.read("deployed").get("digest") == digest.hexdigest()):
        _upload(session, endpoint, artifact, key, body)
        _apply(cloudformation, status, digest.hexdigest(), parameters, endpoint)
        state.write("deployed", {"digest": digest.hexdigest()})
    physical = _physical(cloudformation)
    return Deployment(template, parameters, physical, endpoint)


def _adapt(template: Node, key: str, parameters: Mapping[str, str]) -> None:
    """All that differs from the production template, each for a reason of the emulator."""
    for _, function in resources_of(template, "AWS::Serverless::Function"):
        properties = properties_of(function)
        properties["CodeUri"] = {"Bucket": CODE_BUCKET, "Key": key}
        storage = node(properties.get("EphemeralStorage", {}), "EphemeralStorage")
        if isinstance(storage.get("Size"), dict):
            # It hands Number parameters on as text.
            storage["Size"] = int(parameters["PublicStorageMegabytes"])
    resources = node(template["Resources"], "Resources")
    # It enforces `TLS only`, and speaks plain HTTP on loopback.
    for logical_id, _ in list(resources_of(template, "AWS::S3::BucketPolicy")):
        del resources[logical_id]
    # It asks for an action of its own where AWS takes sqs:SendMessage for both.
    for _, role in resources_of(template, "AWS::IAM::Role"):
        _grant_batches(properties_of(role).get("Policies"))
    # It hands Number parameters on as text, and its queue poller stumbles over that.
    for _, mapping in resources_of(template, "AWS::Lambda::EventSourceMapping"):
        scaling = node(properties_of(mapping).get("ScalingConfig", {}), "ScalingConfig")
        if isinstance(scaling.get("MaximumConcurrency"), dict):
            scaling["MaximumConcurrency"] = int(parameters["WorkerConcurrency"])


def _grant_batches(policies: Json) -> None:
    for policy in policies if isinstance(policies, list) else []:
        document = node(node(policy, "policy")["PolicyDocument"], "PolicyDocument")
        statements = document["Statement"]
        for statement in statements if isinstance(statements, list) else []:
            actions = node(statement, "Statement")["Action"]
            if isinstance(actions, list) and "sqs:SendMessage" in actions:
                actions.append("sqs:SendMessageBatch")


def _upload(session: boto3.Session, endpoint: str, artifact: Artifact, key: str, body: str) -> None:
    s3 = emulator_client(session, "s3", endpoint)
    try:
        s3.head_bucket(Bucket=CODE_BUCKET)
    except ClientError:
        where = {"LocationConstraint": session.region_name}
        s3.create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration=where)
    s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=artifact.code.read_bytes())
    s3.put_object(Bucket=CODE_BUCKET, Key="template.json", Body=body.encode())


def _status(cloudformation: Any) -> str:
    try:
        return str(cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise


def _apply(
    cloudformation: Any,
    status: str,
    digest: str,
    parameters: Mapping[str, str],
    endpoint: str,
) -> None:
    verb = "update" if status else "create"
    operation = getattr(cloudformation, f"{verb}_stack")
    operation(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{CODE_BUCKET}/template.json",
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        ClientRequestToken=digest[:32],
    )
    waiter = cloudformation.get_waiter(
        "stack_create_complete" if verb == "create" else "stack_update_complete"
    )
    try:
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    except WaiterError as error:
        raise DeployError(f"the stack failed: {_reasons(cloudformation)}") from error


def _reasons(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [
        f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
        for event in events
        if "FAILED" in event.get("ResourceStatus", "") or "ROLLBACK" in event["ResourceStatus"]
    ]
    return "; ".join(failed[:8]) or "no reason given"


def _physical(cloudformation: Any) -> dict[str, str]:
    found = {}
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK):
        for entry in page["StackResourceSummaries"]:
            found[entry["LogicalResourceId"]] = entry.get("PhysicalResourceId", "")
    return found
