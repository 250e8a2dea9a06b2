"""Evaluation's use cases, joined to the fault harness."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chalicelib.evaluation import appeals, service
from chalicelib.evaluation.incremental import OVERLAP
from chalicelib.evaluation.messages import RESEND_AFTER
from chalicelib.evaluation.runs import Run
from chalicelib.evaluation.supposing import Supposition, suppose
from chalicelib.evaluation.work import work
from chalicelib.kernel.clock import civil_date
from chalicelib.policy import service as policy
from chalicelib.policy.compile import PACKS, compile_all
from chalicelib.policy.figures import figures_of_pack
from chalicelib.web.idempotency import claim_for
from chalicelib.web.model import Answer, Scope
from tests.cases import bench
from tests.cases.bench import paper
from tests.evaluation import town
from tests.evaluation.reporting import HOUSING_CLERK, review, state
from tests.support.faults import join
from tests.support.world import World

POOR = town.body(1, town.CITY)
RUN = "ev_nanjing-annual_integrity-2025"


@functools.cache
def _one_city() -> str:
    """Compiled packs of the town's own city alone: the tick asks for bodies region by region, and
    every call more is two more worlds to fail in."""
    folder = Path(tempfile.mkdtemp(prefix="one-city-"))
    shutil.copytree(PACKS / town.JURISDICTION, folder / "packs" / town.JURISDICTION)
    compile_all(folder / "compiled", packs_dir=folder / "packs")
    return str(folder / "compiled")


def _settled(world: World, bodies: int = 2) -> None:
    os.environ["POLICY_DIR"] = _one_city()  # put back after the test, as the packs of any test
    town.settle(world, bodies)


def _started(world: World) -> None:
    _settled(world)
    service.start_due_runs(world.platform)
    world.take(world.platform.evaluation_queue)


def _planned(world: World) -> None:
    _started(world)
    _plan(world)
    world.take(world.platform.evaluation_queue)


def _gathered(world: World) -> None:
    _planned(world)
    _chunk(world)
    world.take(world.platform.evaluation_queue)


def _tallied(world: World) -> None:
    _gathered(world)
    _tally(world)
    world.take(world.platform.evaluation_queue)


def _scored(world: World) -> None:
    _tallied(world)
    _settle(world)
    world.take(world.platform.evaluation_queue)


def _ranked(world: World) -> None:
    _scored(world)
    _finish(world)
    world.take(world.platform.evaluation_queue)


def _told(world: World) -> None:
    _ranked(world)
    _tell(world)
    world.take(world.platform.evaluation_queue)


def _completed(world: World) -> None:
    _told(world)
    _finish(world)


def _corrected(world: World) -> None:
    _completed(world)
    town.withdraw(world.platform, "rec_penalty_1")


def _record_changed(world: World) -> None:
    message = town.change("rec_penalty_1")
    work(world.platform, message, town.all_finished)


def _corrected_under_way(world: World) -> None:
    _scored(world)
    town.withdraw(world.platform, "rec_penalty_1")


def _changed_under_way(world: World) -> None:
    _record_changed(world)
    _finish(world)
    world.drain(world.platform.evaluation_queue, lambda message: _work_again(world, message))


def _work_again(world: World, message: Mapping[str, object]) -> None:
    work(world.platform, message, town.all_finished)


def _superseding(world: World) -> None:
    _completed(world)
    world.clock.now += RESEND_AFTER
    _start(world)
    town.work_until(world, "finish")
    _supersede(world)  # ranks
    town.work_until(world, "finish")


def _supersede(world: World) -> None:
    for run in service.list_runs(world.platform, town.caller(), Scope.REGION, 9, None)[0]:
        if run.run_id != RUN:
            work(world.platform, {"job": "finish", "run_id": run.run_id}, town.all_finished)


def _again(world: World) -> None:
    """A second run, to be started from the first; one of two bodies' files has changed since."""
    _settled(world, 2)
    world.clock.now += OVERLAP + RESEND_AFTER
    service.start_due_runs(world.platform)
    town.work_all(world)
    world.clock.now += RESEND_AFTER
    town.withdraw(world.platform, "rec_penalty_1")
    town.start(world)


