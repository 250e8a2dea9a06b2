"""Cases at the API: who sees what, who may do what, and what is refused without a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.aws.writes import commit
from chalicelib.cases import store
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed
from chalicelib.creditfile.rules_standing import publicity_ended
from tests.cases.bench import (
    AUDITOR,
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SUPERIOR,
    Desk,
    agency_client,
    breach,
    record,
    recorded,
    renumber,
    settle,
    subject,
)
from tests.intake import town
from tests.support.faults import counting, state
from tests.support.world import World
from tests.web.build import Reply

FILING = {"ground": "content_wrong", "statement": "款项已经付清"}


def objection(world: World) -> tuple[str, str]:
    """A record and the objection to it."""
    settle(world)
    record_id = recorded(world)
    answer = Desk(world, RECORDED).open("objection", record_id=record_id, fields=FILING)
    assert answer.status == 201, answer.text
    return record_id, str(answer.json["case_id"])


def lead(world: World) -> str:
    """A lead about the housing bureau that the office registered and handed on."""
    settle(world)
    office = Desk(world, CREDIT_OFFICE)
    answer = office.open(
        "lead",
        action="register",
        subject_id=files.body_id(HOUSING),
        fields={"channel": "hotline", "matter": "货款逾期一年未付"},
    )
    assert answer.status == 201, answer.text
    case_id = str(answer.json["case_id"])
    assert office.act(case_id, "transfer").status == 200
    return case_id


@pytest.mark.requirement("R-31")
def test_everybody_concerned_finds_the_case_in_their_own_list(world: World) -> None:
    _, case_id = objection(world)
    for caller in (RECORDED, CLERK, SUPERIOR, CREDIT_OFFICE, AUDITOR):
        whose = {"whose": "source_agency"} if caller is CLERK else {}
        found = Desk(world, caller).api("GET", "/v1/cases", query=whose)
        assert [one["case_id"] for one in found.json["items"]] == [case_id], caller.client_id
        assert found.json["items"][0]["next_due_on"] == "2026-06-17"
    stranger = agency_client(town.body_code(55), "clerk")
    assert Desk(world, stranger).api("GET", "/v1/cases").json["items"] == []
    assert Desk(world, stranger).api("GET", f"/v1/cases/{case_id}").status == 404


@pytest.mark.requirement("R-31")
def test_what_was_said_and_told_can_be_read_again(world: World) -> None:
    _, case_id = objection(world)
    accepted = Desk(world, CREDIT_OFFICE).act(case_id, "accept")
    assert accepted.status == 200
    told = Desk(world, RECORDED).api("GET", "/v1/letters").json["items"]
    assert [letter["text"] for letter in told] == ["您的异议已受理，应在2026-06-18前核查完毕。"]
    bureau = Desk(world, CLERK).api("GET", "/v1/letters").json["items"]
    assert "请核查“违约失信”" in bureau[0]["text"] and len(bureau) == 2
    office = Desk(world, CREDIT_OFFICE).api("GET", "/v1/letters", query={"office": "true"})
    assert [letter["case_id"] for letter in office.json["items"]] == [case_id]
    history = Desk(world, CLERK).api("GET", f"/v1/cases/{case_id}/history").json["items"]
    assert [entry["title"] for entry in history] == ["受理并转来源单位", "提出异议"]
    assert {value["text"] for value in history[1]["values"]} == {"内容有误", "款项已经付清"}


@pytest.mark.requirement("R-65")
def test_whom_a_lead_is_about_never_sees_what_was_said_of_it(world: World) -> None:
    case_id = lead(world)
    own_clerk = replace(agency_client(HOUSING, "clerk", "credit_office", "supervisor"))
    for caller in (RECORDED, own_clerk):
        desk = Desk(world, caller)
        shown = desk.api("GET", f"/v1/cases/{case_id}")
        history = desk.api("GET", f"/v1/cases/{case_id}/history")
        assert "货款逾期一年未付" not in shown.text + history.text
        assert "hotline" not in history.text and "12345" not in history.text
    assert Desk(world, own_clerk).api("GET", f"/v1/cases/{case_id}").status == 404
    refused = Desk(world, own_clerk).act(case_id, "explain", fields={"explanation": "没有此事"})
    assert refused.status == 404
    # What was said lies in a partition that reading a case never opens.
    events = list(world.platform.cases.each(f"CASE#{case_id}"))
    assert all(not item.get("sealed") for item in events if item["sk"] != "-")
    assert "货款" not in repr(events)
    assert set(store.voice_of(world.platform, case_id)) == {1}


@pytest.mark.requirement("R-31")
@pytest.mark.parametrize(
    ("caller", "action", "body", "status", "code"),
    [
        (CLERK, "accept", {}, 403, "no_right_to_action"),
        (RECORDED, "accept", {}, 403, "no_right_to_action"),
        (subject("b_someone"), "accept", {}, 404, "not_found"),
        (CREDIT_OFFICE, "extend", {"fields": {"reason": "复杂"}}, 409, "out_of_turn"),
        (CREDIT_OFFICE, "vanish", {}, 404, "unknown_case_action"),
        (CREDIT_OFFICE, "refuse", {}, 422, "case_action_incomplete"),
        (CREDIT_OFFICE, "refuse", {"fields": {"reason": "已答复", "why": "x"}}, 422, None),
        (CREDIT_OFFICE, "accept", {"evidence": {"proof": "e_" + "a" * 26}}, 422, None),
        (CREDIT_OFFICE, "accept", {"correction": {"reason": "顺手更正"}}, 422, None),
    ],
)
def test_what_may_not_be_done_is_refused_and_leaves_nothing(
    world: World, caller: Any, action: str, body: dict[str, Any], status: int, code: str | None
) -> None:
    _, case_id = objection(world)
    before = state(world)
    reply = Desk(world, caller).act(case_id, action, 1, **body)
    assert reply.status == status, reply.text
    assert code is None or reply.code == code
    assert state(world) == before


@pytest.mark.requirement("R-31")
def test_a_stale_version_a_second_time_and_a_closed_case(world: World) -> None:
    record_id, case_id = objection(world)
    office = Desk(world, CREDIT_OFFICE)
    assert office.act(case_id, "accept", 7).status == 412
    first = office.act(case_id, "accept", 1)
    again = office.act(case_id, "accept", 1)
    assert (first.status, again.status) == (200, 200)
    assert again.json == first.json
    assert office.act(case_id, "extend_whole", 1, fields={"reason": "复杂"}).status == 412
    second = Desk(world, RECORDED).open(
        "objection", record_id=record_id, fields={**FILING, "statement": "另一个理由"}
    )
    assert (second.status, second.code) == (409, "case_already_open")
    assert Desk(world, RECORDED).act(case_id, "abandon").status == 200
    assert office.act(case_id, "accept").code == "case_closed"
    assert not record(world, record_id).standing.marks
    third = Desk(world, RECORDED).open(
        "objection", record_id=record_id, fields={**FILING, "statement": "第三个理由"}
    )
    assert third.status == 201


@pytest.mark.requirement("R-65")
def test_refusing_to_correct_becomes_a_record_and_a_case_of_accountability(world: World) -> None:
    case_id = lead(world)
    desk = Desk(world, SUPERIOR)
    urging = {"findings": "货款逾期属实", "rectify_by": "2026-07-15"}
    assert desk.act(case_id, "urge", fields=urging).json["results"]["case"].startswith("c_")
    sent = breach()
    recognised = desk.act(
        case_id,
        "recognise",
        fields={
            "decided_on": "2026-06-15",
            "occasion": "refused",
            "document_number": "示信认〔2026〕9号",
            "grounds": "逾期拒不支付",
        },
        evidence=desk.papers("determination_document"),
        record={"type": sent["type"], "fields": sent["fields"]},
    )
    assert recognised.status == 200, recognised.text
    results = recognised.json["results"]
    made = record(world, results["record"])
    assert (made.reporter, made.dishonesty) == (SUPERIOR.agency_code, True)
    opened = desk.api("GET", f"/v1/cases/{results['case']}").json
    assert (opened["kind"], opened["parent"], opened["state"]) == (
        "accountability",
        case_id,
        "proposed",
    )
    wrong = desk.act(case_id, "recognise", fields={})
    assert wrong.status in (409, 422)


@pytest.mark.requirement("R-31")
def test_an_action_costs_four_calls_however_long_the_history(world: World) -> None:
    _, case_id = objection(world)
    office, clerk = Desk(world, CREDIT_OFFICE), Desk(world, CLERK)
    office.act(case_id, "accept", 1)
    version = 2
    with counting() as young:
        answer = clerk.act(case_id, "start_appraisal", version, fields={"appraised_by": "某所"})
    assert answer.status == 200, answer.text
    papers = clerk.papers("appraisal_report")
    assert clerk.act(case_id, "end_appraisal", 3, evidence=papers).status == 200
    # A thousand steps later.
    item = world.platform.cases.get(f"CASE#{case_id}")
    assert item is not None
    for number in range(5, 1005):
        entry = world.platform.cases.get(f"CASE#{case_id}", "E#00000003")
        assert entry is not None
        world.platform.cases.put({**entry, "sk": f"E#{number:08d}", "version": number})
    world.platform.cases.put({**item, "version": 1004})
    with counting() as old:
        answer = clerk.act(case_id, "start_appraisal", 1004, fields={"appraised_by": "某所"})
    assert answer.status == 200, answer.text
    assert [call.operation for call in old] == [call.operation for call in young]
    assert len(old) <= 4


@pytest.mark.requirement("R-31")
def test_what_is_due_is_found_by_its_day_alone(world: World) -> None:
    _, case_id = objection(world)
    # The whole limit is seven working days, reminded three days before; forwarding two, one before.
    found = [
        (day, one)
        for day in (date(2026, 6, number) for number in range(15, 20))
        for shard in range(store.DUE_SHARDS)
        for one in store.page_of_due(world.platform, day, shard, 10, None)[0]
    ]
    assert found == [(date(2026, 6, 16), case_id)]


@pytest.mark.requirement("R-43")
def test_a_cautionary_interview_bars_the_rating_of_its_year(world: World) -> None:
    settle(world)
    desk = Desk(world, SUPERIOR)
    opened = desk.open(
        "accountability",
        subject_id=files.body_id(HOUSING),
        fields={"matter": "逾期未整改", "conduct": "arrears", "circumstances": "general"},
    )
    assert opened.status == 201, opened.text
    case_id = opened.json["case_id"]
    done = desk.act(
        case_id,
        "interview",
        fields={"interviewed_on": "2026-06-15", "interview": "限期付清", "assessment_year": 2026},
        evidence=desk.papers("interview_minutes"),
    )
    assert done.status == 200, done.text
    body = files.body_id(HOUSING)
    (bar,) = store.bars_in(world.platform, body, 2026)
    assert (bar.case_id, bar.kind) == (case_id, "accountability")
    assert store.bars_in(world.platform, body, 2025) == []


@pytest.mark.requirement("R-31")
def test_what_a_case_decides_reaches_the_record_that_took_the_place_of_its_own(
    world: World,
) -> None:
    record_id, case_id = objection(world)
    renumbered = {"determination_number": "示信认〔2026〕88号"}
    headers = {"If-Match": f'"{record(world, record_id).version}"'}
    body = {"fields": renumbered, "reason": "文号有误"}
    moved = Desk(world, CLERK).api("PATCH", f"/v1/records/{record_id}", body, headers)
    assert moved.status == 201, moved.text
    successor = moved.json["record_id"]
    assert [mark.case_id for mark in record(world, successor).standing.marks] == [case_id]
    assert Desk(world, RECORDED).act(case_id, "abandon").status == 200
    assert record(world, successor).standing.marks == ()


@pytest.mark.requirement("R-31")
def test_what_a_case_decides_reaches_the_record_that_took_over(world: World) -> None:
    record_id, case_id = objection(world)
    later_id = renumber(world, record_id, 88)
    later = record(world, later_id)
    assert [mark.case_id for mark in later.standing.marks] == [case_id]
    assert record(world, record_id).standing.marks == ()
    # The objection goes on, so that another one about the same fact has to wait for it.
    second = Desk(world, RECORDED).open("objection", record_id=later_id, fields=FILING)
    assert (second.status, second.code) == (409, "case_already_open")
    refused = Desk(world, CREDIT_OFFICE).act(case_id, "refuse", fields={"reason": "已答复"})
    assert refused.status == 200, refused.text
    assert record(world, later_id).standing.marks == ()
    third = Desk(world, RECORDED).open("objection", record_id=later_id, fields=FILING)
    assert third.status == 201


@pytest.mark.requirement("R-31", "R-32")
def test_a_record_that_is_there_again_keeps_what_was_done_to_it_before(world: World) -> None:
    record_id, case_id = objection(world)
    before = record(world, record_id)
    repaired = replace(before.standing, repaired=Deed("2026-06-15", "c_repair"))
    town.stand(world, record_id, repaired)
    later_id = renumber(world, record_id, 88)
    assert record(world, later_id).standing.repaired is not None
    town.stand(world, later_id, replace(record(world, later_id).standing, repaired=None))
    assert Desk(world, CREDIT_OFFICE).act(case_id, "accept").status == 200
    back = {
        "fields": {"determination_number": "示信认〔2026〕1号", "facts": "未付清"},
        "reason": "文号无误",
    }
    done = Desk(world, CLERK).act(case_id, "correct", fields={"reason": "无误"}, correction=back)
    assert done.status == 200, done.text
    again = record(world, record_id)
    assert (again.status, again.supersedes) == ("active", later_id)
    assert again.standing.repaired is not None and again.standing.marks == ()


@pytest.mark.requirement("R-31")
def test_a_key_is_answered_as_the_first_time_though_the_case_has_moved_on(world: World) -> None:
    _, case_id = objection(world)
    office, clerk = Desk(world, CREDIT_OFFICE), Desk(world, CLERK)
    path = f"/v1/cases/{case_id}/actions/accept"
    headers = {"If-Match": '"1"', "Idempotency-Key": "k1"}
    first = office.api("POST", path, {}, headers)
    assert clerk.act(case_id, "answer", fields={"answer": "无误"}).status == 200
    again = office.api("POST", path, {}, headers)
    assert (again.status, again.json) == (200, first.json)
    other = office.api("POST", path, {"fields": {"x": 1}}, headers)
    assert (other.status, other.code) == (409, "idempotency_key_reused")


@pytest.mark.requirement("R-65")
def test_a_list_finds_what_is_asked_for_behind_many_others(world: World) -> None:
    case_id = lead(world)
    office = Desk(world, CREDIT_OFFICE)
    for number in range(1, 8):
        recorded(world, number)
    records = world.platform.records.query_index("by_reporter", town.BUREAU).items
    for item in records:
        opened = Desk(world, RECORDED).open("objection", record_id=item["record_id"], fields=FILING)
        assert opened.status == 201, opened.text
    found = office.api("GET", "/v1/cases", query={"kind": "lead", "limit": "1"}).json
    assert [one["case_id"] for one in found["items"]] == [case_id]
    seen: list[str] = []
    query = {"kind": "objection", "open_only": "true", "limit": "3"}
    while True:
        page = office.api("GET", "/v1/cases", query=query).json
        seen += [one["case_id"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        query["page_token"] = page["next_page_token"]
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.requirement("R-65")
def test_a_term_for_rectification_cannot_lie_in_the_past(world: World) -> None:
    case_id = lead(world)
    urging = {"findings": "货款逾期属实", "rectify_by": "2026-06-14"}
    refused = Desk(world, SUPERIOR).act(case_id, "urge", fields=urging)
    assert refused.status == 422, refused.text
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/fields/rectify_by"]
    assert refused.json["errors"][0]["code"] == "in_past"


@pytest.mark.requirement("R-32")
def test_whoever_asks_for_repair_too_early_is_told_from_when_on_it_may_be_asked(
    world: World,
) -> None:
    settle(world)
    record_id = recorded(world)
    desk = Desk(world, RECORDED)
    refused = desk.open(
        "repair",
        action="apply_general",
        record_id=record_id,
        fields={"correction": "已付清", "corrected_on": "2026-06-10", "committed_on": "2026-06-10"},
        evidence=desk.papers("correction_proof", "commitment_letter"),
    )
    assert refused.status == 409
    assert refused.json["detail"] == "最短公示期还没有届满，2026-09-01起可以提出"


@pytest.mark.requirement("R-65")
def test_a_wrong_record_is_refused_where_it_stands(world: World) -> None:
    case_id = lead(world)
    desk = Desk(world, SUPERIOR)
    desk.act(case_id, "urge", fields={"findings": "属实", "rectify_by": "2026-07-15"})
    stated = {
        "decided_on": "2026-06-15",
        "occasion": "determined",
        "document_number": "甲1号",
        "grounds": "逾期拒不支付",
    }
    papers = desk.papers("determination_document")
    sent = breach()

    def recognise(**fields: object) -> Reply:
        made = {"type": sent["type"], "fields": {**sent["fields"], **fields}}
        return desk.act(case_id, "recognise", fields=stated, evidence=papers, record=made)

    assert [one["pointer"] for one in recognise(severity="grave").json["errors"]] == [
        "/record/fields/severity"
    ]
    world.clock.advance(seconds=1)
    assert recognise().status == 200


@pytest.mark.requirement("R-31")
def test_work_that_is_one_s_own_to_do_is_listed_apart(world: World) -> None:
    _, case_id = objection(world)

    def listed(caller: Any, **query: str) -> list[str]:
        found = Desk(world, caller).api("GET", "/v1/cases", query=query).json["items"]
        return [str(one["case_id"]) for one in found]

    assert listed(CREDIT_OFFICE, to_do="true") == [case_id]
    assert listed(CLERK, whose="source_agency", to_do="true") == []
    assert listed(CREDIT_OFFICE, overdue="true") == []
    world.clock.advance(days=3)
    assert listed(CREDIT_OFFICE, overdue="true") == [case_id]


@pytest.mark.requirement("R-31")
def test_a_wrong_correction_is_refused_where_it_stands(world: World) -> None:
    _, case_id = objection(world)
    assert Desk(world, CREDIT_OFFICE).act(case_id, "accept").status == 200
    before = state(world)
    refused = Desk(world, CLERK).act(
        case_id,
        "correct",
        2,
        fields={"reason": "等级有误"},
        correction={"fields": {"severity": "grave"}, "reason": "等级有误"},
    )
    assert refused.status == 422, refused.text
    pointers = [one["pointer"] for one in refused.json["errors"]]
    assert pointers == ["/correction/fields/severity"]
    assert state(world) == before


@pytest.mark.requirement("R-32")
def test_what_was_repaired_is_not_recognised_a_second_time(world: World) -> None:
    case_id = lead(world)
    desk, sent = Desk(world, SUPERIOR), breach()
    desk.act(case_id, "urge", fields={"findings": "属实", "rectify_by": "2026-07-15"})
    made = town.submit(world, sent, SUPERIOR).body.record_id
    repaired(world, made)
    refused = desk.act(
        case_id,
        "recognise",
        3,
        fields={
            "decided_on": "2026-06-15",
            "occasion": "refused",
            "document_number": "示信认〔2026〕9号",
            "grounds": "逾期拒不支付",
        },
        evidence=desk.papers("determination_document"),
        record={"type": sent["type"], "fields": sent["fields"]},
    )
    assert (refused.status, refused.code) == (409, "record_conflict"), refused.text
    assert "已经修复" in refused.json["detail"]
    assert desk.version(case_id) == 3
    assert record(world, made).version == 2


def repaired(world: World, record_id: str) -> None:
    """The record was repaired in some case."""
    found = record(world, record_id)
    standing = publicity_ended(found.standing, Deed("2026-06-14", "c_other"))
    after = files.with_standing(found, standing, at="2026-06-14T04:00:00.000Z", by="x", reason="x")
    commit(files.next_version_writes(world.platform, found, after))
