"""Page tokens: opaque, signed, bound to route, query and caller."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.web import edge
from chalicelib.web.answer import DEFAULT_LIMIT, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes
from tests.web.build import CLERK, call, small_api

PATH = "/v1/things"


def test_pages_follow_each_other_to_the_end() -> None:
    api, seen, token, pages = small_api(), [], None, 0
    while True:
        query = {"limit": "30", **({"page_token": token} if token else {})}
        reply = call(api, "GET", PATH, query=query)
        seen += reply.json["items"]
        token, pages = reply.json["next_page_token"], pages + 1
        if token is None:
            assert "Link" not in reply.headers
            break
        assert reply.headers["Link"] == f'<{PATH}?limit=30&page_token={token}>; rel="next"'
    assert pages == 4 and seen == list(range(120))


def first_token(api: edge.Edge, **query: str) -> str:
    token = call(api, "GET", PATH, query=query or None).json["next_page_token"]
    assert isinstance(token, str)
    return token


@pytest.mark.parametrize(
    "damage",
    [
        lambda token: token[:-4],
        lambda token: "A" + token[1:] if token[0] != "A" else "B" + token[1:],
        lambda token: token + "AAAA",
        lambda token: "x",
        lambda token: "!!!!",
        lambda token: "AAAA" * 12,
        lambda token: "文",
    ],
)
def test_a_damaged_token_is_refused(damage: Any) -> None:
    api = small_api()
    reply = call(api, "GET", PATH, query={"page_token": damage(first_token(api))})
    assert (reply.status, reply.code) == (400, "page_token")


def test_a_token_belongs_to_its_query_and_caller() -> None:
    api = small_api()
    token = first_token(api, kind="a")
    assert call(api, "GET", PATH, query={"kind": "a", "page_token": token}).status == 200
    more = {"kind": "a", "page_token": token, "limit": "5"}
    assert call(api, "GET", PATH, query=more).status == 200  # the size of a page may change
    for query in ({"kind": "b", "page_token": token}, {"page_token": token}):
        assert call(api, "GET", PATH, query=query).code == "page_token"
    other = small_api(authenticate=lambda platform, found: replace(CLERK, client_id="clerk-2"))
    assert call(other, "GET", PATH, query={"kind": "a", "page_token": token}).code == "page_token"


def test_public_tokens_work_without_any_key() -> None:
    def api() -> edge.Edge:
        routes = Routes("公开")

        @routes.get("/public/v1/a", operation="public", summary="甲")
        def a(page_token: PageToken = None) -> Answer:
            start = read_page_token(page_token)
            return listing([start], {"at": DEFAULT_LIMIT})

        @routes.get("/public/v1/b", operation="public", summary="乙")
        def b(page_token: PageToken = None) -> Answer:
            return listing([read_page_token(page_token)], None)

        return edge.build([routes], None, None, lambda: None)  # type: ignore[arg-type,return-value]

    token = call(api(), "GET", "/public/v1/a").json["next_page_token"]
    again = call(api(), "GET", "/public/v1/a", query={"page_token": token})
    assert again.json["items"] == [{"at": DEFAULT_LIMIT}]
    misplaced = call(api(), "GET", "/public/v1/b", query={"page_token": token})
    assert (misplaced.status, misplaced.code) == (400, "page_token")
