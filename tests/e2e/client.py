"""HTTP as a caller of the run: every answer is taken as it comes, refusals too."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, TypeVar

TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.3

Found = TypeVar("Found")


@dataclass(frozen=True)
class Reply:
    """An answer taken apart."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code of a problem."""
        return str(self.json["type"]).rpartition("/")[2]

    def __repr__(self) -> str:
        return f"{self.status} {self.body.decode('utf-8', 'replace')[:1500]}"


@dataclass
class Api:
    """The front door, as one client (or, without a token, as the public)."""

    base_url: str
    token: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def once(self, path: str, status: int, seconds: float = 30) -> Reply:
        """The answer to a GET, once it has this status."""

        def look() -> Reply | None:
            reply = self.get(path)
            return reply if reply.status == status else None

        return until(look, f"{path} answers {status}", seconds)

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: object = None, **headers: str) -> Reply:
        return self.send("POST", path, body, headers)

    def patch(self, path: str, body: object, **headers: str) -> Reply:
        return self.send("PATCH", path, body, headers)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request. Header names are spelled with underscores: `If_Match="\\"1\\""`."""
        given = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        given = {**self.headers, **given}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            given.setdefault("Content-Type", "application/json")
        url = path if path.startswith("http") else self.base_url + path
        return _send(urllib.request.Request(url, data=content, headers=given, method=method))


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stay)


def _send(request: urllib.request.Request) -> Reply:
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def post_form(form: Mapping[str, Any], content: bytes) -> Reply:
    """Post a file with a presigned form, the file last."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    return _send(urllib.request.Request(form["url"], body, {"Content-Type": kind}, method="POST"))


def until(look: Callable[[], Found | None], what: str, seconds: float = 30) -> Found:
    """The first thing `look` finds. Raises AssertionError when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"not within {seconds} s: {what}")
