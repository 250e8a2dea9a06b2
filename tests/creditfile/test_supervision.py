"""Classified supervision (信用分类监管) of public institutions, as their files show it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile.model import Deed, Standing
from chalicelib.creditfile.rules_standing import exempted, publicity_ended
from chalicelib.creditfile.rules_supervision import supervision_class_of
from chalicelib.policy.base import SEVERITIES, Severity
from tests.creditfile.town import PURPOSE, Http, caller
from tests.intake import town as intake
from tests.policy.builders import real_pack
from tests.policy.cities import City
from tests.support.world import World

REGION = "211382"
DEED = Deed("2026-06-15", "c_1", "履行完毕")
PACK = real_pack("lingyuan")
COUNTS = st.fixed_dictionaries({level: st.integers(0, 9) for level in SEVERITIES})


@pytest.fixture
def city(world: World) -> City:
    return City(world, "lingyuan", REGION)


def file_of(http: Http, subject: dict[str, str]) -> Any:
    """A file as the city's credit office reads it."""
    office = caller("credit_office", jurisdiction="lingyuan", region=REGION)
    path = f"/v1/credit-files/b_{subject['unified_code']}"
    reply = http(office, "GET", path, headers=PURPOSE)
    assert reply.status == 200, reply.text
    return reply


@pytest.mark.requirement("R-06")
def test_the_file_of_an_institution_shows_its_class_and_what_it_means(
    city: City, http: Http
) -> None:
    library = city.body("institution")
    clean = file_of(http, library)
    shown = clean.json["supervision"]
    assert (shown["code"], shown["warned"]) == ("class_a", False)
    assert shown["in_force"] == {"minor": 0, "general": 0, "serious": 0}
    assert "五（三）" in shown["basis"]
    city.report("accountability_decision", library, measure="criticism", decided_on="2026-06-10")
    warned = file_of(http, library)
    shown = warned.json["supervision"]
    assert (shown["title"], shown["warned"]) == ("C类（失信）", True)
    assert "公开信用警示" in shown["measures"]
    assert shown["in_force"]["general"] == 1
    assert warned.headers["ETag"] != clean.headers["ETag"]


@pytest.mark.requirement("R-06")
def test_a_record_whose_term_is_over_no_longer_warns(city: City, http: Http) -> None:
    library = city.body("institution")
    city.report("accountability_decision", library, measure="criticism", decided_on="2026-06-10")
    before = file_of(http, library)
    city.world.clock.advance(days=360)  # 2027-06-10, the last day of twelve months
    assert file_of(http, library).json["supervision"]["code"] == "class_c"
    city.world.clock.advance(days=1)
    after = file_of(http, library)
    assert after.json["supervision"]["code"] == "class_a"
    assert after.json["dishonesty"]["count"] == 1  # it stays on file
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.requirement("R-32", "R-33")
@pytest.mark.parametrize(
    "decided", [publicity_ended(Standing(), DEED), exempted(Standing(), DEED)], ids=["修复", "容错"]
)
def test_a_repaired_or_exempted_record_warns_no_longer(
    city: City, http: Http, decided: Standing
) -> None:
    library = city.body("institution")
    city.report("accountability_decision", library, measure="criticism", decided_on="2026-06-10")
    (record,) = file_of(http, library).json["dishonesty"]["records"]
    intake.stand(city.world, record["record_id"], decided)
    after = file_of(http, library).json
    assert after["supervision"]["code"] == "class_a"
    assert after["supervision"]["in_force"] == {"minor": 0, "general": 0, "serious": 0}
    assert after["dishonesty"]["count"] == 0 and after["archive"]["count"] == 1


@pytest.mark.requirement("R-06")
def test_where_nobody_is_classified_the_file_says_nothing_of_it(city: City, http: Http) -> None:
    assert file_of(http, city.body()).json["supervision"] is None  # a department
    assert real_pack("nanjing").supervision == {}


@pytest.mark.requirement("R-06")
@given(counts=COUNTS, level=st.sampled_from(SEVERITIES))
def test_one_more_dishonesty_record_never_makes_the_class_better(
    counts: dict[Severity, int], level: Severity
) -> None:
    before = supervision_class_of(PACK, "institution", counts)
    after = supervision_class_of(PACK, "institution", {**counts, level: counts[level] + 1})
    assert before is not None and after is not None
    assert after.order >= before.order
