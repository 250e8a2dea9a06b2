"""A full evaluation at a real city's size and ten times that: 3 022 bodies, 19 600 civil servants,
230 000 records. Time, calls and what they cost, how both grow, and a worker's memory.

By name only (`dev.py bench city`): at ten times a city it takes minutes, not seconds. AWS answers
from memory and disk in the worker's own process, so the time is the worker's alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.creditfile.store import record_item, subject_item
from infra.building.lock import ROOT
from tests.bench.evaluation_memory import attributes
from tests.bench.model import Row
from tests.bench.setting import say
from tests.evaluation import persons_town, town

BODIES, OFFICIALS = 3_022, 19_600
REPORTED, ABOUT, OF_OFFICIAL = 60, 3, 2
"""Records each: 181 320 reported by bodies, 9 066 about them, 39 200 about civil servants."""
TIMES = 10
SATISFIED = {"satisfaction_percent": 91}
OPEN = {"items_due": 10, "items_on_time": 10, "requests_due": 5, "requests_on_time": 4}
LINEAR, TARGET_MIB = 1.10, 256
_MIB = 1024 * 1024

# On demand, region us-east-1, in US dollars: aws.amazon.com/dynamodb/pricing/on-demand,
# aws.amazon.com/s3/pricing, aws.amazon.com/sqs/pricing, aws.amazon.com/lambda/pricing (x86), as
# published in 2025. Writes and reads per million units, requests per million.
_WRITE, _READ, _PUT, _GET, _MESSAGE = 0.625, 0.125, 5.0, 0.4, 0.4
_GIB_SECOND = 0.0000166667
_WORKER_GIB = 1


def run(bodies: int = BODIES, officials: int = OFFICIALS, times: int = TIMES) -> list[Row]:
    """The rows of this benchmark."""
    one = _worked(bodies, officials)
    more = _worked(bodies * times, officials * times)
    return [
        *_rows_of(f"city: {_size(one)}", one),
        *_rows_of(f"city x {times}: {_size(more)}", more),
        _growth(f"city: processor time per subject, x 1 -> x {times}", one, more, "processor"),
        _growth(f"city: AWS calls per subject, x 1 -> x {times}", one, more, "calls"),
        Row(
            name=f"city x {times}: peak memory of the worker",
            measured=round(more["peak"] / _MIB, 1),
            floor=round(one["peak"] / _MIB, 1),
            unit="MiB",
            target=f"<= {TARGET_MIB}",
            ok=more["peak"] <= TARGET_MIB * _MIB,
        ),
    ]


def _size(said: Mapping[str, Any]) -> str:
    bodies, persons = said["subjects"]
    return f"{bodies:,} bodies, {persons:,} persons, {said['records']:,} records"


def _rows_of(name: str, said: Mapping[str, Any]) -> list[Row]:
    values = {
        "seconds of one worker": (said["seconds"], "s"),
        "AWS calls": (_calls(said), ""),
        "written units": (said["units"]["write"], ""),
        "read units": (said["units"]["read"], ""),
        "cost, on demand": (cost(said), "USD"),
    }
    return [
        Row(f"{name}: {what}", round(value, 2), 0, unit, "stated", True)
        for what, (value, unit) in values.items()
    ]


def cost(said: Mapping[str, Any]) -> float:
    """What the runs would cost, in US dollars on demand."""
    calls = said["calls"]
    requests = (
        said["units"]["write"] * _WRITE
        + said["units"]["read"] * _READ
        + calls["put_object"] * _PUT
        + calls["get_object"] * _GET
        + 3 * said["messages"] * _MESSAGE  # sent, received, deleted
    )
    return float(requests / 1_000_000 + said["seconds"] * _WORKER_GIB * _GIB_SECOND)


def _growth(name: str, one: Mapping[str, Any], more: Mapping[str, Any], what: str) -> Row:
    def each(said: Mapping[str, Any]) -> float:
        amount = _calls(said) if what == "calls" else said[what]
        return float(1000 * amount / sum(said["subjects"]))

    small, large = each(one), each(more)
    return Row(
        name=name,
        measured=round(large, 3),
        floor=round(small, 3),
        unit="per 1000" if what == "calls" else "ms",
        target=f"ratio <= {LINEAR:.2f}",
        ok=large <= LINEAR * small,
    )


def _calls(said: Mapping[str, Any]) -> int:
    # Messages are sent ten at a time, and taken one by one.
    return int(sum(said["calls"].values()) + said["messages"] // 10)


def _worked(bodies: int, officials: int) -> dict[str, Any]:
    say(f"city: {bodies:,} bodies and {officials:,} persons")
    with tempfile.TemporaryDirectory() as folder:
        setup = Path(folder) / "setup.json"
        setup.write_text(json.dumps(_setup(folder, bodies, officials)), encoding="utf-8")
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "POLICY_DIR": persons_town.packs(), "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1", "POWERTOOLS_SERVICE_NAME": "govcredit",
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.bench.evaluation_worker", str(setup)]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["subjects"] == [bodies, officials], said
    return said


def _setup(folder: str, bodies: int, officials: int) -> dict[str, Any]:
    body = town.body(0)
    official = persons_town.official(0, body)
    discipline = town.record(
        "r", official, type="public_official_discipline", occurred_on="2026-02-01",
        subject_code="", subject_name="", reporter="COURT",
    )  # fmt: skip
    satisfaction = town.record("r", body, type="satisfaction_result", fields=SATISFIED)
    openness = town.record("r", body, type="government_openness", fields=OPEN)
    return {
        "folder": folder, "now": "2026-06-15T04:00:00.000Z",
        "record_bytes": len(json.dumps(record_item(discipline))),
        "bodies": bodies, "officials": officials,
        "reported": REPORTED, "of_official": OF_OFFICIAL,
        "templates": {
            "body": attributes(subject_item(body)),
            "official": attributes(subject_item(official)),
            "licence": attributes(record_item(town.record("r", body))),
            "penalty": attributes(record_item(town.penalty("r", body))),
            "openness": attributes(record_item(openness)),
            "satisfaction": attributes(record_item(satisfaction)),
            "discipline": attributes(record_item(discipline)),
        },
    }  # fmt: skip
