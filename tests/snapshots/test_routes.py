"""What anybody is told of the snapshots, and who may ask for a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import app
from chalicelib.access.permissions import CLERK, CREDIT_OFFICE
from chalicelib.access.service import authorize
from chalicelib.replica.schema import SNAPSHOT_FILES
from chalicelib.snapshots import service
from chalicelib.snapshots.model import Wish
from chalicelib.snapshots.routes_public import routes as public_routes
from chalicelib.web import edge
from tests.snapshots.test_service import FakedFeed
from tests.snapshots.use_cases import OFFICE
from tests.support.api import Api
from tests.support.world import World, make_world
from tests.web.build import Reply, call


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    return make_world(aws)


def told(world: World, **headers: str) -> Reply:
    """The public answer."""
    public = edge.build([public_routes], None, None, lambda: world.platform)
    return call(public, "GET", "/public/v1/snapshots", headers=headers)


def test_before_the_first_night_there_is_none(world: World) -> None:
    answer = told(world)
    assert (answer.status, answer.json["items"]) == (200, [])
    assert [form["format"] for form in answer.json["formats"]] == [
        "sqlite",
        "jsonl",
        "csv",
        "parquet",
    ]
    assert answer.json["verify"]


@pytest.mark.requirement("R-21")
def test_every_file_is_told_with_address_size_digest_and_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked = FakedFeed(monkeypatch)
    faked.log.record(id="r_1")
    faked.log.subject()
    service.bring_up(world.platform, Wish("nightly"))
    answer = told(world)
    (item,) = answer.json["items"]
    assert (item["seq"], item["documents"]) == (2, 2)
    assert item["changes"] == "/public/v1/changes?after=2"
    for file in item["files"]:
        key = file["url"].removeprefix("/")
        assert len(world.platform.publication.read(key)) == file["size"]
        assert len(file["sha256"]) == 64 and file["title"]
    assert [file["rows"] for file in item["files"]] == [2, 2, 1, 1]
    assert "replaced" not in item
    assert told(world, **{"If-None-Match": answer.headers["ETag"]}).status == 304

    world.clock.advance(days=1)
    faked.log.record(id="r_2")
    service.bring_up(world.platform, Wish("nightly"))
    later = told(world, **{"If-None-Match": answer.headers["ETag"]})
    assert later.status == 200 and later.json["items"][0]["seq"] == 3


def test_files_say_what_they_are_and_are_not_kept_by_caches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is deleted because of a withdrawal must not live on at a CDN."""
    from chalicelib.aws import calls

    FakedFeed(monkeypatch).log.record(id="r_1")
    service.bring_up(world.platform, Wish("nightly"))
    snapshot = service.current_snapshot(world.platform)
    assert snapshot is not None
    s3: Any = calls.client("s3")
    bucket = world.platform.publication.name
    for file in snapshot.files:
        head = s3.head_object(Bucket=bucket, Key=SNAPSHOT_FILES + file.name)
        assert head["ContentType"] == file.content_type
        assert head["CacheControl"] == "public, max-age=30"


def test_a_credit_office_asks_for_one_and_nobody_else(world: World) -> None:
    answer = Api(world, OFFICE)("POST", "/v1/snapshots")
    assert (answer.status, answer.headers["Location"]) == (202, "/public/v1/snapshots")
    assert world.take(world.platform.snapshots_queue) == [{"reason": "demand", "seq": 0}]
    for role in (CLERK, "auditor", "subject"):
        caller = replace(OFFICE, roles=frozenset({role}))
        refused = Api(world, caller)("POST", "/v1/snapshots")
        assert refused.status == 403, role
    assert world.take(world.platform.snapshots_queue) == []


def test_the_routes_are_part_of_the_two_apis() -> None:
    assert "/public/v1/snapshots" in {spec.path for spec in app.public_api.specs}
    assert ("POST", "/v1/snapshots") in {(s.method, s.path) for s in app.private_api.specs}
    assert authorize(OFFICE, "snapshots.build")
    assert CREDIT_OFFICE in OFFICE.roles
