"""Every kind walked once as it is on the platform: through the API, on what is stored.

After each step everything stored is compared with what must be there (tests/cases/checks.py): the
record's standing, cases opened and records made, letters, counters, and the public view against the
decision. Here stand the procedures, and in words what is left at their end.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.creditfile import service as files
from chalicelib.feed import service as feed
from tests.cases.machine import Machine
from tests.cases.model import Fact
from tests.cases.places import about_body
from tests.cases.play import Play
from tests.cases.procedures import packs
from tests.support.memory import MemoryTables
from tests.support.world import make_world


@dataclass(frozen=True)
class Left:
    """What is left when a procedure is over."""

    state: str
    public: bool | None = None
    """Whether the record is public; None where there is none to look at."""
    before: bool | None = None
    """Whether it was before."""
    told: str = ""
    """What the subject was told last, in part."""
    made: int = 0
    """Records made."""
    opened: tuple[str, ...] = ()
    """Kinds of the cases opened."""
    published: frozenset[str] = frozenset()


HANDLED = frozenset({"matter", "reference", "assigned_on", "replied_on", "result_kind", "result"})
ASSESSED = frozenset({"assessed_by", "assessment"})

WALKS: dict[str, tuple[str, Left]] = {
    "two_notices": (
        "source_agency:open source_agency:deliver_decision source_agency:deliver_repair_notice",
        Left("delivered", before=False, public=True, told="信用修复告知书已于2026-06-14送达"),
    ),
    "notice": (
        "source_agency:open source_agency:deliver subject:state_views source_agency:withdraw",
        Left("withdrawn", before=False, public=False, told="已撤销"),
    ),
    "statement": (
        "subject:make subject:change subject:take_back",
        Left("taken_back", before=True, public=True),
    ),
    "objection": (
        "subject:file credit_office:accept source_agency:start_appraisal "
        "source_agency:end_appraisal source_agency:answer subject:request_review "
        "superior:review_correct",
        Left("corrected", before=True, public=True, told="经复核，“违约失信”已更正"),
    ),
    "repair": (
        "subject:apply_general source_agency:ask_supplement subject:supplement "
        "source_agency:accept source_agency:approve",
        Left("repaired", before=True, public=False, told="已修复：终止公示"),
    ),
    "self_correction": (
        "subject:report source_agency:ease",
        Left("eased", before=False, public=False, told="自我纠错已认定：从轻"),
    ),
    "exemption": (
        "subject:apply source_agency:accept source_agency:recognise",
        Left("exempted", before=True, public=False, told="不作为政务失信记录"),
    ),
    "rectification": (
        "credit_office:refer superior:order subject:explain credit_office:call_to_account "
        "subject:submit superior:send_back subject:submit superior:confirm",
        Left("completed", told="整改已确认", opened=("accountability",)),
    ),
    "accountability": (
        "superior:propose superior:criticise superior:refer superior:record_outcome",
        Left("concluded", told="处理结果", made=1,
             published=frozenset({"criticised_on", "document_number", "criticism"})),
    ),
    "breach_complaint": (
        "informant:report credit_office:transfer superior:urge superior:recognise",
        Left("recognised", told="因明确拒绝整改，认定失信", made=1, opened=("rectification",)),
    ),
    "lead": (
        "credit_office:register credit_office:transfer superior:urge superior:recognise "
        "credit_office:report_recognition",
        Left("recognised", told="因明确拒绝整改，认定失信", made=1,
             opened=("accountability", "rectification")),
    ),
    "complaint": (
        "informant:report informant:supplement credit_office:accept superior:answer "
        "informant:dissatisfied superior:answer_again",
        Left("closed"),
    ),
    "npc_suggestion": (
        "credit_office:register credit_office:extend subject:reply credit_office:unsatisfied "
        "subject:reply_again credit_office:assess credit_office:publish",
        Left("published", told="办理结果已公开", published=HANDLED | ASSESSED),
    ),
    "cppcc_proposal": (
        "subject:register subject:reply credit_office:close",
        Left("closed", told="前办理并答复"),
    ),
    "judicial_suggestion": (
        "credit_office:register subject:reply credit_office:assess credit_office:publish",
        Left("published", told="办理结果已公开", published=HANDLED | ASSESSED),
    ),
    "procuratorial_suggestion": (
        "credit_office:register_urgent subject:reply credit_office:publish",
        Left("published", told="办理结果已公开", published=HANDLED | ASSESSED),
    ),
    "audit_finding": (
        "credit_office:register subject:reply credit_office:publish",
        Left("published", told="办理结果已公开", published=HANDLED | ASSESSED),
    ),
    "warning": (
        "platform:raise subject:acknowledge subject:handle platform:raise_level "
        "subject:acknowledge subject:handle credit_office:extend platform:subside "
        "subject:report_effect superior:send_back subject:report_effect superior:close",
        Left("closed", told="预警销号"),
    ),
}  # fmt: skip


def place_of(code: str) -> str:
    """The base pack, or the first that has the kind."""
    every = packs()
    return "national" if code in every["national"].case_kinds else next(
        place for place, pack in sorted(every.items()) if code in pack.case_kinds
    )  # fmt: skip


THROUGH_ANOTHER_DOOR = frozenset({"evaluation_appeal"})
"""Opened where evaluations are (tests/evaluation/test_appeals.py), which come after cases."""


def test_every_kind_there_is_is_walked() -> None:
    every = {code for pack in packs().values() for code in pack.case_kinds}
    assert set(WALKS) | THROUGH_ANOTHER_DOOR == every


@pytest.mark.requirement("R-30", "R-31", "R-32", "R-33", "R-41", "R-43", "R-61", "R-62", "R-65")
@pytest.mark.requirement("R-64")
@pytest.mark.parametrize("code", sorted(WALKS))
def test_a_procedure_leaves_what_its_document_says(
    aws: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    tables = MemoryTables()
    monkeypatch.setitem(calls._clients, "dynamodb", tables)
    steps, left = WALKS[code]
    machine = prepared(make_world(aws), tables, code)
    play = Play(machine)
    machine.checks.all()
    assert left.before is None or shown(machine) is left.before
    for step in steps.split():
        who, _, action_code = step.partition(":")
        action = machine.kind.action(action_code)
        assert action is not None, step
        made = machine.filled(who, action)
        if made.correction is not None:
            made = replace(made, correction={"fields": {"facts": "已付清"}, "reason": "有误"})
        assert play.does(made), machine.script[-1]
    file = machine.file_of(machine.current)
    assert file.case.state == left.state
    assert set(file.published) == left.published
    assert left.public is None or shown(machine) is left.public
    assert len(machine.expected.made) == left.made
    opened = [one for one in machine.expected.cases.values() if one.parent == file.case_id]
    assert tuple(sorted(one.kind for one in opened)) == left.opened
    letters = machine.world.platform.cases.query(
        f"LETTERS#subject:{machine.subject_id}", descending=True
    ).items
    about = [str(item["text"]) for item in letters if item["case_id"] == file.case_id]
    assert left.told in (about[0] if about else "")
    assert bool(about) is bool(left.told)


def prepared(world: Any, tables: MemoryTables, code: str) -> Machine:
    """A machine about a breach of the housing bureau, or about its official; the two notices
    are delivered, but where that is what the procedure is for."""
    kind = packs()[place_of(code)].case_kinds[code]
    official = code == "self_correction"
    chance = random.Random(code)
    machine = Machine(world, tables, kind, place_of(code), chance, official=official)
    if not official:
        sent = about_body(machine.place, 77, "general", "2026-03-10")
        if code in ("two_notices", "notice"):
            del sent["notices"]
        reply = machine.place.report(sent)
        assert reply.status == 201, reply.text
        machine.expected.fact = Fact(str(reply.json["record_id"]))
    return machine


def shown(machine: Machine) -> bool:
    """Whether the public sees the record."""
    record = files.find_record(machine.world.platform, machine.expected.fact.record_id)
    found = feed.decided(machine.world.platform, [record.record_id]).get(record.record_id)
    return found is not None and not found.is_gone
