"""What gets into the public table, and what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Notices, UploadRow
from chalicelib.creditfile.store import subject_item
from chalicelib.disclosure import handlers, projection, store
from chalicelib.disclosure.model import RecordView
from chalicelib.tlog.note import NoteSigner
from tests.disclosure.builders import (
    AGENCY,
    BODY,
    CITIZEN,
    PERSON_NAME,
    UPLOAD_DONE,
    about_person,
    breach,
    change,
    deliver,
    drain,
    finish_file,
    from_file,
    next_version,
    public_items,
    public_world,
    record,
    store_body,
    store_person,
    store_record,
    subject_change,
    work,
)
from tests.support.faults import counting
from tests.support.world import World, sqs_event


@pytest.mark.requirement("R-21")
def test_a_public_record_is_served_with_chinese_titles(world: World) -> None:
    deliver(world, change(store_record(world, record(world))))

    shown = RecordView.model_validate(public_world(world)["r_1"])
    assert shown.type_title == "行政处罚"
    assert shown.subject.code == BODY
    assert shown.reporter.name == "示例市甲局"
    assert [(field.title, field.text) for field in shown.fields] == [("文书号", "示罚〔2026〕1号")]
    assert shown.publicity.last_day == "2027-06-01"
    assert (shown.reported_on, shown.on_time) == ("2026-06-15", None)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    "changes",
    [
        {"type": "discipline", "category": "discipline"},
        {"type": "breach", "category": "breach", "dishonesty": True},
        {"severity": "minor"},
        {"severity": ""},
        {"type": "not_in_the_catalog"},
        {"subject_kind": "not_a_kind"},
        {"status": "withdrawn"},
    ],
    ids=["internal", "no notices", "minor", "no severity", "no type", "no kind", "withdrawn"],
)
def test_what_is_not_public_leaves_no_trace(world: World, changes: dict[str, str]) -> None:
    stored = store_record(world, record(world, **changes))

    deliver(world, change(stored))
    deliver(world, change(stored))

    assert public_items(world) == []


@pytest.mark.requirement("R-21")
@pytest.mark.requirement("R-26")
def test_an_internal_record_leaves_no_trace_however_often_it_changes(world: World) -> None:
    first = store_record(world, record(world, type="discipline", category="discipline"))
    second = next_version(world, first, severity="serious")
    withdrawn = next_version(world, second, status="withdrawn")

    deliver(world, *(change(version) for version in (withdrawn, first, second)))

    assert public_items(world) == []


@pytest.mark.requirement("R-26")
def test_a_person_is_masked_and_cannot_be_followed(world: World) -> None:
    person = store_person(world)
    for record_id in ("r_p1", "r_p2"):
        deliver(world, change(store_record(world, about_person(world, person, record_id))))

    shown = public_world(world)["r_p1"]
    text = repr(public_items(world))

    assert shown["subject"]["name"] == "欧阳*"
    assert shown["subject"]["code"] is None
    assert {field["code"]: field["value"] for field in shown["fields"]} == {
        "document_number": "示罚〔2026〕1号",
        "head": "张**",
    }
    for secret in (CITIZEN, PERSON_NAME, person.subject_id, "张三丰", "示例路", "sealed:"):
        assert secret not in text


@pytest.mark.requirement("R-26")
def test_an_internal_record_is_never_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = store_person(world)
    stored = about_person(world, person, type="discipline", category="discipline")
    store_record(world, stored)

    def refuse(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(files, "open_profile", refuse)
    monkeypatch.setattr(files, "open_fields", refuse)

    deliver(world, change(stored))


@pytest.mark.requirement("R-26")
def test_an_erased_person_disappears(world: World) -> None:
    person = store_person(world)
    deliver(world, change(store_record(world, about_person(world, person))))
    erased = replace(person, wrapped_key="", sealed_profile="", version=2)
    world.platform.records.put(subject_item(erased))

    deliver(world, subject_change(erased))

    assert "r_p" not in public_world(world)
    assert all("document" not in item for item in public_items(world))


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_messages_ends_with_the_newest_version(
    world: World, order: tuple[int, ...]
) -> None:
    first = store_record(world, record(world))
    second = next_version(world, first, fields={"document_number": "示罚〔2026〕2号"})
    third = next_version(world, second, status="withdrawn")
    versions = [first, second, third]

    for index in order:
        deliver(world, change(versions[index]))
        deliver(world, change(versions[index]))

    assert "r_1" not in public_world(world)
    (withdrawn,) = public_items(world)
    assert set(withdrawn) <= {
        "pk",
        "sk",
        "entity",
        "kind",
        "version",
        "gone",
        "etag",
        "shown",
        "seq",
    }
    assert set(withdrawn.get("shown", ())) <= {"version", "stamp", "gone", "reason"}


@pytest.mark.requirement("R-21")
def test_a_worker_that_read_an_older_version_loses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker reads version 1 and is held up; meanwhile version 2 is withdrawn and projected."""
    first = store_record(world, record(world))
    real = projection.load_records

    def slow(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(projection, "load_records", real)
        deliver(world, change(next_version(world, first, status="withdrawn")))
        return found

    monkeypatch.setattr(projection, "load_records", slow)

    deliver(world, change(first))

    assert "r_1" not in public_world(world)


@pytest.mark.requirement("R-21")
def test_a_row_displaced_while_it_was_looked_at_is_never_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker reads row 5 and is held up; meanwhile row 2 takes the record over, in the same
    version, and the file is finished and shown. The worker's write comes last."""
    other = {"document_number": "示罚〔2026〕9号"}
    late = store_record(world, replace(record(world, fields=other), upload=UploadRow("u_1", 5)))
    real = projection.load_records

    def slow(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        monkeypatch.setattr(projection, "load_records", real)
        taken = replace(record(world), upload=UploadRow("u_1", 2, ((5, late.content_mac),)))
        commit([files.displacing_put(world.platform, taken, 5)])
        finish_file(world, [["r_1"]])
        deliver(world, {"upload_id": "u_1", "chunk": 1})
        return found

    monkeypatch.setattr(projection, "load_records", slow)

    deliver(world, change(late))

    shown = public_world(world)["r_1"]
    assert [field["value"] for field in shown["fields"]] == ["示罚〔2026〕1号"]


@pytest.mark.requirement("R-21")
def test_a_correction_replaces_what_is_shown(world: World) -> None:
    first = store_record(world, record(world))
    deliver(world, change(first))
    assert public_world(world)["r_1"]["version"] == 1
    second = next_version(world, first, fields={"document_number": "示罚〔2026〕2号"})

    deliver(world, change(second))

    assert public_world(world)["r_1"]["version"] == 2


@pytest.mark.requirement("R-21")
def test_a_correction_that_waits_for_its_notice_hides_what_was_shown(world: World) -> None:
    first = store_record(world, breach(world))
    deliver(world, change(first))
    assert "r_b" in public_world(world)

    later = next_version(world, first, notices=Notices("2026-06-02", "2026-06-20", "回证2号"))
    deliver(world, change(later))

    assert "r_b" not in public_world(world)
    assert all("document" not in item for item in public_items(world))


@pytest.mark.requirement("R-21")
def test_what_becomes_public_in_a_moment_comes_back_by_the_queue(world: World) -> None:
    soon = world.clock() + timedelta(seconds=5)
    stored = record(world, changed_at=f"{soon:%Y-%m-%dT%H:%M:%S}.000Z")
    store_record(world, stored)

    deliver(world, change(stored))

    assert public_items(world) == []
    world.clock.now = soon
    deliver(world, change(stored))
    assert "r_1" in public_world(world)


@pytest.mark.requirement("R-21")
def test_a_body_of_the_register_is_shown_and_a_person_is_not(world: World) -> None:
    body = store_body(world)
    person = store_person(world)
    firm = store_body(world, "91320100000000003C", "某公司", kind="enterprise", registered=False)

    for subject in (body, person, firm):
        deliver(world, subject_change(subject))

    (item,) = public_items(world)
    assert item["pk"] == f"DOCUMENT#subject/{BODY}"
    assert item["document"]["superior"] == {"code": AGENCY, "name": "示例市甲局"}


@pytest.mark.requirement("R-21")
def test_rows_of_a_file_wait_until_the_file_is_finished(world: World) -> None:
    ids = [f"r_{number}" for number in range(5)]
    for record_id in ids:
        deliver(world, change(store_record(world, from_file(record(world, record_id)))))
    assert public_items(world) == []

    finish_file(world, [ids[:3], ids[3:]])
    deliver(world, UPLOAD_DONE)
    drain(world)

    assert {item["pk"] for item in public_items(world)} == {f"DOCUMENT#{one}" for one in ids}


def test_a_row_of_a_finished_file_is_read_once(world: World) -> None:
    store_record(world, from_file(record(world)))
    finish_file(world, [["r_1"]])

    with counting() as made:
        deliver(world, {"upload_id": "u_1", "chunk": 1})

    assert [call.operation for call in made] == [
        "batch_get_item",  # whether the file is finished
        "get_object",
        "batch_get_item",  # its rows
        "batch_get_item",  # the reporter's name
        "update_item",  # the document
        "send_message_batch",  # to the sequencer
        "update_item",  # freshness
    ]


def test_one_record_that_cannot_be_judged_does_not_hold_up_its_chunk(world: World) -> None:
    ids = ["r_good", "r_bad"]
    store_record(world, from_file(record(world, "r_good")))
    store_record(world, from_file(record(world, "r_bad", pack="1999-01-01")))
    finish_file(world, [ids])

    work(world, {"upload_id": "u_1", "chunk": 1})
    answers = [
        handlers.project_changes(world.platform, sqs_event(message))
        for message in world.take(world.platform.disclosure_queue)
    ]

    assert [len(answer["batchItemFailures"]) for answer in answers] == [0, 1]
    assert [item["pk"] for item in public_items(world)] == ["DOCUMENT#r_good"]


KEYS_CHANGED = {"table": "keys", "key": "KEYRING", "version": 1, "entity": "keyring"}


def test_keys_are_published_without_opening_the_keyring(world: World) -> None:
    work(world, KEYS_CHANGED)

    key = world.platform.log_signer.key
    log_keys = [{"name": key.name, "verifier_key": key.text, "active": True}]
    assert published_keys(world) == {**world.platform.keyring.public_jwks(), "log_keys": log_keys}


@pytest.mark.requirement("R-20")
def test_an_old_key_of_the_log_stays_published(world: World) -> None:
    old = world.platform.log_signer.key
    work(world, KEYS_CHANGED)
    new = NoteSigner(old.name, bytes(32)).key
    item = world.platform.keys.get("LOGKEY")
    assert item is not None
    world.platform.keys.put({**item, "version": 2, "verifier_key": new.text})

    for _ in range(2):
        work(world, KEYS_CHANGED)

    published = published_keys(world)["log_keys"]
    assert {key["verifier_key"]: key["active"] for key in published} == {
        old.text: False,
        new.text: True,
    }


def test_freshness_tells_the_last_change_and_how_late_it_was_shown(world: World) -> None:
    stored = store_record(world, record(world))
    world.clock.advance(seconds=2.5)
    deliver(world, change(stored))

    known = store.find_freshness(world.platform)

    assert known["last_change_at"] == stored.changed_at
    assert known["lag_ms"] == 2500
    assert known["projected_at"] == "2026-06-15T04:00:02.500Z"


def published_keys(world: World) -> Any:
    """What readers are told of keys."""
    found = store.find_keys(world.platform)
    assert found is not None
    return found["document"]
