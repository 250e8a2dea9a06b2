"""An objection, from the mark on the record to its correction, through the API."""

from __future__ import annotations

import pytest

from tests.cases.bench import CLERK, CREDIT_OFFICE, RECORDED, Desk, record, recorded, settle
from tests.support.world import World


def filed(world: World, record_id: str) -> str:
    """An objection to a record; its case."""
    answer = Desk(world, RECORDED).open(
        "objection",
        record_id=record_id,
        fields={"ground": "content_wrong", "statement": "款项已经付清"},
    )
    assert answer.status == 201, answer.text
    return str(answer.json["case_id"])


@pytest.mark.requirement("R-31")
def test_an_objection_is_marked_at_once_and_ends_with_a_correction(world: World) -> None:
    settle(world)
    record_id = recorded(world)
    case_id = filed(world, record_id)
    marked = record(world, record_id)
    assert [mark.code for mark in marked.standing.marks] == ["objection"]
    assert (
        marked.standing.statement is not None and marked.standing.statement.text == "款项已经付清"
    )

    accepted = Desk(world, CREDIT_OFFICE).act(case_id, "accept")
    assert accepted.status == 200 and accepted.json["state"] == "verifying", accepted.text

    corrected = Desk(world, CLERK).act(
        case_id,
        "correct",
        fields={"reason": "金额有误"},
        correction={"fields": {"facts": "未按期支付部分价款"}, "reason": "金额有误"},
    )
    assert corrected.status == 200, corrected.text
    assert corrected.json["state"] == "corrected" and corrected.json["final"]
    after = record(world, record_id)
    assert after.fields["facts"] == "未按期支付部分价款"
    assert not after.standing.marks and after.version == marked.version + 1
