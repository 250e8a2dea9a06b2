"""The decision what is public: each ground, the term to the day, and what always holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.clock import day_end, day_start
from chalicelib.policy.base import SUBJECT_KINDS
from chalicelib.policy.model import FieldValue
from chalicelib.publicity.model import Mark, Notice, PublicityFacts, Statement, Subject
from chalicelib.publicity.rules import (
    decide,
    fields_shown,
    needs_notice,
    state_at,
)
from tests.publicity.builders import (
    BASIS,
    FACTS,
    NOTICE,
    OPEN_RULE,
    RULE,
    SETTLED,
    facts,
    record_type,
)

SECOND = timedelta(seconds=1)
OBJECTION = Mark("objection", "有异议", date(2026, 6, 15))


def reasons(found: PublicityFacts) -> set[str]:
    return {reason.code for reason in decide(found).reasons}


@pytest.mark.requirement("R-21")
def test_a_public_record_says_from_when_until_when_and_why() -> None:
    decision = decide(FACTS)
    assert decision.public
    assert decision.starts_at == SETTLED
    assert decision.last_day == date(2027, 5, 6)
    assert decision.until == datetime(2027, 5, 6, 16, 0, tzinfo=UTC)
    assert decision.repairable_from == date(2026, 8, 6)
    assert [reason.code for reason in decision.reasons] == [
        "scope_public",
        "term",
        "notices_delivered",
    ]
    assert "2026-05-06起，至2027-05-06" in decision.reasons[1].text
    assert (decision.subject_name, decision.subject_code) == ("示例市甲局", "11320100000000000X")


@pytest.mark.requirement("R-21")
def test_only_public_fields_leave_and_personal_ones_masked() -> None:
    assert dict(decide(FACTS).fields) == {
        "document_number": "示决〔2026〕1号",
        "facts": "未按约履行，电话138****5678",
        "head": "欧阳*",
        "head_code": "110105************",
    }


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (facts(settled_at=None), "not_settled"),
        (facts(withdrawn=True), "withdrawn"),
        (facts(exempted=True), "exempted"),
        (facts(repaired=True), "repaired"),
        (facts(decision_notice=None), "decision_notice_missing"),
        (facts(repair_notice=None), "repair_notice_missing"),
        (facts(repair_notice=Notice(date(2026, 5, 8), " ")), "repair_notice_missing"),
        (facts(severity="minor"), "term_not_published"),
        (facts(severity=None), "severity_missing"),
        (facts(rule=None), "no_term"),
        (facts(decided_on=date(2023, 4, 30)), "no_rule_set"),
        (facts(type=record_type(disclosure={"scope": "shared", "basis": BASIS})), "scope_shared"),
        (
            facts(type=record_type(disclosure={"scope": "internal", "basis": BASIS})),
            "scope_internal",
        ),
        (facts(subject=Subject("civil_servant", "张三")), "scope_internal"),
    ],
)
def test_each_ground_alone_withholds_everything(changed: PublicityFacts, reason: str) -> None:
    decision = decide(changed)
    assert reasons(changed) == {reason}
    assert not decision.public
    assert (decision.starts_at, decision.until, decision.subject_name) == (None, None, "")
    assert not decision.fields
    assert state_at(decision, SETTLED + SECOND) == "withheld"


def test_all_grounds_are_named_at_once() -> None:
    changed = facts(settled_at=None, withdrawn=True, decision_notice=None, rule=None)
    assert reasons(changed) == {"not_settled", "withdrawn", "decision_notice_missing", "no_term"}


@pytest.mark.requirement("R-21")
def test_a_person_is_public_only_with_a_legal_basis_and_then_masked() -> None:
    disclosure = {"scope": "public", "basis": BASIS, "persons": "public"}
    person = Subject("person", "欧阳明", "11010519491231002X")
    without = facts(type=record_type(disclosure=disclosure), subject=person)
    assert reasons(without) == {"person_without_basis"}
    based = record_type(disclosure=disclosure | {"persons_basis": BASIS})
    decision = decide(facts(type=based, subject=person))
    assert decision.public
    assert (decision.subject_name, decision.subject_code) == ("欧阳*", None)


@pytest.mark.requirement("R-30")
@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("about", [[], ["department"]])
def test_double_publicity_is_never_delayed_by_notices(about: list[str]) -> None:
    penalty = record_type(dishonesty=False, dishonesty_about=about, notice_required=True)
    found = facts(type=penalty, decision_notice=None, repair_notice=None)
    assert not needs_notice(found)
    assert decide(found).public
    assert needs_notice(FACTS)


@pytest.mark.requirement("R-30")
def test_a_delivery_dated_after_the_report_counts_when_its_day_is_over() -> None:
    later = Notice(date(2026, 5, 20), "预约送达")
    decision = decide(facts(repair_notice=later))
    assert decision.starts_at == datetime(2026, 5, 20, 16, 0, tzinfo=UTC)
    assert state_at(decision, datetime(2026, 5, 20, 15, 59, 59, tzinfo=UTC)) == "pending"
    assert state_at(decision, datetime(2026, 5, 20, 16, 0, tzinfo=UTC)) == "public"


@pytest.mark.requirement("R-30")
def test_a_delivery_on_the_day_of_the_report_came_before_it() -> None:
    today = Notice(date(2026, 5, 10), "送达回证")
    assert decide(facts(decision_notice=today)).starts_at == SETTLED


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("decided_on", "severity", "last_day", "repairable_from"),
    [
        (date(2026, 3, 31), "serious", date(2029, 3, 31), date(2026, 9, 30)),
        (date(2026, 4, 1), "serious", date(2029, 4, 1), date(2027, 4, 1)),
        (date(2026, 4, 1), "general", date(2027, 4, 1), date(2026, 7, 1)),
        (date(2025, 8, 31), "general", date(2026, 8, 31), date(2025, 11, 30)),
    ],
)
def test_the_rules_in_force_on_the_day_of_the_decision_set_the_term(
    decided_on: date, severity: str, last_day: date, repairable_from: date
) -> None:
    decision = decide(facts(decided_on=decided_on, severity=severity))
    assert decision.last_day == last_day
    assert decision.until == day_end(last_day)
    assert decision.repairable_from == repairable_from


def stating(end: str) -> PublicityFacts:
    return facts(fields={**FACTS.fields, "ends_on": end})


def test_a_stated_end_shortens_the_term_and_never_lengthens_it() -> None:
    assert decide(stating("2026-10-01")).last_day == date(2026, 10, 1)
    assert decide(stating("2099-12-31")).last_day == date(2027, 5, 6)
    open_ended = replace(stating("9999-12-31"), rule=OPEN_RULE)
    assert decide(open_ended).until is None
    assert [reason.code for reason in decide(open_ended).reasons][1] == "term_open"


@pytest.mark.requirement("R-21")
def test_a_record_that_comes_after_its_term_is_never_public() -> None:
    decision = decide(facts(settled_at=datetime(2027, 5, 6, 16, 0, tzinfo=UTC)))
    assert [reason.code for reason in decision.reasons] == ["term_over"]
    assert not decision.public


@pytest.mark.requirement("R-31")
def test_an_objection_marks_and_does_not_hide() -> None:
    decision = decide(facts(marks=(OBJECTION,)))
    assert decision.public
    assert decision.marks == (OBJECTION,)
    grounds = {reason.code: reason.text for reason in decision.reasons}
    assert "有异议" in grounds["marked"] and "2026-06-15" in grounds["marked"]
    assert decide(FACTS).marks == ()


@pytest.mark.requirement("R-31")
def test_a_bodys_statement_is_public_with_the_record_without_anybodys_number() -> None:
    said = Statement("已付清，联系13812345678", date(2026, 6, 15))
    shown = decide(facts(statement=said)).statement
    assert shown == Statement("已付清，联系138****5678", date(2026, 6, 15))
    assert decide(facts(statement=said, repaired=True)).statement is None


@pytest.mark.requirement("R-31")
def test_a_persons_statement_is_never_public() -> None:
    disclosure = {"scope": "public", "basis": BASIS, "persons": "public", "persons_basis": BASIS}
    decision = decide(
        facts(
            type=record_type(disclosure=disclosure),
            subject=Subject("person", "欧阳明"),
            statement=Statement("本人已付清", date(2026, 6, 15)),
        )
    )
    assert decision.public
    assert decision.statement is None


@pytest.mark.requirement("R-21")
def test_a_record_leaves_at_midnight_in_shanghai() -> None:
    decision = decide(FACTS)
    assert decision.until is not None
    last = decision.until - timedelta(microseconds=1)
    assert state_at(decision, last) == "public"
    assert state_at(decision, decision.until) == "ended"


# What always holds, over facts of every shape.

notices = st.none() | st.builds(
    Notice, st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.sampled_from(["", "回证"])
)
disclosures = st.fixed_dictionaries(
    {
        "scope": st.sampled_from(["public", "shared", "internal"]),
        "persons": st.sampled_from(["public", "shared", "internal"]),
        "basis": st.just(BASIS),
        "persons_basis": st.none() | st.just(BASIS),
    }
)
types = st.builds(
    record_type, disclosure=disclosures, dishonesty=st.booleans(), notice_required=st.booleans()
)
kinds = st.sampled_from(sorted(SUBJECT_KINDS))


def between(first: date, last: date) -> st.SearchStrategy[datetime]:
    """Instants from the beginning of one day to the beginning of another."""
    span = (day_start(last) - day_start(first)) // SECOND
    return st.integers(0, span).map(lambda seconds: day_start(first) + seconds * SECOND)


# Ranges chosen so that withheld, pending, public and ended all come up often.
instants = between(date(2026, 3, 1), date(2028, 1, 1))
some_facts = st.builds(
    facts,
    type=types,
    rule=st.sampled_from([None, RULE, OPEN_RULE]),
    subject=st.builds(Subject, kinds, st.just("张三丰"), st.just("c")),
    decided_on=st.dates(date(2025, 9, 1), date(2026, 12, 1)) | st.just(date(2023, 1, 1)),
    severity=st.sampled_from([None, "minor", "general", "serious"]),
    settled_at=st.none() | between(date(2026, 1, 1), date(2026, 12, 1)),
    decision_notice=notices,
    repair_notice=notices,
    withdrawn=st.booleans(),
    exempted=st.booleans(),
    repaired=st.booleans(),
    marks=st.sampled_from([(), (OBJECTION,)]),
    statement=st.sampled_from([None, Statement("已付清", date(2026, 6, 15))]),
)
# Most drawn facts are withheld; these are the ones with a window to look into.
open_facts = some_facts.map(
    lambda f: replace(
        f,
        type=record_type(
            disclosure={"scope": "public", "basis": BASIS, "persons": "public"}
            | {"persons_basis": BASIS},
            dishonesty=f.type.dishonesty,
        ),
        rule=RULE,
        severity="general" if f.severity == "minor" else "serious",
        settled_at=f.settled_at or SETTLED,
        decided_on=max(f.decided_on, date(2023, 5, 1)),
        decision_notice=f.decision_notice or NOTICE,
        repair_notice=NOTICE,
        withdrawn=False,
        exempted=False,
        repaired=False,
    )
)
any_facts = some_facts | open_facts


@pytest.mark.requirement("R-21")
@given(any_facts, instants)
def test_public_means_every_condition_holds(found: PublicityFacts, instant: datetime) -> None:
    decision = decide(found)
    assert decision.reasons
    assert decision.public == (decision.starts_at is not None)
    if state_at(decision, instant) != "public":
        return
    assert found.type.scope_for(found.subject.kind) == "public"
    assert not (found.withdrawn or found.exempted or found.repaired)
    assert found.settled_at is not None
    assert found.settled_at <= instant
    assert day_start(found.decided_on) <= instant
    assert decision.until is None or instant < decision.until
    for notice in (found.decision_notice, found.repair_notice):
        assert not needs_notice(found) or (notice is not None and notice.is_proved)
    assert "remark" not in decision.fields
    assert not {"home", "health", "forgotten", "not_in_catalog"} & set(decision.fields)


@pytest.mark.requirement("R-21")
@given(open_facts, st.integers(0, 10**9))
def test_never_public_again_after_the_end(found: PublicityFacts, seconds: int) -> None:
    decision = decide(found)
    if decision.until is None:
        return
    assert state_at(decision, decision.until + seconds * SECOND) == "ended"
    assert state_at(decision, decision.until - timedelta(microseconds=1)) == "public"


@pytest.mark.requirement("R-30")
@given(any_facts, instants, st.booleans())
def test_taking_a_notice_away_never_makes_a_record_public(
    found: PublicityFacts, instant: datetime, first: bool
) -> None:
    less = replace(found, decision_notice=None) if first else replace(found, repair_notice=None)
    if state_at(decide(less), instant) == "public":
        assert state_at(decide(found), instant) == "public"


@pytest.mark.requirement("R-31")
@given(any_facts, instants)
def test_a_mark_never_changes_the_window(found: PublicityFacts, instant: datetime) -> None:
    other = replace(found, marks=() if found.marks else (OBJECTION,), statement=None)
    assert state_at(decide(found), instant) == state_at(decide(other), instant)


@pytest.mark.requirement("R-21")
@given(any_facts, instants)
def test_internal_is_never_public(found: PublicityFacts, instant: datetime) -> None:
    internal = record_type(disclosure={"scope": "internal", "basis": BASIS})
    assert state_at(decide(replace(found, type=internal)), instant) == "withheld"


@pytest.mark.requirement("R-21")
@given(
    st.dictionaries(
        st.sampled_from([entry.code for entry in FACTS.type.fields] + ["other"]), st.text()
    )
)
def test_showing_what_is_shown_changes_nothing(values: Mapping[str, FieldValue]) -> None:
    once = fields_shown(FACTS.type.fields, values)
    assert fields_shown(FACTS.type.fields, once) == once
    assert set(once) <= set(values)
