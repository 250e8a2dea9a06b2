"""The questions a pack answers by itself: severity, scope, terms, grades, working days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.kernel.workdays import add_working_days
from chalicelib.policy.base import GOVERNMENT_BODIES, PERSONS, SUBJECT_KINDS
from chalicelib.policy.model import SeverityRule
from tests.policy.builders import real_pack

NANJING = real_pack("nanjing")
PENALTY = NANJING.types["administrative_penalty"]


def test_packs_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        PENALTY.title = "另一个"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        SeverityRule.model_validate({"verified": False, "colour": "red"})


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"penalty_category": "warning"}, "minor"),
        ({"penalty_category": "fine"}, "general"),
        ({"penalty_category": "warning,fine"}, "general"),
        ({"penalty_category": "fine,licence_revocation"}, "serious"),
        ({"penalty_category": "fine", "severity": "minor"}, "minor"),
        ({}, "general"),
    ],
)
def test_severity_of_a_penalty(fields: dict[str, str | int | bool], severity: str) -> None:
    assert PENALTY.severity_of(fields, date(2026, 5, 1)) == severity


def test_no_severity_where_the_type_has_none() -> None:
    assert NANJING.types["honour"].severity_of({"severity": "serious"}, date(2026, 5, 1)) is None


@pytest.mark.requirement("R-07")
def test_a_penalty_is_a_dishonesty_record_only_about_a_body() -> None:
    assert {kind for kind in SUBJECT_KINDS if PENALTY.is_dishonesty(kind)} == GOVERNMENT_BODIES
    assert NANJING.types["court_judgment"].is_dishonesty("department")


@pytest.mark.requirement("R-05")
@pytest.mark.parametrize("kind", sorted(PERSONS))
def test_no_record_about_a_person_is_public(kind: str) -> None:
    assert {t.scope_for(kind) for t in NANJING.types.values()} == {"internal"}


@pytest.mark.parametrize(
    ("decided_on", "rule_set", "serious_from"),
    [
        (date(2019, 1, 1), "order_58", 6),
        (date(2026, 3, 31), "order_58", 6),
        (date(2026, 4, 1), "order_36", 12),
        (date(2030, 1, 1), "order_36", 12),
    ],
)
def test_publicity_terms_follow_the_decision_date(
    decided_on: date, rule_set: str, serious_from: int
) -> None:
    found = NANJING.publicity["dishonesty"].rule_set_on(decided_on)
    assert found.code == rule_set
    minor, general, serious = (found.term(s) for s in ("minor", "general", "serious"))
    assert minor is not None and not minor.published and minor.max_months == 3
    assert general is not None and (general.min_months, general.max_months) == (3, 12)
    assert serious is not None and (serious.min_months, serious.max_months) == (serious_from, 36)
    assert found.term(None) is None


def test_a_standing_rule_serves_every_severity() -> None:
    standing = NANJING.publicity["standing"].rule_set_on(date(2026, 1, 1))
    assert standing.term("serious") == standing.term(None) == standing.terms["any"]


# Deadlines of seven working days that were computed independently of this code.
@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("decided_on", "due_on"),
    [
        ("2026-02-10", "2026-02-26"),
        ("2026-02-13", "2026-03-02"),
        ("2026-04-30", "2026-05-13"),
        ("2026-09-24", "2026-10-12"),
        ("2026-09-30", "2026-10-15"),
        ("2026-11-20", "2026-12-01"),
    ],
)
def test_the_calendar_gives_the_known_deadlines(decided_on: str, due_on: str) -> None:
    limit = PENALTY.time_limit
    assert limit is not None and limit.working_days == 7 and limit.basis.verified
    calendar = NANJING.calendar.working_days
    start = date.fromisoformat(decided_on)
    assert add_working_days(calendar, start, limit.working_days) == (
        date.fromisoformat(due_on),
        False,
    )


def test_an_unknown_year_is_provisional() -> None:
    calendar = NANJING.calendar.working_days
    assert calendar.known_years == {2024, 2025, 2026}
    assert add_working_days(calendar, date(2026, 12, 30), 7)[1] is True


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_every_score_has_exactly_one_grade(score: Decimal) -> None:
    scheme = NANJING.schemes["annual_integrity"]
    holding = [
        grade
        for grade in scheme.grades
        if grade.at_least <= score and (grade.below is None or score < grade.below)
    ]
    assert holding == [scheme.grade_of(score)]


def test_no_grade_outside_the_bands() -> None:
    with pytest.raises(ValueError, match="no grade band"):
        NANJING.schemes["annual_integrity"].grade_of(Decimal(-1))
