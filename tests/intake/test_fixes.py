"""Every fault comes with what to write instead, and no sentence gives a person away."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.rules_fixes import fix_of
from chalicelib.kernel.codes import CODE_MESSAGES, citizen_code_from
from chalicelib.kernel.errors import Fault
from chalicelib.policy.model import Choice, Field, RecordType
from chalicelib.policy.service import pack_for
from tests.intake import town

OF_A_PERSON = citizen_code_from("32990119900101001")


def field(kind: Any, **more: Any) -> Field:
    return Field(code="x", title="某项", kind=kind, **more)


def fix(entry: Field, code: str, value: str) -> str:
    """The fix of a fault of one field."""
    known = pack_for(town.JURISDICTION, date(2026, 6, 15)).types["honour"]
    record_type: RecordType = known.model_copy(update={"fields": (entry,)})
    return fix_of(record_type, Fault("/fields/x", code, "说明"), value)


CHOICES = (Choice(code="ordinary", title="普通"), Choice(code="special", title="特许"))


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("entry", "code", "value", "word"),
    [
        (field("enum", values=CHOICES), "not_a_choice", "普同", "普通"),
        (field("enum", values=CHOICES), "not_a_choice", "行政许可（特许）", "“特许”？"),
        (field("enum", values=CHOICES), "not_a_choice", "?", "普通、特许"),
        (field("enum", values=CHOICES), "required", "", "普通、特许"),
        (field("amount_wan"), "wrong_unit", "2,000元", "填 0.2"),
        (field("amount_yuan"), "wrong_unit", "0.2万元", "填 2000"),
        (field("amount_yuan"), "not_a_number", "两千", "单位是元"),
        (field("text", max_length=3), "too_long", "四个汉字啊", "5 个字"),
        (field("date"), "not_a_date", "soon", "2026-03-01"),
        (field("unified_code"), "unified_code_length", "9132", "现在 4 位"),
        (field("unified_code"), "unified_code_alphabet", "9132O990MA00000000", "第 5 位"),
    ],
)
def test_a_fix_says_what_to_write(entry: Field, code: str, value: str, word: str) -> None:
    assert word in fix(entry, code, value)


@pytest.mark.requirement("R-02")
def test_the_digit_a_code_should_end_with_is_computed() -> None:
    right = town.body_code(7, "91")
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    assert f"第 18 位应为 {right[-1]}" in fix(
        field("unified_code"), "unified_code_check_digit", wrong
    )


@given(st.sampled_from(sorted(CODE_MESSAGES)), st.integers(0, 999), st.integers(0, 17))
def test_no_fix_repeats_a_citizen_code(code: str, number: int, cut: int) -> None:
    value = town.citizen_code(number)
    wrong = value[:cut] + value[cut + 1 :]
    told = fix(field("citizen_code", personal=True), code, wrong)
    longest = max((len(digits) for digits in "".join(
        one if one.isdigit() else " " for one in told).split()), default=0)  # fmt: skip
    assert told and longest <= 2


def test_a_citizen_code_among_unified_codes_is_told_where_it_belongs() -> None:
    told = fix_of(None, Fault("/subject/unified_code", "unified_code_check_digit", ""), OF_A_PERSON)
    assert "主体公民身份号码" in told and OF_A_PERSON not in told


def test_nobody_is_invited_to_make_a_secret_reportable() -> None:
    told = fix_of(None, Fault("/fields/is_secret", "must_not_be_reported", ""), "是")
    assert told.startswith("删去这一行")


@pytest.mark.parametrize("code", ["conflict", "duplicate", "late", "formula_cell", "never heard"])
def test_every_fault_has_a_fix(code: str) -> None:
    assert fix_of(None, Fault("", code, ""), "")
