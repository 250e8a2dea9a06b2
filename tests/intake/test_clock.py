"""The seven working days of double publicity: by the official calendar, provisional where it is not
out yet, and counted again when it is."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.creditfile import service as files
from chalicelib.creditfile.rules import reporting_deadline, reporting_due
from chalicelib.intake import corrections, recounting, service
from chalicelib.intake.answers import CorrectionIn
from chalicelib.intake.handlers import work_job
from chalicelib.policy.model import CalendarYear, Pack, WorkCalendar
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Scope
from tests.intake import town
from tests.intake.calendars import publish_2027
from tests.intake.test_service import claims_of
from tests.intake.town import licence, submit
from tests.support.faults import state
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    """The end of 2026, when the holidays of 2027 are not yet published."""
    world = make_world(aws)
    town.settle(world)
    world.clock.advance(days=(date(2026, 12, 29) - date(2026, 6, 15)).days)
    return world


def pack() -> Pack:
    return pack_for(town.JURISDICTION, date(2026, 11, 20))


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("record_type", ["administrative_licence", "administrative_penalty"])
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
def test_seven_working_days_by_the_official_calendar(
    record_type: str, decided_on: str, due_on: str
) -> None:
    found = reporting_deadline(pack(), pack().types[record_type], decided_on)
    assert found is not None
    assert (found.due_on.isoformat(), found.provisional) == (due_on, False)
    counted = [day for day in found.days if day.counted]
    assert len(counted) == 7
    assert counted[-1].date == found.due_on
    assert reporting_due(pack(), pack().types[record_type], decided_on) == (due_on, False)


@pytest.mark.parametrize("day", [date(2026, 2, 14), date(2026, 9, 20), date(2026, 10, 10)])
def test_weekend_days_worked_in_exchange_count(day: date) -> None:
    assert day.weekday() >= 5
    assert pack().calendar.working_days.is_workday(day)


@pytest.mark.requirement("R-20")
def test_a_year_without_published_holidays_gives_a_deadline_that_says_it_is_provisional(
    world: World,
) -> None:
    answer = submit(world, licence(decided_on="2026-12-28"))
    assert answer.body.deadline["provisional"] is True
    assert answer.body.deadline["due_on"] == "2027-01-06"
    assert "暂定为 2027-01-06" in answer.body.note
    assert claims_of(answer.body.receipt, world)["due_provisional"] is True
    assert files.find_record(world.platform, answer.body.record_id).due_provisional
    known = submit(world, licence(2, decided_on="2026-12-10"))
    assert known.body.note is None
    assert claims_of(known.body.receipt, world)["due_provisional"] is False


def sweep(world: World) -> int:
    """What the hourly sweep sends, worked until nothing is left."""
    sent = service.send_recounts(world.platform)
    world.drain(world.platform.intake_queue, lambda job: work_job(world.platform, job))
    return sent


@pytest.mark.requirement("R-20")
def test_when_the_calendar_arrives_the_deadline_is_counted_again_and_the_receipt_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = submit(world, licence(decided_on="2026-12-28"))
    assert sweep(world) == 0
    publish_2027(monkeypatch)
    assert sweep(world) == 1
    record = files.find_record(world.platform, answer.body.record_id)
    # Monday 4 January 2027 is off in the arrangement of this test.
    assert (record.due_on, record.due_provisional) == ("2027-01-08", False)
    assert (record.version, record.reason) == (2, recounting.REASON)
    first = files.find_versions(world.platform, record.record_id)[0]
    assert (first.due_on, first.due_provisional) == ("2027-01-06", True)
    again = submit(world, licence(decided_on="2026-12-28"))
    assert again.body.outcome == "duplicate"
    assert claims_of(again.body.receipt, world) == claims_of(answer.body.receipt, world)


def test_a_report_that_was_late_by_the_provisional_day_is_on_time_by_the_official_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.advance(days=9)  # 2027-01-07
    late = submit(world, licence(decided_on="2026-12-28"))
    assert late.body.on_time is False
    publish_2027(monkeypatch)
    sweep(world)
    assert files.find_record(world.platform, late.body.record_id).on_time is True


def test_many_deadlines_are_settled_slice_by_slice_and_twice_does_no_harm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "SLICE", 2)
    for number in range(5):
        submit(world, licence(number, decided_on="2026-12-28"))
    publish_2027(monkeypatch)
    sweep(world)
    records = list(files.records_reported(world.platform, town.BUREAU))
    assert {(record.due_on, record.version) for record in records} == {("2027-01-08", 2)}
    before = state(world)
    recounting.recount(
        world.platform, {"job": "deadlines", "jurisdiction": town.JURISDICTION, "after": ""}
    )
    assert sweep(world) == 0
    assert state(world) == before


def test_a_correction_under_the_new_calendar_settles_the_deadline_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.advance(days=9)
    late = submit(world, licence(decided_on="2026-12-28"))
    publish_2027(monkeypatch)
    edit = corrections.Edit(
        town.clerk(), Scope.OWN, late.body.record_id, 1, "内容有误", b"{}"
    )
    wanted = CorrectionIn(fields={"content": "准予设置店招"}, reason="内容有误")
    corrections.correct_record(world.platform, edit, wanted)
    record = files.find_record(world.platform, late.body.record_id)
    assert (record.due_on, record.due_provisional, record.on_time) == ("2027-01-08", False, True)
    assert sweep(world) == 0


def test_why_a_record_was_withdrawn_is_not_overwritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = submit(world, licence(decided_on="2026-12-28")).body.record_id
    edit = corrections.Edit(town.clerk(), Scope.OWN, record_id, 1, "重复报送", b"{}")
    corrections.withdraw_record(world.platform, edit)
    publish_2027(monkeypatch)
    assert sweep(world) == 1
    record = files.find_record(world.platform, record_id)
    assert (record.status, record.reason, record.due_on) == ("withdrawn", "重复报送", "2027-01-08")
    assert sweep(world) == 0


def test_a_row_of_a_file_still_worked_waits_for_the_next_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(world, licence(decided_on="2026-12-28"))
    publish_2027(monkeypatch)
    monkeypatch.setattr(recounting, "finished_uploads", lambda platform, ids: set())
    (item,) = world.platform.records.query_index("by_reporter", town.BUREAU).items
    world.platform.records.put({**item, "upload_id": "u_x", "upload_row": 2, "displaced": []})
    sweep(world)
    assert files.find_record(world.platform, str(item["record_id"])).due_provisional


def test_a_calendar_that_still_does_not_reach_far_enough_leaves_the_record_alone() -> None:
    year = CalendarYear.model_validate(
        {
            "year": 2028,
            "holidays": {},
            "working_weekends": [],
            "basis": {"document": "示例", "clause": "示例", "verified": False},
        }
    )
    later = pack().model_copy(
        update={"calendar": WorkCalendar(years=(*pack().calendar.years, year))}
    )
    record_type = pack().types["administrative_licence"]
    assert reporting_due(later, record_type, "2026-12-28") == ("2027-01-06", True)
