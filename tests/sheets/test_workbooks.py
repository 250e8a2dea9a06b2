"""An .xlsx is read as the clerk sees it, cell by cell, without computing anything."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.sheets.files import HEADER, KNOWN, cell, read, refusal, row, sheet, workbook

pytestmark = pytest.mark.requirement("R-01")
DATA = row(2, "甲公司", "91320602MA1234567X", "2026-03-01", "100", "无")


def only_row(*cells: str) -> tuple[str, ...]:
    _, rows = read(
        workbook({"表": sheet(HEADER, row(2, *cells))}, strings=["甲", "乙_x000D_丙"]), "xlsx"
    )
    return rows[0].cells


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("0.2", "0.2"),
        ("0.20000000000000001", "0.2"),
        ("0.30000000000000004", "0.3"),
        ("1E-7", "0.0000001"),
        ("100.0", "100"),
        ("1.2E+3", "1200"),
        ("320602199001011234", "320602199001011234"),
        ("3.20602199001011E+17", "320602199001011000"),
        ("-0.0", "0"),
        ("-5", "-5"),
    ],
)
def test_numbers_are_plain_decimals_and_told_apart(stored: str, shown: str) -> None:
    _, rows = read(workbook({"表": sheet(HEADER, row(2, cell("A2", stored, "n")))}), "xlsx")
    assert rows[0].cells[0] == shown
    assert rows[0].numeric == {0}


@pytest.mark.parametrize(
    ("style", "stored", "shown"),
    [
        (1, "46082", "2026-03-01"),
        (2, "46082.5", "2026-03-01 12:00:00"),
        (5, "46082", "2026-03-01"),
        (1, "1", "1900-01-01"),
        (1, "61", "1900-03-01"),
        (1, "0.25", "06:00:00"),
        (3, "46082", "46082"),
        (4, "1.5", "1.5"),
    ],
)
def test_date_formats_make_days(style: int, stored: str, shown: str) -> None:
    assert only_row(cell("A2", stored, "n", style))[0] == shown


@pytest.mark.parametrize(
    ("style", "stored", "shown"),
    [(6, "0.15", "15%"), (7, "0.1255", "12.55%"), (7, "1.0000000000000002", "100%")],
)
def test_a_percentage_is_read_as_the_clerk_sees_it(style: int, stored: str, shown: str) -> None:
    assert only_row(cell("A2", stored, "n", style))[0] == shown


def test_a_number_made_to_look_like_another_is_not_read() -> None:
    odd = row(2, cell("A2", "50000", "n", 8), cell("B2", "50000", "n", 3))
    _, rows = read(workbook({"表": sheet(HEADER, odd)}), "xlsx")
    assert (rows[0].cells[:2], rows[0].errors) == (("", "50000"), {0})


def test_workbooks_of_1904_count_from_there() -> None:
    data = workbook(
        {"表": sheet(HEADER, row(2, cell("A2", "44620", "n", 1)))}, properties='date1904="1"'
    )
    table, rows = read(data, "xlsx")
    assert rows[0].cells[0] == "2026-03-01"
    assert table.from_1904 and "1904" in table.notes[0]


@pytest.mark.parametrize(
    ("stored", "properties"), [("2957100", 'date1904="1"'), ("2958465.9999999", "")]
)
def test_days_beyond_the_calendar_are_no_days(stored: str, properties: str) -> None:
    late = {"表": sheet(HEADER, row(2, cell("A2", stored, "n", 1)))}
    assert read(workbook(late, properties=properties), "xlsx")[1][0].errors == {0}


def test_booleans_strings_and_rich_text() -> None:
    rich = (
        '<c r="C2" t="inlineStr"><is><r><t>重</t></r><r><t>点</t></r><rPh><t>zd</t></rPh></is></c>'
    )
    cells = only_row(cell("A2", 1, "b"), cell("B2", 1, "s"), rich, cell("D2", "行_x4E2D_", "str"))
    assert cells == ("是", "乙\r丙", "重点", "行中", "")


def test_formulas_and_errors_are_flagged_and_never_read() -> None:
    formula = '<c r="A2"><f>1+1</f><v>2</v></c>'
    shared = '<c r="B2" t="str"><f t="shared" si="0"/><v>甲</v></c>'
    broken = (cell("C2", "#REF!", "e"), cell("D2", "60", "n", 1), cell("E2", "9", "s"))
    _, rows = read(workbook({"表": sheet(HEADER, row(2, formula, shared, *broken))}), "xlsx")
    assert rows[0].cells == ("",) * 5
    assert (rows[0].formulas, rows[0].errors) == ({0, 1}, {2, 3, 4})


def test_rows_keep_their_numbers_and_gaps_are_no_cells() -> None:
    filtered = row(9, "乙公司").replace("<row", '<row hidden="1"')
    table, rows = read(workbook({"表": sheet(HEADER, DATA, row(5), filtered, row(11, ""))}), "xlsx")
    assert [(found.number, found.cells[0]) for found in rows] == [(2, "甲公司"), (9, "乙公司")]
    assert table.notes == ("数据之间的空行 1 行，已跳过", "被筛选或隐藏的数据 1 行，已一并读取")


def test_a_header_of_two_merged_rows_is_joined() -> None:
    groups = row(3, "行政相对人", cell("C3", "处罚决定日期"), cell("D3", "罚款金额"))
    names = row(4, "名称", "统一社会信用代码")
    sheets = {
        "表": sheet(
            row(1, "处罚信息汇总表"), groups, names, row(5, "甲", "x"), groups.replace('"3"', '"6"')
        )
    }
    table, rows = read(workbook(sheets), "xlsx")
    assert table.header == ("行政相对人名称", "统一社会信用代码", "处罚决定日期", "罚款金额")
    assert table.header_row == 4
    assert [(found.number, found.cells) for found in rows] == [(5, ("甲", "x", "", ""))]
    assert "表头有两行（第 3、4 行），已合并" in table.notes


def test_the_sheet_with_the_header_is_read() -> None:
    notes = sheet(row(1, "填写说明"), row(2, "备注", "可以不填"))
    table, rows = read(
        workbook({"说明": notes, "数据": sheet(HEADER, DATA), "空": sheet()}), "xlsx"
    )
    assert (table.sheet, len(rows)) == ("数据", 1)
    assert table.notes == ("读取的是工作表“数据”",)


def test_several_sheets_with_data_are_refused_by_name() -> None:
    sheets = {"一月": sheet(HEADER, DATA), "二月": sheet(HEADER, DATA), "三月": sheet(HEADER)}
    refused = refusal(workbook(sheets))
    assert refused.code == "several_sheets"
    assert "“一月”、“二月”" in refused.message and "三月" not in refused.message


def test_hidden_sheets_are_not_read() -> None:
    refused = refusal(workbook({"明": sheet(), "暗": sheet(HEADER, DATA)}, hidden=["暗"]))
    assert refused.code == "header_not_found"
    assert "“明”" in refused.message and "暗" not in refused.message


def test_what_openpyxl_writes_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(list(KNOWN))
    book.active.append(["甲 公司\n分部", "91320602MA1234567X", None, 12.5, True])
    file = io.BytesIO()
    book.save(file)
    table, rows = read(file.getvalue(), "xlsx")
    assert table.header == KNOWN
    assert rows[0].cells == ("甲 公司\n分部", "91320602MA1234567X", "", "12.5", "是")


def test_prefixed_elements_are_read() -> None:
    """Some writers give every element a prefix."""
    plain_sheet = sheet(HEADER, DATA)
    prefixed = plain_sheet.replace("</", "</x:").replace("<x:", "</x:").replace("<", "<x:")
    prefixed = prefixed.replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x=")
    _, rows = read(workbook({"表": prefixed}), "xlsx")
    assert rows[0].cells[0] == "甲公司"
