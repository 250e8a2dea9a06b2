"""A round in which representatives of the public appraise bodies, from codes to the score."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.writes import Write
from chalicelib.creditfile import service as files
from chalicelib.evaluation.figures import figures_of
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.runs import Body
from chalicelib.policy.service import pack_for
from chalicelib.surveys import store_appraisals
from chalicelib.surveys.model import Choice, Question, SurveyedBody
from chalicelib.surveys.model_appraisals import Category, Round
from chalicelib.surveys.rules_appraisals import appraised
from tests.cases.bench import AUDITOR, BUREAU, CLERK, GOVERNMENT, HOUSING, SUPERIOR, settle
from tests.support.api import Api
from tests.support.world import World, make_world
from tests.surveys.round import ROUND, Hall, issue, opened_round, seats
from tests.surveys.street import office
from tests.web.build import Reply


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """A city with its bureaus."""
    world = make_world(aws)
    settle(world)
    return world


def rule(reply: Reply) -> str:
    """The code of a refusal."""
    return str(reply.json["type"]).rpartition("/")[2]


def rows(world: World) -> tuple[FactRow, ...]:
    """What an evaluation of the year sees of the housing bureau."""
    body = Body(files.body_id(HOUSING), HOUSING, "示例市住房局", "department", "329900", "city")
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    codes = frozenset({"appraisals.score"})
    pack = pack_for("nanjing", year.last)
    return figures_of(world.platform, pack, codes, [body], year)[body.subject_id]


@pytest.mark.requirement("R-66")
def test_representatives_appraise_and_the_weighed_score_reaches_the_evaluation(
    world: World,
) -> None:
    round_id = opened_round(world)
    codes, hall = seats(world, round_id), Hall(world)
    for code in codes["people_congress"]:
        assert hall.appraise(round_id, code, promises_kept=5, paid_in_time=5).json["counted"]
    for code in codes["enterprises"]:
        hall.appraise(round_id, code, promises_kept=3, paid_in_time=1)
    assert hall("GET", f"/{round_id}").json["results"] is None, "nobody is told before the end"
    assert office(world)("GET", f"/v1/appraisals/{round_id}").json["results"] is None
    assert rows(world) == ()
    world.clock.advance(days=16)
    housing, bureau = hall("GET", f"/{round_id}").json["results"]
    # 100 weighs 60; (50 + 0) / 2 = 25 weighs 40.
    assert (housing["answers"], housing["score"]) == (7, "70.00")
    assert [one["score"] for one in housing["categories"]] == ["100.00", "25.00"]
    assert (bureau["answers"], bureau["score"]) == (0, None)
    (row,) = rows(world)
    assert row.values == {"value": "70.00", "weight": 7}
    assert (row.record_id, row.occurred_on) == (f"appraisal/{round_id}", date(2026, 6, 30))


@pytest.mark.requirement("R-66")
def test_a_code_appraises_each_body_once_however_it_is_typed(world: World) -> None:
    round_id = opened_round(world)
    code, hall = seats(world, round_id)["enterprises"][0], Hall(world)
    assert hall.appraise(round_id, code).json["counted"] is True
    again = hall.appraise(round_id, code.lower().replace("-", " "), promises_kept=1, paid_in_time=1)
    assert (again.status, again.json["counted"]) == (200, False)
    assert hall.appraise(round_id, code, BUREAU).json["counted"] is True
    office(world)(
        "POST", f"/v1/appraisals/{round_id}/ending", {"reason": "提前完成"}, {"If-Match": '"3"'}
    )
    found = office(world)("GET", f"/v1/appraisals/{round_id}").json["results"]
    assert [one["answers"] for one in found] == [1, 1]
    # One of its kind: what it said would be somebody's.
    assert [one["score"] for one in found] == [None, None]
    late = hall.appraise(round_id, code)
    assert (late.status, rule(late)) == (409, "appraisal_not_open")


@pytest.mark.requirement("R-66")
def test_codes_are_handed_out_again_only_before_the_round_begins(world: World) -> None:
    round_id = opened_round(world, opens_on="2026-06-20")
    first = issue(world, round_id, "enterprises", 1)
    assert issue(world, round_id, "enterprises", 1).json == first.json, "a retry gets the same"
    second = issue(world, round_id, "enterprises", 2)
    assert not set(first.json["codes"]) & set(second.json["codes"])
    early = Hall(world).appraise(round_id, second.json["codes"][0])
    assert rule(early) == "appraisal_not_open"
    world.clock.advance(days=6)
    old = Hall(world).appraise(round_id, first.json["codes"][0])
    assert (old.status, rule(old)) == (403, "wrong_appraisal_code")
    assert Hall(world).appraise(round_id, second.json["codes"][0]).status == 200
    assert rule(issue(world, round_id, "enterprises", 3)) == "codes_not_issuable"
    assert issue(world, round_id, "people_congress", 3).status == 200, "not handed out before"
    assert rule(issue(world, round_id, "nobody", 4)) == "unknown_category"


@pytest.mark.requirement("R-66")
def test_codes_asked_for_with_an_old_version_are_not_the_old_codes(world: World) -> None:
    round_id = opened_round(world, opens_on="2026-06-20")
    seats(world, round_id)
    stale = issue(world, round_id, "people_congress", 2)
    assert stale.status == 412, "version 3 came of the other category: nothing was handed out anew"
    assert issue(world, round_id, "people_congress", 3).json["issue"] == 2


@pytest.mark.requirement("R-66")
def test_no_answer_is_counted_after_the_round_was_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = opened_round(world)
    code = seats(world, round_id)["enterprises"][0]
    counting = store_appraisals.answer_writes

    def ended_meanwhile(*given: Any) -> list[Write]:
        path = f"/v1/appraisals/{round_id}/ending"
        ended = office(world)("POST", path, {"reason": "提前完成"}, {"If-Match": '"3"'})
        assert ended.status == 200
        return counting(*given)

    monkeypatch.setattr(store_appraisals, "answer_writes", ended_meanwhile)
    late = Hall(world).appraise(round_id, code)
    assert (late.status, rule(late)) == (409, "appraisal_not_open")
    found = office(world)("GET", f"/v1/appraisals/{round_id}").json["results"]
    assert [one["answers"] for one in found] == [0, 0]


@pytest.mark.requirement("R-66")
def test_a_wrong_code_costs_one_digest_whatever_the_number_of_seats(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = opened_round(world)
    codes, hall = seats(world, round_id), Hall(world)
    mac, made = type(world.platform.keyring).mac, []

    def counted(keyring: Any, purpose: str, *parts: str) -> bytes:
        made.append(purpose)
        return mac(keyring, purpose, *parts)

    monkeypatch.setattr(type(world.platform.keyring), "mac", counted)
    seat, _, secret = codes["people_congress"][3].partition("-")
    # No such seat, no such category, another seat's secret, no number at all.
    for place in ("0005", "2001", "1001", "٠٠٠٤", "ABCD", ""):
        assert rule(hall.appraise(round_id, f"{place}-{secret}")) == "wrong_appraisal_code"
    assert made.count("appraisal_seat") == 1
    assert hall.appraise(round_id, f"{seat}-{secret}").json["counted"] is True
    assert hall("GET", f"/{round_id}").headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.requirement("R-66")
def test_nothing_kept_tells_a_code_or_who_said_what(world: World) -> None:
    round_id = opened_round(world)
    codes, hall = seats(world, round_id), Hall(world)
    everybody = [*codes["people_congress"], *codes["enterprises"]]
    for code in everybody:
        hall.appraise(round_id, code)
    kept = repr(list(world.platform.cases.each(f"APPRAISAL#{round_id}")))
    listed = repr(list(world.platform.cases.each("APPRAISALS#nanjing")))
    for code in everybody:
        assert code not in kept + listed
        assert code.replace("-", "") not in kept + listed
    done = list(world.platform.cases.each(f"APPRAISAL#{round_id}", prefix="DONE#"))
    assert len(done) == 7
    assert {frozenset(item) for item in done} == {frozenset({"pk", "sk"})}


@pytest.mark.requirement("R-66")
def test_bad_input_names_the_field_and_changes_nothing(world: World) -> None:
    small = [{"code": "a", "title": "代表", "weight": 1, "seats": 2}]
    twice = [ROUND["categories"][0], ROUND["categories"][0]]
    for changes, pointer in (
        ({"closes_on": "2026-06-14"}, "/closes_on"),
        ({"categories": small}, "/categories/0/seats"),
        ({"categories": twice}, "/categories"),
        ({"unified_codes": ["11329901MB0000019L"]}, "/unified_codes/0"),
    ):
        reply = office(world)("POST", "/v1/appraisals", {**ROUND, **changes})
        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, pointer), reply.text
    assert office(world)("GET", "/v1/appraisals").json["items"] == []
    round_id = opened_round(world)
    again = office(world)("POST", "/v1/appraisals", ROUND)
    assert (again.status, again.json["round_id"]) == (200, round_id)
    other = office(world)("POST", "/v1/appraisals", {**ROUND, "least_answers": 4})
    assert other.status in (409, 422)
    code = seats(world, round_id)["enterprises"][0]
    wrong = Hall(world).appraise(round_id, code, GOVERNMENT, promises_kept=2)
    found = [one["pointer"] for one in wrong.json["errors"]]
    assert found == ["/unified_code", "/answers/promises_kept", "/answers/paid_in_time"]
    assert rule(Hall(world).appraise(round_id, "7Q2M-4TZB")) == "wrong_appraisal_code"
    assert Hall(world)("GET", "/ap_unheard").status == 404
    (listed,) = Hall(world)("GET", "", query={"region": "329900"}).json["items"]
    assert listed["round_id"] == round_id


@pytest.mark.requirement("R-66")
def test_only_the_credit_office_keeps_rounds_and_only_where_the_document_has_them(
    world: World,
) -> None:
    for caller in (CLERK, SUPERIOR, AUDITOR):
        assert Api(world, caller)("POST", "/v1/appraisals", ROUND).status == 403
    round_id = opened_round(world)
    assert Api(world, AUDITOR)("GET", f"/v1/appraisals/{round_id}").status == 200
    from dataclasses import replace

    from tests.cases.bench import agency_client

    elsewhere = replace(agency_client(BUREAU, "credit_office"), jurisdiction="jiangxi")
    refused = Api(world, elsewhere)("POST", "/v1/appraisals", ROUND)
    assert (refused.status, rule(refused)) == (404, "appraisals_not_regulated")


QUESTION = Question("q", "问", (Choice(1, "低"), Choice(3, "中"), Choice(5, "高")))
BODY = SurveyedBody("A", "示例")
COUNTS = st.tuples(*[st.integers(0, 20)] * 3)


@pytest.mark.requirement("R-66")
@given(st.lists(st.tuples(st.integers(1, 100), COUNTS), min_size=1, max_size=4))
def test_a_score_lies_between_those_of_the_categories_that_count(
    given_: list[tuple[int, tuple[int, int, int]]],
) -> None:
    weights = [weight for weight, _ in given_]
    categories = tuple(Category(f"c{at}", "代表", one, 60) for at, one in enumerate(weights))
    around = Round(
        "ap", "nanjing", "329900", "评议", "", (QUESTION,), (BODY,), categories,
        "2026-06-15", "2026-06-30", 3, "c", "",
    )  # fmt: skip
    tallies = {
        ("A", f"c{at}"): {"answers": low + mid + high, "q_1": low, "q_3": mid, "q_5": high}
        for at, (_, (low, mid, high)) in enumerate(given_)
    }
    found = appraised(around, BODY, tallies)
    told = [Decimal(one.score) for one in found.categories if one.score]
    assert len(told) == sum(sum(counts) >= 3 for _, counts in given_)
    assert bool(found.score) == bool(told)
    if told:
        slack = Decimal("0.01")
        assert min(told) - slack <= Decimal(found.score) <= max(told) + slack
        assert 0 <= Decimal(found.score) <= 100
