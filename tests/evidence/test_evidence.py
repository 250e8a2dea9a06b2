"""What proves a record is archived beside it, and can be proved unchanged."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from chalicelib.aws import calls
from chalicelib.creditfile import service as files
from chalicelib.evidence import service, store
from chalicelib.evidence.rules import LARGEST_BYTES, MOST_PER_RECORD, POST_SECONDS, media_type_of
from chalicelib.kernel.errors import Conflict, Invalid, NotFound
from chalicelib.kernel.keyring import Erased
from tests.evidence.build import PICTURE, SCAN, attach, ofd, record_of, start
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World, make_world

PURPOSE = {"Purpose-Code": "review"}


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    town.settle(made)
    return made


def opened_of(world: World, evidence_id: str, *, in_full: bool) -> service.Opened:
    """What opening a file of the record answers."""
    found = service.find(world.platform, record_of(world).record_id, evidence_id)
    return service.open_evidence(world.platform, found, in_full=in_full)


def erase(world: World, subject_id: str) -> None:
    """Destroy a person's key."""
    subject = files.find_subject(world.platform, subject_id)
    erased = replace(subject, wrapped_key="")
    (put, *_) = files.subject_writes(world.platform, erased, "")
    world.platform.records.put(put.item)  # type: ignore[union-attr]


@pytest.mark.requirement("R-03")
def test_evidence_is_locked_in_the_archive_with_its_digest_and_proved(world: World) -> None:
    town.submit(world, town.honour())
    api, record = Api(world, town.clerk()), record_of(world)
    path = f"/v1/records/{record.record_id}/evidence"
    asked = api("POST", path, {"title": "表彰决定扫描件"})
    assert asked.status == 201
    assert asked.json["form"]["largest_bytes"] == LARGEST_BYTES
    evidence_id = asked.json["evidence_id"]
    world.platform.inbox.put(
        f"uploads/evidence/{evidence_id}", SCAN, content_type="application/pdf"
    )

    done = api("POST", f"{path}/{evidence_id}/commit", {})
    assert done.status == 200
    assert done.json["sha256"] == hashlib.sha256(SCAN).hexdigest()
    assert done.json["media_type"] == "application/pdf"

    (listed,) = api("GET", path).json["items"]
    assert listed["title"] == "表彰决定扫描件"
    proof = api("GET", f"{path}/{evidence_id}").json
    assert proof["intact"] is True
    assert proof["link"].startswith("https://")
    kept = store.load(world.platform, record.record_id, evidence_id)
    assert f"versionId={kept.archive_version}" in proof["link"]
    assert world.platform.archive.read(kept.archive_key, kept.archive_version) == SCAN
    retention = calls.client("s3").head_object(  # type: ignore[attr-defined]
        Bucket=world.platform.archive.name, Key=kept.archive_key, VersionId=kept.archive_version
    )
    assert retention["ObjectLockMode"]
    assert not world.platform.inbox.exists(kept.inbox_key)


@pytest.mark.requirement("R-03")
def test_a_file_that_was_altered_does_not_prove_itself(world: World) -> None:
    town.submit(world, town.honour())
    evidence_id, record = attach(world, SCAN), record_of(world)
    kept = service.receive(world.platform, record.record_id, evidence_id)
    other = replace(kept, stored_sha256="0" * 64, version=kept.version + 1)
    world.platform.records.put(store.put_of(world.platform, other, kept).item)
    opened = opened_of(world, evidence_id, in_full=True)
    assert opened.intact is False


@pytest.mark.requirement("R-03")
def test_a_person_s_evidence_is_sealed_and_goes_with_the_person_s_key(world: World) -> None:
    town.submit(world, town.discipline())
    evidence_id, record = attach(world, SCAN, "处分决定"), record_of(world)
    kept = service.receive(world.platform, record.record_id, evidence_id)
    stored = world.platform.archive.read(kept.archive_key, kept.archive_version)
    assert SCAN not in stored
    digest = hashlib.sha256(SCAN).hexdigest()
    assert digest not in repr(kept) and "处分决定" not in repr(kept)

    for_clerk = opened_of(world, evidence_id, in_full=False)
    assert (for_clerk.intact, for_clerk.title, for_clerk.link) == (True, "", "")
    in_full = opened_of(world, evidence_id, in_full=True)
    assert in_full.title == "处分决定" and in_full.link

    erase(world, record.subject_id)
    with pytest.raises(Erased):
        opened_of(world, evidence_id, in_full=True)


