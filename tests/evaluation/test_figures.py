"""What an evaluation counts that is no record: read from the rooms that keep it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import store as accounts_store
from chalicelib.accounts.model import Account, Count, Declaration, Figure
from chalicelib.aws.writes import commit, update
from chalicelib.cases.service import Duty
from chalicelib.creditfile import service as files
from chalicelib.evaluation.figures import figures_of
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.evaluation.rules_figures import account_rows, case_rows, months_in, register_rows
from chalicelib.evaluation.runs import Body
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.programme import Assessment
from chalicelib.policy.service import pack_for
from chalicelib.registers import entries
from chalicelib.registers import service as registers
from chalicelib.registers import store as registers_store
from chalicelib.registers.definitions import home_of
from chalicelib.registers.duties import task_id
from chalicelib.registers.entries import Place, Reported
from chalicelib.registers.judging import Asking
from chalicelib.registers.model import Deed, Entry, Evidence, Unit
from chalicelib.web.model import Caller, Scope
from tests.cases.bench import (
    BUREAU,
    CREDIT_OFFICE,
    GOVERNMENT,
    HOUSING,
    Desk,
    agency_client,
    settle,
)
from tests.policy.builders import real_pack
from tests.support.faults import counting
from tests.support.world import World, make_world
from tests.surveys.street import GOOD, Street, opened

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NAMES = {GOVERNMENT: "government", BUREAU: "department", HOUSING: "department"}


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """A city with its bureaus, before anything was counted."""
    world = make_world(aws)
    settle(world)
    return world


def bodies(*codes: str) -> list[Body]:
    """Bodies as a plan froze them."""
    return [
        Body(files.body_id(code), code, "示例单位", NAMES.get(code, "department"), "329900", "city")
        for code in codes or NAMES
    ]


def rows(
    world: World, *codes: str, of: str = HOUSING, period: Period = YEAR
) -> tuple[FactRow, ...]:
    """The rows of some figures of one body."""
    pack = pack_for("nanjing", YEAR.last)
    found = figures_of(world.platform, pack, frozenset(codes), bodies(), period)
    return found[files.body_id(of)]


def account(world: World, month: str, **counts: Count) -> None:
    """An account of the housing bureau, counted; licences are declared."""
    kept = Account(
        HOUSING, "示例市住房局", "nanjing", "329900", month,
        types=tuple(counts), counts=counts, computed_at="2026-06-15T04:00:00.000Z",
    )  # fmt: skip
    declared = Declaration("administrative_licence", 10, "", "2026-06-05T04:00:00.000Z", "c", 1)
    commit(accounts_store.declaring_writes(world.platform, kept, declared))
    update(accounts_store.counted_write(world.platform, kept))


@pytest.mark.requirement("R-27")
@pytest.mark.requirement("R-60")
def test_how_an_agency_reports_counts_month_by_month_with_both_sides_of_each_rate(
    world: World,
) -> None:
    account(
        world,
        "2026-05",
        administrative_licence=Count(accepted=8, late=2, rejected=2),
        administrative_penalty=Count(),
    )
    account(world, "2025-12", administrative_licence=Count(accepted=5))
    found = rows(world, "accounts.stored", "accounts.on_time", "accounts.declared")
    assert {row.type: row.values for row in found} == {
        "accounts.declared": {"numerator": 1, "denominator": 2, "value": "0.500000"},
        "accounts.on_time": {"numerator": 6, "denominator": 8, "value": "0.750000"},
        "accounts.stored": {"numerator": 8, "denominator": 10, "value": "0.800000"},
    }
    assert {row.occurred_on for row in found} == {date(2026, 5, 31)}
    assert {row.record_id for row in found} == {f"account/{HOUSING}/2026-05"}


@pytest.mark.requirement("R-28")
def test_coverage_counts_for_the_government_of_the_region_alone(world: World) -> None:
    counted = accounts_store.put_coverage
    counted(world.platform, "329900", _covered(3, 4))
    counted(world.platform, "329901", _covered(1, 4))
    assert rows(world, "coverage.bodies") == ()
    (row,) = rows(world, "coverage.bodies", of=GOVERNMENT)
    assert row.values == {"numerator": 4, "denominator": 8, "value": "0.500000"}
    assert row.record_id == "coverage/329900/bodies_recorded_share"


def _covered(recorded: int, everybody: int) -> Figure:
    return Figure("bodies_recorded_share", recorded, everybody, "2026-06-14T22:00:00.000Z")


@pytest.mark.requirement("R-60")
@pytest.mark.requirement("R-61")
def test_an_answer_that_was_late_counts_once_it_is_late_and_stays_late(world: World) -> None:
    desk = Desk(world, CREDIT_OFFICE)
    subject = {"subject_id": files.body_id(HOUSING)}
    fields = {"matter": "关于站点的建议", "reference": "第1号", "assigned_on": "2026-06-15"}
    reply = desk.open("npc_suggestion", action="register", fields=fields, **subject)
    assert reply.status == 201, reply.text
    case_id = str(reply.json["case_id"])
    codes = ("cases.npc_suggestion_in_time", "cases.npc_suggestion_overdue")
    assert rows(world, *codes) == (), "it is not due before September"
    world.clock.advance(days=94)
    late = rows(world, *codes)
    assert [(row.type, row.values.get("numerator"), row.values["value"]) for row in late] == [
        ("cases.npc_suggestion_in_time", 0, "0.000000"),
        ("cases.npc_suggestion_overdue", None, 1),
    ]
    assert {row.record_id for row in late} == {f"case/{case_id}"}
    assert {row.occurred_on for row in late} == {date(2026, 9, 15)}
    assert rows(world, *codes, of=BUREAU) == ()
    half = Period(date(2026, 1, 1), date(2026, 6, 30))
    assert rows(world, *codes, period=half) == (), "it fell due in the second half"


@pytest.mark.requirement("R-60")
@pytest.mark.requirement("R-74")
def test_institutions_issued_in_time_and_tasks_left_undone(world: World) -> None:
    keeper = Asking(world.platform, _clerk(HOUSING), Scope.OWN)
    fields = {"name": "守信激励办法", "clause": "三（一）", "due_on": "2026-06-20"}
    wanted = {
        field.code: fields.get(field.code, field.example)
        for field in real_pack("nanjing").registers["institutions"].fields
        if field.required or field.code == "due_on"
    }
    entry, _ = entries.create_entry(keeper, "institutions", wanted)
    codes = ("registers.institutions_in_time", "registers.institutions_overdue")
    assert rows(world, *codes) == (), "there is time until the 20th"
    proof = (Evidence(title="印发通知", file_number="1号"),)
    place = Place("institutions", entry.entry_id)
    entries.report_step(keeper, place, "issued", Reported(date(2026, 6, 12), proof))
    (row,) = rows(world, *codes)
    assert row.values == {"numerator": 1, "denominator": 1, "value": "1.000000"}
    assert (row.record_id, row.occurred_on) == (f"register/{entry.entry_id}", date(2026, 6, 20))


def _clerk(code: str) -> Caller:
    return agency_client(code, "clerk")


@pytest.mark.requirement("R-60")
@pytest.mark.requirement("R-71")
def test_a_task_left_undone_is_overdue_for_whoever_leads_it(world: World) -> None:
    pack = real_pack("jiangxi")
    task = next(one for one in pack.tasks.values() if one.due_on and not one.target)
    assert task.due_on is not None
    unit = Unit(agency_code=HOUSING, agency_name="示例市住房局")
    home = home_of(pack, "360100")
    entry = Entry(
        entry_id=task_id(world.platform, "jiangxi", home, task.code),
        register_code="tasks",
        task=task.code,
        jurisdiction="jiangxi",
        region=home,
        keeper="",
        keeper_name="",
        policy_version=pack.version,
        lead=(unit,),
        version=1,
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
        deed=Deed(kind="assign", agency_code="", agency_name="", at="", request=""),
    )
    registers_store.save(world.platform, entry, None, "")
    days = (task.due_on, task.due_on)
    (duty,) = registers.duties_of_tasks(world.platform, pack, {HOUSING, BUREAU}, days)
    assert (duty.agency, duty.day) == (HOUSING, task.due_on)
    (row,) = register_rows("registers.tasks_overdue", "overdue", [duty])
    assert row.values == {"value": 1}


@pytest.mark.requirement("R-60")
@pytest.mark.requirement("R-62")
def test_satisfaction_counts_when_the_survey_is_over_and_enough_have_answered(world: World) -> None:
    survey_id = opened(world)
    for number in range(3):
        assert Street(world, f"192.0.2.{number}").answer(survey_id, HOUSING, **GOOD).status == 200
    Street(world).answer(survey_id, BUREAU, **GOOD)
    assert rows(world, "surveys.satisfaction") == ()
    world.clock.advance(days=20)
    (row,) = rows(world, "surveys.satisfaction")
    assert row.values == {"value": "75.0", "weight": 3}
    assert (row.record_id, row.occurred_on) == (f"survey/{survey_id}", date(2026, 6, 30))
    assert rows(world, "surveys.satisfaction", of=BUREAU) == (), "one answer is too few"


@pytest.mark.requirement("R-60")
def test_only_what_the_scheme_names_is_read_and_accounts_of_many_bodies_in_few_calls(
    world: World,
) -> None:
    many = bodies(*(f"9132990{number:05d}0000000"[:18] for number in range(50)))
    pack = pack_for("nanjing", YEAR.last)

    def asked(*codes: str) -> int:
        with counting() as made:
            figures_of(world.platform, pack, frozenset(codes), many, YEAR)
        return len(made)

    assert asked() == 0
    assert asked("unheard.of", "appraisals.score") <= 1
    assert asked("accounts.stored", "accounts.on_time") == 6, "50 bodies x 12 months / 100"
    kinds = real_pack("nanjing").case_kinds
    assert asked(*(f"cases.{kind}_overdue" for kind in kinds)) == 50, "one for each body"
    assert asked("surveys.satisfaction") == 1


DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS)
def test_months_of_a_period_lie_in_it_whole(first: date, last: date) -> None:
    period = Period(first, last)
    found = months_in(period)
    for month in found:
        day = date.fromisoformat(f"{month}-01")
        assert period.holds(day)
        assert period.holds((day + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    assert len(found) >= (last - first).days // 31 - 1
    assert list(found) == sorted(set(found))


@given(
    st.lists(
        st.builds(
            Duty, st.sampled_from(["a", "b", "c"]), st.just(1), st.just("lead"), DAYS, st.booleans()
        )
    )
)
def test_a_case_counts_once_and_is_missed_if_it_was_missed_in_any_part(duties: list[Duty]) -> None:
    shares = list(case_rows("cases.lead_in_time", True, duties))
    overdue = list(case_rows("cases.lead_overdue", False, duties))
    cases = {duty.case_id for duty in duties}
    missed = {duty.case_id for duty in duties if duty.missed}
    assert {row.record_id for row in shares} == {f"case/{one}" for one in cases}
    assert {row.record_id for row in overdue} == {f"case/{one}" for one in missed}
    assert sum(int(str(row.values["numerator"])) for row in shares) == len(cases - missed)


ASSESSMENT = Assessment(
    code="collection",
    types=("x", "y", "z"),
    declare_by_day=10,
    least_sample=1,
    rates={},
    basis=LegalBasis(document="测试依据", verified=False),
)
COUNTS = st.builds(
    lambda accepted, late, rejected: Count(accepted, min(accepted, late), rejected),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
)


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), COUNTS), DAYS)
def test_a_share_is_never_below_nothing_nor_above_all(
    counts: dict[str, Count], today: date
) -> None:
    kept = Account("A", "示例", "nanjing", "329900", "2026-05", types=tuple(counts), counts=counts)
    codes = ["accounts.stored", "accounts.on_time", "accounts.collected", "accounts.declared"]
    for row in account_rows(codes, [kept], ASSESSMENT, today):
        numerator, denominator = row.values["numerator"], row.values["denominator"]
        assert isinstance(numerator, int) and isinstance(denominator, int)
        assert 0 <= numerator <= denominator and denominator > 0
        assert row.type != "accounts.collected", "nobody declared anything"
