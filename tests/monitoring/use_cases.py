"""Monitoring's use cases, joined to the fault harness: one body, so that every call is tried in a
small world."""

from __future__ import annotations

import os
from typing import Any

from chalicelib.monitoring.handlers import do_job
from tests.monitoring import town
from tests.monitoring.town import BUREAU, breach
from tests.support.faults import join
from tests.support.world import World

RUN = "mr_nanjing-2026-06-15"


def _settled(world: World) -> None:
    os.environ["POLICY_DIR"] = town.one_city()  # put back after the test, as the packs of any test
    town.register(world.platform, BUREAU)
    for number in range(3):
        town.keep(world.platform, breach(f"rec_breach_{number}"))


def _started(world: World) -> None:
    _settled(world)
    _daily(world)
    world.take(world.platform.monitoring_queue)


def _planned(world: World) -> None:
    _started(world)
    _job(world, "plan", run_id=RUN)
    world.take(world.platform.monitoring_queue)


def _looked(world: World) -> None:
    _planned(world)
    _chunk(world)
    world.take(world.platform.monitoring_queue)


def _warned(world: World) -> None:
    _looked(world)
    _finish(world)
    world.take(world.platform.monitoring_queue)


def _risen(world: World) -> None:
    _warned(world)
    _case(world)
    for number in range(5):
        town.keep(world.platform, breach(f"rec_more_{number}"))
    world.clock.advance(days=1)
    do_job(world.platform, {"job": "daily"})
    while messages := world.take(world.platform.monitoring_queue):
        for message in messages:
            if message["job"] != "case":
                do_job(world.platform, message)


def _job(world: World, job: str, **more: Any) -> None:
    do_job(world.platform, {"job": job, **more})


def _daily(world: World) -> None:
    _job(world, "daily")


def _plan(world: World) -> None:
    _job(world, "plan", run_id=RUN)


def _chunk(world: World) -> None:
    _job(world, "chunk", run_id=RUN, chunk=0)


def _finish(world: World) -> None:
    _job(world, "finish", run_id=RUN)


def _case(world: World) -> None:
    _job(world, "case", warning_id=town.one_warning(world, "dishonesty_count").warning_id)


join("monitoring:daily", _settled, _daily)
join("monitoring:plan", _started, _plan)
join("monitoring:chunk", _planned, _chunk)
join("monitoring:finish", _looked, _finish)
join("monitoring:case", _warned, _case)
join("monitoring:case, risen", _risen, _case)
