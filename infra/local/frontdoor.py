"""The front door: what the CDN or own domain is in production, as a small threaded server."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

from infra.building.sources import INFRA
from infra.local.published import PublishedAnswer, PublishedFiles, problem

UPSTREAM_SECONDS = 60
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "host"})
# Set anew by this server for every answer.
OWN_HEADERS = HOP_BY_HOP | {"date", "server", "content-length"}
# The gateway's own answers: AWS fills in this variable, the emulator leaves it as it stands.
PATH_VARIABLE = b"$context.path"


class RouteError(Exception):
    """front-door.json names a destination nobody serves."""


@dataclass(frozen=True, slots=True)
class Route:
    """Paths beginning with `prefix` are asked of `upstream`: a base URL, or published files."""

    prefix: str
    upstream: str | PublishedFiles


def read_routes(upstreams: Mapping[str, str | PublishedFiles]) -> tuple[Route, ...]:
    """The table, longest prefix first. Raises RouteError for an unknown destination."""
    table = json.loads((INFRA / "front-door.json").read_text(encoding="utf-8"))["routes"]
    unknown = {entry["to"] for entry in table} - set(upstreams)
    if unknown:
        raise RouteError(f"front-door.json: nobody serves {', '.join(sorted(unknown))}")
    routes = [Route(entry["prefix"], upstreams[entry["to"]]) for entry in table]
    return tuple(sorted(routes, key=lambda route: -len(route.prefix)))


class FrontDoor:
    """Serves on loopback until closed."""

    def __init__(self, port: int, routes: tuple[Route, ...]) -> None:
        handler = type("Handler", (_Handler,), {"routes": routes})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke: nothing of it is told, least of all from where it came."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    routes: ClassVar[tuple[Route, ...]] = ()

    def setup(self) -> None:
        super().setup()
        self._upstreams: dict[str, http.client.HTTPConnection] = {}

    def finish(self) -> None:
        for connection in self._upstreams.values():
            connection.close()
        super().finish()

    def do_any(self) -> None:
        route = next((r for r in self.routes if self.path.startswith(r.prefix)), None)
        if route is None:
            self._answer(404, [("Content-Type", "application/problem+json")], b"{}")
            return
        body = self._body()
        if isinstance(route.upstream, PublishedFiles):
            headers = {name.title(): value for name, value in self.headers.items()}
            self._pass(route.upstream.answer(self.command, self.path, headers))
            return
        self._forward(route.upstream, body)

    def _forward(self, upstream: str, body: bytes) -> None:
        try:
            status, headers, content = self._ask(upstream, body)
        except (OSError, http.client.HTTPException):
            self._pass(
                problem(
                    502, "unavailable", "服务暂时不可用", "后端没有应答，请稍后重试。", self.path
                )
            )
            return
        if PATH_VARIABLE in content and any(n.lower() == "x-amzn-errortype" for n, _ in headers):
            quoted = json.dumps(urlsplit(self.path).path)[1:-1]
            content = content.replace(PATH_VARIABLE, quoted.encode())
        self._answer(status, headers, content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_any

    def log_message(self, format: str, *args: object) -> None:
        """Silent: paths may be personal, and the launcher's output is for progress."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(int(length)) if length.isdigit() else b""

    def _ask(self, upstream: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        base = urlsplit(upstream)
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP
        }
        headers |= {"X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http"}
        headers["X-Forwarded-Host"] = self.headers.get("Host", "")
        fresh = base.netloc not in self._upstreams
        connection = self._upstreams.setdefault(
            base.netloc, http.client.HTTPConnection(base.netloc, timeout=UPSTREAM_SECONDS)
        )
        try:
            return self._exchange(connection, base.path + self.path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # An idle connection the other side closed: nothing was processed, ask once more.
            connection.close()
            if fresh:
                raise
            return self._exchange(connection, base.path + self.path, body, headers)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: bytes,
        headers: dict[str, str],
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        if connection.sock is None:
            connection.connect()
        connection.request(self.command, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def _pass(self, answer: PublishedAnswer) -> None:
        """Answers block by block: snapshots may be large."""
        self._begin(answer.status, answer.headers, answer.length)
        if self.command != "HEAD":
            for block in answer.body:
                self.wfile.write(block)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self._begin(status, headers, len(content))
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(content)

    def _begin(self, status: int, headers: list[tuple[str, str]], length: int) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if status not in (204, 304):
            self.send_header("Content-Length", str(length))
        self.end_headers()
