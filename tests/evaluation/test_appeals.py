"""Whoever was evaluated is told, appeals in time, is heard, and sees what was decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib.access.service import authorize
from chalicelib.aws import calls
from chalicelib.aws.writes import commit
from chalicelib.cases.routes_cases import routes as case_routes
from chalicelib.creditfile import service as creditfile
from chalicelib.evaluation import holdstore, runs, service
from chalicelib.evaluation.routes import routes
from chalicelib.evaluation.routes_appeals import routes as appeal_routes
from chalicelib.evaluation.routes_persons import routes as person_routes
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.evaluation import persons_town, town
from tests.evaluation.town import CITY, caller
from tests.support.memory import MemoryTables
from tests.support.world import World, make_world
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-60", "R-31")

POOR = town.body(1, CITY)
FINE = town.body(2, CITY)


def speaks_for(subject_id: str) -> Caller:
    """A client that speaks for a body alone."""
    return caller(
        "", client_id=f"for-{subject_id}", agency_code="", agency_name="", level="",
        roles=frozenset({"subject"}), subject_id=subject_id,
    )  # fmt: skip


CALLERS: Mapping[str, Caller] = {
    "office": caller(CITY),
    "poor": speaks_for(POOR.subject_id),
    "fine": speaks_for(FINE.subject_id),
    "person": speaks_for("p_0"),
}
GROUNDS = {"grounds": "两条行政许可已按期报送", "indicators": ["double_publicity_on_time"]}
Http = Callable[..., Reply]


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A platform with its tables in memory: a run takes a fraction of the time."""
    monkeypatch.setattr(runs, "CHUNK_BODIES", 2)
    monkeypatch.setitem(calls._clients, "dynamodb", MemoryTables())
    return make_world(aws)


