"""Importing the register from CSV: each row for itself, safe to send again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.creditfile import importing, service
from chalicelib.creditfile.model import Identification
from tests.creditfile.town import (
    CLERK,
    EAST_OFFICE,
    OFFICER,
    OFFICER_OF_CREDIT,
    Http,
    bureau,
    officer,
)
from tests.creditfile.town import GOVERNMENT as TOP
from tests.intake.town import BUREAU, CITY, EAST, HOUSING, body_code
from tests.support.faults import state
from tests.support.world import World

HEADER = "kind,unified_code,citizen_code,name,region,level,superior,employer,post"
GOOD = [
    f"civil_servant,,{OFFICER},李某乙,{CITY},,,{BUREAU},四级调研员",
    f"部门,{BUREAU},,示例市综合执法局,{CITY},市级,{TOP},,",
    f"department,{HOUSING},,示例市住房局,{CITY},,{TOP},,",
    f"人民政府,{TOP},,示例市人民政府,{CITY},city,,,",
]


def table(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


def outcomes(reply: Any) -> list[str]:
    assert reply.status == 200, reply.text
    return [row["outcome"] for row in reply.json["results"]]


def rules(reply: Any) -> list[list[str]]:
    return [[f"{e['field']}:{e['rule']}" for e in row["errors"]] for row in reply.json["results"]]


@pytest.mark.requirement("R-04")
@pytest.mark.requirement("R-05")
def test_rows_may_refer_to_later_rows_and_sending_again_changes_nothing(
    world: World, http: Http
) -> None:
    first = http.load(table(*GOOD))
    assert outcomes(first) == ["created"] * 4
    assert [row["row"] for row in first.json["results"]] == [2, 3, 4, 5]
    assert first.json["created"] == first.json["rows"] == 4
    before = state(world)
    again = http.load(table(*GOOD))
    assert outcomes(again) == ["unchanged"] * 4
    assert state(world) == before
    assert OFFICER not in first.text and "李某乙" not in first.text


def test_changed_rows_are_updated_and_the_rest_is_left_alone(world: World, http: Http) -> None:
    http.load(table(*GOOD))
    changed = [GOOD[0].replace("四级调研员", "科长").replace(BUREAU, HOUSING), *GOOD[1:]]
    assert outcomes(http.load(table(*changed))) == ["updated", *["unchanged"] * 3]
    found = service.find_by_code(world.platform, Identification("", OFFICER, ""))
    assert (found.employer, found.version) == (HOUSING, 2)
    assert service.open_profile(world.platform, found).post == "科长"


def test_chinese_headers_a_byte_order_mark_and_quoted_cells(http: Http) -> None:
    header = "主体类别,统一社会信用代码,名称,行政区划"
    rows = [f'事业单位,{body_code(7, "12")},"示例市图书馆,总馆",{CITY}', "", ",,,"]
    reply = http.load("\ufeff" + table(*rows, header=header))
    assert outcomes(reply) == ["created"]
    body = http(OFFICER_OF_CREDIT, "GET", f"/v1/subjects/b_{body_code(7, '12')}").json
    assert (body["name"], body["kind"]) == ("示例市图书馆,总馆", "institution")


def test_bad_rows_are_named_by_row_field_and_rule_and_the_good_are_kept(http: Http) -> None:
    rows = [
        GOOD[3],
        f"部门,{BUREAU[:-1]}1,,局,{CITY},,,,",
        f"部门,{HOUSING},,示例市住房局,{CITY},,{body_code(77)},,",
        f"civil_servant,,{OFFICER},李某乙,{CITY},,,{HOUSING},",
        f"civil_servant,,{OFFICER[:-1]}0,李某乙,{CITY},,,{TOP},",
        GOOD[3],
        "部门,多,余,的,逗号,,,,,,",
        f"王国,{body_code(78)},,局,110000,,,,",
    ]
    reply = http.load(table(*rows))
    assert outcomes(reply) == ["created", *["rejected"] * 7]
    found = rules(reply)
    assert found[1] == ["unified_code:unified_code_check_digit"]
    assert found[2] == ["superior:not_registered"]
    assert found[3] == ["employer:not_registered"]  # the row it refers to was rejected
    assert found[4] == ["citizen_code:citizen_code_check_digit"]
    assert found[5] == ["unified_code:duplicate_row"]
    assert found[6] == [":wrong_column_count"]
    assert found[7] == ["kind:not_allowed", "region:unknown_region"]
    for row in reply.json["results"]:
        for error in row["errors"]:
            assert any("\u4e00" <= c <= "\u9fff" for c in error["message"])
    assert OFFICER[:-1] not in reply.text


def test_circles_are_refused_within_the_file_and_with_the_register(http: Http) -> None:
    circle = [
        f"部门,{BUREAU},,甲局,{CITY},,{HOUSING},,",
        f"部门,{HOUSING},,乙局,{CITY},,{BUREAU},,",
    ]
    reply = http.load(table(*circle))
    assert rules(reply) == [["superior:superior_loop"]] * 2
    assert outcomes(http.load(table(*GOOD))) == ["created"] * 4
    lifted = http.load(table(GOOD[3].replace("city,,,", f"city,{BUREAU},,")))
    assert rules(lifted) == [["superior:superior_loop"]]


@pytest.mark.requirement("R-26")
def test_only_the_own_region_and_only_the_credit_office(http: Http) -> None:
    assert http.load(table(*GOOD), CLERK).status == 403
    http.load(table(*GOOD))
    rows = [
        f"部门,{body_code(8)},,东区局,{EAST},,{TOP},,",
        f"部门,{body_code(9)},,市局,{CITY},,,,",
        f"部门,{BUREAU},,示例市综合执法局,{EAST},,,,",
    ]
    reply = http.load(table(*rows), EAST_OFFICE)
    assert outcomes(reply) == ["created", "rejected", "rejected"]
    assert rules(reply)[1:] == [["region:outside_region"], ["region:registered_elsewhere"]]


@pytest.mark.parametrize(
    ("text", "status", "code", "fault"),
    [
        ("", 422, "no_rows", ""),
        (HEADER, 422, "no_rows", ""),
        (HEADER + "\r\n,,,,,,,,\r\n", 422, "no_rows", ""),
        ("kind,unified_code,name,region,rank\r\n", 422, "invalid", "unknown_column"),
        ("kind,类别,unified_code,name,region\r\n", 422, "invalid", "duplicate_column"),
        ("kind,unified_code,name\r\n", 422, "invalid", "missing_column"),
        ("kind,name,region\r\n", 422, "invalid", "missing_column"),
        (table('部门,"x'), 400, "not_csv", ""),
    ],
)
def test_files_that_cannot_be_read_change_nothing(
    world: World, http: Http, text: str, status: int, code: str, fault: str
) -> None:
    reply = http.load(text)
    assert (reply.status, reply.code) == (status, code), reply.text
    assert [one["code"] for one in reply.json["errors"]] == ([fault] if fault else [])
    assert state(world)["records"] == []


def test_too_many_rows_and_another_media_type(
    world: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_ROWS", 3)
    many = http.load(table(*GOOD))
    assert (many.status, many.code) == (422, "too_many_rows")
    for kind in ("application/json", "text/plain", "text/csv; charset=gbk", ""):
        reply = http.load(table(*GOOD[:1]), **{"Content-Type": kind})
        assert (reply.status, reply.code) == (415, "unsupported_media_type"), kind
    assert state(world)["records"] == []


def test_a_file_in_another_encoding_is_refused(world: World) -> None:
    from chalicelib.kernel.errors import Malformed

    with pytest.raises(Malformed) as refused:
        importing.import_subjects(world.platform, OFFICER_OF_CREDIT, table(*GOOD).encode("gb18030"))
    assert refused.value.code == "not_csv"


def test_the_body_limit_holds(http: Http) -> None:
    reply = http.load(HEADER + "\r\n" + "x" * 4_200_000)
    assert (reply.status, reply.code) == (413, "too_large")


def test_an_idempotency_key_replays_the_results(http: Http) -> None:
    first = http.load(table(*GOOD), **{"Idempotency-Key": "import-1"})
    again = http.load(table(*GOOD), **{"Idempotency-Key": "import-1"})
    assert json.loads(again.text) == json.loads(first.text)
    other = http.load(table(*GOOD[:2]), **{"Idempotency-Key": "import-1"})
    assert (other.status, other.code) == (409, "idempotency_key_reused")


def test_a_row_that_meets_another_writer_sees_what_it_wrote(
    world: World, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking up and writing, somebody else registers the same subjects."""
    raced = importing.look_up
    fired: list[bool] = []

    def look_up(*arguments: Any) -> Any:
        known = raced(*arguments)
        if not fired:
            fired.append(True)
            monkeypatch.setattr(importing, "look_up", raced)
            http.register(bureau(unified_code=TOP, name="示例市人民政府", kind="government"))
            http.register(bureau(superior=TOP))
            http.register(officer(post="另一职务"))
        return known

    monkeypatch.setattr(importing, "look_up", look_up)
    found = importing.import_subjects(world.platform, OFFICER_OF_CREDIT, table(*GOOD).encode())
    assert [one.outcome for one in found] == ["updated", "unchanged", "created", "unchanged"]
    person = service.find_by_code(world.platform, Identification("", OFFICER, ""))
    assert service.open_profile(world.platform, person).post == "四级调研员"
