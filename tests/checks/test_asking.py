"""A business system asks before it decides, and is answered in one call (R-44, R-45)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.access.joint import Head
from chalicelib.checks import asking, looks
from chalicelib.creditfile.model import Identification
from chalicelib.kernel.errors import Unavailable
from tests.checks import hall
from tests.crosscheck import office
from tests.intake import town
from tests.support.api import Api
from tests.support.faults import counting
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-44", "R-45")

STRANGER = Identification(town.body_code(62, "91"), "", "示例无名有限公司")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    hall.settle(world)
    return world


def readers(world: World, named: Identification) -> list[dict[str, Any]]:
    """Who looked at a person's file, as the person sees it."""
    page = audit.list_readers(world.platform, hall.subject_id(world, named), 50, None)
    return [dict(item) for item in page.items]


def test_each_subject_is_answered_in_order_with_measures_basis_and_term(world: World) -> None:
    told = hall.ask(world, hall.BUILDER, STRANGER, hall.CLEAN)
    first, second, third = told["subjects"]
    assert (first["answer"], first["until"], first["version"]) == ("restrict", hall.UNTIL, 1)
    (measure,) = first["measures"]
    assert measure["text"] == "不得参加" and measure["basis"]["document"] == "示例文件"
    assert (second["answer"], second["reason"]) == ("allow", "not_on_file")
    assert second["on_file"] is False
    assert (third["answer"], third["on_file"], third["measures"]) == ("allow", True, [])
    assert [one["number"] for one in told["subjects"]] == [1, 2, 3]
    assert told["pack"] and told["feedback"] == {
        "state": "due", "due_on": "2026-06-30", "due_provisional": False, "given_at": None,
        "done": [],
    }  # fmt: skip


def test_what_is_restricted_in_one_scene_is_not_in_another(world: World) -> None:
    assert hall.ask(world, hall.BUILDER, scene="subsidy")["subjects"][0]["answer"] == "allow"
    told = hall.ask(world, hall.OFFICIAL, scene="promotion")
    assert told["subjects"][0]["answer"] == "restrict"


def test_another_name_than_the_one_on_file_is_left_to_people(world: World) -> None:
    (told,) = hall.ask(world, Identification(hall.BUILDER.unified_code, "", "别家公司"))["subjects"]
    assert (told["answer"], told["reason"], told["measures"]) == ("refer", "name_differs", [])


def test_a_scene_that_is_not_about_such_a_subject_is_no_clearance(world: World) -> None:
    told = hall.ask(world, hall.BUILDER, STRANGER, hall.OFFICIAL, scene="promotion")["subjects"]
    wrong = ("refer", "not_in_scene")
    assert [(one["answer"], one["reason"]) for one in told] == [wrong, wrong, ("restrict", "")]
    assert told[0]["measures"] == []
    body = {"scene": "promotion", "purpose": hall.PURPOSE}
    for named in (hall.BUILDER, STRANGER):
        proof = hall.api(world)("POST", "/v1/check-proofs", {**body, "subject": hall.asked(named)})
        assert (proof.status, proof.code) == (409, "proof_of_another_scene")
    watched = {**body, "subjects": [hall.asked(hall.BUILDER)]}
    refused = hall.api(world)("POST", "/v1/subscriptions", watched)
    assert [one["code"] for one in refused.json["errors"]] == ["not_in_scene"]


def test_a_person_sees_who_asked_and_why_and_no_code_is_kept_or_told(world: World) -> None:
    body = hall.check_body(hall.OFFICIAL, scene="promotion")
    reply = hall.api(world)("POST", "/v1/checks", body)
    assert reply.status == 201
    assert town.OFFICIAL not in reply.text and "张某甲" not in reply.text
    assert reply.json["subjects"][0]["code"] is None
    (look,) = readers(world, hall.OFFICIAL)
    assert look["agency_name"] == "示例市公共资源交易中心"
    assert hall.PURPOSE in str(look["purpose"]) and look["approval"] == "P-17"
    items = world.platform.checks.query_index("by_listing", "checks#hall-1").items
    assert items and town.OFFICIAL not in repr(items) and "张某甲" not in repr(items)


def test_nobody_is_noted_where_anything_is_wrong(world: World) -> None:
    wrong = {
        **hall.check_body(hall.OFFICIAL, scene="dancing"),
        "purpose": f"审查 {town.OFFICIAL}",
    }
    wrong["subjects"] += [
        {"unified_code": hall.BUILDER.unified_code[:-1] + "0"},
        {"citizen_code": town.OFFICIAL[:-1] + "?"},
        {},
        {"registration_number": town.OFFICIAL},
    ]
    reply = hall.api(world)("POST", "/v1/checks", wrong)
    assert reply.status == 422 and town.OFFICIAL not in reply.text
    assert {(one["pointer"], one["code"]) for one in reply.json["errors"]} == {
        ("/scene", "unknown_scene"),
        ("/purpose", "personal_number"),
        ("/subjects/1/unified_code", "unified_code_check_digit"),
        ("/subjects/2/citizen_code", "citizen_code_format"),
        ("/subjects/3", "one_code"),
        ("/subjects/4/registration_number", "registration_number"),
    }
    assert readers(world, hall.OFFICIAL) == []
    assert world.platform.checks.query_index("by_listing", "checks#hall-1").items == ()


