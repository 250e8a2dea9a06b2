"""A whole file is checked, row by row, and nothing of it is kept (R-44)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.checks import filestore, filing, handlers
from chalicelib.kernel.errors import Unavailable
from chalicelib.sheets.rules import csv_line
from tests.checks import hall
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-44")

HEADER = ("编号", "统一社会信用代码", "公民身份号码", "名称")
CLEAN_CODE, CITIZEN_CODE = hall.CLEAN.unified_code, hall.CITIZEN.citizen_code
BUILDER = ("A-1", hall.BUILDER.unified_code, "", "")
CITIZEN = ("A-2", "", CITIZEN_CODE, hall.CITIZEN.name)
CLEAN = ("A-3", CLEAN_CODE, "", hall.CLEAN.name)


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    hall.settle(world)
    return world


def content_of(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    return "".join(map(csv_line, (header, *rows))).encode("gb18030")


def post(world: World, content: bytes) -> str:
    """Ask for a place and put a file there; its id."""
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "format": "csv"}
    reply = hall.api(world)("POST", "/v1/check-files", body)
    assert reply.status == 201 and reply.json["form"]["url"]
    file_id = str(reply.json["file_id"])
    key = filestore.load(world.platform, file_id).object_key
    world.platform.inbox.put(key, content, content_type="text/csv")
    return file_id


def committed(world: World, rows: Sequence[Sequence[str]]) -> str:
    file_id = post(world, content_of(rows))
    assert hall.api(world)("POST", f"/v1/check-files/{file_id}/commit").status == 202
    return file_id


def work(world: World) -> None:
    world.drain(
        world.platform.checks_queue, lambda message: handlers.do_job(world.platform, message)
    )


def shown(world: World, file_id: str) -> Any:
    return hall.api(world)("GET", f"/v1/check-files/{file_id}").json


def result(world: World, file_id: str) -> list[dict[str, str]]:
    reply = hall.api(world)("GET", f"/v1/check-files/{file_id}/result")
    assert reply.status == 303 and f"checks-{file_id}.csv" in reply.headers["Location"]
    text = world.platform.work.read(f"check-files/{file_id}/result.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_row_is_answered_or_named_with_what_is_wrong(world: World) -> None:
    wrong = [
        ("A-4", CLEAN_CODE[:-1] + "0", "", ""),
        ("A-5", "", "", "无名"),
        (CITIZEN_CODE, CLEAN_CODE, "", ""),
    ]
    file_id = committed(world, [BUILDER, CITIZEN, CLEAN, *wrong])
    work(world)
    told = shown(world, file_id)
    counts = {name: told[name] for name in ("allow", "restrict", "refer", "wrong", "rows")}
    assert counts == {"allow": 2, "restrict": 1, "refer": 0, "wrong": 3, "rows": 6}
    assert (told["state"], told["percent"]) == ("completed", 100)
    rows = result(world, file_id)
    assert [row["结论"] for row in rows] == ["限制", "通过", "通过", "错误", "错误", "错误"]
    assert [row["行号"] for row in rows] == ["2", "3", "4", "5", "6", "7"]
    assert rows[0]["主体代码"] == hall.BUILDER.unified_code and "限制参加" in rows[0]["措施"]
    assert (rows[1]["编号"], rows[1]["主体代码"]) == ("A-2", "")
    assert "校验码" in rows[3]["说明"]
    text = world.platform.work.read(f"check-files/{file_id}/result.csv").decode()
    assert CITIZEN_CODE not in text and hall.CITIZEN.name not in text
    listed = hall.api(world)("GET", "/v1/check-files").json["items"]
    assert [one["file_id"] for one in listed] == [file_id]
    assert hall.api(world, "hall-2")("GET", f"/v1/check-files/{file_id}").status == 404


def test_the_file_is_deleted_the_person_sees_it_and_feedback_goes_by_check(world: World) -> None:
    file_id = committed(world, [BUILDER, CITIZEN])
    key = filestore.load(world.platform, file_id).object_key
    assert world.platform.inbox.exists(key)
    work(world)
    assert not world.platform.inbox.exists(key)
    (look,) = audit.list_readers(
        world.platform, hall.subject_id(world, hall.CITIZEN), 9, None
    ).items
    assert hall.PURPOSE in str(look["purpose"])
    first = result(world, file_id)[0]
    assert first["须反馈"] == "是"
    done = {"done": [{"number": int(first["序号"]), "act": "excluded"}]}
    path = f"/v1/checks/{first['核查编号']}/feedback"
    assert hall.api(world)("PUT", path, done, {"If-Match": '"1"'}).status == 200


def test_a_killed_worker_is_followed_by_one_that_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "STEP_ROWS", 2)
    monkeypatch.setattr(filing, "MOST_SUBJECTS", 2)
    file_id = committed(world, [CITIZEN, CLEAN, BUILDER, CLEAN, CITIZEN])
    (count,) = world.take(world.platform.checks_queue)
    handlers.do_job(world.platform, count)
    (first,) = world.take(world.platform.checks_queue)
    with monkeypatch.context() as patch:
        patch.setattr(type(world.platform.work), "put", _killed)
        with pytest.raises(Unavailable):
            handlers.do_job(world.platform, first)
    world.clock.advance(minutes=1)
    handlers.do_job(world.platform, first)
    told = shown(world, file_id)
    assert (told["rows_done"], told["percent"]) == (2, 40)
    assert told["estimated_finish"] == "2026-06-15T04:02:30Z"
    handlers.do_job(world.platform, first)  # a message that comes twice asks for the next step
    work(world)
    answers = "".join(row["结论"] for row in result(world, file_id))
    assert answers == "通过通过限制通过通过"
    looks = audit.list_readers(world.platform, hall.subject_id(world, hall.CITIZEN), 9, None)
    assert len(looks.items) == 2, "once for each of its rows"
    assert len(hall.api(world)("GET", "/v1/checks").json["items"]) == 3


def _killed(*_: object, **__: object) -> None:
    raise Unavailable("gone")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (content_of([]), "no_rows"),
        (content_of([("1", "示例")], ("编号", "名称")), "missing_column"),
        (content_of([BUILDER], ("编号", HEADER[1], "社会信用代码", "名称")), "duplicate_column"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_why(
    world: World, content: bytes, code: str
) -> None:
    file_id = post(world, content)
    hall.api(world)("POST", f"/v1/check-files/{file_id}/commit")
    work(world)
    told = shown(world, file_id)
    assert (told["state"], told["problem"]["code"]) == ("failed", code)
    reply = hall.api(world)("GET", f"/v1/check-files/{file_id}/result")
    assert (reply.status, reply.code) == (409, "file_in_progress")


def test_a_file_never_committed_is_deleted_after_a_day(world: World) -> None:
    file_id = post(world, content_of([CITIZEN]))
    key = filestore.load(world.platform, file_id).object_key
    hall.day(world)
    work(world)
    assert world.platform.inbox.exists(key)
    world.clock.advance(days=2)
    hall.day(world)
    work(world)
    assert not world.platform.inbox.exists(key)
    assert shown(world, file_id)["problem"]["code"] == "not_committed"
    reply = hall.api(world)("POST", f"/v1/check-files/{post_nothing(world)}/commit")
    assert (reply.status, reply.code) == (409, "file_missing")


def test_a_file_that_is_over_takes_nothing_more_and_keeps_nothing(world: World) -> None:
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "format": "csv"}
    api, headers = hall.api(world), {"Idempotency-Key": "k-1"}
    first = api("POST", "/v1/check-files", body, headers).json
    content, file_id = content_of([CITIZEN]), first["file_id"]
    key = filestore.load(world.platform, file_id).object_key
    world.platform.inbox.put(key, content, content_type="text/csv")
    assert api("POST", f"/v1/check-files/{file_id}/commit").status == 202
    work(world)
    world.clock.advance(days=2)  # the answer kept under the key is gone
    assert api("POST", "/v1/check-files", body, headers).json["form"] is None
    world.platform.inbox.put(key, content, content_type="text/csv")  # by the form of before
    for _ in range(2):
        hall.day(world)
        work(world)
        assert not world.platform.inbox.exists(key)
    assert filestore.open_ids(world.platform) == []


def post_nothing(world: World) -> str:
    body = {"scene": "bidding", "purpose": hall.PURPOSE, "format": "csv"}
    return str(hall.api(world)("POST", "/v1/check-files", body).json["file_id"])
