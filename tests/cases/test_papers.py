"""Papers: handed in before an action, kept for whoever they are about, fetched by the parties."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws.writes import Put
from chalicelib.cases import store
from chalicelib.creditfile import service as files
from chalicelib.evidence import service as evidence
from chalicelib.evidence.model import papers_of
from tests.cases.bench import (
    AUDITOR,
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SCAN,
    SUPERIOR,
    Desk,
    agency_client,
    breach,
    disciplined,
    recorded,
    settle,
    subject,
)
from tests.intake import town
from tests.support.faults import state
from tests.support.world import World

EASING = {"what_was_done": "loss_recovered", "statement": "已主动退回有关款项"}
STRANGER = agency_client(town.body_code(55), "clerk")


@pytest.fixture
def settled(world: World) -> World:
    settle(world)
    return world


def self_correction(world: World) -> tuple[str, Any, str]:
    """An official reports self-correction with a paper; the case, the official, the paper."""
    record_id, official = disciplined(world)
    desk = Desk(world, official)
    paper = desk.hand_in("退款凭证", record_id=record_id)
    opened = desk.open(
        "self_correction",
        record_id=record_id,
        fields=EASING,
        evidence={"correction_proof": paper},
    )
    assert opened.status == 201, opened.text
    return str(opened.json["case_id"]), official, paper


@pytest.mark.requirement("R-31")
def test_the_parties_of_a_case_fetch_its_papers_checked(settled: World) -> None:
    record_id = recorded(settled)
    opened = Desk(settled, RECORDED).open(
        "exemption",
        record_id=record_id,
        fields={"exemption_ground": "exploration", "statement": "首次试点，及时纠正"},
        evidence={"facts_proof": (paper := Desk(settled, RECORDED).hand_in(record_id=record_id))},
    )
    assert opened.status == 201, opened.text
    path = f"/v1/cases/{opened.json['case_id']}/papers/{paper}"
    for caller in (RECORDED, CLERK, SUPERIOR, CREDIT_OFFICE, AUDITOR):
        proof = Desk(settled, caller).api("GET", path)
        assert proof.status == 200, proof.text
        assert proof.json["intact"] is True
        assert proof.json["evidence"]["title"] == "付款凭证"
        assert proof.json["evidence"]["sha256"] == hashlib.sha256(SCAN).hexdigest()
        assert "Expires=300" in proof.json["link"]
    assert Desk(settled, STRANGER).api("GET", path).status == 404
    other = Desk(settled, RECORDED).hand_in(record_id=record_id)
    path = f"/v1/cases/{opened.json['case_id']}/papers/{other}"
    assert Desk(settled, RECORDED).api("GET", path).status == 404


@pytest.mark.requirement("R-31")
def test_a_person_s_paper_is_sealed_for_that_person_and_each_look_is_noted(
    settled: World,
) -> None:
    case_id, official, paper = self_correction(settled)
    kept = evidence.find(settled.platform, papers_of(official.subject_id), paper)
    assert SCAN not in settled.platform.archive.read(kept.archive_key, kept.archive_version)
    assert kept.sealed and "退款凭证" not in repr(kept)
    assert hashlib.sha256(SCAN).hexdigest() not in repr(kept)

    path = f"/v1/cases/{case_id}/papers/{paper}"
    own = Desk(settled, official).api("GET", path)
    assert own.json["evidence"]["title"] == "退款凭证" and own.json["link"]
    readers = Desk(settled, official).api("GET", "/v1/me/readers")
    assert readers.json["items"] == []

    handling = Desk(settled, CLERK).api("GET", path)
    assert handling.json["evidence"]["title"] == "退款凭证" and handling.json["link"]
    assert handling.json["evidence"]["sha256"] is None
    watching = Desk(settled, AUDITOR).api("GET", path)
    assert watching.json["intact"] is True
    assert watching.json["link"] is None and watching.json["evidence"]["title"] is None
    readers = Desk(settled, official).api("GET", "/v1/me/readers")
    told = [(one["purpose"], one["approval"]) for one in readers.json["items"]]
    assert told == [("办理自我纠错", case_id)] * 2


@pytest.mark.requirement("R-65")
def test_whom_a_lead_is_about_never_gets_the_papers_handed_in_for_it(settled: World) -> None:
    office, body = Desk(settled, CREDIT_OFFICE), files.body_id(HOUSING)
    opened = office.open(
        "lead",
        action="register",
        subject_id=body,
        fields={"channel": "hotline", "matter": "货款逾期一年未付"},
    )
    case_id = str(opened.json["case_id"])
    assert office.act(case_id, "transfer").status == 200
    desk, act = Desk(settled, SUPERIOR), {"case_id": case_id}
    withheld, told = desk.hand_in("核实材料", **act), desk.hand_in("认定书", **act)
    urging = {"findings": "货款逾期属实", "rectify_by": "2026-07-15"}
    assert desk.act(case_id, "urge", fields=urging).status == 200
    # No action of the kind that ships takes papers without telling the subject: as if one did.
    transfer = store.load_entry(settled.platform, case_id, 2)
    assert transfer is not None and transfer.event.code == "transfer"
    given = replace(transfer, papers={"findings": withheld}, holder=SUPERIOR.agency_code)
    for write in store.entry_writes(settled.platform, case_id, given):
        assert isinstance(write, Put)
        settled.platform.cases.put(write.item)
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
        evidence={"determination_document": told},
        record={"type": sent["type"], "fields": sent["fields"]},
    )
    assert recognised.status == 200, recognised.text
    own_clerk = agency_client(HOUSING, "clerk", "credit_office", "supervisor")
    for paper, shown in ((withheld, 404), (told, 200)):
        path = f"/v1/cases/{case_id}/papers/{paper}"
        assert office.api("GET", path).json["link"]
        assert Desk(settled, RECORDED).api("GET", path).status == shown
        assert Desk(settled, own_clerk).api("GET", path).status == 404


@pytest.mark.requirement("R-31")
def test_whoever_handed_papers_in_finds_them_again_by_their_matter(settled: World) -> None:
    first, second = recorded(settled, 1), recorded(settled, 2)
    desk = Desk(settled, RECORDED)
    early = desk.hand_in("凭证一", record_id=first)
    settled.clock.advance(minutes=1)
    late = desk.hand_in("凭证二", record_id=first)
    other = desk.hand_in("凭证三", record_id=second)
    found = desk.api("GET", "/v1/papers", query={"record_id": first})
    assert [one["evidence_id"] for one in found.json["items"]] == [late, early]
    assert {one["title"] for one in found.json["items"]} == {"凭证一", "凭证二"}
    everything = desk.api("GET", "/v1/papers").json["items"]
    assert {one["evidence_id"] for one in everything} == {early, late, other}
    assert Desk(settled, CLERK).api("GET", "/v1/papers").json["items"] == []
    both = desk.api("GET", "/v1/papers", query={"record_id": first, "case_id": "c_1"})
    assert both.json["errors"][0]["code"] == "one_matter"


def test_of_a_person_s_papers_only_the_person_sees_the_titles(settled: World) -> None:
    record_id, official = disciplined(settled)
    for caller in (official, CLERK):
        Desk(settled, caller).hand_in("退款凭证", record_id=record_id)
    own = Desk(settled, official).api("GET", "/v1/papers").json["items"]
    agency = Desk(settled, CLERK).api("GET", "/v1/papers").json["items"]
    assert [one["title"] for one in own] == ["退款凭证"]
    assert [one["title"] for one in agency] == [None]


@pytest.mark.requirement("R-31")
def test_whoever_handed_a_paper_in_checks_it_and_a_person_s_goes_to_the_person_only(
    settled: World,
) -> None:
    record_id, official = disciplined(settled)
    of_body = Desk(settled, RECORDED).hand_in(record_id=recorded(settled))
    shown = Desk(settled, RECORDED).api("GET", f"/v1/papers/{of_body}").json
    assert shown["intact"] is True and shown["link"]
    assert Desk(settled, CLERK).api("GET", f"/v1/papers/{of_body}").status == 404

    own, agency = (
        Desk(settled, one).hand_in("退款凭证", record_id=record_id) for one in (official, CLERK)
    )
    shown = Desk(settled, official).api("GET", f"/v1/papers/{own}").json
    assert (shown["intact"], shown["evidence"]["title"]) == (True, "退款凭证") and shown["link"]
    assert Desk(settled, official).api("GET", "/v1/me/readers").json["items"] == []
    shown = Desk(settled, CLERK).api("GET", f"/v1/papers/{agency}").json
    assert (shown["intact"], shown["evidence"]["title"], shown["link"]) == (True, None, None)
    readers = Desk(settled, official).api("GET", "/v1/me/readers").json["items"]
    assert [one["purpose"] for one in readers] == ["核对本单位提交的材料"]


@pytest.mark.requirement("R-31")
def test_a_paper_counts_only_for_its_matter_and_for_whoever_handed_it_in(settled: World) -> None:
    first, second = recorded(settled, 1), recorded(settled, 2)
    desk = Desk(settled, RECORDED)
    filing = {"exemption_ground": "exploration", "statement": "首次试点"}
    of_another = desk.hand_in(record_id=second)
    of_somebody = Desk(settled, CLERK).hand_in(record_id=first)
    asked = desk.api("POST", "/v1/papers", {"title": "凭证", "about": {"record_id": first}})
    waiting = asked.json["evidence_id"]
    before = state(settled)
    for paper, code in (
        (of_another, "paper_of_another_matter"),
        (of_somebody, "paper_not_archived"),
        (waiting, "paper_not_archived"),
    ):
        refused = desk.open(
            "exemption", record_id=first, fields=filing, evidence={"facts_proof": paper}
        )
        assert refused.status == 422
        assert [fault["code"] for fault in refused.json["errors"]] == [code]
        assert refused.json["errors"][0]["pointer"] == "/evidence/facts_proof"
    assert state(settled) == before


@pytest.mark.requirement("R-31")
def test_nobody_hands_in_what_is_none_of_their_business(settled: World) -> None:
    record_id = recorded(settled)
    case_id = (
        Desk(settled, RECORDED)
        .open(
            "objection",
            record_id=record_id,
            fields={"ground": "content_wrong", "statement": "已付清"},
        )
        .json["case_id"]
    )
    before = state(settled)
    for caller in (STRANGER, subject("b_someone")):
        for about in (
            {"record_id": record_id},
            {"subject_id": files.body_id(HOUSING)},
            {"case_id": case_id},
        ):
            refused = Desk(settled, caller).api(
                "POST", "/v1/papers", {"title": "材料", "about": about}
            )
            assert refused.status == 404, refused.text
    for about in ({}, {"record_id": record_id, "case_id": case_id}):
        wrong = Desk(settled, CLERK).api("POST", "/v1/papers", {"title": "材料", "about": about})
        assert wrong.json["errors"][0]["code"] == "one_matter"
    assert (
        Desk(settled, AUDITOR)
        .api("POST", "/v1/papers", {"title": "材料", "about": {"case_id": case_id}})
        .status
        == 403
    )
    assert state(settled) == before
