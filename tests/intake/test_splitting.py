"""Files are cut so that splitter and workers count alike, whatever the bytes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake import splitting
from chalicelib.intake.splitting import Chunk, chunks_of, lines_of, rows_of
from chalicelib.kernel.errors import Fault

CELLS = st.text(st.sampled_from('ab,"\n\r 示=@'), max_size=6)


def cut(data: bytes, block: int = 7) -> list[Chunk]:
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    return list(chunks_of(rows_of(lines_of(blocks), "csv"), "csv", len(data)))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20), st.integers(1, 50))
def test_rows_are_those_a_csv_reader_finds(table: list[tuple[str, str]], block: int) -> None:
    """Quoted line feeds, doubled quotes and blocks that end anywhere change nothing."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(table)
    data = text.getvalue().encode()
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    rows = list(rows_of(lines_of(blocks), "csv"))
    assert b"".join(rows) == data
    assert [tuple(splitting.header_of(row)) for row in rows] == table


@given(st.lists(st.sampled_from(["a,b", '"x\ny",2', "", '5" pipe,1']), max_size=30))
def test_chunks_hold_every_row_once_and_number_them_as_a_spreadsheet_does(rows: list[str]) -> None:
    data = ("h1,h2\n" + "".join(row + "\n" for row in rows)).encode()
    chunks = cut(data)
    assert sum(chunk.rows for chunk in chunks) == len(rows)
    end, row = len(b"h1,h2\n"), 2
    for chunk in chunks:
        assert (chunk.offset, chunk.first_row) == (end, row)
        end, row = end + chunk.length, row + chunk.rows
    assert end == len(data)


def test_a_large_file_is_cut_at_row_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MIN_CHUNK_BYTES", 40)
    data = b"h\n" + b'"line\nfeed",x\n' * 20
    chunks = cut(data)
    assert len(chunks) > 3
    for chunk in chunks:
        piece = data[chunk.offset : chunk.offset + chunk.length]
        assert piece.startswith(b'"line') and piece.endswith(b",x\n")
        assert len(list(rows_of(lines_of([piece]), "csv"))) == chunk.rows


def test_an_unclosed_quote_does_not_swallow_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_ROW_BYTES", 50)
    data = b'h\n"open\n' + b"good,1\n" * 30
    rows = list(rows_of(lines_of([data]), "csv"))
    assert rows[-1] == b"good,1\n"
    assert max(len(row) for row in rows) <= 60


def test_a_line_without_end_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_ROW_BYTES", 100)
    pieces = list(lines_of([b"x" * 10] * 1000))
    assert max(len(piece) for piece in pieces) <= 110
    assert b"".join(pieces) == b"x" * 10_000


def test_a_byte_order_mark_belongs_to_no_column_and_no_record() -> None:
    assert splitting.header_of("\ufeff主体名称,a".encode()) == ["主体名称", "a"]
    data = b'\xef\xbb\xbf{"type":"honour"}\n{"type":"honour"}\n'
    first, *_ = chunks_of(rows_of(lines_of([data]), "jsonl"), "jsonl", len(data))
    assert (first.offset, first.first_row, first.rows) == (3, 1, 2)
    assert first.length == len(data) - 3


@pytest.mark.requirement("R-02")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"a,b,c\n", "column_count"),
        (b"a\n", "column_count"),
        ("名,乙\n".encode("gb18030"), "encoding"),
        (b'"a"x,b\n', "csv_syntax"),
        (b'"a,b\n', "csv_syntax"),
        (b"x" * 300_000 + b"\n", "row_too_long"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(row: bytes, code: str) -> None:
    shape = splitting.CsvShape(("subject.name", "fields.x"), "honour")
    found = shape.read(row)
    assert isinstance(found, Fault)
    assert found.code == code
    assert any("\u4e00" <= character <= "\u9fff" for character in found.message)


def test_trailing_empty_cells_are_no_columns() -> None:
    shape = splitting.CsvShape(("subject.name", "fields.x"), "honour")
    found = shape.read(b"a,b,,\r\n")
    assert not isinstance(found, Fault)
    assert found[1]["fields"] == {"x": "b"}


@pytest.mark.parametrize("bad", [b"[1]\n", b"{\n", b"\xff\n", b"[" * 100_000])
def test_a_line_that_is_no_json_object_says_why(bad: bytes) -> None:
    assert isinstance(splitting.read_json_row(bad, "honour"), Fault)
