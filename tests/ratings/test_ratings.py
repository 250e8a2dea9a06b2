"""May this body or person be rated 优秀 in a year, and why not: asked over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.access.service import authorize
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Identification, Standing
from chalicelib.policy.compile import PACKS, build_all
from chalicelib.web.model import Caller
from tests.cases import bench
from tests.cases.bench import AUDITOR, CREDIT_OFFICE, HOUSING, SUPERIOR, Desk, recorded, settle
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World
from tests.web.build import Reply

BODY = files.body_id(HOUSING)
PERSONNEL = bench.agency_client(bench.GOVERNMENT, "personnel")
LOOKING = {"Purpose-Code": "annual_assessment", "Approval-Reference": "示组〔2026〕1号"}


def ask(
    world: World, caller: Caller, subject_id: str = BODY, year: int = 2026, **headers: str
) -> Reply:
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/v1/excellent-ratings/{subject_id}"
    return Api(world, caller)("GET", path, None, stated, query={"year": str(year)})


def verdict(reply: Reply, rating: str = "annual_excellent") -> dict[str, Any]:
    assert reply.status == 200, reply.text
    found: dict[str, Any] = next(one for one in reply.json["verdicts"] if one["rating"] == rating)
    return found


def official(world: World, number: int = 7) -> str:
    named = Identification("", town.citizen_code(number), "王示例")
    return town.register(world, named, "civil_servant", employer=HOUSING)


@pytest.mark.requirement("R-43")
def test_without_anything_against_it_a_body_may_be_rated_excellent(world: World) -> None:
    settle(world)
    found = verdict(ask(world, PERSONNEL))
    assert found["answer"] == "allowed" and found["reasons"] == []
    assert found["basis"] == "宁政发〔2024〕89号五（二）"


@pytest.mark.requirement("R-43", "R-42")
def test_a_record_of_the_year_bars_that_year_and_no_other(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    found = verdict(ask(world, CREDIT_OFFICE))
    assert found["answer"] == "barred"
    (reason,) = found["reasons"]
    assert reason["record_id"] == record_id and reason["since"] == "2026-06-01"
    assert "违约失信" in reason["text"] and "不得确定为优秀" in reason["text"]
    assert verdict(ask(world, CREDIT_OFFICE, year=2025))["answer"] == "allowed"
    assert verdict(ask(world, CREDIT_OFFICE, year=2027))["answer"] == "allowed"
    # From awards it is barred as long as the record is in force, not only that year.
    assert verdict(ask(world, CREDIT_OFFICE), "award")["answer"] == "barred"
    assert verdict(ask(world, CREDIT_OFFICE, year=2027), "award")["answer"] == "barred"
    assert verdict(ask(world, CREDIT_OFFICE, year=2025), "award")["answer"] == "allowed"


@pytest.mark.requirement("R-43", "R-32", "R-33")
@pytest.mark.parametrize("what", ["repaired", "exempted", "withdrawn"])
def test_what_was_repaired_exempted_or_withdrawn_bars_nothing(world: World, what: str) -> None:
    settle(world)
    record_id = recorded(world)
    if what == "withdrawn":
        clerk = Api(world, town.clerk())
        path = f"/v1/records/{record_id}/withdrawal"
        answer = clerk("POST", path, {"reason": "重复报送"}, {"If-Match": '"1"'})
        assert answer.status == 200, answer.text
    else:
        deed = Deed("2026-06-10", "c_1")
        town.stand(world, record_id, replace(Standing(), **{what: deed}))
    for rating in ("annual_excellent", "award"):
        assert verdict(ask(world, AUDITOR), rating)["answer"] == "allowed"


def interview(world: World, refer: bool = False) -> str:
    desk = Desk(world, SUPERIOR)
    matter = {"matter": "逾期未整改", "conduct": "arrears", "circumstances": "serious"}
    case_id = str(desk.open("accountability", subject_id=BODY, fields=matter).json["case_id"])
    if refer:
        fields = {"referred_to": "示例市纪委", "referred_on": "2026-06-15", "reason": "情节严重"}
        papers = desk.papers("referral_letter")
        answer = desk.act(case_id, "refer", fields=fields, evidence=papers)
    else:
        sent = {"interviewed_on": "2026-06-15", "interview": "限期付清", "assessment_year": 2026}
        papers = desk.papers("interview_minutes")
        answer = desk.act(case_id, "interview", fields=sent, evidence=papers)
    assert answer.status == 200, answer.text
    return case_id


@pytest.mark.requirement("R-43")
def test_a_cautionary_interview_bars_though_nothing_is_on_record(world: World) -> None:
    settle(world)
    case_id = interview(world)
    found = verdict(ask(world, PERSONNEL))
    (reason,) = found["reasons"]
    assert (found["answer"], reason["what"], reason["case_id"]) == ("barred", "case", case_id)
    assert reason["since"] == "2026-06-15" and reason["basis"] == "宁政发〔2024〕89号五（二）"
    assert verdict(ask(world, PERSONNEL, year=2025))["answer"] == "allowed"


@pytest.mark.requirement("R-43")
def test_a_referral_without_a_conclusion_is_told_but_bars_nothing(world: World) -> None:
    settle(world)
    case_id = interview(world, refer=True)
    found = verdict(ask(world, PERSONNEL))
    (reason,) = found["reasons"]
    assert found["answer"] == "allowed"
    assert (reason["what"], reason["bars"], reason["case_id"]) == ("referral", False, case_id)
    assert "已移送有权机关" in reason["text"] and "重新查询" in reason["text"]


@pytest.mark.requirement("R-43")
def test_a_look_at_a_person_needs_purpose_and_approval_and_the_person_sees_it(
    world: World,
) -> None:
    settle(world)
    person = official(world)
    assert ask(world, PERSONNEL, person).status == 422
    assert ask(world, PERSONNEL, person, Purpose_Code="annual_assessment").status == 422
    answer = ask(world, PERSONNEL, person, **LOOKING)
    assert verdict(answer)["answer"] == "allowed"
    assert "王示例" not in answer.text
    looked = world.platform.audit.query(f"LOOKED#{person}").items
    assert [item["purpose"] for item in looked] == ["annual_assessment"]
    assert verdict(ask(world, bench.subject(person), person))["answer"] == "allowed"


def test_who_may_ask_about_whom(world: World) -> None:
    settle(world)
    assert ask(world, bench.subject(), BODY).status == 200
    assert ask(world, bench.subject(), files.body_id(bench.BUREAU)).status == 403
    assert ask(world, bench.CLERK).status == 403
    assert ask(world, SUPERIOR).status == 200
    # A bureau is above nobody.
    assert ask(world, bench.agency_client(bench.BUREAU, "supervisor")).status == 403
    assert ask(world, PERSONNEL, "b_nobody").status == 404
    assert ask(world, PERSONNEL, year=1900).status == 422
    assert authorize(PERSONNEL, "ratings.read")


@pytest.mark.requirement("R-43")
def test_many_are_asked_about_at_once_all_or_none(world: World) -> None:
    settle(world)
    recorded(world)
    person, other = official(world), files.body_id(bench.BUREAU)
    api = Api(world, PERSONNEL)

    def query(*subject_ids: str) -> Reply:
        sent = {"year": 2026, "subject_ids": list(subject_ids)}
        return api("POST", "/v1/excellent-ratings/query", sent, LOOKING)

    answer = query(person, BODY, other)
    assert answer.status == 200, answer.text
    said = [one["verdicts"][0]["answer"] for one in answer.json["items"]]
    assert said == ["allowed", "barred", "allowed"]
    refused = query(BODY, "b_nobody")
    assert refused.status == 422
    assert [one["pointer"] for one in refused.json["errors"]] == ["/subject_ids/1"]
    assert query(BODY, BODY).status == 422
    assert query(*[f"b_{number}" for number in range(101)]).status == 422
    assert len(world.platform.audit.query(f"LOOKED#{person}").items) == 1


LIMITS = {
    "national": {"awards_bodies", "awards_persons"},
    "nanjing": {"annual_excellent", "awards_bodies"},
    "nantong": {"awards_bodies", "awards_persons"},
    "yancheng": {"awards_bodies"},
    "jiangxi": {"awards_bodies", "awards_persons"},
    "lingyuan": {"awards_bodies", "awards_persons"},
}


@pytest.mark.requirement("R-42", "R-43")
def test_each_document_has_the_limits_it_writes_and_no_others() -> None:
    packs, problems = build_all(PACKS)
    newest = {pack.jurisdiction: pack for pack in packs}
    assert not problems
    assert {name: set(pack.rating_bars) for name, pack in newest.items()} == LIMITS