def test_looking_at_a_person_s_evidence_needs_a_purpose_and_is_noted(world: World) -> None:
    town.submit(world, town.discipline())
    evidence_id, record = attach(world, SCAN), record_of(world)
    service.receive(world.platform, record.record_id, evidence_id)
    api = Api(world, town.clerk())
    path = f"/v1/records/{record.record_id}/evidence"
    assert api("GET", path).code == "invalid"
    looked = api("GET", f"{path}/{evidence_id}", headers=PURPOSE)
    assert looked.json["intact"] is True
    assert looked.json["link"] is None and looked.json["evidence"]["title"] is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (SCAN, "application/pdf"),
        (PICTURE, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(16), "image/jpeg"),
        (ofd(), "application/ofd"),
        (b"MZ\x90\x00", None),
        (b"<html>", None),
        (b"PK\x03\x04 broken", None),
    ],
)
def test_the_kind_is_told_by_the_content(content: bytes, kind: str | None) -> None:
    assert media_type_of(content) == kind


@pytest.mark.parametrize(
    ("content", "code"), [(b"MZ\x90", "file_kind"), (SCAN + bytes(LARGEST_BYTES), "file_too_large")]
)
def test_what_cannot_be_evidence_is_refused_and_may_be_replaced(
    world: World, content: bytes, code: str
) -> None:
    town.submit(world, town.honour())
    evidence_id, record = attach(world, content), record_of(world)
    with pytest.raises(Invalid) as refused:
        service.receive(world.platform, record.record_id, evidence_id)
    assert refused.value.faults[0].code == code
    key = store.load(world.platform, record.record_id, evidence_id).inbox_key
    world.platform.inbox.put(key, SCAN, content_type="application/pdf")
    assert service.receive(world.platform, record.record_id, evidence_id).state == "archived"


def test_without_a_file_nothing_is_archived(world: World) -> None:
    town.submit(world, town.honour())
    record = record_of(world)
    evidence = start(world, "表彰决定")
    with pytest.raises(Conflict) as missing:
        service.receive(world.platform, record.record_id, evidence.evidence_id)
    assert missing.value.code == "file_missing"
    with pytest.raises(Conflict):
        opened_of(world, evidence.evidence_id, in_full=True)
    with pytest.raises(NotFound):
        service.receive(world.platform, record.record_id, "e_unknown")


def test_another_agency_neither_attaches_nor_reads(world: World) -> None:
    town.submit(world, town.honour())
    other = Api(world, town.clerk(town.HOUSING, "clerk-2"))
    path = f"/v1/records/{record_of(world).record_id}/evidence"
    assert other("POST", path, {"title": "材料"}).code == "not_your_record"
    assert other("GET", path).code == "not_your_record"


def test_a_title_holds_no_personal_number_and_there_is_a_limit(world: World) -> None:
    town.submit(world, town.honour())
    with pytest.raises(Invalid):
        start(world, f"证明 {town.OFFICIAL}")
    for _ in range(MOST_PER_RECORD):
        start(world, "材料")
    with pytest.raises(Conflict) as full:
        start(world, "材料")
    assert full.value.code == "too_much_evidence"


def test_a_place_nobody_used_in_time_takes_nobody_s_room(world: World) -> None:
    town.submit(world, town.honour())
    record = record_of(world)
    for _ in range(MOST_PER_RECORD - 1):
        start(world, "材料")
    service.receive(world.platform, record.record_id, attach(world, SCAN))
    world.clock.advance(seconds=POST_SECONDS + 1)
    for _ in range(MOST_PER_RECORD - 1):
        start(world, "材料")
    with pytest.raises(Conflict):
        start(world, "材料")


@pytest.mark.requirement("R-03")
def test_a_file_about_a_person_erased_meanwhile_does_not_stay_in_the_inbox(world: World) -> None:
    town.submit(world, town.discipline())
    evidence_id, record = attach(world, SCAN), record_of(world)
    erase(world, record.subject_id)
    with pytest.raises(Erased):
        service.receive(world.platform, record.record_id, evidence_id)
    place = store.load(world.platform, record.record_id, evidence_id).inbox_key
    assert not world.platform.inbox.exists(place)


def test_access_patterns(world: World) -> None:
    """evidence by holder and id; evidence of a record."""
    town.submit(world, town.honour())
    first, second, record = attach(world, SCAN), attach(world, PICTURE), record_of(world)
    assert store.load(world.platform, record.record_id, second).evidence_id == second
    found = store.load_all(world.platform, record.record_id)
    assert {one.evidence_id for one in found} == {first, second}
