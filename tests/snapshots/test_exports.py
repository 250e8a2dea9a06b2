"""The files people take away: what is in them, what is not, and that they open where people open
them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.kernel.canonical import canonical_json
from chalicelib.replica import building as replica
from chalicelib.replica import examples
from chalicelib.replica.text import index_text
from chalicelib.snapshots import exports
from chalicelib.snapshots.model import FORMATS, Format
from chalicelib.snapshots.rules_columns import CSV_COLUMNS, RECORD_COLUMNS, format_views
from tests.replica.builders import BODY, NOW, Log, record_document

ENDED, LATER = "2026-06-15T03:59:59.999Z", "2027-06-01T16:00:00.000Z"
SECRET, OVER = "本条已被撤回甲乙丙", "本条公示期满丁戊己"
PLANT = "示例市污水处理厂"
EVIL = '=HYPERLINK("http://evil.example","点我")'


def world() -> Log:
    """Documents of every kind, one taken back, one whose term is over."""
    log = Log()
    log.record(id="r_1", subject_name=PLANT, text="逾期未\n整改，已处罚", until=None)
    log.record(id="r_2", text=SECRET, subject_name=SECRET)
    log.record(id="r_3", text=OVER, until=ENDED)
    log.record(id="r_4", text=EVIL, subject_name="@甲公司", until=LATER, on_time=None)
    log.subject()
    log.publish("run", "run/ev_1", examples.RUN)
    log.publish("result", "result/ev_1/11", examples.EXPLANATION)
    log.publish("supervision", "supervision/c_1", examples.SUPERVISION_RESULT)
    log.record(id="r_1", subject_name=PLANT, text="逾期未\n整改，已更正", until=None)
    log.withdraw("r_2")
    return log


def finished(log: Log, folder: Path, instant: str = NOW) -> Path:
    """The SQLite file of a snapshot."""
    path = folder / "world.sqlite"
    with closing(log.file(folder / "base.sqlite")) as connection:
        replica.drop_ended(connection, instant)
        exports.finish(connection, path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Format, Path]:
    folder = tmp_path_factory.mktemp("snapshot")
    source = finished(world(), folder)
    found: dict[Format, Path] = {"sqlite": source}
    for form in FORMATS[1:]:
        found[form] = folder / f"out.{form}"
        exports.write_form(form, source, found[form])
    return found


def csv_rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by this"
    return list(csv.DictReader(io.StringIO(content[3:].decode(), newline="")))


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    from arro3.io import read_parquet

    table = read_parquet(str(path)).read_all()
    columns = {name: table.column(name).to_pylist() for name in table.schema.names}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.requirement("R-21")
def test_every_line_can_be_verified_against_the_log(files: dict[Format, Path]) -> None:
    log = world()
    found = lines(files["jsonl"])
    leaves = {change.entry.seq: change.entry for change in log.changes}
    for line in found:
        content = canonical_json(line["document"])
        digest = hashlib.sha256(bytes.fromhex(line["salt"]) + content).hexdigest()
        entry = leaves[line["seq"]]
        assert (entry.id, entry.version, entry.salted_sha256) == (
            line["id"],
            line["version"],
            digest,
        )
    shown = {line["id"]: (line["entity"], line["until"]) for line in found}
    assert shown == {
        "r_4": ("record", LATER),
        "r_1": ("record", None),
        f"subject/{BODY}": ("subject", None),
        "run/ev_1": ("run", None),
        "result/ev_1/11": ("result", None),
        "supervision/c_1": ("supervision", None),
    }


@pytest.mark.requirement("R-21")
def test_what_was_taken_back_or_has_ended_is_in_no_file(files: dict[Format, Path]) -> None:
    """Not in a free page, not as words of the search index, not under its id but as a tombstone."""
    for form, path in files.items():
        content = path.read_bytes()
        if form == "parquet":  # its pages are compressed
            content = json.dumps(parquet_rows(path), default=str, ensure_ascii=False).encode()
        assert "已更正".encode() in content, form
        for text in (SECRET, OVER, "已处罚"):
            assert text.encode() not in content, (form, text)
        if form != "sqlite":
            assert b"r_2" not in content and b"r_3" not in content, form
    with closing(sqlite3.connect(files["sqlite"])) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, records_fts, row)"
        )
        words = {word for (word,) in connection.execute("SELECT term FROM temp.words")}
        tombs = connection.execute("SELECT id, reason FROM tombstones ORDER BY id").fetchall()
    assert {"更正", "水处"} <= words
    for text in ("撤回甲乙丙", "满丁戊己"):
        assert not words & {pair for pair in index_text([text]).split() if len(pair) > 1}
    assert tombs == [("r_2", "withdrawn"), ("r_3", "term_ended")]


def test_the_table_opens_in_a_spreadsheet_and_starts_no_formula(files: dict[Format, Path]) -> None:
    rows = csv_rows(files["csv"])
    assert list(rows[0]) == [column.title for column in CSV_COLUMNS]
    by_id = {row["信息编号"]: row for row in rows}
    assert by_id.keys() == {"r_1", "r_4"}
    assert "逾期未\n整改，已更正" in by_id["r_1"]["信息内容"]
    assert by_id["r_1"]["是否按时报送"] == "是"
    assert by_id["r_4"]["是否按时报送"] == ""
    assert by_id["r_4"]["主体名称"] == "'@甲公司"
    assert by_id["r_4"]["公示终止时刻"] == LATER
    for row in rows:
        for cell in row.values():
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), cell


def test_parquet_holds_the_same_records_with_types(files: dict[Format, Path]) -> None:
    import arro3.io

    rows = {row["id"]: row for row in parquet_rows(files["parquet"])}
    assert rows.keys() == {"r_1", "r_4"}
    documents = {line["id"]: line["document"] for line in lines(files["jsonl"])}
    for name, row in rows.items():
        assert list(row) == [column.name for column in RECORD_COLUMNS]
        assert json.loads(row["document"]) == documents[name]
        assert row["occurred_on"].isoformat() == documents[name]["occurred_on"]
    assert rows["r_4"]["on_time"] is None and rows["r_1"]["on_time"] is True
    assert rows["r_4"]["until"].isoformat() == "2027-06-01T16:00:00+00:00"
    assert rows["r_1"]["until"] is None
    kinds = {
        field.name: str(field.type) for field in arro3.io.read_parquet(str(files["parquet"])).schema
    }
    assert "Date32" in kinds["occurred_on"] and "Timestamp" in kinds["until"]


def test_an_empty_world_has_files_too(tmp_path: Path) -> None:
    source = finished(Log(), tmp_path)
    counts = {}
    for form in FORMATS:
        target = source if form == "sqlite" else tmp_path / f"out.{form}"
        counts[form] = exports.write_form(form, source, target)
    assert set(counts.values()) == {0}
    assert parquet_rows(tmp_path / "out.parquet") == []
    assert csv_rows(tmp_path / "out.csv") == []


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Rows stream: a world four times as large takes no more memory to write out."""
    peaks: dict[int, int] = {}
    for count in (500, 2000):
        folder = tmp_path / str(count)
        folder.mkdir()
        log = Log()
        for number in range(count):
            log.record(id=f"r_{number}", text=f"第{number}号" + "内容" * 500)
        source = finished(log, folder)
        del log
        tracemalloc.start()
        for form in FORMATS[1:]:
            assert exports.write_form(form, source, folder / form) == count
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[2000] < peaks[500] + 2_000_000


def test_every_column_says_what_it_means() -> None:
    for view in format_views():
        assert view.about
        for column in view.columns:
            assert column.title and column.note and column.name.isidentifier()
    assert len({column.title for column in RECORD_COLUMNS}) == len(RECORD_COLUMNS)


def test_what_an_older_document_lacks_is_empty(tmp_path: Path) -> None:
    document = record_document()
    for name in ("reported_on", "on_time", "marks"):
        document.pop(name)
    log = Log()
    log.publish("record", "r_1", document)
    source = finished(log, tmp_path)
    exports.write_form("csv", source, tmp_path / "out.csv")
    (row,) = csv_rows(tmp_path / "out.csv")
    assert (row["报送日期"], row["是否按时报送"], row["标注"]) == ("", "", "")
