"""The account over HTTP, as a clerk and a credit office work with it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.access.service import find_agency
from chalicelib.access.store import agency_write
from chalicelib.accounts import counting
from chalicelib.aws.writes import commit
from tests.accounts import town
from tests.intake import town as intake
from tests.support.api import Api
from tests.support.world import World, make_world

ACCOUNT = f"/v1/accounts/{town.MONTH}"


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("POLICY_DIR", os.environ["POLICY_DIR"])  # put back afterwards
    world = make_world(aws)
    town.settle(world)
    return world


@pytest.fixture
def clerk(world: World) -> Api:
    return Api(world, intake.clerk())


@pytest.fixture
def office(world: World) -> Api:
    return Api(world, town.caller("credit_office"))


def declare(clerk: Api, type_code: str, produced: int, version: int = 0) -> int:
    path = f"{ACCOUNT}/declarations/{type_code}"
    headers = {"If-Match": f'"{version}"'}
    return clerk("PUT", path, {"produced": produced}, headers).status


@pytest.mark.requirement("R-27", "R-20")
def test_a_clerk_s_month_from_the_file_to_the_confirmed_account(
    world: World, clerk: Api, office: Api
) -> None:
    world.clock.now = datetime(2026, 6, 5, 2, 0, tzinfo=UTC)
    rows = [(1, "2026-05-06", "ordinary"), (2, "2026-05-29", "ordinary"), (3, "2026-05-29", "bad")]
    town.file_licences(world, rows)
    town.work(world)
    assert declare(clerk, town.LICENCE, 4) == 201
    assert declare(clerk, town.PENALTY, 0) == 201

    shown = clerk("GET", ACCOUNT).json
    licences, penalties = shown["lines"]
    names = ("produced", "accepted", "rejected", "pending", "undeclared", "late")
    assert [licences[name] for name in names] == [4, 2, 1, 1, 0, 1]
    assert penalties["zero_report"] is True
    assert shown["declare_by"] == "2026-06-10"
    assert [rate["value"] for rate in shown["rates"]] == ["0.500000", "0.500000", "0.666667"]

    (late,) = clerk("GET", f"{ACCOUNT}/late").json["items"]
    assert (late["decision_number"], late["decided_on"]) == ("示许决〔2026〕1号", "2026-05-06")
    assert (late["due_on"], late["received_on"], late["days_late"]) == (
        "2026-05-14",
        "2026-06-05",
        22,
    )
    (refused,) = clerk("GET", f"{ACCOUNT}/refused").json["items"]
    assert refused["errors"] == [{"field": "/fields/licence_category", "rule": "not_a_choice"}]
    assert (refused["row"], refused["due_on"]) == (4, "2026-06-09")
    reminded = clerk("GET", "/v1/reminders").json["items"]
    assert {(one["code"], one["due_on"]) for one in reminded if one["month"] == town.MONTH} == {
        ("refused_rows_open", "2026-06-09"),
        ("decisions_pending", "2026-06-09"),
    }

    # The office sees nothing before the clerk has confirmed.
    assert office("GET", ACCOUNT, query={"agency": town.BUREAU}).code == "account_not_open_yet"
    ranking = {"month": town.MONTH, "by": "compliance_rate"}
    before = office("GET", "/v1/accounts", query=ranking).json
    assert (before["items"], before["withheld"]) == ([], 1)
    assert "1 个单位" in before["withheld_why"] and "申报期结束之后" in before["withheld_why"]
    assert clerk("POST", f"{ACCOUNT}/confirmation", {}).status == 200
    after = office("GET", "/v1/accounts", query=ranking).json
    assert (after["withheld"], after["withheld_why"]) == (0, None)
    (standing,) = after["items"]
    assert (standing["agency"], standing["rank"], standing["unranked_why"]) == (town.BUREAU, 1, "")
    assert office("GET", ACCOUNT, query={"agency": town.BUREAU}).status == 200

    close = f"{ACCOUNT}/refused/{refused['row_id']}/closure"
    assert clerk("POST", close, {"reason": "不属于应报范围"}).json["closed_by"] == "clerk-1"
    town.work(world)
    assert clerk("GET", f"{ACCOUNT}/refused").json["items"] == []
    assert clerk("GET", ACCOUNT).json["total"]["closed"] == 1


@pytest.mark.requirement("R-27")
def test_a_declaration_is_changed_only_with_the_version_it_is_based_on(clerk: Api) -> None:
    path = f"{ACCOUNT}/declarations/{town.LICENCE}"
    assert clerk("PUT", path, {"produced": 3}).status == 428
    assert declare(clerk, town.LICENCE, 3) == 201
    assert declare(clerk, town.LICENCE, 4) == 412
    assert declare(clerk, town.LICENCE, 4, version=1) == 200
    versions = clerk("GET", path).json["items"]
    assert [(one["version"], one["produced"]) for one in versions] == [(1, 3), (2, 4)]


@pytest.mark.requirement("R-27")
def test_only_what_is_overdue_reaches_the_credit_office(
    world: World, clerk: Api, office: Api
) -> None:
    world.clock.now = datetime(2026, 6, 8, 2, 0, tzinfo=UTC)
    clerk("POST", f"{ACCOUNT}/refresh", {})
    town.work(world)
    may = [one for one in clerk("GET", "/v1/reminders").json["items"] if one["month"] == "2026-05"]
    assert [(one["code"], one["due_on"], one["overdue"]) for one in may] == [
        ("zero_report_missing", "2026-06-10", False),
        ("zero_report_missing", "2026-06-10", False),
    ]
    assert office("GET", "/v1/reminders").json["items"] == []
    world.clock.advance(days=3)
    late = office("GET", "/v1/reminders").json["items"]
    assert Api(world, town.caller("auditor"))("GET", "/v1/reminders").json["items"] == late
    assert {(one["agency"], one["month"]) for one in late} == {(town.BUREAU, "2026-05")}
    assert declare(clerk, town.LICENCE, 0) == declare(clerk, town.PENALTY, 0) == 201
    assert office("GET", "/v1/reminders").json["items"] == []


@pytest.mark.requirement("R-27")
def test_what_is_overdue_stays_with_the_agency_until_its_account_is_open_to_the_office(
    world: World, clerk: Api, office: Api
) -> None:
    world.clock.now = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
    town.file_licences(world, [(1, "2026-05-06", "bad")])
    town.work(world)
    may = [one for one in clerk("GET", "/v1/reminders").json["items"] if one["month"] == "2026-05"]
    assert [(one["code"], one["overdue"]) for one in may] == [("refused_rows_open", True)]
    assert office("GET", "/v1/reminders").json["items"] == []
    assert declare(clerk, town.LICENCE, 1) == declare(clerk, town.PENALTY, 0) == 201
    assert clerk("POST", f"{ACCOUNT}/confirmation", {}).status == 200
    told = office("GET", "/v1/reminders").json["items"]
    assert [(one["code"], one["count"]) for one in told] == [("refused_rows_open", 1)]


@pytest.mark.requirement("R-27")
def test_an_office_that_reports_itself_is_reminded_of_its_own_before_the_day(
    world: World, office: Api
) -> None:
    world.clock.now = datetime(2026, 6, 8, 2, 0, tzinfo=UTC)
    both = replace(town.caller("credit_office"), roles=frozenset({"clerk", "credit_office"}))
    assert office("GET", "/v1/reminders").json["items"] == []
    told = Api(world, both)("GET", "/v1/reminders").json["items"]
    assert ("zero_report_missing", "2026-05", False) in [
        (one["code"], one["month"], one["overdue"]) for one in told
    ]


@pytest.mark.requirement("R-27")
def test_others_than_the_agency_and_its_credit_office_see_nothing(world: World) -> None:
    other = Api(world, intake.clerk(town.HOUSING, "clerk-2"))
    assert other("GET", ACCOUNT, query={"agency": town.BUREAU}).code == "not_your_account"
    far = Api(world, town.caller("credit_office", region="320100"))
    assert far("GET", ACCOUNT, query={"agency": town.BUREAU}).code == "not_your_account"
    query = {"month": town.MONTH, "region": town.CITY}
    assert far("GET", "/v1/accounts", query=query).code == "out_of_scope"
    assert Api(world, town.caller("auditor"))("GET", "/v1/accounts", query=query).status == 200


@pytest.mark.requirement("R-27")
def test_a_supervisor_sees_the_accounts_of_the_agencies_below_its_own(
    world: World, clerk: Api
) -> None:
    assert declare(clerk, town.LICENCE, 3) == 201
    supervisor = Api(world, town.caller("supervisor", town.HOUSING))
    of_bureau, ranking = {"agency": town.BUREAU}, {"month": town.MONTH}
    assert supervisor("GET", ACCOUNT, query=of_bureau).code == "not_your_account"
    assert supervisor("GET", "/v1/accounts", query=ranking).json["items"] == []
    below = find_agency(world.platform, town.BUREAU)
    assert below is not None
    above = replace(below, superior=town.HOUSING, version=below.version + 1)
    commit([agency_write(world.platform, above)])
    assert supervisor("GET", ACCOUNT, query=of_bureau).status == 200
    (one,) = supervisor("GET", "/v1/accounts", query=ranking).json["items"]
    assert one["agency"] == town.BUREAU


def test_the_refused_rows_page_without_loss(world: World, clerk: Api) -> None:
    town.file_licences(world, [(number, "2026-05-08", "bad") for number in range(1, 603)])
    town.work(world)
    rows: list[int] = []
    query = {"limit": "250"}
    while True:
        page = clerk("GET", f"{ACCOUNT}/refused", query=query).json
        rows += [one["row"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        query = {"limit": "250", "page_token": page["next_page_token"]}
    assert sorted(rows) == list(range(2, 604))


@pytest.mark.parametrize("month", ["2026-13", "2027-01", "x"])
def test_a_month_that_is_none_or_has_not_begun_is_refused(clerk: Api, month: str) -> None:
    path = f"/v1/accounts/{month}/declarations/{town.LICENCE}"
    reply = clerk("PUT", path, {"produced": 1}, {"If-Match": '"0"'})
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "month")


@pytest.mark.requirement("R-27")
def test_account_and_late_list_are_fetched_as_csv_without_formulas(
    world: World, clerk: Api
) -> None:
    sent = intake.licence(1, decided_on="2026-05-06", decision_number="=1+1")
    intake.submit(world, sent)
    counting.count(world.platform, town.BUREAU, town.MONTH, "nanjing")
    declare(clerk, town.LICENCE, 3)

    def fetched(sheet: str) -> list[str]:
        reply = clerk("GET", f"{ACCOUNT}/export", query={"sheet": sheet})
        assert reply.status == 303 and "X-Amz-Expires=300" in reply.headers["Location"]
        key = f"exports/accounts/{town.BUREAU}/{town.MONTH}/{sheet}.csv"
        return world.platform.work.read(key).decode("utf-8-sig").splitlines()

    assert fetched("account")[:3] == [
        "信息类型,产生,入库,退回,待报,多报,迟报,已办结,零报告",
        "行政许可,3,1,0,2,0,1,0,",
        "行政处罚,未申报,0,0,0,0,0,0,",
    ]
    (row,) = fetched("late")[1:]
    assert row.split(",")[1:] == [
        town.LICENCE,
        "'=1+1",
        "2026-05-06",
        "2026-05-14",
        "2026-06-15",
        "32",
    ]
