"""The file: what it holds is what the feed says, whatever way it came there."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.replica import building, examples
from chalicelib.replica.building import apply, create, digest, record_number, seq_of
from chalicelib.replica.examples_ratings import RATING_EXAMPLE
from chalicelib.snapshots import exports
from tests.replica.builders import NOW, Log, record_document

MIDNIGHT = "2026-06-15T16:00:00.000Z"


def lively() -> Log:
    """Everything that happens to documents."""
    log = Log()
    for number in range(6):
        log.record(id=f"r_{number}", subject_name=f"示例市第{number}局")
    log.record(id="r_2", subject_name="示例市更名局")
    log.withdraw("r_3")
    log.record(id="r_4", until=MIDNIGHT)
    log.subject()
    log.publish("run", "run/ev_1", examples.RUN)
    log.publish("result", "result/ev_1/11", examples.EXPLANATION)
    log.publish("supervision", "supervision/c_1", examples.SUPERVISION_RESULT)
    log.publish("rating", f"rating/{RATING_EXAMPLE['id']}", RATING_EXAMPLE)
    log.record(id="r_3")
    log.withdraw("r_5", "term_ended")
    log.withdraw("supervision/c_1")
    return log


def state(connection: sqlite3.Connection) -> tuple[object, ...]:
    """All of a file."""
    tables = ("records", "subjects", "evaluation_runs", "evaluation_results", "tombstones", "meta")
    return tuple(
        sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
        for table in tables
    )


def found(connection: sqlite3.Connection, expression: str) -> list[str]:
    """Ids the search index gives."""
    query = (
        "SELECT id FROM records JOIN records_fts ON records_fts.rowid = number"
        " WHERE records_fts MATCH ? ORDER BY number DESC"
    )
    return [row[0] for row in connection.execute(query, (expression,))]


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("seed", range(5))
def test_any_cutting_and_repeating_of_the_feed_makes_the_same_file(
    tmp_path: Path, seed: int
) -> None:
    log, dice = lively(), random.Random(seed)
    whole = log.file(tmp_path / "whole.db")
    pieces = create(tmp_path / "pieces.db")

    while seq_of(pieces) < len(log.changes):
        back = max(0, seq_of(pieces) - dice.randrange(4))
        apply(pieces, log.after(back, dice.randrange(1, 6)), log.documents)

    assert state(pieces) == state(whole)
    assert digest(pieces, NOW) == digest(whole, NOW)
    assert found(pieces, '"更名"') == ["r_2"]
    assert found(pieces, '"第2 2局" OR "2"') == []


def test_a_missing_change_changes_nothing(tmp_path: Path) -> None:
    log = lively()
    connection = create(tmp_path / "file.db")
    apply(connection, log.after(0, 3), log.documents)
    before = state(connection)

    with pytest.raises(ValueError, match="change 4"):
        apply(connection, log.after(4, 3), log.documents)

    assert state(connection) == before


def test_a_crash_in_a_batch_leaves_the_file_before_it(tmp_path: Path) -> None:
    log = lively()
    connection = create(tmp_path / "file.db")
    apply(connection, log.after(0, 3), log.documents)
    before = state(connection)
    broken = {**log.documents, "r_4": log.documents["subject/11320100000000002B"]}
    broken["r_4"] = type(broken["r_4"])("r_4", "record", 1, 9, b"{}", b"", "")

    with pytest.raises(KeyError):
        apply(connection, log.after(3, 20), broken)

    assert state(connection) == before


@pytest.mark.requirement("R-21")
def test_the_digest_is_of_what_is_live_at_an_instant(tmp_path: Path) -> None:
    log = Log()
    ends, stays = log.record(id="r_1", until=MIDNIGHT), log.record(id="r_2")
    connection = log.file(tmp_path / "file.db")

    def expected(*documents: object) -> str:
        lines = [
            f"{one.id} {one.version} {one.seq} {hashlib.sha256(one.content).hexdigest()}\n"  # type: ignore[attr-defined]
            for one in documents
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    assert digest(connection, "2026-06-15T15:59:59.999Z") == expected(ends, stays)
    assert digest(connection, MIDNIGHT) == expected(stays)
    log.withdraw("r_1", "term_ended")
    apply(connection, log.changes, log.documents)
    assert digest(connection, NOW) == expected(stays)


def test_a_withdrawn_document_leaves_nothing_but_its_tombstone(tmp_path: Path) -> None:
    log = Log()
    log.record(id="r_1", subject_name="示例市独特局", text="绝无仅有的内容")
    connection = log.file(tmp_path / "file.db")
    log.withdraw("r_1")
    apply(connection, log.changes, log.documents)
    exports.finish(connection, tmp_path / "finished.db")
    connection.close()

    content = (tmp_path / "finished.db").read_bytes()
    for text in ("独特", "绝无", "dute"):
        assert text.encode() not in content


def test_a_finished_file_is_one_file_and_goes_on(tmp_path: Path) -> None:
    log = lively()
    connection = log.file(tmp_path / "file.db")
    connection.execute("PRAGMA journal_mode = WAL")
    finished = tmp_path / "finished" / "file.db"
    finished.parent.mkdir()
    exports.finish(connection, finished)
    connection.close()
    assert list(finished.parent.iterdir()) == [finished]

    again = building.connect(finished)
    log.record(id="r_9")
    assert apply(again, log.changes, log.documents) == len(log.changes)


IDS = st.text("234567abcdefghijklmnopqrstuvwxyz", min_size=9, max_size=26).map("r_{}".format)
DAYS = st.dates().map(lambda day: day.isoformat())


@given(st.tuples(DAYS, IDS), st.tuples(DAYS, IDS))
def test_the_order_of_numbers_is_that_of_day_and_id(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    first, second = sorted([one, other])
    if "1779" < first[0] < second[0] < "2160":
        assert record_number(*first) < record_number(*second)
    if first[0] == second[0]:
        assert (record_number(*first) < record_number(*second)) == (first[1][:11] < second[1][:11])
    assert all(-(2**63) <= record_number(*each) < 2**63 for each in (first, second))


def test_ids_that_begin_alike_both_find_a_place(tmp_path: Path) -> None:
    log = Log()
    log.record(id="r_aaaaaaaaaaaa")
    log.record(id="r_aaaaaaaaabbb")
    rows = log.file(tmp_path / "file.db").execute("SELECT id FROM records").fetchall()
    assert len(rows) == 2


def test_a_document_is_kept_to_the_byte(tmp_path: Path) -> None:
    log = Log()
    made = log.record(id="r_1", subject_name='引号"与\\反斜杠与𠮷')
    row = log.file(tmp_path / "file.db").execute("SELECT document, salt FROM records").fetchone()
    assert (row[0].encode(), bytes.fromhex(row[1])) == (made.content, made.salt)
    assert record_document(id="r_1")["id"] == "r_1"
