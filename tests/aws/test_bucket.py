"""Reading a part of an object, whether or not the server knows how to send a part."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws import bucket, calls
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.calls import AlreadyExists
from chalicelib.kernel.errors import Unavailable
from tests.support.provision import RETENTION

WHOLE = bytes(range(200))


@given(st.lists(st.binary(max_size=9)), st.integers(0, 60), st.integers(0, 60))
def test_within_is_the_slice_however_the_blocks_fall(
    blocks: list[bytes], begin: int, length: int
) -> None:
    found = b"".join(bucket._within(blocks, (begin, begin + length)))
    assert found == b"".join(blocks)[begin : begin + length]


@pytest.mark.parametrize("sends_parts", [True, False])
def test_a_span_is_read_also_from_a_server_that_sends_the_whole(
    monkeypatch: pytest.MonkeyPatch, sends_parts: bool
) -> None:
    def invoke(*_: object, Range: str, **__: object) -> dict[str, Any]:
        assert Range == "bytes=20-119"
        content = WHOLE[20:120] if sends_parts else WHOLE
        answer = {"ContentRange": "bytes 20-119/200"} if sends_parts else {}
        return {**answer, "Body": StreamingBody(io.BytesIO(content), len(content))}

    monkeypatch.setattr(bucket, "invoke", invoke)
    assert Bucket("b").read("key", "version", (20, 120)) == WHOLE[20:120]


def test_a_span_of_a_stored_version(aws: dict[str, str]) -> None:
    stored = Bucket(aws["WORK_BUCKET"])
    stored.put("key", WHOLE, content_type="application/octet-stream")
    assert stored.read("key", "", (20, 120)) == WHOLE[20:120]
    assert stored.read("key") == WHOLE


@pytest.mark.requirement("R-05")
def test_what_is_archived_is_locked_by_the_bucket(aws: dict[str, str]) -> None:
    """Nobody names a lock, because nobody has the right to: the default retention is the lock."""
    stored = Bucket(aws["ARCHIVE_BUCKET"]).put_once("key", WHOLE, content_type="text/plain")
    s3: Any = calls.client("s3")
    head = s3.head_object(Bucket=aws["ARCHIVE_BUCKET"], Key=stored.key, VersionId=stored.version_id)
    assert head["ObjectLockMode"] == RETENTION["ArchiveLockMode"]
    years = int(RETENTION["RetentionYears"])
    assert head["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=365 * years - 1)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Clients made anew for the region a test sets; signing calls nobody."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    calls.forget_clients()
    yield monkeypatch
    calls.forget_clients()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "inbox.s3.eu-central-1.amazonaws.com"),
        ("us-east-1", "inbox.s3.us-east-1.amazonaws.com"),
        ("cn-north-1", "inbox.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_signed_addresses_are_those_of_the_region(
    elsewhere: pytest.MonkeyPatch, region: str, host: str
) -> None:
    """The global host redirects, which a posted form does not follow."""
    elsewhere.setenv("AWS_DEFAULT_REGION", region)
    elsewhere.setenv("AWS_REGION", region)
    assert Bucket("inbox").presign_post("uploads/u", 10, 60).url == f"https://{host}/"
    assert Bucket("inbox").presign_get("k", "k.csv", 60).startswith(f"https://{host}/k?")


def test_the_emulator_is_addressed_by_paths(elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    elsewhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    form = Bucket("inbox").presign_post("uploads/u", 10, 60)
    assert form.url == "http://127.0.0.1:4566/inbox"


def test_versions_that_could_not_be_deleted_are_not_taken_for_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = {"Key": "key", "VersionId": "v1"}
    refused = [{**version, "Code": "InternalError"}]
    answers = {
        "list_object_versions": {"Versions": [version]},
        "delete_objects": {"Errors": refused},
    }

    def invoke(service: str, operation: str, *_: object, **__: object) -> dict[str, Any]:
        return answers[operation]

    monkeypatch.setattr(bucket, "invoke", invoke)
    with pytest.raises(Unavailable):
        Bucket("b").delete_all_versions("key")
    answers["delete_objects"] = {}
    Bucket("b").delete_all_versions("key")


def test_an_object_is_replaced_only_as_it_was_read(aws: dict[str, str]) -> None:
    """Of two who read the same and write, one wins and the other is told."""
    work = Bucket(aws["WORK_BUCKET"])
    first = work.put_tagged("index", b"1", "", content_type="text/plain")
    with pytest.raises(AlreadyExists):
        work.put_tagged("index", b"2", "", content_type="text/plain")
    assert work.read_tagged("index") == (b"1", first)
    second = work.put_tagged(
        "index", b"2", first, content_type="text/plain", cache_control="no-store"
    )
    with pytest.raises(AlreadyExists):
        work.put_tagged("index", b"3", first, content_type="text/plain")
    assert work.read_tagged("index") == (b"2", second)
    work.delete("index")
    with pytest.raises(AlreadyExists):
        work.put_tagged("index", b"3", second, content_type="text/plain")


def test_a_file_is_put_once_and_the_second_is_told_what_is_there(aws: dict[str, str]) -> None:
    work = Bucket(aws["WORK_BUCKET"])
    for content in (b"first", b"second"):
        sha256 = hashlib.sha256(content).hexdigest()
        there = work.put_file_once("f", io.BytesIO(content), sha256, content_type="text/plain")
        assert there == hashlib.sha256(b"first").hexdigest()
    assert work.read("f") == b"first"


def test_keys_are_listed_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {
        None: {"Contents": [{"Key": "a/1"}], "NextContinuationToken": "t"},
        "t": {"Contents": [{"Key": "a/2"}]},
    }

    def invoke(*_: object, ContinuationToken: str | None = None, **__: object) -> dict[str, Any]:
        return pages[ContinuationToken]

    monkeypatch.setattr(bucket, "invoke", invoke)
    assert Bucket("b").keys("a/") == ["a/1", "a/2"]
