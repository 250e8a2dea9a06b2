"""The front door and the gateway in one process: a server on loopback that turns requests into
events for the edges of `app.py`, as the tables of infra/ say."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from infra.building.sources import INFRA
from infra.local.published import PublishedFiles
from tests.web.build import CONTEXT, sample

Edge = Callable[[Mapping[str, Any], object], Mapping[str, Any]]
_GET = sample("api_get")


@dataclass(frozen=True)
class Backends:
    """What answers: functions by name, and the published files the front door serves itself."""

    functions: Mapping[str, Edge]
    files: PublishedFiles
    turn: threading.Lock = field(default_factory=threading.Lock)
    """A function's worker answers one request after the other, as on Lambda."""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request."""
        path = urlsplit(target).path
        if path.startswith(FILE_PREFIXES):
            found = self.files.answer(method, target, headers)
            return Answer(found.status, found.headers, b"".join(found.body))
        function = function_of(path)
        if function not in self.functions:
            return Answer(404, [("Content-Type", "application/problem+json")], b"{}")
        event = event_of(method, target, headers, body)
        with self.turn:
            return answer_of(self.functions[function](event, CONTEXT))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def _file_prefixes() -> tuple[str, ...]:
    table = json.loads((INFRA / "front-door.json").read_text(encoding="utf-8"))["routes"]
    return tuple(entry["prefix"] for entry in table if entry["to"] != "api")


def _gateway_routes() -> list[tuple[re.Pattern[str], str]]:
    """Path patterns and functions, the most exact path first, as API Gateway chooses."""
    table: dict[str, str] = yaml.safe_load((INFRA / "gateway.yaml").read_text("utf-8"))["routes"]
    exact_first = sorted(table, key=lambda path: ("{proxy+}" in path, -len(path)))
    return [
        (re.compile(re.escape(path).replace(re.escape("{proxy+}"), ".+")), table[path])
        for path in exact_first
    ]


FILE_PREFIXES = _file_prefixes()
GATEWAY_ROUTES = _gateway_routes()


def function_of(path: str) -> str:
    """The function the gateway asks for a path; empty: none."""
    return next((name for pattern, name in GATEWAY_ROUTES if pattern.fullmatch(path)), "")


def event_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The proxy event of API Gateway for one request."""
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    text, is_base64 = _body_text(body)
    context = _GET["requestContext"]
    agent = headers.get("User-Agent", "")
    return {
        **_GET,
        "httpMethod": method,
        "path": unquote(parts.path),
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": values or None,
        "body": text,
        "isBase64Encoded": is_base64,
        "requestContext": {
            **context,
            "httpMethod": method,
            "requestId": secrets.token_hex(16),
            "identity": {**context["identity"], "userAgent": agent},
        },
    }


def _body_text(body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def answer_of(raw: Mapping[str, Any]) -> Answer:
    """A function's answer as the gateway sends it."""
    many: Mapping[str, list[str]] = raw.get("multiValueHeaders") or {}
    body = raw.get("body") or ""
    content = base64.b64decode(body) if raw.get("isBase64Encoded") else body.encode()
    headers = [(name, value) for name, values in many.items() for value in values]
    return Answer(int(raw["statusCode"]), headers, content)


class Server:
    """Serves `backends` on loopback while the block runs."""

    def __init__(self, backends: Backends, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"backends": backends})
        self._server = _Quiet(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is none."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    backends: ClassVar[Backends]

    def do_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        given = {name: value for name, value in self.headers.items()}
        answer = self.backends.answer(self.command, self.path, given, body)
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        has_body = answer.status not in (204, 304)
        if has_body and not any(name.lower() == "content-length" for name, _ in answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_any

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""
