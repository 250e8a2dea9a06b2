"""Creates in moto what the template sources say: tables, buckets, queues and keys.

moto reports success for things its CloudFormation leaves out (Object Lock, TTL, lifecycle), so the
sources are read here and applied call by call. A property this module does not know is an error:
what tests run on is what is deployed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from infra.building.functions import environment_values, functions
from infra.building.lifecycle import api_rule
from infra.building.sources import Node, load_resources, properties_of, resources_of

NO_DEFAULT = {
    "Stage": "test",
    "OidcIssuer": "https://issuer.test/pool",
    "LogOrigin": "govcredit.test/log",
}
RETENTION = {"ArchiveLockMode": "GOVERNANCE", "RetentionYears": 10}
HANDLED = ("AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")
BUCKET_PREFIX = "govcredit-test-"


class UnknownProperty(Exception):
    """The template has a property these tests would silently not provide."""


class _Scope:
    """What `Ref` and `Fn::GetAtt` mean while the resources come into being."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.refs: dict[str, Any] = dict(parameters)
        self.attributes: dict[tuple[str, str], str] = {}

    def value(self, entry: Any) -> Any:
        if isinstance(entry, list):
            return [self.value(item) for item in entry]
        if not isinstance(entry, dict):
            return entry
        if set(entry) == {"Ref"}:
            return self.refs[entry["Ref"]]
        if set(entry) == {"Fn::GetAtt"}:
            logical_id, attribute = entry["Fn::GetAtt"]
            return self.attributes[(logical_id, attribute)]
        return {key: self.value(item) for key, item in entry.items()}


def provision(session: boto3.Session | None = None) -> dict[str, str]:
    """Creates everything; returns the environment the functions would see (RECORDS_TABLE=..., ...).

    Use inside moto's mock_aws. Raises UnknownProperty for anything that is not provided here.
    """
    session = session or boto3.Session()
    template = load_resources()
    scope = _Scope(_parameter_defaults(template))
    creators: dict[str, Callable[[boto3.Session, _Scope, str, dict[str, Any]], None]] = {
        "AWS::KMS::Key": _create_key,
        "AWS::DynamoDB::Table": _create_table,
        "AWS::S3::Bucket": _create_bucket,
        "AWS::SQS::Queue": _create_queue,
    }
    for kind in HANDLED:
        # Dead-letter queues first: the others name their ARN.
        entries = sorted(resources_of(template, kind), key=lambda e: "RedrivePolicy" in str(e[1]))
        for logical_id, resource in entries:
            _check_keys(
                logical_id,
                resource,
                {"Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy"},
            )
            properties = properties_of(resource)
            if kind == "AWS::KMS::Key":
                properties = {k: v for k, v in properties.items() if k != "KeyPolicy"}
            creators[kind](session, scope, logical_id, scope.value(properties))
    return _environment(scope)


def _parameter_defaults(template: Node) -> dict[str, Any]:
    parameters: Any = template["Parameters"]
    defaults = {name: entry["Default"] for name, entry in parameters.items() if "Default" in entry}
    return {**defaults, **RETENTION, **NO_DEFAULT}


def _environment(scope: _Scope) -> dict[str, str]:
    names = {name for function in functions().values() for name in function.environment}
    environment = {name: str(scope.value(environment_values()[name])) for name in sorted(names)}
    return {**environment, "STAGE": "test", "LOG_LEVEL": "INFO"}


