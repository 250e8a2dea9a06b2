"""The made-up city under its own warning rules: bodies, records about them, and the daily look."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chalicelib.cases import service as cases
from chalicelib.cases.model import CaseFile
from chalicelib.creditfile.model import Record, Subject
from chalicelib.kernel.clock import civil_date
from chalicelib.monitoring import store_warnings
from chalicelib.monitoring.handlers import do_job
from chalicelib.monitoring.model_runs import RaisedWarning
from chalicelib.policy import service as policy
from chalicelib.policy.base import BASE
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, JURISDICTION, WEST, body, keep, register
from tests.support.world import World

__all__ = ["CITY", "EAST", "JURISDICTION", "WEST", "body", "keep", "register"]

GOVERNMENT = body(1, EAST, kind="government", name="示例区人民政府", superior="CITYGOV")
BUREAU = body(2, EAST, name="示例区住建局", superior=GOVERNMENT.unified_code)
OFFICE = body(3, WEST, name="示例区财政局")
BODIES = (GOVERNMENT, BUREAU, OFFICE)


RULES = (
    "dishonesty_count", "dishonesty_growth", "dishonesty_concentration",
    "breach_kind_concentration", "overdue_rectifications", "lost_lawsuits",
)  # fmt: skip
REGIONS = (CITY, EAST, WEST)


@functools.cache
def _shipped() -> Mapping[str, Any]:
    """The compiled files of the base and of the town's city. The first who asks stands under no
    other policy yet."""
    folder = Path(os.environ["POLICY_DIR"])
    names = [
        policy.file_name(jurisdiction, version)
        for jurisdiction in (BASE, JURISDICTION)
        for version in policy.versions_of(jurisdiction)
    ]
    return {name: json.loads((folder / name).read_text("utf-8")) for name in names}


@functools.cache
def one_city(rules: tuple[str, ...] = RULES, regions: tuple[str, ...] = REGIONS) -> str:
    """Compiled packs of the town's own city alone, with so many of its rules and regions: every
    region is asked for bodies and judged, and every call more is two more worlds to fail in."""
    folder = Path(tempfile.mkdtemp(prefix="one-city-"))
    versions: dict[str, list[str]] = {}
    for name, pack in _shipped().items():
        versions.setdefault(pack["jurisdiction"], []).append(pack["version"])
        kept = {"warning_rules": rules, "regions": regions}
        cut = {
            section: {code: one for code, one in pack.get(section, {}).items() if code in codes}
            for section, codes in kept.items()
        }
        (folder / name).write_text(json.dumps({**pack, **cut}), "utf-8")
    index = {"jurisdictions": versions, "regions": dict.fromkeys(regions, JURISDICTION)}
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    return str(folder)


def breach(
    record_id: str, about: Subject = BUREAU, on: str = "2026-05-20", **changes: Any
) -> Record:
    """A breach of promise that was determined about a body, and known the day after."""
    fields = {"breach_kind": "arrears", "sphere": "procurement", "amount_yuan": "1000.00"}
    known = (date.fromisoformat(on) + timedelta(days=1)).isoformat()
    values: dict[str, Any] = {
        "type": "commitment_breach", "dishonesty": True, "severity": "general",
        "reporter": "COURT", "occurred_on": on, "fields": fields,
        "received_at": f"{known}T00:00:00.000Z", "due_on": "",
    }  # fmt: skip
    return town.record(record_id, about, **(values | changes))


def settle(world: World, breaches: int = 3) -> None:
    """Three bodies in two districts, the bureau with so many breaches of the last month."""
    register(world.platform, *BODIES)
    for number in range(breaches):
        keep(world.platform, breach(f"rec_breach_{number}", on=f"2026-05-{20 + number}"))


def tick(world: World) -> None:
    """The day's tick, and all that follows from it, worked."""
    do_job(world.platform, {"job": "daily"})
    work_all(world)


def work_all(world: World) -> int:
    """Work the monitoring queue until it is empty."""

    def one(message: Mapping[str, Any]) -> None:
        do_job(world.platform, message)

    return world.drain(world.platform.monitoring_queue, one)


def on_days(world: World, days: int) -> None:
    """So many more days, each with its tick."""
    for _ in range(days):
        world.clock.advance(days=1)
        tick(world)


def repaired(world: World, record_id: str) -> None:
    """The record is withdrawn: nothing of it counts any more."""
    town.withdraw(world.platform, record_id)


def warnings(world: World, rule: str = "") -> list[RaisedWarning]:
    """The warnings there are, of one rule if given, the oldest first."""
    page = store_warnings.page_of_warnings(world.platform, JURISDICTION, None, 1000, None)
    found = [store_warnings.warning_from(item) for item in page.items]
    return [one for one in reversed(found) if rule in ("", one.rule)]


def one_warning(world: World, rule: str) -> RaisedWarning:
    """The only warning of a rule, as it stands."""
    (found,) = warnings(world, rule)
    loaded = store_warnings.load_warning(world.platform, found.warning_id)
    assert loaded is not None
    return loaded


def case_of(world: World, warning: RaisedWarning) -> CaseFile:
    """The case of a warning."""
    assert warning.case_id
    return cases.find_file(world.platform, warning.case_id)


def struck_off(world: World, subject: Subject) -> None:
    """The body is on the register no longer: no list of the city's bodies has it."""
    world.platform.records.put({**_item(world, subject), "listing": "gone"})


def _item(world: World, subject: Subject) -> dict[str, Any]:
    item = world.platform.records.get(f"SUBJECT#{subject.subject_id}")
    assert item is not None
    return item


def today(world: World) -> str:
    """The civil day."""
    return civil_date(world.clock()).isoformat()


def moved(subject: Subject, region: str) -> Subject:
    """The same body elsewhere."""
    return replace(subject, region=region)
