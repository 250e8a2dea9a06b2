"""What people type, and what it finds."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.replica.text import index_text, match_expression, pinyin_of, pinyin_tokens

TEXTS = ("示例市交通运输局", "示市监罚〔2026〕8号", "合同逾期，未付工程款1,200元", "南京市第二中学")


def pinyin_text(name: str) -> str:
    """The pinyin of a name as the index has it."""
    return pinyin_tokens(pinyin_of(name))


def matches(question: str, text: str, pinyin: str = "") -> bool:
    """Whether the index finds the text by the question."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE f USING fts5(document, pinyin,"
        " tokenize='unicode61 remove_diacritics 0')"
    )
    connection.execute("INSERT INTO f VALUES (?, ?)", (index_text([text]), pinyin))
    expression = match_expression(question)
    found = connection.execute("SELECT count(*) FROM f WHERE f MATCH ?", (expression,)).fetchone()
    return bool(found[0])


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("text", TEXTS)
def test_every_chinese_substring_is_found(text: str) -> None:
    for begin in range(len(text)):
        for end in range(begin + 1, len(text) + 1):
            part = text[begin:end]
            # A number is a word: it is found from its beginning on, not in its middle.
            middle = begin and part[0].isdigit() and text[begin - 1].isdigit()
            if match_expression(part) and not middle:
                assert matches(part, text), part


@pytest.mark.parametrize(
    "question", ["交运", "局示", "运输部", "市例", "2027", "罚8号", "交通 教育", "第南"]
)
def test_what_is_not_there_is_not_found(question: str) -> None:
    assert not any(matches(question, text) for text in TEXTS)


@pytest.mark.parametrize(
    "question", ["（2026）8号", "示市监罚[2026]8号", "２０２６", "2026 示市监", "罚〔2026〕"]
)
def test_document_numbers_are_found_in_any_brackets(question: str) -> None:
    assert matches(question, TEXTS[1])


@pytest.mark.parametrize("question", ["shilishi", "jiaotong", "slsjtysj", "jtys", "JiaoTongYunShu"])
def test_names_are_found_by_pinyin(question: str) -> None:
    assert matches(question, "无关", pinyin_text("示例市交通运输局"))


def test_pinyin_knows_words_with_two_readings() -> None:
    assert "zhongqing" not in pinyin_text("重庆市教育局")
    assert matches("chongqing", "", pinyin_text("重庆市教育局"))
    assert matches("cqs", "", pinyin_text("重庆市教育局"))


@given(st.text(max_size=60))
def test_no_question_is_an_error_of_the_index(question: str) -> None:
    if match_expression(question):
        matches(question, TEXTS[0])


@pytest.mark.parametrize("question", ["", "   ", "***", '"" OR', "。，〔〕"])
def test_a_question_may_hold_no_word(question: str) -> None:
    assert match_expression(question) in ("", '"or"*')
