"""Who is under which measure, and what is answered about them: by the packs that ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile.model import Deed, Record, Standing
from chalicelib.measures.model import Answer, Facts
from chalicelib.measures.rules import answer_of, held_back_until, is_on, measures_of, next_change
from chalicelib.policy.model import Pack
from chalicelib.ratings.rules import Facts as RatingFacts
from chalicelib.ratings.rules import judge
from tests.cases.procedures import packs
from tests.measures.facts import TODAY, codes, facts, graded, honour, record, referred, standing


def asked(pack: Pack, known: Facts, scene: str, today: date = TODAY) -> Answer:
    found = measures_of(pack, known, today)
    return answer_of(standing(pack, found, known.subject_kind), pack.scenes[scene], today)


@pytest.mark.requirement("R-40")
def test_in_nantong_who_was_commended_comes_first_under_equal_conditions() -> None:
    pack = packs()["nantong"]
    body = asked(pack, facts(pack, honour()), "award")
    assert (body.answer, body.priority) == ("allow", True)
    assert "同等条件下优先" in body.measures[0].title
    person = honour(kind="civil_servant", type="public_official_honour")
    promotion = asked(pack, facts(pack, person, kind="civil_servant"), "promotion")
    assert promotion.priority and promotion.measures[0].basis.clause == "一（二）五"


@pytest.mark.requirement("R-40")
def test_where_the_document_has_no_priority_a_commendation_is_only_made_known() -> None:
    for place in ("yancheng", "nanjing"):
        pack = packs()[place]
        answer = asked(pack, facts(pack, honour()), "award")
        assert (answer.answer, answer.priority) == ("allow", False)
        assert "守信激励" in answer.measures[0].text
    # Lingyuan has the heading 守信激励 and nothing below it.
    pack = packs()["lingyuan"]
    assert not any(one.kind == "incentive" for one in pack.measures.values())
    assert codes(pack, facts(pack, honour())) == set()


@pytest.mark.requirement("R-40", "R-42")
def test_nothing_speaks_for_a_body_while_a_dishonesty_record_is_in_force() -> None:
    pack = packs()["nantong"]
    answer = asked(pack, facts(pack, honour(), record()), "award")
    assert (answer.answer, answer.priority, answer.until) == ("restrict", False, "2027-06-01")
    assert "取消参加各类荣誉评选的资格" in answer.measures[0].text
    assert "2026-06-01认定的“违约失信" in answer.measures[0].reason


@pytest.mark.requirement("R-40", "R-42")
def test_what_speaks_for_a_body_comes_back_the_day_after_the_dishonesty_record_is_over() -> None:
    pack = packs()["nantong"]
    known = facts(pack, honour(), record())
    (last,) = held_back_until(pack, known, TODAY)
    after = last + timedelta(days=1)
    assert next_change((), [last]) == after.isoformat()
    assert not asked(pack, known, "award", last).priority
    assert asked(pack, known, "award", after).priority
    # Who has nothing that is kept away needs no day of its own.
    assert held_back_until(pack, facts(pack, record()), TODAY) == []


@pytest.mark.requirement("R-42")
@pytest.mark.parametrize(
    ("place", "criticised", "person_limited"),
    [
        ("nantong", True, True),
        ("lingyuan", True, True),
        ("jiangxi", True, True),
        ("yancheng", True, False),
        ("nanjing", False, False),
    ],
)
def test_each_place_sanctions_as_its_document_says(
    place: str, criticised: bool, person_limited: bool
) -> None:
    pack = packs()[place]
    body = codes(pack, facts(pack, record()))
    assert "award_ineligible_bodies" in body and "funds_limited" in body
    assert ("public_criticism_bodies" in body) is criticised
    person = record("civil_servant", type="public_official_discipline")
    known = facts(pack, person, kind="civil_servant")
    assert ("award_limited_officials" in codes(pack, known)) is person_limited
    accountable = "accountability_officials" in codes(pack, known)
    assert accountable is (place == "lingyuan")
    if place == "nanjing":
        assert asked(pack, known, "annual_excellent").answer == "restrict"
        assert asked(pack, known, "award").answer == "allow"


LIFTED: list[Callable[[Record], Record]] = [
    lambda one: replace(one, standing=Standing(repaired=Deed("2026-06-10", "c_1"))),
    lambda one: replace(
        one, dishonesty=False, standing=Standing(exempted=Deed("2026-06-10", "c_1"))
    ),
    lambda one: replace(one, status="withdrawn"),
    lambda one: replace(one, occurred_on="2020-01-01"),
]


@pytest.mark.requirement("R-42")
@pytest.mark.parametrize("lift", LIFTED, ids=["repaired", "exempted", "withdrawn", "over"])
@pytest.mark.parametrize("place", ["nantong", "yancheng", "jiangxi", "lingyuan", "nanjing"])
def test_a_sanction_is_lifted_on_time_on_repair_and_with_its_record(
    place: str, lift: Callable[[Record], Record]
) -> None:
    pack = packs()[place]
    assert codes(pack, facts(pack, record()))
    assert codes(pack, facts(pack, lift(record()))) == set()


@pytest.mark.requirement("R-42")
def test_who_put_it_right_unasked_is_spared_or_only_treated_more_lightly() -> None:
    pack = packs()["nantong"]
    one = record("civil_servant", type="public_official_discipline")
    waived = replace(one, standing=Standing(eased=Deed("2026-06-10", "c_1", "waived")))
    assert codes(pack, facts(pack, waived, kind="civil_servant")) == set()
    lighter = replace(one, standing=Standing(eased=Deed("2026-06-10", "c_1", "lighter")))
    assert "award_limited_officials" in codes(pack, facts(pack, lighter, kind="civil_servant"))


@pytest.mark.requirement("R-44")
@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("nantong", "restrict"),
        ("nanjing", "restrict"),
        ("yancheng", "refer"),
        ("jiangxi", "refer"),
        ("lingyuan", "refer"),
    ],
)
def test_a_judgment_defaulter_is_intercepted_where_the_document_says_so(
    place: str, answer: str
) -> None:
    pack = packs()[place]
    one = record("enterprise", type="judgment_defaulter", severity="serious")
    known = facts(pack, one, kind="enterprise")
    assert asked(pack, known, "bidding").answer == answer
    # The court's own end comes before the longest term.
    ended = replace(one, fields={"removed_on": "2026-06-14"})
    assert asked(pack, facts(pack, ended, kind="enterprise"), "bidding").answer == "allow"


@pytest.mark.requirement("R-42")
def test_nobody_on_the_list_of_defaulters_is_recruited() -> None:
    for pack in packs().values():
        one = record("person", type="judgment_defaulter", severity="serious")
        answer = asked(pack, facts(pack, one, kind="person"), "recruitment")
        assert answer.answer == "restrict" and "不得录用" in answer.measures[0].text


@pytest.mark.requirement("R-45")
def test_a_poor_evaluation_is_weighed_where_the_document_uses_results() -> None:
    referring = {
        place: {
            scene
            for scene in pack.scenes
            if asked(pack, facts(pack, results=(graded("D", "差"),)), scene).answer == "refer"
        }
        for place, pack in packs().items()
    }
    assert referring["nantong"] == {
        "pilot", "project", "special_funds", "award", "social_management"
    }  # fmt: skip
    assert referring["jiangxi"] == {"pilot", "project", "social_management"}
    assert referring["lingyuan"] == referring["yancheng"] == set()
    for pack in packs().values():
        good = asked(pack, facts(pack, results=(graded("A", "优"),)), "performance_assessment")
        assert good.answer == "allow" and "2025的结果为优（61.5分）" in good.measures[0].reason


@pytest.mark.requirement("R-43")
def test_a_referral_without_a_result_is_for_people_to_decide() -> None:
    pack = packs()["nanjing"]
    known = facts(pack, pending=(referred(),), kind="civil_servant")
    answer = asked(pack, known, "promotion")
    assert (answer.answer, answer.until) == ("refer", "")
    assert "尚无结论" in answer.measures[0].text


@pytest.mark.requirement("R-43")
def test_of_one_subject_checks_and_ratings_say_the_same() -> None:
    for pack in packs().values():
        for one in (record(), record(severity="serious"), record(occurred_on="2025-07-01")):
            rated = RatingFacts("department", ((one, pack),))
            for verdict in judge(pack, rated, TODAY.year, TODAY):
                answer = asked(pack, facts(pack, one), verdict.rating)
                assert (answer.answer == "restrict") is (verdict.answer == "barred")


@pytest.mark.requirement("R-44")
def test_who_has_no_standing_is_allowed() -> None:
    scene = packs()["nantong"].scenes["award"]
    assert answer_of(None, scene, TODAY) == Answer("allow", False, (), "")


_DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@st.composite
def _records(draw: st.DrawFn) -> Record:
    made = draw(st.sampled_from(["commitment_breach", "court_judgment", "honour"]))
    number, day = draw(st.integers(0, 999)), draw(_DAYS).isoformat()
    if made == "honour":
        return honour(f"r_{number}", occurred_on=day)
    level = draw(st.sampled_from(["minor", "general", "serious"]))
    one = record(record_id=f"r_{number}", type=made, severity=level, occurred_on=day)
    return draw(st.sampled_from([lambda x: x, *LIFTED]))(one)


@pytest.mark.requirement("R-40", "R-42")
@given(
    st.sampled_from(["nantong", "yancheng", "jiangxi", "lingyuan", "nanjing"]),
    st.lists(_records(), max_size=5, unique_by=lambda one: one.record_id),
    _DAYS,
    st.integers(0, 400),
)
def test_no_measure_outlives_its_end_and_the_order_of_facts_does_not_matter(
    place: str, given_records: list[Record], today: date, later: int
) -> None:
    pack = packs()[place]
    found = measures_of(pack, facts(pack, *given_records), today)
    assert measures_of(pack, facts(pack, *given_records[::-1]), today) == found
    assert all(is_on(one, today) for one in found)
    change = next_change(found)
    assert change == "" or change > today.isoformat()
    # Asked later, with the daily job late: what is over does not count.
    day = today + timedelta(days=later)
    for scene in pack.scenes.values():
        answer = answer_of(standing(pack, found), scene, day)
        assert all(not one.until or one.until >= day.isoformat() for one in answer.measures)
        if answer.priority:
            assert all(one.effect in ("priority", "note") for one in answer.measures)


@pytest.mark.requirement("R-40", "R-42")
@given(st.lists(_records(), min_size=1, max_size=4, unique_by=lambda one: one.record_id), _DAYS)
def test_whatever_lifts_a_record_takes_exactly_its_own_measures_away(
    given_records: list[Record], today: date
) -> None:
    pack = packs()["nantong"]
    before = measures_of(pack, facts(pack, *given_records), today)
    first, *others = given_records
    gone = measures_of(pack, facts(pack, replace(first, status="withdrawn"), *others), today)
    kept = {one.measure_id for one in before if one.ground != first.record_id}
    # Nothing sanctions for what is gone; what was suspended beside it may come back.
    assert kept <= {one.measure_id for one in gone}
    assert not any(one.ground == first.record_id for one in gone)
