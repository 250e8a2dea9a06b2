"""Masks hide what they must, keep what a reader needs, and can be applied twice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.codes import (
    citizen_code_fault,
    citizen_code_from,
    organisation_code_from,
    unified_code_fault,
    unified_code_from,
)
from chalicelib.kernel.masking import (
    MASKS,
    MaskKind,
    mask,
    mask_citizen_code,
    mask_name,
    mask_phone,
    mask_text,
    scrub,
)

CODE = citizen_code_from("32010219900101123")
texts = st.text(max_size=30)


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("退款账号6222021234567890128，已付", "退款账号****0128，已付"),
        ("开户行账号：1234 5678 9012 3456", "开户行账号：****3456"),
        ("卡 6222021234567890128", "卡 ****0128"),
        ("批次6222021234567890123号", "批次6222021234567890123号"),
        ("账户名称某公司", "账户名称某公司"),
    ],
)
def test_bank_accounts_are_hidden_in_text(text: str, shown: str) -> None:
    assert scrub(text) == shown
    assert scrub(shown) == shown


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳锋", "欧阳*"),
        ("欧阳", "欧*"),
        ("司马相如", "司马**"),
        ("阿卜杜拉·买买提", "阿***·***"),
        ("John Smith", "J*** *****"),
        (" 李四 ", "李*"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_surname(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.requirement("R-10")
def test_a_citizen_code_keeps_its_area_only() -> None:
    assert mask_citizen_code(CODE) == "320102" + "*" * 12


def test_what_stands_in_the_wrong_column_is_hidden_too() -> None:
    assert mask_citizen_code("张三丰住在示例路") == "张****"
    assert mask_phone("12345") == "1****"
    assert mask_text("x") == "****"


def test_a_mobile_number_loses_its_middle() -> None:
    assert mask_phone("13812345678") == "138****5678"


@pytest.mark.requirement("R-21")
def test_free_text_loses_codes_and_mobile_numbers_and_keeps_document_numbers() -> None:
    company = "11100000MB0341032Y"
    text = (
        f"当事人张某，ID{CODE}，电话13812345678；{company}；宁罚〔2026〕13812号；320102199001011239"
    )
    shown = scrub(text)
    assert CODE not in shown
    assert "13812345678" not in shown
    assert shown == (
        f"当事人张某，ID320102{'*' * 12}，电话138****5678；{company}；"
        "宁罚〔2026〕13812号；320102199001011239"
    )


def test_a_unified_code_that_holds_eleven_digits_like_a_mobile_number_stays() -> None:
    code = unified_code_from("A1370100" + organisation_code_from("1234MABC"))
    assert scrub(f"单位{code}") == f"单位{code}"


def test_a_code_valid_as_both_is_taken_for_a_person() -> None:
    both = "110105199001030134"
    assert unified_code_fault(both) is None
    assert scrub(f"代码{both}") == "代码110105************"


@pytest.mark.parametrize("kind", sorted(MASKS))
@given(value=texts)
def test_masking_twice_changes_nothing(kind: MaskKind, value: str) -> None:
    once = mask(kind, value)
    assert mask(kind, once) == once
    assert scrub(scrub(value)) == scrub(value)


@given(st.text(min_size=2, max_size=12).map(str.strip).filter(lambda name: len(name) > 1))
def test_a_masked_name_shows_at_most_the_surname(name: str) -> None:
    shown = mask_name(name)
    assert len(shown) == len(name)
    hidden = [c for c in shown[2:] if c != "*"]
    assert all(c in "·•・. -" for c in hidden)


@given(st.text("汉，ID 13x", max_size=8), st.text("汉，号。 x", max_size=8))
def test_no_text_around_a_citizen_code_keeps_it_readable(before: str, after: str) -> None:
    before = before.rstrip("13") + "："
    shown = scrub(before + CODE + after)
    assert CODE not in shown
    assert not any(citizen_code_fault(run) is None for run in re.findall(r"\d{17}[\dX]", shown))
