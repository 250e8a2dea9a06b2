"""A satisfaction survey from the office's question to the published sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.surveys import service
from tests.cases.bench import (
    AUDITOR,
    BUREAU,
    CLERK,
    CREDIT_OFFICE,
    GOVERNMENT,
    HOUSING,
    agency_client,
    settle,
)
from tests.support.api import Api
from tests.support.world import World
from tests.surveys.street import SCALE, WANTED, Street, office, opened

ADDRESSES = [f"192.0.2.{number}" for number in range(1, 6)]


def results(world: World, survey_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office(world)("GET", f"/v1/surveys/{survey_id}").json["results"]
    return found


@pytest.mark.requirement("R-62")
def test_anyone_answers_and_the_office_reads_the_sums(world: World) -> None:
    settle(world)
    survey_id = opened(world)
    shown = Street(world)("GET", f"/{survey_id}").json
    assert shown["state"] == "open" and shown["results"] is None
    assert [one["unified_code"] for one in shown["bodies"]] == [HOUSING, BUREAU]
    scores = [(5, 5), (5, 3), (3, 1), (1, 1)]
    for address, (kept, paid) in zip(ADDRESSES, scores, strict=False):
        reply = Street(world, address).answer(survey_id, promises_kept=kept, paid_in_time=paid)
        assert reply.json["counted"] is True
    Street(world).answer(survey_id, BUREAU)
    housing, bureau = results(world, survey_id)
    assert (housing["answers"], housing["name"]) == (4, "示例市住房局")
    kept, paid = housing["questions"]
    assert (kept["average"], paid["average"]) == ("3.50", "2.50")
    assert [one["count"] for one in kept["counts"]] == [1, 1, 2]
    # (3.5 - 1) / 4 and (2.5 - 1) / 4, the mean of both: 50 %.
    assert housing["satisfaction"] == "50.0"
    # One answer is not told: it would be somebody's.
    assert (bureau["answers"], bureau["satisfaction"], bureau["questions"]) == (1, None, [])


@pytest.mark.requirement("R-62")
def test_one_answer_counts_per_address_day_and_body(world: World) -> None:
    settle(world)
    survey_id = opened(world)
    street = Street(world)
    assert street.answer(survey_id).json["counted"] is True
    again = street.answer(survey_id, promises_kept=1, paid_in_time=1)
    assert again.status == 200 and again.json["counted"] is False
    assert street.answer(survey_id, BUREAU).json["counted"] is True
    assert Street(world, "2001:db8::1").answer(survey_id).json["counted"] is True
    assert Street(world, "2001:db8::2").answer(survey_id).json["counted"] is False
    world.clock.advance(days=1)
    assert street.answer(survey_id).json["counted"] is True
    assert [one["answers"] for one in results(world, survey_id)] == [3, 1]


@pytest.mark.requirement("R-62", "R-65")
def test_nothing_tells_who_answered_what(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(world)
    survey_id = opened(world)
    for address in ADDRESSES:
        Street(world, address).answer(survey_id)
    dynamodb: Any = calls.client("dynamodb")
    tables = world.platform.cases, world.platform.limits
    kept = str([dynamodb.scan(TableName=table.name)["Items"] for table in tables])
    kept += capsys.readouterr().out
    assert "192.0.2." not in kept and "Firefox" not in kept
    # Of five answers there are sums alone; what guards the day holds no score.
    sums = list(world.platform.cases.each(f"SURVEY#{survey_id}", prefix="COUNT#"))
    assert sum(int(str(item["answers"])) for item in sums) == 5
    guards = [
        item
        for item in dynamodb.scan(TableName=world.platform.limits.name)["Items"]
        if item["pk"]["S"].startswith("ADDRESS#")
    ]
    assert len(guards) == 5
    assert {name for item in guards for name in item} == {"pk", "sk", "expires_at"}


@pytest.mark.requirement("R-62")
def test_it_ends_with_its_last_day_and_then_the_sums_are_public(world: World) -> None:
    settle(world)
    survey_id = opened(world, closes_on="2026-06-16")
    for address in ADDRESSES:
        Street(world, address).answer(survey_id)
    world.clock.advance(days=1)
    assert Street(world).answer(survey_id).status == 200  # the last day
    world.clock.advance(days=1)
    late = Street(world).answer(survey_id)
    assert late.status == 409 and late.json["type"].endswith("survey_not_open")
    assert late.json["title"] == "现在不能答卷"
    shown = Street(world)("GET", f"/{survey_id}").json
    assert shown["state"] == "closed"
    assert [one["answers"] for one in shown["results"]] == [6, 0]
    found = service.results_of(world.platform, service.find_survey(world.platform, survey_id))
    assert found[0].answers == 6  # what an evaluation will read


@pytest.mark.requirement("R-62")
def test_an_office_ends_it_early_with_a_reason(world: World) -> None:
    settle(world)
    survey_id = opened(world)
    path = f"/v1/surveys/{survey_id}/ending"
    reason = {"reason": "问题有误"}
    assert office(world)("POST", path, reason).status == 428
    assert office(world)("POST", path, reason, {"If-Match": '"7"'}).status == 412
    ended = office(world)("POST", path, reason, {"If-Match": '"1"'})
    assert (ended.json["state"], ended.json["reason"]) == ("closed", "问题有误")
    assert Street(world).answer(survey_id).status == 409
    again = office(world)("POST", path, {"reason": "别的"}, {"If-Match": '"2"'})
    assert again.status == 409


def test_before_its_first_day_nobody_answers(world: World) -> None:
    settle(world)
    survey_id = opened(world, opens_on="2026-06-20")
    refused = Street(world).answer(survey_id)
    assert refused.status == 409 and "还没有开始" in refused.text


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"unified_code": GOVERNMENT, "answers": {"promises_kept": 5, "paid_in_time": 5}},
         "/unified_code"),
        ({"unified_code": HOUSING, "answers": {"promises_kept": 5}}, "/answers/paid_in_time"),
        ({"unified_code": HOUSING, "answers": {"promises_kept": 2, "paid_in_time": 5}},
         "/answers/promises_kept"),
        ({"unified_code": HOUSING,
          "answers": {"promises_kept": 5, "paid_in_time": 5, "extra": 1}}, "/answers/extra"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_changes_nothing(
    world: World, sent: dict[str, Any], pointer: str
) -> None:
    settle(world)
    survey_id = opened(world)
    refused = Street(world)("POST", f"/{survey_id}/answers", sent)
    assert refused.status == 422
    assert [one["pointer"] for one in refused.json["errors"]] == [pointer]
    assert [one["answers"] for one in results(world, survey_id)] == [0, 0]
    assert Street(world).answer(survey_id).json["counted"] is True
    assert Street(world).answer("sv_nothing").status == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"closes_on": "2026-06-14"}, "/closes_on"),
        ({"closes_on": "2028-06-14"}, "/closes_on"),
        ({"unified_codes": [HOUSING, HOUSING]}, "/unified_codes"),
        ({"unified_codes": ["113299000000000XX0"]}, "/unified_codes/0"),
        ({"questions": [WANTED["questions"][0]] * 2}, "/questions"),
        ({"questions": [{"code": "a", "title": "问", "scale": SCALE[::-1]}]},
         "/questions/0/scale"),
        ({"least_answers": 1}, "/least_answers"),
    ],
)  # fmt: skip
def test_a_survey_that_is_unclear_is_not_opened(
    world: World, changes: dict[str, Any], pointer: str
) -> None:
    settle(world)
    refused = office(world)("POST", "/v1/surveys", {**WANTED, **changes})
    assert refused.status == 422, refused.text
    assert [one["pointer"] for one in refused.json["errors"]] == [pointer]
    assert office(world)("GET", "/v1/surveys").json["items"] == []


def test_the_same_survey_twice_is_one_and_another_of_its_name_is_refused(world: World) -> None:
    settle(world)
    survey_id = opened(world)
    again = office(world)("POST", "/v1/surveys", WANTED)
    assert (again.status, again.json["survey_id"]) == (200, survey_id)
    other = office(world)("POST", "/v1/surveys", {**WANTED, "purpose": "别的说明"})
    assert other.status == 409 and other.json["type"].endswith("survey_exists")


def test_surveys_are_listed_by_region_for_everybody(world: World) -> None:
    settle(world)
    survey_id = opened(world)
    region = CREDIT_OFFICE.region
    for items in (
        office(world)("GET", "/v1/surveys").json["items"],
        Api(world, AUDITOR)("GET", "/v1/surveys").json["items"],
        Street(world)("GET", "", query={"region": region}).json["items"],
    ):
        assert [one["survey_id"] for one in items] == [survey_id]
    assert Street(world)("GET", "", query={"region": "320104"}).json["items"] == []
    assert office(world)("GET", "/v1/surveys", query={"region": "320100"}).status == 403
    elsewhere = replace(agency_client(GOVERNMENT, "credit_office"), region="320104")
    assert Api(world, elsewhere)("GET", f"/v1/surveys/{survey_id}").status == 404
    assert Api(world, CLERK)("POST", "/v1/surveys", WANTED).status == 403
