"""What leaves the platform as a workbook: text only, whatever stood in the data."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sheets.model import TemplateColumn
from chalicelib.sheets.service import open_table, template_workbook, write_workbook
from tests.sheets.files import KNOWN, read, recognise

pytestmark = pytest.mark.requirement("R-01")
CELLS = st.text(st.sampled_from("=+-@甲1 \t\n\x00\x0b\ud800"), max_size=5)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_no_cell_of_a_workbook_is_anything_but_text(table: list[tuple[str, str]]) -> None:
    file = io.BytesIO()
    write_workbook(file, "清单", KNOWN[:2], table)
    sheet = openpyxl.load_workbook(file)["清单"]
    values = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in values} == {"s"}
    assert {cell.number_format for cell in values} == {"@"}
    assert sheet.freeze_panes == "A2"


def test_what_is_written_is_read_back() -> None:
    table = [(f"=甲{at}", "91320602MA1234567X") for at in range(50)]
    file = io.BytesIO()
    write_workbook(file, "清单", KNOWN[:2], table)
    with open_table(file, "xlsx", recognise) as read_back:
        assert [row.cells for row in read_back.rows()] == table


def test_a_template_offers_what_may_be_filled_in() -> None:
    choices = tuple(f"很长的选项名称之第{at}种情形" for at in range(40))
    columns = [
        TemplateColumn("行政相对人名称", "形式：文本\n必填", is_required=True),
        TemplateColumn("处罚决定日期", "形式：日期", is_date=True),
        TemplateColumn("备注", "形式：从下拉列表选择", choices=choices),
    ]
    body = template_workbook("填报", columns, [("说明",), ("列", "必填"), ("备注", "")])
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [
        ("填报", "visible"),
        ("填写说明", "visible"),
        ("选项", "hidden"),
    ]
    data = book["填报"]
    assert [data[f"{letter}1"].font.b for letter in "ABC"] == [True, False, False]
    assert data["A1"].comment.text == "形式：文本\n必填"
    formats = [data.column_dimensions[letter].number_format for letter in "ABC"]
    assert formats == ["@", "yyyy-mm-dd", "@"]
    (rule,) = data.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("C2:C1048576", "'选项'!$C$1:$C$40")
    assert tuple(cell.value for cell in book["选项"]["C"]) == choices
    table, rows = read(body, "xlsx")
    assert (table.sheet, table.header, rows) == ("填报", tuple(c.name for c in columns), [])
