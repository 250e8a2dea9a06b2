"""What a cold start pays: importing the app, against importing the libraries it stands on; and the
size of the zip that Lambda fetches and unpacks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.building.artifact import MAX_ZIP_BYTES, build
from infra.building.lock import ROOT
from infra.local.state import CACHE
from tests.bench.model import Row
from tests.bench.setting import REGION, say

RATIO_TARGET = 1.5
STARTS = 9
_OWN = "import app"
_LIBRARIES = f"""
from chalice.app import Chalice
import boto3
boto3.client("dynamodb", region_name="{REGION}")
from pydantic import BaseModel
from aws_lambda_powertools import Logger
"""


def run(starts: int = STARTS, code: Path | None = None) -> list[Row]:
    """The rows of this benchmark. `code`: measure imports of this code only, without packaging."""
    if code is not None:
        return [_import_row(code, starts)]
    with tempfile.TemporaryDirectory() as folder:
        say("start: packaging for AWS")
        size = build(Path(folder), "aws", CACHE).code.stat().st_size
    return [_import_row(ROOT, starts), zip_row(size)]


def zip_row(size: int) -> Row:
    """The zip's size against what is allowed."""
    mib = 1024 * 1024
    allowed = MAX_ZIP_BYTES / mib
    return Row(
        "start: function zip", round(size / mib, 1), 0, "MiB", f"<= {allowed:.0f}",
        size <= MAX_ZIP_BYTES,
    )  # fmt: skip


def _import_row(code: Path, starts: int) -> Row:
    say(f"start: {starts} cold imports each")
    own, floor = [], []
    for _ in range(starts):  # in turns, so that a busy machine slows both
        own.append(_milliseconds(_OWN, code))
        floor.append(_milliseconds(_LIBRARIES, code))
    ratio = min(own) / min(floor)
    return Row(
        name="start: import app over chalice, boto3 with a client, pydantic, powertools Logger",
        measured=round(min(own), 1),
        floor=round(min(floor), 1),
        unit="ms CPU",
        target=f"ratio <= {RATIO_TARGET}",
        ok=ratio <= RATIO_TARGET,
    )


def _milliseconds(statement: str, code: Path) -> float:
    """Processor time of a statement in a fresh interpreter."""
    timed = f"import time\nbegun = time.process_time()\n{statement}\nspent = time.process_time()"
    environment: Mapping[str, str] = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "AWS_DEFAULT_REGION": REGION,
    }
    made = subprocess.run(
        [sys.executable, "-c", f"{timed}\nprint((spent - begun) * 1000)"],
        capture_output=True, text=True, cwd=code, env=environment, check=True,
    )  # fmt: skip
    return float(made.stdout)