@pytest.fixture
def http(world: World) -> Http:
    """`http("poor", "GET", path)`: a request of that caller."""
    api = edge.build(
        [routes, appeal_routes, person_routes, case_routes],
        lambda platform, token: CALLERS[token],
        authorize,
        lambda: world.platform,
    )

    def send(who: str, method: str, path: str, body: object = None, **headers: str) -> Reply:
        named = {"Authorization": f"Bearer {who}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return call(api, method, path, body, headers=named)

    return send


@pytest.fixture
def path(world: World) -> str:
    """The results of a completed run in which one body is poor and one is not."""
    town.poor(world, POOR)
    town.register(world.platform, FINE)
    return f"/v1/evaluations/{town.run_through(world).run_id}/results"


def act(http: Http, who: str, case: str, action: str, **fields: Any) -> Reply:
    """A step in a case as it stands."""
    version = http("office", "GET", case).headers["ETag"]
    return http(who, "POST", f"{case}/actions/{action}", {"fields": fields}, If_Match=version)


def test_whoever_is_poor_is_told_first_and_the_working_is_shown(
    http: Http, path: str
) -> None:
    (letter,) = http("poor", "GET", "/v1/letters").json["items"]
    assert "等级“差”" in letter["text"] and "2026-07-07前提出复核" in letter["text"]
    assert letter["run_id"] == path.split("/")[3]
    shown = http("poor", "GET", f"{path}/{POOR.subject_id}").json["notice"]
    # Told on Monday 06-15; 06-19..21 are the Dragon Boat festival: 16, 17, 18, 22, 23; and to
    # appeal in fifteen 24, 25, 26, 29, 30, 07-01, 2, 3, 6, 7.
    assert (shown["state"], shown["last_day"]) == ("held", "2026-06-23")
    assert sum(day["counted"] for day in shown["deadline"]["days"]) == 5
    assert http("fine", "GET", "/v1/letters").json["items"] == []
    assert http("fine", "GET", f"{path}/{FINE.subject_id}").json["notice"] is None


def test_an_appeal_marks_the_result_and_its_outcome_stays_beside_it(
    http: Http, path: str
) -> None:
    result = f"{path}/{POOR.subject_id}"
    taken = http("poor", "POST", f"{result}/appeals", GROUNDS, Idempotency_Key="k-1")
    assert (taken.status, taken.json["appeal_by"]) == (201, "2026-07-07")
    again = http("poor", "POST", f"{result}/appeals", GROUNDS, Idempotency_Key="k-1")
    assert again.text == taken.text
    shown = http("office", "GET", result)
    assert shown.json["review"]["state"] == "open"
    second = http("poor", "POST", f"{result}/appeals", GROUNDS)
    assert (second.status, second.json["type"].rpartition("/")[2]) == (409, "already_appealed")
    case = taken.headers["Location"]
    assert result.split("/")[3] in (history := http("office", "GET", f"{case}/history").text)
    assert str(GROUNDS["grounds"]) in history and "double_publicity_on_time" in history
    done = act(http, "office", case, "grant", answer="两条许可确系按期报送，由来源单位更正后重算")
    assert done.status == 200, done.text
    after = http("poor", "GET", result)
    assert after.json["review"]["text"] == "经复核，结果应重新计算"
    assert after.headers["ETag"] != shown.headers["ETag"]
    listed = http("office", "GET", path).json["items"]
    assert {one["subject_id"]: one["review"] and one["review"]["state"] for one in listed} == {
        POOR.subject_id: "granted", FINE.subject_id: None,
    }  # fmt: skip


def test_who_took_an_appeal_back_may_make_it_again(http: Http, path: str) -> None:
    result = f"{path}/{FINE.subject_id}"
    case = http("fine", "POST", f"{result}/appeals", GROUNDS).headers["Location"]
    assert act(http, "fine", case, "take_back").status == 200
    assert http("fine", "GET", result).json["review"] is None
    again = http("fine", "POST", f"{result}/appeals", {"grounds": "另有理由"})
    assert again.status == 201
    assert act(http, "office", again.headers["Location"], "uphold", answer="核实无误").status == 200
    assert http("fine", "GET", result).json["review"]["state"] == "upheld"


def test_nobody_appeals_for_others_or_too_late_or_about_what_is_not_there(
    world: World, http: Http, path: str
) -> None:
    result = f"{path}/{POOR.subject_id}/appeals"
    assert http("fine", "POST", result, GROUNDS).status == 404
    assert http("office", "POST", result, GROUNDS).status == 403
    assert http("poor", "POST", "/v1/evaluations/ev_no/results/b_no/appeals", GROUNDS).status == 404
    unknown = http("poor", "POST", result, {**GROUNDS, "indicators": ["charm"]})
    assert unknown.status == 422
    assert unknown.json["errors"][0]["pointer"] == "/indicators/0"
    papers = {**GROUNDS, "evidence": {"selfie": "e_" + "a" * 26}}
    odd = http("poor", "POST", result, papers)
    assert (odd.status, odd.json["errors"][0]["pointer"]) == (422, "/evidence")
    missing = {**GROUNDS, "evidence": {"proof": "e_" + "a" * 26}}
    lost = http("poor", "POST", result, missing)
    assert (lost.status, lost.json["errors"][0]["pointer"]) == (422, "/evidence/proof")
    before = list(world.platform.cases.each_in_index("by_listing", "contests"))
    fields = {"run": path.split("/")[3], "evaluation": "评价", "grounds": "无"}
    opening = {"action": "appeal", "subject_id": POOR.subject_id, "fields": fields}
    other_door = http("poor", "POST", "/v1/cases/evaluation_appeal", opening)
    assert other_door.status == 422
    assert other_door.json["errors"][0]["pointer"] == "/fields/run"
    world.clock.advance(days=25)
    late = http("poor", "POST", result, GROUNDS)
    assert (late.status, late.json["type"].rpartition("/")[2]) == (409, "appeal_over")
    assert list(world.platform.cases.each_in_index("by_listing", "contests")) == before == []


def test_a_run_that_was_replaced_or_is_under_way_is_not_appealed(
    world: World, http: Http, path: str
) -> None:
    world.clock.advance(minutes=1)
    town.run_through(world)
    replaced = http("fine", "POST", f"{path}/{FINE.subject_id}/appeals", GROUNDS)
    assert (replaced.status, replaced.json["type"].rpartition("/")[2]) == (409, "appeal_not_open")
    run_id = town.start(world)
    town.work_until(world, "finish")
    early = f"/v1/evaluations/{run_id}/results/{FINE.subject_id}/appeals"
    assert http("fine", "POST", early, GROUNDS).status == 409


def test_the_sweep_lets_results_out_a_day_after_the_last_day(
    world: World, http: Http, path: str
) -> None:
    run_id = path.split("/")[3]
    world.clock.advance(days=8)
    assert service.publish_due(world.platform) == 0
    assert service.is_held(world.platform, run_id, POOR.subject_id)
    world.clock.advance(days=1)
    assert service.publish_due(world.platform) == 1
    assert not service.is_held(world.platform, run_id, POOR.subject_id)
    shown = http("poor", "GET", f"{path}/{POOR.subject_id}").json["notice"]
    assert (shown["state"], shown["last_day"]) == ("released", "2026-06-23")


@pytest.mark.requirement("R-67")
def test_a_civil_servant_contests_its_own_evaluation(
    world: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICY_DIR", persons_town.packs(appeal=True))
    city = town.body(1, CITY)
    key = world.platform.keyring.wrap_new_key("p_0", world.platform.ids)
    person = dataclasses.replace(persons_town.official(0, city), wrapped_key=key)
    town.register(world.platform, city)
    commit(creditfile.subject_writes(world.platform, person, "mac"))
    service.start_due_runs(world.platform)
    town.work_all(world)
    result = f"/v1/evaluations/{persons_town.RUN}/results/p_0"
    (letter,) = http("person", "GET", "/v1/letters").json["items"]
    assert "这个结果不对外公布。有异议的" in letter["text"], "it is never public, on no day"
    notice = http("person", "GET", result).json["notice"]
    assert (notice["state"], notice["last_day"], notice["deadline"]) == ("told", None, None)
    assert list(holdstore.waiting_holds(world.platform)) == []
    taken = http("person", "POST", f"{result}/appeals", {"grounds": "处分已经撤销"})
    assert taken.status == 201, taken.text
    assert http("poor", "POST", f"{result}/appeals", {"grounds": "替他人"}).status == 404
    assert http("person", "GET", result).json["review"]["state"] == "open"
    case = taken.headers["Location"]
    assert act(http, "office", case, "uphold", answer="处分仍在影响期内").status == 200
    (own,) = http("person", "GET", "/v1/me/evaluations").json["items"]
    assert own["review"]["text"] == "经复核，维持原结果"
    kept = list(world.platform.cases.each(f"CASE#{case.rsplit('/', 1)[1]}"))
    assert kept and "处分已经撤销" not in repr(kept)


def test_a_run_that_cannot_be_shown_yet_keeps_no_other_back(
    world: World, http: Http, path: str
) -> None:
    run_id = path.split("/")[3]
    hold = holdstore.load_hold(world.platform, run_id, POOR.subject_id)
    assert hold is not None
    commit([holdstore.hold_put(world.platform, dataclasses.replace(hold, run_id="ev_0_under_way"))])
    world.clock.advance(days=9)
    assert service.publish_due(world.platform) == 1
    assert not service.is_held(world.platform, run_id, POOR.subject_id)
    assert service.is_held(world.platform, "ev_0_under_way", POOR.subject_id)
