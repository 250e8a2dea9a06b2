"""Earlier decisions on exemption: found again, and never leading back to anybody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cases.rules_precedents import anonymous
from chalicelib.creditfile import service as files
from tests.cases.bench import AUDITOR, CLERK, RECORDED, SUPERIOR, Desk, recorded, settle
from tests.cases.bench import agency_client as client
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World

PATH = "/v1/exemption-precedents"
GROUNDS = (
    "示例市住房局首次试点，2026年6月4日集体研究（示政办〔2026〕12号），合同金额3,200,000.00元，"
    "经办人电话13800138000，住房局及时纠正"
)
JUDGE = client(town.BUREAU, "supervisor", "clerk")


def decided(world: World, outcome: str, number: int = 1, ground: str = "exploration") -> str:
    """An exemption of the housing bureau's breach, decided; the case."""
    record_id = recorded(world, number)
    own, clerk, judge = Desk(world, RECORDED), Desk(world, CLERK), Desk(world, JUDGE)
    opened = own.open(
        "exemption",
        record_id=record_id,
        fields={"exemption_ground": ground, "statement": "王示例经办，首次试点"},
        evidence=own.papers("facts_proof"),
    )
    assert opened.status == 201, opened.text
    case_id = str(opened.json["case_id"])
    assert clerk.act(case_id, "accept").status == 200
    action, field = ("recognise", "grounds") if outcome == "recognised" else ("reject", "reason")
    sent = {"decided_on": "2026-06-15", field: GROUNDS}
    papers = judge.papers("collective_decision")
    answer = judge.act(case_id, action, fields=sent, evidence=papers)
    assert answer.status == 200, answer.text
    return case_id


def search(world: World, **query: str) -> list[dict[str, Any]]:
    reply = Api(world, AUDITOR)("GET", PATH, query=query)
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.json["items"]
    return found


@pytest.mark.requirement("R-33")
@pytest.mark.parametrize("outcome", ["recognised", "refused"])
def test_a_decision_is_found_again_without_whom_it_was_about(world: World, outcome: str) -> None:
    settle(world)
    case_id = decided(world, outcome)
    (found,) = search(world)
    assert (found["outcome"], found["ground_title"]) == (outcome, "改革创新中的探索性失误")
    assert (found["record_type_title"], found["sphere_title"]) == ("违约失信", "政府采购")
    assert found["year"] == 2026 and "首次试点" in found["reasons"]
    (item,) = world.platform.cases.query_index("by_listing", "precedents#nanjing#exemption").items
    kept = repr({**item, **found})
    for revealing in (
        "示例市", "住房局", case_id, "王示例", "6月", "12号", "200", "138", files.body_id(""),
        town.HOUSING,
    ):  # fmt: skip
        assert revealing not in kept, revealing


@pytest.mark.requirement("R-33")
def test_precedents_are_looked_for_by_what_is_alike(world: World) -> None:
    settle(world)
    decided(world, "recognised", 1)
    decided(world, "refused", 2, ground="policy_change")
    assert len(search(world)) == 2
    for query in (
        {"outcome": "refused"},
        {"ground": "policy_change"},
        {"outcome": "refused", "type": "commitment_breach", "sphere": "procurement"},
        {"subject_kind": "department", "ground": "policy_change", "text": "首次试点"},
    ):
        assert [one["outcome"] for one in search(world, **query)] == ["refused"], query
    assert search(world, text="没有这样的文字") == []
    assert search(world, sphere="bidding") == []
    first = Api(world, AUDITOR)("GET", PATH, query={"limit": "1"}).json
    after = {"limit": "1", "page_token": first["next_page_token"]}
    second = Api(world, AUDITOR)("GET", PATH, query=after).json
    shown = {one["precedent_id"] for one in (*first["items"], *second["items"])}
    assert len(shown) == 2


def test_an_undecided_case_is_no_precedent_and_who_is_recorded_may_search(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    own = Desk(world, RECORDED)
    sent = {"exemption_ground": "good_faith", "statement": "首次试点"}
    papers = own.papers("facts_proof")
    assert own.open("exemption", record_id=record_id, fields=sent, evidence=papers).status == 201
    assert own.api("GET", PATH).json["items"] == []
    assert Desk(world, SUPERIOR).api("GET", PATH, query={"text": "长" * 51}).status == 422


@pytest.mark.requirement("R-33")
def test_where_the_document_has_no_exemption_there_are_no_precedents(world: World) -> None:
    elsewhere = client(town.BUREAU, "clerk")
    reply = Api(world, elsewhere.__class__(**{**_fields(elsewhere), "jurisdiction": "lingyuan"}))(
        "GET", PATH
    )
    assert reply.status == 404 and "unknown_case_kind" in reply.text


def _fields(caller: Any) -> dict[str, Any]:
    return {name: getattr(caller, name) for name in caller.__dataclass_fields__}


@given(
    st.text("示例市住房局年月日号（）〔〕2026，元13800", max_size=60),
    st.sampled_from(["示例市住房局", "王示例"]),
)
def test_neither_a_name_nor_a_number_but_a_year_is_left(text: str, name: str) -> None:
    said = anonymous(f"{text}{name}{text}", [name])
    assert name not in said and "住房局" not in anonymous(text, ["示例市住房局"])
    digits = "".join(letter if letter.isdigit() else " " for letter in said).split()
    assert all(len(number) == 4 and number[:2] in ("19", "20") for number in digits)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("依据示政办〔2026〕12号决定", "（略）决定"),
        ("2026年6月4日作出，2025-01-02报告", "2026年作出，2025年报告"),
        ("编号AB-20260615及金额３２０元", "编号（略）及金额（略）元"),
        ("合同金额三百二十万零四千元", "合同金额（略）万零四千元"),
        ("一次性付清", "一次性付清"),
    ],
)
def test_what_would_lead_back_is_taken_away(text: str, said: str) -> None:
    assert anonymous(text, []) == said
