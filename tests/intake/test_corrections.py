"""Corrections, withdrawals and the proof of originals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile import store as creditfile_store
from chalicelib.intake import corrections
from chalicelib.intake.answers import CorrectionIn, NoticesIn, original_of
from chalicelib.kernel.errors import (
    Conflict,
    Forbidden,
    GovcreditError,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.kernel.keyring import Erased
from chalicelib.web.model import Answer, Caller, Scope
from tests.intake import town
from tests.intake.town import discipline, honour, honour_csv, submit
from tests.support.faults import state
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def edit(
    record_id: str, version: int = 1, reason: str = "录入有误", caller: Caller | None = None
) -> corrections.Edit:
    return corrections.Edit(
        caller or town.clerk(), Scope.OWN, record_id, version, reason, b'{"a":1}'
    )


def correct(world: World, record_id: str, version: int = 1, **fields: Any) -> Answer:
    wanted = CorrectionIn(fields=fields, reason="录入有误")
    return corrections.correct_record(world.platform, edit(record_id, version), wanted)


def prove(world: World, record_id: str, version: int | None = None) -> Any:
    found = files.find_versions(world.platform, record_id)
    record = found[-1] if version is None else found[version - 1]
    subject = files.find_subject(world.platform, record.subject_id)
    return original_of(world.platform, record, subject, full=True)


@pytest.mark.requirement("R-03")
def test_a_correction_is_a_new_version_and_the_old_one_stays(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    answer = correct(world, record_id, awarded_by="示例省人民政府")
    assert (answer.status, answer.body.version) == (200, 2)
    first, second = files.find_versions(world.platform, record_id)
    assert first.fields["awarded_by"] == "示例市人民政府"
    assert second.fields["awarded_by"] == "示例省人民政府"
    assert second.reason == "录入有误"


def test_going_back_to_earlier_content_is_still_recognised_as_known(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    correct(world, record_id, awarded_by="示例省人民政府")
    again = submit(world, honour())
    assert (again.body.outcome, again.body.version) == ("duplicate", 1)
    assert "第 2 版" in again.body.note
    assert again.version == 2, "the tag is that of the record as it stands"


def test_a_correction_of_the_natural_key_makes_a_linked_record_of_its_own(world: World) -> None:
    old_id = submit(world, honour()).body.record_id
    answer = correct(world, old_id, decision_number="示政发〔2026〕88号")
    assert answer.status == 201
    old = files.find_record(world.platform, old_id)
    new = files.find_record(world.platform, answer.body.record_id)
    assert (old.status, old.superseded_by) == ("withdrawn", new.record_id)
    assert (new.status, new.supersedes) == ("active", old_id)


def test_a_natural_key_that_is_taken_is_a_conflict_and_changes_nothing(world: World) -> None:
    submit(world, honour(2))
    record_id = submit(world, honour(1)).body.record_id
    before = state(world)["records"]
    with pytest.raises(Conflict):
        correct(world, record_id, decision_number="示政发〔2026〕2号")
    assert state(world)["records"] == before


def test_delivery_of_the_notices_can_be_stated_later(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    wanted = CorrectionIn(
        notices=NoticesIn(
            decision_delivered_on="2026-06-01", repair_delivered_on="2026-06-01", proof="回证1号"
        ),
        reason="补充送达信息",
    )
    corrections.correct_record(world.platform, edit(record_id, reason="补充送达信息"), wanted)
    assert files.find_record(world.platform, record_id).notices.proof == "回证1号"


REFUSED: list[tuple[str, int, dict[str, Any], type[GovcreditError]]] = [
    ("stale version", 7, {"awarded_by": "示例省人民政府"}, PreconditionFailed),
    ("bad value", 1, {"awarded_on": "2027-01-01"}, Invalid),
    ("unknown field", 1, {"colour": "red"}, Invalid),
    ("emptied required field", 1, {"awarded_by": None}, Invalid),
    ("nothing changed", 1, {"awarded_by": "示例市人民政府"}, Invalid),
]


@pytest.mark.parametrize(("name", "version", "fields", "error"), REFUSED)
def test_a_correction_against_the_rules_changes_nothing(
    world: World,
    name: str,
    version: int,
    fields: dict[str, Any],
    error: type[GovcreditError],
) -> None:
    record_id = submit(world, honour()).body.record_id
    before = state(world)
    with pytest.raises(error):
        correct(world, record_id, version, **fields)
    assert state(world) == before


def test_another_agency_cannot_correct_or_withdraw(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    stranger = town.clerk(town.HOUSING, "clerk-2")
    wanted = CorrectionIn(fields={"awarded_by": "别的"}, reason="录入有误")
    before = state(world)
    with pytest.raises(Forbidden):
        corrections.correct_record(world.platform, edit(record_id, caller=stranger), wanted)
    with pytest.raises(Forbidden):
        corrections.withdraw_record(world.platform, edit(record_id, caller=stranger))
    assert state(world) == before


def test_a_withdrawn_record_keeps_its_history_and_takes_no_correction(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    answer = corrections.withdraw_record(world.platform, edit(record_id, reason="撤销表彰"))
    assert (answer.body.status, answer.body.version) == ("withdrawn", 2)
    assert [r.status for r in files.find_versions(world.platform, record_id)] == [
        "active",
        "withdrawn",
    ]
    with pytest.raises(Conflict) as caught:
        correct(world, record_id, 2, awarded_by="示例省人民政府")
    assert caught.value.code == "already_withdrawn"


def test_a_record_of_a_file_in_progress_cannot_be_corrected(world: World) -> None:
    from chalicelib.intake import filework, uploads

    platform = world.platform
    upload_id = town.post_file(world, honour_csv([(1, "2026-05-20")]))
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    for _ in range(2):  # split, chunk; not finish
        for message in world.take(platform.intake_queue):
            filework.do_job(platform, message)
    (record,) = files.records_reported(platform, town.BUREAU)
    with pytest.raises(Conflict) as caught:
        correct(world, record.record_id, awarded_by="示例省人民政府")
    assert caught.value.code == "file_in_progress"


def test_an_unknown_record_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        correct(world, "r_nothing", awarded_by="x")


@pytest.mark.requirement("R-03")
@pytest.mark.parametrize("sent", [honour(), discipline(period_months=6), town.licence()])
def test_a_record_is_proved_against_its_original(world: World, sent: dict[str, Any]) -> None:
    original = prove(world, submit(world, sent).body.record_id)
    assert original.proved
    assert original.sent == sent


@pytest.mark.requirement("R-03")
def test_a_row_of_a_file_is_proved_against_its_original(world: World) -> None:
    town.work_file(world, town.post_file(world, honour_csv([(1, "2026-05-20")])))
    (record,) = files.records_reported(world.platform, town.BUREAU)
    original = prove(world, record.record_id)
    assert original.proved
    assert original.sent[0] == town.HOUSING


def test_each_version_is_proved_against_its_own_original(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    correct(world, record_id, awarded_by="示例省人民政府")
    assert prove(world, record_id, 1).proved
    assert prove(world, record_id, 2).proved


@pytest.mark.requirement("R-03")
def test_a_record_that_was_tampered_with_is_not_proved(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    record = files.find_record(world.platform, record_id)
    forged = replace(record, content_mac="0" * 32)
    subject = files.find_subject(world.platform, record.subject_id)
    original = original_of(world.platform, forged, subject, full=True)
    assert not original.proved and not original.content_matches
    forged = replace(record, archive=replace(record.archive, sha256="0" * 64))
    assert not original_of(world.platform, forged, subject, full=True).object_intact


def test_a_destroyed_key_answers_erased(world: World) -> None:
    record_id = submit(world, discipline()).body.record_id
    record = files.find_record(world.platform, record_id)
    subject = files.find_subject(world.platform, record.subject_id)
    commit(creditfile_store.subject_update(world.platform, replace(subject, wrapped_key="")))
    with pytest.raises(Erased):
        prove(world, record_id)


def reinstate(world: World, record_id: str, version: int, **fields: Any) -> Answer:
    wanted = CorrectionIn(fields=fields, reason="撤回有误", reinstate=True)
    return corrections.correct_record(
        world.platform, edit(record_id, version, reason="撤回有误"), wanted
    )


def test_a_withdrawn_record_reported_again_says_so_and_can_be_reinstated(world: World) -> None:
    record_id = submit(world, honour()).body.record_id
    corrections.withdraw_record(world.platform, edit(record_id))
    again = submit(world, honour())
    assert (again.body.outcome, again.body.status) == ("duplicate", "withdrawn")
    assert "reinstate" in again.body.note
    with pytest.raises(Conflict) as caught:
        submit(world, honour(awarded_by="示例省人民政府"))
    assert "reinstate" in caught.value.detail
    answer = reinstate(world, record_id, 2)
    assert (answer.body.status, answer.body.version) == ("active", 3)
    assert reinstate(world, record_id, 2).body.version == 3, "repeating it changes nothing"


def test_a_change_of_the_natural_key_can_be_taken_back(world: World) -> None:
    first = submit(world, honour(1)).body.record_id
    second = correct(world, first, decision_number="示政发〔2026〕2号").body.record_id
    answer = correct(world, second, decision_number="示政发〔2026〕1号")
    assert answer.body.record_id == first
    record = files.find_record(world.platform, first)
    assert (record.status, record.version, record.supersedes) == ("active", 3, second)
    assert files.find_record(world.platform, second).status == "withdrawn"


def test_a_superseded_record_is_not_reinstated_beside_its_successor(world: World) -> None:
    first = submit(world, honour(1)).body.record_id
    correct(world, first, decision_number="示政发〔2026〕2号")
    with pytest.raises(Conflict):
        reinstate(world, first, 2)


def test_another_change_of_the_natural_key_is_not_mistaken_for_the_first(world: World) -> None:
    record_id = submit(world, honour(1)).body.record_id
    correct(world, record_id, decision_number="示政发〔2026〕2号")
    with pytest.raises(Conflict):
        correct(world, record_id, decision_number="示政发〔2026〕3号")


def test_a_reason_or_proof_with_a_citizen_code_is_refused(world: World) -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError, match="公民身份号码"):
        CorrectionIn(fields={}, reason=f"把{town.OFFICIAL}录错了")
    sent = {
        **honour(),
        "notices": {"decision_delivered_on": "2026-06-01", "proof": f"送达{town.OFFICIAL}"},
    }
    with pytest.raises(Invalid) as caught:
        submit(world, sent)
    assert [fault.code for fault in caught.value.faults] == ["personal_number"]


@pytest.mark.requirement("R-26")
def test_an_original_is_proved_without_showing_personal_values(world: World) -> None:
    sent = town.licence(legal_representative="李某乙")
    for one, secret in ((sent, "李某乙"), (discipline(), town.OFFICIAL)):
        record_id = submit(world, one).body.record_id
        record = files.find_record(world.platform, record_id)
        subject = files.find_subject(world.platform, record.subject_id)
        original = original_of(world.platform, record, subject, full=False)
        assert original.proved
        assert secret not in str(original.sent)
        assert secret in str(original_of(world.platform, record, subject, full=True).sent)
