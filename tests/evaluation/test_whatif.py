"""What if: a record were not there, the scheme were another one, weights were others."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.access.service import authorize
from chalicelib.aws import calls
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import paging, runs, service, store
from chalicelib.evaluation.comparing import compare
from chalicelib.evaluation.routes import routes
from chalicelib.evaluation.routes_charts import routes as chart_routes
from chalicelib.evaluation.routes_whatif import routes as whatif_routes
from chalicelib.evaluation.rules_comparing import Stood, moves, place_among, summary
from chalicelib.evaluation.runs import Placing, Result
from chalicelib.kernel.errors import Invalid
from chalicelib.policy import service as policy
from chalicelib.web import edge
from chalicelib.web.model import Caller, Scope
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, WEST, caller
from tests.support.memory import MemoryTables
from tests.support.world import World, make_world
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-60")

PENALISED = town.body(1).subject_id
CALLERS: Mapping[str, Caller] = {
    "office": caller(CITY),
    "east": caller(EAST, client_id="east"),
    "west": caller(WEST, client_id="west", agency_code="WEST"),
    "clerk": caller(
        CITY, client_id="clerk", agency_code=town.body(1).unified_code,
        roles=frozenset({"clerk"}),
    ),
    "auditor": caller(CITY, client_id="auditor", roles=frozenset({"auditor"})),
}  # fmt: skip
Http = Callable[..., Reply]


@pytest.fixture
def world(aws: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A platform with its tables in memory: a run takes a fraction of the time."""
    monkeypatch.setattr(runs, "CHUNK_BODIES", 2)
    monkeypatch.setitem(calls._clients, "dynamodb", MemoryTables())
    return make_world(aws)


@pytest.fixture
def http(world: World) -> Http:
    """`http("office", "GET", path)`: a request of that caller."""
    api = edge.build(
        [routes, whatif_routes, chart_routes],
        lambda platform, token: CALLERS[token],
        authorize,
        lambda: world.platform,
    )

    def send(who: str, method: str, path: str, body: object = None, **more: Any) -> Reply:
        return call(api, method, path, body, headers={"Authorization": f"Bearer {who}"}, **more)

    return send


@pytest.fixture
def path(world: World) -> str:
    """A completed run over five bodies, two of them penalised."""
    town.settle(world)
    return f"/v1/evaluations/{town.run_through(world).run_id}"


def draft(**changes: Any) -> dict[str, Any]:
    """The city's scheme as a draft, changed."""
    pack = policy.pack_for(town.JURISDICTION, town.NOW.date())
    document = pack.schemes[town.SCHEME].model_dump(mode="json", exclude_none=True)
    return {**document, **changes}


def test_without_a_penalty_or_had_it_been_repaired_the_result_would_be_better(
    world: World, http: Http, path: str
) -> None:
    result = f"{path}/results/{PENALISED}"
    before = http("office", "GET", result).json
    asked = f"{result}/counterfactuals"
    found = http("office", "POST", asked, {"without": ["rec_penalty_1"]})
    assert found.status == 200, found.text
    shown = found.json
    (leaf,) = shown["leaves"]
    assert leaf["indicator"] == "decisions_against"
    assert Decimal(shown["supposed_total"]) == Decimal(before["total"]) + Decimal(leaf["change"])
    assert Decimal(leaf["change"]) > 0
    assert shown["supposed_rank"] <= shown["rank"] == before["rank"]
    early = [{"record_id": "rec_penalty_1", "on": "2026-01-05"}]
    repaired = http("clerk", "POST", asked, {"repaired": early}).json
    assert repaired["supposed_total"] == shown["supposed_total"]
    late = [{"record_id": "rec_penalty_1", "on": "2030-01-05"}]
    unchanged = http("clerk", "POST", asked, {"repaired": late}).json
    assert (unchanged["change"], unchanged["leaves"]) == ("0.00", [])
    again = http("office", "GET", result)
    assert again.json == before


def test_a_supposition_about_what_is_not_there_names_the_place(
    http: Http, path: str
) -> None:
    asked = f"{path}/results/{PENALISED}/counterfactuals"
    wrong = {"without": ["rec_penalty_1", "rec_penalty_3"]}
    refused = http("office", "POST", asked, wrong)
    assert refused.status == 422
    assert [one["pointer"] for one in refused.json["errors"]] == ["/without/1"]
    assert http("office", "POST", asked, {}).status == 422
    assert http("west", "POST", asked, {"without": ["rec_penalty_1"]}).status == 404


