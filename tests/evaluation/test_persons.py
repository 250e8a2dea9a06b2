"""Civil servants are evaluated by the same machinery, internally: by number, never by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import pytest

from chalicelib.access.service import authorize
from chalicelib.disclosure.runs import is_public
from chalicelib.evaluation import service
from chalicelib.evaluation.routes import routes
from chalicelib.evaluation.routes_charts import routes as chart_routes
from chalicelib.evaluation.routes_divergence import routes as divergence_routes
from chalicelib.evaluation.routes_persons import routes as person_routes
from chalicelib.evaluation.routes_whatif import routes as whatif_routes
from chalicelib.evaluation.runs import Run
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.evaluation import persons_town, town
from tests.evaluation.town import CITY, EAST, caller
from tests.support.faults import state
from tests.support.world import World
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-67")

Http = Callable[..., Reply]
STATED = {"Purpose-Code": "promotion", "Approval-Reference": "2026-7"}


def subject(subject_id: str) -> Caller:
    return caller(
        "", client_id=subject_id, agency_code="", subject_id=subject_id,
        roles=frozenset({"subject"}),
    )  # fmt: skip


CALLERS: Mapping[str, Caller] = {
    "personnel": caller(CITY, client_id="personnel", roles=frozenset({"personnel"})),
    "east": caller(EAST, client_id="east", roles=frozenset({"personnel"})),
    "office": caller(CITY),
    "p_2": subject("p_2"),
    "p_3": subject("p_3"),
}


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("POLICY_DIR", persons_town.packs())
    persons_town.settle(world)
    assert persons_town.RUN in service.start_due_runs(world.platform)
    town.work_all(world)
    found = service.completed_run(world.platform, persons_town.RUN)
    assert found is not None
    return found


@pytest.fixture
def http(world: World) -> Http:
    api = edge.build(
        [routes, person_routes, whatif_routes, chart_routes, divergence_routes],
        lambda platform, token: CALLERS[token],
        authorize,
        lambda: world.platform,
    )

    def send(who: str, path: str, body: object = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        method, _, query = "GET" if body is None else "POST", *path.partition("?")[1:]
        return call(
            api, method, path.partition("?")[0], body, query=dict(parse_qsl(query)),
            headers={"Authorization": f"Bearer {who}", **named},
        )  # fmt: skip

    return send


def test_officials_are_ranked_at_their_employers_level_and_nobody_is_named(
    world: World, run: Run
) -> None:
    found = {each.body.subject_id: each for each in service.results_of(world.platform, run.run_id)}
    places = {
        each: (result.placing.group, result.placing.place)
        for each, result in found.items()
        if result.placing is not None
    }
    assert places == {
        "p_0": ("city", 1), "p_2": ("city", 2), "p_1": ("county", 1), "p_3": ("county", 1),
    }  # fmt: skip
    kept = state(world)
    assert persons_town.NAME not in repr([kept["evaluation"], kept["archive"]])
    assert {(each.body.name, each.body.unified_code) for each in found.values()} == {("", "")}
    assert not is_public(run)


def test_personnel_read_within_their_region_for_a_stated_purpose_and_the_person_sees_it(
    world: World, run: Run, http: Http
) -> None:
    path = f"/v1/person-evaluations/{run.run_id}/results"
    assert http("personnel", path).status == 422
    assert world.platform.audit.query("LOOKED#p_2").items == ()
    listed = http("personnel", path, **STATED)
    assert {each["subject_id"] for each in listed.json["items"]} == {"p_0", "p_1", "p_2", "p_3"}
    (together,) = world.platform.audit.query(f"TRAIL#{town.JURISDICTION}").items
    assert set(str(together["subject_id"]).split(",")) == {"p_0", "p_1", "p_2", "p_3"}
    assert [each["subject_id"] for each in world.platform.audit.query("LOOKED#p_2").items] == [
        "p_2"
    ]
    one = http("personnel", f"{path}/p_2", **STATED)
    assert (one.json["total"], one.json["grade"]) == ("80.00", "B")
    assert one.json["leaves"][0]["records"][0]["record_id"] == "r_discipline"
    noted = world.platform.audit.query("LOOKED#p_2").items
    assert len(noted) == 2
    in_the_east = http("east", path, **STATED)
    assert {each["subject_id"] for each in in_the_east.json["items"]} == {"p_1", "p_3"}
    assert http("east", f"{path}/p_2", **STATED).status == 404
    runs = http("personnel", "/v1/person-evaluations")
    assert [each["run_id"] for each in runs.json["items"]] == [run.run_id]


def test_a_person_reads_its_own_result_and_nobody_elses(run: Run, http: Http) -> None:
    (own,) = http("p_2", "/v1/me/evaluations").json["items"]
    assert (own["run_id"], own["total"], own["rank"]) == (run.run_id, "80.00", 2)
    assert "name" not in own
    path = f"/v1/evaluations/{run.run_id}/results"
    assert http("p_2", f"{path}/p_2").status == 200
    assert http("p_3", f"{path}/p_2").status == 404
    assert http("p_3", f"/v1/person-evaluations/{run.run_id}/results").status == 403


def test_an_office_that_reads_the_results_of_bodies_reads_none_of_persons(
    run: Run, http: Http
) -> None:
    path = f"/v1/evaluations/{run.run_id}"
    assert http("office", path).json["bodies"] == 4  # how many were evaluated is no secret
    assert http("office", f"{path}/results").json["type"].endswith("of_persons")
    assert http("office", f"{path}/results/p_2").status == 404
    assert http("office", f"/v1/person-evaluations/{run.run_id}/results").status == 403


def test_every_look_of_a_person_at_its_own_result_is_noted(
    world: World, run: Run, http: Http
) -> None:
    results = f"/v1/evaluations/{run.run_id}/results"
    (own,) = http("p_2", results).json["items"]
    assert own["subject_id"] == "p_2"
    one = f"{results}/p_2"
    for look in (one, f"{one}/improvements", f"{one}/charts/trend/table"):
        assert http("p_2", look).status == 200
    asked = {"without": ["r_discipline"]}
    assert http("p_2", f"{one}/counterfactuals", asked).status == 200
    noted = world.platform.audit.query("LOOKED#p_2").items
    assert [each["purpose"] for each in noted] == ["self"] * 5
    assert http("p_3", one).status == 404
    assert world.platform.audit.query("LOOKED#p_3").items == ()


def test_an_evaluation_of_persons_is_not_put_side_by_side(run: Run, http: Http) -> None:
    for use in (
        f"comparison?with={run.run_id}",
        "sensitivity",
        "export",
        "divergence?system=sample_trust_index",
        "charts/ranking",
        "charts/ranking/table",
    ):
        refused = http("office", f"/v1/evaluations/{run.run_id}/{use}")
        assert refused.status == 409 and refused.json["type"].endswith("of_persons"), use
