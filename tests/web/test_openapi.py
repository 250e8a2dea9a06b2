"""The document is valid, complete and true; every error code has its page."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from chalicelib.access.routes import routes as access_routes
from chalicelib.kernel import errors, keyring
from chalicelib.kernel.errors import GovcreditError
from chalicelib.replica.routes import routes as replica_routes
from chalicelib.web import docs, edge, openapi, problem
from chalicelib.web.error_pages import ErrorPage, pages_by_code
from chalicelib.web.routes import PUBLIC, Routes
from tests.web.build import call, sample


def apis() -> tuple[edge.Edge, edge.Edge]:
    def unused(*_: Any) -> Any:
        raise AssertionError

    pages = Routes("网页")
    pages.get("/page", operation=PUBLIC, summary="页", media_type="text/html")(unused)
    private = edge.build([access_routes], unused, unused, unused)
    return private, edge.build([docs.routes, pages], None, None, unused)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document(*apis())


@pytest.fixture
def public(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> edge.Edge:
    monkeypatch.setattr(docs, "packaged_text", lambda: json.dumps(document, ensure_ascii=False))
    return apis()[1]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
    ]


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_described(document: dict[str, Any]) -> None:
    specs = [spec for api in apis() for spec in api.specs]
    wanted = {(spec.path, spec.method.lower()) for spec in specs if not spec.is_page}
    assert len(wanted) < len(specs), "pages for people are none of it"
    assert {(path, method) for path, method, _ in operations(document)} == wanted
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        assert operation["tags"] and _is_chinese(operation["summary"]), place
        assert _is_chinese(operation["description"]), place
        assert {"400", "429", "500", "503"} <= set(operation["responses"]), place
        assert any(status.startswith("2") for status in operation["responses"]), place
        assert "security" in operation and "x-operation" in operation, place
        if operation["security"]:
            assert {"401", "403"} <= set(operation["responses"]), place
        if "requestBody" in operation:
            assert {"413", "415", "422"} <= set(operation["responses"]), place
        if method == "patch":
            assert {"412", "428"} <= set(operation["responses"]), place


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text) or "OpenAPI" in text


def _resolved(document: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    found: Any = document
    if "$ref" not in entry:
        return entry
    for part in entry["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for path, method, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in _resolved(document, body).get("content", {}).values():
                if "example" not in content:
                    continue
                schema = {**content["schema"], "components": document["components"]}
                try:
                    jsonschema.validate(content["example"], schema)
                except jsonschema.ValidationError as error:
                    pytest.fail(f"{method} {path}: {error.message}")
                checked += 1
    assert checked > 50


def test_json_answers_and_bodies_carry_examples(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        bodies = [operation.get("requestBody", {})]
        bodies += [answer for status, answer in operation["responses"].items() if status < "3"]
        for body in bodies:
            for kind, content in body.get("content", {}).items():
                if kind == "application/json" and path != "/openapi.json":
                    assert "example" in content, f"{method} {path}"


def test_two_apis_cannot_serve_one_path() -> None:
    private, _ = apis()
    with pytest.raises(ValueError, match="two APIs"):
        openapi.document(private, private)


def test_the_document_is_served_and_kept_shortly(public: edge.Edge) -> None:
    reply = call(public, "GET", "/openapi.json", headers={"Authorization": ""})
    assert reply.status == 200 and reply.json["openapi"].startswith("3.1")
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.headers["Cache-Control"] == "public, max-age=30"


def classes(root: type[GovcreditError]) -> list[type[GovcreditError]]:
    return [root, *(found for child in root.__subclasses__() for found in classes(child))]


def test_every_error_class_is_documented() -> None:
    assert errors and keyring and problem  # imported, so that their classes exist
    pages = pages_by_code([*access_routes.error_pages, *replica_routes.error_pages])
    for found in classes(GovcreditError):
        if found.__module__.startswith("chalicelib."):
            assert found.code in pages, found
            assert pages[found.code].status == found.status, found


def test_one_code_has_one_page() -> None:
    with pytest.raises(ValueError, match="twice"):
        pages_by_code([ErrorPage("x", 422, "一", "", ""), ErrorPage("x", 422, "二", "", "")])
    assert pages_by_code([ErrorPage("invalid", 422, "另", "", "")])["invalid"].title == "另"


def test_the_public_sample_event_is_a_public_request(public: edge.Edge) -> None:
    found = sample("public_get")
    assert "Authorization" not in found["headers"]
    answer = public(found, None)
    assert answer["statusCode"] == 404  # the records are another room's