def _check_keys(where: str, found: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(found) - known
    if unknown:
        raise UnknownProperty(f"{where}: tests do not provide {', '.join(sorted(unknown))}")


def _create_key(
    session: boto3.Session, scope: _Scope, logical_id: str, properties: dict[str, Any]
) -> None:
    _check_keys(logical_id, properties, {"Description", "EnableKeyRotation", "PendingWindowInDays"})
    kms = session.client("kms")
    metadata = kms.create_key(Description=properties["Description"])["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        kms.enable_key_rotation(KeyId=metadata["KeyId"])
    scope.refs[logical_id] = metadata["KeyId"]
    scope.attributes[(logical_id, "Arn")] = metadata["Arn"]


def _create_table(
    session: boto3.Session, scope: _Scope, logical_id: str, properties: dict[str, Any]
) -> None:
    dynamodb = session.client("dynamodb")
    given = dict(properties)
    recovery = given.pop("PointInTimeRecoverySpecification", None)
    time_to_live = given.pop("TimeToLiveSpecification", None)
    encryption = given.pop("SSESpecification")
    _check_keys(
        f"{logical_id}.SSESpecification", encryption, {"SSEEnabled", "SSEType", "KMSMasterKeyId"}
    )
    stream = given.pop("StreamSpecification", None)
    direct = {
        "BillingMode",
        "DeletionProtectionEnabled",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
    }
    _check_keys(logical_id, given, direct)
    if stream is not None:
        _check_keys(f"{logical_id}.StreamSpecification", stream, {"StreamViewType"})
        given["StreamSpecification"] = {"StreamEnabled": True, **stream}
    enabled = {
        "Enabled": encryption["SSEEnabled"],
        **{k: v for k, v in encryption.items() if k != "SSEEnabled"},
    }
    name = f"govcredit-test-{logical_id}"
    table = dynamodb.create_table(TableName=name, SSESpecification=enabled, **given)[
        "TableDescription"
    ]
    if recovery is not None:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=recovery
        )
    if time_to_live is not None:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    scope.refs[logical_id] = name
    scope.attributes[(logical_id, "Arn")] = table["TableArn"]


def _create_bucket(
    session: boto3.Session, scope: _Scope, logical_id: str, properties: dict[str, Any]
) -> None:
    s3 = session.client("s3")
    given = dict(properties)
    name = f"{BUCKET_PREFIX}{logical_id.lower()}"
    location = (
        {}
        if session.region_name == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
    )
    locked = bool(given.pop("ObjectLockEnabled", False))
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked, **location)
    s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration=_encryption(given.pop("BucketEncryption"))
    )
    s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=given.pop("PublicAccessBlockConfiguration")
    )
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=given.pop("OwnershipControls"))
    versioning = given.pop("VersioningConfiguration", None)
    if versioning is not None:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    lock = given.pop("ObjectLockConfiguration", None)
    if lock is not None:
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    lifecycle = given.pop("LifecycleConfiguration", None)
    if lifecycle is not None:
        rules = [api_rule(rule) for rule in lifecycle["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    _check_keys(logical_id, given, set())
    scope.refs[logical_id] = name
    scope.attributes[(logical_id, "Arn")] = f"arn:aws:s3:::{name}"


def _encryption(given: dict[str, Any]) -> dict[str, Any]:
    _check_keys("BucketEncryption", given, {"ServerSideEncryptionConfiguration"})
    rules = []
    for rule in given["ServerSideEncryptionConfiguration"]:
        _check_keys("BucketEncryption", rule, {"BucketKeyEnabled", "ServerSideEncryptionByDefault"})
        rules.append(
            {
                "BucketKeyEnabled": rule["BucketKeyEnabled"],
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            }
        )
    return {"Rules": rules}


def _create_queue(
    session: boto3.Session, scope: _Scope, logical_id: str, properties: dict[str, Any]
) -> None:
    _check_keys(
        logical_id,
        properties,
        {
            "SqsManagedSseEnabled",
            "MessageRetentionPeriod",
            "ReceiveMessageWaitTimeSeconds",
            "VisibilityTimeout",
            "RedrivePolicy",
        },
    )
    sqs = session.client("sqs")
    attributes = {
        name: json.dumps(value) if isinstance(value, dict | bool) else str(value)
        for name, value in properties.items()
    }
    # Long polling would make every test that drains a queue wait for it.
    attributes.pop("ReceiveMessageWaitTimeSeconds", None)
    url = sqs.create_queue(QueueName=f"govcredit-test-{logical_id}", Attributes=attributes)[
        "QueueUrl"
    ]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    scope.refs[logical_id] = url
    scope.attributes[(logical_id, "Arn")] = arn
