"""Scoring: each primitive by example, the tree, grades, ranking and periods."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import localcontext
from typing import Any

import pytest

from chalicelib.evaluation.explain import titles_of
from chalicelib.evaluation.model import BodyFacts, FactRow, LeafResult, Period
from chalicelib.evaluation.rules import plan_of, score_body
from chalicelib.evaluation.rules_periods import due_at, latest_due, name_of, period_of, previous
from chalicelib.policy.model import Pack
from chalicelib.policy.scheme import PeriodKind
from tests.evaluation.builders import (
    BONUS,
    DEDUCTION,
    RATIO,
    TIERS,
    YEAR,
    holding,
    leaf,
    row,
    rows,
    scheme_of,
)
from tests.publicity.builders import record_type


def scored(
    score: Mapping[str, Any],
    facts: tuple[FactRow, ...],
    weight: str = "20",
    decimals: int = 2,
    **source: Any,
) -> LeafResult:
    """The one leaf of a scheme that has only this score, over records the body reported."""
    plan = plan_of(scheme_of(leaf("x", weight, score, **source), decimals=decimals))
    return score_body(plan, BodyFacts("b", reported_by=facts), YEAR).leaves[0]


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("on_time", "late", "points"),
    [
        (95, 5, "20.00"),  # full marks from 95 %
        (100, 0, "20.00"),
        (94, 6, "19.79"),  # 20 x 0.94 / 0.95 = 19.789...
        (1, 7, "2.63"),  # 2.6315...
        (0, 9, "0.00"),
        (0, 0, "12.00"),  # nothing to measure
    ],
)
def test_ratio_with_full_mark_threshold(on_time: int, late: int, points: str) -> None:
    found = scored(RATIO, rows(on_time, "a") + rows(late, "b", on_time=False))
    assert str(found.points) == points
    assert len(found.records) == on_time + late


def test_a_ratio_explains_itself() -> None:
    found = scored(RATIO, (*rows(3, "a"), row("late", on_time=False), row("none", on_time=None)))
    assert found.rule == ("得分 = 20 × min(1, 按时报送的记录数 ÷ 记录数 ÷ 0.95)；记录数为0时得12分")
    assert found.working == "20 × min(1, 3 ÷ 5 ÷ 0.95) = 12.63分"
    assert found.inputs == {"numerator": 3, "denominator": 5}
    effects = {effect.record_id: dict(effect.amounts) for effect in found.records}
    assert effects["a0"] == {"numerator": 1, "denominator": 1}
    assert effects["late"] == effects["none"] == {"numerator": 0, "denominator": 1}


def test_a_ratio_of_sums_over_records_that_match() -> None:
    score = {
        "kind": "ratio",
        "numerator": {
            "of": "sum",
            "field": "paid_yuan",
            "where": [{"field": "settled", "values": [True]}],
        },
        "denominator": {"of": "sum", "field": "owed_yuan"},
        "full_at": "1",
        "empty": "20",
    }
    facts = (
        row("a", **holding(paid_yuan="30.50", owed_yuan="61.00", settled=True)),
        row("b", **holding(paid_yuan="99", owed_yuan="61.00", settled=False)),
        row("c", **holding(settled=True)),
    )
    found = scored(score, facts)
    assert str(found.points) == "5.00"  # 20 x 30.5 / 122
    assert found.rule == (
        "得分 = 20 × min(1, settled为是的paid_yuan合计 ÷ owed_yuan合计)；owed_yuan合计为0时得20分"
    )
    assert [effect.record_id for effect in found.records] == ["a", "b"]


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("severities", "points"),
    [
        ([], "20.00"),
        (["general"], "15.50"),
        (["minor", None], "18.00"),  # both are `any`
        (["serious", "general", "any-other"], "4.50"),
        (["serious", "serious"], "2.00"),  # never below the floor
    ],
)
def test_deduction_with_floor(severities: list[str | None], points: str) -> None:
    facts = tuple(
        row(f"r{n}", severity=None if severity == "any-other" else severity)
        for n, severity in enumerate(severities)
    )
    assert str(scored(DEDUCTION, facts).points) == points


@pytest.mark.requirement("R-33")
@pytest.mark.parametrize("score", [RATIO, TIERS])
def test_to_what_is_measured_an_exempted_record_is_as_if_it_were_not_there(score: Any) -> None:
    there = row("a", on_time=True, values={"satisfaction": "90"})
    gone = row("b", on_time=False, exempted=True, values={"satisfaction": "1"})
    assert scored(score, (there, gone)).points == scored(score, (there,)).points
    assert scored(score, (gone,)).points == scored(score, ()).points


@pytest.mark.requirement("R-33")
def test_an_exempted_record_is_shown_and_deducts_nothing() -> None:
    found = scored(DEDUCTION, (row("a", severity="serious", exempted=True),))
    assert str(found.points) == "20.00"
    assert [dict(effect.amounts) for effect in found.records] == [{"deducted": 0}]
    assert found.rule == (
        "满分20分，每条记录扣分：严重失信10分、一般失信4.5分、其他1分，最低2分；容错免责和已修复的记录不扣分"
    )
    assert found.working == "max(2, 20 − 0) = 20.00分"


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("values", "points"),
    [
        (["90"], "20.00"),
        (["89.99"], "12.00"),
        (["70", "91"], "12.00"),  # 80.5 on average
        (["60.5"], "5.00"),
        (["60.4"], "1.00"),
        ([None], "7.00"),
        ([], "7.00"),
    ],
)
def test_tiers_of_an_average(values: list[str | None], points: str) -> None:
    facts = tuple(
        row(f"r{n}", values={} if value is None else {"satisfaction": value})
        for n, value in enumerate(values)
    )
    assert str(scored(TIERS, facts).points) == points


def test_tiers_explain_themselves() -> None:
    facts = tuple(row(f"r{n}", **holding(satisfaction=90 + n % 2)) for n in range(3))
    found = scored(TIERS, facts)
    assert found.rule == (
        "按satisfaction平均值分档：达到90得20分，达到80得12分，达到60.5得5分，"
        "其余得1分；没有记录时得7分"
    )
    assert found.working == "数值90.333333（约），得20.00分"
    assert found.inputs == {"value_sum": 271, "value_count": 3}


def test_the_latest_value_counts_whatever_order_records_come_in() -> None:
    score = TIERS | {"measure": {"of": "latest", "field": "satisfaction"}}
    old = row("z", occurred_on=date(2025, 1, 2), **holding(satisfaction="99"))
    new = row("a", occurred_on=date(2025, 3, 4), **holding(satisfaction="85"))
    silent = row("b", occurred_on=date(2025, 5, 6))
    for facts in ((old, new, silent), (silent, new, old)):
        found = scored(score, facts)
        assert str(found.points) == "12.00"
        assert [effect.record_id for effect in found.records] == ["a"]


def test_a_count_of_matching_records_sees_each_choice_of_a_multiple_enum() -> None:
    score = TIERS | {
        "measure": {"of": "matching", "where": [{"field": "kinds", "values": ["fine"]}]},
        "tiers": [{"at_least": "2", "points": "20"}],
    }
    facts = (
        row("a", **holding(kinds="fine,warning")),
        row("b", **holding(kinds="fine")),
        row("c", **holding(kinds="refine")),
        row("d"),
    )
    assert str(scored(score, facts).points) == "20.00"
    assert str(scored(score, facts[1:]).points) == "1.00"
    assert str(scored(score, ()).points) == "7.00"


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(
    ("levels", "points"),
    [
        ([], "0.00"),
        (["province"], "3.30"),
        (["province", "city", None], "4.30"),
        (["national", "national", "province"], "10.00"),  # capped
        (["city,national"], "5.00"),  # the best of several choices
    ],
)
def test_capped_bonus(levels: list[str | None], points: str) -> None:
    facts = tuple(
        row(f"r{n}", values={} if level is None else {"award_level": level})
        for n, level in enumerate(levels)
    )
    found = scored(BONUS, facts, weight="10")
    assert str(found.points) == points
    assert found.working.startswith("min(10, ")


def test_a_bonus_without_levels_pays_the_same_for_each_record() -> None:
    score = {"kind": "bonus", "points": {"any": "0.5"}, "cap": "6"}
    found = scored(score, rows(3), weight="6")
    assert str(found.points) == "1.50"
    assert found.rule == "每条记录加0.5分，最高6分"


@pytest.mark.parametrize(("decimals", "points"), [(0, "3"), (1, "2.5"), (2, "2.50"), (4, "2.5000")])
def test_points_round_half_up_to_the_decimals_of_the_scheme(decimals: int, points: str) -> None:
    score = RATIO | {"full_at": "1"}
    facts = (row("a"), row("b", on_time=False))
    assert str(scored(score, facts, weight="5", decimals=decimals).points) == points


def test_half_a_cent_rounds_up() -> None:
    score = RATIO | {"full_at": "1"}
    facts = rows(1, "a") + rows(7, "b", on_time=False)
    assert str(scored(score, facts, weight="1").points) == "0.13"  # 0.125


@pytest.mark.requirement("R-60")
def test_only_records_of_the_period_and_the_source_count() -> None:
    where = [{"field": "state", "values": ["valid"]}]
    facts = (
        row("in", **holding(state="valid")),
        row("first", occurred_on=date(2025, 1, 1), **holding(state="valid")),
        row("last", occurred_on=date(2025, 12, 31), **holding(state="valid")),
        row("before", occurred_on=date(2024, 12, 31), **holding(state="valid")),
        row("after", occurred_on=date(2026, 1, 1), **holding(state="valid")),
        row("other_type", type="penalty", **holding(state="valid")),
        row("other_state", **holding(state="revoked")),
    )
    found = scored(RATIO, facts, where=where)
    assert [effect.record_id for effect in found.records] == ["first", "in", "last"]


def test_records_about_and_by_a_body_are_kept_apart() -> None:
    scheme = scheme_of(
        leaf("by", "10", DEDUCTION | {"floor": "0"}),
        leaf("about", "10", DEDUCTION | {"floor": "0"}, link="about"),
    )
    facts = BodyFacts("b", reported_by=rows(3), about=rows(1, "s", severity="serious"))
    result = score_body(plan_of(scheme), facts, YEAR)
    assert [str(found.points) for found in result.leaves] == ["7.00", "0.00"]


def test_of_a_record_given_twice_the_highest_version_counts() -> None:
    old = row("a", version=1, severity="serious")
    new = row("a", version=2, severity="general")
    for facts in ((old, new), (new, old), (new, new)):
        found = scored(DEDUCTION, facts)
        assert [(effect.record_id, effect.version) for effect in found.records] == [("a", 2)]
        assert str(found.points) == "15.50"


@pytest.mark.requirement("R-60")
def test_branches_and_total_add_up_and_give_the_grade() -> None:
    branch = {
        "code": "lawful",
        "title": "依法行政",
        "weight": "40",
        "children": [leaf("timely", "20", RATIO), leaf("clean", "20", DEDUCTION, link="about")],
    }
    scheme = scheme_of(branch, leaf("praise", "10", BONUS), leaf("public", "50", TIERS))
    facts = BodyFacts(
        "b",
        reported_by=(row("a", **holding(satisfaction="95", award_level="province")),),
        about=(row("p", severity="general"),),
    )
    result = score_body(plan_of(scheme), facts, YEAR)
    assert [str(node.points) for node in result.tree] == ["35.50", "3.30", "20.00"]
    assert [str(child.points) for child in result.tree[0].children] == ["20.00", "15.50"]
    assert str(result.total) == "58.80"
    assert result.grade.code == "C"


def test_a_plan_names_what_must_be_fetched() -> None:
    plan = plan_of(
        scheme_of(
            leaf("a", "20", TIERS, where=[{"field": "state", "values": ["valid"]}]),
            leaf("b", "20", RATIO, types=["licence", "penalty"]),
            leaf("c", "10", BONUS, link="about", types=["award"]),
        )
    )
    assert plan.types == {
        "reported_by": {"licence", "penalty"},
        "about": {"award"},
        "figure": frozenset(),
    }
    assert plan.fields == {"satisfaction", "state", "award_level"}


def test_an_indicator_without_score_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        plan_of(scheme_of({"code": "x", "title": "空", "weight": "1"}))


def test_digits_do_not_depend_on_the_decimal_context_of_the_thread() -> None:
    facts = rows(1, "a") + rows(2, "b", on_time=False)
    expected = scored(RATIO, facts, decimals=4).points
    with localcontext() as context:
        context.prec = 3
        assert scored(RATIO, facts, decimals=4).points == expected
    assert str(expected) == "7.0175"


@pytest.mark.requirement("R-60")
def test_the_clock_decides_which_period_is_due() -> None:
    scheme = scheme_of(leaf("x", "10", BONUS))
    due = datetime(2026, 1, 14, 18, 0, tzinfo=UTC)  # 15 January, 2 o'clock in Shanghai
    assert due_at(scheme, period_of("year", "2025")) == due
    assert latest_due(scheme, due) == Period(date(2025, 1, 1), date(2025, 12, 31))
    assert latest_due(scheme, due - timedelta(seconds=1)) == period_of("year", "2024")
    new_year = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    assert latest_due(scheme, new_year) == period_of("year", "2024")


PERIODS = [
    ("year", "2025", "2025-01-01", "2025-12-31", "2024", "2026-02-05"),
    ("half_year", "2025-H2", "2025-07-01", "2025-12-31", "2025-H1", "2026-02-05"),
    ("half_year", "2025-H1", "2025-01-01", "2025-06-30", "2024-H2", "2025-08-05"),
    ("quarter", "2025-Q3", "2025-07-01", "2025-09-30", "2025-Q2", "2025-11-05"),
    ("quarter", "2025-Q1", "2025-01-01", "2025-03-31", "2024-Q4", "2025-05-05"),
    ("month", "2024-02", "2024-02-01", "2024-02-29", "2024-01", "2024-04-05"),
    ("month", "2025-12", "2025-12-01", "2025-12-31", "2025-11", "2026-02-05"),
]


@pytest.mark.requirement("R-60")
@pytest.mark.parametrize(("kind", "name", "first", "last", "before", "due"), PERIODS)
def test_years_halves_quarters_and_months_have_names_days_and_a_due_hour(
    kind: PeriodKind, name: str, first: str, last: str, before: str, due: str
) -> None:
    period = period_of(kind, name)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert name_of(period) == name
    assert name_of(previous(kind, period)) == before
    schedule = {"months_after": 2, "day": 5, "hour": 0}
    scheme = scheme_of(leaf("x", "10", BONUS), period=kind, schedule=schedule)
    at = due_at(scheme, period)
    assert at == datetime.fromisoformat(f"{due}T00:00:00+08:00")
    assert latest_due(scheme, at) == period
    assert latest_due(scheme, at - timedelta(seconds=1)) == previous(kind, period)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("year", "25"), ("half_year", "2025-H3"), ("quarter", "2025Q1"), ("month", "2025-13")],
)
def test_what_names_no_period_is_refused(kind: PeriodKind, name: str) -> None:
    with pytest.raises(ValueError, match="names no"):
        period_of(kind, name)
    with pytest.raises(ValueError, match="no period"):
        name_of(Period(date(2025, 2, 1), date(2025, 4, 30)))


def test_titles_make_rules_readable() -> None:
    plan = plan_of(
        scheme_of(leaf("x", "10", BONUS)),
        {
            "award_level": "表彰级别",
            "award_level.national": "国家级",
            "award_level.province": "省级",
        },
    )
    assert plan.leaves[0].rule == (
        "每条记录按表彰级别加分：国家级加5分、省级加3.3分、其他加0.5分，最高10分"
    )


def test_titles_come_from_the_catalog() -> None:
    level = {
        "code": "award_level",
        "title": "表彰级别",
        "kind": "enum",
        "values": [{"code": "national", "title": "国家级"}],
    }
    pack = Pack.model_construct(types={"honour": record_type(fields=[level])})
    assert titles_of(pack) == {"award_level": "表彰级别", "award_level.national": "国家级"}
