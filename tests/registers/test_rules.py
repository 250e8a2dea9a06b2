"""Where an entry stands follows from rules and reports, whatever they are."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.policy.base import LegalBasis
from chalicelib.policy.field_model import Choice, Field, RequiredWhen
from chalicelib.policy.programme import Register, RegisterStep, Target
from chalicelib.registers.model import Report
from chalicelib.registers.rules import (
    STATUS_TITLES,
    Case,
    FigureValue,
    assess,
    assess_keeper,
    report_objections,
    take_back_objection,
)
from chalicelib.registers.rules_terms import Term, calls_due, calls_of, next_look

BASIS = LegalBasis(document="示例条例", clause="第一条", verified=False)
TODAY = date(2026, 6, 15)
KIND = Field(
    code="kind",
    title="类别",
    kind="enum",
    required=True,
    values=(Choice(code="plan", title="规划"), Choice(code="other", title="其他")),
)
BAD = ("overdue", "lapsed")

pytestmark = [pytest.mark.requirement("R-12"), pytest.mark.requirement("R-74")]


def register(*steps: RegisterStep, target: Target | None = None, at_least: int = 0) -> Register:
    return Register(
        code="made_up",
        title="示例台账",
        purpose="测试",
        kept_by="agency",
        fields=(KIND,),
        key=("kind",),
        steps=steps,
        target=target,
        at_least=at_least,
        basis=BASIS,
    )


def report(step: str, day: date, agency: str = "A") -> Report:
    return Report(
        step=step, agency_code=agency, agency_name="局", done_on=day.isoformat(), reported_at=""
    )


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Registers of up to six steps, any of which may follow an earlier one."""
    steps: list[RegisterStep] = []
    for number in range(draw(st.integers(0, 6))):
        earlier = [step.code for step in steps]
        follows = draw(st.sampled_from([None, *earlier]))
        condition = draw(st.sampled_from([None, RequiredWhen(field="kind", values=("plan",))]))
        steps.append(
            RegisterStep(
                code=f"s{number}",
                title=f"步骤{number}",
                required=draw(st.booleans()),
                required_when=condition,
                follows=follows,
                basis=BASIS,
            )
        )
    return register(*steps)


