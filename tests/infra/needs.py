"""What a use case needs of IAM, written down call by call, and what a policy grants.

Resources are spelled by their logical ids: `RecordsTable`, `RecordsTable/index/by_subject`,
`ArchiveBucket/originals/...`, `IntakeQueue`, `SealingKey`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from chalicelib.aws import calls
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.calls import Call
from infra.building.sources import INFRA, load_yaml
from tests.support.provision import BUCKET_PREFIX

TABLE_PREFIX = "govcredit-test-"
BUCKETS = {
    f"{BUCKET_PREFIX}{name.lower()}": name
    for name in ("ArchiveBucket", "InboxBucket", "WorkBucket", "PublicationBucket")
}
SERVICES = ("dynamodb", "s3", "sqs", "kms")
PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
LOCK_HEADERS = {
    "ObjectLockMode": "s3:PutObjectRetention",
    "ObjectLockRetainUntilDate": "s3:PutObjectRetention",
    "ObjectLockLegalHoldStatus": "s3:PutObjectLegalHold",
}


@dataclass(frozen=True, order=True)
class Need:
    """One action on one resource."""

    action: str
    resource: str
    partition: str = ""
    """Of an item that is read by its key, or written in a transaction."""


@dataclass(frozen=True, order=True)
class Grant:
    """One action a function may do on the resources that match a pattern."""

    function: str
    action: str
    pattern: str
    partitions: tuple[str, ...] = ()
    """Patterns of the partition keys it is narrowed to (`dynamodb:LeadingKeys`); empty: all."""

    def covers(self, need: Need) -> bool:
        within = not self.partitions or any(
            fnmatchcase(need.partition, pattern) for pattern in self.partitions
        )
        return within and self.action == need.action and fnmatchcase(need.resource, self.pattern)


# -- what policies say --------------------------------------------------------------------------


def grants_of(function: str) -> list[Grant]:
    """Every grant of the function's policy, except the data key's, which services use for it, and
    items of an index, which there are none of: a statement names a table with its indexes."""
    document: Any = load_yaml(INFRA / "policies" / f"{function}.yaml")
    return [
        Grant(function, action, _pattern(resource), _partitions(statement))
        for statement in document["Statement"]
        if "kms:ViaService" not in str(statement.get("Condition"))
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action == "dynamodb:Query" or "/index/" not in _pattern(resource)
    ]


def _partitions(statement: Mapping[str, Any]) -> tuple[str, ...]:
    keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    return tuple(keys.get("dynamodb:LeadingKeys", ()))


def _pattern(resource: Mapping[str, Any]) -> str:
    if "Fn::GetAtt" in resource:
        logical_id, attribute = resource["Fn::GetAtt"]
        return str(logical_id) if attribute == "Arn" else f"{logical_id}.{attribute}"
    return re.sub(r"\$\{(\w+)\.Arn\}", r"\1", str(resource["Fn::Sub"]))


# -- what calls need ----------------------------------------------------------------------------


def needs_of(service: str, operation: str, parameters: Mapping[str, Any]) -> list[Need]:
    """What IAM asks for this call. Raises KeyError for an operation not thought of here."""
    reading: Callable[[str, Mapping[str, Any]], list[Need]] = {
        "dynamodb": _table_needs,
        "s3": _object_needs,
        "sqs": lambda _, given: [Need("sqs:SendMessage", _queue(given["QueueUrl"]))],
        "kms": lambda name, given: [Need(f"kms:{name}", _key(given["KeyId"]))],
    }[service]
    return reading(operation, parameters)


def _queue(url: str) -> str:
    return url.rsplit("/", 1)[-1].removeprefix(TABLE_PREFIX)


def _key(key_id: str) -> str:
    return "LogKey" if key_id == os.environ["LOG_KEY_ID"] else "SealingKey"


def _table(name: str) -> str:
    return name.removeprefix(TABLE_PREFIX)


def _partition(content: Mapping[str, Any]) -> str:
    key = content.get("Item") or content.get("Key") or {}
    return str(key.get("pk", {}).get("S", ""))


def _table_needs(operation: str, given: Mapping[str, Any]) -> list[Need]:
    if operation == "TransactWriteItems":
        return [
            Need(f"dynamodb:{PARTS[part]}", _table(content["TableName"]), _partition(content))
            for entry in given["TransactItems"]
            for part, content in entry.items()
        ]
    if "RequestItems" in given:
        return [
            Need(f"dynamodb:{operation}", _table(name), key["pk"]["S"])
            for name, asked in given["RequestItems"].items()
            for key in asked["Keys"]
        ]
    if operation == "GetItem":
        key = given["Key"]["pk"]["S"]
        return [Need("dynamodb:GetItem", _table(given["TableName"]), key)]
    index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
    return [Need(f"dynamodb:{operation}", _table(given["TableName"]) + index)]


def _object_needs(operation: str, given: Mapping[str, Any]) -> list[Need]:
    bucket = BUCKETS[given["Bucket"]]
    version = "Version" if given.get("VersionId") else ""
    place = f"{bucket}/{given.get('Key', '')}"
    if operation == "DeleteObjects":
        # The first is asked for whenever several are deleted at once, versions named or not.
        return [
            Need(action, f"{bucket}/{one['Key']}")
            for one in given["Delete"]["Objects"]
            for action in ("s3:DeleteObject", "s3:DeleteObjectVersion")
            if action == "s3:DeleteObject" or one.get("VersionId")
        ]
    if operation == "PutObject":
        locks = {action for header, action in LOCK_HEADERS.items() if header in given}
        return [Need(action, place) for action in sorted({"s3:PutObject", *locks})]
    action, resource = {
        "GetObject": (f"s3:GetObject{version}", place),
        "HeadObject": (f"s3:GetObject{version}", place),
        "DeleteObject": (f"s3:DeleteObject{version}", place),
        "ListObjectVersions": ("s3:ListBucketVersions", bucket),
        "ListObjectsV2": ("s3:ListBucket", bucket),
    }[operation]
    return [Need(action, resource)]


# -- watching -----------------------------------------------------------------------------------


@dataclass
class Watch:
    """Sees what the platform's own door sends, and not what a test sends beside it."""

    turn: str = ""
    """The function whose turn it is; empty: the one watched."""
    by_turn: dict[str, set[Need]] = field(default_factory=lambda: defaultdict(set))
    _expected: bool = False
    _bucket: str = ""

    @property
    def found(self) -> set[Need]:
        """What whose turn it is has needed so far."""
        return self.by_turn[self.turn]

    def taking_turns(self, function: str, work: Callable[..., object]) -> Callable[..., None]:
        """`work` as the turn of another function, which works off what was sent."""

        def work_in_turn(*arguments: Any) -> None:
            before, self.turn = self.turn, function
            try:
                work(*arguments)
            finally:
                self.turn = before

        return work_in_turn

    def before(self, call: Call) -> None:
        self._expected = True

    def after(self, call: Call, capacity: float) -> None:
        """What took effect needs nothing more."""

    def sent(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """botocore is about to build this call."""
        if not self._expected:
            return
        self._expected = False
        service = model.service_model.service_name
        self.found.update(needs_of(service, model.name, params))
        self._bucket = BUCKETS.get(params.get("Bucket", ""), "") if service == "s3" else ""

    def answered(self, http_response: Any, **_: object) -> None:
        """S3 says 404 only to who may list the bucket; to others 403."""
        if http_response.status_code == 404 and self._bucket:
            self.found.add(Need("s3:ListBucket", self._bucket))
        self._bucket = ""


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """What is needed by what the platform does while the block runs, signed forms included."""
    watch = Watch()
    post, get = Bucket.presign_post, Bucket.presign_get

    def presign_post(bucket: Bucket, key: str, largest: int, seconds: int) -> object:
        watch.found.add(Need("s3:PutObject", f"{BUCKETS[bucket.name]}/{key}"))
        return post(bucket, key, largest, seconds)

    def presign_get(bucket: Bucket, key: str, file_name: str, seconds: int) -> object:
        watch.found.add(Need("s3:GetObject", f"{BUCKETS[bucket.name]}/{key}"))
        return get(bucket, key, file_name, seconds)

    clients: Sequence[Any] = [cast("Any", calls.client(name)) for name in SERVICES]
    with monkeypatch.context() as patch, calls.observed(watch):
        patch.setattr(Bucket, "presign_post", presign_post)
        patch.setattr(Bucket, "presign_get", presign_get)
        for client in clients:
            client.meta.events.register("before-parameter-build", watch.sent)
            client.meta.events.register("after-call", watch.answered)
        try:
            yield watch
        finally:
            for client in clients:
                client.meta.events.unregister("before-parameter-build", watch.sent)
                client.meta.events.unregister("after-call", watch.answered)
