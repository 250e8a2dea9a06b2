"""Genuine codes that fail their check: an audited list with reasons, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.access.exceptions import KEPT_SECONDS, allowed_codes
from chalicelib.access.routes import routes
from chalicelib.access.routes_exceptions import routes as exception_routes
from chalicelib.access.service import authenticate, authorize
from chalicelib.aws.platform import Platform
from chalicelib.kernel.codes import unified_code_fault
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.access.build import Issuer, Time, agency_code
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-10")

PILOT = "91350100M0001TGQXM"
ENTRY = {
    "unified_code": PILOT,
    "name": "示例有限公司",
    "reason": "试点期间赋码，校验位与标准不符",
    "evidence": "营业执照副本已核验，登记机关复函",
}
OFFICE, CLERK = "credit_office-1", "clerk-1"


class Http:
    """Calls the API as one client."""

    def __init__(self, platform: Platform, issuer: Issuer) -> None:
        found = [routes, exception_routes]
        self.api = edge.build(found, authenticate, authorize, lambda: platform)
        self.issuer = issuer

    def __call__(self, client: str, *arguments: Any, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.issuer.token(client)}"}
        headers |= more.pop("headers", {})
        return call(self.api, *arguments, headers=headers, **more)


@pytest.fixture
def http(platform: Platform, issuer: Issuer) -> Http:
    return Http(platform, issuer)


def add(http: Http, **changes: str) -> Reply:
    return http(OFFICE, "POST", "/v1/code-exceptions", {**ENTRY, **changes})


def revoke(http: Http, version: int, reason: str = "登记机关已换发新代码") -> Reply:
    path = f"/v1/code-exceptions/{PILOT}/revocation"
    return http(OFFICE, "POST", path, {"reason": reason}, headers={"If-Match": f'"{version}"'})


def test_the_credit_office_lists_a_code_with_reason_and_evidence(
    http: Http, platform: Platform
) -> None:
    assert PILOT not in allowed_codes(platform)
    reply = add(http)
    assert (reply.status, reply.json["active"], reply.json["version"]) == (201, True, 1)
    assert add(http).status == 200  # the same again
    assert add(http, reason="另一个理由").status == 409
    listed = http(CLERK, "GET", "/v1/code-exceptions")
    assert [one["unified_code"] for one in listed.json["items"]] == [PILOT]
    assert listed.json["items"][0]["evidence"] == ENTRY["evidence"]
    assert http(CLERK, "GET", f"/v1/code-exceptions/{PILOT}").json["reason"] == ENTRY["reason"]
    assert http(CLERK, "POST", "/v1/code-exceptions", ENTRY).status == 403


def test_every_change_is_in_the_audit_trail(http: Http, platform: Platform) -> None:
    add(http)
    revoke(http, 1)
    page = audit.list_readers(platform, f"code:{PILOT}", 10, None)
    entries = [audit.entry_from(item) for item in page.items]
    assert sorted(entry.action for entry in entries) == [
        "add_code_exception",
        "revoke_code_exception",
    ]
    assert any(ENTRY["reason"] in entry.purpose for entry in entries)
    assert any("登记机关已换发新代码" in entry.purpose for entry in entries)


def test_a_listed_code_passes_within_a_minute_and_a_revoked_one_no_longer(
    http: Http, platform: Platform, time: Time
) -> None:
    allowed = allowed_codes(platform)
    assert unified_code_fault(PILOT, allowed) == "unified_code_check_digit"
    add(http)
    time.pass_(KEPT_SECONDS)
    assert unified_code_fault(PILOT, allowed) is None
    assert unified_code_fault("91350211M0000XUF46", allowed) == "unified_code_check_digit"
    assert revoke(http, 2).status == 412
    assert revoke(http, 1).json["active"] is False
    assert revoke(http, 1).status == 200  # the answer got lost
    assert revoke(http, 1, "另一个理由").status == 409
    time.pass_(KEPT_SECONDS)
    assert unified_code_fault(PILOT, allowed) == "unified_code_check_digit"
    again = add(http)
    assert (again.status, again.json["version"], again.json["active"]) == (201, 3, True)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91110000600037341L", "code_is_valid"),
        ("9135010", "unified_code_length"),
        ("91350100M0001TGQZM", "unified_code_alphabet"),
        ("01350100M0001TGQXM", "unified_code_department"),
        ("00000000000000000X", "unified_code_sentinel"),
        ("329900198501014514", "citizen_code_form"),
        ("329900199003071231", "citizen_code_form"),
    ],
)
def test_only_the_check_can_be_excused(http: Http, code: str, fault: str) -> None:
    reply = add(http, unified_code=code)
    assert reply.status == 422
    assert [one["code"] for one in reply.json["errors"]] == [fault]


def test_a_listed_code_may_be_an_agency_s(http: Http, platform: Platform, time: Time) -> None:
    body = {
        "agency_code": PILOT,
        "name": "示例市投资公司",
        "region": "990100",
        "level": "city",
        "roles": ["clerk"],
    }
    refused = http(OFFICE, "POST", "/v1/agencies", body)
    assert refused.json["errors"][0]["code"] == "unified_code_check_digit"
    add(http)
    time.pass_(KEPT_SECONDS)
    assert http(OFFICE, "POST", "/v1/agencies", body).status == 201
    below = {**body, "agency_code": agency_code(71), "superior": PILOT}
    assert http(OFFICE, "POST", "/v1/agencies", below).status == 201


def test_another_region_s_office_does_not_revoke_it(http: Http, platform: Platform) -> None:
    add(http)
    path = f"/v1/code-exceptions/{PILOT}/revocation"
    sent: dict[str, Any] = {"reason": "与本地无关"}
    elsewhere = Caller(
        "office-x", agency_code(9), "别的市信用办", "nanjing", "990200", "city",
        frozenset({"credit_office"}),
    )
    api = edge.build([exception_routes], lambda _, token: elsewhere, authorize, lambda: platform)
    assert call(api, "POST", path, sent, {"If-Match": '"1"'}).status == 403
    assert call(api, "POST", "/v1/code-exceptions", ENTRY).status == 409


def test_a_good_code_never_costs_a_look_at_the_list(platform: Platform) -> None:
    class Untouched:
        def __contains__(self, code: object) -> bool:
            raise AssertionError("the list was asked")

    assert unified_code_fault("91110000600037341L", Untouched()) is None
    assert unified_code_fault("91110", Untouched()) == "unified_code_length"
