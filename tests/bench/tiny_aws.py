"""S3, SQS and KMS over HTTP on loopback, as far as a worker of files uses them.

The emulator sends a whole object where a version is named, however small the range asked for: a
file of a million rows would be sent a thousand times. Here objects are files on disk, ranges are
honoured, and what a worker holds in memory is what it would hold against S3.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

VERSION = "v1"
_BLOCK = 262_144


class TinyAws(ThreadingHTTPServer):
    """The three services; objects lie in `folder`, messages in `queue`."""

    daemon_threads = True

    def __init__(self, folder: Path, secret: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.secret = secret
        self.queue: deque[str] = deque()

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def path_of(self, bucket_and_key: str) -> Path:
        """The file of `bucket/key`."""
        return self.folder / hashlib.sha256(bucket_and_key.encode()).hexdigest()


@contextmanager
def serving(folder: Path, secret: bytes) -> Iterator[TinyAws]:
    """The services while the block runs. `secret` is what every KMS decryption gives."""
    server = TinyAws(folder, secret)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TinyAws

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a thousand lines help nobody."""

    def do_GET(self) -> None:
        name, query = self._target()
        if "versions" in query:
            self._list(name, query["prefix"][0])
            return
        path = self.server.path_of(name)
        if not path.exists():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        size = path.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        begin, end = (int(asked[1]), min(int(asked[2]) + 1, size)) if asked else (0, size)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        self.send_header("Content-Length", str(end - begin))
        self.send_header("x-amz-version-id", VERSION)
        self.send_header("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True))
        self.end_headers()
        with path.open("rb") as file:
            file.seek(begin)
            left = end - begin
            while left > 0:
                left -= self.wfile.write(file.read(min(left, _BLOCK)))

    def do_PUT(self) -> None:
        name, _ = self._target()
        path = self.server.path_of(name)
        with path.open("wb") as file:
            for block in self._body():
                file.write(block)
        self._answer(200, b"", {"x-amz-version-id": VERSION})

    def do_DELETE(self) -> None:
        name, _ = self._target()
        self.server.path_of(name).unlink(missing_ok=True)
        self._answer(204, b"")

    def do_POST(self) -> None:
        service, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        body = b"".join(self._body())
        if service == "AmazonSQS":
            self._answer(200, json.dumps(self._send(json.loads(body))).encode())
        elif (service, operation) == ("TrentService", "Decrypt"):
            plain = base64.b64encode(self.server.secret).decode()
            self._answer(200, json.dumps({"KeyId": "k", "Plaintext": plain}).encode())
        else:
            bucket, _ = self._target()
            for key in re.findall(r"<Key>(.*?)</Key>", body.decode()):
                self.server.path_of(f"{bucket}/{key}").unlink()
            self._answer(200, b"<DeleteResult/>")

    def _send(self, request: dict[str, Any]) -> dict[str, Any]:
        entries = request.get("Entries", [{"Id": "0", **request}])
        if not request.get("QueueUrl", "").endswith("/accounts"):  # worked by somebody else
            self.server.queue.extend(entry["MessageBody"] for entry in entries)
        taken = [
            {
                "Id": entry["Id"],
                "MessageId": entry["Id"],
                "MD5OfMessageBody": hashlib.md5(entry["MessageBody"].encode()).hexdigest(),
            }
            for entry in entries
        ]
        return {"Successful": taken, "Failed": []} if "Entries" in request else taken[0]

    def _list(self, bucket: str, key: str) -> None:
        found = ""
        if self.server.path_of(f"{bucket}/{key}").exists():
            found = f"<Version><Key>{key}</Key><VersionId>{VERSION}</VersionId></Version>"
        self._answer(200, f"<ListVersionsResult>{found}</ListVersionsResult>".encode())

    def _target(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return unquote(parts.path).strip("/"), parse_qs(parts.query, keep_blank_values=True)

    def _body(self) -> Iterator[bytes]:
        """The body in blocks, taken out of S3's own chunks where it came in such."""
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass  # trailing checksums
            return
        left = int(self.headers.get("Content-Length", "0"))
        while left > 0:
            block = self.rfile.read(min(left, _BLOCK))
            left -= len(block)
            yield block

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def write_object(server: TinyAws, bucket_and_key: str, source: Path) -> None:
    """Put a file there without HTTP."""
    shutil.move(source, server.path_of(bucket_and_key))
