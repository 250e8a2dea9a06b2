"""A clerk takes the template of a record type, fills it in and sends it: nothing is refused."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from chalicelib.kernel.codes import unified_code_fault
from chalicelib.policy.fields import ENVELOPE, column_map, normalise
from chalicelib.policy.model import Pack, RecordType
from chalicelib.policy.service import jurisdictions, pack_version, versions_of
from chalicelib.policy.templates import entries_of, template_bytes
from chalicelib.sheets.model import Form
from chalicelib.sheets.rules import csv_line
from chalicelib.sheets.service import open_table
from tests.intake import town
from tests.support.api import Api
from tests.support.world import World, make_world

pytestmark = [pytest.mark.requirement("R-01"), pytest.mark.requirement("R-02")]
TODAY = date(2026, 3, 6)


def every_type() -> list[tuple[Pack, RecordType]]:
    packs = [pack_version(one, versions_of(one)[-1]) for one in jurisdictions()]
    return [(pack, record_type) for pack in packs for record_type in pack.types.values()]


def filled(body: bytes, form: Form, cells: list[str]) -> bytes:
    """The template with one row filled in, as spreadsheet software would save it."""
    if form == "csv":
        return body + csv_line(cells).encode()
    book = openpyxl.load_workbook(io.BytesIO(body))
    book["填报"].append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_template_filled_with_its_example_reads_back_without_a_fault(form: Form) -> None:
    types = every_type()
    # Reading a workbook of every type of every city would say the same slowly.
    chosen = types if form == "csv" else types[:: max(1, len(types) // 25)]
    assert len(chosen) > 10
    for pack, record_type in chosen:
        entries = entries_of(record_type, "")
        body = template_bytes(pack, record_type, entries, form)
        data = io.BytesIO(filled(body, form, [entry.example for entry in entries]))
        with open_table(data, form, lambda names, t=record_type: len(known(t, names))) as table:
            (row,) = table.rows()
        targets, faults = column_map(record_type, table.header)
        assert faults == [], record_type.code
        assert targets == [entry.target for entry in entries]
        raw = {
            target.removeprefix("fields."): cell
            for target, cell in zip(targets, row.cells, strict=True)
            if target.startswith("fields.")
        }
        assert normalise(record_type, raw, TODAY)[1] == [], record_type.code


def known(record_type: RecordType, names: tuple[str, ...]) -> list[str]:
    return [target for target in column_map(record_type, names)[0] if target]


def test_the_columns_of_a_published_standard_stand_in_its_order_and_are_accepted() -> None:
    found = 0
    for _, record_type in every_type():
        for layout, columns in record_type.layouts.items():
            found += 1
            entries = entries_of(record_type, layout)
            names = [entry.column.name for entry in entries]
            assert names == list(columns)
            targets, faults = column_map(record_type, names)
            # What the standard leaves empty may have been given a place by the city itself.
            assert [a for a, b in zip(targets, columns.values(), strict=True) if b and a != b] == []
            assert faults == []
    assert found


def test_a_template_says_what_belongs_in_a_column() -> None:
    (licence,) = [
        t for p, t in every_type() if p.jurisdiction == "nanjing" and t.code.endswith("_licence")
    ]
    entries = {entry.column.name: entry for entry in entries_of(licence, "")}
    category = entries["行政相对人类别"].column
    assert category.is_required and category.choices == ("法人及非法人组织", "自然人", "个体工商户")
    assert "必填" in category.note.splitlines()
    assert entries["许可决定日期"].column.is_date
    assert entries["主体名称"].column.is_required
    assert unified_code_fault(entries["主体统一社会信用代码"].example) is None
    assert entries["主体名称"].column.name == ENVELOPE["subject.name"][1]
    pack = next(p for p, t in every_type() if t is licence)
    body = template_bytes(pack, licence, list(entries.values()), "xlsx")
    notes = openpyxl.load_workbook(io.BytesIO(body))["填写说明"]
    lines = [[cell.value for cell in row] for row in notes.iter_rows()]
    assert any("虚构" in str(line[0]) for line in lines)
    assert [line[0] for line in lines if line[0] in entries] == list(entries)


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    town.settle(made)
    return made


@pytest.mark.parametrize("query", [{}, {"format": "csv"}, {"columns": "national_2018"}])
def test_the_template_is_handed_out_by_link(world: World, query: dict[str, str]) -> None:
    ask = Api(world, town.clerk())
    path = "/v1/catalog/administrative_licence/template"
    first, again = ask("GET", path, query=query), ask("GET", path, query=query)
    assert (first.status, again.status) == (303, 303)
    address = first.headers["Location"]
    assert "/templates/" in address and "X-Amz-Expires=300" in address
    assert address.partition("?")[0] == again.headers["Location"].partition("?")[0]


@pytest.mark.parametrize(
    ("type", "columns", "code"),
    [
        ("administrative_licence", "national_1999", "unknown_layout"),
        ("no_such_type", "", "unknown_record_type"),
    ],
)
def test_what_is_not_there_is_told(world: World, type: str, columns: str, code: str) -> None:
    path = f"/v1/catalog/{type}/template"
    reply = Api(world, town.clerk())("GET", path, query={"columns": columns})
    assert (reply.status, reply.code) == (404, code)
