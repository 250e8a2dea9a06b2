"""The registers of the packs that ship: each can be kept to the end, each differs as its document
does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.accounts.model import Figure
from chalicelib.accounts.store import put_coverage
from chalicelib.kernel.clock import civil_date
from chalicelib.policy import service as policy
from chalicelib.policy.check import check
from chalicelib.policy.compile import PACKS
from chalicelib.policy.example import example_value
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Register
from chalicelib.registers.service import known_figures
from chalicelib.web.model import Caller
from tests.access.build import agency_code
from tests.policy.builders import base, write
from tests.registers.town import LEADERS, titles
from tests.support.api import Api
from tests.support.world import NOON, World, make_world
from tests.web.build import Reply

TODAY = civil_date(NOON)
HOME = {
    "nantong": "320600",
    "yancheng": "320900",
    "nanjing": "320100",
    "jiangxi": "360000",
    "lingyuan": "211382",
}


def newest(jurisdiction: str) -> Pack:
    return policy.pack_for(jurisdiction, TODAY)


JURISDICTIONS = sorted(path.name for path in PACKS.iterdir() if path.is_dir())


def agency_of(jurisdiction: str, role: str = "clerk") -> Caller:
    region = HOME.get(jurisdiction, "990100")
    code = agency_code(1 if role == "credit_office" else 2, region)
    return Caller(f"{role}-1", code, "示例单位", jurisdiction, region, "city", frozenset({role}))


def ask(world: World, who: Caller, method: str, path: str, body: object = None) -> Reply:
    return Api(world, who)(method, f"/v1/registers{path}", body)


def keeper_of(jurisdiction: str, register: Register) -> Caller:
    return agency_of(jurisdiction, "clerk" if register.kept_by == "agency" else "credit_office")


def make(world: World, jurisdiction: str, register: Register, **more: Any) -> Any:
    fields = {one.code: example_value(one, TODAY) for one in register.fields}
    who = keeper_of(jurisdiction, register)
    sent = {"fields": {**fields, **more}}
    reply = ask(world, who, "POST", f"/{register.code}/entries", sent)
    assert reply.status == 201, reply.text
    return reply.json


def report(world: World, who: Caller, entry: Any, step: str) -> Any:
    path = f"/{entry['register_code']}/entries/{entry['entry_id']}/steps/{step}"
    evidence = [{"title": "材料", "url": "https://www.example.gov.cn/1.pdf"}]
    reply = ask(world, who, "POST", path, {"done_on": TODAY.isoformat(), "evidence": evidence})
    assert reply.status == 200, reply.text
    return reply.json


@pytest.mark.requirement("R-12")
@pytest.mark.requirement("R-28")
@pytest.mark.requirement("R-74")
@pytest.mark.requirement("R-75")
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_register_can_be_kept_from_its_first_entry_to_the_last_step(
    aws: dict[str, str], jurisdiction: str
) -> None:
    world = make_world(aws)
    registers = newest(jurisdiction).registers
    assert {"major_decisions", "institutions"} <= registers.keys()
    for register in registers.values():
        entry = make(world, jurisdiction, register)
        who = keeper_of(jurisdiction, register)
        for step in register.steps:
            entry = report(world, who, entry, step.code)
        if register.target is None:
            assert (entry["status"], entry["missing"]) == ("complete", []), entry["working"]
        else:
            assert entry["computed"] and entry["status"] != "complete", "nothing is counted yet"


@pytest.mark.requirement("R-12")
def test_what_is_missing_is_shown_by_the_clause_of_each_city_s_own_document(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    demanded = {}
    for jurisdiction in ("nantong", "nanjing"):
        register = newest(jurisdiction).registers["major_decisions"]
        who = keeper_of(jurisdiction, register)
        entry = make(world, jurisdiction, register)
        for step in register.steps:
            if step.code != "risk_assessment":
                entry = report(world, who, entry, step.code)
        assert (entry["status"], titles(entry["missing"])) == ("incomplete", ["风险评估"])
        demanded[jurisdiction] = entry["missing"][0]["basis"]["document"]
    assert "南通市" in demanded["nantong"]
    assert demanded["nanjing"] != demanded["nantong"]


@pytest.mark.requirement("R-12")
def test_a_normative_document_is_put_up_for_consultation_and_another_decision_is_not(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    register = newest("nantong").registers["major_decisions"]
    lacking = {
        is_normative: titles(
            make(
                world,
                "nantong",
                register,
                is_normative=is_normative,
                decision_name=f"决策{is_normative}",
            )["missing"]
        )
        for is_normative in (True, False)
    }
    assert "公开征求意见" in lacking[True]
    assert "公开征求意见" not in lacking[False]


@pytest.mark.requirement("R-28")
def test_nantong_accounts_for_where_credit_reports_are_used_and_nanjing_does_not(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    has = {
        jurisdiction: ask(world, agency_of(jurisdiction), "GET", "/credit_use").status
        for jurisdiction in ("nantong", "nanjing")
    }
    assert has == {"nantong": 200, "nanjing": 404}
    register = newest("nantong").registers["credit_use"]
    entry = make(world, "nantong", register)
    assert titles(entry["missing"]) == ["已投入使用"]


@pytest.mark.requirement("R-71")
def test_tasks_are_those_each_document_states_and_none_where_it_states_none(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    office = agency_of("nantong", "credit_office")
    listed = ask(world, office, "GET", "/tasks/entries").json["items"]
    assert len(listed) == len(newest("nantong").tasks) > 20
    by_code = {one["entry_id"]: one for one in listed}
    education = by_code["civil_servant_education"]
    assert education["task"]["stated_lead"] == ["市人社局"]
    assert titles(education["missing"])[0] == "分派责任单位"
    counts = {name: len(newest(name).tasks) for name in ("lingyuan", "jiangxi", "nanjing")}
    assert counts["lingyuan"] == 0 and counts["jiangxi"] and counts["nanjing"]
    none = ask(world, agency_of("lingyuan", "credit_office"), "GET", "/tasks/entries")
    assert (none.status, none.code) == (404, "unknown_register")


@pytest.mark.requirement("R-75")
def test_a_leader_not_confirmed_again_has_lapsed(aws: dict[str, str]) -> None:
    world = make_world(aws)
    register = newest("nantong").registers["leaders"]
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    entry = make(world, "nantong", register, confirm_again_on=tomorrow)
    assert entry["status"] == "complete"
    world.clock.advance(days=2)
    who = keeper_of("nantong", register)
    path = f"/leaders/entries/{entry['entry_id']}"
    assert ask(world, who, "GET", path).json["status"] == "lapsed"


@pytest.mark.requirement("R-75")
def test_who_answers_for_integrity_is_what_each_document_says(aws: dict[str, str]) -> None:
    world = make_world(aws)
    titles_of = {}
    for jurisdiction in ("nantong", "nanjing"):
        shown = ask(world, agency_of(jurisdiction), "GET", "/leaders").json
        titles_of[jurisdiction] = next(
            one["title"] for one in shown["fields"] if one["code"] == "post"
        )
    assert titles_of == {"nantong": "分管领导职务", "nanjing": "第一责任人职务"}


@pytest.mark.requirement("R-12")
def test_lingyuan_asks_for_a_hearing_and_an_integrity_review_as_well(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    register = newest("lingyuan").registers["major_decisions"]
    fine = make(world, "lingyuan", register)
    assert {"民意听证", "廉洁性评估"} <= set(titles(fine["missing"]))
    assert "决策问责和纠错" not in titles(fine["missing"])
    wrong = make(world, "lingyuan", register, decision_name="失误的决策", error_found=True)
    assert "决策问责和纠错" in titles(wrong["missing"])


@pytest.mark.requirement("R-28")
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_figure_a_document_is_measured_by_is_computed(jurisdiction: str) -> None:
    pack = newest(jurisdiction)
    targets = [entry.target for entry in (*pack.registers.values(), *pack.tasks.values())]
    named = {target.figure for target in targets if target is not None}
    assert named and named <= known_figures()


@pytest.mark.requirement("R-28")
@pytest.mark.requirement("R-71")
def test_a_goal_of_coverage_is_reached_when_all_bodies_are_recorded_and_not_before(
    aws: dict[str, str],
) -> None:
    world = make_world(aws)
    office = agency_of("nantong", "credit_office")
    (code,) = [
        task.code
        for task in newest("nantong").tasks.values()
        if task.target is not None and task.target.figure == "bodies_recorded_share"
    ]
    seen = []
    for recorded in (None, 9, 10):
        if recorded is not None:
            counted = Figure("bodies_recorded_share", recorded, 10, "2026-06-15T00:00:00.000Z")
            put_coverage(world.platform, HOME["nantong"], counted)
        task = ask(world, office, "GET", f"/tasks/entries/{code}").json
        told = next(line for line in task["working"] if line.startswith("由平台计算"))
        seen.append((told.split("；报告")[0], [one["code"] for one in task["missing"]]))
    assert seen[0][1] == ["assignment", "figure"] and "还没有统计过" in seen[0][0]
    assert seen[1] == (
        "由平台计算：0.9，目标不低于 1，未达到（9/10，2026-06-15 统计）",
        ["assignment", "figure"],
    )
    assert seen[2] == ("由平台计算：1，目标不低于 1，达到（10/10，2026-06-15 统计）", [])


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize("code", ["tasks", "reminders"])
def test_a_register_must_not_take_the_place_of_tasks_or_reminders(
    tmp_path: Path, code: str
) -> None:
    write(tmp_path, "national/2024-01-01", {**base(), "registers": {code: LEADERS}})
    (problem,) = check(tmp_path)
    assert problem.path == f"registers.{code}" and "已有别的用途" in problem.reason
