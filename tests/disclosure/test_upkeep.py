"""The sweep: ends terms, finds what was lost, builds everything again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Delete, commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Notices
from chalicelib.creditfile.store import subject_item
from chalicelib.disclosure import store, upkeep
from chalicelib.feed import service as feed
from chalicelib.feed.model import Change
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable
from tests.disclosure.builders import (
    BODY,
    about_person,
    breach,
    change,
    deliver,
    drain,
    from_file,
    next_version,
    number,
    public_items,
    public_world,
    record,
    run_evaluation,
    store_body,
    store_person,
    store_record,
    work,
)
from tests.support.faults import counting
from tests.support.world import World

MIDNIGHT = datetime(2027, 6, 1, 16, 0, tzinfo=UTC)
"""The penalty is decided on 2026-06-01, general: its last day is 2027-06-01 in Shanghai."""


@pytest.mark.requirement("R-21")
def test_what_has_ended_is_withdrawn(world: World) -> None:
    deliver(world, change(store_record(world, record(world))))
    deliver(world, change(store_record(world, record(world, "r_2", occurred_on="2026-06-10"))))
    world.clock.now = MIDNIGHT
    world.platform.public.put({"pk": "SWEEP", "sk": "-", "through": "2027-05-30"})

    assert set(public_world(world)) == {"r_2"}, "readers stop by themselves"

    assert upkeep.end_terms(world.platform) == 1
    assert upkeep.end_terms(world.platform) == 0

    (change_made,) = told(world)[2:]
    assert (change_made.entry.kind, change_made.entry.id) == ("withdraw", "r_1")
    assert change_made.reason == "term_ended"


def told(world: World) -> tuple[Change, ...]:
    """The feed, once all is numbered."""
    number(world)
    return feed.changes_after(world.platform, 0, 1000)


@pytest.mark.requirement("R-21")
def test_a_sweep_that_was_away_makes_up_for_it(world: World) -> None:
    deliver(world, change(store_record(world, record(world))))
    upkeep.end_terms(world.platform)
    world.clock.now = MIDNIGHT
    world.clock.advance(days=60)

    assert upkeep.end_terms(world.platform) == 1
    with counting() as calls:
        upkeep.end_terms(world.platform)
    assert len(calls) < 8


@pytest.mark.requirement("R-21")
def test_a_term_prolonged_meanwhile_is_not_ended(world: World) -> None:
    first = store_record(world, record(world, fields={"ends_on": "2026-06-20"}))
    deliver(world, change(first))
    deliver(world, change(next_version(world, first, fields={"ends_on": "2026-06-25"})))
    world.clock.advance(days=6)

    assert upkeep.end_terms(world.platform) == 0
    assert "r_1" in public_world(world)


@pytest.mark.requirement("R-21")
def test_of_what_was_withdrawn_only_its_number_remains(world: World) -> None:
    first = store_record(world, record(world))
    deliver(world, change(first))
    assert "document_number" in repr(public_items(world))

    deliver(world, change(next_version(world, first, status="withdrawn")))

    (item,) = public_items(world)
    assert (item["gone"], item["seq"]) == (True, 2)
    assert "document" not in item and "salt" not in item["shown"]


@pytest.mark.requirement("R-21")
def test_a_record_appears_when_its_notice_has_been_delivered(world: World) -> None:
    notices = Notices("2026-06-02", "2026-06-17", "回证")
    deliver(world, change(store_record(world, breach(world, notices=notices))))
    world.clock.advance(days=1)
    upkeep.end_terms(world.platform)
    drain(world)
    assert "r_b" not in public_world(world)

    world.clock.advance(days=2)
    upkeep.end_terms(world.platform)
    drain(world)

    assert "r_b" in public_world(world)
    assert [item["pk"] for item in public_items(world)] == ["DOCUMENT#r_b"]


def test_what_was_lost_is_found(world: World) -> None:
    shown = store_record(world, record(world, "r_shown"))
    store_record(world, record(world, "r_lost"))
    store_record(world, record(world, "r_internal", type="discipline", category="discipline"))
    store_record(world, from_file(record(world, "r_unfinished")))
    notices = Notices("2026-06-02", "2026-06-17", "回证")
    waiting = store_record(world, breach(world, "r_waiting", notices=notices))
    store_record(world, breach(world, "r_forgotten", notices=notices))
    deliver(world, change(waiting))
    withdrawn = store_record(world, record(world, "r_withdrawn"))
    deliver(world, change(shown), change(withdrawn))
    next_version(world, withdrawn, status="withdrawn")
    store_body(world)
    run = run_evaluation(world)
    world.clock.advance(minutes=30)

    assert upkeep.reconcile(world.platform) == 6
    messages = world.take(world.platform.disclosure_queue)
    assert {message["key"] for message in messages} == {
        "RECORD#r_lost",
        "RECORD#r_forgotten",
        "RECORD#r_withdrawn",
        f"SUBJECT#b_{BODY}",
        "SUBJECT#b_11320100000000001A",
        f"RUN#{run}",
    }
    for message in messages:
        work(world, message)
    drain(world)
    assert upkeep.reconcile(world.platform) == 0
    assert store.find_freshness(world.platform)["behind"] == 0


@pytest.mark.requirement("R-21")
def test_what_was_lost_while_the_sweep_was_away_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CATCH_UP", timedelta(hours=24))
    world.clock.advance(minutes=30)
    upkeep.reconcile(world.platform)
    drain(world)
    world.clock.advance(hours=30)
    store_record(world, record(world, "r_lost"))
    world.clock.advance(hours=17)
    store_record(world, record(world, "r_recent"))
    world.clock.advance(hours=2)

    found = [_behind(world) for _ in range(4)]

    # The last hours first of all, what is older a day at a time; then no more than the last hours.
    assert found == [{"RECORD#r_recent"}, {"RECORD#r_lost"}, set(), set()]
    assert store.swept_through(world.platform, "changes") == "2026-06-17T02"
    with counting() as calls:
        upkeep.reconcile(world.platform)
    assert len(calls) < 30


@pytest.mark.requirement("R-31")
def test_a_correction_evaluations_never_heard_of_is_told_once_more_and_then_no_more(
    world: World,
) -> None:
    world.clock.advance(minutes=30)
    upkeep.reconcile(world.platform)
    world.clock.advance(hours=1)
    next_version(world, store_record(world, record(world, "r_corrected")))
    store_record(world, record(world, "r_new"))
    told = []
    for _ in range(6):
        world.clock.advance(hours=1)
        upkeep.reconcile(world.platform)
        told += world.take(world.platform.evaluation_queue)

    assert [(message["key"], message["version"]) for message in told] == [("RECORD#r_corrected", 2)]


def _behind(world: World) -> set[str]:
    """What one sweep finds behind; it is looked at."""
    upkeep.reconcile(world.platform)
    messages = world.take(world.platform.disclosure_queue)
    work(world, *messages)
    return {message["key"] for message in messages}


def test_a_sweep_that_fails_in_the_middle_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep.reconcile(world.platform)
    world.clock.advance(hours=20)
    real = files.changed_in
    asked: list[str] = []

    def failing(platform: Platform, hour: str) -> Iterator[tuple[str, str]]:
        asked.append(hour)
        if len(asked) == 8:
            raise Unavailable
        return real(platform, hour)

    monkeypatch.setattr(files, "changed_in", failing)

    with pytest.raises(Unavailable):
        upkeep.reconcile(world.platform)
    upkeep.reconcile(world.platform)

    # Each time the last hours, then those before where they were left.
    assert asked[8:12] == asked[:4]
    assert asked[12] == asked[7]
    assert asked[4:8] + asked[13:] == sorted(set(asked[4:]) - set(asked[:4]))


@pytest.mark.requirement("R-26")
def test_an_erasure_nobody_heard_of_is_found(world: World) -> None:
    person = store_person(world)
    deliver(world, change(store_record(world, about_person(world, person))))
    world.clock.advance(days=40)
    now = instant_text(world.clock())
    erased = replace(
        person, wrapped_key="", sealed_profile="", version=2, updated_at=now, erased_at=now
    )
    world.platform.records.put(subject_item(erased))
    world.clock.advance(minutes=30)

    assert f"SUBJECT#{person.subject_id}" in _behind(world)

    assert "r_p" not in public_world(world)
    assert all("document" not in item for item in public_items(world))
    assert f"SUBJECT#{person.subject_id}" not in _behind(world)


def test_a_record_that_cannot_be_judged_does_not_hold_up_the_sweep(world: World) -> None:
    store_record(world, record(world, "r_bad", pack="1999-01-01"))
    store_record(world, record(world, "r_lost"))
    world.clock.advance(minutes=30)

    upkeep.reconcile(world.platform)

    keys = {message["key"] for message in world.take(world.platform.disclosure_queue)}
    assert {"RECORD#r_bad", "RECORD#r_lost"} <= keys


def test_a_change_on_its_way_is_not_missed_yet(world: World) -> None:
    world.clock.advance(minutes=30)
    store_record(world, record(world))
    world.clock.advance(seconds=30)

    upkeep.reconcile(world.platform)

    keys = {message["key"] for message in world.take(world.platform.disclosure_queue)}
    assert "RECORD#r_1" not in keys


def test_everything_can_be_built_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "REBUILD_SLICE", 2)
    store_body(world)
    days = ["2026-01-01", "2026-01-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-06-01"]
    for place, day in enumerate(days):
        stored = store_record(world, record(world, f"r_{place}", occurred_on=day))
        deliver(world, change(stored))
    run = run_evaluation(world)
    work(world, {"entity": "evaluation_run", "key": f"RUN#{run}"})
    work(world, {"entity": "keyring", "key": "KEYRING"})
    upkeep.reconcile(world.platform)
    drain(world)
    world.clock.advance(minutes=30)
    upkeep.reconcile(world.platform)
    drain(world)
    before = public_world(world)
    assert len(before) > 8
    for item in public_items(world):
        commit([Delete(world.platform.public.key(item["pk"], item["sk"]))])

    upkeep.rebuild(world.platform)
    drain(world)

    assert public_world(world) == before


def test_building_again_what_is_there_changes_nothing(world: World) -> None:
    store_body(world)
    deliver(world, change(store_record(world, record(world))))
    upkeep.rebuild(world.platform)
    drain(world)
    before = told(world)

    upkeep.rebuild(world.platform)
    drain(world)

    assert told(world) == before
