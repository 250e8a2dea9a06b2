"""The subject's side: with that role alone it sees where it stands and does all it may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.cases import overview
from chalicelib.creditfile import service as files
from tests.cases.bench import (
    AUDITOR,
    BUREAU,
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    Desk,
    agency_client,
    breach,
    disciplined,
    recorded,
    settle,
    subject,
)
from tests.intake import town
from tests.support.faults import counting, state
from tests.support.world import World

BODY = files.body_id(HOUSING)
REPAIR = {
    "correction": "已付清拖欠款项",
    "corrected_on": "2026-06-10",
    "committed_on": "2026-06-12",
}


@pytest.fixture
def settled(world: World) -> World:
    settle(world)
    return world


def opening(openings: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """What is said of one kind."""
    return next(one for one in openings if one["kind"] == kind)


def on(world: World, day: str) -> None:
    """Let it be noon of a day."""
    world.clock.now = world.clock.now.replace(
        year=int(day[:4]), month=int(day[5:7]), day=int(day[8:])
    )


@pytest.mark.requirement("R-25", "R-31", "R-32", "R-33")
def test_a_body_does_everything_on_its_side_itself(settled: World) -> None:
    record_id = recorded(settled)
    desk = Desk(settled, RECORDED)
    file = desk.api("GET", f"/v1/credit-files/{BODY}")
    assert [one["record_id"] for one in file.json["dishonesty"]["records"]] == [record_id]
    procedure = desk.api("GET", "/v1/case-kinds/repair")
    assert procedure.status == 200

    said = desk.open("statement", record_id=record_id, fields={"statement": "款项已汇出"})
    objection = desk.open(
        "objection",
        record_id=record_id,
        fields={"ground": "content_wrong", "statement": "金额有误"},
    )
    exemption = desk.open(
        "exemption",
        record_id=record_id,
        fields={"exemption_ground": "exploration", "statement": "首次试点"},
        evidence={"facts_proof": desk.hand_in("会议纪要", record_id=record_id)},
    )
    assert [one.status for one in (said, objection, exemption)] == [201, 201, 201]
    mine = desk.api("GET", "/v1/me/overview").json
    repair = opening(mine["dishonesty"][0]["openings"], "repair")
    assert (repair["allowed"], repair["action"]) == (False, "apply_general")
    day = mine["dishonesty"][0]["repairable_from"]
    assert repair["reasons"] == [f"最短公示期还没有届满，{day}起可以提出"]
    papers = {
        "correction_proof": desk.hand_in("付款凭证", record_id=record_id),
        "commitment_letter": desk.hand_in("信用承诺书", record_id=record_id),
    }
    early = desk.open("repair", record_id=record_id, action="apply_general", fields=REPAIR)
    assert early.code == "case_condition_not_met"
    on(settled, day)
    now = desk.api("GET", f"/v1/records/{record_id}/openings").json["items"]
    assert opening(now, "repair")["allowed"] is True
    assert opening(now, "objection")["case_id"] == objection.json["case_id"]
    assert opening(now, "objection")["reasons"] == ["已有一件“异议”在办，办结之前不能再次提出"]
    assert opening(now, "self_correction")["reasons"] == ["只适用于公职人员的记录"]
    applied = desk.open(
        "repair", record_id=record_id, action="apply_general", fields=REPAIR, evidence=papers
    )
    assert applied.status == 201, applied.text

    case_id = objection.json["case_id"]
    assert Desk(settled, CREDIT_OFFICE).act(case_id, "accept").status == 200
    assert "已受理" in desk.api("GET", "/v1/letters").json["items"][0]["text"]
    shown = desk.api("GET", f"/v1/cases/{case_id}").json
    assert shown["clocks"] and all(clock["due_on"] for clock in shown["clocks"])
    history = desk.api("GET", f"/v1/cases/{case_id}/history").json["items"]
    assert len(history) == 2
    assert len(desk.api("GET", "/v1/cases").json["items"]) == 4
    for case, action in ((said, "take_back"), (objection, "abandon"), (applied, "abandon")):
        assert desk.act(case.json["case_id"], action).status == 200
    assert len(desk.api("GET", "/v1/me/overview").json["cases"]) == 1


@pytest.mark.requirement("R-25", "R-31")
def test_an_official_does_everything_on_its_side_itself(settled: World) -> None:
    record_id, official = disciplined(settled)
    desk = Desk(settled, official)
    purpose = {"Purpose-Code": "review"}
    path = f"/v1/credit-files/{official.subject_id}"
    assert Desk(settled, AUDITOR).api("GET", path, headers=purpose).status == 200
    file = desk.api("GET", path)
    assert file.status == 200 and file.json["subject"]["name"] == "张某甲"
    looked = [one["purpose"] for one in desk.api("GET", "/v1/me/readers").json["items"]]
    assert "review" in looked
    cases = [
        desk.open("statement", record_id=record_id, fields={"statement": "已作书面检讨"}),
        desk.open(
            "objection",
            record_id=record_id,
            fields={"ground": "content_wrong", "statement": "日期有误"},
        ),
        desk.open(
            "self_correction",
            record_id=record_id,
            fields={"what_was_done": "loss_recovered", "statement": "已退回"},
            evidence={"correction_proof": desk.hand_in("退款凭证", record_id=record_id)},
        ),
    ]
    assert [one.status for one in cases] == [201] * 3, [one.text for one in cases]
    mine = desk.api("GET", "/v1/me/overview")
    assert mine.status == 200
    assert {one["kind"] for one in mine.json["cases"]} == {
        "statement",
        "objection",
        "self_correction",
    }
    assert "review" in [one["purpose"] for one in mine.json["readers"]]
    for secret in ("张某甲", town.OFFICIAL, "已作书面检讨", "未按规定履行审核职责"):
        assert secret not in mine.text


@pytest.mark.requirement("R-25")
def test_the_overview_counts_as_the_file_does_and_says_what_is_due(settled: World) -> None:
    first = recorded(settled, 1)
    answer = town.submit(
        settled,
        {
            **breach(2),
            "notices": {
                "decision_delivered_on": "2026-06-02",
                "repair_delivered_on": "2026-06-02",
                "proof": "送达回证1号",
            },
        },
    )
    second = str(answer.body.record_id)  # type: ignore[union-attr]
    town.submit(settled, town.honour())
    desk = Desk(settled, RECORDED)
    filing = {"ground": "content_wrong", "statement": "金额有误"}
    late = desk.open("objection", record_id=first, fields=filing).json["case_id"]
    settled.clock.advance(days=3)
    desk.open("statement", record_id=second, fields={"statement": "款项已汇出"})
    accepted = Desk(settled, CREDIT_OFFICE).act(late, "accept")
    assert accepted.status == 200

    mine = desk.api("GET", "/v1/me/overview").json
    summary = desk.api("GET", f"/v1/credit-files/{BODY}").json["summary"]
    assert {name: summary[name] for name in ("records", "dishonesty", "honours", "archived")} == {
        name: mine["counts"][name] for name in ("records", "dishonesty", "honours", "archived")
    }
    assert mine["counts"]["records"] == 3
    by_id = {one["record_id"]: one for one in mine["dishonesty"]}
    assert by_id[first]["publicity"] == "不公示" and by_id[first]["public_until"] is None
    assert by_id[first]["marks"] == ["异议处理中"]
    assert by_id[second]["publicity"] == "公示中" and by_id[second]["public_until"]
    assert by_id[second]["public_until"] > by_id[second]["repairable_from"]
    assert (by_id[second]["stated"], by_id[second]["marks"]) == (True, [])
    assert [one["kind"] for one in mine["cases"]] == ["objection", "statement"]
    assert mine["cases"][0]["next_due_on"] == "2026-06-24"
    assert mine["letters"]["count"] == 1 and "已受理" in mine["letters"]["items"][0]["text"]
    tomorrow = (settled.clock.now + timedelta(days=1)).date().isoformat()
    later = desk.api("GET", "/v1/me/overview", query={"letters_since": tomorrow}).json
    assert later["letters"]["count"] == 0


@pytest.mark.requirement("R-25")
def test_the_overview_is_made_in_a_few_calls_and_stays_small(
    settled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "RECORDS_SHOWN", 2)
    for number in range(1, 5):
        recorded(settled, number)
    desk = Desk(settled, RECORDED)
    with counting() as calls:
        mine = desk.api("GET", "/v1/me/overview").json
    assert (mine["counts"]["dishonesty"], len(mine["dishonesty"])) == (4, 2)
    assert len(calls) <= 8, [call.operation for call in calls]


@pytest.mark.requirement("R-25")
def test_the_overview_is_for_subjects_and_openings_for_those_concerned(settled: World) -> None:
    record_id = recorded(settled)
    assert Desk(settled, CLERK).api("GET", "/v1/me/overview").status == 403
    path = f"/v1/records/{record_id}/openings"
    own = Desk(settled, CLERK).api("GET", path).json["items"]
    assert "objection" not in {one["kind"] for one in own}
    assert opening(own, "exemption")["action"] == "apply"
    for stranger in (subject("b_someone"), agency_client(town.body_code(55), "clerk")):
        assert Desk(settled, stranger).api("GET", path).status == 404
    assert Desk(settled, subject("b_someone")).api("GET", "/v1/me/overview").status == 404


@pytest.mark.requirement("R-31")
def test_the_same_again_after_it_is_over_is_not_taken_for_the_first_time(settled: World) -> None:
    record_id = recorded(settled)
    desk = Desk(settled, RECORDED)
    filing = {"ground": "content_wrong", "statement": "款项已经付清"}
    first = desk.open("objection", record_id=record_id, fields=filing)
    again = desk.open("objection", record_id=record_id, fields=filing)
    assert (again.status, again.json["case_id"]) == (201, first.json["case_id"])
    assert desk.act(first.json["case_id"], "abandon").status == 200
    before = state(settled)
    over = desk.open("objection", record_id=record_id, fields=filing)
    assert (over.status, over.code) == (409, "case_closed")
    assert state(settled) == before
    other = desk.open(
        "objection", record_id=record_id, fields=filing | {"statement": "付款凭证另附"}
    )
    assert (other.status, other.json["state"]) == (201, "received")


@pytest.mark.requirement("R-32", "R-33")
def test_what_was_withdrawn_meanwhile_is_neither_repaired_nor_exempted(settled: World) -> None:
    record_id = recorded(settled, severity="minor")
    desk, clerk = Desk(settled, RECORDED), Desk(settled, CLERK)
    head = Desk(settled, agency_client(BUREAU, "supervisor"))
    papers = {
        code: desk.hand_in(record_id=record_id)
        for code in ("correction_proof", "commitment_letter", "facts_proof")
    }
    proof = {"facts_proof": papers.pop("facts_proof")}
    grounds = {"exemption_ground": "exploration", "statement": "首次试点"}
    repair = desk.open(
        "repair", record_id=record_id, action="apply_minor", fields=REPAIR, evidence=papers
    ).json["case_id"]
    exemption = desk.open(
        "exemption", record_id=record_id, fields=grounds, evidence=proof
    ).json["case_id"]
    assert clerk.act(repair, "accept").status == clerk.act(exemption, "accept").status == 200
    based = {"If-Match": f'"{files.find_record(settled.platform, record_id).version}"'}
    path = f"/v1/records/{record_id}/withdrawal"
    assert clerk.api("POST", path, {"reason": "认定有误"}, based).status == 200
    minutes = head.papers("collective_decision", about=f"case:{exemption}")
    before = state(settled)
    approved = clerk.act(repair, "approve", fields={"opinion": "同意修复"})
    recognised = head.act(
        exemption,
        "recognise",
        fields={"decided_on": "2026-06-15", "grounds": "程序完备"},
        evidence=minutes,
    )
    assert approved.code == recognised.code == "case_condition_not_met"
    assert state(settled) == before
    assert clerk.act(repair, "reject", fields={"reason": "记录已经撤回"}).status == 200


@pytest.mark.requirement("R-32")
def test_what_is_withdrawn_or_repaired_is_offered_no_more(settled: World) -> None:
    record_id = recorded(settled, severity="minor")
    desk, clerk = Desk(settled, RECORDED), Desk(settled, CLERK)
    papers = {
        code: desk.hand_in(record_id=record_id)
        for code in ("correction_proof", "commitment_letter")
    }
    applied = desk.open(
        "repair", record_id=record_id, action="apply_minor", fields=REPAIR, evidence=papers
    )
    assert applied.status == 201, applied.text
    case_id = applied.json["case_id"]
    assert clerk.act(case_id, "accept").status == 200
    assert clerk.act(case_id, "approve", fields={"opinion": "同意修复"}).status == 200
    path = f"/v1/records/{record_id}/openings"
    repair = opening(desk.api("GET", path).json["items"], "repair")
    assert repair["reasons"] == ["记录已经修复"]
    again = desk.open(
        "repair", record_id=record_id, action="apply_minor", fields=REPAIR, evidence=papers
    )
    assert again.code == "case_condition_not_met"
    assert desk.api("GET", "/v1/me/overview").json["counts"]["archived"] == 1
