"""The jobs of the evaluation queue. Each may come twice, late or out of order, and may have died
half way before: it looks at what is there and does what is missing.

    plan     planned -> running: freeze the list of bodies, then one `chunk` per CHUNK_BODIES
    chunk    freeze records, score, keep results, mark done; the last one sends `finish`
    finish   rank, digest, running -> completed, and what follows from that
    replay, replay_finish    the same again from what was frozen, compared instead of kept

And the change of a record, as the stream tells of it: results made from what it said are marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import replays, scoring, stale, store
from chalicelib.evaluation.freezing import FinishedUploads, facts_of_chunk
from chalicelib.evaluation.messages import send_next
from chalicelib.evaluation.roster import freeze_roster, read_chunk
from chalicelib.evaluation.runs import Result, Run, chunk_digest, run_digest
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable


def work(platform: Platform, message: Mapping[str, Any], finished: FinishedUploads) -> None:
    """Do the job a message asks for, or look at what a changed record means. Raises Unavailable
    (come again) or ValueError (no job)."""
    if "entity" in message:
        stale.record_changed(platform, stale.record_named(message))
        return
    job, run_id = str(message["job"]), str(message["run_id"])
    if job == "plan":
        plan_run(platform, run_id)
    elif job == "chunk":
        work_chunk(platform, run_id, int(message["chunk"]), finished)
    elif job == "finish":
        finish_run(platform, run_id)
    elif job == "replay":
        replay_id = str(message["replay_id"])
        replays.replay_chunk(platform, run_id, replay_id, int(message["chunk"]))
    elif job == "replay_finish":
        replays.finish_replay(platform, run_id, str(message["replay_id"]))
    else:
        raise ValueError(f"unknown job {job}")


def plan_run(platform: Platform, run_id: str) -> None:
    """Freeze who is evaluated and send the chunks; of a run that has begun, those still open."""
    run = _run(platform, run_id)
    if run.status == "planned":
        roster = freeze_roster(platform, run, scoring.pinned_scheme(run))
        try:
            run = store.begin_run(platform, run, roster, instant_text(platform.clock()))
        except ConditionFailed:
            run = _run(platform, run_id)
    send_next(platform, run)


def work_chunk(platform: Platform, run_id: str, chunk: int, finished: FinishedUploads) -> None:
    """Freeze, score and keep one chunk. Of a run that has not begun there is nothing to do: its
    `plan` will send every open chunk."""
    run = _run(platform, run_id)
    if run.status == "running" and chunk not in run.done:
        bodies = read_chunk(platform, run, chunk)
        plan = scoring.plan_for(run)
        facts = facts_of_chunk(platform, run, plan, chunk, bodies, finished)
        store.put_results(platform, scoring.score(run, plan, chunk, bodies, facts))
        try:
            run = store.mark_done(platform, run, chunk, instant_text(platform.clock()))
        except ConditionFailed:
            return  # completed meanwhile: another delivery did this chunk
    if run.status == "running" and run.all_done:
        send_next(platform, run)


def finish_run(platform: Platform, run_id: str) -> None:
    """Rank all results and complete the run, once. Too early, it does nothing: whoever does the
    last chunk sends `finish` again. Interrupted, it goes on where it stopped."""
    run = _run(platform, run_id)
    if run.status == "running" and run.all_done:
        run = _completed(platform, run)
    if run.status == "completed":
        stale.run_completed(platform, run)


def _completed(platform: Platform, run: Run) -> Run:
    run_id = run.run_id
    results = list(store.results_of(platform, run_id))
    if len(results) != run.bodies:
        raise Unavailable(f"评价 {run_id} 应有 {run.bodies} 个结果，读到 {len(results)} 个")
    placings = scoring.placings_of(scoring.pinned_scheme(run), results)
    unranked = {
        result.body.subject_id: placings[result.body.subject_id]
        for result in results
        if result.placing is None
    }
    store.put_placings(platform, run_id, unranked)
    digest = run_digest(_chunk_digests(results), placings)
    try:
        return store.complete_run(platform, run, digest, instant_text(platform.clock()))
    except ConditionFailed:
        return _run(platform, run_id)  # another delivery has completed it, with the same digits


def _chunk_digests(results: list[Result]) -> dict[int, str]:
    chunks: dict[int, list[Result]] = {}
    for result in results:
        chunks.setdefault(result.chunk, []).append(result)
    return {chunk: chunk_digest(found) for chunk, found in chunks.items()}


def _run(platform: Platform, run_id: str) -> Run:
    run = store.load_run(platform, run_id)
    if run is None:
        raise ValueError(f"no run {run_id}")
    return run
