"""What meets the outside: documents, the gateway's own answers, refusals with a real token."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e.city import licence
from tests.e2e.client import Api, Reply
from tests.e2e.conftest import Run

pytestmark = pytest.mark.e2e
MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}


def problem(reply: Reply) -> tuple[int, str]:
    """Status and code of an answer that must be a problem in Chinese."""
    assert reply.headers["Content-Type"].startswith("application/problem+json"), reply
    assert set(reply.json) == MEMBERS
    assert reply.json["status"] == reply.status
    assert re.search("[一-鿿]", reply.json["title"] + reply.json["detail"])
    return reply.status, reply.code


def test_every_refusal_is_a_problem_whoever_made_it(public: Api, clerk: Api) -> None:
    assert problem(public.get("/v1/records")) == (401, "unauthenticated")
    assert problem(Api(public.base_url, "a.b.c").get("/v1/me"))[0] == 401
    assert problem(public.get("/public/v1/nothing")) == (404, "no_such_path")
    assert problem(clerk.get("/v1/nothing")) == (404, "no_such_path")
    assert problem(public.send("DELETE", "/public/v1/records")) == (405, "method_not_allowed")
    assert problem(clerk.send("PUT", "/v1/records", {})) == (405, "method_not_allowed")
    assert problem(clerk.get("/v1/audit")) == (403, "forbidden")


def test_bad_input_is_told_by_field_and_changes_nothing(run: Run, clerk: Api) -> None:
    sent = licence(run.agency(), decided_on="2999-01-01")
    sent["fields"]["colour"] = "红"
    reply = clerk.post("/v1/records", sent)
    assert problem(reply)[0] == 422
    pointers = {one["pointer"] for one in reply.json["errors"]}
    assert {"/fields/decided_on", "/fields/colour"} <= pointers


def test_head_is_answered_without_a_body(public: Api) -> None:
    for path in ("/openapi.json", "/public/v1/records"):
        reply = public.send("HEAD", path)
        assert (reply.status, reply.body) == (200, b""), path


def test_the_document_and_its_pages_are_served(public: Api) -> None:
    reply = public.get("/openapi.json")
    document = reply.json
    assert document["openapi"].startswith("3.1")
    assert {"/v1/records", "/public/v1/records"} <= set(document["paths"])
    page = public.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "/v1/records" in page.body.decode()
    codes = document["x-error-codes"]
    assert len(codes) > 20
    assert codes["forbidden"]["title"] in public.get("/docs/errors/forbidden").body.decode()
    assert public.get("/openapi.json", If_None_Match=reply.headers.get("ETag", '""')).status in (
        200,
        304,
    )


def test_who_may_do_what_comes_from_the_register(run: Run) -> None:
    for role in ("clerk", "credit_office", "auditor", "subject"):
        told = run.api(role).get("/v1/me").json
        assert told["roles"] == [role]
    assert "records.submit" not in json.dumps(run.api("auditor").get("/v1/me").json)
