"""A later run reads only what has changed, and comes to the same digits as one that reads all."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.evaluation import freezing, incremental, service
from chalicelib.evaluation.rawstore import RAW_FORM
from chalicelib.evaluation.runs import Body, Run
from chalicelib.evaluation.work import work
from tests.evaluation import town
from tests.support.world import World

pytestmark = pytest.mark.requirement("R-60")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies whose records are read, as they are read."""
    seen: list[str] = []
    candidates: Callable[..., Any] = freezing._candidates

    def watched(platform: Platform, run: Run, plan: Any, body: Body) -> Any:
        seen.append(body.subject_id)
        return candidates(platform, run, plan, body)

    monkeypatch.setattr(freezing, "_candidates", watched)
    return seen


def first_run(world: World, count: int = 6) -> tuple[list[Subject], Run]:
    bodies = town.settle(world, count)
    world.clock.now += timedelta(hours=1)
    run = town.run_through(world)
    world.clock.now += timedelta(hours=3)
    return bodies, run


def full_run(world: World) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incremental, "_newest_basis", lambda *_: None)
        return town.run_through(world)


def penalise(world: World, subject: Subject, number: int) -> set[str]:
    town.keep(world.platform, town.penalty(f"r_more_{number}", subject, severity="serious"))
    return {subject.subject_id}


def withdraw(world: World, subject: Subject, number: int) -> set[str]:
    town.withdraw(world.platform, f"rec_on_time_{subject.unified_code[-1]}")
    return {subject.subject_id}


def register_another(world: World, subject: Subject, number: int) -> set[str]:
    another = town.body(50 + number)
    town.register(world.platform, another)
    town.keep(world.platform, town.record(f"r_new_{number}", another))
    return {another.subject_id}


def correct_about_another(world: World, subject: Subject, number: int) -> set[str]:
    """A record about a body was wrong about whom: both are looked at again."""
    wrong = files.find_record(world.platform, f"rec_second_{subject.unified_code[-1]}")
    other = town.body(8)
    changed = {"subject_id": other.subject_id, "subject_code": other.unified_code}
    town.correct(world.platform, wrong, **changed)
    return {subject.subject_id, other.subject_id}


@pytest.mark.parametrize("seed", range(2))
def test_an_incremental_run_has_every_digit_of_a_full_one(
    world: World, read: list[str], seed: int
) -> None:
    bodies, first = first_run(world)
    town.register(world.platform, town.body(8))
    events = [penalise, withdraw, register_another, correct_about_another]
    chosen = random.Random(seed)
    changed = {town.body(8).subject_id}
    for number in range(2):
        happened, subject = chosen.choice(events), chosen.choice(bodies)
        changed |= happened(world, subject, number + 10 * seed)
        world.clock.now += timedelta(minutes=40)
    read.clear()
    later = town.run_through(world)
    assert (later.basis, first.basis) == (first.run_id, "")
    assert set(read) == changed
    full = full_run(world)
    assert (full.basis, full.results_digest) == ("", later.results_digest)
    assert full.results_digest != first.results_digest
    # What was taken over is taken over again, and replayed from what this run froze.
    read.clear()
    world.clock.now += timedelta(hours=2)
    assert town.run_through(world).results_digest == full.results_digest
    assert read == []


def test_a_body_with_rows_of_an_unfinished_file_is_read_again(
    world: World, read: list[str]
) -> None:
    bodies = town.settle(world, 4)
    waiting = bodies[1]
    town.keep(world.platform, town.of_upload(town.penalty("r_open", waiting), "up_open"))
    world.clock.now += timedelta(hours=1)

    def none_finished(platform: Platform, upload_ids: Collection[str]) -> set[str]:
        return set()

    run_id = town.start(world)
    world.drain(
        world.platform.evaluation_queue,
        lambda message: work(world.platform, message, none_finished),
    )
    before = {each.body.subject_id: each for each in service.results_of(world.platform, run_id)}
    world.clock.now += timedelta(hours=3)
    read.clear()
    later = town.run_through(world)  # nothing was written meanwhile: the file was finished
    assert later.basis == run_id and read == [waiting.subject_id]
    after = service.result_of(world.platform, later.run_id, waiting.subject_id)
    assert after is not None and after.total < before[waiting.subject_id].total


def test_a_run_over_other_regions_or_long_ago_is_no_basis(world: World) -> None:
    _, first = first_run(world, 3)
    east = town.run_through(world, town.order(regions=(town.EAST,)))
    assert east.basis == first.run_id  # the first one reaches as far
    other = town.run_through(world, town.order(period="2024"))
    assert other.basis == ""
    world.clock.now += timedelta(hours=incremental.MOST_HOURS + 1)
    assert town.run_through(world, town.order(regions=(town.EAST,))).basis == ""


def test_after_very_many_changes_everything_is_read_instead_of_looking_for_them(
    world: World, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies, _ = first_run(world, 4)
    for number in range(2):
        penalise(world, bodies[0], number)
    monkeypatch.setattr(incremental, "MOST_CHANGED", 2)
    assert town.run_through(world).basis != ""
    penalise(world, bodies[0], 2)
    read.clear()
    later = town.run_through(world)
    assert (later.basis, len(read)) == ("", 4)


def test_a_draft_is_nobodys_basis() -> None:
    run = Run(
        "ev_1", "nanjing", "annual_integrity", "年度评价", "2025", "2025-01-01", "2025-12-31",
        "2024-09-13", "bb", ("329900",), "request", "OFFICE", "2026-06-15T04:00:00.000Z",
    )  # fmt: skip
    other = replace(run, status="completed", looked_at=run.created_at, raw_form=RAW_FORM)
    assert incremental._is_basis(other, run)
    assert not incremental._is_basis(replace(other, draft=True), run)
    assert not incremental._is_basis(replace(other, pack_digest="cc"), run)
    assert not incremental._is_basis(replace(other, raw_form=RAW_FORM - 1), run)


def test_two_runs_at_once_do_not_mix(world: World) -> None:
    town.settle(world, 4)
    alone = [
        town.run_through(world, wanted).results_digest
        for wanted in (town.order(), town.order(regions=(town.EAST,)))
    ]
    both = [town.start(world), town.start(world, town.order(regions=(town.EAST,)))]
    while messages := world.take(world.platform.evaluation_queue):
        for message in town.shuffled(messages, len(messages)):
            work(world.platform, message, town.all_finished)
    found = [service.completed_run(world.platform, each) for each in both]
    assert [run.results_digest for run in found if run is not None] == alone
