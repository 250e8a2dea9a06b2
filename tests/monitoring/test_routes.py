"""Monitoring over HTTP: who sees which warning and why it is there, the map, the series, a look by
hand, and a rule tried on history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chalicelib.access.service import authorize
from chalicelib.aws.writes import commit
from chalicelib.monitoring import service, store_warnings
from chalicelib.monitoring.routes import routes
from chalicelib.monitoring.views import (
    BackTestOut,
    HeatMapOut,
    MonitoringRunOut,
    TrendOut,
    WarningDetailOut,
    WarningList,
    WarningRuleList,
)
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.evaluation.town import caller
from tests.monitoring import town
from tests.monitoring.test_store import WARNING
from tests.monitoring.town import BUREAU, CITY, EAST, GOVERNMENT, OFFICE, WEST, breach
from tests.support.world import World
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-64")

Http = Callable[..., Reply]


def staff(name: str, role: str, region: str, agency: str = "") -> Caller:
    return caller(
        region, client_id=name, roles=frozenset({role}), agency_code=agency or f"X{name}"
    )


CALLERS: Mapping[str, Caller] = {
    "city": staff("city", "credit_office", CITY),
    "east": staff("east", "credit_office", EAST),
    "west": staff("west", "credit_office", WEST),
    "bureau": staff("bureau", "clerk", EAST, BUREAU.unified_code),
    "above": staff("above", "supervisor", EAST, GOVERNMENT.unified_code),
    "other": staff("other", "clerk", WEST, OFFICE.unified_code),
    "auditor": staff("auditor", "auditor", CITY),
    "nantong": caller(CITY, client_id="nantong", jurisdiction="nantong"),
}


@pytest.fixture
def http(world: World) -> Http:
    """`http("city", "GET", path)`: a request of that caller."""
    api = edge.build(
        [routes], lambda platform, token: CALLERS[token], authorize, lambda: world.platform
    )

    def send(who: str, method: str, path: str, body: object = None, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {who}", **more.pop("headers", {})}
        place, _, query = path.partition("?")
        return call(api, method, place, body, headers=headers, query=dict(parse_qsl(query)), **more)

    return send


def listed(http: Http, who: str, query: str = "") -> set[tuple[str, str]]:
    reply = http(who, "GET", f"/v1/warnings{query}")
    assert reply.status == 200, reply.text
    return {(one.rule, one.object_code) for one in WarningList(**reply.json).items}


def test_each_sees_the_warnings_that_are_theirs_and_why_they_are_there(
    world: World, http: Http
) -> None:
    town.settle(world, breaches=5)
    town.keep(world.platform, *(breach(f"rec_west_{n}", OFFICE) for n in range(2)))
    town.tick(world)
    bureau = ("dishonesty_count", BUREAU.subject_id)
    office = ("dishonesty_count", OFFICE.subject_id)
    concentrated = {("dishonesty_concentration", EAST), ("breach_kind_concentration", EAST)}
    city = {("dishonesty_growth", CITY), ("dishonesty_concentration", CITY)}
    assert listed(http, "city") >= {bureau, office, *concentrated, *city}
    assert listed(http, "auditor") == listed(http, "city")
    east = listed(http, "east")
    assert east >= {bureau, *concentrated} and not east & {office, *city}
    assert listed(http, "west") == {office}
    assert listed(http, "bureau") == {bureau}
    assert listed(http, "other") == {office}
    # The government is warned of its region, and told of the bureau below it.
    assert listed(http, "above") >= {bureau, *concentrated} and office not in listed(http, "above")
    assert listed(http, "nantong") == set()

    assert listed(http, "city", "?level=orange&rule=dishonesty_count") == {bureau}
    assert listed(http, "city", f"?body={OFFICE.unified_code}&state=open") == {office}
    assert listed(http, "city", f"?region={WEST}") == {office}
    assert listed(http, "city", "?state=closed") == set()
    first = http("city", "GET", "/v1/warnings?limit=2").json
    rest = http("city", "GET", f"/v1/warnings?limit=100&page_token={first['next_page_token']}").json
    assert len(first["items"]) + len(rest["items"]) == len(listed(http, "city"))

    (mine,) = WarningList(**http("bureau", "GET", "/v1/warnings").json).items
    shown = http("bureau", "GET", f"/v1/warnings/{mine.warning_id}")
    detail = WarningDetailOut(**shown.json)
    assert (detail.value, detail.level_title, detail.row_count) == ("5", "橙色", 5)
    assert detail.reason == "2025-06-16至2026-06-15，失信记录件数（件数）为5，达到橙色阈值5"
    assert detail.rows[0].record_id == "rec_breach_4" and detail.case_id.startswith("c_")
    assert [one.change_title for one in detail.history] == ["发出预警"]
    assert http("other", "GET", f"/v1/warnings/{mine.warning_id}").status == 404
    assert http("bureau", "GET", "/v1/warnings/w_nothing").status == 404


def test_who_sees_little_of_a_long_history_reads_it_in_pieces(
    world: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_READ_AHEAD", 1)
    for number in range(7):
        mine = number == 0  # the oldest of all
        warning = replace(
            WARNING, warning_id=f"w_{number}", raised_on=f"2026-06-{number + 1:02}",
            body_code=BUREAU.unified_code if mine else "C9",
        )  # fmt: skip
        commit([store_warnings.new_warning_put(world.platform, warning)])
    first = http("bureau", "GET", "/v1/warnings").json
    assert first["items"] == [] and first["next_page_token"]
    token = first["next_page_token"]
    rest = http("bureau", "GET", f"/v1/warnings?page_token={token}").json
    assert [one["warning_id"] for one in rest["items"]] == ["w_0"]


def test_the_map_and_the_series_are_of_one_s_own_region(world: World, http: Http) -> None:
    town.settle(world, breaches=5)
    town.tick(world)
    town.on_days(world, 1)
    shown = HeatMapOut(**http("city", "GET", "/v1/monitoring/heat-map").json)
    rows = {row.region: {cell.rule: cell for cell in row.cells} for row in shown.rows}
    assert shown.day == "2026-06-16" and rows.keys() >= {CITY, EAST, WEST}
    assert rows[EAST]["dishonesty_concentration"].level == "orange"
    assert rows[EAST]["dishonesty_count"].bodies == {"none": 1, "orange": 1}
    assert rows[WEST]["dishonesty_concentration"].value == ""
    one = http("east", "GET", "/v1/monitoring/heat-map?rule=dishonesty_growth&on=2026-06-15")
    (row,) = HeatMapOut(**one.json).rows
    assert (row.region, [cell.rule for cell in row.cells]) == (EAST, ["dishonesty_growth"])
    assert http("bureau", "GET", "/v1/monitoring/heat-map").status == 403
    assert http("city", "GET", "/v1/monitoring/heat-map?on=2026-01-01").status == 404
    assert http("city", "GET", "/v1/monitoring/heat-map?rule=gone").code == "unknown_rule"
    assert http("nantong", "GET", "/v1/monitoring/heat-map").code == "no_monitoring"

    path = "/v1/monitoring/trends?rule="
    mine = f"{path}dishonesty_count&object=body:{BUREAU.unified_code}"
    series = TrendOut(**http("bureau", "GET", mine).json)
    assert [(one.day, one.value, one.level) for one in series.points] == [
        ("2026-06-15", "5", "orange"), ("2026-06-16", "5", "orange"),
    ]  # fmt: skip
    drawn = http("bureau", "GET", mine.replace("trends?", "trends/chart?"))
    assert drawn.status == 200 and "橙色阈值" not in drawn.text and "<polyline" in drawn.text
    squares = http("city", "GET", "/v1/monitoring/heat-map/chart").text
    assert "橙色" in squares and "热力图" in squares
    assert series.rule.thresholds["orange"] == "5" and series.rule.verified is False
    assert http("other", "GET", mine).status == 403
    region = f"{path}dishonesty_growth&object=region:{EAST}"
    assert TrendOut(**http("east", "GET", f"{region}&from=2026-06-16").json).points[0].value == "5"
    assert http("west", "GET", region).status == 403
    assert http("city", "GET", f"{path}dishonesty_growth&object=trade:x").status == 422
    assert http("city", "GET", f"{region}&from=2026-06-16&to=2026-06-15").status == 422
    rules = WarningRuleList(**http("bureau", "GET", "/v1/monitoring/rules").json).items
    assert rules[0].code == "dishonesty_count" and rules[0].window == "12个月"


def test_an_office_of_the_whole_city_has_it_looked_at_now(world: World, http: Http) -> None:
    town.settle(world)
    key = {"Idempotency-Key": "k-1"}
    started = http("city", "POST", "/v1/monitoring/runs", headers=key)
    assert started.status == 202, started.text
    path = started.headers["Location"]
    assert http("city", "POST", "/v1/monitoring/runs", headers=key).headers["Location"] == path
    assert MonitoringRunOut(**http("city", "GET", path).json).percentage == 0
    town.work_all(world)
    done = MonitoringRunOut(**http("city", "GET", path).json)
    assert (done.status, done.bodies, done.percentage) == ("completed", 3, 100)
    runs = http("auditor", "GET", "/v1/monitoring/runs").json["items"]
    assert [one["run_id"] for one in runs] == [done.run_id]
    assert town.one_warning(world, "dishonesty_count").cases == 1
    assert http("east", "POST", "/v1/monitoring/runs").code == "outside_scope"
    assert http("nantong", "POST", "/v1/monitoring/runs").code == "no_monitoring"
    assert http("bureau", "POST", "/v1/monitoring/runs").status == 403
    assert http("city", "GET", f"{path}0").status == 404


PERIOD = {"from": "2026-01-01", "to": "2026-06-15"}
DRAFT = {
    "title": "拖欠件数",
    "scopes": ["body"],
    "source": {"link": "about", "types": ["commitment_breach"]},
    "metric": {"kind": "count"},
    "window": {"amount": 90, "unit": "days"},
    "thresholds": {"blue": 2, "red": 3},
    "hysteresis": {"margin": 0, "calm_days": 10},
    "confirmed_by": {"types": ["judgment_defaulter"], "horizon_days": 60},
    "mechanism": "monitoring",
}


def test_a_draft_rule_is_tried_on_history_before_it_is_adopted(world: World, http: Http) -> None:
    town.settle(world, breaches=0)
    for number, day in enumerate(("2026-02-01", "2026-02-10", "2026-03-01")):
        town.keep(world.platform, breach(f"rec_{number}", on=day))
    town.keep(world.platform, breach("rec_d", on="2026-04-05", type="judgment_defaulter"))
    for number in range(2):  # of another body, and nothing came of it
        town.keep(world.platform, breach(f"rec_w_{number}", OFFICE, on="2026-01-20"))
    order = {"draft": DRAFT, **PERIOD}
    started = http("city", "POST", "/v1/monitoring/back-tests", order)
    assert started.status == 202, started.text
    town.work_all(world)
    done = BackTestOut(**http("city", "GET", started.headers["Location"]).json)
    assert (done.status, done.percentage, done.bodies) == ("completed", 100, 3)
    scores = {score.level: score for score in done.scores}
    # Blue on 02-11 is 53 days before the listing; of the other body's blue nothing came.
    blue = scores["blue"]
    assert (blue.warnings, blue.right, blue.precision) == (2, 1, "0.5")
    assert (scores["red"].precision, scores["red"].recall) == ("1", "1")
    assert [(one.name, one.raised_on, one.level, one.confirmed_on) for one in done.warnings] == [
        (OFFICE.name, "2026-01-21", "blue", ""),
        (BUREAU.name, "2026-02-11", "red", "2026-04-05"),
    ]
    assert done.months == {"2026-01": {"blue": 1}, "2026-02": {"red": 1}}
    # Nobody was warned, and nobody else's back-test is anybody's business.
    assert town.warnings(world) == []
    assert http("east", "GET", started.headers["Location"]).status == 404
    page = store_warnings.page_of_warnings(world.platform, town.JURISDICTION, None, 9, None)
    assert page.items == ()


@pytest.mark.parametrize(
    ("order", "pointer", "code"),
    [
        (PERIOD, "/rule", "one_of"),
        ({"rule": "lost_lawsuits", "draft": DRAFT, **PERIOD}, "/rule", "one_of"),
        ({"rule": "gone", **PERIOD}, "/rule", "unknown_rule"),
        ({"rule": "dishonesty_growth", **PERIOD}, "/rule", "not_testable"),
        ({"draft": {**DRAFT, "confirmed_by": None}, **PERIOD}, "/draft", "not_testable"),
        ({"draft": {**DRAFT, "thresholds": {"blue": 3, "red": 3}}, **PERIOD},
         "/draft/thresholds/red", "warning_rule"),
        ({"draft": {**DRAFT, "window": {"amount": 0, "unit": "days"}}, **PERIOD},
         "/draft/window/amount", "warning_rule"),
        ({"rule": "lost_lawsuits", "from": "2026-06-02", "to": "2026-06-01"}, "/to", "span_order"),
        ({"rule": "lost_lawsuits", "from": "2026-06-02", "to": "2026-06-16"}, "/to", "span_future"),
        ({"rule": "lost_lawsuits", "from": "2020-06-02", "to": "2026-06-01"},
         "/from", "span_too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_said_in_its_place(
    world: World, http: Http, order: Mapping[str, object], pointer: str, code: str
) -> None:
    reply = http("city", "POST", "/v1/monitoring/back-tests", order)
    assert reply.status == 422, reply.text
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in reply.json["errors"]}
    assert world.take(world.platform.monitoring_queue) == []
