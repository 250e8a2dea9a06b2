"""After deploying: is what the platform relies on really there?

The emulator's CloudFormation leaves out some properties, which are set here (each place says so);
any other difference between the template and what exists is an error: what is proven locally would
be proven on sand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3

from infra.building.lifecycle import api_rule
from infra.building.sources import properties_of, resources_of
from infra.local.deploy import Deployment
from infra.local.state import emulator_client


class VerificationError(Exception):
    """What exists is not what the template says; one line per difference."""


Difference = tuple[str, object, object]


class _Actual:
    """Clients and the values of references, for comparing."""

    def __init__(self, session: boto3.Session, deployment: Deployment) -> None:
        self._session = session
        self.deployment = deployment

    def client(self, service: str) -> Any:
        return emulator_client(self._session, service, self.deployment.endpoint)

    def value(self, entry: Any) -> Any:
        """An expected value with parameters and names put in; ARNs by their last part."""
        if isinstance(entry, dict) and set(entry) == {"Ref"}:
            name = entry["Ref"]
            return self.deployment.parameters.get(name, self.deployment.physical.get(name))
        if isinstance(entry, dict) and set(entry) == {"Fn::GetAtt"}:
            return self.deployment.physical[entry["Fn::GetAtt"][0]]
        if isinstance(entry, dict):
            return {key: self.value(item) for key, item in entry.items()}
        return [self.value(item) for item in entry] if isinstance(entry, list) else entry


def verify(session: boto3.Session, deployment: Deployment) -> None:
    """Sets what the emulator leaves out, then compares. Raises VerificationError."""
    actual = _Actual(session, deployment)
    checks: dict[str, Callable[[_Actual, str, dict[str, Any]], Iterator[Difference]]] = {
        "AWS::DynamoDB::Table": _table,
        "AWS::S3::Bucket": _bucket,
        "AWS::SQS::Queue": _queue,
        "AWS::KMS::Key": _key,
        "AWS::Lambda::EventSourceMapping": _mapping,
        "AWS::Serverless::Function": _function,
        "AWS::Scheduler::Schedule": _schedule,
    }
    wrong = []
    for kind, check in checks.items():
        for logical_id, resource in resources_of(deployment.template, kind):
            physical = deployment.physical.get(logical_id, "")
            if not physical:
                wrong.append(f"{logical_id} does not exist")
                continue
            for what, expected, found in check(actual, physical, properties_of(resource)):
                if expected != found:
                    wrong.append(f"{logical_id}.{what}: expected {expected!r}, found {found!r}")
    if wrong:
        raise VerificationError("\n".join(wrong))


def _table(actual: _Actual, name: str, properties: dict[str, Any]) -> Iterator[Difference]:
    dynamodb = actual.client("dynamodb")
    time_to_live = properties.get("TimeToLiveSpecification")
    described = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if time_to_live and described["TimeToLiveStatus"] != "ENABLED":
        # Left out by the emulator's CloudFormation.
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
        described = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    expected = (time_to_live or {}).get("AttributeName")
    yield "TimeToLiveSpecification", expected, described.get("AttributeName")
    table = dynamodb.describe_table(TableName=name)["Table"]
    yield "KeySchema", properties["KeySchema"], table["KeySchema"]
    stream = properties.get("StreamSpecification", {}).get("StreamViewType")
    yield "Stream", stream, table.get("StreamSpecification", {}).get("StreamViewType")
    yield (
        "DeletionProtectionEnabled",
        properties["DeletionProtectionEnabled"],
        table.get("DeletionProtectionEnabled"),
    )
    wanted = {
        index["IndexName"]: (index["KeySchema"], index["Projection"])
        for index in properties.get("GlobalSecondaryIndexes", [])
    }
    found = {
        index["IndexName"]: (index["KeySchema"], index["Projection"])
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    yield "GlobalSecondaryIndexes", wanted, found
    wanted_recovery = properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    dynamodb.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted_recovery},
    )
    backups = dynamodb.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    state = "ENABLED" if wanted_recovery else "DISABLED"
    yield "PointInTimeRecovery", state, recovery["PointInTimeRecoveryStatus"]
    if table.get("SSEDescription", {}).get("Status") != "ENABLED":
        encryption = actual.value(properties["SSESpecification"])
        wanted_key = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
        table = dynamodb.update_table(TableName=name, SSESpecification=wanted_key)
        table = dynamodb.describe_table(TableName=name)["Table"]
    yield "SSE", "ENABLED", table.get("SSEDescription", {}).get("Status")


def _bucket(actual: _Actual, name: str, properties: dict[str, Any]) -> Iterator[Difference]:
    s3 = actual.client("s3")
    versioning = properties.get("VersioningConfiguration", {}).get("Status")
    yield "Versioning", versioning, s3.get_bucket_versioning(Bucket=name).get("Status")
    if "ObjectLockConfiguration" in properties:
        retention = actual.value(properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"])
        wanted = {"Mode": retention["Mode"], "Years": int(retention["Years"])}
        # Its default retention is left out by the emulator's CloudFormation.
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": wanted},
            },
        )
        lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
        yield "ObjectLock", wanted, lock["Rule"]["DefaultRetention"]
    rule = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    wanted_key = actual.value(rule["ServerSideEncryptionByDefault"])
    default = {"ApplyServerSideEncryptionByDefault": wanted_key, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
    found = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    yield "BucketEncryption", wanted_key, found[0]["ApplyServerSideEncryptionByDefault"]
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    yield "PublicAccessBlock", properties["PublicAccessBlockConfiguration"], block
    if "LifecycleConfiguration" in properties:
        rules = [api_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
        # Left out by the emulator's CloudFormation.
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        found = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        yield "Lifecycle", [r["ID"] for r in rules], [r.get("ID") for r in found]


def _queue(actual: _Actual, url: str, properties: dict[str, Any]) -> Iterator[Difference]:
    sqs = actual.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    if "VisibilityTimeout" in properties:
        expected = str(actual.value(properties["VisibilityTimeout"]))
        yield "VisibilityTimeout", expected, attributes["VisibilityTimeout"]
    if "RedrivePolicy" in properties:
        wanted = actual.value(properties["RedrivePolicy"])
        found = json.loads(attributes.get("RedrivePolicy", "{}"))
        target = str(found.get("deadLetterTargetArn")).rsplit(":", 1)[-1]
        yield "DeadLetters", wanted["deadLetterTargetArn"].rsplit("/", 1)[-1], target
        yield "maxReceiveCount", wanted["maxReceiveCount"], int(found.get("maxReceiveCount", 0))


def _key(actual: _Actual, key: str, properties: dict[str, Any]) -> Iterator[Difference]:
    metadata = actual.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    yield "Enabled", True, metadata["Enabled"]


def _mapping(actual: _Actual, uuid: str, properties: dict[str, Any]) -> Iterator[Difference]:
    mapping = actual.client("lambda").get_event_source_mapping(UUID=uuid)
    yield "State", "Enabled", mapping["State"]
    for name in ("FunctionResponseTypes", "BatchSize", "FilterCriteria", "ScalingConfig"):
        yield name, actual.value(properties.get(name)), mapping.get(name)


def _function(actual: _Actual, name: str, properties: dict[str, Any]) -> Iterator[Difference]:
    found = actual.client("lambda").get_function_configuration(FunctionName=name)
    yield "Timeout", int(actual.value(properties["Timeout"])), int(found["Timeout"])
    yield "MemorySize", properties["MemorySize"], found["MemorySize"]
    wanted = actual.value(properties["Environment"]["Variables"])
    yield "Environment", wanted, found.get("Environment", {}).get("Variables")
    role = actual.deployment.physical[properties["Role"]["Fn::GetAtt"][0]]
    yield "Role", role, found["Role"].rsplit("/", 1)[-1]


def _schedule(actual: _Actual, name: str, properties: dict[str, Any]) -> Iterator[Difference]:
    found = actual.client("scheduler").get_schedule(Name=name.rsplit("/", 1)[-1])
    expected = actual.value(properties["ScheduleExpression"])
    yield "ScheduleExpression", expected, found["ScheduleExpression"]
    yield "State", "ENABLED", found["State"]
