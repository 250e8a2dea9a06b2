"""What keeps whom from which rating, by the packs that ship and by packs that say otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.cases.model import Bar, Pending
from chalicelib.creditfile.model import Deed, Record, Standing
from chalicelib.policy.model import Pack
from chalicelib.ratings.model import Verdict
from chalicelib.ratings.rules import Facts, judge
from tests.cases.procedures import packs
from tests.disclosure.builders import record
from tests.support.world import World, make_world

TODAY = date(2026, 6, 15)


@pytest.fixture
def breach(aws: dict[str, str]) -> Record:
    """A general breach of promise of 2026-06-01."""
    world: World = make_world(aws)
    return record(world, type="commitment_breach", dishonesty=True, severity="general")


def verdict(pack: Pack, facts: Facts, rating: str, year: int = 2026) -> Verdict:
    return next(one for one in judge(pack, facts, year, TODAY) if one.rating == rating)


def about(found: Record, pack: Pack, kind: str = "department") -> Facts:
    return Facts(kind, ((found, pack),))


@pytest.mark.requirement("R-43")
@pytest.mark.parametrize(
    ("place", "words"),
    [("nantong", "没有这一项"), ("yancheng", "没有这一项"), ("lingyuan", "未见规定")],
)
def test_where_the_document_has_no_such_rule_that_is_the_answer(
    breach: Record, place: str, words: str
) -> None:
    pack = packs()[place]
    found = verdict(pack, about(breach, pack), "annual_excellent")
    assert (found.answer, found.text) == ("not_regulated", "本地文件没有这项规定")
    assert words in found.basis and found.reasons == ()
    assert verdict(pack, about(breach, pack), "award").answer == "barred"


@pytest.mark.requirement("R-42")
def test_yancheng_bars_departments_from_awards_but_no_persons(breach: Record) -> None:
    pack = packs()["yancheng"]
    person = verdict(pack, about(breach, pack, "civil_servant"), "award")
    assert person.answer == "not_regulated" and "没有对个人的限制" in person.basis
    assert verdict(pack, about(breach, pack), "award").answer == "barred"


@pytest.mark.requirement("R-42")
def test_an_award_is_open_again_when_the_record_is_over_or_repaired(breach: Record) -> None:
    pack = packs()["nantong"]
    # A general breach counts for as long as it may be published at most.
    old = replace(breach, occurred_on="2020-01-01")
    assert verdict(pack, about(old, pack), "award").answer == "allowed"
    assert verdict(pack, about(old, pack), "award", year=2020).answer == "barred"
    mended = replace(breach, standing=Standing(repaired=Deed("2026-06-10", "c_1")))
    assert verdict(pack, about(mended, pack), "award").answer == "allowed"


def bent(**changes: Any) -> Pack:
    """Nanjing's pack, its limit on 优秀 changed."""
    pack = packs()["nanjing"]
    limit = pack.rating_bars["annual_excellent"].model_copy(update=changes)
    return pack.model_copy(update={"rating_bars": {"annual_excellent": limit}})


@pytest.mark.requirement("R-43", "R-73")
@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "barred"),
        ({"severities": ("serious",)}, "allowed"),
        ({"severities": ("general", "serious")}, "barred"),
        ({"types": ("purchaser_breach",)}, "allowed"),
        ({"types": ("commitment_breach",)}, "barred"),
        ({"about": ("institution",)}, "not_regulated"),
    ],
)
def test_which_records_bar_is_the_packs(
    breach: Record, changes: dict[str, Any], answer: str
) -> None:
    pack = bent(**changes)
    assert verdict(pack, about(breach, pack), "annual_excellent").answer == answer


@pytest.mark.requirement("R-43")
@pytest.mark.parametrize(("counts", "answer"), [(True, "barred"), (False, "allowed")])
def test_whether_a_repaired_record_still_counts_is_the_packs(
    breach: Record, counts: bool, answer: str
) -> None:
    pack = bent(repaired_counts=counts)
    mended = replace(breach, standing=Standing(repaired=Deed("2026-06-10", "c_1")))
    assert verdict(pack, about(mended, pack), "annual_excellent").answer == answer


@pytest.mark.requirement("R-43")
def test_what_a_case_decided_bars_even_where_no_record_does() -> None:
    pack = packs()["nanjing"]
    since = "2026-06-14T17:00:00.000Z"  # the 15th in Shanghai
    pending = (Pending("c_2", "accountability", "referred", since),)
    facts = Facts("department", (), (Bar("c_1", "accountability", since),), pending)
    found = verdict(pack, facts, "annual_excellent")
    assert [(one.what, one.bars, one.since) for one in found.reasons] == [
        ("case", True, "2026-06-15"),
        ("referral", False, "2026-06-15"),
    ]
    assert found.answer == "barred" and verdict(pack, facts, "award").answer == "allowed"
