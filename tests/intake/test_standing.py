"""What a case did to a record outlives whatever the reporting agency does to it afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Delivery, Mark, Record, Standing, Statement, UploadRow
from chalicelib.creditfile.rules_standing import notices_of
from chalicelib.intake import corrections, service
from chalicelib.intake.answers import CorrectionIn
from chalicelib.kernel.errors import Invalid
from chalicelib.web.model import Answer
from tests.intake import town
from tests.intake.test_corrections import correct, edit
from tests.intake.town import honour, honour_csv, submit
from tests.support.world import World, make_world

STANDING = Standing(
    marks=(Mark("objection", "有异议", "2026-06-15", "c_1"),),
    statement=Statement("已按期履行", "", "2026-06-15", "c_1"),
    repaired=Deed("2026-06-15", "c_2", "履行完毕"),
    deliveries=(
        Delivery("decision", "2026-06-01", "送达回证1号", "c_3"),
        Delivery("repair", "2026-06-02", "送达回证2号", "c_3"),
    ),
)


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def decide(world: World, record_id: str, standing: Standing = STANDING) -> Record:
    return town.stand(world, record_id, standing)


def current(world: World, record_id: str) -> Record:
    return files.find_record(world.platform, record_id)


def withdraw(world: World, record_id: str, version: int) -> Answer:
    return corrections.withdraw_record(world.platform, edit(record_id, version))


@pytest.mark.requirement("R-31")
def test_a_marked_record_is_the_next_version_of_the_same_fact(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    first = current(world, record_id)
    decide(world, record_id)
    earlier, now = files.find_versions(world.platform, record_id)
    assert (earlier, earlier.standing) == (first, Standing())
    assert (now.version, now.standing, now.reason) == (2, STANDING, "案件决定")
    assert (now.fields, now.archive, now.on_time) == (first.fields, first.archive, first.on_time)


@pytest.mark.requirement("R-31")
def test_sending_a_marked_record_again_is_still_a_duplicate(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    decide(world, record_id)
    again = submit(world, honour())
    assert (again.status, again.body.outcome, again.body.version) == (200, "duplicate", 1)
    assert "没有更正" in again.body.note and "第 2 版" in again.body.note
    assert current(world, record_id).standing == STANDING


@pytest.mark.requirement("R-31")
def test_a_correction_loses_neither_marks_nor_notices(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    decide(world, record_id)
    correct(world, record_id, 2, awarded_by="示例省人民政府")
    corrected = current(world, record_id)
    assert corrected.fields["awarded_by"] == "示例省人民政府"
    assert corrected.standing == STANDING
    told = notices_of(corrected)
    assert (told.decision_delivered_on, told.repair_delivered_on) == ("2026-06-01", "2026-06-02")
    assert told.proof == "送达回证1号；送达回证2号"
    again = submit(world, honour(awarded_by="示例省人民政府"))
    assert again.body.outcome == "duplicate", "what the agency sends never held those notices"


def test_a_correction_that_changes_nothing_is_told_so_after_a_notice_too(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    decide(world, record_id)
    with pytest.raises(Invalid) as refused:
        correct(world, record_id, 2, awarded_by="示例市人民政府")
    assert refused.value.code == "nothing_changed"


@pytest.mark.requirement("R-31")
def test_withdrawing_and_reinstating_keeps_what_was_decided(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    decide(world, record_id)
    withdraw(world, record_id, 2)
    assert current(world, record_id).standing == STANDING
    wanted = CorrectionIn(fields={}, reason="录入有误", reinstate=True)
    corrections.correct_record(world.platform, edit(record_id, 3), wanted)
    back = current(world, record_id)
    assert (back.status, back.standing) == ("active", STANDING)


def test_a_withdrawn_record_says_why_it_was_withdrawn_whatever_a_case_does(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    withdraw(world, record_id, 1)
    decide(world, record_id)
    assert current(world, record_id).reason == "录入有误"


@pytest.mark.requirement("R-31", "R-32")
def test_the_record_in_its_place_stands_as_it_stood(world: World) -> None:
    old_id = submit(world, honour()).body.record_id
    decide(world, old_id)
    answer = correct(world, old_id, 2, decision_number="示政发〔2026〕88号")
    assert answer.status == 201
    fresh = current(world, answer.body.record_id)
    assert (fresh.version, fresh.standing) == (1, STANDING)
    # The mark goes with the fact: whoever takes it off there must not have it come back here.
    assert current(world, old_id).standing == replace(STANDING, marks=())


def test_a_fact_reinstated_in_anothers_place_keeps_its_own_as_well(world: World) -> None:
    other_id = submit(world, honour(88)).body.record_id
    own = Standing(marks=(Mark("leads", "核查中", "2026-06-01", "c_9"),))
    decide(world, other_id, own)
    withdraw(world, other_id, 2)
    old_id = submit(world, honour()).body.record_id
    decide(world, old_id)
    answer = correct(world, old_id, 2, decision_number="示政发〔2026〕88号")
    assert answer.body.record_id == other_id
    assert current(world, other_id).standing.marks == (*own.marks, *STANDING.marks)


@pytest.mark.requirement("R-31", "R-33")
def test_a_correction_made_by_a_case_leaves_both_records_as_the_case_decides(
    world: World,
) -> None:
    other_id = submit(world, honour(88)).body.record_id
    own = Standing(marks=(Mark("leads", "核查中", "2026-06-01", "c_9"),))
    decide(world, other_id, own)
    withdraw(world, other_id, 2)
    record = current(world, submit(world, honour()).body.record_id)
    before = replace(record, dishonesty=True)
    subject = files.find_subject(world.platform, before.subject_id)
    reporter = service.reporter_of(town.clerk())
    submission = service.submission_of(world.platform, reporter, "correction", b"{}")
    wanted = CorrectionIn(fields={"decision_number": "示政发〔2026〕88号"}, reason="更正")
    made = service.revise(world.platform, submission, before, subject, wanted)
    decided = Standing(exempted=Deed("2026-06-15", "c_1", "先行先试"))
    revision = service.revision_as(made, decided)
    assert revision.after.standing == decided
    assert revision.successor is not None
    assert (revision.successor.standing.exempted, revision.successor.standing.marks) == (
        decided.exempted,
        own.marks,
    )
    assert not (revision.after.dishonesty or revision.successor.dishonesty)


@pytest.mark.requirement("R-31")
def test_a_row_of_a_finished_file_is_marked_and_the_file_sent_again_changes_nothing(
    world: World,
) -> None:
    content = honour_csv([(1, "2026-05-20")])
    town.work_file(world, town.post_file(world, content))
    record_id = next(
        iter(files.records_about(world.platform, files.body_id(town.HOUSING)))
    ).record_id
    assert files.is_settled(world.platform, current(world, record_id))
    decide(world, record_id)
    again = town.work_file(world, town.post_file(world, content))
    assert (again.accepted, again.duplicate, again.rejected) == (0, 1, 0)
    assert current(world, record_id).standing == STANDING


def test_a_row_of_a_file_still_being_worked_is_not_settled(world: World) -> None:
    upload_id = town.post_file(world, honour_csv([(1, "2026-05-20")]))
    record_id = submit(world, honour()).body.record_id
    unfinished = replace(current(world, record_id), upload=UploadRow(upload_id, 2))
    assert not files.is_settled(world.platform, unfinished)
    assert files.is_settled(world.platform, current(world, record_id))


@pytest.mark.requirement("R-31")
def test_a_persons_statement_is_kept_sealed_and_opened_with_the_persons_key(world: World) -> None:
    record_id = submit(world, town.discipline()).body.record_id
    subject = files.find_subject(world.platform, current(world, record_id).subject_id)
    said = files.statement_of(world.platform, subject, "本人已说明", "2026-06-15", "c_1")
    assert "本人已说明" not in repr(said)
    decide(world, record_id, Standing(statement=said))
    kept = current(world, record_id).standing.statement
    assert kept is not None
    assert files.open_statement(world.platform, kept, subject) == "本人已说明"
