"""Reading a part of an object, whether or not the server knows how to send a part."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws import bucket, calls
from chalicelib.aws.bucket import Bucket
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
