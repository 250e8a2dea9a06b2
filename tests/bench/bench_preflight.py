"""Preflight of one XLSX of double-publicity rows: reading the sheet, pure validation (tidying
included) and the whole work on the file, each by itself; and peak memory of the whole.

Validation is measured on the rows as the convert job has written them: what it takes to make each
a candidate. The sheet is read by the platform's own reader on expat; openpyxl's read-only mode,
which keeps more per row than it hands out, is the floor it is held against.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl import load_workbook

from chalicelib.intake.candidates import Reading
from chalicelib.intake.splitting import lines_of
from chalicelib.policy.fields import known_columns
from chalicelib.policy.model import RecordType
from chalicelib.sheets.service import open_table
from infra.building.lock import ROOT
from tests.bench import licence_book
from tests.bench.model import Row
from tests.bench.preflight_worker import ROWS_FILE, upload_of
from tests.bench.setting import packs, say

ROWS, FEW = 100_000, 10_000
VALIDATION_TARGET, FLAT = 10_000, 1.25
_ROUNDS = 3


def run(rows: int = ROWS, few: int = FEW) -> list[Row]:
    """The rows of this benchmark."""
    with packs() as policies, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say(f"preflight: writing workbooks of {few:,} and {rows:,} rows")
        small, large = folder / "small.xlsx", folder / "large.xlsx"
        licence_book.write(small, few)
        licence_book.write(large, rows)
        reading = [_reading_row(large, rows)]
        say("preflight: working the files")
        low = _worked(small, few, folder, policies)
        high = _worked(large, rows, folder, policies)
        validation = _validation_row(folder / large.stem / ROWS_FILE, rows)
    return [*reading, validation, _whole_row(high, rows), _memory_row(low, high, rows)]


def _reading_row(path: Path, rows: int) -> Row:
    ours = _seconds(lambda: _read(path, rows))
    theirs = _seconds(lambda: _read_with_openpyxl(path, rows))
    return Row(
        f"preflight: reading {rows:,} rows of a sheet (own reader on expat; floor: openpyxl)",
        round(rows / ours), round(rows / theirs), "rows/s", "ratio >= 1", ours <= theirs,
    )  # fmt: skip


def _read(path: Path, rows: int) -> None:
    record_type = licence_book.record_type()
    with path.open("rb") as file, open_table(file, "xlsx", _known(record_type)) as table:
        assert sum(1 for _ in table.rows()) == rows


def _known(record_type: RecordType) -> Callable[[tuple[str, ...]], int]:
    return lambda names: known_columns(record_type, names)


def _read_with_openpyxl(path: Path, rows: int) -> None:
    book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    sheet = book.worksheets[0]
    assert sum(1 for _ in sheet.iter_rows(values_only=True)) == rows + 2  # title and header
    book.close()


def _seconds(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _validation_row(path: Path, rows: int) -> Row:
    found = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        refused = tidied = 0
        for candidate in _candidates(path):
            refused += isinstance(candidate.examined, tuple)
            tidied += bool(candidate.notes)
        found.append(time.process_time() - begun)
        assert refused == licence_book.bad_rows(rows) and tidied == licence_book.odd_rows(rows)
    rate = round(rows / min(found))
    return Row(
        f"preflight: pure validation of {rows:,} rows, every tenth tidied, on one core",
        rate, 0, "rows/s", f">= {VALIDATION_TARGET}", rate >= VALIDATION_TARGET,
    )  # fmt: skip


def _candidates(path: Path) -> Iterator[object]:
    reading = Reading(upload_of("p_bench", 0))
    with path.open("rb") as file:
        for line in lines_of(iter(lambda: file.read(262_144), b"")):
            yield reading.of_table(line)


def _worked(path: Path, rows: int, folder: Path, policies: Path) -> dict[str, float]:
    """A preflight of the workbook in a process of its own; seconds and bytes it took."""
    home = folder / path.stem
    home.mkdir()
    command = [
        sys.executable, "-m", "tests.bench.preflight_worker", str(path), str(home), str(rows)
    ]  # fmt: skip
    environment = {"POLICY_DIR": str(policies), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    said: dict[str, float] = json.loads(done.stdout)
    return said


def _whole_row(high: dict[str, float], rows: int) -> Row:
    rate = round(rows / high["processor"])
    return Row(
        f"preflight: the whole file of {rows:,} rows, read, judged and reported, table in memory",
        rate, 0, "rows/s", "(told)", True,
    )  # fmt: skip


def _memory_row(low: dict[str, float], high: dict[str, float], rows: int) -> Row:
    mib = 1_048_576
    return Row(
        f"preflight: peak memory over {rows:,} rows",
        round(high["peak"] / mib, 1), round(low["peak"] / mib, 1), "MiB",
        f"ratio <= {FLAT}", high["peak"] <= FLAT * low["peak"],
    )  # fmt: skip
