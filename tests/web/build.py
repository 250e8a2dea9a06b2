"""Builders for edge tests: events shaped as API Gateway sends them, one small API."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from chalicelib.kernel.settings import Settings
from chalicelib.web import edge, request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer, Caller, Inbound, Scope
from chalicelib.web.routes import Routes

EVENTS = Path(__file__).parents[2] / "events"
CONTEXT = SimpleNamespace(function_name="api", aws_request_id="x")


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return found


_GET = sample("api_get")


def event(
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A REST proxy event; a `str` body is sent as it is, anything else as JSON."""
    made = copy.deepcopy(_GET)
    given = {"Host": "127.0.0.1", "Authorization": "Bearer t", **(headers or {})}
    if body is not None and "Content-Type" not in given:
        given["Content-Type"] = "application/json"
    given = {name: value for name, value in given.items() if value}
    made |= {
        "httpMethod": method,
        "path": path,
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} if query else None,
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
    }
    return made


class Reply:
    """An answer taken apart."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.status: int = raw["statusCode"]
        self.headers = {name: values[0] for name, values in raw["multiValueHeaders"].items()}
        self.text: str = raw["body"] or ""

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.json["type"]).rpartition("/")[2]


def call(api: edge.Edge, *arguments: Any, **more: Any) -> Reply:
    return Reply(api(event(*arguments, **more), CONTEXT))


CLERK = Caller("clerk-1", "A", "局", "nanjing", "990100", "city", frozenset({"clerk"}))


class Thing(Inbound):
    """What the small API takes."""

    name: str
    count: int = 1
    parts: list[dict[str, int]] = Field(default_factory=list)


def small_api(
    authenticate: Callable[..., Caller] | None = None,
    authorize: Callable[[Caller, str], Scope] | None = None,
    platform: Any = None,
    **routes: Callable[[Routes], None],
) -> edge.Edge:
    """An API of a few made-up things; every token is the clerk's."""
    made = Routes("物件")

    @made.post("/v1/things", operation="things.make", summary="造")
    def make(body: Thing) -> Answer:
        return Answer(201, {"name": body.name}, version=1, location="/v1/things/1")

    @made.get("/v1/things", operation="things.read", summary="列")
    def show_all(
        kind: Annotated[str | None, Query()] = None,
        limit: Limit = DEFAULT_LIMIT,
        page_token: PageToken = None,
    ) -> Answer:
        start = read_page_token(page_token)
        first = int(str(start["at"])) if start else 0
        after = first + limit
        return listing(list(range(first, after)), {"at": after} if after < 100 else None)

    @made.get("/v1/things/{thing_id}", operation="things.read", summary="看")
    def show(thing_id: int) -> Answer:
        if thing_id == 13:
            raise RuntimeError("身份证 320102199001011234")
        return Answer(200, {"id": thing_id}, version=thing_id)

    @made.patch("/v1/things/{thing_id}", operation="things.change", summary="改")
    def change(thing_id: int, body: Thing) -> Answer:
        return Answer(200, {"on": request.if_match()})

    for add in routes.values():
        add(made)
    return edge.build(
        [made],
        authenticate or (lambda platform, token: CLERK),
        authorize or (lambda caller, operation: Scope.OWN),
        lambda: (
            platform
            or SimpleNamespace(settings=Settings(stage="test", max_body_bytes=2048), keyring=Keys())
        ),
    )


class Keys:
    """A keyring's digest with a key every test shares."""

    def mac(self, purpose: str, *parts: str | bytes) -> bytes:
        import hashlib

        return hashlib.sha256(repr((purpose, parts)).encode()).digest()
