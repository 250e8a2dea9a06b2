"""What was done with an answer is told, awaited, and counted without anybody's identity (R-44)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.checks import feedback, handlers
from chalicelib.checks.model import ACTS, Told
from chalicelib.checks.rules import fits
from tests.checks import hall
from tests.support.api import Api
from tests.support.world import World, make_world
from tests.web.build import Reply

pytestmark = pytest.mark.requirement("R-44", "R-45")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    hall.settle(world)
    return world


def give(world: World, told: Any, *done: dict[str, Any], version: int = 0) -> Reply:
    """Tell what was done with a check."""
    path = f"/v1/checks/{told['check_id']}/feedback"
    headers = {"If-Match": f'"{version or told["version"]}"'}
    return hall.api(world)("PUT", path, {"done": list(done)}, headers)


def figures(world: World, **query: str) -> Any:
    office = Api(world, hall.system("office-1", "credit_office"))
    return office("GET", "/v1/check-statistics", query=query).json


def pass_days(world: World, count: int) -> None:
    for _ in range(count):
        world.clock.advance(days=1)
        hall.day(world)


def test_what_was_done_is_told_once_for_each_subject_that_asks_for_it(world: World) -> None:
    told = hall.ask(world, hall.BUILDER, hall.CLEAN)
    given = give(world, told, {"number": 1, "act": "excluded"})
    assert given.status == 200 and given.json["version"] == 2
    assert given.json["feedback"]["state"] == "given"
    assert given.json["feedback"]["done"] == [
        {"number": 1, "act": "excluded", "act_title": "取消资格或不予通过", "reason": ""}
    ]
    again = give(world, told, {"number": 1, "act": "excluded"})
    assert (again.status, again.json["version"]) == (200, 2), "a retry is no second feedback"
    assert give(world, told, {"number": 1, "act": "restricted"}).status == 412


def test_doing_nothing_about_somebody_restricted_needs_a_reason(world: World) -> None:
    told = hall.ask(world, hall.BUILDER, hall.CITIZEN)
    refused = give(world, told, {"number": 1, "act": "none"}, {"number": 7, "act": "none"})
    assert {(one["pointer"], one["code"]) for one in refused.json["errors"]} == {
        ("/done/0/reason", "reason_required"),
        ("/done/1/number", "unknown_number"),
    }
    refused = give(world, told, {"number": 2, "act": "dance"}, {"number": 2, "act": "none"})
    assert {(one["pointer"], one["code"]) for one in refused.json["errors"]} == {
        ("/done/0/act", "unknown_act"),
        ("/done/1/number", "named_twice"),
        ("/done", "feedback_incomplete"),
    }
    reason = f"已经还清，联系人 {hall.CITIZEN.citizen_code}"
    refused = give(world, told, {"number": 1, "act": "none", "reason": reason})
    assert [one["code"] for one in refused.json["errors"]] == ["personal_number"]
    assert give(world, told, {"number": 1, "act": "none", "reason": "已经还清"}).status == 200
    assert figures(world)["total"]["not_honoured"] == 1


def test_the_offices_see_figures_and_what_is_late_but_nobody_asked_about(world: World) -> None:
    first, second = (hall.ask(world, hall.BUILDER, hall.CITIZEN) for _ in range(2))
    hall.ask(world, hall.CLEAN)
    assert give(world, first, {"number": 1, "act": "restricted"}).status == 200
    pass_days(world, 16)  # 2026-07-01: the tenth working day was 2026-06-30
    counted = figures(world, month="2026-06")
    wanted = {"asked": 3, "subjects": 5, "allowed": 3, "restricted": 2, "referred": 0,
              "fed_back": 1, "honoured": 1, "not_honoured": 0, "overdue": 1, "late": 0}  # fmt: skip
    assert {name: counted["total"][name] for name in wanted} == wanted
    (row,) = counted["items"]
    assert (row["scene_title"], row["agency_name"]) == ("招标投标", "示例市公共资源交易中心")
    office = Api(world, hall.system("office-1", "credit_office"))
    (late,) = office("GET", "/v1/late-checks").json["items"]
    assert (late["check_id"], late["days_late"]) == (second["check_id"], 1)
    assert hall.BUILDER.unified_code not in str(late) + str(counted)
    assert give(world, second, {"number": 1, "act": "excluded"}).status == 200
    assert office("GET", "/v1/late-checks").json["items"] == []
    total = figures(world, month="2026-06")["total"]
    assert (total["overdue"], total["late"], total["fed_back"]) == (0, 1, 2)


def test_an_office_sees_its_own_region_alone(world: World) -> None:
    hall.ask(world, hall.BUILDER)
    away = replace(hall.system("office-2", "credit_office"), region="329901")
    assert Api(world, away)("GET", "/v1/check-statistics").json["total"]["asked"] == 0
    auditor = Api(world, hall.system("auditor-1", "auditor"))
    assert auditor("GET", "/v1/check-statistics").json["total"]["asked"] == 1
    assert hall.api(world)("GET", "/v1/check-statistics").status == 403


def test_feedback_is_reminded_of_before_and_after_its_day_once_each(world: World) -> None:
    told = hall.ask(world, hall.BUILDER)
    pass_days(world, 20)
    hall.day(world)
    reminders = hall.api(world)("GET", "/v1/check-reminders").json["items"]
    assert [(one["kind"], one["check_id"]) for one in reminders] == [
        ("overdue", told["check_id"]),
        ("due", told["check_id"]),
    ]
    assert [one["reminded_at"][:10] for one in reminders] == ["2026-07-01", "2026-06-29"]
    listed = hall.api(world)("GET", "/v1/checks", query={"feedback": "overdue"}).json["items"]
    assert [one["feedback"] for one in listed] == ["overdue"]
    assert hall.api(world)("GET", "/v1/checks", query={"feedback": "due"}).json["items"] == []


@pytest.mark.parametrize(("days", "late"), [(15, 0), (16, 1)])
def test_late_is_what_comes_after_its_last_day_whether_or_not_it_was_marked(
    world: World, days: int, late: int
) -> None:
    told = hall.ask(world, hall.BUILDER)
    world.clock.advance(days=days)  # to 2026-06-30, the last day, or the day after
    assert give(world, told, {"number": 1, "act": "excluded"}).status == 200
    assert figures(world, month="2026-06")["total"]["late"] == late


def test_a_day_missed_is_made_up_for(world: World) -> None:
    hall.ask(world, hall.BUILDER)
    hall.day(world)
    world.clock.advance(days=25)
    hall.day(world)
    assert figures(world, month="2026-06")["total"]["overdue"] == 1


def test_a_crowded_day_is_worked_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_AT_ONCE", 2)
    for _ in range(5):
        hall.ask(world, hall.BUILDER)
        world.clock.advance(seconds=1)
    world.clock.advance(days=16)
    handlers.do_job(world.platform, {"job": "daily"})
    assert figures(world, month="2026-06")["total"]["overdue"] == 0, "only asked for"
    hall.day(world)
    assert figures(world, month="2026-06")["total"]["overdue"] == 5


def test_where_nothing_follows_no_feedback_is_due(world: World) -> None:
    told = hall.ask(world, hall.CLEAN)
    assert told["feedback"]["state"] == "none_due"
    hall.restrict(world, hall.BUILDER, effect="priority")
    told = hall.ask(world, hall.BUILDER)
    assert told["subjects"][0]["answer"] == "allow" and told["feedback"]["state"] == "due"
    assert give(world, told, {"number": 1, "act": "priority_given"}).status == 200
    assert figures(world)["total"]["honoured"] == 1


@given(st.sampled_from(["restrict", "refer"]), st.sampled_from(sorted(ACTS)))
def test_a_restriction_is_honoured_by_what_restricts_and_by_nothing_else(
    answer: Any, act: str
) -> None:
    told = Told(1, "b_1", "1", "", False, answer, "", (), "", "2026-06-15", 1)
    kept = act in ("excluded", "restricted") or (act, answer) == ("referred", "refer")
    assert fits(told, act) is kept


def test_the_scenes_say_what_can_be_asked_and_answered(world: World) -> None:
    scenes = hall.api(world)("GET", "/v1/check-scenes").json["items"]
    assert {"bidding", "procurement", "award", "promotion"} <= {one["scene"] for one in scenes}
    assert all(one["acts"] == dict(ACTS) and one["feedback_days"] > 0 for one in scenes)
