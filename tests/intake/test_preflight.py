"""Preflight: the clerk is told what would become of a file, with the fix, and nothing changes."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from typing import Any

import pytest

from chalicelib.aws import calls
from chalicelib.intake import converting, filework, jobs, preflight, splitting, store, uploads
from chalicelib.kernel.errors import Conflict
from chalicelib.web.model import Scope
from infra.local.sample.rows import messy, rows
from infra.local.sample.tables import csv_bytes
from tests.intake import town
from tests.intake.test_forms import row, workbook
from tests.intake.town import honour, honour_csv, licence, post_file, work_file
from tests.support.api import Api
from tests.support.faults import state
from tests.support.world import World, make_world

LICENCE_COLUMNS = (
    "XK_XDR_MC", "XK_XDR_SHXYM", "XK_XDR_LB", "XK_XKWS", "XK_WSH", "XK_XKLB", "XK_NR", "XK_JDRQ",
    "XK_YXQZ", "XK_YXQZI", "XK_XKJG", "XK_XKJGDM", "XK_ZT",
)  # fmt: skip


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def licence_row(number: int, day: str = "2026-06-10", **changes: str) -> str:
    cells = dict(zip(LICENCE_COLUMNS, (
        "示例第900有限公司", town.body_code(900, "91"), "法人及非法人组织", "准予行政许可决定书",
        f"示许准〔2026〕{number}号", "普通", "准予从事食品销售经营", day, "2026-06-10",
        "2099/12/31",
        "示例市综合执法局", town.BUREAU, "1",
    ), strict=True))  # fmt: skip
    return ",".join({**cells, **changes}.values())


def post_licences(world: World, *rows: str) -> str:
    content = "\r\n".join([",".join(LICENCE_COLUMNS), *rows, ""]).encode()
    return post_file(world, content, record_type="administrative_licence")


def look(world: World, upload_id: str) -> Any:
    """Preflight a posted file as a clerk does; what is answered at the end."""
    api, path = Api(world, town.clerk()), f"/v1/uploads/{upload_id}/preflight"
    begun = api("POST", path, {})
    assert begun.status == 202, begun.text
    world.drain(world.platform.intake_queue, lambda one: filework.do_job(world.platform, one))
    return api("GET", path).json


def report_of(world: World, answer: Any) -> list[list[str]]:
    text = world.platform.work.read(jobs.report_key(answer["preflight_id"])).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.requirement("R-02")
@pytest.mark.requirement("R-20")
def test_a_file_is_looked_at_and_nothing_changes_but_the_preflight_itself(world: World) -> None:
    town.submit(world, honour(1))
    days = [(1, "2026-05-20"), (2, "2026年5月21日"), (3, "5/6/2026"), (4, "2026-05-22")]
    upload_id = post_file(world, honour_csv([*days, (4, "2026-05-22"), (2, "2026-05-22")]))
    before = state(world)
    answer = look(world, upload_id)
    after = state(world)
    own = {f"UPLOAD#{answer['preflight_id']}"}
    assert answer["state"] == "completed" and answer["percent"] == 100
    for name in ("records", "access", "audit", "evaluation", "public", "archive", "inbox"):
        assert after[name] == before[name], name
    new = [item for item in after["intake"] if item not in before["intake"]]
    assert {(item["pk"], item["sk"][:5]) for item in new if item["pk"] not in own} == {
        (f"UPLOAD#{upload_id}", "PREFL")
    }
    assert {key.split("/")[1] for key, _ in after["work"]} == {answer["preflight_id"]}
    outlook = answer["outlook"]
    counts = [outlook[name] for name in ("rows", "accepted", "duplicate", "rejected", "conflict")]
    assert counts == [6, 2, 2, 2, 1] and outlook["tidied"] == 1
    lines = {(int(line[0]), line[1]): line for line in report_of(world, answer)}
    assert set(lines) == {(2, "重复"), (3, "提示"), (4, "退回"), (6, "重复"), (7, "冲突")}
    assert "2026-03-01" in lines[4, "退回"][5] and "第 5 行" in lines[6, "重复"][4]


@pytest.mark.requirement("R-02")
@pytest.mark.requirement("R-20")
def test_a_table_as_people_keep_it_comes_to_what_it_says(world: World) -> None:
    expected: Counter[str] = Counter()
    text = csv_bytes(*messy(list(rows(401, "A", world.clock().date(), expected))))
    content = text.decode("utf-8-sig").encode("gbk")
    answer = look(world, post_file(world, content, record_type="administrative_licence"))
    outlook = answer["outlook"]
    assert {name: outlook[name] for name in expected} == expected
    assert outlook["tidied"] > 350 and any("GB18030" in one for one in answer["remarks"])


@pytest.mark.requirement("R-02")
def test_the_file_is_committed_afterwards_as_was_foreseen(world: World) -> None:
    upload_id = post_licences(world, licence_row(1), licence_row(2, "bad"), licence_row(1))
    outlook = look(world, upload_id)["outlook"]
    upload = work_file(world, upload_id)
    assert (upload.accepted, upload.duplicate, upload.rejected) == (1, 1, 1)
    assert [outlook[name] for name in ("accepted", "duplicate", "rejected")] == [1, 1, 1]
    with pytest.raises(Conflict) as caught:
        preflight.start_preflight(world.platform, upload)
    assert caught.value.code == "already_committed"


@pytest.mark.requirement("R-20")
def test_late_rows_days_due_and_the_points_they_cost_are_foretold(world: World) -> None:
    rows = [licence_row(1, "2026-05-20"), licence_row(2), licence_row(3)]
    rows += [licence_row(4, "2026-06-12"), licence_row(5, XK_NR="")]
    answer = look(world, post_licences(world, *rows))
    outlook = answer["outlook"]
    assert (outlook["accepted"], outlook["late"], outlook["rejected"]) == (4, 1, 1)
    # 2026-06-19 is a holiday (端午): seven working days after Wednesday 10 and Friday 12 June.
    assert [(one["due_on"], one["rows"], one["provisional"]) for one in outlook["due"]] == [
        ("2026-06-22", 2, 0), ("2026-06-24", 1, 0),
    ]  # fmt: skip
    rates = {one["code"]: one for one in outlook["rates"]}
    assert rates["stored"]["share"] == "0.8000"
    assert (rates["stored"]["gained"], rates["stored"]["lost"]) == ("4.80", "1.20")
    assert (rates["on_time"]["reached"], rates["on_time"]["total"]) == (3, 4)
    assert rates["complete"]["total"] - rates["complete"]["reached"] == 1
    assert rates["complete"]["lost"] == "0.00"
    report = report_of(world, answer)
    (late,) = [line for line in report if line[1] == "迟报"]
    assert late[0] == "2" and "2026-05-29" in late[4] and late[5]
    due = [(line[0], line[4].partition("：")[0], line[5]) for line in report if line[1] == "期限"]
    assert due == [
        ("3", "第 3 至 4 行中可入库的各行", "在 2026-06-22（含）以前提交"),
        ("5", "第 5 行", "在 2026-06-24（含）以前提交"),
    ]


def test_what_is_not_assessed_has_no_rates_and_says_why(world: World) -> None:
    outlook = look(world, post_file(world, honour_csv([(1, "2026-05-20")])))["outlook"]
    assert outlook["rates"] is None and outlook["rates_note"]


def test_a_workbook_is_looked_at_with_the_sheet_named(world: World) -> None:
    content = workbook([row(1, 46162), row(2, "明天")])
    answer = look(world, post_file(world, content, form="xlsx"))
    assert answer["sheet"] == "五月" and answer["outlook"]["accepted"] == 1
    assert all(line[-1] == "五月" for line in report_of(world, answer))
    assert not [key for key, _ in state(world)["work"] if key.endswith("rows.jsonl")]
    assert len(state(world)["inbox"]) == 1


def test_a_file_may_be_looked_at_again_after_it_was_put_right(world: World) -> None:
    upload_id = post_file(world, honour_csv([(1, "soon")]))
    first = look(world, upload_id)
    assert first["outlook"]["rejected"] == 1
    upload = uploads.find_upload(world.platform, upload_id)
    content = honour_csv([(1, "2026-05-20")])
    world.platform.inbox.put(upload.object_key, content, content_type="text/csv")
    world.date_object(world.platform.inbox, upload.object_key)
    again = look(world, upload_id)
    assert again["preflight_id"] != first["preflight_id"]
    assert (again["outlook"]["accepted"], again["outlook"]["rejected"]) == (1, 0)
    assert store.latest_preflight(world.platform, upload_id)[0] == 2


def test_asking_twice_while_one_is_under_way_begins_no_second(world: World) -> None:
    upload = uploads.find_upload(world.platform, post_file(world, honour_csv([(1, "2026-05-20")])))
    first = preflight.start_preflight(world.platform, upload)
    assert preflight.start_preflight(world.platform, upload).upload_id == first.upload_id


def test_a_file_that_cannot_be_read_has_reasons_and_no_report(world: World) -> None:
    upload_id = post_file(world, b"who,what\r\n1,2\r\n")
    assert look(world, upload_id)["state"] == "failed"
    reply = Api(world, town.clerk())("GET", f"/v1/uploads/{upload_id}/preflight/report")
    assert (reply.status, reply.code) == (409, "preflight_failed")


def test_without_a_file_or_a_preflight_there_is_nothing_to_show(world: World) -> None:
    api = Api(world, town.clerk())
    wanted = {"type": "honour", "format": "csv", "file_name": "x.csv"}
    made = api("POST", "/v1/uploads", wanted, {"Idempotency-Key": "k"}).json
    path = f"/v1/uploads/{made['upload_id']}/preflight"
    assert api("POST", path, {}).json["type"].endswith("file_missing")
    assert api("GET", path).status == 404
    other = Api(world, town.clerk(town.HOUSING, "clerk-2"))
    assert other("POST", path, {}).status == 403 and other("GET", path).status == 403
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    api("POST", f"/v1/uploads/{upload_id}/preflight", {})
    assert api("GET", f"/v1/uploads/{upload_id}/preflight/report").status == 409
    world.drain(world.platform.intake_queue, lambda one: filework.do_job(world.platform, one))
    assert api("GET", f"/v1/uploads/{upload_id}/preflight/report").status == 303


def test_a_file_that_cannot_be_taken_at_all_stays_where_it_is(world: World) -> None:
    answer = look(world, post_file(world, b"a,b\r\n1,2\r\n"))
    assert answer["state"] == "failed" and answer["problems"][0]["code"] == "header_not_found"
    assert "模板" in answer["problems"][0]["fix"]
    assert len(state(world)["inbox"]) == 1


def test_a_file_committed_meanwhile_ends_its_preflight(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    begun = preflight.start_preflight(platform, uploads.find_upload(platform, upload_id))
    waiting = world.take(platform.intake_queue)
    work_file(world, upload_id)
    for message in waiting:
        filework.do_job(platform, message)
    found = uploads.find_upload(platform, begun.upload_id)
    assert (found.state, found.problems[0][1]) == ("failed", "file_gone")


def test_rows_converted_for_nothing_are_not_left_behind(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, workbook([row(1)]), form="xlsx")
    begun = preflight.start_preflight(platform, uploads.find_upload(platform, upload_id))
    filework.do_job(platform, {"job": "split", "upload_id": begun.upload_id})
    # A worker wrote the rows and ended; then the file was gone.
    key = jobs.rows_key(begun.upload_id)
    platform.work.put(key, b"[]", content_type="application/x-ndjson")
    platform.inbox.delete_all_versions(begun.object_key)
    filework.do_job(platform, {"job": "convert", "upload_id": begun.upload_id})
    assert uploads.find_upload(platform, begun.upload_id).state == "failed"
    assert not platform.work.exists(key)


def test_rows_converted_by_a_worker_that_comes_late_are_not_left_behind(world: World) -> None:
    platform = world.platform
    upload_id = post_file(world, workbook([row(1)]), form="xlsx")
    begun = preflight.start_preflight(platform, uploads.find_upload(platform, upload_id))
    filework.do_job(platform, {"job": "split", "upload_id": begun.upload_id})
    before = uploads.find_upload(platform, begun.upload_id)
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    assert uploads.find_upload(platform, begun.upload_id).state == "completed"
    converting.convert(platform, before)
    assert not platform.work.exists(jobs.rows_key(begun.upload_id))


def test_a_preflight_goes_by_itself_and_another_can_be_begun(world: World) -> None:
    upload_id = post_file(world, honour_csv([(1, "2026-05-20")]))
    before = {(one["pk"], one["sk"]) for one in state(world)["intake"]}
    answer = look(world, upload_id)
    gone_at = int(world.clock().timestamp()) + preflight.KEPT_SECONDS
    left = [one for one in state(world)["intake"] if (one["pk"], one["sk"]) not in before]
    assert len(left) == 3 and {one["expires_at"] for one in left} == {gone_at}
    # The pointer may be the last to go.
    table: Any = calls.client("dynamodb")
    for sk in ("-", "CHUNK#00001"):
        key = {"pk": {"S": f"UPLOAD#{answer['preflight_id']}"}, "sk": {"S": sk}}
        table.delete_item(TableName=world.platform.intake.name, Key=key)
    api, path = Api(world, town.clerk()), f"/v1/uploads/{upload_id}/preflight"
    assert api("GET", path).status == 404
    again = look(world, upload_id)
    assert again["state"] == "completed" and again["preflight_id"] != answer["preflight_id"]


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_repeat_each_other_are_found_across_chunks_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 1)
    platform, chance = world.platform, random.Random(seed)
    days = [(1, "20"), (2, "21"), (1, "22"), (1, "20"), (2, "21"), (3, "23")]
    content = honour_csv([(number, f"2026-05-{day}") for number, day in days])
    upload = uploads.find_upload(platform, post_file(world, content))
    begun = preflight.start_preflight(platform, upload)
    filework.do_job(platform, {"job": "split", "upload_id": begun.upload_id})
    world.take(platform.intake_queue)
    plan = jobs.read_plan(platform, begun.upload_id)
    work = [
        {"job": "chunk", "upload_id": begun.upload_id, "chunk": jobs.numbers_of(one)}
        for one in plan
    ]
    assert len(work) == 6
    for job in chance.sample(work, len(work)) + chance.sample(work, 2):
        filework.do_job(platform, job)
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    answer = Api(world, town.clerk())("GET", f"/v1/uploads/{upload.upload_id}/preflight").json
    counts = [answer["outlook"][name] for name in ("accepted", "duplicate", "conflict")]
    assert counts == [3, 2, 1]
    assert [(line[0], line[1]) for line in report_of(world, answer)] == [
        ("4", "冲突"), ("5", "重复"), ("6", "重复"),
    ]  # fmt: skip


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize("smallest", [1, splitting.MIN_CHUNK_BYTES])
def test_a_new_body_has_the_name_of_its_first_row_wherever_the_file_is_cut(
    world: World, monkeypatch: pytest.MonkeyPatch, smallest: int
) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", smallest)
    upload_id = post_licences(
        world,
        licence_row(1),
        licence_row(2, XK_XDR_MC="示例另一公司"),
        licence_row(1, XK_XDR_MC="示例另一公司"),
        licence_row(3),
        licence_row(1),
    )
    answer = look(world, upload_id)
    told = [(line[0], line[1], line[3]) for line in report_of(world, answer) if line[1] != "期限"]
    assert told == [
        ("3", "退回", "name_mismatch"), ("4", "退回", "name_mismatch"), ("6", "重复", "duplicate"),
    ]  # fmt: skip
    counts = [answer["outlook"][name] for name in ("accepted", "duplicate", "rejected")]
    assert counts == [2, 1, 2]
    assert sum(due["rows"] for due in answer["outlook"]["due"]) == 2
    stored = answer["outlook"]["rates"][0]
    assert (stored["reached"], stored["total"]) == (2, 4)
    done = work_file(world, upload_id)
    assert [done.accepted, done.duplicate, done.rejected] == counts


def test_persons_are_told_apart_and_never_shown(world: World) -> None:
    stranger = town.citizen_code(8)
    rows = [
        licence_row(1, XK_XDR_MC="李某乙", XK_XDR_SHXYM="", XK_XDR_LB="自然人") + f",{stranger}",
        licence_row(1, XK_XDR_MC="李某乙", XK_XDR_SHXYM="", XK_XDR_LB="自然人") + f",{stranger}",
        licence_row(1, XK_XDR_MC="李某乙", XK_XDR_SHXYM="", XK_XDR_LB="自然人")
        + f",{stranger[:-1]}A",
    ]
    content = ",".join([*LICENCE_COLUMNS, "subject_citizen_code"]) + "\r\n" + "\r\n".join(rows)
    answer = look(world, post_file(world, content.encode(), record_type="administrative_licence"))
    lines = report_of(world, answer)
    assert [answer["outlook"][n] for n in ("accepted", "duplicate", "rejected")] == [1, 1, 1], lines
    kept = str(state(world)["work"])
    assert stranger[:-1] not in kept and "李某乙" not in kept


# -- a batch -------------------------------------------------------------------------------------


@pytest.mark.requirement("R-02")
def test_a_batch_is_looked_at_and_nothing_at_all_changes(world: World) -> None:
    town.submit(world, licence(1))
    wrong = licence(3, licence_category="普同", authority_code=town.BUREAU[:-1] + "0")
    sent = [licence(1), licence(1, content="准予占道"), licence(2), wrong, licence(2)]
    before = state(world)
    reply = Api(world, town.clerk())("POST", "/v1/preflight", {"records": sent})
    assert reply.status == 200, reply.text
    assert state(world) == before
    rows = reply.json["results"]
    assert [one["outcome"] for one in rows] == [
        "duplicate", "conflict", "accepted", "rejected", "duplicate",
    ]  # fmt: skip
    assert rows[2]["due_on"] == "2026-06-22" and not rows[2]["late"]
    fixes = {one["pointer"]: one["fix"] for one in rows[3]["errors"]}
    assert "普通" in fixes["/fields/licence_category"]
    assert f"第 18 位应为 {town.BUREAU[-1]}" in fixes["/fields/authority_code"]
    assert "第 3 条" in rows[4]["errors"][0]["message"]
    assert reply.json["outlook"]["rates"]


def test_in_a_batch_a_new_body_has_the_name_it_is_given_first(world: World) -> None:
    other = licence(2)
    other["subject"] = {**other["subject"], "name": "示例另一公司"}
    reply = Api(world, town.clerk())(
        "POST", "/v1/preflight", {"records": [licence(1), other, licence(2)]}
    )
    rows = reply.json["results"]
    assert [one["outcome"] for one in rows] == ["accepted", "rejected", "accepted"]
    assert rows[1]["errors"][0]["code"] == "name_mismatch"


def test_only_a_clerk_may_look_and_only_at_own_files() -> None:
    from chalicelib.access.permissions import PERMISSIONS

    assert PERMISSIONS["records.preflight"] == {"clerk": Scope.OWN}
