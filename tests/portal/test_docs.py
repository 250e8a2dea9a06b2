"""The pages of the API document: every operation, every code, nothing unescaped."""

from __future__ import annotations

from typing import Any

import pytest

import app
from chalicelib.portal import openapi_pages, routes_docs
from chalicelib.portal.refusals import refusal_page
from chalicelib.portal.routes_docs import routes
from chalicelib.web import document as documents
from chalicelib.web import edge, openapi
from tests.portal.pages import Page, hold_to_the_house
from tests.web.build import Reply, call


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document(app.public_api, app.leads_api)


@pytest.fixture(autouse=True)
def packaged(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "packaged_document", lambda: document)
    routes_docs._groups.cache_clear()


def get(path: str) -> Reply:
    def unused() -> Any:
        raise AssertionError

    api = edge.build([routes], None, None, unused, refusal_page=refusal_page)
    return call(api, "GET", path, headers={"Authorization": ""})


def held(path: str) -> Page:
    reply = get(path)
    assert reply.status == 200, path
    found = Page(reply.text)
    hold_to_the_house(found)
    return found


def test_the_page_lists_every_operation_and_leads_to_it(document: dict[str, Any]) -> None:
    page = held("/docs")
    count = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert f"<code>{path}</code>" in page.html and operation["summary"] in page.text
            assert f"/docs/operations/{operation['operationId']}" in page.links()
            count += 1
    assert count > 15 and "/openapi.json" in page.links()


def test_an_operation_tells_parameters_examples_and_refusals(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            page = held(f"/docs/operations/{operation['operationId']}")
            assert f"{method.upper()} " in page.text and path in page.text
            for status in operation["responses"]:
                assert status in page.text, (path, status)
    page = held("/docs/operations/post_public_v1_leads")
    assert "7K3D-9QHM" in page.text and "attachments[].title" in page.text
    assert '"unified_code": "11990100MB0000019L"' in page.text
    assert "Idempotency-Key" in page.text and "公开，不需要令牌" in page.text


def test_every_code_has_a_page(document: dict[str, Any]) -> None:
    for code, told in document["x-error-codes"].items():
        page = Page(get(f"/docs/errors/{code}").text)
        assert told["remedy"] in page.html or told["remedy"] in page.text, code
    for path in ("/docs/errors/unheard_of", "/docs/operations/unheard_of"):
        assert get(path).status == 404
    assert get("/docs/errors/<script>").status in (404, 422)


def test_what_is_shown_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"title": "<b>", "cause": "<i>", "remedy": "&", "status": 400}
    monkeypatch.setattr(documents, "packaged_document", lambda: {"x-error-codes": {"c": told}})
    text = get("/docs/errors/c").text
    assert "<b>" not in text and "&lt;b&gt;" in text and "<i>" not in text


def test_fields_within_fields_end_where_they_would_begin_again() -> None:
    node = {"title": "Node", "properties": {"down": {"$ref": "#/node"}, "n": {"type": "integer"}}}
    rows = list(openapi_pages.fields({"node": node}, {"$ref": "#/node"}))
    assert [row.name for row in rows] == ["down", "n"]