def test_a_genuine_code_that_fails_its_check_is_taken_once_it_is_on_the_list(world: World) -> None:
    pilot = Identification(town.PILOT, "", "")
    body = hall.check_body(pilot)
    assert hall.api(world)("POST", "/v1/checks", body).status == 422
    world.clock.advance(minutes=2)
    town.allow(world, town.PILOT)
    assert hall.ask(world, pilot)["subjects"][0]["answer"] == "allow"


def test_the_same_request_is_answered_once_however_often_it_is_sent(world: World) -> None:
    first = hall.ask(world, hall.OFFICIAL, key="k-1", scene="promotion")
    world.clock.advance(days=3)
    again = hall.ask(world, hall.OFFICIAL, key="k-1", scene="promotion")
    assert (again["check_id"], again["subjects"]) == (first["check_id"], first["subjects"])
    assert len(readers(world, hall.OFFICIAL)) == 1
    other = hall.api(world)(
        "POST", "/v1/checks", hall.check_body(hall.BUILDER), {"Idempotency-Key": "k-1"}
    )
    assert (other.status, other.code) == (409, "idempotency_key_reused")


def test_only_who_asked_can_read_it_again(world: World) -> None:
    told = hall.ask(world, hall.BUILDER)
    path = f"/v1/checks/{told['check_id']}"
    assert hall.api(world)("GET", path).json == told
    assert hall.api(world, "hall-2")("GET", path).status == 404
    assert hall.api(world, "hall-2")("GET", "/v1/checks").json["items"] == []
    for role in ("credit_office", "auditor", "clerk"):
        assert Api(world, hall.system(role=role))("GET", path).status == 403
    world.clock.advance(hours=1)
    newer = hall.ask(world, hall.OFFICIAL)
    listed = hall.api(world)("GET", "/v1/checks", query={"limit": "1"}).json
    assert [one["check_id"] for one in listed["items"]] == [newer["check_id"]]
    rest = {"limit": "1", "page_token": listed["next_page_token"]}
    listed = hall.api(world)("GET", "/v1/checks", query=rest).json
    assert [one["check_id"] for one in listed["items"]] == [told["check_id"]]


def test_one_subject_takes_two_calls_and_a_hundred_take_four(world: World) -> None:
    people = [Identification("", office.code(number), f"李示例{number}") for number in range(100)]
    for number in range(100):
        office.employ(world, number)
    bodies = [Identification(town.body_code(number, "91"), "", "") for number in range(700, 800)]
    hall.ask(world, people[0])  # warm: the worker knows where its chain of looks ends
    for wanted, subjects in ((2, [hall.BUILDER]), (2, people[:1]), (4, bodies), (4, people)):
        assert calls_of(world, subjects) <= wanted
    assert len(readers(world, people[99])) == 1
    report = audit.verify_trail(world.platform, audit.checks_partition("hall-1"))
    assert report.is_intact and report.last == 3


def calls_of(world: World, subjects: Sequence[Identification]) -> int:
    with counting() as made:
        hall.ask(world, *subjects, key=f"k-{len(subjects)}-{subjects[0].is_person}")
    return len(made)


def test_a_look_that_was_cut_short_is_shown_to_all_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.employ(world, 1)
    other = Identification("", office.code(1), "李示例1")
    monkeypatch.setattr(asking, "COPIES_AT_ONCE", 1)
    with monkeypatch.context() as patch:
        patch.setattr(asking, "_finish", _cut)
        with pytest.raises(Unavailable):
            hall.ask(world, hall.OFFICIAL, other)
    assert readers(world, other) == []
    hall.day(world)
    assert len(readers(world, other)) == len(readers(world, hall.OFFICIAL)) == 1


def _cut(*_: object) -> None:
    raise Unavailable("gone")


def test_two_workers_of_one_system_lengthen_one_chain(world: World) -> None:
    hall.ask(world, hall.OFFICIAL)
    world.platform.checks.put({"pk": "TRAIL#hall-1", "sk": "-", "seq": 0, "mac": ""})  # a late read
    hall.ask(world, hall.OFFICIAL)
    looks.remember(world.platform, "hall-1", Head(0, ""))  # a worker that slept
    hall.ask(world, hall.OFFICIAL)
    report = audit.verify_trail(world.platform, audit.checks_partition("hall-1"))
    assert report.is_intact and report.last == 3
    assert len(readers(world, hall.OFFICIAL)) == 3


def test_tampering_with_what_one_of_many_sees_shows(world: World) -> None:
    office.employ(world, 1)
    other = Identification("", office.code(1), "李示例1")
    hall.ask(world, hall.OFFICIAL, other)
    (look,) = readers(world, other)
    assert look["subject_id"] == hall.subject_id(world, other)  # and nobody else
    world.platform.audit.put({**look, "purpose": "别的"})
    auditor = Api(world, hall.system(role="auditor"))
    told = auditor("GET", "/v1/audit/verification", query={"client_id": "hall-1"}).json
    assert (told["intact"], told["flaws"]) == (False, [{"seq": 1, "flaw": "copy_differs"}])
