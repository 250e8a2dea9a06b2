"""S3: objects written once, read by version, streamed, and taken in by presigned POST."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from chalicelib.aws.calls import AlreadyExists, Missing, client, invoke
from chalicelib.kernel.errors import Unavailable

STREAM_BLOCK_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Where an object is and what it is: SHA-256 in hex, size in bytes."""

    key: str
    version_id: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What S3 says of one version. `last_modified` is S3's own receipt time."""

    version_id: str
    size: int
    last_modified: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """A form with which a client uploads one file without credentials."""

    url: str
    fields: dict[str, str]


class Bucket:
    """One bucket."""

    def __init__(self, name: str) -> None:
        self.name = name

    def put_once(self, key: str, body: bytes, *, content_type: str) -> StoredObject:
        """Store `body` under `key` unless something is there already; either way return what is
        there now. A retry therefore never makes a second version.

        A lock is the bucket's business (its default retention): naming one here would take a
        right that no function has.
        """
        digest = hashlib.sha256(body)
        try:
            answer = invoke(
                "s3",
                "put_object",
                self.name,
                Bucket=self.name,
                Key=key,
                Body=body,
                ContentType=content_type,
                # Named beside its value: a locked bucket asks for the algorithm.
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                IfNoneMatch="*",
            )
        except AlreadyExists:
            head = self.head(key)
            return StoredObject(key, head.version_id, head.sha256, head.size)
        return StoredObject(key, str(answer.get("VersionId", "")), digest.hexdigest(), len(body))

    def put(self, key: str, body: bytes, *, content_type: str, cache_control: str = "") -> None:
        """Store or replace (work files that are derived and may be derived again)."""
        invoke(
            "s3",
            "put_object",
            self.name,
            Bucket=self.name,
            Key=key,
            Body=body,
            **_headers(content_type, cache_control),
        )

    def put_file(self, key: str, file: IO[bytes], *, content_type: str) -> None:
        """`put` from an open file, without holding it in memory."""
        invoke(
            "s3",
            "put_object",
            self.name,
            Bucket=self.name,
            Key=key,
            Body=file,
            ContentType=content_type,
        )

    def put_file_once(
        self, key: str, file: IO[bytes], sha256: str, *, content_type: str, cache_control: str = ""
    ) -> str:
        """`put_once` from an open file whose SHA-256 (hex) is known, without holding it in memory:
        the SHA-256 of what is under the key now, its own or that of what was there before."""
        try:
            invoke(
                "s3",
                "put_object",
                self.name,
                Bucket=self.name,
                Key=key,
                Body=file,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                IfNoneMatch="*",
                **_headers(content_type, cache_control),
            )
        except AlreadyExists:
            return self.head(key).sha256
        return sha256

    def put_tagged(
        self, key: str, body: bytes, tag: str, *, content_type: str, cache_control: str = ""
    ) -> str:
        """Replace what `read_tagged` gave with `tag` (empty: nothing was there); the new tag.
        Raises AlreadyExists if it is no longer what is there."""
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        try:
            answer = invoke(
                "s3",
                "put_object",
                self.name,
                Bucket=self.name,
                Key=key,
                Body=body,
                **condition,
                **_headers(content_type, cache_control),
            )
        except Missing:  # what the tag was of has been deleted
            raise AlreadyExists(key) from None
        return str(answer["ETag"])

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """The whole object and its tag (ETag). Raises Missing."""
        answer = self._open(key, "", None)
        return answer["Body"].read(), str(answer["ETag"])

    def head(self, key: str, version_id: str = "") -> ObjectHead:
        """Facts of the newest or the named version. Raises Missing."""
        answer = invoke(
            "s3",
            "head_object",
            self.name,
            Bucket=self.name,
            Key=key,
            ChecksumMode="ENABLED",
            **({"VersionId": version_id} if version_id else {}),
        )
        checksum = answer.get("ChecksumSHA256", "")
        return ObjectHead(
            version_id=str(answer.get("VersionId", "")),
            size=int(answer["ContentLength"]),
            last_modified=answer["LastModified"],
            sha256=base64.b64decode(checksum).hex() if checksum else "",
        )

    def read(self, key: str, version_id: str = "", span: tuple[int, int] | None = None) -> bytes:
        """The whole object, or the bytes [begin, end) of it. Raises Missing."""
        return b"".join(self.stream(key, version_id, span))

    def stream(
        self, key: str, version_id: str = "", span: tuple[int, int] | None = None
    ) -> Iterator[bytes]:
        """The object in blocks of about a mebibyte, never all at once. Raises Missing."""
        answer = self._open(key, version_id, span)
        blocks: Iterator[bytes] = answer["Body"].iter_chunks(STREAM_BLOCK_BYTES)
        # A server may ignore Range and send the whole (RFC 9110 §14.2); the local emulator does,
        # where a version is named.
        yield from blocks if span is None or "ContentRange" in answer else _within(blocks, span)

    def _open(self, key: str, version_id: str, span: tuple[int, int] | None) -> dict[str, Any]:
        parameters: dict[str, object] = {}
        if version_id:
            parameters["VersionId"] = version_id
        if span is not None:
            parameters["Range"] = f"bytes={span[0]}-{span[1] - 1}"
        return invoke("s3", "get_object", self.name, Bucket=self.name, Key=key, **parameters)

    def delete(self, key: str) -> None:
        """Remove an object of a bucket without versions; nothing to remove is fine."""
        invoke("s3", "delete_object", self.name, Bucket=self.name, Key=key)

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, in order: for prefixes that hold a few."""
        found: list[str] = []
        token = ""
        while True:
            more = {"ContinuationToken": token} if token else {}
            answer = invoke(
                "s3", "list_objects_v2", self.name, Bucket=self.name, Prefix=prefix, **more
            )
            found += [str(entry["Key"]) for entry in answer.get("Contents", [])]
            token = str(answer.get("NextContinuationToken", ""))
            if not token:
                return found

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""
        try:
            self.head(key)
        except Missing:
            return False
        return True

    def presign_post(self, key: str, largest: int, seconds: int) -> PresignedPost:
        """A form for one upload of 1 to `largest` bytes, valid for `seconds`. No AWS call."""
        made = client("s3").generate_presigned_post(  # type: ignore[attr-defined]
            self.name,
            key,
            Conditions=[["content-length-range", 1, largest]],
            ExpiresIn=seconds,
        )
        return PresignedPost(made["url"], made["fields"])

    def presign_get(self, key: str, file_name: str, seconds: int, version: str = "") -> str:
        """An address at which the object (in one version, if given) can be fetched for `seconds`.
        No AWS call."""
        parameters = {
            "Bucket": self.name,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        if version:
            parameters["VersionId"] = version
        address: str = client("s3").generate_presigned_url(  # type: ignore[attr-defined]
            "get_object", Params=parameters, ExpiresIn=seconds
        )
        return address

    def delete_all_versions(self, key: str) -> None:
        """Remove every version and delete marker of `key`; nothing to remove is fine. Raises
        Unavailable if any is still there: S3 answers 200 and tells of them in the body."""
        answer = invoke("s3", "list_object_versions", self.name, Bucket=self.name, Prefix=key)
        found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
        doomed = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]}
            for entry in found
            if entry["Key"] == key
        ]
        if doomed:
            told = invoke(
                "s3",
                "delete_objects",
                self.name,
                Bucket=self.name,
                Delete={"Objects": doomed, "Quiet": True},
            )
            if told.get("Errors"):
                raise Unavailable("文件的全部版本没有都删除")


def _headers(content_type: str, cache_control: str) -> dict[str, str]:
    told = {"CacheControl": cache_control} if cache_control else {}
    return {"ContentType": content_type, **told}


def _within(blocks: Iterable[bytes], span: tuple[int, int]) -> Iterator[bytes]:
    """The bytes [begin, end) of what `blocks` are the beginning of."""
    begin, end = span
    position = 0
    for block in blocks:
        piece = block[max(begin - position, 0) : max(end - position, 0)]
        if piece:
            yield piece
        position += len(block)
        if position >= end:
            return
