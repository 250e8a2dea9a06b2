"""Measures come and go with what they rest on: by events and by the clock, never by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from chalicelib.aws.calls import ConditionFailed
from chalicelib.cases import store as case_store
from chalicelib.cases.model import Pending
from chalicelib.creditfile import briefs, register
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Standing
from chalicelib.kernel.errors import Unavailable
from chalicelib.measures import events, store, work
from chalicelib.measures.handlers import do_job
from chalicelib.measures.model import Cause
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Scope
from tests.cases.bench import CREDIT_OFFICE, disciplined, recorded, settle
from tests.evaluation import town as evaluated
from tests.intake import town
from tests.measures.desk import (
    HOUSING_ID,
    OFFICIAL,
    changed,
    codes,
    defaulter,
    due,
    firm,
    mend,
    settled,
    standing,
    stream,
    the_record,
    told,
    turns,
    work_all,
)
from tests.measures.use_cases import RUN, case_opened, evaluated_bodies
from tests.support.world import World

DAILY = {"job": "daily"}


@pytest.mark.requirement("R-42", "R-43")
def test_a_record_brings_measures_and_everybody_can_see_why(world: World) -> None:
    settled(world)
    told(world)
    found = standing(world)
    assert found is not None and (found.version, found.as_of) == (1, "2026-06-15")
    assert codes(world) == {"award_ineligible_bodies", "excellent_barred", "funds_limited"}
    (turn,) = turns(world)
    assert turn.cause == Cause("record", the_record(world)) and turn.lifted == ()
    assert {one.code for one in turn.applied} == codes(world)
    (message,) = world.take(world.platform.checks_queue)
    assert message == {"job": "changed", "subject": HOUSING_ID, "version": 1}


LIFTS = [
    (Standing(repaired=Deed("2026-06-15", "c_1"), measures_ended=True), "repair"),
    (Standing(exempted=Deed("2026-06-15", "c_1")), "exemption"),
]


@pytest.mark.requirement("R-42")
@pytest.mark.parametrize(("deed", "why"), LIFTS, ids=["repair", "exemption"])
def test_repair_and_exemption_lift_what_followed_from_the_record(
    world: World, deed: Standing, why: str
) -> None:
    settled(world)
    told(world)
    mend(world, deed)
    found = standing(world)
    assert found is not None and (found.version, found.measures) == (2, ())
    newest = turns(world)[0]
    assert newest.applied == () and {one.why for one in newest.lifted} == {why}
    assert len(world.take(world.platform.checks_queue)) == 2


@pytest.mark.requirement("R-40", "R-42")
def test_what_is_told_twice_or_changes_nothing_leaves_everything_as_it_is(world: World) -> None:
    settled(world)
    told(world)
    before = standing(world)
    told(world)
    do_job(world.platform, {"job": "subject", "subject": HOUSING_ID})
    assert standing(world) == before and len(turns(world)) == 1
    assert len(world.take(world.platform.checks_queue)) == 1
    # Of whom nothing is on file nothing is kept.
    do_job(world.platform, {"job": "subject", "subject": files.body_id(town.BUREAU)})
    do_job(world.platform, {"job": "subject", "subject": "b_nobody"})
    assert standing(world, files.Identification(town.BUREAU, "", "")) is None


@pytest.mark.requirement("R-42")
def test_a_measure_ends_with_its_day(world: World) -> None:
    settled(world)
    told(world)
    do_job(world.platform, DAILY)
    work_all(world)
    do_job(world.platform, DAILY)
    assert due(world) == []
    # The bar from 优秀 is over with the year, the others with the publicity term.
    world.clock.advance(days=200)
    do_job(world.platform, DAILY)
    work_all(world)
    assert codes(world) == {"award_ineligible_bodies", "funds_limited"}
    world.clock.advance(days=160)
    do_job(world.platform, DAILY)
    work_all(world)
    assert codes(world) == set()
    assert [turn.cause.what for turn in turns(world)] == ["day", "day", "record"]
    assert {one.why for turn in turns(world) for one in turn.lifted} == {"ended"}


@pytest.mark.requirement("R-44")
def test_checks_are_told_with_the_next_day_if_they_could_not_be_told_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(world)
    with monkeypatch.context() as patch:
        patch.setattr(type(world.platform.checks_queue), "send", _out_of_order)
        with pytest.raises(Unavailable):
            told(world)
    assert codes(world) and world.take(world.platform.checks_queue) == []
    world.clock.advance(days=1)
    do_job(world.platform, DAILY)
    work_all(world)
    assert [one["version"] for one in world.take(world.platform.checks_queue)] == [1]


def _out_of_order(*_: object, **__: object) -> None:
    raise Unavailable("the queue is out of order")


@pytest.mark.requirement("R-42")
def test_two_at_once_do_not_overwrite_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(world)
    facts = work.facts_about

    def meanwhile(*given: object) -> object:
        found = facts(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(work, "facts_about", facts)
        told(world)
        return found

    monkeypatch.setattr(work, "facts_about", meanwhile)
    told(world)
    assert codes(world) and len(turns(world)) == 1
    # Who loses every race leaves the message to come again.
    found = [0]

    def raced(*_: object) -> None:
        found[0] += 1
        raise ConditionFailed({})

    monkeypatch.setattr(work, "commit", raced)
    with pytest.raises(ConditionFailed):
        mend(world, Standing(exempted=Deed("2026-06-15", "c_1")))
    assert found[0] > 2


@pytest.mark.requirement("R-43")
def test_an_official_is_found_by_code_until_erased(world: World) -> None:
    settle(world)
    _, official = disciplined(world)
    told(world, official.subject_id)
    found = standing(world, OFFICIAL)
    assert found is not None and found.subject_id == official.subject_id
    assert {one.code for one in found.measures} == {"excellent_barred", "recruitment_queried"}
    subject = files.find_subject(world.platform, official.subject_id)
    register.erase_person(
        world.platform, CREDIT_OFFICE, Scope.REGION, subject.subject_id, "调离", subject.version
    )
    world.take(world.platform.checks_queue)
    for _ in range(2):
        do_job(world.platform, {"job": "subject", "subject": subject.subject_id})
        assert standing(world, OFFICIAL) is None and turns(world, OFFICIAL) == []
        # Also where nothing was kept: somebody may watch the person.
        (message,) = world.take(world.platform.checks_queue)
        assert (message["job"], message["subject"]) == ("changed", subject.subject_id)


@pytest.mark.requirement("R-43")
def test_a_referral_is_shown_as_long_as_it_is_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(world)
    one = Pending("c_1", "accountability", "referred", "2026-06-03T02:00:00.000Z")
    found = [one]
    monkeypatch.setattr(work.cases, "standing_in", lambda *_: found)
    work.restand(world.platform, HOUSING_ID, Cause("case", "c_1"))
    assert codes(world) == {"accountability_pending"}
    found.clear()
    work.restand(world.platform, HOUSING_ID, Cause("case", "c_1"))
    assert [gone.why for gone in turns(world)[0].lifted] == ["case_step"]


@pytest.mark.requirement("R-45")
def test_a_later_evaluation_takes_the_place_of_the_one_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SLICE", 2)
    bodies = evaluated.settle(world, 3)
    who = files.Identification(bodies[1].unified_code, "", "")
    reasons = []
    for year in ("2024", "2025", "2024"):
        run = evaluated.run_through(world, evaluated.order(period=year))
        work_run(world, run.run_id)
        found = standing(world, who)
        assert found is not None
        reasons.append([one.reason for one in found.measures if one.code == "evaluation_result"])
    assert ["2024" in one for (one,) in reasons] == [True, False, False]
    # The year before does not come back, whoever evaluates it again.
    assert reasons[1] == reasons[2] and "2025" in reasons[1][0]
    assert [one.why for one in turns(world, who)[0].lifted][:1] == ["new_evaluation"]


@pytest.mark.requirement("R-45")
def test_a_poor_result_has_no_effect_before_it_is_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = evaluated.settle(world, 2)
    who = files.Identification(bodies[1].unified_code, "", "")
    run = evaluated.run_through(world)
    with monkeypatch.context() as patch:
        patch.setattr(events, "_is_held", lambda *_: True)
        work_run(world, run.run_id)
    assert standing(world, who) is None
    work_run(world, run.run_id)
    assert standing(world, who) is not None


@pytest.mark.requirement("R-45")
def test_only_grades_a_body_is_told_of_can_be_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events.evaluations, "is_held", lambda *_: True)
    evaluated.settle(world, 1)
    run = evaluated.run_through(world)
    (result,) = events.evaluations.results_of(world.platform, run.run_id)
    told_of = {"A": False, "D": True}
    held = {
        grade: events._is_held(world.platform, run, replace(result, grade=grade))
        for grade in told_of
    }
    assert held == told_of


def work_run(world: World, run_id: str) -> None:
    """Measures are told of a run."""
    do_job(
        world.platform,
        {"table": "evaluation", "key": f"RUN#{run_id}", "version": 1, "entity": "evaluation_run"},
    )
    work_all(world)


@pytest.mark.requirement("R-40")
def test_everything_is_worked_out_again_on_the_first_of_a_month(world: World) -> None:
    settled(world)
    do_job(world.platform, DAILY)
    world.take(world.platform.measures_queue)
    # The job of the first failed; that of the third makes up for it.
    world.clock.advance(days=18)
    assert world.clock().date() == date(2026, 7, 3)
    do_job(world.platform, DAILY)
    work_all(world)
    assert "award_ineligible_bodies" in codes(world)


@pytest.mark.requirement("R-40", "R-42")
def test_what_was_on_file_before_is_worked_by_itself_firms_nobody_registered_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(briefs, "GROUNDS_PAGE", 1)
    monkeypatch.setattr(briefs, "GROUNDS_PAGES", 1)
    settled(world)
    town.submit(world, town.licence())
    town.submit(world, defaulter(70))
    town.submit(world, defaulter(71))
    do_job(world.platform, DAILY)
    work_all(world)
    for number in (70, 71):
        found = standing(world, firm(number))
        assert found is not None and "bidding_defaulters" in {one.code for one in found.measures}
    # A licence is no ground: of its holder nobody was asked.
    assert standing(world, firm(900)) is None
    do_job(world.platform, DAILY)
    assert due(world) == []


@pytest.mark.requirement("R-40", "R-73")
def test_everything_is_worked_out_again_under_another_version_of_the_policy(
    world: World,
) -> None:
    settle(world)
    do_job(world.platform, DAILY)
    world.take(world.platform.measures_queue)
    done = store.rebuilt(world.platform, town.JURISDICTION)
    assert done is not None
    store.note_rebuilt(world.platform, town.JURISDICTION, replace(done, pack="2024-01-01"))
    do_job(world.platform, DAILY)
    (message,) = due(world)
    assert message == {"job": "rebuild", "jurisdiction": town.JURISDICTION}
    assert store.rebuilt(world.platform, town.JURISDICTION) == done


@pytest.mark.requirement("R-42")
def test_a_row_waits_until_its_file_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(world)
    monkeypatch.setattr(files, "is_settled", lambda *_: False)
    told(world)
    assert standing(world) is None
    assert world.platform.measures_queue.name  # the message is delayed, not lost
    world.clock.advance(days=2)
    with pytest.raises(Unavailable):
        told(world)


@pytest.mark.requirement("R-40", "R-42")
def test_only_what_can_bear_on_measures_is_told(world: World) -> None:
    def image(version: int, **more: object) -> dict[str, object]:
        plain = {"pk": {"S": "RECORD#r"}, "entity": {"S": "record"}, "version": {"N": str(version)}}
        return {
            "eventName": "MODIFY",
            "eventSourceARN": f"arn:aws:dynamodb:x:y:table/{world.platform.records.name}/stream/1",
            "dynamodb": {"NewImage": {**plain, **more}},
        }

    licence = image(1, category={"S": "licence"})
    honour = image(1, category={"S": "honour"})
    breach = image(1, dishonesty={"BOOL": True})
    exempted = image(2, dishonesty={"BOOL": False})
    assert stream(world, {"Records": [licence]}) == []
    assert len(stream(world, {"Records": [honour, breach, exempted]})) == 3


@pytest.mark.requirement("R-40", "R-42")
def test_a_lost_message_is_made_up_for(world: World) -> None:
    settled(world)
    record = files.find_record(world.platform, the_record(world))
    assert events.look_again(world.platform, [record]) == 1
    work_all(world)
    assert codes(world)


@pytest.mark.requirement("R-40", "R-42")
def test_runs_and_cases_whose_messages_were_lost_are_found_by_the_daily_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_store, "CHANGES_PAGE", 1)
    case_id = case_opened(world)
    who = evaluated_bodies(world)[0]
    asked: list[str] = []
    monkeypatch.setattr(events, "case_changed", lambda _, found: asked.append(found))
    do_job(world.platform, DAILY)
    work_all(world)
    found = standing(world, files.Identification(who.unified_code, "", ""))
    assert found is not None and "evaluation_result" in {one.code for one in found.measures}
    assert asked == [case_id]
    # What was taken is not taken every day, and old cases are left alone.
    world.clock.advance(days=4)
    store.note_done(world.platform, "2026-06-18")
    do_job(world.platform, DAILY)
    for message in world.take(world.platform.measures_queue):
        do_job(world.platform, message)
    assert due(world) == []


@pytest.mark.requirement("R-40", "R-73")
def test_what_the_policy_of_today_has_made_a_ground_counts_whenever_it_was_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(world)
    record = files.find_record(world.platform, the_record(world))
    today = date(2026, 6, 15)
    pack = pack_for(town.JURISDICTION, today)
    before = pack.model_copy(update={"measures": {}, "types": {}, "case_kinds": {}})
    monkeypatch.setattr(events, "pack_version", lambda *_: before)
    assert events.is_concerned(replace(record, dishonesty=False), today)
    assert not events.is_concerned(replace(record, dishonesty=False, type="licence"), today)
    assert events._is_used(RUN, world.clock())
    worked: list[str] = []
    monkeypatch.setattr(events, "restand", lambda _, subject_id, cause: worked.append(subject_id))
    case = SimpleNamespace(
        kind="accountability",
        jurisdiction=town.JURISDICTION,
        pack=before.version,
        parties=SimpleNamespace(subject_id=HOUSING_ID),
    )
    monkeypatch.setattr(events.cases, "find_file", lambda *_: case)
    events.case_changed(world.platform, "c_1")
    assert worked == [HOUSING_ID]


@pytest.mark.requirement("R-73")
def test_a_record_is_followed_from_its_pack(world: World) -> None:
    settle(world)
    recorded(world)
    pack = pack_for(town.JURISDICTION, date(2026, 6, 15))
    needs = work.needs_of(pack, "department")
    assert needs.types == {"honour"} and needs.bars and needs.states == {
        "accountability": {"referred"}
    }
    assert work.needs_of(pack, "enterprise").types == frozenset()
    assert changed("r_1")["entity"] == "record"
