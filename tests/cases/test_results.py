"""Horizontal supervision through the API, and what of a case is published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.cases import resultstore
from chalicelib.cases.model_results import CaseResult
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.web.model import Caller
from tests.cases.bench import (
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SUPERIOR,
    Desk,
    agency_client,
    settle,
)
from tests.intake import town
from tests.support.world import World
from tests.web.build import Reply

BODY = files.body_id(HOUSING)
REGISTERED = {"matter": "关于付清货款的建议", "reference": "第12号", "assigned_on": "2026-06-15"}
REPLY = {"replied_on": "2026-06-15", "result_kind": "solved", "result": "已全部付清"}
ASSESSED = {"assessed_by": "示例大学公共治理研究中心", "assessment": "办理及时，措施具体"}


def done(reply: Reply) -> dict[str, Any]:
    assert reply.status in (200, 201), reply.text
    found: dict[str, Any] = reply.json
    return found


def registered(world: World, kind: str, action: str = "register") -> dict[str, Any]:
    office = Desk(world, CREDIT_OFFICE)
    return done(office.open(kind, action=action, subject_id=BODY, fields=REGISTERED))


def answered(world: World, case_id: str, action: str = "reply", **changes: str) -> dict[str, Any]:
    own = Desk(world, RECORDED)
    papers = own.papers("reply_letter")
    return done(own.act(case_id, action, fields={**REPLY, **changes}, evidence=papers))


def published(world: World, kind: str = "npc_suggestion") -> str:
    """A suggestion that was answered, assessed, and whose result is published."""
    case_id = str(registered(world, kind)["case_id"])
    answered(world, case_id)
    office = Desk(world, CREDIT_OFFICE)
    done(office.act(case_id, "assess", fields=ASSESSED))
    done(office.act(case_id, "publish"))
    return case_id


def result(world: World, case_id: str) -> CaseResult | None:
    return resultstore.find_result(world.platform, case_id)


@pytest.mark.requirement("R-61")
@pytest.mark.parametrize(
    ("kind", "action", "due_on", "may_be_redone"),
    [
        ("npc_suggestion", "register", "2026-09-15", True),
        ("cppcc_proposal", "register", "2026-09-15", True),
        # Two months: 2026-08-15 is a Saturday.
        ("judicial_suggestion", "register", "2026-08-17", False),
        ("procuratorial_suggestion", "register", "2026-08-17", False),
        # Fifteen days.
        ("procuratorial_suggestion", "register_urgent", "2026-06-30", False),
        # Ninety days: 2026-09-13 is a Sunday.
        ("audit_finding", "register", "2026-09-14", False),
    ],
)
def test_each_form_of_supervision_is_answered_assessed_and_published(
    world: World, kind: str, action: str, due_on: str, may_be_redone: bool
) -> None:
    settle(world)
    case = registered(world, kind, action)
    case_id = str(case["case_id"])
    (clock,) = case["clocks"]
    assert clock["due_on"] == due_on
    own, office = Desk(world, RECORDED), Desk(world, CREDIT_OFFICE)
    asked = own.api("GET", "/v1/letters").json["items"][0]["text"]
    assert REGISTERED["matter"] in asked and due_on in asked
    assert own.act(case_id, "reply", fields=REPLY).status == 422  # the letter is missing
    assert office.act(case_id, "publish").status == 409  # nothing was answered
    answered(world, case_id)
    if may_be_redone:
        again = done(office.act(case_id, "unsatisfied", fields={"opinion": "没有写明完成时间"}))
        assert again["clocks"][0]["due_on"] == "2026-07-15"
        assert own.act(case_id, "assess", fields=ASSESSED).status == 403
        answered(world, case_id, "reply_again", result="已于6月全部付清")
        refused = office.act(case_id, "unsatisfied", fields={"opinion": "仍不满意"})
        assert refused.json["type"].endswith("done_often_enough")
    done(office.act(case_id, "assess", fields=ASSESSED))
    closed = done(office.act(case_id, "publish"))
    assert closed["final"] and closed["state"] == "published"
    shown = result(world, case_id)
    assert shown is not None and shown.values["assessment"] == ASSESSED["assessment"]
    assert shown.values["result"] == ("已于6月全部付清" if may_be_redone else REPLY["result"])


@pytest.mark.requirement("R-61")
def test_only_what_the_kind_publishes_is_laid_out(world: World) -> None:
    settle(world)
    case_id = published(world)
    shown = result(world, case_id)
    assert shown is not None
    assert set(shown.values) == {*REGISTERED, *REPLY, *ASSESSED}
    assert (shown.subject_code, shown.kind, shown.withdrawn) == (HOUSING, "npc_suggestion", False)
    since = resultstore.results_since(world.platform, "2026-06-15T00:00:00.000Z")
    assert [one.case_id for one in since] == [case_id]
    assert list(resultstore.results_since(world.platform, "2026-06-16T00:00:00.000Z")) == []


@pytest.mark.requirement("R-61")
def test_what_is_closed_without_publication_is_published_nowhere(world: World) -> None:
    settle(world)
    case_id = str(registered(world, "npc_suggestion")["case_id"])
    answered(world, case_id)
    office = Desk(world, CREDIT_OFFICE)
    done(office.act(case_id, "close", fields={"reason": "涉及依法不公开的内容"}))
    assert result(world, case_id) is None


ELSEWHERE = replace(SUPERIOR, jurisdiction="nantong")
"""Nanjing's document knows no public criticism."""


def criticised(world: World, subject_id: str, superior: Caller = ELSEWHERE) -> str:
    """A public criticism by the superior of its subject."""
    desk = Desk(world, superior)
    fields = {"matter": "逾期未整改", "circumstances": "general"}
    opened = done(desk.open("accountability", subject_id=subject_id, fields=fields))
    sent = {
        "criticised_on": "2026-06-15",
        "document_number": "示政办通〔2026〕3号",
        "criticism": "对长期拖欠企业账款予以通报批评",
    }
    papers = desk.papers("criticism_document", about=f"subject:{subject_id}")
    done(desk.act(str(opened["case_id"]), "criticise", fields=sent, evidence=papers))
    return str(opened["case_id"])


@pytest.mark.requirement("R-41", "R-42")
def test_a_public_criticism_is_published_and_taken_back_when_it_is_revoked(world: World) -> None:
    settle(world)
    case_id = criticised(world, BODY)
    shown = result(world, case_id)
    assert shown is not None and set(shown.values) == {
        "criticised_on", "document_number", "criticism"
    }  # fmt: skip
    desk = Desk(world, ELSEWHERE)
    done(desk.act(case_id, "revoke_criticism", fields={"reason": "事实有误"}))
    taken = result(world, case_id)
    assert taken is not None and taken.withdrawn and taken.values == {}
    assert taken.version > shown.version


@pytest.mark.requirement("R-41")
def test_nothing_of_a_person_s_case_is_published(world: World) -> None:
    settle(world)
    named = Identification("", town.citizen_code(7), "王示例")
    person = town.register(world, named, "civil_servant", employer=HOUSING)
    employer = replace(agency_client(HOUSING, "supervisor"), jurisdiction="nantong")
    assert result(world, criticised(world, person, employer)) is None