def _again_planned(world: World) -> None:
    _again(world)
    _plan_again(world)
    world.take(world.platform.evaluation_queue)


def _plan_again(world: World) -> None:
    work(world.platform, {"job": "plan", "run_id": _second(world)}, town.all_finished)


def _chunk_again(world: World) -> None:
    message = {"job": "chunk", "run_id": _second(world), "chunk": 0}
    work(world.platform, message, town.all_finished)


def _second(world: World) -> str:
    found, _ = service.list_runs(world.platform, town.caller(), Scope.REGION, 9, None)
    return next(run.run_id for run in found if run.run_id != RUN)


def _counting_figures(world: World) -> None:
    """A draft that counts a figure of every source, of a government."""
    os.environ["POLICY_DIR"] = _one_city()
    town.register(world.platform, town.body(1, kind="government"))
    pack = policy.pack_for(town.JURISDICTION, civil_date(world.clock.now))
    by_source = {one.source: one.code for one in figures_of_pack(pack).values()}
    document = pack.schemes[town.SCHEME].model_dump(mode="json", exclude_none=True)
    leaf = document["indicators"][0]["children"][0]
    leaf["source"] = {"link": "figure", "types": sorted(by_source.values())}
    leaf["score"] = {"kind": "deduction", "points": {"any": "1"}, "floor": "0"}
    service.start_draft(
        world.platform, town.caller(), Scope.REGION, service.Draft(document, "2025"),
        claim=None, present=town.present,
    )  # fmt: skip
    town.work_until(world, "chunk")


def _figures_chunk(world: World) -> None:
    message = {"job": "chunk", "run_id": _second(world), "chunk": 0}
    work(world.platform, message, town.all_finished)


def _replaying(world: World) -> None:
    _completed(world)
    _start_replay(world)
    world.take(world.platform.evaluation_queue)


def _replayed(world: World) -> None:
    _replaying(world)
    _replay(world)
    world.take(world.platform.evaluation_queue)


def _stalled(world: World) -> None:
    _planned(world)
    world.clock.now += RESEND_AFTER


def _job(world: World, job: str, **more: object) -> None:
    work(world.platform, {"job": job, "run_id": RUN, **more}, town.all_finished)


def _plan(world: World) -> None:
    _job(world, "plan")


def _chunk(world: World) -> None:
    _job(world, "chunk", chunk=0)


def _tally(world: World) -> None:
    _job(world, "tally")


def _settle(world: World) -> None:
    _job(world, "settle", chunk=0)


def _finish(world: World) -> None:
    _job(world, "finish")


def _tell(world: World) -> None:
    _job(world, "tell")


def _replay(world: World) -> None:
    _job(world, "replay", replay_id=_replay_id(world), chunk=0)


def _replay_finish(world: World) -> None:
    _job(world, "replay_finish", replay_id=_replay_id(world))


def _replay_id(world: World) -> str:
    run = _run(world)
    (found,) = world.platform.evaluation.query(f"RUN#{run.run_id}", prefix="REPLAY#").items
    return str(found["replay_id"])


def _run(world: World) -> Run:
    run = service.completed_run(world.platform, RUN)
    assert run is not None
    return run


def _start(world: World) -> None:
    claim = claim_for(
        world.platform, key="k-1", client_id="client-1", operation="start", request=("body",)
    )
    service.start_run(
        world.platform, town.caller(), Scope.REGION, town.order(), claim=claim,
        present=town.present,
    )  # fmt: skip


def _start_replay(world: World) -> None:
    claim = claim_for(
        world.platform, key="k-2", client_id="client-1", operation="replay", request=("",)
    )
    service.start_replay(
        world.platform,
        town.caller(),
        _run(world),
        claim=claim,
        present=lambda replay: Answer(202, None, location=f"/{replay.replay_id}"),
    )


def _tick(world: World) -> None:
    service.start_due_runs(world.platform)


def _resend(world: World) -> None:
    service.resend_lost(world.platform)


