"""The benchmarks work, on sizes so small that their numbers say nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra.building.lock import ROOT
from tests.bench import (
    __main__ as bench,
)
from tests.bench import (
    bench_calls,
    bench_cases,
    bench_checks,
    bench_city,
    bench_disclosure,
    bench_edge,
    bench_evaluation,
    bench_ingest,
    bench_log,
    bench_memory,
    bench_policy,
    bench_preflight,
    bench_scoring,
    bench_start,
)
from tests.bench.model import Row, table

OK = Row("导入 import", 12.5, 10, "ms", "ratio <= 1.5", True)
MISSED = Row("zip", 31, 0, "MiB", "<= 30", False)


def test_the_table_states_ratio_target_and_outcome() -> None:
    heading, rule, first, second = table([OK, MISSED]).splitlines()
    assert [cell.strip() for cell in heading.split("|")] == [
        "what", "measured", "floor", "ratio", "target", "ok",
    ]  # fmt: skip
    assert set(rule) <= set("- |")
    assert [cell.strip() for cell in first.split("|")] == [
        "导入 import", "12.5 ms", "10 ms", "1.25", "ratio <= 1.5", "yes",
    ]  # fmt: skip
    assert [cell.strip() for cell in second.split("|")][2:] == ["-", "-", "<= 30", "NO"]


@pytest.mark.parametrize(("rows", "code"), [([OK], 0), ([OK, MISSED], 1), ([], 1)])
def test_a_missed_target_or_a_broken_benchmark_is_a_failure(
    rows: list[Row], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "_rows_of", lambda name: rows)
    assert bench.main(["edge"]) == code
    assert ("did not finish" in capsys.readouterr().out) is not bool(rows)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nothing"]) == 2
    assert "edge" in capsys.readouterr().err


def test_rows_come_out_of_another_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, before = tmp_path / "rows.json", sys.stdout
    monkeypatch.setattr(bench_edge, "run", lambda: [OK])
    try:
        assert bench.main(["--rows-to", str(path), "edge"]) == 0
    finally:
        sys.stdout.close()
        sys.stdout = before
    assert "导入" in path.read_text("utf-8").encode().decode("unicode_escape")


def test_every_benchmark_is_named() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("bench_*.py")}
    assert files == {f"bench_{name}" for name in (*bench.NAMES, *bench.BY_NAME)}


def test_calls(capsys: pytest.CaptureFixture[str]) -> None:
    rows = bench_calls.run(rows=20)
    assert [row.unit for row in rows] == ["calls", "calls", "calls/row"]
    assert rows[0].ok, "a record of a known subject takes more than three calls"


def test_ingest() -> None:
    rows = bench_ingest.run(rows=20, rounds=1, own_rows=20, real=False)
    assert [row.unit for row in rows] == ["records/s", "µs", "µs"]
    assert all(row.floor > 0 and row.measured > 0 for row in rows)


def test_preflight() -> None:
    rows = bench_preflight.run(rows=120, few=60)
    assert [row.unit for row in rows] == ["rows/s", "rows/s", "rows/s", "MiB"]
    assert all(row.measured > 0 for row in rows)


def test_memory() -> None:
    rows = bench_memory.run(rows=60, bad_rows=10, code=ROOT)
    assert all(row.unit == "MiB" and row.measured >= row.floor > 20 for row in rows)


def test_policy() -> None:
    (loading,) = bench_policy.run(starts=1)
    assert loading.unit == "ms CPU" and loading.measured > 0


def test_start() -> None:
    (imports,) = bench_start.run(starts=1, code=ROOT)
    assert imports.measured > 0 and imports.floor > 0
    assert bench_start.zip_row(30 * 1024 * 1024).ok
    assert not bench_start.zip_row(30 * 1024 * 1024 + 1).ok


def test_cases() -> None:
    items, queries = bench_cases.run(number=60, due=5)
    assert items.ok and queries.ok
    assert items.measured == 5, "what is not due is not read"


def test_log() -> None:
    append, publish, one, visible, tiles = bench_log.run(changes=120, real=False)
    assert append.measured > 0 and append.floor > 0
    assert publish.measured > 0 and one.measured > 0 and visible.measured > 0
    assert tiles.ok, "a proof reads more tiles than a website would put up with"


def test_disclosure() -> None:
    loading, *rows = bench_disclosure.run(records=300, seconds=0.2)
    assert loading.measured > 0
    assert len(rows) == 16 and all(row.measured > 0 and row.floor > 0 for row in rows)


def test_checks() -> None:
    rows = bench_checks.run(20, 1)
    assert [row.unit for row in rows] == ["ms CPU", "calls"] * 2
    assert rows[1].ok and rows[3].ok, "a check of one subject takes more than two calls"


def test_scoring_agrees_with_duckdb_to_the_last_digit() -> None:
    (row,) = bench_scoring.run(bodies=20, rows=60, rounds=1)
    assert row.measured > 0 and row.floor > 0


def test_city() -> None:
    rows = bench_city.run(3, 5, 2)
    assert len(rows) == 13 and rows[-1].ok, "a worker takes too much memory"


def test_evaluation_and_edge() -> None:
    rows = [*bench_evaluation.run(5, 10, 1), *bench_edge.run(1, 5, 1)]
    assert len(rows) == 4 and all(row.ratio for row in rows)
