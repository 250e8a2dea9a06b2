"""What lies in the publication bucket, as a CDN in front of it would answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

BLOCK_BYTES = 262_144
KEPT = ("Content-Type", "Cache-Control", "ETag", "Last-Modified", "Accept-Ranges", "Content-Range")
ASKED = {"Range": "Range", "If-None-Match": "IfNoneMatch"}

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PublishedAnswer:
    """Status, headers, and a body of `length` bytes."""

    status: int
    headers: Headers
    length: int
    body: Iterable[bytes]


class PublishedFiles:
    """Objects by their path, which is their key; nothing is kept, nothing is changed."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> PublishedAnswer:
        """What a GET or HEAD is answered; whatever else is asked is refused."""
        if method not in ("GET", "HEAD"):
            return problem(
                405, "method_not_allowed", "接口不支持这种方法", "这个地址只能读取。", path
            )
        asked = {name: headers[key] for key, name in ASKED.items() if key in headers}
        key = unquote(urlsplit(path).path).removeprefix("/")
        read = self._s3.get_object if method == "GET" else self._s3.head_object
        try:
            found = read(Bucket=self._bucket, Key=key, **asked)
        except ClientError as error:
            return _refusal(error, path)
        except BotoCoreError:
            return problem(502, "unavailable", "服务暂时不可用", "存储没有应答，请稍后重试。", path)
        told = found["ResponseMetadata"]["HTTPHeaders"]
        kept = [(name, told[name.lower()]) for name in KEPT if name.lower() in told]
        body = found["Body"].iter_chunks(BLOCK_BYTES) if method == "GET" else ()
        return PublishedAnswer(
            206 if "content-range" in told else 200,
            [*kept, ("Access-Control-Allow-Origin", "*")],
            int(found["ContentLength"]),
            body,
        )


def _refusal(error: ClientError, path: str) -> PublishedAnswer:
    status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    if status == 304:
        return PublishedAnswer(304, [("Access-Control-Allow-Origin", "*")], 0, ())
    if status == 404:
        return problem(404, "not_found", "没有找到", "没有这个文件：它还没有，或已被取代。", path)
    if status == 416:
        return problem(416, "malformed", "请求无法读取", "文件没有请求的那一段。", path)
    return problem(502, "unavailable", "服务暂时不可用", "存储没有应答，请稍后重试。", path)


def problem(status: int, code: str, title: str, detail: str, path: str) -> PublishedAnswer:
    """A refusal as problem+json."""
    content = {
        "type": f"/docs/errors/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": urlsplit(path).path,
        "errors": [],
    }
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    if status == 405:
        headers.append(("Allow", "GET, HEAD"))
    return PublishedAnswer(status, headers, len(body), (body,))
