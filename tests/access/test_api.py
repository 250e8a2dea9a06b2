"""The register and the trail over HTTP, with real tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.access.permissions import PERMISSIONS, ROLES
from chalicelib.access.routes import routes
from chalicelib.access.service import authenticate, authorize
from chalicelib.aws.platform import Platform
from chalicelib.web import edge
from chalicelib.web.routes import PUBLIC
from tests.access.build import CITY_BUREAU, Issuer, Time, agency_code, unsigned
from tests.web.build import CONTEXT, Reply, call, sample

pytestmark = pytest.mark.requirement("R-26")


class Http:
    """Calls the API as one client."""

    def __init__(self, platform: Platform, issuer: Issuer) -> None:
        self.api = edge.build([routes], authenticate, authorize, lambda: platform)
        self.issuer = issuer

    def __call__(self, client: str, *arguments: Any, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.issuer.token(client)}"}
        headers |= more.pop("headers", {})
        return call(self.api, *arguments, headers=headers, **more)


@pytest.fixture
def http(platform: Platform, issuer: Issuer) -> Http:
    return Http(platform, issuer)


def test_every_route_names_an_operation_of_the_table() -> None:
    for spec in routes.specs:
        assert spec.operation in PERMISSIONS and spec.operation != PUBLIC, spec.path


def test_without_a_believable_token_every_route_says_401(http: Http) -> None:
    expired = http.issuer.token(exp=1)
    forged = Issuer("ES256").token()
    none = unsigned(http.issuer.claims(), {"alg": "none", "kid": "k1"})
    for spec in routes.specs:
        path = spec.path.replace("{agency_code}", "x").replace("{client_id}", "x")
        for token in ("", f"Bearer {expired}", f"Bearer {forged}", f"Bearer {none}"):
            reply = call(http.api, spec.method, path, headers={"Authorization": token})
            assert (reply.status, reply.code) == (401, "unauthenticated"), (spec, token[:20])


def test_every_role_reaches_exactly_what_the_table_grants(http: Http) -> None:
    for role in ROLES:
        for spec in routes.specs:
            path = spec.path.replace("{agency_code}", "x").replace("{client_id}", "x")
            body = {} if spec.is_write else None
            reply = call(
                http.api,
                spec.method,
                path,
                body,
                headers={"Authorization": f"Bearer {http.issuer.token(f'{role}-1')}"},
            )
            granted = role in PERMISSIONS[spec.operation]
            assert (reply.status != 403) is granted, (role, spec.method, spec.path, reply.text)


def test_me(http: Http) -> None:
    body = http("clerk-county", "GET", "/v1/me").json
    assert body["roles"] == ["clerk"] and body["region"] == "990102"
    assert body["permissions"]["records.submit"] == "own"
    assert "agencies.manage" not in body["permissions"]


def test_the_sample_events_register_and_list(http: Http) -> None:
    code = agency_code(60)
    post = sample("api_post")
    token = f"Bearer {http.issuer.token('credit_office-1')}"
    post["headers"]["Authorization"] = token
    post["body"] = json.dumps({**json.loads(post["body"]), "agency_code": code})
    first = Reply(http.api(post, CONTEXT))
    assert first.status == 201, first.text
    assert first.headers["Location"] == f"/v1/agencies/{code}"
    assert first.headers["ETag"] == '"1"'
    again = Reply(http.api(post, CONTEXT))
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    get = sample("api_get")
    get["headers"]["Authorization"] = token
    listed = Reply(http.api(get, CONTEXT))
    assert code in {agency["agency_code"] for agency in listed.json["items"]}


def test_an_edit_needs_the_current_version(http: Http) -> None:
    path, me = f"/v1/agencies/{CITY_BUREAU}", "credit_office-1"
    etag = http(me, "GET", path).headers["ETag"]
    assert http(me, "PATCH", path, {"name": "新"}).status == 428
    changed = http(me, "PATCH", path, {"name": "新"}, headers={"If-Match": etag})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    stale = http(me, "PATCH", path, {"name": "旧"}, headers={"If-Match": etag})
    assert (stale.status, stale.code) == (412, "stale_version")
    unchanged = http(me, "GET", path, headers={"If-None-Match": '"2"'})
    assert unchanged.status == 304


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"agency_code": "11990100MB0000019X"}, "/agency_code", "unified_code_check_digit"),
        ({"agency_code": "1"}, "/agency_code", "unified_code_length"),
        ({"superior": "1"}, "/superior", "unified_code_length"),
        ({"region": "99"}, "/region", "wrong_format"),
        ({"level": "village"}, "/level", "not_allowed"),
        ({"roles": []}, "/roles", "wrong_length"),
        ({"roles": ["king"]}, "/roles", "unknown_role"),
        ({"name": ""}, "/name", "wrong_length"),
        ({"namee": "x"}, "/namee", "unknown_field"),
    ],
)
def test_bad_agencies_are_refused_by_name(
    http: Http, changed: dict[str, Any], pointer: str, code: str
) -> None:
    body = {
        "agency_code": agency_code(61),
        "name": "局",
        "region": "990100",
        "level": "city",
        "roles": ["clerk"],
        **changed,
    }
    reply = http("credit_office-1", "POST", "/v1/agencies", body)
    assert reply.status == 422, reply.text
    assert [(e["pointer"], e["code"]) for e in reply.json["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"roles": ["subject"]}, "subject_alone"),
        ({"roles": ["subject", "clerk"], "subject_id": "s"}, "subject_alone"),
        ({"subject_id": "s"}, "subject_alone"),
        ({"agency_code": None}, "agency_required"),
    ],
)
def test_bad_clients_are_refused(http: Http, changed: dict[str, Any], code: str) -> None:
    body = {
        "client_id": "c7",
        "name": "七",
        "agency_code": CITY_BUREAU,
        "jurisdiction": "nanjing",
        "roles": ["clerk"],
        **changed,
    }
    reply = http("credit_office-1", "POST", "/v1/clients", body)
    assert [error["code"] for error in reply.json["errors"]] == [code]


def test_clients_over_http(http: Http) -> None:
    body = {
        "client_id": "c8",
        "name": "八",
        "agency_code": CITY_BUREAU,
        "jurisdiction": "nanjing",
        "roles": ["clerk"],
    }
    me = "credit_office-1"
    assert http(me, "POST", "/v1/clients", body).status == 201
    assert http("c8", "GET", "/v1/me").json["agency_code"] == CITY_BUREAU
    changed = http(me, "PATCH", "/v1/clients/c8", {"active": False}, headers={"If-Match": '"1"'})
    assert changed.json["active"] is False
    listed = http("auditor-1", "GET", "/v1/clients", query={"limit": "500"}).json["items"]
    assert "clerk-other" in {client["client_id"] for client in listed}


def test_the_trail_for_the_auditor_and_for_the_subject(
    http: Http, platform: Platform, issuer: Issuer, time: Time
) -> None:
    reader = authenticate(platform, issuer.token("personnel-1"))
    for subject in ("sub_1", "sub_2", "sub_1"):
        audit.record_read(platform, reader, subject, "晋升", "批〔1〕号")
        time.pass_(1)
    page = http("auditor-1", "GET", "/v1/audit", query={"limit": "2"})
    rest = http(
        "auditor-1",
        "GET",
        "/v1/audit",
        query={"limit": "2", "page_token": page.json["next_page_token"]},
    )
    assert [e["seq"] for e in page.json["items"] + rest.json["items"]] == [3, 2, 1]
    by_client = http("auditor-1", "GET", "/v1/audit", query={"client_id": "personnel-1"}).json
    assert len(by_client["items"]) == 3
    by_subject = http("auditor-1", "GET", "/v1/audit", query={"subject_id": "sub_2"}).json
    assert [entry["seq"] for entry in by_subject["items"]] == [2]
    verified = http("auditor-1", "GET", "/v1/audit/verification").json
    assert (verified["intact"], verified["last"]) == (True, 3)
    mine = http("subject-1", "GET", "/v1/me/readers").json["items"]
    assert [entry["purpose"] for entry in mine] == ["晋升", "晋升"]
    assert "client_id" not in mine[0]
    assert http("clerk-1", "GET", "/v1/audit").status == 403
