"""A row of a register is compared only where it can be read beyond doubt."""

from __future__ import annotations

import pytest

from chalicelib.crosscheck.rules import columns_of, entry_of, finding_of, known_names
from chalicelib.kernel.codes import citizen_code_from, unified_code_fault
from chalicelib.sheets.model import Row
from tests.crosscheck.office import HEADER, code, row
from tests.intake import town

pytestmark = pytest.mark.requirement("R-11")
COLUMNS = columns_of(HEADER)


def entry(cells: tuple[str, ...], **more: frozenset[int]) -> tuple[str, str] | None:
    return entry_of(COLUMNS, Row(2, cells, **more)).fault


def test_columns_go_by_any_of_their_names() -> None:
    assert columns_of(["身份证 号码", "name", "备注", "单位代码"]) == {
        "citizen_code": 0,
        "name": 1,
        "employer": 3,
    }
    assert known_names(["姓 名", "employer", "备注"]) == 2


def test_a_code_kept_as_a_number_is_not_trusted() -> None:
    assert entry(row(1)) is None
    found = entry(row(1), numeric=frozenset({1}))
    assert found is not None and found[0] == "code_invalid" and "文本" in found[1]


def test_a_genuine_code_that_fails_its_check_passes_by_the_list() -> None:
    cells = row(1, employer="11329900MA99000280")
    found = entry(cells)
    assert found is not None and found[0] == "employer_invalid"
    assert entry_of(COLUMNS, Row(2, cells), allowed={"11329900MA99000280"}).fault is None


def test_formulas_and_errors_are_not_read() -> None:
    for more in ({"formulas": frozenset({1})}, {"errors": frozenset({1})}):
        found = entry(("李示例", "", town.BUREAU, "", ""), **more)
        assert found is not None and found[0] == "unreadable"


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_finding_never_holds_what_stands_in_a_cell_in_full(place: int) -> None:
    """Also where the citizen code stands in the wrong column."""
    cells = ["李示例", "x", town.BUREAU, ""]
    cells[place] = code(1)
    found = entry_of(COLUMNS, Row(2, (*cells, "")))
    shown = repr(finding_of(found, "unreadable", found.fault[1] if found.fault else ""))
    assert code(1) not in shown
    assert code(1) not in repr(found)
    assert "示例" not in shown


def test_a_citizen_code_that_is_a_sound_unified_code_as_well_is_no_employer_s() -> None:
    both = citizen_code_from("32990119901209004")
    assert unified_code_fault(both) is None
    found = entry_of(COLUMNS, Row(2, row(1, employer=both)))
    assert found.fault is not None and found.fault[0] == "employer_invalid"
    assert both not in repr(finding_of(found, *found.fault))
