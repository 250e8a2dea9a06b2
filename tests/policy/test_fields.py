"""Values of every kind, good and bad; hints for unknown names; CSV headers."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Fault
from chalicelib.policy.example import example_fields
from chalicelib.policy.fields import checker_of, column_map, normalise
from chalicelib.policy.model import Choice, Field, FieldKind, FieldValue
from chalicelib.policy.values import wan_to_yuan
from tests.policy.builders import TODAY, real_pack, type_with

NANJING = real_pack("nanjing")
PENALTY = NANJING.types["administrative_penalty"]
GOOD = example_fields(PENALTY, TODAY)


def one(kind: FieldKind, value: object, **rules: object) -> FieldValue | str:
    """The stored value of a lone field of that kind, or the code of its fault."""
    field = Field.model_validate({"code": "it", "title": "某项", "kind": kind, **rules})
    values, faults = normalise(type_with(field), {"it": value}, TODAY)
    return faults[0].code if faults else values["it"]


def codes(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("  罚款\u3000", "罚款"),
        ("甲\r\n乙", "甲\n乙"),
        ("甲\u3000乙", "甲\u3000乙"),
        ("\U000323af", "\U000323af"),  # a CJK character newer than some interpreters' tables
        ("a\x00b", "control_character"),
        ("a\u202eb", "control_character"),
        ("a\ufeffb", "control_character"),
        ("a\ud800b", "control_character"),
        ("x" * 11, "too_long"),
        (3, "not_text"),
        (["a"], "not_text"),
        (True, "not_text"),
    ],
)
def test_text(value: object, stored: str) -> None:
    assert one("text", value, max_length=10) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2026-05-06", "2026-05-06"),
        ("2026/05/06", "2026-05-06"),
        (" 2099/12/31 ", "2099-12-31"),
        ("2026-02-30", "not_a_date"),
        ("2026-5-6", "not_a_date"),
        ("20260506", "not_a_date"),
        ("2026-W19-3", "not_a_date"),
        ("2026/05-06", "not_a_date"),
        ("２０２６-０５-０６", "not_a_date"),
        ("1899-12-31", "not_a_date"),
        (20260506, "not_a_date"),
    ],
)
def test_dates(value: object, stored: str) -> None:
    assert one("date", value) == stored


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_date_is_stored_iso(day: date) -> None:
    assert one("date", day.isoformat()) == day.isoformat()
    assert one("date", day.isoformat().replace("-", "/")) == day.isoformat()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("0.2", "0.2"),
        ("0.200000", "0.2"),
        ("12", "12"),
        (12, "12"),
        ("0.000001", "0.000001"),
        ("0.0000001", "too_many_decimals"),
        (0.2, "number_not_exact"),
        ("1,000", "not_a_number"),
        ("1e3", "not_a_number"),
        ("01", "not_a_number"),
        ("-1", "out_of_range"),
        ("NaN", "not_a_number"),
        ("１", "not_a_number"),
        (True, "not_a_number"),
    ],
)
def test_amounts_in_wan(value: object, stored: str) -> None:
    assert one("amount_wan", value) == stored


def test_amounts_in_yuan_have_two_decimals() -> None:
    assert one("amount_yuan", "1250000.50") == "1250000.5"
    assert one("amount_yuan", "1.005") == "too_many_decimals"


@given(st.decimals(min_value=0, max_value=10**12, places=6))
def test_wan_is_exact(amount: Decimal) -> None:
    stored = one("amount_wan", f"{amount:f}")
    assert isinstance(stored, str)
    assert Decimal(stored) == amount
    assert Decimal(wan_to_yuan(stored)) == amount * 10_000
    assert one("amount_wan", stored) == stored


def test_a_fine_of_two_thousand_yuan() -> None:
    assert wan_to_yuan("0.2") == "2000"
    assert wan_to_yuan("0.000001") == "0.01"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("93.5", "93.5"),
        ("100", "100"),
        ("100.01", "out_of_range"),
        ("-0.0", "0"),
        ("-1", "out_of_range"),
    ],
)
def test_decimals_within_a_range(value: object, stored: str) -> None:
    assert one("decimal", value, minimum=0, maximum=100) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("12", 12),
        (12, 12),
        ("-3", -3),
        ("1.0", "not_an_integer"),
        (1.0, "not_an_integer"),
        (True, "not_an_integer"),
        ("99", "out_of_range"),
        (10**400, "not_an_integer"),
    ],
)
def test_integers(value: object, stored: object) -> None:
    assert one("integer", value, minimum=-5, maximum=50) == stored


CHOICES = (
    Choice(code="fine", title="罚款"),
    Choice(code="seizure", title="没收违法所得、没收非法财物", aliases=("没收",)),
)


@pytest.mark.parametrize("value", ["fine", "罚款", " 罚款 "])
def test_a_choice_by_code_title_or_alias(value: str) -> None:
    assert one("enum", value, values=CHOICES) == "fine"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("没收；罚款", "fine,seizure"),
        ("fine,seizure", "fine,seizure"),
        ("没收违法所得、没收非法财物", "seizure"),
        ("罚款,罚款", "fine"),
        ("罚款,坐牢", "not_a_choice"),
        (",", "not_a_choice"),
        (1, "not_a_choice"),
    ],
)
def test_several_choices(value: object, stored: str) -> None:
    assert one("enum", value, values=CHOICES, multiple=True) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("https://www.example.com/a?b=1", "https://www.example.com/a?b=1"),
        ("javascript:alert(1)", "not_a_url"),
        ("http://", "not_a_url"),
        ("https://user@example.com/", "not_a_url"),
        ("https://example.com/a b", "not_a_url"),
        ("https://example.com/" + "a" * 90, "too_long"),
        (1, "not_a_url"),
    ],
)
def test_links(value: object, stored: str) -> None:
    assert one("url", value, max_length=90) == stored


@pytest.mark.parametrize(
    ("value", "stored"),
    [(True, True), ("是", True), ("FALSE", False), ("0", False), (1, "not_a_boolean")],
)
def test_booleans(value: object, stored: object) -> None:
    assert one("boolean", value) == stored


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("unified_code", "11329901ma00000158", "11329901MA00000158"),
        ("unified_code", "11329901MA00000159", "unified_code_check_digit"),
        ("unified_code", "123", "unified_code_length"),
        ("citizen_code", "329901199001010016", "329901199001010016"),
        ("citizen_code", "329901199001010017", "citizen_code_check_digit"),
        ("citizen_code", 329901199001010016, "not_text"),
    ],
)
def test_codes_are_checked(kind: FieldKind, value: object, stored: str) -> None:
    assert one(kind, value) == stored


@pytest.mark.requirement("R-02")
def test_faults_name_field_and_rule_in_chinese_in_catalog_order() -> None:
    row = {**GOOD, "fine_wan": 0.2, "decided_on": "2026-05-07", "authority_code": "1", "facts": ""}
    _, faults = normalise(PENALTY, row, TODAY)
    assert codes(faults) == [
        ("/fields/facts", "required"),
        ("/fields/fine_wan", "number_not_exact"),
        ("/fields/decided_on", "in_future"),
        ("/fields/authority_code", "unified_code_length"),
    ]
    assert [fault.message.split("”")[0] for fault in faults] == [
        "“违法事实",
        "“罚款金额",
        "“处罚决定日期",
        "“处罚机关统一社会信用代码",
    ]


def test_today_is_not_in_the_future() -> None:
    assert normalise(PENALTY, {**GOOD, "decided_on": TODAY.isoformat()}, TODAY)[1] == []


def test_an_end_before_its_start() -> None:
    _, faults = normalise(PENALTY, {**GOOD, "publicity_until": "2020-01-01"}, TODAY)
    assert codes(faults) == [("/fields/publicity_until", "before_other")]
    assert "不能早于“处罚决定日期”" in faults[0].message


@pytest.mark.parametrize("category", ["罚款", "警告;罚款"])
def test_a_fine_needs_its_amount(category: str) -> None:
    row = {**GOOD, "penalty_category": category}
    del row["fine_wan"]
    assert codes(normalise(PENALTY, row, TODAY)[1]) == [("/fields/fine_wan", "required")]
    row["penalty_category"] = "警告"
    assert normalise(PENALTY, row, TODAY)[1] == []


def test_null_and_blank_are_absent() -> None:
    values, faults = normalise(PENALTY, {**GOOD, "remark": None, "valid_until": "  "}, TODAY)
    assert faults == []
    assert values.keys().isdisjoint({"remark", "valid_until"})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CF_WSH", "decision_number"),
        ("decison_number", "decision_number"),
        ("处罚决定日期", "decided_on"),
        ("CF_XDR_MC", "subject.name"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_name(name: str, hint: str) -> None:
    _, faults = normalise(PENALTY, {**GOOD, name: "x"}, TODAY)
    assert codes(faults) == [(f"/fields/{name}", "unknown_field")]
    assert hint in faults[0].message


def test_unknown_names_are_escaped_cut_and_counted() -> None:
    row = {**GOOD, "a/~b\x00": "1"}
    assert normalise(PENALTY, row, TODAY)[1][0].pointer == "/fields/a~1~0b"
    _, faults = normalise(PENALTY, {**GOOD, **{f"zz{n}": "1" for n in range(500)}}, TODAY)
    assert len(faults) == 21
    assert "另有 480 个" in faults[-1].message


@given(st.text(max_size=40), st.sampled_from([field.code for field in PENALTY.fields]))
def test_messages_never_repeat_a_value(value: str, code: str) -> None:
    marked = f"QQ{value}QQ\x00"
    _, faults = normalise(PENALTY, {**GOOD, code: marked}, TODAY)
    assert faults
    assert not any("QQ" in fault.message for fault in faults)


@given(
    st.dictionaries(
        st.one_of(st.sampled_from([field.code for field in PENALTY.fields]), st.text(max_size=8)),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=20),
            st.sampled_from(["2026-05-01", "罚款", "0.2", "fine"]),
            st.lists(st.integers(), max_size=2),
        ),
    )
)
def test_whatever_is_accepted_is_accepted_again_unchanged(row: dict[str, object]) -> None:
    values, _ = normalise(PENALTY, row, TODAY)
    again, faults = normalise(PENALTY, values, TODAY)
    assert again == values
    assert {fault.code for fault in faults} <= {"required", "in_future", "before_other"}
    assert all(type(value) in (str, int, bool) for value in values.values())


@pytest.mark.requirement("R-02")
def test_columns_by_code_title_or_alias() -> None:
    record_type = NANJING.types["honour"]
    header = ["\ufeff主体名称", "subject.unified_code", "honour_name", "表彰决定文号", "荣誉级别",
              " awarded_by", "AWARDED_ON"]  # fmt: skip
    targets, faults = column_map(record_type, header)
    assert faults == []
    assert targets == [
        "subject.name",
        "subject.unified_code",
        "fields.honour_name",
        "fields.decision_number",
        "fields.honour_level",
        "fields.awarded_by",
        "fields.awarded_on",
    ]


def test_bad_headers() -> None:
    record_type = NANJING.types["honour"]
    header = ["honour_name", "荣誉名称", "honor_level", ""]
    targets, faults = column_map(record_type, header)
    assert targets == ["fields.honour_name", "fields.honour_name", "", ""]
    assert codes(faults) == [
        ("/header/1", "duplicate_column"),
        ("/header/2", "unknown_column"),
        ("/header/3", "unknown_column"),
        *[("/header", "missing_column")] * 5,
    ]
    assert "honour_level" in faults[1].message
    assert "主体标识" in faults[-1].message


def test_two_packs_never_share_a_checker() -> None:
    other = PENALTY.model_copy(update={"title": "另一个"})
    assert checker_of(other) is not checker_of(PENALTY)
    assert checker_of(PENALTY) is checker_of(PENALTY)
    assert "另一个" in normalise(other, {"x": 1}, TODAY)[1][-1].message


def test_a_full_row_is_cheap() -> None:
    """Well under the budget of a row in a file (40 us for 20 fields), best of several runs."""
    row = {code: str(value) for code, value in example_fields(PENALTY, TODAY, full=True).items()}
    best = min(_seconds_per_row(row) for _ in range(5))
    assert best < 150e-6, f"{best * 1e6:.0f} us"


def _seconds_per_row(row: dict[str, str]) -> float:
    start = time.process_time()
    for _ in range(300):
        normalise(PENALTY, row, TODAY)
    return (time.process_time() - start) / 300