def _poor(world: World) -> None:
    os.environ["POLICY_DIR"] = _one_city()
    town.poor(world, POOR)
    service.start_due_runs(world.platform)
    town.work_until(world, "finish")
    _finish(world)
    world.take(world.platform.evaluation_queue)


def _poor_told(world: World) -> None:
    _poor(world)
    _tell(world)
    world.take(world.platform.evaluation_queue)
    _finish(world)


def _due(world: World) -> None:
    _poor_told(world)
    world.clock.advance(days=9)


def _appeal(world: World) -> None:
    claim = claim_for(
        world.platform, key="k-3", client_id="client-2", operation="appeal", request=("body",)
    )
    who = town.caller("", client_id="client-2", agency_code="", roles=frozenset({"subject"}),
                      subject_id=POOR.subject_id)  # fmt: skip
    appeals.make_appeal(
        world.platform,
        who,
        Scope.OWN,
        appeals.Appeal(_run(world), POOR.subject_id, (), "有误", {}, b"body"),
        claim=claim,
        present=lambda done: Answer(201, None, location=f"/v1/cases/{done.case_id}"),
    )


def _publish(world: World) -> None:
    service.publish_due(world.platform)


def _suppose(world: World) -> None:
    found = suppose(
        world.platform, town.caller(), Scope.REGION, _run(world), town.body(1).subject_id,
        Supposition(["rec_penalty_1"]),
    )  # fmt: skip
    assert found.after.total > found.result.total


def _try(world: World) -> None:
    pack = policy.pack_for(town.JURISDICTION, town.NOW.date())
    document = pack.schemes[town.SCHEME].model_dump(mode="json", exclude_none=True)
    claim = claim_for(
        world.platform, key="k-4", client_id="client-1", operation="try", request=("body",)
    )
    service.start_draft(
        world.platform, town.caller(), Scope.REGION, service.Draft(document, "2025"),
        claim=claim, present=town.present,
    )  # fmt: skip


join("POST /v1/evaluations/what-ifs", _settled, _try)
join("POST /v1/evaluations/{run_id}/results/{subject_id}/counterfactuals", _completed, _suppose)
join("POST /v1/evaluations/{run_id}/results/{subject_id}/appeals", _poor_told, _appeal)
join("evaluation:tell", _poor, _tell)
join("sweep:published_results", _due, _publish)
join("POST /v1/evaluations", _settled, _start)
join("POST /v1/evaluations/{run_id}/replays", _completed, _start_replay)
join("evaluation_schedule:tick", _settled, _tick)
join("evaluation:plan", _started, _plan)
join("evaluation:chunk", _planned, _chunk)
join("evaluation:tally", _gathered, _tally)
join("evaluation:settle", _tallied, _settle)
join("evaluation:plan_incremental", _again, _plan_again)
join("evaluation:chunk_incremental", _again_planned, _chunk_again)
join("evaluation:chunk, figures", _counting_figures, _figures_chunk)
join("evaluation:rank", _scored, _finish)
join("evaluation:finish", _told, _finish)
join("evaluation:record", _corrected, _record_changed)
join("evaluation:record_under_way", _corrected_under_way, _changed_under_way)
join("evaluation:supersede", _superseding, _supersede)
join("evaluation:replay", _replaying, _replay)
join("evaluation:replay_finish", _replayed, _replay_finish)
join("sweep:evaluation_jobs", _stalled, _resend)


def _papers_ready(world: World) -> None:
    bench.settle(world)
    _PAPERS[:] = [paper(world, HOUSING_CLERK)]


_PAPERS: list[str] = []


def _state(world: World) -> None:
    reply = state(world, evidence=_PAPERS)
    assert reply.status in (200, 201), reply.text


def _stated(world: World) -> None:
    _papers_ready(world)
    _state(world)


def _review(world: World) -> None:
    reply = review(world, "amend", value="90", reason="第三项没有证明材料")
    assert reply.status == 200, reply.text


join("PUT /v1/evaluation-figures/{code}/{period}", _papers_ready, _state)
join(
    "POST /v1/evaluation-figures/{code}/{period}/bodies/{unified_code}/review", _stated, _review
)
