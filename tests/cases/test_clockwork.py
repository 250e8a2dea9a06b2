"""What time does to cases: reminders before, escalation after, the platform's own steps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.aws import calls
from chalicelib.aws.writes import commit
from chalicelib.cases import clockwork, handlers, store, store_letters
from chalicelib.cases.model import Letter
from chalicelib.creditfile import service as files
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Unavailable
from tests.cases.bench import (
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SUPERIOR,
    Desk,
    record,
    recorded,
    settle,
)
from tests.cases.many import many_open, reading
from tests.intake import town
from tests.support.faults import Recorder, state
from tests.support.world import World

FILING = {"ground": "content_wrong", "statement": "款项已经付清"}


def objection(world: World) -> tuple[str, str]:
    """A record and the objection to it, filed on Monday 2026-06-15."""
    settle(world)
    record_id = recorded(world)
    answer = Desk(world, RECORDED).open("objection", record_id=record_id, fields=FILING)
    return record_id, str(answer.json["case_id"])


def tick(world: World) -> int:
    """A sweep, and everything it sent worked; how many messages that were."""
    clockwork.send_due(world.platform)
    return world.drain(
        world.platform.cases_queue, lambda message: handlers.work(world.platform, message)
    )


def office_letters(world: World) -> list[Letter]:
    """What the credit office was told, the newest first."""
    return store_letters.page_of_office_letters(
        world.platform, town.JURISDICTION, town.CITY, 100, None
    )[0]


def letters(world: World, recipient: str) -> list[Letter]:
    return store_letters.page_of_letters(world.platform, recipient, 100, None)[0]


def history(world: World, case_id: str) -> list[tuple[str, str]]:
    """What happened in a case, the oldest first."""
    entries, _ = store.page_of_entries(world.platform, case_id, 100, None)
    return [(entry.event.what, entry.event.code) for entry in reversed(entries)]


@pytest.mark.requirement("R-31")
def test_the_office_is_reminded_the_day_before_and_its_superiors_are_told_after(
    world: World,
) -> None:
    _, case_id = objection(world)
    assert tick(world) == 0, "nothing is due on the day it is filed"
    before = len(office_letters(world))

    world.clock.advance(days=1)
    assert tick(world) == 1
    reminded = office_letters(world)[0]
    assert reminded.text == "“异议”（示例市住房局）的受理和转办期限将于2026-06-17到期。"
    assert (reminded.case_id, reminded.case_version) == (case_id, 2)

    world.clock.advance(days=1)
    assert tick(world) == 0, "its last day is still its own"

    world.clock.advance(days=1)
    assert tick(world) == 1
    escalated = office_letters(world)[0]
    assert escalated.text == "“异议”（示例市住房局）的受理和转办期限已于2026-06-17到期，尚未办结。"
    assert len(office_letters(world)) == before + 2
    assert history(world, case_id) == [
        ("acted", "file"),
        ("reminded", "forwarding"),
        ("escalated", "forwarding"),
    ]


@pytest.mark.requirement("R-31", "R-60")
def test_after_five_days_down_everything_is_made_up_for_once(world: World) -> None:
    _, case_id = objection(world)
    tick(world)
    # Down from Monday to the next: forwarding was over on 17 June, the whole on 25 June is near.
    world.clock.advance(days=7)
    assert tick(world) == 1
    assert history(world, case_id)[1:] == [("escalated", "forwarding"), ("reminded", "whole")]
    assert tick(world) == 0
    assert store.swept_to(world.platform) == date(2026, 6, 21), "yesterday is looked at again"
    world.clock.advance(days=4)  # two promised reminders went by: only the latest is made up for
    assert tick(world) == 1
    assert history(world, case_id)[3:] == [("escalated", "whole")]
    world.clock.advance(days=30)
    assert tick(world) == 0, "what was missed and said so is not said again"


@pytest.mark.requirement("R-31", "R-60")
def test_messages_that_come_twice_or_late_tell_nobody_anything_twice(world: World) -> None:
    _, case_id = objection(world)
    world.clock.advance(days=1)
    assert clockwork.send_due(world.platform) == clockwork.send_due(world.platform) == 1
    sent = world.take(world.platform.cases_queue)
    assert len(sent) == 2
    handlers.work(world.platform, sent[0])
    once = state(world)
    handlers.work(world.platform, sent[1])
    assert state(world) == once
    assert Desk(world, CREDIT_OFFICE).act(case_id, "accept").status == 200
    handled = state(world)
    handlers.work(world.platform, sent[0])
    assert state(world) == handled


@pytest.mark.requirement("R-31")
def test_who_acts_before_the_message_is_worked_is_not_reminded(world: World) -> None:
    _, case_id = objection(world)
    world.clock.advance(days=1)
    clockwork.send_due(world.platform)
    assert Desk(world, CREDIT_OFFICE).act(case_id, "accept").status == 200
    for message in world.take(world.platform.cases_queue):
        handlers.work(world.platform, message)
    assert history(world, case_id) == [("acted", "file"), ("acted", "accept")]


@pytest.mark.requirement("R-31")
def test_the_mark_comes_off_when_nobody_asked_for_review_in_time(world: World) -> None:
    record_id, case_id = objection(world)
    Desk(world, CREDIT_OFFICE).act(case_id, "accept")
    answered = Desk(world, CLERK).act(case_id, "answer", fields={"answer": "经核对，记录无误"})
    assert answered.status == 200, answered.text
    assert answered.json["clocks"][-1]["limit"] == "review_window", answered.json["clocks"]
    # Ten working days from Monday 15 June, without the Dragon Boat holiday: 30 June.
    world.clock.advance(days=14)
    assert tick(world) == 1 and record(world, record_id).standing.marks
    world.clock.advance(days=1)
    assert tick(world) == 0 and record(world, record_id).standing.marks
    world.clock.advance(days=1)
    assert tick(world) == 1
    assert not record(world, record_id).standing.marks
    assert history(world, case_id)[-1] == ("acted", "close_undisputed")
    shown = Desk(world, RECORDED).api("GET", f"/v1/cases/{case_id}").json
    assert (shown["state"], shown["final"]) == ("upheld", True)
    assert store.open_case_id(world.platform, "objection", record_id) == ""


@pytest.mark.requirement("R-31", "R-60")
def test_what_failed_is_sent_again_every_hour_until_it_is_done(world: World) -> None:
    _, case_id = objection(world)
    tick(world)
    world.clock.advance(days=1)
    for hour in range(3):
        assert clockwork.send_due(world.platform) == 1
        (message,) = world.take(world.platform.cases_queue)
        with calls.observed(Recorder(fail_at=hour)), pytest.raises(Unavailable):
            handlers.work(world.platform, message)
        world.clock.advance(hours=1)
    world.clock.advance(days=10)
    assert tick(world) == 1
    assert store.swept_to(world.platform) == date(2026, 6, 16), "a day is left when it is empty"
    assert tick(world) == 0
    assert store.swept_to(world.platform) == civil_date(world.clock()) - timedelta(days=1)
    assert history(world, case_id)[1:] == [("escalated", "forwarding"), ("escalated", "whole")]


@pytest.mark.requirement("R-41")
def test_a_deadline_set_for_tomorrow_is_reminded_of_within_the_hour(world: World) -> None:
    settle(world)
    body = files.body_id(HOUSING)
    opened = Desk(world, CREDIT_OFFICE).open("rectification", subject_id=body)
    assert opened.status == 201, opened.text
    tick(world)  # today's sweep has been
    demand = {"matter": "未按约付款", "rectify_by": "2026-06-16"}
    case_id = str(opened.json["case_id"])
    ordered = Desk(world, SUPERIOR).act(case_id, "order", fields=demand)
    assert ordered.status == 200, ordered.text
    world.clock.advance(hours=1)
    assert tick(world) == 1
    assert letters(world, f"subject:{body}")[0].text == (
        "“限期整改”（示例市住房局）的整改期限将于2026-06-16到期。"
    )
    world.clock.advance(days=1)
    assert tick(world) == 0
    world.clock.advance(days=1)
    assert tick(world) == 1
    late = "“限期整改”（示例市住房局）的整改期限已于2026-06-16到期，尚未办结。"
    assert letters(world, f"agency:{SUPERIOR.agency_code}")[0].text == late
    assert [one.text for one in office_letters(world)].count(late) == 2, "office and government"


@pytest.mark.requirement("R-31", "R-63")
def test_a_case_whose_deadline_the_holidays_moved_is_put_under_its_new_day(world: World) -> None:
    _, case_id = objection(world)
    file = store.load(world.platform, case_id)
    assert file is not None
    # As it would lie if the calendar had been published after it was filed.
    commit([store.case_put(world.platform, file, file, date(2026, 6, 15))])
    assert tick(world) == 1
    assert history(world, case_id) == [("acted", "file")], "nothing happened"
    assert tick(world) == 0
    world.clock.advance(days=1)
    assert tick(world) == 1


# -- a million cases ------------------------------------------------------------------------------


@pytest.mark.requirement("R-60")
def test_a_sweep_over_many_open_cases_reads_only_what_is_due(world: World) -> None:
    """What is read is counted, not timed. It is the same for a hundred and for a thousand open
    cases, because the index is asked for days and no case lies under a day but that on which time
    moves it: so it is for a million."""
    objection(world)
    world.clock.advance(days=1)
    tick(world)
    today = civil_date(world.clock())
    later = [today + timedelta(days=1 + number % 60) for number in range(990)]
    many_open(world.platform, 0, [*[today] * 10, *later[:90]])
    with reading() as few:
        assert clockwork.send_due(world.platform) == 10
    many_open(world.platform, 100, later[90:])
    world.take(world.platform.cases_queue)
    with reading() as many:
        assert clockwork.send_due(world.platform) == 10
    assert few == many
    assert many.items == 10
    assert many.calls == 2 * store.DUE_SHARDS, "yesterday's shards and today's"
    assert many.tables == {world.platform.cases.name}
    sent = world.take(world.platform.cases_queue)
    assert {message["day"] for message in sent} == {today.isoformat()}
