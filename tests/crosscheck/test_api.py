"""The cross-check over HTTP, as a personnel office and an auditor use it."""

from __future__ import annotations

import pytest

from chalicelib.crosscheck import store
from tests.crosscheck.office import PURPOSE, csv_register, employ, personnel, row, work
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-11")
WHY = {"Purpose-Code": PURPOSE}


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    employ(made, 1)
    return made


def test_a_register_goes_from_place_to_report(world: World) -> None:
    office = Api(world, personnel())
    started = office("POST", "/v1/crosschecks", {"format": "csv"}, {**WHY, "Idempotency-Key": "k"})
    assert started.status == 201
    address = started.headers["Location"]
    check = store.load(world.platform, started.json["crosscheck_id"])
    assert started.json["form"]["fields"]["key"] == check.object_key
    world.platform.inbox.put(check.object_key, csv_register([row(2)]), content_type="text/csv")
    assert office("POST", f"{address}/commit").status == 202
    assert office("GET", f"{address}/report", headers=WHY).code == "crosscheck_in_progress"
    work(world, check)
    auditor = Api(world, personnel(role="auditor"))
    for reader in (office, auditor):
        shown = reader("GET", address).json
        assert (shown["state"], shown["counts"]) == (
            "completed",
            {"unchanged": 0, "joiner": 1, "leaver": 1},
        )
        assert [one["crosscheck_id"] for one in reader("GET", "/v1/crosschecks").json["items"]] == [
            check.crosscheck_id
        ]
        page = reader("GET", f"{address}/findings", headers=WHY).json
        assert [(one["kind"], one["row"]) for one in page["items"]] == [
            ("joiner", 2),
            ("leaver", None),
        ]
        report = reader("GET", f"{address}/report", headers=WHY)
        assert report.status == 303 and "report.csv" in report.headers["Location"]
        assert reader("GET", f"{address}/findings").status == 422


def test_who_may_not(world: World) -> None:
    wanted = {"format": "csv"}
    assert Api(world, town.clerk())("POST", "/v1/crosschecks", wanted, WHY).status == 403
    assert (
        Api(world, personnel(role="auditor"))("POST", "/v1/crosschecks", wanted, WHY).status == 403
    )
    east = Api(world, personnel(town.EAST))
    assert east("GET", "/v1/crosschecks", query={"region": town.CITY}).code == "outside_region"
    assert Api(world, personnel())("GET", "/v1/crosschecks/x_none").status == 404
