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


@pytest.mark.requirement("R-01")
def test_what_changes_for_whom_between_two_versions(http: Http) -> None:
    versions = http(CLERK, "GET", "/v1/catalog").json["versions"]
    reply = http(CLERK, "GET", "/v1/catalog/changes", query={"from": versions[0]})
    assert reply.status == 200, reply.text
    assert (reply.json["before"], reply.json["after"]) == (versions[0], versions[-1])
    told = {(one["affects"], one["text"]) for one in reply.json["changes"]}
    assert ("public", "新增公开的信息“统计造假”") in told
    assert ("reporters", "新增信息类型“采购人失信”，由财政部门报送") in told
    etag = {"If-None-Match": reply.headers["ETag"]}
    same = {"from": versions[0], "to": versions[-1]}
    again = http(CLERK, "GET", "/v1/catalog/changes", query=same, headers=etag)
    assert again.status == 304
    nothing = {"from": versions[-1], "to": versions[-1]}
    assert http(CLERK, "GET", "/v1/catalog/changes", query=nothing).json["changes"] == []
    missing = http(CLERK, "GET", "/v1/catalog/changes", query={"from": "1999-01-01"})
    assert (missing.status, missing.code) == (404, "unknown_policy")
    assert http(CLERK, "GET", "/v1/catalog/changes").status == 422


@pytest.mark.requirement("R-71", "R-46")
def test_what_the_document_sets_out_beyond_the_catalog(http: Http) -> None:
    reply = http(CLERK, "GET", "/v1/policy")
    assert reply.status == 200, reply.text
    states = {one["code"]: one["state"] for one in reply.json["mechanisms"]}
    assert (states["leads"], states["objection"]) == ("own", "base")
    for section in ("areas", "classes", "conduct", "supervision", "tasks", "registers"):
        assert isinstance(reply.json[section], list)
    decisions = [one for one in reply.json["registers"] if one["code"] == "major_decisions"]
    assert [step["title"] for step in decisions[0]["steps"]][-1] == "集体讨论决定"
    pinned = http(CLERK, "GET", "/v1/policy", query={"version": "2024-01-01"})
    states = {one["code"]: one["state"] for one in pinned.json["mechanisms"]}
    assert states["leads"] == "off"


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
    with_content = [spec for spec in http.api.specs if any(spec.answers.values())]
    assert checked == len(with_content) + 1  # registering answers 200 and 201
    shown = document["paths"]["/v1/records/{record_id}"]["get"]["parameters"]
    names = {str(one.get("name")).lower() for one in shown}
    assert {"purpose-code", "approval-reference"} <= names
