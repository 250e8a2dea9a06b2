"""What a cold start pays for policy: the largest compiled pack loaded, and one record type used.

In a fresh interpreter that has imported what the functions import anyway; the floor is parsing
the same file as plain JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.building.lock import ROOT
from tests.bench.model import Row
from tests.bench.setting import packs, say

TARGET = 15.0
STARTS = 9
_PROGRAM = """
import json, sys, time
from pathlib import Path
from chalicelib.policy import fields, service
jurisdiction, version, path = sys.argv[1:]
begun = time.process_time()
json.loads(Path(path).read_bytes())
parsed = time.process_time()
pack = service.pack_version(jurisdiction, version)
fields.checker_of(pack.types["administrative_penalty"])
pack.calendar.working_days
used = time.process_time()
print((used - parsed) * 1000, (parsed - begun) * 1000)
"""


def run(starts: int = STARTS) -> list[Row]:
    """The row of this benchmark."""
    with packs() as folder:
        largest = max(folder.glob("*@*.json"), key=lambda file: file.stat().st_size)
        say(f"policy: {starts} cold loads of {largest.name}, {largest.stat().st_size} bytes")
        timed = [_milliseconds(folder, largest) for _ in range(starts)]
    measured = min(used for used, _ in timed)
    return [
        Row(
            name=f"policy: load {largest.stem}, check rows of one type, count working days",
            measured=round(measured, 1),
            floor=round(min(parsed for _, parsed in timed), 1),
            unit="ms CPU",
            target=f"<= {TARGET:.0f}",
            ok=measured <= TARGET,
        )
    ]


def _milliseconds(folder: Path, file: Path) -> tuple[float, float]:
    """Processor time of loading and using the pack, and of parsing its file."""
    jurisdiction, _, version = file.stem.partition("@")
    made = subprocess.run(
        [sys.executable, "-c", _PROGRAM, jurisdiction, version, str(file)],
        capture_output=True, text=True, cwd=ROOT, check=True,
        env={**os.environ, "POLICY_DIR": str(folder), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    used, parsed = made.stdout.split()
    return float(used), float(parsed)
