"""Whose turn it is where the usual office may not act: the body itself, or nobody above it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.cases.model import Frame, Parties
from chalicelib.cases.rules_parties import actor_in, recipient_of, relations_in
from chalicelib.creditfile import service as files
from tests.cases.bench import (
    BUREAU,
    CLERK,
    CREDIT_OFFICE,
    GOVERNMENT,
    HOUSING,
    OFFICE,
    SUPERIOR,
    Desk,
    agency_client,
    settle,
)
from tests.intake import town
from tests.support.world import World

CHANNEL = {"channel": "hotline", "matter": "货款逾期一年未付"}
URGED = {"findings": "货款逾期属实", "rectify_by": "2026-07-15"}


def reported(world: World, body: str, desk: Desk, **named: str) -> str:
    """A lead about a body, registered at a desk; the case."""
    settle(world)
    about = {"subject_id": files.body_id(body)}
    answer = desk.open("lead", action="register", **about, fields=CHANNEL, **named)
    assert answer.status == 201, answer.text
    return str(answer.json["case_id"])


@pytest.mark.requirement("R-65")
def test_of_a_body_with_nobody_above_it_the_credit_office_verifies(world: World) -> None:
    office = Desk(world, agency_client(OFFICE, "credit_office"))
    case_id = reported(world, GOVERNMENT, office)
    assert office.act(case_id, "transfer").status == 200
    shown = office.api("GET", f"/v1/cases/{case_id}").json
    assert "urge" in {one["code"] for one in shown["actions"]}
    urged = office.act(case_id, "urge", fields=URGED)
    assert (urged.status, urged.json["state"]) == (200, "rectifying"), urged.text


@pytest.mark.requirement("R-65")
def test_where_there_is_a_superior_the_credit_office_does_not_verify(world: World) -> None:
    office = Desk(world, CREDIT_OFFICE)
    case_id = reported(world, HOUSING, office)
    assert office.act(case_id, "transfer").status == 200
    assert office.act(case_id, "urge", fields=URGED).code == "no_right_to_action"
    assert Desk(world, SUPERIOR).act(case_id, "urge", fields=URGED).status == 200


@pytest.mark.requirement("R-65")
def test_a_lead_about_the_credit_office_is_taken_up_by_its_superior(world: World) -> None:
    elsewhere = agency_client(town.body_code(93), "credit_office")  # the office of the province
    case_id = reported(world, OFFICE, Desk(world, elsewhere))
    assert Desk(world, CREDIT_OFFICE).act(case_id, "transfer").status == 404
    above = Desk(world, SUPERIOR)
    assert above.act(case_id, "transfer").status == 200
    assert above.act(case_id, "urge", fields=URGED).status == 200
    confirmed = above.act(
        case_id,
        "confirm",
        fields={"outcome": "货款已付清"},
        evidence=above.papers("rectification_proof", about=f"case:{case_id}"),
    )
    assert confirmed.status == 200, confirmed.text
    closed = above.act(
        case_id,
        "report_to_government",
        fields={"reported_on": "2026-06-15"},
        evidence=above.papers("government_report", about=f"case:{case_id}"),
    )
    assert (closed.status, closed.json["state"]) == (200, "rectified"), closed.text


OWN = Parties(
    subject_id=files.body_id(BUREAU),
    subject_kind="department",
    subject_code=BUREAU,
    source_agency=BUREAU,
    superior=GOVERNMENT,
)


@pytest.mark.requirement("R-32", "R-33")
def test_nobody_determines_about_a_record_of_its_own() -> None:
    itself = relations_in(CLERK, OWN, town.CITY, about_record=True)
    above = relations_in(SUPERIOR, OWN, town.CITY, about_record=True)
    assert itself == {"source_agency"}, "it still delivers and answers"
    assert above == {"superior", "determining_agency"}
    other = replace(OWN, subject_code=HOUSING, subject_id=files.body_id(HOUSING))
    assert "determining_agency" in relations_in(CLERK, other, town.CITY, about_record=True)
    assert relations_in(SUPERIOR, other, town.CITY, about_record=True) == {"superior"}


@pytest.mark.requirement("R-32")
def test_who_determines_is_told() -> None:
    frame = Frame(
        case_id="c_1",
        jurisdiction=town.JURISDICTION,
        region=town.CITY,
        pack="2024-01-01",
        kind="repair",
        title="违约失信",
        parties=OWN,
        wrapped_key="",
        record_id="r_1",
    )
    assert recipient_of("determining_agency", frame) == f"agency:{GOVERNMENT}"
    assert recipient_of("source_agency", frame) == f"agency:{BUREAU}"
    alone = replace(frame, parties=replace(OWN, superior=""))
    office = f"office:{town.JURISDICTION}:{town.CITY}"
    assert recipient_of("determining_agency", alone) == office


@pytest.mark.requirement("R-31")
def test_an_office_has_a_superiors_role_only_where_it_stands_in() -> None:
    caller = agency_client(OFFICE, "credit_office")
    alone = replace(OWN, superior="")
    stands_in = relations_in(caller, alone, town.CITY, about_record=True)
    assert stands_in == {"credit_office", "superior", "determining_agency"}
    assert "supervisor" in actor_in(caller, stands_in, alone).roles
    usual = relations_in(caller, OWN, town.CITY, about_record=True)
    assert usual == {"credit_office"}
    assert actor_in(caller, usual, OWN).roles == {"credit_office"}
    own_office = replace(alone, subject_code=OFFICE, source_agency=BUREAU)
    assert relations_in(caller, own_office, town.CITY, about_record=True) == frozenset()
