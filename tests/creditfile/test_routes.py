"""The catalog over HTTP, and what the routes of this room declare."""

from __future__ import annotations

import jsonschema
import pytest
from openapi_spec_validator import validate

from chalicelib.access.permissions import PERMISSIONS
from chalicelib.creditfile.routes import routes
from chalicelib.policy.routes import routes as catalog_routes
from chalicelib.web import openapi
from tests.creditfile.town import (
    CLERK,
    Http,
)

# -- the catalog --------------------------------------------------------------------------------


@pytest.mark.requirement("R-01")
def test_the_catalog_of_the_caller_s_jurisdiction_and_its_versions(http: Http) -> None:
    reply = http(CLERK, "GET", "/v1/catalog")
    assert reply.status == 200, reply.text
    found = reply.json
    assert found["version"] == found["versions"][-1] and len(found["types"]) >= 8
    assert reply.headers["ETag"] == f'"{found["digest"]}"'
    etag = {"If-None-Match": reply.headers["ETag"]}
    assert http(CLERK, "GET", "/v1/catalog", headers=etag).status == 304
    licence = http(CLERK, "GET", "/v1/catalog/administrative_licence").json
    assert licence["category"]["title"] == "双公示"
    assert licence["type"] in found["types"]
    pinned = http(CLERK, "GET", "/v1/catalog", query={"version": found["versions"][0]})
    assert pinned.json["version"] == found["versions"][0]
    unknown = http(CLERK, "GET", "/v1/catalog/no_such_type")
    assert (unknown.status, unknown.code) == (404, "unknown_record_type")
    missing = http(CLERK, "GET", "/v1/catalog", query={"version": "1999-01-01"})
    assert (missing.status, missing.code) == (404, "unknown_policy")
    assert http(CLERK, "GET", "/v1/catalog", query={"version": "x"}).status == 422


# -- the routes themselves ----------------------------------------------------------------------


def test_every_route_names_an_operation_and_every_code_has_its_page(http: Http) -> None:
    for spec in (*routes.specs, *catalog_routes.specs):
        assert spec.operation in PERMISSIONS, spec.path
    codes = {page.code for page in routes.error_pages}
    assert {"outside_scope", "subject_exists", "not_registered", "approval_required"} <= codes
    assert len(codes) == len(routes.error_pages)


def test_the_document_describes_every_route_with_an_example_that_fits(http: Http) -> None:
    document = openapi.document(http.api)
    validate(document)
    parts = document["components"]
    checked = 0
    for found in document["paths"].values():
        for operation in found.values():
            for status in ("200", "201"):
                answer = operation["responses"].get(status)
                if answer is not None:
                    content = answer["content"]["application/json"]
                    schema = {**content["schema"], "components": parts}
                    jsonschema.validate(content["example"], schema)
                    checked += 1
    assert checked == len(http.api.specs) + 1  # registering answers 200 and 201
    shown = document["paths"]["/v1/records/{record_id}"]["get"]["parameters"]
    names = {str(one.get("name")).lower() for one in shown}
    assert {"purpose-code", "approval-reference"} <= names
