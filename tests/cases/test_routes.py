"""Kinds of case and deadlines over HTTP, as staff and those recorded use them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from chalicelib.web.model import Caller
from tests.support.api import Api
from tests.support.faults import UseCase, calls_of
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    return make_world(aws)


def api(world: World, role: str = "clerk", jurisdiction: str = "nanjing") -> Api:
    subject = "sub_1" if role == "subject" else ""
    caller = Caller("client-1", "", "", jurisdiction, "320100", "city", frozenset({role}), subject)
    return Api(world, caller)


def days(answer: dict[str, Any]) -> list[str]:
    return [day["date"] for day in answer["days"] if day["counted"]]


@pytest.mark.requirement("R-31", "R-65")
def test_everybody_sees_the_procedures_of_their_own_place(world: World) -> None:
    reply = api(world, "subject")("GET", "/v1/case-kinds")
    assert reply.status == 200 and reply.headers["ETag"]
    kinds = {kind["code"]: kind for kind in reply.json["kinds"]}
    assert kinds["lead"]["opened_by"] == ["anyone", "credit_office", "subject"]
    words = {limit["code"]: limit["in_words"] for limit in kinds["objection"]["limits"]}
    assert (words["verification"], words["whole"]) == ("3个工作日", "7个工作日")
    assert [kind["code"] for kind in reply.json["kinds"]][:2] == ["two_notices", "notice"]
    elsewhere = api(world, jurisdiction="lingyuan")("GET", "/v1/case-kinds")
    assert not {"lead", "exemption", "notice"} & {kind["code"] for kind in elsewhere.json["kinds"]}


def test_one_kind_shows_who_may_do_what_and_what_follows(world: World) -> None:
    reply = api(world)("GET", "/v1/case-kinds/objection")
    assert reply.status == 200
    kind = reply.json["kind"]
    file = next(action for action in kind["actions"] if action["code"] == "file")
    assert file["by"] == {"subject": []}
    assert file["effects"][0] == {
        "kind": "mark_record", "mark": "objection", "text": "异议处理中"
    }  # fmt: skip
    again = api(world)(
        "GET", "/v1/case-kinds/objection", None, {"If-None-Match": reply.headers["ETag"]}
    )
    assert again.status == 304
    old = api(world)("GET", "/v1/case-kinds/objection", query={"version": "2024-01-01"})
    assert old.json["version"] == "2024-01-01"


def test_the_diagram_is_a_picture_of_the_kind(world: World) -> None:
    reply = api(world, "auditor")("GET", "/v1/case-kinds/lead/diagram")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(reply.text).get("role") == "img"


@pytest.mark.parametrize("path", ["/v1/case-kinds/exemption", "/v1/case-kinds/exemption/diagram"])
def test_what_the_document_does_not_have_is_not_there(world: World, path: str) -> None:
    reply = api(world, jurisdiction="lingyuan")("GET", path)
    assert (reply.status, reply.code) == (404, "unknown_case_kind")


def preview(world: World, **question: Any) -> Any:
    return api(world)("POST", "/v1/deadlines/preview", question)


@pytest.mark.requirement("R-31")
def test_a_limit_of_a_kind_is_counted_day_by_day(world: World) -> None:
    stops = [{"stopped_on": "2026-09-30", "resumed_on": "2026-10-08", "reason": "专家鉴定"}]
    reply = preview(
        world, started_on="2026-09-29", kind="objection", limit="verification", stops=stops,
        extensions=1,
    )  # fmt: skip
    assert reply.status == 200
    # Six days: 09-30, then from 10-09 on (Saturday 10-10 is worked).
    assert reply.json["due_on"] == "2026-10-14"
    assert days(reply.json) == [
        "2026-09-30", "2026-10-09", "2026-10-10", "2026-10-12", "2026-10-13", "2026-10-14"
    ]  # fmt: skip
    assert reply.json["rule"] == "来源单位核查期限：3个工作日，已延长1次、每次3个工作日"
    assert reply.json["basis"] == "河南省社会信用条例第四十一条（未核实）"
    still = [day["why"] for day in reply.json["days"] if "专家鉴定" in day["why"]]
    assert len(still) == 8
    assert any("调休上班" in day["why"] for day in reply.json["days"])


def test_a_limit_that_is_spelt_out(world: World) -> None:
    reply = preview(world, started_on="2026-11-20", amount=7, unit="working_days")
    assert (reply.json["due_on"], reply.json["provisional"]) == ("2026-12-01", False)
    into_next = preview(world, started_on="2026-12-28", amount=7, unit="working_days")
    assert into_next.json["provisional"] is True
    months = preview(world, started_on="2026-12-31", amount=2, unit="months")
    assert months.json["due_on"] == "2027-03-01"  # 02-28 is a Sunday
    fixed = preview(world, started_on="2026-12-31", amount=2, unit="months", ends_on_workday=False)
    assert fixed.json["due_on"] == "2027-02-28"
    longer = preview(
        world, started_on="2026-05-11", amount=3, unit="days", extensions=2, extension_amount=5
    )
    assert longer.json["due_on"] == "2026-05-25"  # 05-24 is a Sunday


DAY = "2026-05-11"
UNCLEAR = [
    ({}, "/amount", "limit_not_given"),
    ({"amount": 3}, "/amount", "limit_not_given"),
    ({"kind": "objection"}, "/amount", "limit_not_given"),
    (
        {"kind": "objection", "limit": "whole", "amount": 3, "unit": "days"},
        "/amount", "limit_not_given",
    ),
    ({"kind": "objection", "limit": "gone"}, "/limit", "unknown_limit"),
    (
        {"kind": "objection", "limit": "forwarding", "extensions": 1},
        "/extensions", "limit_cannot_extend",
    ),
    (
        {"kind": "objection", "limit": "whole", "extensions": 2},
        "/extensions", "limit_cannot_extend",
    ),
    (
        {"kind": "objection", "limit": "whole", "extension_amount": 2},
        "/extension_amount", "limit_cannot_extend",
    ),
    ({"amount": 121, "unit": "months"}, "/amount", "out_of_range"),
    (
        {"amount": 3, "unit": "days", "stops": [{"stopped_on": DAY, "resumed_on": "2026-05-10"}]},
        "/stops/0/resumed_on", "resumed_before_stop",
    ),
    (
        {"amount": 3, "unit": "days", "stops": [{"stopped_on": DAY, "resumed_on": "2028-05-10"}]},
        "/stops/0/resumed_on", "out_of_range",
    ),
    (
        {
            "amount": 3, "unit": "days",
            "stops": [
                {"stopped_on": DAY, "resumed_on": "2026-05-15"},
                {"stopped_on": "2026-05-14", "resumed_on": "2026-05-18"},
            ],
        },
        "/stops/1/stopped_on", "resumed_before_stop",
    ),
    ({"amount": -1, "unit": "days"}, "/amount", None),
    ({"amount": 1, "unit": "weeks"}, "/unit", None),
]  # fmt: skip


@pytest.mark.parametrize(("question", "pointer", "code"), UNCLEAR)
def test_an_unclear_question_is_answered_with_what_is_wrong(
    world: World, question: dict[str, Any], pointer: str, code: str | None
) -> None:
    reply = preview(world, started_on=DAY, **question)
    assert reply.status == 422
    found = {(error["pointer"], error["code"]) for error in reply.json["errors"]}
    assert pointer in {one for one, _ in found}
    assert code is None or (pointer, code) in found


@pytest.mark.parametrize("day", ["1999-12-31", "2200-01-01", "gestern"])
def test_days_no_calendar_knows_are_refused(world: World, day: str) -> None:
    assert preview(world, started_on=day, amount=1, unit="days").status == 422


def test_an_unknown_kind_is_not_counted(world: World) -> None:
    reply = preview(world, started_on=DAY, kind="gone", limit="whole")
    assert (reply.status, reply.code) == (404, "unknown_case_kind")


def test_counting_days_touches_nothing(world: World) -> None:
    def act(tried: World) -> None:
        assert preview(tried, started_on=DAY, amount=1, unit="days").status == 200

    assert calls_of(UseCase("preview", lambda _: None, act), world) == []
