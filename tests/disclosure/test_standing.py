"""What cases did to a record reaches the public: marks show, repair and exemption take away."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Delivery, Mark, Notices, Record, Standing, Statement
from chalicelib.creditfile.rules_standing import (
    exempted,
    marked,
    publicity_ended,
    unmarked,
    with_delivery,
    with_statement,
)
from chalicelib.kernel.clock import instant_text
from tests.disclosure.builders import (
    about_person,
    breach,
    change,
    deliver,
    public_items,
    public_world,
    store_person,
    store_record,
)
from tests.support.world import World

OBJECTION = Mark("objection", "有异议", "2026-06-15", "c_1")
DEED = Deed("2026-06-15", "c_2", "履行完毕")


def decide(world: World, before: Record, standing: Standing) -> Record:
    """What a case does, and the public table brought in line with it."""
    at = instant_text(world.clock())
    after = files.with_standing(before, standing, at=at, by="office-1", reason="案件决定")
    commit(files.next_version_writes(world.platform, before, after))
    deliver(world, change(after))
    return after


def published(world: World) -> Record:
    """A dishonesty record that is public."""
    stored = store_record(world, breach(world))
    deliver(world, change(stored))
    assert "r_b" in public_world(world)
    return stored


def shown(world: World) -> Any:
    return public_world(world)["r_b"]


@pytest.mark.requirement("R-31")
def test_an_objection_is_marked_in_public_until_it_is_settled(world: World) -> None:
    stored = published(world)
    objected = decide(world, stored, marked(stored.standing, OBJECTION))
    mark = {"code": "objection", "text": "有异议", "since": "2026-06-15"}
    assert shown(world)["marks"] == [mark]
    decide(world, objected, unmarked(objected.standing, "objection", "c_1"))
    assert shown(world)["marks"] == []


@pytest.mark.requirement("R-31")
def test_two_objections_are_one_mark_since_the_first(world: World) -> None:
    stored = published(world)
    later = Mark("objection", "有异议", "2026-06-20", "c_9")
    decide(world, stored, marked(marked(stored.standing, later), OBJECTION))
    assert [mark["since"] for mark in shown(world)["marks"]] == ["2026-06-15"]


@pytest.mark.requirement("R-31")
def test_what_a_body_says_of_the_record_is_public_with_it(world: World) -> None:
    stored = published(world)
    said = Statement("已付清，联系人电话13812345678", "", "2026-06-15", "c_1")
    decide(world, stored, with_statement(stored.standing, said))
    assert shown(world)["statement"] == {
        "text": "已付清，联系人电话138****5678",
        "made_on": "2026-06-15",
    }
    assert "c_1" not in repr(public_items(world)), "which case it was is nobody's business"


@pytest.mark.requirement("R-31")
def test_what_a_person_says_never_gets_into_the_public_table(world: World) -> None:
    person = store_person(world)
    stored = store_record(world, about_person(world, person))
    said = files.statement_of(world.platform, person, "本人已说明", "2026-06-15", "c_1")
    decide(world, stored, with_statement(stored.standing, said))
    assert public_world(world)["r_p"]["statement"] is None
    assert said.sealed not in repr(public_items(world))


@pytest.mark.requirement("R-32", "R-33")
@pytest.mark.parametrize(
    "decided", [publicity_ended(Standing(), DEED), exempted(Standing(), DEED)], ids=["修复", "容错"]
)
def test_a_repaired_or_exempted_record_leaves_the_public_view(
    world: World, decided: Standing
) -> None:
    stored = published(world)
    decide(world, stored, decided)
    assert "r_b" not in public_world(world)
    assert all("document" not in item for item in public_items(world))
    deliver(world, change(stored))
    assert "r_b" not in public_world(world), "an old message brings it back"


@pytest.mark.requirement("R-30")
def test_a_record_is_public_once_cases_have_delivered_both_notices(world: World) -> None:
    stored = store_record(world, breach(world, notices=Notices()))
    deliver(world, change(stored))
    decision = Delivery("decision", "2026-06-10", "送达回证1号", "c_3")
    one = decide(world, stored, with_delivery(stored.standing, decision))
    assert "r_b" not in public_world(world), "one notice is not both"
    repair = Delivery("repair", "2026-06-11", "送达回证2号", "c_3")
    decide(world, one, with_delivery(one.standing, repair))
    assert shown(world)["notices"] == {
        "decision_delivered_on": "2026-06-10",
        "repair_delivered_on": "2026-06-11",
    }


@pytest.mark.requirement("R-30")
def test_a_notice_without_proof_opens_nothing(world: World) -> None:
    stored = store_record(world, breach(world, notices=Notices()))
    standing = stored.standing
    for notice, proof in (("decision", "送达回证1号"), ("repair", " ")):
        standing = with_delivery(standing, Delivery(notice, "2026-06-10", proof, "c_3"))
    decide(world, stored, standing)
    assert "r_b" not in public_world(world)
