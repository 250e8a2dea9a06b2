"""The made-up city under its own warning rules: bodies, records about them, and the daily look."""

from __future__ import annotations

import functools
import shutil
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
from chalicelib.policy.compile import PACKS, compile_all
from tests.evaluation import town
from tests.evaluation.town import CITY, EAST, JURISDICTION, WEST, body, keep, register
from tests.support.world import World

__all__ = ["CITY", "EAST", "JURISDICTION", "WEST", "body", "keep", "register"]

GOVERNMENT = body(1, EAST, kind="government", name="示例区人民政府", superior="CITYGOV")
BUREAU = body(2, EAST, name="示例区住建局", superior=GOVERNMENT.unified_code)
OFFICE = body(3, WEST, name="示例区财政局")
BODIES = (GOVERNMENT, BUREAU, OFFICE)


@functools.cache
def one_city() -> str:
    """Compiled packs of the town's own city alone: the tick asks for bodies region by region, and
    the regions of other cities are many."""
    folder = Path(tempfile.mkdtemp(prefix="one-city-"))
    shutil.copytree(PACKS / JURISDICTION, folder / "packs" / JURISDICTION)
    compile_all(folder / "compiled", packs_dir=folder / "packs")
    return str(folder / "compiled")


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


def today(world: World) -> str:
    """The civil day."""
    return civil_date(world.clock()).isoformat()


def moved(subject: Subject, region: str) -> Subject:
    """The same body elsewhere."""
    return replace(subject, region=region)
