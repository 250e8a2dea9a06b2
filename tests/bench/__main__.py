"""`python3 infra/dev.py bench [name ...]`: the benchmarks, one table, exit code 1 if a target is
missed.

Each runs in an interpreter of its own, so that what one leaves behind (imports, heap, clients) is
not measured by the next. A target is a ratio, or processor time, so that it holds on any machine;
still, a busy machine measures itself: look twice before believing a miss.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from infra.building.lock import ROOT
from tests.bench.model import Row, table
from tests.bench.setting import say

NAMES = (
    "calls", "ingest", "preflight", "memory", "start", "policy", "evaluation", "scoring", "cases",
    "edge", "log", "disclosure", "checks",
)  # fmt: skip
BY_NAME = ("city",)
"""What takes minutes runs only when it is named."""

_SECONDS, _LONGER = 480, 3600
_CHILD = "--rows-to"


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks (all if none is named) and print what they found."""
    if arguments[:1] == [_CHILD]:
        _, path, name = arguments
        _write_rows(Path(path), name)
        return 0
    unknown = [name for name in arguments if name not in (*NAMES, *BY_NAME)]
    if unknown:
        known = ", ".join(NAMES + BY_NAME)
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are: {known}\n")
        return 2
    rows: list[Row] = []
    broken: list[str] = []
    for name in arguments or NAMES:
        found = _rows_of(name)
        rows += found
        if not found:
            broken.append(name)
    sys.stdout.write(table(rows) + "\n")
    for name in broken:
        sys.stdout.write(f"{name}: did not finish (see above)\n")
    return 1 if broken or not all(row.ok for row in rows) else 0


def _write_rows(path: Path, name: str) -> None:
    # What the functions under measurement log is written, as in a worker, but not shown.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    rows: list[Row] = importlib.import_module(f"tests.bench.bench_{name}").run()
    path.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def _rows_of(name: str) -> list[Row]:
    """The rows of one benchmark, run by itself; none if it failed or took too long."""
    begun = time.monotonic()
    say(f"{name}: begins")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "tests.bench", _CHILD, str(path), name]
        if _run(command, _LONGER if name in BY_NAME else _SECONDS):
            say(f"{name}: failed")
            return []
        rows = [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    say(f"{name}: {time.monotonic() - begun:.0f} s")
    return rows


def _run(command: Sequence[str], seconds: int) -> int:
    """The exit code. Whatever ends it early, the benchmark gets the time to end what it started."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return process.wait() or 1
    except KeyboardInterrupt:  # the terminal has told the benchmark too
        process.wait()
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
