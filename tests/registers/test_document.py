"""The document tells of the registers what they answer."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

import app
from chalicelib.web import openapi
from tests.registers.town import HOUSING, Town, caller, office


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document(app.private_api, app.public_api)


def contents(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every JSON body and answer of these routes."""
    return [
        (f"{method} {path} {status}", content)
        for path, operations in document["paths"].items()
        if path.startswith("/v1/registers")
        for method, operation in operations.items()
        for status, answer in [
            ("body", operation.get("requestBody", {})),
            *((code, found) for code, found in operation["responses"].items() if code < "3"),
        ]
        for content in answer.get("content", {}).values()
    ]


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    found = contents(document)
    assert len(found) > 15
    for place, content in found:
        schema = {**content["schema"], "components": document["components"]}
        try:
            jsonschema.validate(content["example"], schema)
        except jsonschema.ValidationError as error:
            pytest.fail(f"{place}: {error.message}")


def test_answers_fit_what_the_document_says(town: Town, document: dict[str, Any]) -> None:
    entry = town.create(caller(HOUSING), "decisions", title="某某规划", kind="plan")
    town.assign("archive", [HOUSING])
    town(office(), "POST", "/tasks/entries/archive/supervision",
         {"message": "请说明原因", "working_days": 3})  # fmt: skip
    for who, path in (
        (caller(HOUSING), ""),
        (caller(HOUSING), "/decisions"),
        (caller(HOUSING), "/decisions/entries"),
        (caller(HOUSING), f"/decisions/entries/{entry['entry_id']}"),
        (caller(HOUSING), "/tasks/entries/archive"),
        (office(), "/coverage/summary"),
        (office(), "/tasks/summary"),
    ):
        template = "/v1/registers" + re.sub(r"^/\w+", "/{register}", path)
        template = re.sub(r"/entries/\w+$", "/entries/{entry_id}", template)
        answer = document["paths"][template]["get"]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        shown = town(who, "GET", path).json
        jsonschema.validate(shown, {**schema, "components": document["components"]})
