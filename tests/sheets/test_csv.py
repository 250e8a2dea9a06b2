"""A CSV is read as the clerk sees it in a spreadsheet, whatever encoding it was saved in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sheets import text as reading
from chalicelib.sheets.service import open_table
from tests.sheets.files import KNOWN, csv_text, read, recognise, refusal

pytestmark = pytest.mark.requirement("R-01")
ROW = ("南通某某有限公司", "91320602MA1234567X", "2026/3/1", "0.20", "无")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("文件编码为 UTF-16，已按此读取",)),
        ("gb18030", ("文件编码为 GB18030（GBK），已按此读取",)),
        ("gbk", ("文件编码为 GB18030（GBK），已按此读取",)),
    ],
)
def test_every_encoding_spreadsheets_save_is_read(encoding: str, note: tuple[str, ...]) -> None:
    table, rows = read(csv_text(ROW).encode(encoding))
    assert table.header == KNOWN
    assert [(row.number, row.cells) for row in rows] == [(2, ROW)]
    assert table.notes == note


def test_what_is_in_no_encoding_names_its_row() -> None:
    good = csv_text(ROW, ROW).encode("gb18030")
    refused = refusal(good + "南".encode("gb18030")[:1] + b",x\r\n", "csv")
    assert (refused.code, refused.row) == ("encoding", 4)
    assert "第 4 行" in refused.message and "另存为" in refused.message


def test_an_encoding_is_never_guessed_from_most_of_the_file() -> None:
    """One byte that is not UTF-8, after a thousand rows that are."""
    data = csv_text(*[ROW] * 1000).encode() + b"\xff,\r\n"
    assert refusal(data, "csv").row == 1002


def test_utf_16_without_its_mark_is_refused() -> None:
    assert refusal(csv_text(ROW).encode("utf-16-le"), "csv").code == "encoding"


def test_title_rows_repeated_headers_and_empty_rows_are_passed_over_and_counted() -> None:
    title = "2026年3月行政处罚信息,,,,\r\n\r\n"
    data = title + csv_text(ROW, ("",) * 5, (" 行政相对人名称", *KNOWN[1:]), ROW, ("",) * 5)
    table, rows = read((title + data).encode())
    assert table.header_row == 5
    assert [row.number for row in rows] == [6, 9]
    assert table.notes == (
        "表头在第 5 行，以上各行未读取",
        "表中重复的标题或表头 1 行，已跳过",
        "数据之间的空行 1 行，已跳过",
    )


def test_a_table_can_be_read_again() -> None:
    with open_table(io.BytesIO(csv_text(ROW).encode()), "csv", recognise) as table:
        assert list(table.rows()) == list(table.rows())


@pytest.mark.parametrize(("mark", "name"), [(";", "分号"), ("\t", "制表符")])
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
def test_other_delimiters_are_told_by_the_header(mark: str, name: str, first: str) -> None:
    text = first.format(mark) + csv_text(ROW).replace(",", mark)
    table, rows = read(text.encode())
    assert (rows[0].number, rows[0].cells) == (2, ROW)
    assert table.notes == (f"文件以{name}分隔，已按此读取",)


def test_a_stated_comma_is_no_row() -> None:
    _, rows = read(b"sep=,\r\n" + csv_text(ROW).encode())
    assert (rows[0].number, rows[0].cells) == (2, ROW)


def test_an_unclosed_quote_does_not_swallow_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROW_CHARACTERS", 200)
    rows = [ROW, ('"x', *ROW[1:]), *[ROW] * 10]
    _, found = read(csv_text(*rows).encode())
    assert [row.fault[0] if row.fault else "" for row in found][:2] == ["", "row_too_long"]
    assert found[-1].cells == ROW and found[-1].number == 13
    _, last = read(csv_text(ROW, ('"x', *ROW[1:]), ROW).encode())
    assert last[-1].fault == ("csv_syntax", "引号没有配对，其后 1 行也因此无法分列")


def test_a_line_without_end_is_one_row_that_is_too_long() -> None:
    _, rows = read(csv_text(ROW).encode() + b"x" * 1_000_000 + b"\r\n" + ",".join(ROW).encode())
    assert [(row.number, row.fault and row.fault[0]) for row in rows] == [
        (2, None),
        (3, "row_too_long"),
        (4, None),
    ]


def test_a_cell_beyond_the_header_is_told() -> None:
    _, rows = read(csv_text((*ROW, "", "x"), (*ROW, "", ""), ROW[:2]).encode())
    assert rows[0].fault == ("column_count", "第 7 列有内容而没有列名：表头只有 5 列")
    assert rows[1].cells == ROW
    assert rows[2].cells == (*ROW[:2], "", "", "")


def test_a_file_without_a_header_says_what_was_looked_for() -> None:
    refused = refusal(b"a,b\r\n1,2\r\n", "csv")
    assert refused.code == "header_not_found" and "列名" in refused.message
    assert refusal(b"", "csv").code == "header_not_found"


def test_a_workbook_named_csv_is_told() -> None:
    assert refusal(b"PK\x03\x04" + b"\0" * 100, "csv").code == "not_csv"


CELLS = st.text(st.sampled_from('ab,";\n 示=@'), max_size=6)
TABLES = st.lists(st.tuples(CELLS, CELLS), max_size=8)


@given(TABLES, st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_what_was_written_is_what_is_read(table: list[tuple[str, str]], encoding: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([("备注", "罚款金额"), *table])
    _, rows = read(file.getvalue().encode(encoding))
    filled = [(at, cells) for at, cells in enumerate(table, 2) if any(map(str.strip, cells))]
    assert [(row.number, row.cells) for row in rows] == filled
