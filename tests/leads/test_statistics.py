"""What the public is told of how leads fare: each that was received is in exactly one number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.cases import clockwork, handlers
from chalicelib.policy.case_kinds import COUNTED_TITLES
from tests.cases.bench import CREDIT_OFFICE, HOUSING, SUPERIOR, Desk, settle
from tests.intake import town
from tests.leads.window import MATTER, Window, case_id
from tests.support.world import World, fresh_world, make_world

pytestmark = pytest.mark.requirement("R-62", "R-65")

BODIES = (HOUSING, town.BUREAU)
STEPS: dict[str, tuple[Any, dict[str, Any]]] = {
    "transfer": (CREDIT_OFFICE, {}),
    "explain": (SUPERIOR, {"fields": {"explanation": "没有此事"}}),
    "urge": (SUPERIOR, {"fields": {"findings": "属实", "rectify_by": "2026-07-31"}}),
    "confirm": (SUPERIOR, {"fields": {"outcome": "已付清"}}),
}


def statistics(world: World, region: str = "329900") -> dict[str, Any]:
    query = {"region": region, "jurisdiction": "nanjing"}
    reply = Window(world)("GET", "/public/v1/leads/statistics", query=query)
    assert reply.status == 200, reply.text
    return {one["kind"]: one for one in reply.json["kinds"]}


def test_it_adds_up_and_names_no_body(world: World) -> None:
    window, office = Window(world), Desk(world, CREDIT_OFFICE)
    for number in range(3):
        window.reported(fields={"matter": f"第{number}件"})
    registered = office.open(
        "breach_complaint",
        subject_id=f"b_{HOUSING}",
        action="register",
        fields={"channel": "hotline", "matter": MATTER},
    )
    assert registered.status == 201, registered.text
    assert office.act(registered.json["case_id"], "explain", **STEPS["explain"][1]).status == 200
    found = statistics(world)["breach_complaint"]
    numbers = {name: found[name] for name in ("received", *COUNTED_TITLES)}
    assert numbers == {
        "received": 4, "in_progress": 3, "explained": 1, "rectified": 0, "recognised": 0
    }  # fmt: skip
    assert found["regions"] == [{"region": "329900", **numbers}]
    assert HOUSING not in str(found) and "住房局" not in str(found)
    assert statistics(world)["lead"]["received"] == 0
    assert statistics(world, "329901")["breach_complaint"]["received"] == 0
    assert statistics(world, "320000")["breach_complaint"]["received"] == 4, "the province's, too"


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    settle(made)
    return made


def walk(world: World, steps: list[tuple[int, str, int]]) -> None:
    """Random steps in random cases; those that are out of turn are refused."""
    window = Window(world)
    opened: list[str] = []
    for which, step, body in steps:
        if step == "report" or not opened:
            window.reported("lead", fields={"matter": str(len(opened))}, unified_code=BODIES[body])
            items = world.platform.cases.query_index("by_listing", "cases#nanjing").items
            opened = sorted(str(item["case_id"]) for item in items if item["kind"] == "lead")
        else:
            caller, sent = STEPS[step]
            desk = Desk(world, caller)
            if step == "confirm":
                sent = {**sent, "evidence": desk.papers("rectification_proof")}
            desk.act(opened[which % len(opened)], step, **sent)


def standing(world: World) -> dict[str, int]:
    """Counted by hand, case by case."""
    items = world.platform.cases.each_in_index("by_listing", "cases#nanjing")
    states = [item["state"] for item in items if item["kind"] == "lead"]
    explained = states.count("explained")
    return {
        "received": len(states),
        "in_progress": len(states) - explained,
        "explained": explained,
        "rectified": 0,
        "recognised": 0,
    }


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["report", *STEPS]), st.integers(0, 1)),
        max_size=14,
    )
)
def test_whatever_happens_what_was_received_is_what_is_going_on_and_what_ended(
    aws: dict[str, str], steps: list[tuple[int, str, int]]
) -> None:
    world = fresh_world(aws)
    settle(world)
    walk(world, steps)
    found = statistics(world)["lead"]
    numbers = {name: found[name] for name in ("received", *COUNTED_TITLES)}
    assert numbers == standing(world)
    assert found["received"] == sum(found[name] for name in COUNTED_TITLES)
    for row in found["regions"]:
        assert row["received"] == sum(row[name] for name in COUNTED_TITLES)
        assert min(row[name] for name in COUNTED_TITLES) >= 0


def test_what_time_ends_is_counted_and_told_too(world: World) -> None:
    window, platform = Window(world), world.platform
    code = window.reported("complaint")
    complaint = case_id(world)
    assert Desk(world, CREDIT_OFFICE).act(complaint, "accept").status == 200
    answer = {"answer": "经查，窗口已整改"}
    assert Desk(world, SUPERIOR).act(complaint, "answer", fields=answer).status == 200
    assert statistics(world)["complaint"]["in_progress"] == 1
    # Ten working days for the rating, 端午 among them: over after 30 June.
    world.clock.advance(days=16)
    assert clockwork.send_due(platform) == 1
    for message in world.take(platform.cases_queue):
        handlers.work(platform, message)
    found = statistics(world)["complaint"]
    assert (found["received"], found["in_progress"], found["explained"]) == (1, 0, 1)
    shown = window.look(code).json
    assert shown["final"] and shown["in_words"] == "已办结。"
    assert (shown["dialogue"][-1]["by"], shown["dialogue"][-1]["state"]) == ("平台自动", "已办结")
