"""The jobs of the evaluation queue. Each may come twice, late or out of order, and may have died
half way before: it looks at what is there and does what is missing.

    plan     planned -> running: freeze the list of bodies, then one `chunk` per CHUNK_BODIES
    chunk    freeze records, score, keep results, mark done; the last one sends `finish`
    finish   rank, digest, running -> completed, and what follows from that
    replay, replay_finish    the same again from what was frozen, compared instead of kept

And the change of a record, as the stream tells of it: results made from what it said are marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, notices, replays, scoring, stale, store
from chalicelib.evaluation.chunkstore import Standings
from chalicelib.evaluation.explanations import keep_explanations
from chalicelib.evaluation.freezing import FinishedUploads, facts_of_chunk
from chalicelib.evaluation.messages import send_next
from chalicelib.evaluation.ranking import Entry, by_subject, ranked
from chalicelib.evaluation.roster import freeze_roster, read_chunk
from chalicelib.evaluation.runs import Run, chunk_digest, run_digest
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable

FINISH_BODIES = 20_000
"""Bodies ranked per message: what one invocation writes well within its time."""


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
        finish_run(platform, run_id, int(message.get("begin", 0)))
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
    if run.status != "running":
        return
    if not chunkstore.is_settled(platform, run_id, chunk):
        _settle(platform, run, chunk, finished)
        run = _run(platform, run_id)
    if run.status == "running" and run.all_done:
        send_next(platform, run)


def _settle(platform: Platform, run: Run, chunk: int, finished: FinishedUploads) -> None:
    bodies = read_chunk(platform, run, chunk)
    plan = scoring.plan_for(run)
    facts = facts_of_chunk(platform, run, plan, chunk, bodies, finished)
    scored = scoring.score(run, plan, chunk, bodies, facts)
    places = keep_explanations(platform, run.run_id, chunk, scored)
    results = store.put_results(platform, [result for result, _ in scored], places)
    found = Standings(chunk, chunk_digest(results), scoring.entries_of(run, results))
    with suppress(ConditionFailed):  # another delivery has done this chunk
        chunkstore.mark_settled(platform, run, found, instant_text(platform.clock()))


def finish_run(platform: Platform, run_id: str, begin: int = 0) -> None:
    """Rank all results, FINISH_BODIES a message, and complete the run, once. Too early, it does
    nothing: whoever does the last chunk sends `finish` again. Interrupted, it goes on where it
    stopped."""
    run = _run(platform, run_id)
    if run.status == "running" and run.all_done:
        run = _ranked(platform, run, begin)
    if run.status == "completed":
        stale.run_completed(platform, run)


def _ranked(platform: Platform, run: Run, begin: int) -> Run:
    digests: dict[int, str] = {}

    def entries() -> Iterator[Entry]:
        for found in chunkstore.standings_of(platform, run.run_id):
            digests[found.chunk] = found.digest
            yield from found.entries

    placings = list(ranked(entries()))
    if len(placings) != run.bodies:
        raise Unavailable(f"评价 {run.run_id} 应有 {run.bodies} 个结果，读到 {len(placings)} 个")
    end = begin + FINISH_BODIES
    store.put_placings(platform, run.run_id, islice(placings, begin, end))
    if end < len(placings):
        platform.evaluation_queue.send({"job": "finish", "run_id": run.run_id, "begin": end})
        return run
    notices.tell(platform, run, store.results_of(platform, run.run_id))
    digest = run_digest(digests, by_subject(placings))
    try:
        return store.complete_run(platform, run, digest, instant_text(platform.clock()))
    except ConditionFailed:
        return _run(platform, run.run_id)  # another delivery has completed it, with the same digits


def _run(platform: Platform, run_id: str) -> Run:
    run = store.load_run(platform, run_id)
    if run is None:
        raise ValueError(f"no run {run_id}")
    return run