def test_each_record_says_what_it_costs_and_what_would_change_that(
    http: Http, path: str
) -> None:
    items = http("clerk", "GET", f"{path}/results/{PENALISED}/improvements").json["items"]
    first = items[0]
    assert (first["record_id"], first["indicator"]) == ("rec_penalty_1", "decisions_against")
    assert Decimal(first["gain"]) > 0 and "修复" in first["text"]
    gains = [Decimal(one["gain"]) for one in items if one["gain"] is not None]
    assert gains == sorted(gains, reverse=True)


def test_a_draft_is_tried_on_last_years_data_and_nobody_else_sees_it(
    world: World, http: Http, path: str
) -> None:
    heavier = draft()
    lawful = heavier["indicators"][0]
    on_time, against = lawful["children"][:2]
    moved = Decimal(str(on_time["weight"])) - 1
    on_time["weight"] = str(moved)
    on_time["score"]["empty"] = str(moved)
    against["weight"] = str(Decimal(str(against["weight"])) + 1)
    asked = {"scheme": heavier, "period": "2025", "compare_with": path.rsplit("/", 1)[1]}
    tried = http("office", "POST", "/v1/evaluations/what-ifs", asked)
    assert tried.status == 202, tried.text
    place = tried.headers["Location"]
    assert http("west", "GET", place).status == 404
    early = http("office", "GET", tried.json["comparison"].partition("?")[0],
                 query={"with": asked["compare_with"]})  # fmt: skip
    assert early.status == 409
    town.work_all(world)
    compared = http("office", "GET", f"{place}/comparison", query={"with": asked["compare_with"]})
    assert compared.status == 200, compared.text
    total = compared.json["summary"]
    assert (total["compared"], total["only_before"], total["only_after"]) == (5, 0, 0)
    changed = {one["subject_id"]: one["points"] for one in compared.json["items"]}
    assert len(changed) == 5 and len(set(changed.values())) > 1
    first = http("office", "GET", path)
    assert first.json["superseded_by"] is None


def test_a_draft_that_does_not_add_up_is_refused_with_every_place(
    world: World, http: Http, path: str
) -> None:
    wrong = draft()
    wrong["indicators"][0]["weight"] = "36"
    wrong["indicators"][0]["children"][0]["source"]["types"] = ["no_such_type"]
    before = len(list(store.runs_of(world.platform, town.JURISDICTION)))
    refused = http("office", "POST", "/v1/evaluations/what-ifs",
                   {"scheme": wrong, "period": "2025"})  # fmt: skip
    assert refused.status == 422
    said = {one["pointer"]: one["message"] for one in refused.json["errors"]}
    assert all(pointer.startswith("/scheme/") for pointer in said)
    assert any("权重之和" in text for text in said.values())
    assert any("no_such_type" in text for text in said.values())
    assert len(list(store.runs_of(world.platform, town.JURISDICTION))) == before
    asked = {"scheme": draft(), "period": "2025", "compare_with": "ev_none"}
    assert http("office", "POST", "/v1/evaluations/what-ifs", asked).status == 404
    assert http("clerk", "POST", "/v1/evaluations/what-ifs", asked).status == 403


