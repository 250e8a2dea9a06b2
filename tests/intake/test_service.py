"""Submitting one record or a batch: receipts, duplicates, conflicts, bad input, idempotency."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jwt
import pytest

from chalicelib.creditfile import service as files
from chalicelib.kernel.errors import Conflict, GovcreditError, Invalid
from tests.intake import town
from tests.intake.town import clerk, discipline, honour, licence, submit, submit_batch
from tests.support.faults import counting, state
from tests.support.world import World, make_world


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def claims_of(receipt: str, world: World) -> dict[str, Any]:
    """The claims of a receipt, verified as anyone would with the published key."""
    key = jwt.PyJWKSet.from_dict(world.platform.keyring.public_jwks()).keys[0]
    claims: dict[str, Any] = jwt.decode(receipt, key, algorithms=["ES256"])
    return claims


@pytest.mark.requirement("R-02")
def test_an_accepted_record_gets_a_receipt_that_proves_what_came_when_and_in_time(
    world: World,
) -> None:
    sent = licence()
    answer = submit(world, sent)
    assert answer.status == 201
    claims = claims_of(answer.body.receipt, world)
    body = json.dumps(sent, ensure_ascii=False).encode()
    assert claims["sha256"] == hashlib.sha256(body).hexdigest()
    assert claims["received_at"] == "2026-06-15T04:00:00.000Z"
    # Decided on Wednesday 2026-06-10; 2026-06-19 is the Dragon Boat holiday.
    assert (claims["due_on"], claims["on_time"]) == ("2026-06-22", True)
    assert claims["agency"] == town.BUREAU


@pytest.mark.requirement("R-20")
def test_a_late_report_is_taken_and_says_that_it_is_late(world: World) -> None:
    answer = submit(world, licence(decided_on="2026-06-01"))
    assert answer.status == 201
    assert answer.body.on_time is False
    assert answer.body.deadline["due_on"] == "2026-06-10"


@pytest.mark.requirement("R-02")
def test_the_same_record_again_is_a_duplicate_with_the_first_receipt(world: World) -> None:
    first = submit(world, honour())
    before = state(world)
    world.clock.advance(days=3)
    again = submit(world, honour())
    assert (again.status, again.body.outcome) == (200, "duplicate")
    assert claims_of(again.body.receipt, world) == claims_of(first.body.receipt, world)
    assert state(world) == before


def test_other_spelling_of_the_same_content_is_a_duplicate(world: World) -> None:
    submit(world, honour(awarded_on="2026-05-20"))
    again = submit(world, honour(awarded_on="2026/05/20"))
    assert again.body.outcome == "duplicate"


def test_the_same_fact_with_other_content_is_a_conflict_that_says_how_to_correct(
    world: World,
) -> None:
    first = submit(world, honour())
    before = state(world)
    with pytest.raises(Conflict) as caught:
        submit(world, honour(awarded_by="示例省人民政府"))
    assert caught.value.code == "record_conflict"
    assert f"PATCH /v1/records/{first.body.record_id}" in caught.value.detail
    assert state(world) == before


@pytest.mark.requirement("R-10")
def test_nothing_of_a_person_is_stored_in_the_clear(world: World) -> None:
    answer = submit(world, discipline())
    assert answer.status == 201
    everything = json.dumps(state(world), ensure_ascii=False, default=str)
    for secret in (town.OFFICIAL, "张某甲", "未按规定履行审核职责", "示政务处〔2026〕1号"):
        assert secret not in everything
    digest = hashlib.sha256(json.dumps(discipline(), ensure_ascii=False).encode()).hexdigest()
    assert digest not in everything


def test_a_person_record_can_be_opened_again_with_the_persons_key(world: World) -> None:
    record_id = submit(world, discipline(period_months=6)).body.record_id
    record = files.find_record(world.platform, record_id)
    subject = files.find_subject(world.platform, record.subject_id)
    opened = files.open_fields(world.platform, record, subject)
    assert opened["facts"] == "未按规定履行审核职责"
    assert opened["period_months"] == 6


def test_an_unknown_enterprise_is_created_when_first_named(world: World) -> None:
    submit(world, licence(company=901))
    subject = files.find_subject(world.platform, files.body_id(town.body_code(901, "91")))
    assert (subject.kind, subject.registered) == ("enterprise", False)


@pytest.mark.parametrize(
    ("sent", "limit"),
    [(honour(), 3), (discipline(), 3), (honour(number=2), 3)],
    ids=["body", "person", "with key"],
)
def test_an_accepted_record_of_a_known_subject_takes_three_calls(
    world: World, sent: dict[str, Any], limit: int, request: pytest.FixtureRequest
) -> None:
    with counting() as calls:
        submit(world, sent, key="key-1" if "with key" in request.node.name else "")
    assert len(calls) <= limit, calls


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown type", {**honour(), "type": "gossip"}, "/type", "unknown_type"),
    ("unknown envelope", {**honour(), "color": "red"}, "/color", "unknown_field"),
    ("unknown field", honour(colour="red"), "/fields/colour", "unknown_field"),
    (
        "unified code",
        {**honour(), "subject": {"unified_code": town.HOUSING[:-1] + "0", "name": "示例市住房局"}},
        "/subject/unified_code",
        "",
    ),
    (
        "citizen code",
        {**discipline(), "subject": {"citizen_code": town.OFFICIAL[:-1] + "A", "name": "张某甲"}},
        "/subject/citizen_code",
        "",
    ),
    ("future", honour(awarded_on="2026-06-16"), "/fields/awarded_on", "in_future"),
    (
        "not registered",
        {**honour(), "subject": {"unified_code": town.body_code(77), "name": "示例市某局"}},
        "/subject/unified_code",
        "subject_not_registered",
    ),
    (
        "name",
        {**honour(), "subject": {"unified_code": town.HOUSING, "name": "示例市财政局"}},
        "/subject/name",
        "name_mismatch",
    ),
    (
        "kind",
        {**discipline(), "subject": {"unified_code": town.HOUSING, "name": "示例市住房局"}},
        "/subject/unified_code",
        "wrong_subject_kind",
    ),
    ("missing", honour(awarded_by=""), "/fields/awarded_by", "required"),
    (
        "notice without proof",
        {**honour(), "notices": {"decision_delivered_on": "2026-06-01"}},
        "/notices/proof",
        "required",
    ),
    ("no subject", {"type": "honour", "fields": {}}, "/subject", "required"),
]


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(("name", "sent", "pointer", "code"), BAD, ids=[case[0] for case in BAD])
def test_bad_input_names_field_and_rule_in_chinese_and_changes_nothing(
    world: World, name: str, sent: dict[str, Any], pointer: str, code: str
) -> None:
    before = state(world)
    with pytest.raises(Invalid) as caught:
        submit(world, sent)
    fault = next(fault for fault in caught.value.faults if fault.pointer == pointer)
    assert not code or fault.code == code
    assert any("\u4e00" <= character <= "\u9fff" for character in fault.message)
    assert town.OFFICIAL[:-1] not in fault.message
    assert state(world) == before


def test_a_batch_takes_the_good_and_names_the_bad_in_order(world: World) -> None:
    result = submit_batch(
        world,
        [honour(1), honour(2, awarded_on="soon"), honour(1), honour(3), discipline(9)],
    )
    assert [one.outcome for one in result.results] == [
        "accepted",
        "rejected",
        "duplicate",
        "accepted",
        "accepted",
    ]
    assert (result.accepted, result.duplicate, result.rejected) == (3, 1, 1)
    assert [one.position for one in result.results] == [0, 1, 2, 3, 4]
    keys = [entry[0] for entry in state(world)["archive"]]
    assert len(keys) == 1, "a batch is archived in one object"


def test_a_batch_that_is_sent_again_stores_nothing_twice(world: World) -> None:
    sent = [honour(1), honour(2), discipline(9)]
    submit_batch(world, sent)
    before = state(world)
    again = submit_batch(world, sent)
    assert again.duplicate == 3
    assert len(state(world)["records"]) == len(before["records"])


def test_conflicting_rows_within_one_batch_leave_the_first(world: World) -> None:
    result = submit_batch(world, [honour(1), honour(1, awarded_by="示例省人民政府")])
    assert [one.outcome for one in result.results] == ["accepted", "conflict"]


def test_an_idempotency_key_replays_the_first_answer(world: World) -> None:
    first = submit(world, honour(), key="key-1")
    world.clock.advance(hours=1)
    again = submit(world, honour(), key="key-1")
    assert again.status == 201
    assert again.body["receipt"] == first.body.receipt
    assert again.headers["Idempotency-Replayed"] == "true"


def test_an_idempotency_key_with_another_body_is_refused(world: World) -> None:
    submit(world, honour(), key="key-1")
    before = state(world)
    with pytest.raises(Conflict) as caught:
        submit(world, honour(2), key="key-1")
    assert caught.value.code == "idempotency_key_reused"
    assert state(world) == before


def test_another_agency_reports_its_own_fact(world: World) -> None:
    """Who reports is part of what a fact is: two agencies never overwrite each other."""
    mine = submit(world, honour())
    theirs = submit(world, honour(), clerk(town.HOUSING, "clerk-2"))
    assert theirs.body.outcome == "accepted"
    assert theirs.body.record_id != mine.body.record_id


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(Invalid, GovcreditError)


def test_the_example_in_the_document_is_one_the_rules_accept(world: World) -> None:
    from datetime import date

    from chalicelib.intake import service
    from chalicelib.intake.answers import RECORD_EXAMPLE
    from chalicelib.intake.rules import examine
    from chalicelib.policy.service import pack_for

    day = date(2026, 6, 15)
    found = examine(
        pack_for(town.JURISDICTION, day), service.reporter_of(clerk()), RECORD_EXAMPLE, day
    )
    assert not isinstance(found, tuple), found


def test_a_value_of_the_wrong_shape_is_one_fault(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        submit(world, honour(awarded_by={"a": 1}))
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/awarded_by"]
