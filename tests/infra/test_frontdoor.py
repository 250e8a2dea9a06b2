"""The front door passes on what it is asked and what it is answered, and nothing of its own."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from chalicelib.aws import calls
from chalicelib.aws.bucket import Bucket
from infra.local.frontdoor import FrontDoor, Route, RouteError, read_routes
from infra.local.published import PublishedFiles


@dataclass
class Upstream:
    url: str = ""
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: ClassVar[Upstream]

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.upstream.asked.append((self.command, self.path, headers, body))
        content = json.dumps({"instance": "$context.path"}).encode()
        self.send_response(304 if "If-None-Match" in self.headers else 200)
        self.send_header("ETag", '"7"')
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        if "odd" in self.path:
            self.send_header("x-amzn-ErrorType", "MissingAuthenticationTokenException")
        if "If-None-Match" not in self.headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and "If-None-Match" not in self.headers:
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PATCH = do_any

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    known = Upstream()
    handler = type("Handler", (_Echo,), {"upstream": known})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def door(upstream: Upstream) -> Iterator[http.client.HTTPConnection]:
    routes = (Route("/files/", f"{upstream.url}/bucket"), Route("/", f"{upstream.url}/api"))
    opened = FrontDoor(0, routes)
    opened.open()
    connection = http.client.HTTPConnection(opened.base_url.removeprefix("http://"), timeout=10)
    yield connection
    connection.close()
    opened.close()


def test_requests_pass_whole(door: http.client.HTTPConnection, upstream: Upstream) -> None:
    headers = {"Authorization": "Bearer x", "Idempotency-Key": "k"}
    door.request("POST", "/v1/a%2Fb?x=1&x=2", body=b"{}", headers=headers)
    answer = door.getresponse()
    answer.read()
    method, path, told, body = upstream.asked[0]
    assert (method, path, body) == ("POST", "/api/v1/a%2Fb?x=1&x=2", b"{}")
    assert (told["authorization"], told["idempotency-key"]) == ("Bearer x", "k")
    assert answer.getheader("ETag") == '"7"'
    assert answer.msg.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_the_longest_prefix_decides(door: http.client.HTTPConnection, upstream: Upstream) -> None:
    for path in ("/files/a", "/file"):
        door.request("GET", path)
        door.getresponse().read()
    assert [asked[1] for asked in upstream.asked] == ["/bucket/files/a", "/api/file"]


def test_an_unchanged_answer_has_no_body(door: http.client.HTTPConnection) -> None:
    door.request("GET", "/x", headers={"If-None-Match": '"7"'})
    answer = door.getresponse()
    assert (answer.status, answer.read()) == (304, b"")
    # The connection is still in step.
    door.request("HEAD", "/x")
    answer = door.getresponse()
    assert (answer.status, answer.read()) == (200, b"")


def test_only_gateway_answers_get_their_path_filled_in(door: http.client.HTTPConnection) -> None:
    found = []
    for path in ("/odd?x=1", "/even"):
        door.request("GET", path)
        found.append(json.loads(door.getresponse().read())["instance"])
    assert found == ["/odd", "$context.path"]


def test_a_silent_backend_is_a_problem_in_chinese() -> None:
    opened = FrontDoor(0, (Route("/", "http://127.0.0.1:9"),))
    opened.open()
    connection = http.client.HTTPConnection(opened.base_url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/v1/x")
    answer = connection.getresponse()
    problem = json.loads(answer.read())
    connection.close()
    opened.close()
    assert answer.status == 502
    assert problem["type"] == "/docs/errors/unavailable"
    assert "重试" in problem["detail"]


def test_a_destination_nobody_serves_is_refused() -> None:
    with pytest.raises(RouteError):
        read_routes({})
    routes = read_routes({"api": "http://127.0.0.1:1", "publication": "http://127.0.0.1:2"})
    assert routes[-1].prefix == "/"


@pytest.fixture
def files(aws: dict[str, str]) -> Iterator[http.client.HTTPConnection]:
    s3: Any = calls.client("s3")
    bucket = Bucket(aws["PUBLICATION_BUCKET"]).name
    s3.put_object(
        Bucket=bucket,
        Key="public/v1/log/tile/0/x001/000",
        Body=b"0123456789",
        ContentType="application/octet-stream",
        CacheControl="public, max-age=31536000, immutable",
    )
    upstreams: Mapping[str, Any] = {
        "api": "http://127.0.0.1:9",
        "publication": PublishedFiles(s3, bucket),
    }
    opened = FrontDoor(0, read_routes(upstreams))
    opened.open()
    connection = http.client.HTTPConnection(opened.base_url.removeprefix("http://"), timeout=10)
    yield connection
    connection.close()
    opened.close()


@pytest.mark.requirement("R-20")
def test_published_files_are_served_as_they_lie_in_the_bucket(
    files: http.client.HTTPConnection,
) -> None:
    def ask(method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        files.request(method, f"/public/v1/log/{path}", headers=named)
        answer = files.getresponse()
        return answer, answer.read()

    tile = "tile/0/x001/000"
    whole, content = ask("GET", tile)
    assert (whole.status, content) == (200, b"0123456789")
    assert whole.getheader("Content-Type") == "application/octet-stream"
    assert whole.getheader("Cache-Control") == "public, max-age=31536000, immutable"
    assert whole.getheader("Access-Control-Allow-Origin") == "*"
    head, content = ask("HEAD", tile)
    assert (head.status, head.getheader("Content-Length"), content) == (200, "10", b"")
    part, content = ask("GET", tile, Range="bytes=2-4")
    assert (part.status, content) == (206, b"234")
    assert part.getheader("Content-Range") == "bytes 2-4/10"
    etag = whole.getheader("ETag") or ""
    assert ask("GET", tile, If_None_Match=etag)[0].status == 304
    for method, path, status, code in (
        ("GET", "checkpoint", 404, "not_found"),
        ("GET", tile + ".p/1", 404, "not_found"),
        ("POST", tile, 405, "method_not_allowed"),
    ):
        answer, content = ask(method, path)
        assert answer.getheader("Content-Type") == "application/problem+json"
        problem = json.loads(content)
        assert (answer.status, problem["type"]) == (status, f"/docs/errors/{code}")
        assert problem["instance"] == f"/public/v1/log/{path}"
