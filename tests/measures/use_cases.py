"""Working out standings, joined to the fault harness."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from chalicelib.creditfile import briefs, register
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Standing, Subject
from chalicelib.evaluation.runs import Body, Result, Run
from chalicelib.evaluation.store import result_item, run_item
from chalicelib.measures import events, store
from chalicelib.measures.handlers import do_job
from chalicelib.web.model import Scope
from tests.cases.bench import CREDIT_OFFICE, SUPERIOR, Desk, disciplined, settle
from tests.evaluation import town as evaluated
from tests.intake import town
from tests.measures.desk import HOUSING_ID, changed, settled, the_record, told
from tests.support.faults import join
from tests.support.world import World

_KNOWN: dict[str, str] = {}
"""What was found when a deed was prepared: looking for it is no call of the deed."""


def _recorded(world: World) -> None:
    settled(world)
    _KNOWN["record"] = the_record(world)


def _told(version: int) -> Callable[[World], object]:
    return lambda world: do_job(world.platform, changed(_KNOWN["record"], version))


def _repaired(world: World) -> None:
    _recorded(world)
    told(world)
    deed = Standing(repaired=Deed("2026-06-15", "c_1"), measures_ended=True)
    town.stand(world, _KNOWN["record"], deed)
    world.take(world.platform.checks_queue)


def _person(world: World) -> None:
    settle(world)
    record_id, official = disciplined(world)
    _KNOWN.update(record=record_id, official=official.subject_id)


def _erased(world: World) -> None:
    _person(world)
    do_job(world.platform, changed(_KNOWN["record"]))
    world.take(world.platform.checks_queue)
    subject = files.find_subject(world.platform, _KNOWN["official"])
    register.erase_person(
        world.platform, CREDIT_OFFICE, Scope.REGION, subject.subject_id, "调离", subject.version
    )


def _forget(world: World) -> object:
    key = f"SUBJECT#{_KNOWN['official']}"
    message = {"table": "records", "key": key, "version": 2, "entity": "subject"}
    return do_job(world.platform, message)


def case_opened(world: World) -> str:
    """A case of accountability is opened; its id."""
    settled(world)
    fields = {"matter": "逾期未整改", "conduct": "arrears", "circumstances": "general"}
    reply = Desk(world, SUPERIOR).open("accountability", subject_id=HOUSING_ID, fields=fields)
    assert reply.status == 201, reply.text
    return str(reply.json["case_id"])


def _case_opened(world: World) -> None:
    _KNOWN["case"] = case_opened(world)


def _case_changed(world: World) -> object:
    key = f"CASE#{_KNOWN['case']}"
    return do_job(world.platform, {"table": "cases", "key": key, "version": 1, "entity": "case"})


def evaluated_bodies(world: World) -> list[Subject]:
    """A run as it is kept when it is completed; bringing it there is no business of measures."""
    bodies = [evaluated.body(number) for number in range(2)]
    evaluated.register(world.platform, *bodies)
    _KNOWN["run"] = RUN.run_id
    world.platform.evaluation.put(run_item(RUN))
    for subject in bodies:
        body = Body(
            subject.subject_id, subject.unified_code, subject.name, subject.kind,
            subject.region, subject.level,
        )  # fmt: skip
        graded = Result(RUN.run_id, body, 0, Decimal("61.50"), "D", "差", {}, "cc")
        world.platform.evaluation.put(result_item(graded))
    return bodies


def _evaluated(world: World) -> None:
    evaluated_bodies(world)


def _missed(world: World) -> object:
    since = "2026-06-01T00:00:00.000Z"
    message = {"job": "missed", "jurisdiction": town.JURISDICTION, "since": since, "after": ""}
    return do_job(world.platform, message)


RUN = Run(
    run_id="ev_1",
    jurisdiction=town.JURISDICTION,
    scheme="annual_integrity",
    title="年度评价",
    period="2025",
    first_day="2025-01-01",
    last_day="2025-12-31",
    pack="2024-09-13",
    pack_digest="bb",
    regions=(town.CITY,),
    trigger="schedule",
    requested_by="",
    created_at="2026-06-15T03:00:00.000Z",
    status="completed",
    completed_at="2026-06-15T03:30:00.000Z",
)


def _run_changed(world: World) -> object:
    key = f"RUN#{_KNOWN['run']}"
    message = {"table": "evaluation", "key": key, "version": 1, "entity": "evaluation_run"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "SLICE", 1)
        return do_job(world.platform, message)


def _run_slice(world: World) -> object:
    return do_job(world.platform, {"job": "run", "run_id": _KNOWN["run"], "after": "b_DEPT00001"})


def _due(world: World) -> None:
    settled(world)
    told(world)
    world.take(world.platform.checks_queue)
    world.clock.advance(days=201)
    store.note_done(world.platform, "2027-01-01")


def _daily(world: World) -> object:
    return do_job(world.platform, {"job": "daily"})


def _one(world: World) -> object:
    return do_job(world.platform, {"job": "subject", "subject": HOUSING_ID})


def _first_of_month(world: World) -> None:
    settle(world)
    world.clock.advance(days=16)
    store.note_done(world.platform, "2026-06-30")


def _rebuild(world: World) -> object:
    return do_job(world.platform, {"job": "rebuild", "jurisdiction": town.JURISDICTION})


def _region(world: World) -> object:
    message = {
        "job": "region",
        "jurisdiction": town.JURISDICTION,
        "region": town.CITY,
        "persons": False,
    }
    return do_job(world.platform, message)


def _reported(world: World) -> object:
    message = {"job": "reporter", "reporter": town.BUREAU, "after": ""}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(briefs, "GROUNDS_PAGE", 1)
        patch.setattr(briefs, "GROUNDS_PAGES", 1)
        return do_job(world.platform, message)


join("measures:missed", _evaluated, _missed)
join("measures:reporter", settled, _reported)
join("measures:record", _recorded, _told(1))
join("measures:record, repaired", _repaired, _told(2))
join("measures:record, of a person", _person, _told(1))
join("measures:subject", _erased, _forget)
join("measures:case", _case_opened, _case_changed)
join("measures:evaluation_run", _evaluated, _run_changed)
join("measures:run", _evaluated, _run_slice)
join("measures:daily", _due, _daily)
join("measures:daily, first of a month", _first_of_month, _daily)
join("measures:rebuild", settle, _rebuild)
join("measures:one", _due, _one)
join("measures:region", settled, _region)
