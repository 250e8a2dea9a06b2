"""The platform's API as one client sees it: a token, requests, problems as exceptions."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.issuer import fetch_token

TIMEOUT_SECONDS = 120
_TRIES = 4


class SampleError(OSError):
    """The platform refused a part of the sample; the message says which, and why."""


@dataclass
class Client:
    """One OAuth client of the demo issuer."""

    base_url: str
    token_url: str
    client_id: str
    client_secret: str
    token: str = ""

    def get(self, path: str) -> dict[str, Any]:
        """The JSON at `path`."""
        return self._json("GET", path, b"", "")

    def post(self, path: str, body: object = None) -> dict[str, Any]:
        """The answer to a JSON body (none: an empty one)."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self._json("POST", path, content, "application/json")

    def post_csv(self, path: str, content: bytes) -> dict[str, Any]:
        """The answer to a CSV body."""
        return self._json("POST", path, content, "text/csv")

    def _json(self, method: str, path: str, content: bytes, kind: str) -> dict[str, Any]:
        if not self.token:
            self.token = fetch_token(self.token_url, self.client_id, self.client_secret)
        headers = {"Authorization": f"Bearer {self.token}"}
        if kind:
            headers["Content-Type"] = kind
        answer: dict[str, Any] = json.loads(
            send(method, self.base_url + path, headers, content) or b"{}"
        )
        return answer


def send(method: str, url: str, headers: Mapping[str, str], content: bytes) -> bytes:
    """The body of a good answer. Everything the loader sends may be sent again, so what looks
    like a passing trouble is tried again. Raises SampleError."""
    for attempt in range(1, _TRIES + 1):
        request = urllib.request.Request(
            url, data=content or None, headers=dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as error:
            with error:
                told = error.read().decode("utf-8", "replace")
            if error.code not in (429, 500, 502, 503, 504) or attempt == _TRIES:
                raise SampleError(f"{method} {url}: {error.code} {told[:1500]}") from None
        except urllib.error.URLError as error:
            if attempt == _TRIES:
                raise SampleError(f"{method} {url}: {error.reason}") from None
        time.sleep(0.5 * 2**attempt)
    raise AssertionError("unreachable")


def post_form(url: str, fields: Mapping[str, str], file_name: str, content: bytes) -> None:
    """Post a file with a presigned form (multipart/form-data, the file last)."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    send("POST", url, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body)
