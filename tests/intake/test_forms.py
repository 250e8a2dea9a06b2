"""Files as clerks save them: workbooks, GBK, titles above the header; worked like any other."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from chalicelib.creditfile import service as files
from chalicelib.intake import cutting, filework, jobs, splitting, uploads
from tests.intake import town
from tests.intake.town import honour_csv, post_file, work_file
from tests.support.api import Api
from tests.support.faults import state
from tests.support.world import World, make_world

TITLES = (
    "统一社会信用代码", "主体名称", "荣誉名称", "决定文号", "荣誉级别", "授予单位", "授予日期",
)  # fmt: skip


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def names() -> list[str]:
    return town.HONOUR_COLUMNS.split(",")


def row(number: int, day: object = "2026-05-20") -> list[object]:
    """One honour as the cells of a sheet."""
    return [
        town.HOUSING, "示例市住房局", "政务服务先进集体", f"示政发〔2026〕{number}号",
        "city", "示例市人民政府", day,
    ]  # fmt: skip


def workbook(
    rows: Sequence[Sequence[object]], *, title: bool = True, from_1904: bool = False
) -> bytes:
    """A workbook with a title above the header, and another sheet."""
    book = Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.title = "五月"
    if title:
        sheet.append(["示例市荣誉信息报送表"])
        sheet.merge_cells("A1:G1")
    sheet.append(names())
    for cells in rows:
        sheet.append(list(cells))
    book.create_sheet("填写说明").append(["请按目录填写"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def errors_of(world: World, upload_id: str) -> list[list[str]]:
    text = world.platform.work.read(jobs.errors_key(upload_id)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.requirement("R-02")
def test_a_workbook_is_worked_row_by_row_with_the_clerks_own_row_numbers(world: World) -> None:
    content = workbook([
        row(1, date(2026, 5, 20)), row(2, datetime.combine(date(2026, 5, 21), time())),
        row(3, "soon"), [],
        row(1, date(2026, 5, 20)), row(4, 46162),
    ])  # fmt: skip
    upload = work_file(world, post_file(world, content, form="xlsx"))
    assert upload.state == "completed", upload.problems
    assert (upload.accepted, upload.duplicate, upload.rejected) == (3, 1, 1)
    assert upload.sheet == "五月" and any("表头在第 2 行" in one for one in upload.remarks)
    header, line = errors_of(world, upload.upload_id)
    assert header[-1] == "工作表" and (line[0], line[1], line[-1]) == (
        "5", "fields.awarded_on", "五月",
    )  # fmt: skip
    shown = Api(world, town.clerk())("GET", f"/v1/uploads/{upload.upload_id}").json
    assert shown["sheet"] == "五月" and shown["notes"] == 1


@pytest.mark.requirement("R-02")
def test_days_of_a_workbook_of_1904_are_not_four_years_early(world: World) -> None:
    """Whether a style calls the number a date or not: 44700 is 2026-05-20 there."""
    content = workbook([row(1, date(2026, 5, 19)), row(2, 44700)], from_1904=True)
    upload = work_file(world, post_file(world, content, form="xlsx"))
    assert (upload.state, upload.accepted) == ("completed", 2), upload.problems
    days = sorted(one.occurred_on for one in files.records_reported(world.platform, town.BUREAU))
    assert days == ["2026-05-19", "2026-05-20"]


@pytest.mark.requirement("R-02")
def test_a_formula_is_not_evaluated_and_a_code_that_became_a_number_is_refused(
    world: World,
) -> None:
    formula, number = row(1), row(2)
    formula[3] = '="示政发"&"1号"'
    number[0] = 911329000000000000
    broken = row(3)
    broken[2] = "#REF!"
    content = workbook([formula, number, broken])
    upload = work_file(world, post_file(world, content, form="xlsx"))
    assert (upload.accepted, upload.rejected) == (0, 3)
    told = [(line[0], line[1], line[2]) for line in errors_of(world, upload.upload_id)[1:]]
    assert ("3", "fields.decision_number", "formula_cell") in told
    assert ("4", "subject.unified_code", "digits_lost") in told
    assert ("5", "fields.honour_name", "error_cell") in told
    assert len(told) == 3


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_delimiter_are_told_from_the_file(
    world: World, encoding: str, delimiter: str
) -> None:
    text = honour_csv([(1, "2026-05-20"), (2, "2026-05-21")]).decode().replace(",", delimiter)
    upload = work_file(world, post_file(world, text.encode(encoding)))
    assert (upload.state, upload.accepted) == ("completed", 2), upload.problems
    days = sorted(one.occurred_on for one in files.records_reported(world.platform, town.BUREAU))
    assert days == ["2026-05-20", "2026-05-21"]


def test_a_plain_csv_is_read_where_it_lies(world: World) -> None:
    upload = work_file(world, post_file(world, honour_csv([(1, "2026-05-20")])))
    assert (upload.rows_key, upload.remarks) == ("", ())


@pytest.mark.requirement("R-02")
def test_a_title_above_and_a_header_repeated_below_are_no_rows(world: World) -> None:
    first = honour_csv([(1, "2026-05-20")]).decode()
    content = "报送单位：示例市综合执法局\r\n" + first + honour_csv([(2, "坏")]).decode()
    upload = work_file(world, post_file(world, content.encode()))
    assert (upload.accepted, upload.rejected) == (1, 1)
    assert errors_of(world, upload.upload_id)[1][0] == "5"
    joined = work_file(world, post_file(world, (first + first.rstrip()).encode()))
    assert (joined.accepted, joined.duplicate, joined.rejected) == (0, 2, 0)


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_workbook_settle_like_any_others_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 1)
    platform, chance = world.platform, random.Random(seed)
    days = [(1, 20), (2, 21), (1, 22), (1, 20), (2, 21), (3, 23)]
    content = workbook([row(number, date(2026, 5, day)) for number, day in days])
    upload_id = post_file(world, content, form="xlsx")
    uploads.commit_upload(platform, uploads.find_upload(platform, upload_id))
    for job in ("split", "convert"):
        filework.do_job(platform, {"job": job, "upload_id": upload_id})
    world.take(platform.intake_queue)
    plan = jobs.read_plan(platform, upload_id)
    work = [{"job": "chunk", "upload_id": upload_id, "chunk": jobs.numbers_of(c)} for c in plan]
    assert len(work) == len(days)
    for job in chance.sample(work, len(work)) + chance.sample(work, 3):
        filework.do_job(platform, job)
    world.drain(platform.intake_queue, lambda message: filework.do_job(platform, message))
    upload = uploads.find_upload(platform, upload_id)
    assert (upload.accepted, upload.duplicate, upload.rejected) == (3, 2, 1)
    assert [line[0] for line in errors_of(world, upload_id)[1:]] == ["5"]


@pytest.mark.requirement("R-03")
def test_the_original_of_a_workbooks_row_proves_its_record(world: World) -> None:
    content = workbook([row(1, 46162), row(2, date(2026, 5, 20))])
    work_file(world, post_file(world, content, form="xlsx"))
    api = Api(world, town.clerk())
    items = world.platform.records.query_index("by_reporter", town.BUREAU).items
    shown = [api("GET", f"/v1/records/{one['record_id']}/original").json for one in items]
    assert len(shown) == 2 and all(one["proved"] for one in shown)


def test_nothing_of_the_file_is_left_but_results(world: World) -> None:
    upload = work_file(world, post_file(world, workbook([row(1)]), form="xlsx"))
    assert upload.rows_key
    kept = state(world)
    assert kept["inbox"] == []
    assert upload.rows_key not in [key for key, _ in kept["work"]]


@pytest.mark.requirement("R-02")
def test_a_workbook_that_is_none_or_too_large_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = work_file(world, post_file(world, b"PK\x03\x04 nothing", form="xlsx"))
    assert upload.state == "failed" and upload.problems
    monkeypatch.setattr(cutting, "MAX_WORKBOOK_BYTES", 10)
    upload = work_file(world, post_file(world, workbook([row(1)]), form="xlsx"))
    assert [problem[1] for problem in upload.problems] == ["file_too_large"]
    assert state(world)["inbox"] == []


def test_a_csv_too_large_to_be_converted_says_what_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "MAX_CONVERTED_BYTES", 10)
    text = honour_csv([(1, "2026-05-20")]).decode()
    upload = work_file(world, post_file(world, (text + text).encode()))
    assert [problem[1] for problem in upload.problems] == ["not_plain_csv"]


def test_a_place_for_a_workbook_takes_no_more_than_one_may_hold(world: World) -> None:
    wanted = {"type": "honour", "format": "xlsx", "file_name": "报送.xlsx"}
    headers = {"Idempotency-Key": "k"}
    shown = Api(world, town.clerk())("POST", "/v1/uploads", wanted, headers).json
    assert shown["form"]["largest_bytes"] == 50 * 1024 * 1024
    missing = {"format": "xlsx", "file_name": "报送.xlsx"}
    reply = Api(world, town.clerk())("POST", "/v1/uploads", missing, {"Idempotency-Key": "l"})
    assert reply.status == 422


def test_a_column_without_a_name_may_stand_but_hold_nothing(world: World) -> None:
    rows = [[*row(1)[:3], "", *row(1)[3:]], [*row(2)[:3], "备注", *row(2)[3:]]]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*names()[:3], None, *names()[3:]])
    for cells in rows:
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    upload = work_file(world, post_file(world, file.getvalue(), form="xlsx"))
    assert (upload.accepted, upload.rejected) == (1, 1), upload.problems
    assert errors_of(world, upload.upload_id)[1][2] == "column_count"