def test_a_long_list_is_read_on_page_by_page_and_tells_nothing_of_those_unseen(
    world: World, http: Http, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = http("office", "GET", f"{path}/results").json["items"]
    monkeypatch.setattr(service, "_READ_AHEAD", 1)
    monkeypatch.setattr(paging, "PAGES_LOOKED_AT", 1)
    found: list[str] = []
    query: dict[str, str] = {}
    requests = 0
    while True:
        page = http("east", "GET", f"{path}/results", query=query).json
        requests += 1
        found += [one["subject_id"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        query = {"page_token": page["next_page_token"]}
        plain = base64.urlsafe_b64decode(page["next_page_token"] + "==")
        assert b"b_DEPT" not in plain
    assert found == [one["subject_id"] for one in everybody if one["region"] == EAST]
    assert requests >= len(everybody) > len(found) > 0
    chart = http("east", "GET", f"{path}/charts/ranking/table")
    assert chart.status == 409 and chart.json["type"].endswith("too_many_bodies")
    # A body finds its own by key: nothing is looked through for it.
    own = http("clerk", "GET", f"{path}/results").json
    assert [one["subject_id"] for one in own["items"]] == [PENALISED]
    assert own["next_page_token"] is None


def test_two_runs_are_compared_page_by_page_and_each_office_sees_its_own(
    world: World, http: Http, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (0, 2):
        town.keep(world.platform, town.penalty(f"rec_late_{number}", town.body(number)))
    second = f"/v1/evaluations/{town.run_through(world).run_id}"
    query = {"with": path.rsplit("/", 1)[1], "limit": "2"}
    page = http("office", "GET", f"{second}/comparison", query=query).json
    items = page["items"]
    while page["next_page_token"]:
        assert len(page["items"]) == 2
        query["page_token"] = page["next_page_token"]
        page = http("office", "GET", f"{second}/comparison", query=query).json
        items += page["items"]
    assert len({one["subject_id"] for one in items}) == len(items) == 5
    places = [abs(one["places"]) for one in items]
    assert places == sorted(places, reverse=True)
    for one in items:
        difference = Decimal(one["after"]["total"]) - Decimal(one["before"]["total"])
        assert Decimal(one["points"]) == difference
    assert page["summary"]["compared"] == 5
    read: list[str] = []

    def load(platform: Platform, run_id: str, named: Iterable[str]) -> dict[str, Result]:
        read.extend(named := list(named))
        return load_results(platform, run_id, named)

    load_results = store.load_results
    monkeypatch.setattr(store, "load_results", load)
    east = http("east", "GET", f"{second}/comparison", query={"with": query["with"]}).json
    assert {one["region"] for one in east["items"]} == {EAST}
    # However large the evaluation, results are read of those shown alone, once in each.
    assert sorted(read) == sorted(2 * [one["subject_id"] for one in east["items"]])
    assert http("clerk", "GET", f"{second}/comparison", query=query).status == 403


def test_weights_are_varied_one_by_one(http: Http, path: str) -> None:
    found = http("auditor", "GET", f"{path}/sensitivity", query={"variation": "0.5"}).json
    assert {one["indicator"] for one in found["weights"]} >= {"lawful", "decisions_against"}
    for one in found["ranges"]:
        assert one["best"] <= one["rank"] <= one["worst"]
    assert "百分" not in found["text"] and "50%" in found["text"]
    east = http("east", "GET", f"{path}/sensitivity").json
    assert len(east["ranges"]) < len(found["ranges"])
    assert http("office", "GET", f"{path}/sensitivity", query={"variation": "2"}).status == 422


def test_everybodys_result_leaves_as_a_file_for_the_assessment_of_performance(
    world: World, http: Http, path: str
) -> None:
    link = http("office", "GET", f"{path}/export")
    rows = list(csv.reader(io.StringIO(_file(world, link).decode("utf-8-sig"))))
    assert rows[0][:6] == ["统一社会信用代码", "名称", "单位类别", "层级", "行政区划", "总分"]
    assert len(rows) == 6
    results = {one["unified_code"]: one for one in http("office", "GET", f"{path}/results").json[
        "items"]}  # fmt: skip
    for row in rows[1:]:
        one = results[row[0]]
        assert (row[5], row[6], row[8]) == (one["total"], one["grade_title"], str(one["rank"]))
        assert sum(map(Decimal, row[13:])) == Decimal(one["total"])
    own = _file(world, http("east", "GET", f"{path}/export"))
    assert 1 < len(own.decode("utf-8-sig").splitlines()) < 6
    book = _file(world, http("office", "GET", f"{path}/export", query={"format": "xlsx"}))
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book)).namelist()


def _file(world: World, link: Reply) -> bytes:
    """What an export leads to."""
    found = re.search(r"exports/evaluations/[^?]+", link.headers["Location"])
    assert link.status == 303 and found is not None
    return world.platform.work.read(found.group())


def test_places_and_ties_are_counted_as_ranks_are() -> None:
    def stood(total: str, place: int, group: str = "city") -> Stood:
        return Stood(Decimal(total), Placing(group, place, 3))

    before = {"a": stood("90", 1), "b": stood("80", 2), "c": stood("70", 3), "d": stood("1", 1)}
    after = {"a": stood("60", 3), "b": stood("80", 2), "c": stood("95", 1), "e": stood("2", 1)}
    found = moves(before, after)
    assert [(one.subject_id, one.places, one.points) for one in found] == [
        ("a", -2, Decimal(-30)), ("c", 2, Decimal(25)), ("b", 0, Decimal(0)),
    ]  # fmt: skip
    said = summary(before, after, found)
    assert (said.up, said.down, said.same, said.largest_up, said.largest_down) == (1, 1, 1, 2, 2)
    assert (said.only_before, said.only_after, said.mean_points) == (1, 1, Decimal("-1.67"))
    assert place_among(Decimal(80), [Decimal(90), Decimal(80), Decimal(70)]) == 2


def test_runs_of_two_places_are_not_compared(world: World, path: str) -> None:
    run = store.load_run(world.platform, path.rsplit("/", 1)[1])
    assert run is not None
    other = dataclasses.replace(run, jurisdiction="nantong")
    with pytest.raises(Invalid, match="同一辖区"):
        compare(world.platform, CALLERS["office"], Scope.REGION, (run, other), 10, None)
