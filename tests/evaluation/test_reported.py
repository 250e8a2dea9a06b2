"""What bodies report of themselves: stated with papers, reviewed, and only then counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile import service as files
from chalicelib.evaluation.figures import figures_of
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.rules_periods import name_of
from chalicelib.evaluation.rules_reported import due_on, latest_period, periods_in, value_faults
from chalicelib.evaluation.runs import Body
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.reported import ReportedFigure
from chalicelib.policy.service import pack_for
from tests.cases.bench import (
    AUDITOR,
    BUREAU,
    CREDIT_OFFICE,
    GOVERNMENT,
    HOUSING,
    OFFICE,
    SUPERIOR,
    Desk,
    agency_client,
    paper,
    settle,
)
from tests.evaluation.reporting import HOUSING_CLERK, PATH, review, state
from tests.support.world import World, make_world
from tests.web.build import Reply


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """A city with its bureaus in June 2026: the year 2025 is over."""
    world = make_world(aws)
    settle(world)
    return world


def rule(reply: Reply) -> str:
    """The code of a refusal."""
    return str(reply.json["type"]).rpartition("/")[2]


def counted(world: World) -> tuple[FactRow, ...]:
    """What an evaluation of 2025 sees of the housing bureau."""
    body = Body(files.body_id(HOUSING), HOUSING, "示例市住房局", "department", "329900", "city")
    year = Period(date(2025, 1, 1), date(2025, 12, 31))
    codes = frozenset({"reported.self_evaluation"})
    pack = pack_for("nanjing", year.last)
    return figures_of(world.platform, pack, codes, [body], year)[body.subject_id]


@pytest.mark.requirement("R-60")
def test_only_what_was_reviewed_counts_and_every_step_is_kept(world: World) -> None:
    stated = state(world)
    assert (stated.status, stated.json["state"]) == (201, "submitted"), stated.text
    assert stated.json["late"], "it was due at the end of January"
    assert counted(world) == (), "nobody has reviewed it"
    back = review(world, "return", reason="第三项没有证明材料")
    assert (back.status, back.json["state_title"]) == (200, "已退回"), back.text
    assert counted(world) == ()
    assert state(world, 2, value="90").status == 200
    done = review(world, "amend", 3, value="88.5", reason="第五项扣1.5分")
    assert done.json["accepted_value"] == "88.5"
    assert [one["state"] for one in done.json["history"]] == ["submitted", "returned", "submitted"]
    (row,) = counted(world)
    assert (row.values, row.occurred_on) == ({"value": "88.5"}, date(2025, 12, 31))
    assert row.record_id == f"reported/self_evaluation/2025/{HOUSING}"
    again = state(world, 4, value="99")
    assert (again.status, rule(again)) == (409, "figure_accepted")


@pytest.mark.requirement("R-60")
def test_a_retry_changes_nothing_and_a_stale_edit_is_refused(world: World) -> None:
    papers = [paper(world, HOUSING_CLERK)]
    first = state(world, evidence=papers)
    assert state(world, evidence=papers).json == first.json
    assert state(world, value="91", evidence=papers).status == 412
    accepted = review(world, "accept")
    assert review(world, "accept").json == accepted.json
    assert review(world, "amend", value="1", reason="扣分").status == 412


@pytest.mark.requirement("R-60")
def test_papers_are_handed_in_by_the_body_itself_and_opened_by_its_reviewer(world: World) -> None:
    own = Desk(world, HOUSING_CLERK).hand_in("自评打分表", subject_id=files.body_id(HOUSING))
    assert state(world, evidence=[own]).status == 201
    path = f"{PATH}/bodies/{HOUSING}/papers"
    opened = Desk(world, CREDIT_OFFICE).api("GET", f"{path}/{own}")
    assert (opened.status, opened.json["intact"], opened.json["title"]) == (200, True, "自评打分表")
    other = paper(world, HOUSING_CLERK)
    assert Desk(world, CREDIT_OFFICE).api("GET", f"{path}/{other}").status == 404


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"value": "九十"}, "/value", "not_a_number"),
    ({"value": "100.5"}, "/value", "out_of_bounds"),
    ({"value": "92.555"}, "/value", "too_precise"),
    ({"text": " "}, "/text", "required"),
    ({"text": "联系人13812345678"}, "/text", "personal_number"),
    ({"evidence": []}, "/evidence", "required"),
    ({"evidence": ["e_unheard_of"]}, "/evidence/0", "unknown_paper"),
]


@pytest.mark.requirement("R-60")
def test_bad_input_names_the_field_and_the_rule_and_changes_nothing(world: World) -> None:
    for changes, pointer, code in BAD:
        reply = state(world, **changes)
        found = [(one["pointer"], one["code"]) for one in reply.json["errors"]]
        assert (reply.status, found) == (422, [(pointer, code)]), reply.text
    elsewhere = paper(world, HOUSING_CLERK, about=f"subject:{files.body_id(BUREAU)}")
    assert state(world, evidence=[elsewhere]).status == 422
    assert rule(state(world, path=PATH.replace("2025", "2026"))) == "period_not_over"
    assert rule(state(world, path=PATH.replace("2025", "2025-Q1"))) == "unknown_period"
    assert rule(state(world, path=PATH.replace("self_e", "un_e"))) == "unknown_figure"
    shown = Desk(world, HOUSING_CLERK).api("GET", f"{PATH}/bodies/{HOUSING}")
    assert (shown.status, rule(shown)) == (404, "figure_not_stated")
    state(world)
    for verdict, more, pointer in (
        ("amend", {"reason": "扣分"}, "/value"),
        ("amend", {"value": "90"}, "/reason"),
        ("return", {}, "/reason"),
        ("accept", {"value": "90"}, "/value"),
    ):
        reply = review(world, verdict, **more)
        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, pointer), reply.text


@pytest.mark.requirement("R-60")
def test_nobody_reviews_what_is_their_own_or_not_theirs(world: World) -> None:
    state(world)
    assert rule(review(world, "accept", caller=SUPERIOR)) == "not_your_review"
    own_office = agency_client(HOUSING, "clerk", "credit_office")
    assert rule(review(world, "accept", caller=own_office)) == "not_your_review"
    bureau = agency_client(BUREAU, "clerk")
    seen = Desk(world, bureau).api("GET", f"{PATH}/bodies/{HOUSING}")
    assert seen.status == 404, "another bureau sees nothing of it"
    assert review(world, "accept", caller=bureau).status == 403
    assert Desk(world, AUDITOR).api("GET", f"{PATH}/bodies/{HOUSING}").status == 200


@pytest.mark.requirement("R-60")
def test_the_office_sees_what_is_to_review_and_who_has_stated_nothing(world: World) -> None:
    state(world)
    office = Desk(world, CREDIT_OFFICE).api
    listed = office("GET", PATH).json["items"]
    standing = {one["unified_code"]: (one["state"], one["overdue"]) for one in listed}
    assert standing == {
        GOVERNMENT: ("missing", True),
        OFFICE: ("missing", True),
        BUREAU: ("missing", True),
        HOUSING: ("submitted", False),
    }
    first = office("GET", PATH, query={"limit": "3"}).json
    rest = office("GET", PATH, query={"limit": "3", "page_token": first["next_page_token"]}).json
    assert len(first["items"]) == 3
    assert [*first["items"], *rest["items"]] == listed
    waiting = office("GET", "/v1/evaluation-reports").json["items"]
    assert [(one["unified_code"], one["review_overdue"]) for one in waiting] == [(HOUSING, False)]
    world.clock.advance(days=31)
    (late,) = office("GET", "/v1/evaluation-reports").json["items"]
    assert late["review_overdue"]
    review(world, "accept")
    assert office("GET", "/v1/evaluation-reports").json["items"] == []
    own = Desk(world, HOUSING_CLERK).api("GET", "/v1/evaluation-reports").json["items"]
    assert [(one["period"], one["state"]) for one in own] == [("2025", "accepted")]
    mine = Desk(world, HOUSING_CLERK).api("GET", PATH).json["items"]
    assert [one["unified_code"] for one in mine] == [HOUSING]


@pytest.mark.requirement("R-60")
def test_each_body_can_read_what_it_has_to_report_and_by_when(world: World) -> None:
    found = Desk(world, HOUSING_CLERK).api("GET", "/v1/evaluation-figures").json["items"]
    (own,) = [one for one in found if one["code"] == "self_evaluation"]
    assert (own["latest_period"], own["due_on"], own["reviewed_by"]) == (
        "2025",
        "2026-01-31",
        "credit_office",
    )
    assert not own["basis"]["verified"], "the document states no procedure for it"


KINDS = st.sampled_from(["year", "half_year", "quarter", "month"])
DAYS = st.dates(date(2001, 1, 1), date(2100, 1, 1))


def figure(kind: Any = "year", **changes: Any) -> ReportedFigure:
    """A figure bodies report."""
    given_: dict[str, Any] = {
        "code": "a",
        "title": "数",
        "purpose": "口径",
        "unit": "分",
        "most": Decimal(100),
        "about": ("department",),
        "period": kind,
        "due_days": 31,
        "review_days": 30,
        "basis": LegalBasis(document="测试依据", verified=False),
    }
    return ReportedFigure(**(given_ | changes))


@given(KINDS, DAYS)
def test_the_latest_period_is_over_and_the_next_is_not(kind: Any, today: date) -> None:
    one = figure(kind)
    latest = latest_period(one, today)
    assert latest.last < today
    assert name_of(latest)
    longest = {"year": 366, "half_year": 184, "quarter": 92, "month": 31}[kind]
    assert (today - latest.last).days <= longest
    assert (due_on(one, latest) - latest.last).days == one.due_days


@given(KINDS, DAYS, DAYS)
def test_a_period_counts_where_it_ends_once_in_two_halves(
    kind: Any, first: date, last: date
) -> None:
    one, whole = figure(kind), Period(first, last)
    found = periods_in(one, whole)
    assert all(whole.holds(period.last) for period in found)
    if first < last:
        middle = first + (last - first) // 2
        halves = [
            *periods_in(one, Period(first, middle)),
            *periods_in(one, Period(date.fromordinal(middle.toordinal() + 1), last)),
        ]
        assert halves == found


@given(st.decimals(min_value=-1000, max_value=1000, places=3))
def test_a_value_is_taken_exactly_when_it_lies_in_bounds_with_its_places(value: Decimal) -> None:
    fits = 0 <= value <= 100 and value == round(value, 2)
    assert (not list(value_faults(figure(), str(value)))) == fits
