"""Files made to exhaust memory are refused, and neither they nor large ones take 64 MiB."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from chalicelib.sheets import package
from tests.sheets.files import HEADER, MAIN, cell, read, refusal, row, sheet, workbook
from tests.sheets.measure import ALLOWED_KIB, Reading, measured

pytestmark = pytest.mark.requirement("R-01")
MIB = 1_048_576


def written(folder: Path, part: str, pieces: Iterable[bytes], base: bytes | None = None) -> Path:
    """A workbook one part of which is streamed, so that this test needs no memory for it."""
    path = folder / "file.xlsx"
    with zipfile.ZipFile(io.BytesIO(base or workbook())) as source:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in source.namelist():
                if name != part:
                    archive.writestr(name, source.read(name))
            with archive.open(part, "w", force_zip64=True) as target:
                for piece in pieces:
                    target.write(piece)
    return path


def sheet_of(rows: Iterable[str]) -> Iterable[bytes]:
    yield f'<worksheet xmlns="{MAIN}"><sheetData>{HEADER}'.encode()
    yield from (text.encode() for text in rows)
    yield b"</sheetData></worksheet>"


def outcome(path: Path) -> tuple[int, str]:
    reading: Reading = measured(path)
    assert reading.grown_kib < ALLOWED_KIB
    return reading.rows, reading.code


THOUSANDS = range(2, 1_000_000, 1000)
SHEET, STRINGS = "xl/worksheets/s1.xml", "xl/strings.xml"


def test_many_rows_of_many_different_texts_stay_on_disk(tmp_path: Path) -> None:
    count = 120_000
    texts = (f"<si><t>决定书文号〔2026〕{at:08}号</t></si>".encode() for at in range(count))
    strings = written(tmp_path, STRINGS, (b"<sst>", *texts, b"</sst>"))
    rows = (
        row(at + 2, cell(f"A{at + 2}", at, "s"), cell(f"B{at + 2}", 0, "s")) for at in range(count)
    )
    (tmp_path / "both").mkdir()
    both = written(tmp_path / "both", SHEET, sheet_of(rows), strings.read_bytes())
    assert outcome(both) == (count, "")


def test_a_million_empty_rows_take_no_memory(tmp_path: Path) -> None:
    # A tree that keeps a cleared element per row would hold some hundred megabytes by the end.
    rows = ("".join(f'<row r="{at}"/>' for at in range(at, at + 1000)) for at in THOUSANDS)
    assert outcome(written(tmp_path, SHEET, sheet_of(rows))) == (0, "")


def test_a_large_csv_streams_by(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.write("名称,备注\r\n".encode("gb18030"))
        for _ in range(150):
            file.write(("甲公司," + "文" * 100 + "\r\n").encode("gb18030") * 1000)
    assert outcome(path) == (150_000, "")


def test_one_row_of_endless_cells_is_refused(tmp_path: Path) -> None:
    pieces = (b'<row r="2">', *[b"<c><f>1</f></c>" * 1000] * 5000, b"</row>")
    base = sheet_of([])
    path = written(tmp_path, SHEET, (*list(base)[:-1], *pieces))
    assert outcome(path)[1] in ("damaged", "zip_bomb")


@pytest.mark.parametrize("part", [SHEET, STRINGS])
def test_an_endless_text_is_refused(tmp_path: Path, part: str) -> None:
    opened = HEADER + '<row r="2"><c t="inlineStr"><is>' if part == SHEET else "<si>"
    # Not one letter repeated: that would already be refused for packing too well.
    text = ["".join(f"{at * 7919 % 99991:05}" for at in range(2000)).encode()] * 2000
    root = "<worksheet><sheetData>" if part == SHEET else "<sst>"
    path = written(tmp_path, part, [f"{root}{opened}<t>".encode(), *text])
    assert outcome(path) == (0, "cell_too_long")


def test_an_endless_tag_is_refused(tmp_path: Path) -> None:
    text = ["".join(f"{at * 7919 % 99991:05}" for at in range(2000)).encode()] * 8000
    path = written(tmp_path, SHEET, [b'<worksheet a="', *text])
    assert outcome(path) == (0, "zip_bomb")


def test_what_unpacks_a_thousandfold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, b" " * 64 * MIB)
    assert outcome(path) == (0, "zip_bomb")


def test_a_directory_of_endless_entries_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for at in range(100_000):
            archive.writestr(str(at), b"")
    assert outcome(path) == (0, "zip_bomb")


def test_a_size_that_lies_is_held_to() -> None:
    """Declared small, unpacking to more: what lies beyond is not read, and the lie is told."""
    data = bytearray(workbook({"表": sheet(HEADER, *[row(at, "甲" * 50) for at in range(2, 999)])}))
    place = data.rindex(b"xl/worksheets/s1.xml") - 46
    assert data[place : place + 4] == b"PK\x01\x02"
    data[place + 24 : place + 28] = (500).to_bytes(4, "little")
    assert refusal(bytes(data)).code == "damaged"


def test_entities_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + sheet(HEADER)
    assert refusal(workbook({"表": laughs})).code == "entities"
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + sheet(HEADER)
    assert refusal(workbook({"表": outside})).code == "entities"


@pytest.mark.parametrize("encoding", ["gbk", "utf-7", "idna", "zlib", "nonsense"])
def test_an_encoding_no_workbook_uses_is_told(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' + sheet(HEADER)
    assert refusal(workbook({"表": declared})).code == "damaged"


def test_macros_passwords_and_old_formats_say_what_to_do() -> None:
    assert refusal(workbook(more={"xl/vbaProject.bin": b"x"})).code == "macros"
    old = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert old.code == "old_or_encrypted" and "另存为 .xlsx" in old.message
    assert refusal("名称,备注".encode()).code == "not_a_workbook"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("表.xlsx", workbook())
    packed = refusal(file.getvalue())
    assert packed.code == "not_a_workbook" and "解压" in packed.message


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_told(kept: float) -> None:
    whole = workbook({"表": sheet(HEADER, *[row(at, "甲") for at in range(2, 99)])})
    assert refusal(whole[: int(len(whole) * kept)]).code == "damaged"


def test_damage_inside_is_told() -> None:
    whole = bytearray(workbook({"表": sheet(HEADER, *[row(at, "甲") for at in range(2, 99)])}))
    place = whole.index(b"xl/worksheets/s1.xml") + 40
    whole[place : place + 20] = bytes(20)
    assert refusal(bytes(whole)).code == "damaged"
    assert refusal(workbook({"表": sheet(HEADER)[:-20]})).code == "damaged"
    assert refusal(workbook(more={"_rels/.rels": "<Relationships>"})).code == "damaged"


@pytest.mark.parametrize("number", ["1", "0", "1048577"])
def test_rows_out_of_order_are_refused(number: str) -> None:
    assert refusal(workbook({"表": sheet(HEADER, f'<row r="{number}"/>')})).code == "damaged"


@pytest.mark.parametrize("reference", ["a2", "XFE2", "中2", "2"])
def test_impossible_columns_are_refused(reference: str) -> None:
    assert refusal(workbook({"表": sheet(HEADER, row(2, cell(reference, "x")))})).code == "damaged"


def test_an_oversized_file_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_WORKBOOK_BYTES", 100)
    assert refusal(workbook()).code == "too_large"


def test_a_workbook_with_a_large_directory_record_is_read() -> None:
    """Streaming writers give the archive the records for very large archives."""
    data = workbook()
    end = data[-22:]
    count, size, offset = end[10:12], end[12:16], end[16:20]
    wide = b"PK\x06\x06" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + bytes(8)
    wide += (count + bytes(6)) * 2 + size + bytes(4) + offset + bytes(4)
    locator = b"PK\x06\x07" + bytes(4) + (len(data) - 22).to_bytes(8, "little") + b"\1\0\0\0"
    assert read(data[:-22] + wide + locator + end, "xlsx")[0].sheet == "Sheet1"
    huge = wide[:40] + (10**9).to_bytes(8, "little") + wide[48:]
    assert refusal(data[:-22] + huge + locator + end).code == "zip_bomb"
