"""Reading measures: of a place, of a subject, of oneself; who may and who may not."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.access import audit
from tests.cases.bench import (
    AUDITOR,
    CREDIT_OFFICE,
    RECORDED,
    SUPERIOR,
    agency_client,
    disciplined,
    settle,
)
from tests.intake import town
from tests.measures.desk import HOUSING_ID, settled, told
from tests.support.api import Api
from tests.support.world import World

STATED = {"Purpose-Code": "appointment", "Approval-Reference": "2026-7"}
PERSONNEL = agency_client(town.body_code(93), "personnel")


def get(world: World, caller: Any, path: str, status: int = 200, **more: Any) -> Any:
    answer = Api(world, caller)("GET", path, **more)
    assert answer.status == status, answer.text
    return answer.json


@pytest.mark.requirement("R-40", "R-42")
def test_everybody_can_read_which_measures_a_place_has(world: World) -> None:
    found = get(world, RECORDED, "/v1/measures")
    codes = {one["code"] for one in found["measures"]}
    # Nanjing: 年度考核不得评优, but no limits on awards of persons and no public criticism.
    assert "excellent_barred" in codes
    assert not codes & {"award_limited_officials", "public_criticism_bodies", "priority_bodies"}
    assert [one["code"] for one in found["scenes"]][:2] == ["bidding", "procurement"]
    assert all(one["basis"]["document"] for one in found["measures"])


@pytest.mark.requirement("R-42")
def test_a_body_reads_what_it_is_under_why_and_until_when(world: World) -> None:
    settled(world)
    told(world)
    mine = get(world, RECORDED, "/v1/me/measures")
    assert mine == get(world, SUPERIOR, f"/v1/subjects/{HOUSING_ID}/measures")
    award = next(one for one in mine["measures"] if one["code"] == "award_ineligible_bodies")
    assert (award["since"], award["until"]) == ("2026-06-01", "2027-06-01")
    assert "2026-06-01认定的“违约失信" in award["reason"]
    assert "完成信用修复" in award["lifted_by"]
    assert award["scenes"][0]["title"] == "荣誉评选、评优评先"
    (change,) = mine["changes"]
    assert change["cause"] == "record" and len(change["applied"]) == len(mine["measures"])
    # The daily job is late: what is over is not shown all the same.
    world.clock.advance(days=600)
    later = get(world, RECORDED, "/v1/me/measures")
    assert later["measures"] == [] and later["version"] == 1


@pytest.mark.requirement("R-42")
def test_who_never_was_under_a_measure_gets_that_answer(world: World) -> None:
    settle(world)
    found = get(world, CREDIT_OFFICE, f"/v1/subjects/{HOUSING_ID}/measures")
    assert (found["version"], found["measures"], found["changes"]) == (0, [], [])
    get(world, CREDIT_OFFICE, "/v1/subjects/b_nobody/measures", 404)


@pytest.mark.requirement("R-43", "R-26")
def test_a_person_is_looked_at_for_a_purpose_only_and_can_see_by_whom(world: World) -> None:
    settle(world)
    _, official = disciplined(world)
    told(world, official.subject_id)
    path = f"/v1/subjects/{official.subject_id}/measures"
    get(world, PERSONNEL, path, 422)
    get(world, PERSONNEL, path, 422, headers={"Purpose-Code": "appointment"})
    found = get(world, PERSONNEL, path, headers=STATED)
    assert "excellent_barred" in {one["code"] for one in found["measures"]}
    assert get(world, official, "/v1/me/measures")["measures"] == found["measures"]
    get(world, RECORDED, path, 403)
    readers = audit.last_readers(world.platform, official.subject_id, 10)
    assert "appointment" in {one.purpose for one in readers}


@pytest.mark.requirement("R-42")
def test_the_credit_office_sees_who_is_under_a_measure(world: World) -> None:
    settled(world)
    told(world)
    _, official = disciplined(world)
    told(world, official.subject_id)
    query = {"measure": "funds_limited"}
    (listed,) = get(world, CREDIT_OFFICE, "/v1/measures/subjects", query=query)["items"]
    assert (listed["subject_id"], listed["name"]) == (HOUSING_ID, "示例市住房局")
    none = {"measure": "evaluation_poor"}
    assert get(world, AUDITOR, "/v1/measures/subjects", query=none)["items"] == []
    counts = get(world, CREDIT_OFFICE, "/v1/measures/statistics")["items"]
    counted = {one["code"]: (one["bodies"], one["persons"]) for one in counts}
    assert counted["excellent_barred"] == (1, 1) and counted["funds_limited"] == (1, 0)
    get(world, CREDIT_OFFICE, "/v1/measures/subjects", 403, query={"region": "320500"})
    get(world, SUPERIOR, "/v1/measures/statistics", 403)