days = st.integers(-40, 40).map(lambda offset: TODAY + timedelta(days=offset))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Entries in any state, even ones that no sequence of taken reports leads to."""
    rules = draw(registers())
    done = draw(st.lists(st.sampled_from([s.code for s in rules.steps] or ["none"]), unique=True))
    return Case(
        register=rules,
        fields={"kind": draw(st.sampled_from(["plan", "other"]))},
        reports=[report(code, draw(days)) for code in done if rules.steps],
        doers=("A",),
        due_on=draw(st.none() | days),
        valid_until=draw(st.none() | days),
        continuous=draw(st.booleans()),
    )


@given(cases())
def test_every_entry_has_one_status_and_every_step_one_state(case: Case) -> None:
    status = assess(case, TODAY)
    assert status.code in STATUS_TITLES
    assert [found.step.code for found in status.steps] == [s.code for s in case.register.steps]
    lacking = {found.step.code for found in status.steps if found.state in ("missing", "overdue")}
    assert {lack.code for lack in status.missing} == lacking
    assert status.working[-1] and all(found.why for found in status.steps)
    if status.code == "complete":
        assert not status.missing
    if status.code == "overdue":
        assert case.due_on is not None and case.due_on < TODAY and status.missing


@given(cases(), st.data())
def test_doing_a_step_never_makes_it_worse(case: Case, data: st.DataObject) -> None:
    done = {one.step for one in case.reports}
    left = [step.code for step in case.register.steps if step.code not in done]
    if not left:
        return
    before = assess(case, TODAY)
    more = [*case.reports, report(data.draw(st.sampled_from(left)), data.draw(days))]
    after = assess(Case(case.register, case.fields, more, case.doers, case.due_on,
                        case.valid_until, case.continuous), TODAY)  # fmt: skip
    assert {lack.code for lack in after.missing} <= {lack.code for lack in before.missing}
    if before.code == "complete":
        assert after.code == "complete"
    if before.code not in BAD:
        assert after.code not in BAD


@given(cases(), st.integers(1, 60))
def test_time_alone_mends_nothing(case: Case, later: int) -> None:
    before, after = assess(case, TODAY), assess(case, TODAY + timedelta(days=later))
    if before.code in BAD:
        assert after.code in BAD
    assert after.missing == before.missing


@given(registers(), st.lists(st.tuples(st.integers(0, 5), days), max_size=12))
def test_no_sequence_of_reports_puts_a_step_before_the_one_it_follows(
    rules: Register, attempts: list[tuple[int, date]]
) -> None:
    reports: list[Report] = []
    for number, day in attempts:
        if number >= len(rules.steps) or any(one.step == f"s{number}" for one in reports):
            continue
        step = rules.steps[number]
        case = Case(rules, {"kind": "plan"}, tuple(reports), ("A",), None)
        if not report_objections(case, step, day, TODAY, has_evidence=True):
            reports.append(report(step.code, day))
    done = {one.step: one.done_on for one in reports}
    for step in rules.steps:
        if step.code in done:
            assert done[step.code] <= TODAY.isoformat()
            if step.follows in done:
                assert done[step.follows] <= done[step.code]


@given(cases())
def test_what_others_stand_on_is_not_taken_back(case: Case) -> None:
    done = {one.step for one in case.reports}
    required = {s.code for s in assess(Case(case.register, case.fields, (), ("A",), None), TODAY)
                .missing}  # fmt: skip
    for step in case.register.steps:
        followed = any(s.follows == step.code and s.code in done for s in case.register.steps)
        refused = take_back_objection(case, step) is not None
        assert refused == (followed and step.code in required)


STEP = RegisterStep(code="issued", title="印发", basis=BASIS)
REACHED = st.one_of(
    st.none(),
    st.decimals("0", "1", places=3).map(lambda value: FigureValue(value, "测试")),
    st.just(FigureValue(None, "没有数据")),
)


@pytest.mark.requirement("R-71")
@given(REACHED, st.lists(st.just(report("issued", TODAY)), max_size=1), days)
def test_reports_never_change_what_a_figure_says(
    figure: FigureValue | None, reports: list[Report], due_on: date
) -> None:
    rules = register(STEP, target=Target(figure="share", at_least=Decimal("0.5")))
    told = assess(Case(rules, {}, reports, ("A",), due_on), TODAY, figure)
    silent = assess(Case(rules, {}, (), ("A",), due_on), TODAY, figure)
    assert (told.code, told.missing) == (silent.code, silent.missing)
    is_reached = figure is not None and figure.value is not None and figure.value >= Decimal("0.5")
    assert (told.code == "complete") is is_reached and told.computed


@pytest.mark.requirement("R-71")
def test_every_unit_in_the_lead_has_to_report() -> None:
    rules = register(STEP)
    both = ("A", "B")
    one = Case(rules, {}, (report("issued", TODAY),), both, None)
    assert assess(one, TODAY).code == "in_progress"
    two = Case(rules, {}, (report("issued", TODAY), report("issued", TODAY, "B")), both, None)
    assert assess(two, TODAY).code == "complete"


def test_due_soon_begins_with_the_first_reminder_and_ends_with_the_day() -> None:
    case = Case(register(STEP), {}, (), ("A",), TODAY)
    codes = {offset: assess(case, TODAY + timedelta(days=offset)).code for offset in (-8, -7, 0, 1)}
    assert codes == {-8: "in_progress", -7: "due_soon", 0: "due_soon", 1: "overdue"}


@pytest.mark.requirement("R-75")
def test_a_lapsed_entry_does_not_count_towards_what_a_keeper_must_have() -> None:
    rules = register(STEP, at_least=1)
    lapsed = assess(
        Case(rules, {}, (report("issued", TODAY),), ("A",), None, TODAY - timedelta(days=1)), TODAY
    )
    found = assess_keeper(rules, [lapsed])
    assert (found.lacking, found.entries, found.is_fine) == (1, 1, False)


# -- reminders ------------------------------------------------------------------------------------

terms = st.builds(Term, st.sampled_from(["due", "valid_until", "supervision"]), days)
remind = st.lists(st.integers(1, 60), max_size=4)


@given(st.lists(terms, max_size=4, unique=True), remind, st.sets(st.integers(0, 120)))
def test_a_sweep_that_comes_rarely_makes_each_reminder_once_and_misses_no_last_one(
    found: list[Term], before: list[int], visits: set[int]
) -> None:
    start = TODAY - timedelta(days=100)
    made: list[object] = []
    look: date | None = start
    for visit in sorted({*visits, 200}):
        today = start + timedelta(days=visit)
        if look is not None and look <= today:
            made += [call for call in calls_due(found, before, today) if call not in made]
            look = next_look(found, before, today)
    for term in found:
        assert calls_of(term, before)[-1] in made, "that it is late is always said"
    assert look is None


@given(terms, remind, days)
def test_the_next_look_is_never_missed(term: Term, before: list[int], today: date) -> None:
    look = next_look([term], before, today)
    later = [call.day for call in calls_of(term, before) if call.day > today]
    assert look == (min(later) if later else None)
    assert all(call.day <= today for call in calls_due([term], before, today))
