"""The edge: order of checks, bad input, conditional requests, headers, the log line."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    GovcreditError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from chalicelib.web import edge
from chalicelib.web.model import Answer, Caller, Scope
from chalicelib.web.routes import Routes
from tests.web.build import CLERK, CONTEXT, Reply, call, event, small_api

MEMBERS = ["type", "title", "status", "detail", "instance", "errors"]


def assert_problem(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.code) == (status, code), reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    body = reply.json
    assert list(body) == MEMBERS
    assert body["status"] == status
    assert body["instance"] == f"urn:request:{reply.headers['X-Request-Id']}"
    for text in (body["title"], body["detail"], *(error["message"] for error in body["errors"])):
        assert any("\u4e00" <= character <= "\u9fff" for character in text), text
    for error in body["errors"]:
        assert list(error) == ["pointer", "code", "message"]


def test_a_good_request_is_answered() -> None:
    reply = call(small_api(), "POST", "/v1/things", {"name": "甲"})
    assert (reply.status, reply.json) == (201, {"name": "甲"})
    assert reply.headers["ETag"] == '"1"'
    assert reply.headers["Location"] == "/v1/things/1"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Request-Id"]
    assert "RateLimit-Policy" not in reply.headers


BAD_BODIES = [
    ("{", 400, "not_json", {}),
    ("nicht json", 400, "not_json", {}),
    ('{"name": NaN}', 400, "not_json", {}),
    ('{"name": "a", "name": "b"}', 400, "not_json", {}),
    ('{"name": "\\ud800"}', 400, "not_json", {}),
    ('{"count": ' + "9" * 1900 + "1234567890" * 1 + "}", 422, "invalid", {}),
    ("[" * 1500, 400, "not_json", {}),
    ('{"name": "甲"}', 415, "unsupported_media_type", {"Content-Type": "text/plain"}),
    (
        '{"name": "甲"}',
        415,
        "unsupported_media_type",
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
    (
        '{"name": "甲"}',
        415,
        "unsupported_media_type",
        {"Content-Type": "application/json; charset=gbk"},
    ),
    (" " * 2049, 413, "too_large", {}),
    ("文" * 700, 413, "too_large", {}),
]


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("body", "status", "code", "headers"), BAD_BODIES, ids=lambda v: str(v)[:20]
)
def test_unreadable_bodies(body: str, status: int, code: str, headers: dict[str, str]) -> None:
    assert_problem(call(small_api(), "POST", "/v1/things", body or None, headers), status, code)


def test_an_empty_body_with_a_type_is_not_json() -> None:
    headers = {"Content-Type": "application/json"}
    assert_problem(call(small_api(), "POST", "/v1/things", "", headers), 400, "not_json")


def test_deep_nesting_is_refused_not_survived() -> None:
    api = small_api(deep=_any_body)
    body = '{"value": ' + "[" * 900 + "]" * 900 + "}"
    assert call(api, "POST", "/v1/deep", body).status in (200, 400, 422)


def _any_body(routes: Routes) -> None:
    @routes.post("/v1/deep", operation="things.make", summary="深")
    def deep(body: dict[str, object]) -> Answer:
        return Answer(200, {})


def test_a_body_in_base64_is_read_as_it_was() -> None:
    made = event("POST", "/v1/things", {"name": "甲"})
    made["body"] = base64.b64encode(made["body"].encode()).decode()
    made["isBase64Encoded"] = True
    assert small_api()(made, CONTEXT)["statusCode"] == 201
    made["body"] = "***"
    assert_problem(Reply(small_api()(made, CONTEXT)), 400, "malformed")
    made["body"] = base64.b64encode(b'{"name": "\xff"}').decode()
    assert_problem(Reply(small_api()(made, CONTEXT)), 400, "not_json")


@pytest.mark.requirement("R-02")
def test_every_fault_has_its_pointer_rule_and_chinese_message() -> None:
    body = {"count": "x", "parts": [{"a": 1}, {"b/c~d": "z"}], "extra": 1}
    reply = call(small_api(), "POST", "/v1/things", body)
    assert_problem(reply, 422, "invalid")
    assert {(error["pointer"], error["code"]) for error in reply.json["errors"]} == {
        ("/name", "required"),
        ("/count", "wrong_type"),
        ("/parts/1/b~1c~0d", "wrong_type"),
        ("/extra", "unknown_field"),
    }


@pytest.mark.parametrize(
    ("path", "query", "pointer", "code"),
    [
        ("/v1/things", {"limit": "501"}, "/query/limit", "out_of_range"),
        ("/v1/things", {"limit": "x"}, "/query/limit", "wrong_type"),
        ("/v1/things", {"limt": "5"}, "/query/limt", "unknown_field"),
        ("/v1/things/x", None, "/path/thing_id", "wrong_type"),
    ],
)
def test_bad_parameters_are_named(
    path: str, query: dict[str, str] | None, pointer: str, code: str
) -> None:
    reply = call(small_api(), "GET", path, query=query)
    assert_problem(reply, 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in reply.json["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null"])
def test_a_body_that_is_no_object_is_invalid(body: str) -> None:
    assert_problem(call(small_api(), "POST", "/v1/things", body), 422, "invalid")


def test_unknown_paths_and_methods() -> None:
    api = small_api()
    assert_problem(call(api, "GET", "/v1/nothing"), 404, "no_such_path")
    reply = call(api, "DELETE", "/v1/things")
    assert_problem(reply, 405, "method_not_allowed")
    assert reply.headers["Allow"] == "GET, POST"


def refuse(*_: object) -> Any:
    raise Unauthenticated()


def forbid(*_: object) -> Any:
    raise Forbidden()


@pytest.mark.requirement("R-26")
def test_who_comes_first_then_where_then_whether_then_what() -> None:
    nobody = small_api(authenticate=refuse)
    for method, path in (("POST", "/v1/things"), ("GET", "/v1/nothing"), ("PUT", "/v1/things")):
        reply = call(nobody, method, path, "{")
        assert_problem(reply, 401, "unauthenticated")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    stranger = small_api(authorize=forbid)
    assert_problem(call(stranger, "POST", "/v1/things", "{"), 403, "forbidden")
    assert_problem(call(stranger, "GET", "/v1/nothing"), 404, "no_such_path")


@pytest.mark.parametrize("header", ["", "t", "Basic dDp0", "Bearer", "Bearer a b", "Bearer ü"])
@pytest.mark.requirement("R-26")
def test_without_a_bearer_token_nobody_is_asked(header: str) -> None:
    asked: list[str] = []

    def authenticate(platform: object, token: str) -> Caller:
        asked.append(token)
        return CLERK

    reply = call(small_api(authenticate), "GET", "/v1/things", headers={"Authorization": header})
    assert_problem(reply, 401, "unauthenticated")
    assert asked == []


def test_an_unforeseen_error_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reply = call(small_api(), "GET", "/v1/things/13")
    assert_problem(reply, 500, "internal")
    logged = capsys.readouterr().out
    assert "320102199001011234" not in reply.text + logged
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["message"] for line in lines] == ["request_failed", "request_done"]
    assert lines[0]["error"] == "RuntimeError"
    assert any("build.py" in place for place in lines[0]["places"])


@pytest.mark.requirement("R-26")
def test_the_log_line_names_the_route_and_nothing_of_the_content(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call(small_api(), "GET", "/v1/things/7", headers={"If-None-Match": '"7"'})
    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "request_done"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/things/{thing_id}", 304)
    assert line["aws_calls"] == 0 and line["ms"] >= 0
    assert "/v1/things/7" not in json.dumps(line)


def test_a_known_version_is_not_sent_again() -> None:
    api = small_api()
    for header in ('"7"', 'W/"7"', '"1", "7"', "*"):
        reply = call(api, "GET", "/v1/things/7", headers={"If-None-Match": header})
        assert (reply.status, reply.text, reply.headers["ETag"]) == (304, "", '"7"')
        assert "Content-Type" not in reply.headers
    assert call(api, "GET", "/v1/things/7", headers={"If-None-Match": '"6"'}).status == 200


def test_head_is_get_without_a_body() -> None:
    reply = call(small_api(), "HEAD", "/v1/things/7")
    assert (reply.status, reply.text, reply.headers["ETag"]) == (200, "", '"7"')


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 428, "precondition_required"),
        ("*", 428, "precondition_required"),
        ('W/"3"', 412, "stale_version"),
        ('"abc"', 412, "stale_version"),
        ('"3-"', 412, "stale_version"),
        ('"3-x y"', 400, "etag_malformed"),
        ('"-9f"', 412, "stale_version"),
        ('"' + "9" * 40 + '"', 412, "stale_version"),
        ("3", 400, "etag_malformed"),
        ('"3", "4"', 400, "etag_malformed"),
    ],
)
def test_edits_need_the_version_they_are_based_on(header: str, status: int, code: str) -> None:
    reply = call(small_api(), "PATCH", "/v1/things/1", {"name": "x"}, {"If-Match": header})
    assert_problem(reply, status, code)


@pytest.mark.parametrize("tag", ['"3"', '"3-09af"'])
def test_if_match_gives_the_version_whatever_else_the_tag_tells(tag: str) -> None:
    reply = call(small_api(), "PATCH", "/v1/things/1", {"name": "x"}, {"if-match": tag})
    assert reply.json == {"on": 3}


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (TooManyRequests(retry_after=7), "7"),
        (TooManyRequests(), "5"),
        (Unavailable(), "5"),
        (Conflict(), None),
    ],
)
def test_retry_after(error: GovcreditError, seconds: str | None) -> None:
    def failing(routes: Routes) -> None:
        @routes.get("/v1/failing", operation="x", summary="败")
        def fail() -> Answer:
            raise error

    reply = call(small_api(failing=failing), "GET", "/v1/failing")
    assert_problem(reply, error.status, error.code)
    assert reply.headers.get("Retry-After") == seconds


def public(*paths: str) -> edge.Edge:
    routes = Routes("公开")
    for path in paths:
        routes.get(path, operation="public", summary="看")(
            lambda: Answer(200, {"a": 1}, version="v1", cache_seconds=20)
        )
    return edge.build([routes], None, None, lambda: None)  # type: ignore[arg-type,return-value]


def test_public_answers_state_quota_and_lifetime() -> None:
    api = public("/public/v1/a")
    reply = call(api, "GET", "/public/v1/a", headers={"Authorization": ""})
    assert reply.status == 200
    assert reply.headers["Cache-Control"] == "public, max-age=20"
    assert reply.headers["RateLimit-Policy"] == edge.RATE_LIMIT_POLICY
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    again = call(api, "GET", "/public/v1/a", headers={"If-None-Match": '"v1"'})
    assert (again.status, again.headers["Cache-Control"]) == (304, "public, max-age=20")
    assert_problem(call(api, "GET", "/public/v1/b"), 404, "no_such_path")


def test_a_page_of_another_website_may_send_what_public_routes_take() -> None:
    asked = {"Origin": "https://credit.example.org", "Access-Control-Request-Method": "POST"}
    reply = call(public("/public/v1/a"), "OPTIONS", "/public/v1/a", headers=asked)
    assert (reply.status, reply.text) == (204, "")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    allowed = reply.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Content-Type", "Idempotency-Key"} <= set(allowed)
    # Nobody sends a token from another website's page.
    assert "Authorization" not in allowed
    assert call(small_api(), "OPTIONS", "/v1/things").status == 405


def test_what_a_route_must_declare() -> None:
    routes = Routes("物")
    with pytest.raises(ValueError, match="declares"):
        routes.get("/v1/x", operation="", summary="看")
    with pytest.raises(ValueError, match="declares"):
        routes.get("/v1/x", operation="x", summary="")
    routes.get("/v1/x", operation="things.read", summary="看")(lambda: Answer(200))
    with pytest.raises(ValueError, match="public"):
        edge.build([routes], None, None, lambda: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="twice"):
        edge.build([routes, routes], refuse, forbid, lambda: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("authorized", [Scope.OWN, Scope.ALL])
def test_the_handler_sees_who_and_how_far(authorized: Scope) -> None:
    from chalicelib.web import request

    seen: list[object] = []

    def looking(routes: Routes) -> None:
        @routes.get("/v1/me", operation="me.read", summary="我")
        def me() -> Answer:
            seen.extend([request.caller(), request.scope(), request.request_id()])
            return Answer(204)

    api = small_api(authorize=lambda caller, operation: authorized, looking=looking)
    reply = call(api, "GET", "/v1/me")
    assert reply.status == 204 and reply.text == ""
    assert seen == [CLERK, authorized, reply.headers["X-Request-Id"]]
    with pytest.raises(LookupError):
        request.caller()
