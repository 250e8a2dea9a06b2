"""What a clerk's spreadsheet holds and what becomes of it: written right with a note, or refused
with the reason; never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake import jobs, uploads
from chalicelib.intake.rules_tidying import Remark, choice_tidier, tidier_of
from chalicelib.intake.tidying import Tidied, lost_digits, shortened_numbers, tidied
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Choice, Field, RecordType
from chalicelib.policy.service import pack_for
from tests.intake import town
from tests.intake.town import honour_csv, post_file, work_file
from tests.support.api import Api
from tests.support.world import World, make_world

DAY = "2026-03-01"


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def licence_type() -> RecordType:
    return pack_for(town.JURISDICTION, date(2026, 6, 15)).types["administrative_licence"]


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    "text",
    [
        "2026年3月1日", "2026.3.1", "2026-3-1", "20260301", "2026/3/1", "2026-03-01 00:00:00",
        "２０２６－０３－０１", "2026 年 3 月 1 日", "2026/3/1 0:00", "46082", "\u200b2026-03-01",
        "46082.0", "2026-03-01T00:00:00",
    ],
)  # fmt: skip
def test_a_day_written_another_way_is_that_day(text: str) -> None:
    assert tidier_of("date")(text, False) == DAY


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("text", "word"), [("3/1/2026", "月和日"), ("26-3-1", "两位"), ("2026年3月", "哪一日")]
)
def test_a_day_that_could_be_two_is_refused_with_the_reason(text: str, word: str) -> None:
    found = tidier_of("date")(text, False)
    assert isinstance(found, Remark) and word in found.message


@pytest.mark.parametrize("text", ["2026-02-30", "12345", "99999", "46082.5", "明天"])
def test_what_is_no_day_is_left(text: str) -> None:
    assert tidier_of("date")(text, False) is None


def test_a_serial_number_with_a_time_of_day_is_a_day_only_where_the_cell_is_a_number() -> None:
    assert tidier_of("date")("46082.5", True) == DAY


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_serial_number_is_the_day_a_spreadsheet_shows(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert tidier_of("date")(str(serial), True) == day.isoformat()


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("kind", "text", "number", "wanted"),
    [
        ("amount_yuan", "1,234.50", False, "1234.50"),
        ("amount_yuan", "￥1，234", False, "1234"),
        ("amount_yuan", "１００ 元", False, "100"),
        ("amount_wan", "0.2万元", False, "0.2"),
        ("amount_wan", "0.30000000000000004", True, "0.3"),
        ("integer", "3.0", False, "3"),
        ("integer", "1,000", False, "1000"),
        ("boolean", "√", False, "是"),
        ("boolean", "Ｎ", False, "否"),
    ],
)
def test_a_number_keeps_its_value(kind: Any, text: str, number: bool, wanted: str) -> None:
    assert tidier_of(kind)(text, number) == wanted


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("amount_wan", "2000元", "wrong_unit"),
        ("amount_yuan", "2万元", "wrong_unit"),
        ("amount_yuan", "1,23", "ambiguous_number"),
        ("unified_code", "9.11322E+17", "digits_lost"),
        ("citizen_code", "3.2E+17", "digits_lost"),
    ],
)
def test_a_number_that_says_something_else_is_refused(kind: Any, text: str, code: str) -> None:
    found = tidier_of(kind)(text, False)
    assert isinstance(found, Remark) and found.code == code


def test_codes_lose_width_case_and_spaces_but_only_where_the_code_is_then_right() -> None:
    code = town.body_code(5, "91")
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code.lower())
    assert tidier_of("unified_code")(f"'{wide[:4]} {wide[4:]}\u00a0", False) == code
    assert tidier_of("unified_code")(code[:-1].lower(), False) is None


def test_the_code_that_stands_for_none_is_known_in_lower_case_too() -> None:
    assert tidier_of("unified_code")("0" * 17 + "x", False) == "0" * 17 + "X"


def test_a_choice_is_known_by_its_name_apart_from_width_and_spaces() -> None:
    choices = (
        Choice(code="one", title="法人及非法人组织", aliases=("1",)),
        Choice(code="two", title="自然人", aliases=("2",)),
    )
    tidy = choice_tidier(Field(code="kind", title="类别", kind="enum", values=choices))
    assert tidy("法人 及非法人组织", False) == "法人及非法人组织"
    assert tidy("２.0", True) == "自然人"
    assert tidy("法人", False) is None


def test_a_code_that_became_a_number_is_refused_even_if_its_check_digit_agrees() -> None:
    columns = ("subject.name", "subject.unified_code")
    found = lost_digits(licence_type(), columns, ("示例", "911329000000000000"), (1,))
    assert [fault.code for fault in found] == ["digits_lost"]
    assert "末几位已丢失" in found[0].message
    assert not lost_digits(licence_type(), columns, ("示例", "123"), (1,))


@pytest.mark.parametrize(
    ("text", "is_lost"),
    [("3.29912E+14", True), ("3E+15", True), ("E+ 型", False), ("1.5E+3", False)],
)
def test_a_number_a_spreadsheet_shortened_is_no_text(text: str, is_lost: bool) -> None:
    columns = ("subject.name", "fields.registration_number", "fields.decided_on")
    found = shortened_numbers(licence_type(), columns, ("示例", text, text))
    assert [(one.pointer, one.code) for one in found] == (
        [("/fields/registration_number", "digits_lost")] if is_lost else []
    )


def test_a_code_in_capitals_may_be_on_the_list_of_exceptions() -> None:
    assert tidier_of("unified_code")(f" {town.PILOT.lower()}", False) == town.PILOT


def tidy_person(value: str) -> Tidied:
    record: dict[str, Any] = {"subject": {"citizen_code": value, "name": "张\u3000某"}}
    faults = [Fault("/subject/citizen_code", "x", "x"), Fault("/subject/name", "x", "x")]
    return tidied(licence_type(), record, faults)


def test_notes_on_persons_never_show_them() -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in town.OFFICIAL)
    found = tidy_person(wide)
    assert found.record["subject"] == {"citizen_code": town.OFFICIAL, "name": "张 某"}
    text = str(found.notes)
    assert town.OFFICIAL[1:] not in text and "某" not in text


# -- through a file -------------------------------------------------------------------------------


def odd_file() -> bytes:
    text = honour_csv([(1, "2026-05-20"), (2, "2026年5月20日"), (3, "46162"), (4, "5/6/2026")])
    wide = "".join(chr(ord(one) + 0xFEE0) for one in town.HOUSING)
    return text.decode().replace(town.HOUSING, wide, 1).encode()


@pytest.mark.requirement("R-02")
@pytest.mark.requirement("R-20")
def test_a_row_tidied_is_taken_with_a_note_and_one_in_doubt_is_refused(world: World) -> None:
    upload = work_file(world, post_file(world, odd_file()))
    assert (upload.accepted, upload.rejected, upload.notes) == (3, 1, 3)
    text = world.platform.work.read(jobs.notes_key(upload.upload_id)).decode("utf-8-sig")
    header, *lines = [line.split(",") for line in text.split("\r\n") if line]
    assert header == ["行号", "字段", "规则", "说明"]
    assert [line[:3] for line in lines] == [
        ["2", "subject.unified_code", "tidied_unified_code"],
        ["3", "fields.awarded_on", "tidied_date"],
        ["4", "fields.awarded_on", "tidied_date"],
    ]
    assert "2026-05-20" in lines[2][3]
    errors = world.platform.work.read(jobs.errors_key(upload.upload_id)).decode("utf-8-sig")
    assert "ambiguous_date" in errors


@pytest.mark.requirement("R-03")
def test_the_original_of_a_tidied_row_is_kept_as_sent_and_still_proves_the_record(
    world: World,
) -> None:
    work_file(world, post_file(world, odd_file()))
    items = world.platform.records.query_index("by_reporter", town.BUREAU).items
    api = Api(world, town.clerk())
    for item in items:
        shown = api("GET", f"/v1/records/{item['record_id']}/original").json
        assert shown["proved"], shown


def test_notes_are_offered_at_the_end_and_only_where_there_are_any(world: World) -> None:
    api = Api(world, town.clerk())
    waiting = post_file(world, odd_file())
    assert api("GET", f"/v1/uploads/{waiting}/notes").status == 409
    work_file(world, waiting)
    assert api("GET", f"/v1/uploads/{waiting}/notes").status == 303
    clean = work_file(world, post_file(world, honour_csv([(9, "2026-05-20")])))
    assert api("GET", f"/v1/uploads/{clean.upload_id}/notes").status == 404
    assert uploads.find_upload(world.platform, waiting).notes == 3
    assert api("GET", f"/v1/uploads/{waiting}").json["notes"] == 3


def test_json_is_held_to_the_rules_as_they_are(world: World) -> None:
    reply = Api(world, town.clerk())("POST", "/v1/records", town.honour(awarded_on="2026.5.20"))
    assert reply.status == 422


DATES = st.from_regex(r"[0-9０-９]{1,8}[-./年 ]?[0-9]{0,2}[-./月 ]?[0-9]{0,2}日?", fullmatch=True)


@given(DATES, st.booleans())
def test_what_is_made_of_a_date_is_one_the_rules_take_as_it_is(text: str, number: bool) -> None:
    found = tidier_of("date")(text, number)
    if isinstance(found, str):
        assert date.fromisoformat(found).isoformat() == found
        assert tidier_of("date")(found, number) == found


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["{:,}", "￥{:,}", "{:.2f} ", "{:,}元"]))
def test_an_amount_keeps_its_value_however_it_is_written(amount: Decimal, form: str) -> None:
    found = tidier_of("amount_yuan")(form.format(amount), False)
    assert isinstance(found, str) and Decimal(found) == amount
