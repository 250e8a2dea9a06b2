"""Evaluation over HTTP: who may, what is answered, and that the document tells the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib.access.service import authorize
from chalicelib.evaluation.routes import routes
from chalicelib.evaluation.routes_charts import routes as chart_routes
from chalicelib.evaluation.views import ExplainedResultOut, ReplayOut, ResultList, RunList, RunOut
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, WEST, caller
from tests.support.world import World
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-60")

BODIES = town.body(0).unified_code, town.body(1).unified_code
CALLERS: Mapping[str, Caller] = {
    "office": caller(CITY),
    "east": caller(EAST, client_id="east"),
    "west": caller(WEST, client_id="west"),
    "clerk": caller(CITY, client_id="clerk", agency_code=BODIES[1], roles=frozenset({"clerk"})),
    "auditor": caller(CITY, client_id="auditor", roles=frozenset({"auditor"})),
    "system": caller(CITY, client_id="system", roles=frozenset({"business_system"})),
}
ORDER = {"scheme": town.SCHEME, "period": "2025"}
Http = Callable[..., Reply]


@pytest.fixture
def http(world: World) -> Http:
    """`http("office", "GET", path)`: a request of that caller."""
    api = edge.build(
        [routes, chart_routes],
        lambda platform, token: CALLERS[token],
        authorize,
        lambda: world.platform,
    )

    def send(who: str, method: str, path: str, body: object = None, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {who}", **more.pop("headers", {})}
        return call(api, method, path, body, headers=headers, **more)

    return send


@pytest.fixture
def run(world: World, http: Http) -> str:
    """The path of a completed run."""
    town.settle(world)
    path = http("office", "POST", "/v1/evaluations", ORDER).headers["Location"]
    town.work_all(world)
    return path


def test_a_started_run_is_followed_to_its_end(world: World, http: Http) -> None:
    town.settle(world)
    started = http("office", "POST", "/v1/evaluations", ORDER)
    assert started.status == 202
    path = started.headers["Location"]
    assert RunOut(**started.json).percentage == 0
    _work_some(world, 2)
    world.clock.advance(minutes=1)
    half = http("office", "GET", path)
    shown = RunOut(**half.json)
    assert (shown.status, shown.bodies, shown.chunks, shown.chunks_done) == ("running", 5, 3, 0)
    # Each of the three parts is gathered, then settled: one step of six in the first minute.
    assert (shown.percentage, shown.estimated_finish_at) == (16, "2026-06-15T04:06:00.000Z")
    town.work_all(world)
    done = http("office", "GET", path)
    assert RunOut(**done.json).percentage == 100
    assert done.headers["ETag"] != half.headers["ETag"]
    again = http("office", "GET", path, headers={"If-None-Match": done.headers["ETag"]})
    assert again.status == 304
    listed = RunList(**http("clerk", "GET", "/v1/evaluations").json)
    assert [each.run_id for each in listed.items] == [shown.run_id]


def _work_some(world: World, count: int) -> None:
    from chalicelib.evaluation.work import work

    waiting = world.take(world.platform.evaluation_queue)
    for _ in range(count):
        work(world.platform, waiting.pop(0), town.all_finished)
        waiting += world.take(world.platform.evaluation_queue)
    world.platform.evaluation_queue.send_many(waiting)


def test_one_idempotency_key_starts_one_run(world: World, http: Http) -> None:
    town.settle(world, 2)
    key = {"Idempotency-Key": "k-1"}
    first = http("office", "POST", "/v1/evaluations", ORDER, headers=key)
    again = http("office", "POST", "/v1/evaluations", ORDER, headers=key)
    assert again.status == 202
    assert again.headers["Location"] == first.headers["Location"]
    assert again.json == first.json
    other = http("office", "POST", "/v1/evaluations", ORDER | {"period": "2024"}, headers=key)
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert len(http("office", "GET", "/v1/evaluations").json["items"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scheme": "nothing"}, "/scheme"),
        ({"period": "2027"}, "/period"),
        ({"period": "二五年"}, "/period"),
        ({"regions": ["110000"]}, "/regions/0"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_bad_input_is_refused_naming_the_field(
    world: World, http: Http, change: dict[str, Any], pointer: str
) -> None:
    town.settle(world, 2)
    refused = http("office", "POST", "/v1/evaluations", ORDER | change)
    assert refused.status == 422
    (fault,) = refused.json["errors"]
    assert fault["pointer"] == pointer
    assert any("\u4e00" <= letter <= "\u9fff" for letter in fault["message"])
    assert http("office", "GET", "/v1/evaluations").json["items"] == []


def test_nobody_evaluates_beyond_the_right_or_the_region(world: World, http: Http) -> None:
    town.settle(world)
    for who in ("clerk", "auditor", "system"):
        assert http(who, "POST", "/v1/evaluations", ORDER).status == 403
    beyond = http("east", "POST", "/v1/evaluations", ORDER | {"regions": [WEST]})
    assert (beyond.status, beyond.code) == (403, "out_of_scope")


def test_results_come_by_rank_and_in_pages(run: str, http: Http) -> None:
    first = http("office", "GET", f"{run}/results", query={"limit": "3"})
    token = first.json["next_page_token"]
    rest = http("office", "GET", f"{run}/results", query={"limit": "3", "page_token": token})
    shown = [*ResultList(**first.json).items, *ResultList(**rest.json).items]
    assert len({each.subject_id for each in shown}) == 5
    assert rest.json["next_page_token"] is None
    order = [(each.rank_group, each.rank) for each in shown]
    assert order == sorted(order)
    county = http("office", "GET", f"{run}/results", query={"level": "county"}).json["items"]
    assert {each["level"] for each in county} == {"county"}
    foreign = http("east", "GET", f"{run}/results", query={"limit": "3", "page_token": token})
    assert (foreign.status, foreign.code) == (400, "page_token")


def test_each_sees_the_results_of_its_own_reach(run: str, http: Http) -> None:
    def seen(who: str) -> set[str]:
        items = http(who, "GET", f"{run}/results").json["items"]
        return {each["unified_code"] for each in items}

    assert len(seen("office")) == len(seen("auditor")) == 5
    assert BODIES[0] in seen("east") and BODIES[1] not in seen("east")
    assert seen("clerk") == {BODIES[1]}
    own, other = (town.body(number).subject_id for number in (1, 0))
    assert http("clerk", "GET", f"{run}/results/{own}").status == 200
    assert http("clerk", "GET", f"{run}/results/{other}").status == 404
    assert http("west", "GET", f"{run}/results/{other}").status == 404
    assert http("system", "GET", f"{run}/results").status == 403


def test_every_point_names_its_rule_and_its_records(run: str, http: Http) -> None:
    answer = http("office", "GET", f"{run}/results/{town.body(1).subject_id}")
    shown = ExplainedResultOut(**answer.json)
    leaf = next(each for each in shown.leaves if each.indicator == "decisions_against")
    assert leaf.points == "10.00" and leaf.rule and leaf.working
    assert [(each.record_id, each.version) for each in leaf.records] == [("rec_penalty_1", 1)]


def test_nothing_is_shown_before_the_run_is_complete(world: World, http: Http) -> None:
    town.settle(world, 2)
    path = http("office", "POST", "/v1/evaluations", ORDER).headers["Location"]
    early = http("office", "GET", f"{path}/results")
    assert (early.status, early.code) == (409, "not_completed")
    assert http("office", "POST", f"{path}/replays").status == 409
    assert http("office", "GET", "/v1/evaluations/ev_nobody").status == 404


def test_a_replay_tells_whether_every_digit_is_the_same(world: World, run: str, http: Http) -> None:
    key = {"Idempotency-Key": "k-2"}
    started = http("auditor", "POST", f"{run}/replays", headers=key)
    assert started.status == 202
    again = http("auditor", "POST", f"{run}/replays", headers=key)
    assert again.headers["Location"] == started.headers["Location"]
    path = started.headers["Location"]
    assert ReplayOut(**http("auditor", "GET", path).json).equal is None
    town.work_all(world)
    shown = ReplayOut(**http("auditor", "GET", path).json)
    assert (shown.status, shown.equal, shown.compared) == ("completed", True, 5)
    assert http("clerk", "POST", f"{run}/replays").status == 403
    assert http("auditor", "GET", f"{run}/replays/rp_nobody").status == 404


@pytest.mark.parametrize("chart", ["radar", "waterfall", "trend"])
def test_a_result_is_drawn_and_every_number_of_the_picture_is_told(
    run: str, http: Http, chart: str
) -> None:
    path = f"{run}/results/{town.body(1).subject_id}"
    picture = http("office", "GET", f"{path}/charts/{chart}")
    assert picture.status == 200 and picture.headers["Content-Type"].startswith("image/svg+xml")
    table = http("office", "GET", f"{path}/charts/{chart}/table").json
    total = http("office", "GET", path).json["total"]
    if chart == "radar":
        assert len(table["rows"]) == 4
    else:
        assert table["rows"][-1][-1] in (total, total.rstrip("0").rstrip("."))
    hidden = f"{run}/results/{town.body(0).subject_id}/charts/radar"
    assert http("west", "GET", hidden).status == 404
    assert http("office", "GET", f"{path}/charts/cake").status == 422


def test_a_ranking_is_drawn_of_those_one_may_see(run: str, http: Http) -> None:
    shown = http("east", "GET", f"{run}/charts/ranking/table").json["rows"]
    seen = http("east", "GET", f"{run}/results").json["items"]
    assert [row[0] for row in shown] == [each["name"] for each in seen]
    assert http("east", "GET", f"{run}/charts/ranking").text.startswith("<svg")
