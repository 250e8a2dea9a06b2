"""What a subject says of a record goes with the record, with and without an objection."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.creditfile import service as files
from chalicelib.web.model import Caller
from tests.cases.bench import (
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    Desk,
    breach,
    disciplined,
    record,
    recorded,
    settle,
)
from tests.disclosure.builders import change, deliver, public_items, public_world
from tests.intake import town
from tests.support.world import World

DELIVERED = {
    "decision_delivered_on": "2026-06-02",
    "repair_delivered_on": "2026-06-02",
    "proof": "送达回证1号",
}
SAID = {"statement": "款项已于6月3日付清"}


@pytest.fixture
def settled(world: World) -> World:
    settle(world)
    return world


def published(world: World) -> str:
    """A breach whose two notices were delivered."""
    answer = town.submit(world, {**breach(), "notices": DELIVERED})
    return str(answer.body.record_id)  # type: ignore[union-attr]


def public_document(world: World, record_id: str) -> dict[str, Any]:
    """The record as the public sees it once the change has been projected."""
    deliver(world, change(record(world, record_id)))
    return public_world(world)[record_id]


def shown_everywhere(world: World, record_id: str, caller: Caller) -> list[dict[str, Any]]:
    """The record in the file, in the list, alone and as the public sees it."""
    api, body = Desk(world, caller).api, files.body_id(HOUSING)
    file = api("GET", f"/v1/credit-files/{body}").json
    return [
        *file["dishonesty"]["records"],
        *api("GET", "/v1/records", query={"subject_id": body}).json["items"],
        api("GET", f"/v1/records/{record_id}").json,
        public_document(world, record_id),
    ]


@pytest.mark.requirement("R-31")
def test_an_objection_is_seen_wherever_the_record_is_and_so_is_what_was_said(
    settled: World,
) -> None:
    record_id = published(settled)
    assert public_document(settled, record_id)["marks"] == []
    desk = Desk(settled, RECORDED)
    filing = {"ground": "content_wrong", **SAID}
    case_id = desk.open("objection", record_id=record_id, fields=filing).json["case_id"]
    for caller in (RECORDED, CREDIT_OFFICE):
        shown = shown_everywhere(settled, record_id, caller)
        assert len(shown) == 4
        for one in shown:
            assert [mark["text"] for mark in one["marks"]] == ["异议处理中"]
            assert one["statement"]["text"] == SAID["statement"]
    assert case_id not in repr(public_items(settled))
    office, clerk = Desk(settled, CREDIT_OFFICE), Desk(settled, CLERK)
    assert office.act(case_id, "accept").status == 200
    assert clerk.act(case_id, "withdraw", fields={"reason": "重复认定"}).status == 200
    deliver(settled, change(record(settled, record_id)))
    assert record_id not in public_world(settled)


@pytest.mark.requirement("R-31")
def test_a_statement_needs_no_objection_and_can_be_changed_and_taken_back(
    settled: World,
) -> None:
    record_id = published(settled)
    desk = Desk(settled, RECORDED)
    made = desk.open("statement", record_id=record_id, fields=SAID)
    assert made.status == 201, made.text
    case_id = made.json["case_id"]
    for one in shown_everywhere(settled, record_id, CREDIT_OFFICE):
        assert one["statement"]["text"] == SAID["statement"] and one["marks"] == []
    again = desk.open("statement", record_id=record_id, fields={"statement": "另一份"})
    assert again.code == "case_already_open"
    desk.act(case_id, "change", fields={"statement": "款项已于6月4日付清"})
    assert public_document(settled, record_id)["statement"]["text"] == "款项已于6月4日付清"
    letters = Desk(settled, CLERK).api("GET", "/v1/letters").json["items"]
    assert "作出声明" in letters[0]["text"] and "6月4日" not in letters[0]["text"]
    assert desk.act(case_id, "take_back").status == 200
    assert public_document(settled, record_id)["statement"] is None
    assert record(settled, record_id).standing.statement is None


@pytest.mark.requirement("R-31")
def test_taking_a_statement_back_leaves_what_an_objection_says(settled: World) -> None:
    record_id = recorded(settled)
    desk = Desk(settled, RECORDED)
    case_id = desk.open("statement", record_id=record_id, fields=SAID).json["case_id"]
    filing = {"ground": "content_wrong", "statement": "决定书文号与原件不符"}
    assert desk.open("objection", record_id=record_id, fields=filing).status == 201
    assert desk.act(case_id, "take_back").status == 200
    said = record(settled, record_id).standing.statement
    assert said is not None and said.text == "决定书文号与原件不符"


@pytest.mark.requirement("R-31")
def test_a_person_s_statement_stays_sealed(settled: World) -> None:
    record_id, official = disciplined(settled)
    desk = Desk(settled, official)
    made = desk.open("statement", record_id=record_id, fields={"statement": "已作书面检讨"})
    assert made.status == 201, made.text
    kept = record(settled, record_id)
    assert "已作书面检讨" not in repr(kept)
    assert "已作书面检讨" not in repr(
        list(settled.platform.cases.each(f"CASE#{made.json['case_id']}"))
    )
    own = desk.api("GET", f"/v1/records/{record_id}").json["statement"]
    assert own["text"] == "已作书面检讨"
    purpose = {"Purpose-Code": "review"}
    seen = Desk(settled, CREDIT_OFFICE).api("GET", f"/v1/records/{record_id}", headers=purpose)
    assert seen.json["statement"] == {"text": None, "made_on": "2026-06-15", "withheld": True}


@pytest.mark.requirement("R-31")
def test_letters_are_read_again_since_a_day(settled: World) -> None:
    record_id = recorded(settled)
    desk = Desk(settled, RECORDED)
    case_id = desk.open("statement", record_id=record_id, fields=SAID).json["case_id"]
    settled.clock.advance(days=2)
    assert Desk(settled, CREDIT_OFFICE).act(
        case_id, "remove", fields={"reason": "有他人的个人信息"}
    ).status == 200  # fmt: skip
    bureau, office = Desk(settled, CLERK).api, Desk(settled, CREDIT_OFFICE).api
    assert len(bureau("GET", "/v1/letters").json["items"]) == 2
    for day, count in (("2026-06-15", 2), ("2026-06-16", 1), ("2026-06-17", 1), ("2026-06-18", 0)):
        found = bureau("GET", "/v1/letters", query={"since": day})
        assert len(found.json["items"]) == count, day
    told = desk.api("GET", "/v1/letters", query={"since": "2026-06-17"}).json["items"]
    assert [one["text"] for one in told] == ["您就“违约失信”作出的声明已撤下：有他人的个人信息"]
    whole = office("GET", "/v1/letters", query={"office": "true"})
    late = office("GET", "/v1/letters", query={"office": "true", "since": "2026-06-16"})
    assert (len(whole.json["items"]), len(late.json["items"])) == (1, 0)
    wrong = bureau("GET", "/v1/letters", query={"since": "2026-02-30"})
    assert wrong.status == 422
