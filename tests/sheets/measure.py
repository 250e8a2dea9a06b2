"""Reads a file in a fresh interpreter and prints by how much its memory grew: run as a module."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.sheets.model import SheetRefused
from chalicelib.sheets.service import open_table

ALLOWED_KIB = 32 * 1024
"""Half of what is promised."""


@dataclass(frozen=True)
class Reading:
    """What reading came to: rows read, the refusal's code, growth of the peak in KiB."""

    rows: int
    code: str
    grown_kib: int


def measured(path: Path) -> Reading:
    """Read the file in an interpreter of its own."""
    command = [sys.executable, "-m", "tests.sheets.measure", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return Reading(**json.loads(done.stdout))


def peak() -> int:
    """The most resident memory so far, in KiB. Not ru_maxrss: that of the parent is inherited."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def main(path: str) -> None:
    rows, code, before = 0, "", peak()
    form = "xlsx" if path.endswith(".xlsx") else "csv"
    try:
        with open(path, "rb") as file, open_table(file, form, lambda names: len(names)) as table:
            for _ in table.rows():
                rows += 1
    except SheetRefused as refused:
        code = refused.code
    reading = Reading(rows, code, peak() - before)
    sys.stdout.write(json.dumps(asdict(reading)))


if __name__ == "__main__":
    main(sys.argv[1])
