"""The pure rules of the account: it always adds up, ranks fairly, and reminds in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.model import Account, Count, Declaration, Line, RateCode, Standing
from chalicelib.accounts.rules import (
    assessed_month,
    collection_of,
    declare_by,
    figure_of,
    is_month,
    lines_of,
    month_after,
    obliged_types,
    office_sees,
    points_of,
    ranking,
    rates_of,
    total_of,
)
from chalicelib.accounts.rules_reminders import reminded_months, reminders_of
from chalicelib.policy.programme import Assessment
from chalicelib.policy.service import pack_for
from tests.accounts.town import ASSESSMENT, BUREAU, HOUSING, LICENCE, PENALTY

ASSESSED = Assessment.model_validate(ASSESSMENT)
TYPES = (LICENCE, PENALTY)


def account(
    agency: str = BUREAU,
    produced: Sequence[int | None] = (None, None),
    counts: Sequence[Count] = (Count(), Count()),
    **more: str,
) -> Account:
    declared = {
        code: Declaration(code, number, "", "2026-06-03T01:00:00.000Z", "clerk-1", 1)
        for code, number in zip(TYPES, produced, strict=True)
        if number is not None
    }
    return Account(
        agency=agency,
        agency_name="示例局",
        jurisdiction="nanjing",
        region="329900",
        month="2026-05",
        types=TYPES,
        declarations=declared,
        counts=dict(zip(TYPES, counts, strict=True)),
        **more,
    )


@st.composite
def lines(draw: st.DrawFn) -> tuple[Line, ...]:
    small = st.integers(0, 50)
    counts = [
        Count(
            accepted=(accepted := draw(small)),
            late=draw(st.integers(0, accepted)),
            rejected=draw(small),
        )
        for _ in TYPES
    ]
    produced = [draw(st.none() | st.integers(0, 120)) for _ in TYPES]
    return lines_of(account(produced=produced, counts=counts), TYPES)


@pytest.mark.requirement("R-27")
@given(lines())
def test_the_account_always_adds_up(found: tuple[Line, ...]) -> None:
    for line in (*found, total_of(found)):
        assert (line.produced or 0) + line.undeclared == (
            line.accepted + line.rejected + line.pending
        )
        assert min(line.pending, line.undeclared) == 0 or not line.type
        assert line.known == line.reported + line.pending
    total = total_of(found)
    assert total.is_zero_report == all(line.is_zero_report for line in found)
    assert total.is_consistent == all(line.is_consistent for line in found)


@pytest.mark.requirement("R-27")
@given(lines())
def test_rates_stay_between_nothing_and_all(found: tuple[Line, ...]) -> None:
    for rate in rates_of(ASSESSED, found).values():
        assert rate.value is None or 0 <= rate.value <= 1
        assert rate.points is None or 0 <= rate.points <= 6


@pytest.mark.requirement("R-27", "R-20")
def test_the_three_rates_of_a_month() -> None:
    found = account(produced=(10, 0), counts=(Count(accepted=8, late=2, rejected=1), Count()))
    rates = rates_of(ASSESSED, lines_of(found, TYPES))
    assert rates["collection_rate"].value == Decimal("0.8")
    assert rates["on_time_rate"].value == Decimal("0.75")
    assert rates["compliance_rate"].value == Decimal("0.888889")
    # 及时率: 6 points from 100 % on, below pro rata; 入库率: 6 points from 95 % on.
    assert rates["on_time_rate"].points == Decimal("4.50")
    assert rates["compliance_rate"].points == Decimal("5.33")
    assert points_of(ASSESSED.rates["stored"], 19, 20) == Decimal("6.00")


@pytest.mark.requirement("R-27")
def test_too_much_of_one_type_does_not_hide_what_another_lacks() -> None:
    found = account(produced=(2, 5), counts=(Count(accepted=4), Count(accepted=3)))
    total = total_of(lines_of(found, TYPES))
    assert (total.produced, total.accepted) == (7, 7)
    assert (total.pending, total.undeclared, total.is_consistent) == (2, 2, False)


def test_a_type_nobody_declared_leaves_no_collection_rate() -> None:
    found = account(produced=(3, None), counts=(Count(accepted=3), Count()))
    assert rates_of(ASSESSED, lines_of(found, TYPES))["collection_rate"].value is None


@pytest.mark.requirement("R-27")
def test_equal_rates_share_a_rank_and_small_samples_have_none() -> None:
    def agency(name: str, accepted: int, rejected: int = 0) -> Account:
        counts = (Count(accepted=accepted, rejected=rejected), Count())
        return account(name, (accepted + rejected, 0), counts)

    field = [
        agency("D", 5, 5),
        agency("B", 8, 2),
        agency("A", 4, 1),
        agency("E", 1),
        agency("C", 3),
    ]
    found = ranking(field, ASSESSED, "compliance_rate")
    assert [(one.account.agency, one.rank) for one in found] == [
        ("C", 1),
        ("A", 2),
        ("B", 2),
        ("D", 4),
        ("E", None),
    ]
    assert "少于 2 件" in found[-1].unranked_why
    assert ranking(reversed(field), ASSESSED, "compliance_rate") == found


@pytest.mark.requirement("R-27")
@pytest.mark.parametrize(("late", "called_out"), [(5, False), (6, True)])
def test_more_than_half_late_is_called_out(late: int, called_out: bool) -> None:
    found = account(produced=(10, 0), counts=(Count(accepted=10, late=late), Count()))
    (one,) = ranking([found], ASSESSED, "on_time_rate")
    assert one.called_out is called_out


@pytest.mark.parametrize("by", ["collection_rate", "on_time_rate", "compliance_rate"])
def test_who_has_nothing_at_all_is_shown_without_a_rank(by: RateCode) -> None:
    (one,) = ranking([account()], ASSESSED, by)
    assert isinstance(one, Standing) and one.rank is None and one.unranked_why


def test_the_office_waits_for_the_day_or_the_confirmation() -> None:
    assert declare_by(ASSESSED, "2026-12") == date(2027, 1, 10)
    assert not office_sees(account(), ASSESSED, date(2026, 6, 10))
    assert office_sees(account(), ASSESSED, date(2026, 6, 11))
    assert office_sees(account(confirmed_at="x"), ASSESSED, date(2026, 6, 1))
    assert assessed_month(ASSESSED, date(2026, 6, 10)) == "2026-04"
    assert assessed_month(ASSESSED, date(2026, 6, 11)) == "2026-05"


def test_months() -> None:
    assert is_month("2026-05") and not is_month("2026-13") and not is_month("0000-01")
    assert month_after("2026-12") == "2027-01" and month_after("2026-01", -1) == "2025-12"
    assert reminded_months(date(2026, 2, 1)) == ("2025-11", "2025-12", "2026-01", "2026-02")


# -- reminders ----------------------------------------------------------------------------------


def reminded(found: Account, today: date) -> list[tuple[str, str, str, bool]]:
    pack = pack_for("nanjing", today)
    return [
        (one.code, one.type, one.due_on, one.overdue)
        for one in reminders_of(pack, ASSESSED, [found], today)
    ]


@pytest.mark.requirement("R-27")
def test_a_declaration_is_reminded_of_before_its_day_and_escalates_after_it() -> None:
    found = account(produced=(None, 0), counts=(Count(accepted=2), Count()))
    assert reminded(found, date(2026, 6, 4)) == []
    expected = ("declaration_due", LICENCE, "2026-06-10")
    assert reminded(found, date(2026, 6, 5)) == [(*expected, False)]
    assert reminded(found, date(2026, 6, 10)) == [(*expected, False)]
    assert reminded(found, date(2026, 7, 20)) == [(*expected, True)]  # also after weeks away


@pytest.mark.requirement("R-27")
def test_a_month_without_any_decision_lacks_its_zero_report_until_it_is_declared() -> None:
    today = date(2026, 6, 8)
    codes = [code for code, *_ in reminded(account(HOUSING), today)]
    assert codes == ["zero_report_missing", "zero_report_missing"]
    assert reminded(account(HOUSING, (0, 0)), today) == []


@pytest.mark.requirement("R-27", "R-20")
def test_refused_rows_are_reminded_of_while_their_clock_runs() -> None:
    found = account(produced=(1, 0), counts=(Count(rejected=1, first_due_on="2026-06-09"), Count()))
    for day, overdue in ((1, False), (9, False), (10, True)):
        assert reminded(found, date(2026, 6, day)) == [
            ("refused_rows_open", LICENCE, "2026-06-09", overdue)
        ]


@pytest.mark.requirement("R-27")
def test_pending_decisions_are_due_with_the_last_day_of_the_month_s_clock() -> None:
    found = account(produced=(3, 0), counts=(Count(accepted=1), Count()))
    # 31 May and seven working days: 9 June.
    assert reminded(found, date(2026, 6, 3)) == []
    assert reminded(found, date(2026, 6, 4)) == [
        ("decisions_pending", LICENCE, "2026-06-09", False)
    ]


@pytest.mark.requirement("R-20", "R-27")
@pytest.mark.parametrize("jurisdiction", ["national", "nantong", "lingyuan", "yancheng", "nanjing"])
def test_licences_and_penalties_are_accounted_for_in_every_city(jurisdiction: str) -> None:
    pack = pack_for(jurisdiction, date(2026, 6, 15))
    assessment = collection_of(pack)
    assert assessment is not None
    assert set(obliged_types(pack, assessment, {"clerk"})) >= {LICENCE, PENALTY}
    assert set(assessment.rates) >= {"stored", "on_time"}


def test_an_account_nobody_counted_yet_does_not_make_the_others_uncounted() -> None:
    counted = account(
        produced=(2, 0),
        counts=(Count(accepted=2), Count()),
        computed_at="2026-06-11T01:00:00.000Z",
    )
    found = figure_of("compliance_rate", [account(HOUSING), counted], ASSESSED)
    assert (found.numerator, found.denominator) == (2, 2)
    assert found.computed_at == counted.computed_at
