"""Monitoring's use cases, joined to the fault harness: one body in one region under a rule of each
kind (of bodies, of regions, of figures, to be tried on history): every call is tried in a small
world."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

from chalicelib.monitoring import service
from chalicelib.monitoring.handlers import do_job
from chalicelib.monitoring.model_runs import Run
from chalicelib.web.idempotency import IdempotencyClaim, claim_for
from chalicelib.web.model import Answer, Scope
from tests.evaluation.town import caller
from tests.monitoring import town
from tests.monitoring.town import BUREAU, breach
from tests.support.faults import join
from tests.support.world import World

RULES = ("dishonesty_count", "dishonesty_growth", "overdue_rectifications", "lost_lawsuits")
RUN, NEXT_RUN = "mr_nanjing-2026-06-15", "mr_nanjing-2026-06-16"


def _settled(world: World) -> None:
    # Put back after the test, as the packs of any test.
    os.environ["POLICY_DIR"] = town.one_city(RULES, (town.EAST,))
    town.register(world.platform, BUREAU)
    for number in range(3):
        town.keep(world.platform, breach(f"rec_breach_{number}"))


def _started(world: World) -> None:
    _settled(world)
    _daily(world)
    world.take(world.platform.monitoring_queue)


def _gone(world: World) -> None:
    """The rule of the warning is dropped from the policy: the next day's look has to end it."""
    _warned(world)
    _case(world)
    world.take(world.platform.monitoring_queue)
    os.environ["POLICY_DIR"] = town.one_city((), (town.EAST,))
    world.clock.advance(days=1)
    _daily(world)
    _job(world, "plan", run_id=NEXT_RUN)
    world.take(world.platform.monitoring_queue)


def _finish_next(world: World) -> None:
    _job(world, "finish", run_id=NEXT_RUN)


def _planned(world: World) -> None:
    _started(world)
    _job(world, "plan", run_id=RUN)
    world.take(world.platform.monitoring_queue)


def _looked(world: World) -> None:
    _planned(world)
    _chunk(world)
    world.take(world.platform.monitoring_queue)


def _warned(world: World) -> None:
    _looked(world)  # the body's chunk raises its warning


def _risen(world: World) -> None:
    _warned(world)
    _case(world)
    for number in range(2):
        town.keep(world.platform, breach(f"rec_more_{number}"))
    world.clock.advance(days=1)
    _daily(world)
    _job(world, "plan", run_id=NEXT_RUN)
    _job(world, "chunk", run_id=NEXT_RUN, chunk=0)
    world.take(world.platform.monitoring_queue)


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


def _ordered(world: World) -> None:
    _settled(world)
    world.clock.advance(days=30)


def _claim(world: World, operation: str) -> IdempotencyClaim:
    return claim_for(
        world.platform, key="k-1", client_id="c", operation=operation, request=("body",)
    )


def _start_run(world: World) -> None:
    service.start_look(
        world.platform, caller(), Scope.REGION, claim=_claim(world, "run"), present=_present
    )


def _start_back_test(world: World) -> None:
    order = service.BackTestOrder("lost_lawsuits", None, date(2026, 5, 1), date(2026, 6, 30))
    service.start_back_test(
        world.platform, caller(), order, claim=_claim(world, "test"), present=_present
    )


def _present(run: Run) -> Answer:
    return Answer(202, {"run_id": run.run_id}, location=f"/v1/x/{run.run_id}")


def _case(world: World) -> None:
    _job(world, "case", warning_id=town.one_warning(world, "dishonesty_count").warning_id)


join("monitoring:daily", _settled, _daily)
join("monitoring:plan", _started, _plan)
join("monitoring:chunk", _planned, _chunk)
join("monitoring:finish", _looked, _finish)
join("monitoring:finish, nothing judged any more", _gone, _finish_next)
join("monitoring:case", _warned, _case)
join("POST /v1/monitoring/runs", _settled, _start_run)
join("POST /v1/monitoring/back-tests", _ordered, _start_back_test)
join("monitoring:case, risen", _risen, _case)
