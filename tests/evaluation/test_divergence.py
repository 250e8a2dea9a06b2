"""Official results beside those of a third party."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.access.service import authorize
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import comparing, store
from chalicelib.evaluation.figures_third_parties import third_party_rows
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.routes_divergence import routes
from chalicelib.evaluation.runs import Run
from chalicelib.third_parties import store as third_store
from chalicelib.third_parties.model import Rating, RatingSystem, Row, Scale, Signed
from chalicelib.web import edge
from chalicelib.web.model import Caller
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, caller
from tests.support.world import World
from tests.web.build import Reply, call

pytestmark = pytest.mark.requirement("R-63")

OFFICE = caller(CITY)
SYSTEM = RatingSystem(
    code="sample_trust_index",
    institution="12990100MB0000070X",
    institution_name="示例大学",
    institution_kind="university",
    jurisdiction=OFFICE.jurisdiction,
    region=CITY,
    title="示例政务诚信指数",
    method="问卷",
    scale=Scale("0", "100", 1, "higher"),
    grades=(),
    indicators=(),
    kinds=("department",),
    period="year",
    created_at="2026-06-15T04:00:00.000Z",
)
SIGNED = Signed("jws", "kid", {}, 0, 1, ())


def rate(platform: Platform, run: Run, scores: dict[str, str]) -> None:
    """A university's ratings of the run's year."""
    third_store.put_system(platform, SYSTEM)
    third_store.put_ratings(
        platform,
        [
            Rating(
                SYSTEM.code, 1, SYSTEM.institution, SYSTEM.jurisdiction, CITY, run.period,
                "示例局", Row(code, score), "ts_1", SIGNED, SYSTEM.created_at, 1,
            )
            for code, score in scores.items()
        ],
    )  # fmt: skip


def test_a_rating_counts_where_a_scheme_names_its_system(world: World) -> None:
    """A figure of the year: the score as the university gave it, and nothing of what is gone."""
    town.settle(world)
    run = town.run_through(world)
    found = [one.body for one in store.results_of(world.platform, run.run_id)]
    first, second, *_ = [body.unified_code for body in found]
    rate(world.platform, run, {first: "88.5", second: "60"})
    gone = third_store.load_rating(world.platform, SYSTEM.code, run.period, second)
    assert gone is not None
    third_store.put_ratings(world.platform, [replace(gone, version=2, withdrawn=True)])
    year = Period(date(int(run.period), 1, 1), date(int(run.period), 12, 31))
    codes = [body.unified_code for body in found]

    def rows(*figures: str) -> list[tuple[str, FactRow]]:
        place = SYSTEM.jurisdiction
        return list(third_party_rows(world.platform, place, figures, codes, year))

    ((code, row),) = rows("third_party.sample_trust_index", "third_party.unheard_of")
    assert (code, row.values, row.occurred_on) == (first, {"value": "88.5"}, year.last)
    assert row.record_id == f"rating/sample_trust_index/{run.period}/{first}"


def ask(world: World, who: Caller, run: Run, system: str = SYSTEM.code, **query: str) -> Reply:
    api = edge.build([routes], lambda platform, token: who, authorize, lambda: world.platform)
    path = f"/v1/evaluations/{run.run_id}/divergence"
    headers = {"Authorization": "Bearer x"}
    return call(api, "GET", path, headers=headers, query={"system": system, **query})


def test_a_run_too_large_to_be_read_at_once_is_not_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(world)
    run = town.run_through(world)
    rate(world.platform, run, {})
    monkeypatch.setattr(comparing, "MOST_READ", run.bodies - 1)
    refused = ask(world, OFFICE, run)
    assert refused.status == 409 and refused.json["type"].endswith("too_many_bodies")


def test_an_office_sees_where_a_third_party_differs(world: World) -> None:
    town.settle(world)
    run = town.run_through(world)
    official = {
        one.body.unified_code: one.total for one in store.results_of(world.platform, run.run_id)
    }
    ranked = sorted(official, key=lambda code: (official[code], code))
    # The university puts them the other way round, and knows one the run does not.
    scores = {code: str(90 - place) for place, code in enumerate(ranked[:-1])}
    rate(world.platform, run, {**scores, "12990100MB0000071K": "50"})
    told = ask(world, OFFICE, run).json
    assert (told["compared"], told["only_official"], told["only_third_party"]) == (
        len(ranked) - 1,
        1,
        1,
    )
    assert (told["system"], told["institution_name"]) == (SYSTEM.code, "示例大学")
    sizes = [abs(float(one["difference"])) for one in told["items"]]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == told["compared"]
    for one in told["items"]:
        code = one["unified_code"]
        assert one["third_party_score"] == scores[code]
        assert one["official_score"] == format(official[code], "f")
    if len(set(official[code] for code in ranked[:-1])) > 1:
        assert float(told["spearman"]) < 0
    assert len(ask(world, OFFICE, run, most="1").json["items"]) == 1
    # An office further down sees the figures of all, and of its own bodies which they are.
    east = ask(world, caller(EAST, client_id="east"), run).json
    regions = {one.body.unified_code: one.body.region for one in store.results_of(
        world.platform, run.run_id)}  # fmt: skip
    assert east["compared"] == told["compared"]
    assert {regions[one["unified_code"]] for one in east["items"]} <= {EAST}
    assert ask(world, OFFICE, run, "unheard_of").status == 404
    elsewhere = replace(SYSTEM, code="of_others", jurisdiction="elsewhere")
    third_store.put_system(world.platform, elsewhere)
    assert ask(world, OFFICE, run, "of_others").status == 404
    clerk = caller(CITY, client_id="clerk", roles=frozenset({"clerk"}))
    assert ask(world, clerk, run).status == 403
