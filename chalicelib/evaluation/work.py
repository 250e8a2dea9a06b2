"""The jobs of the evaluation queue. Each may come twice, late or out of order, and may have died
half way before: it looks at what is there and does what is missing.

    plan     planned -> running: freeze the list of bodies, then one `chunk` per part of it
    chunk    freeze what its bodies are scored from, keep raw values; the last one sends `tally`
    tally    what all raw values come to, frozen; then one `settle` per chunk
    settle   points, results, explanations of a chunk; the last one sends `finish`
    finish   rank, a part at a time; all ranked and told: digest, running -> completed, and what
             follows from that
    tell     tell those with poor results before anybody else knows, a part at a time; then `finish`
    replay, replay_finish    the same again from what was frozen, compared instead of kept

And the change of a record, as the stream tells of it: results made from what it said are marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, finishstore, notices, replays, scoring, stale, store
from chalicelib.evaluation.freezing import FinishedUploads
from chalicelib.evaluation.gathering import gather_chunk, settle_chunk
from chalicelib.evaluation.incremental import basis_for
from chalicelib.evaluation.messages import send_next
from chalicelib.evaluation.ranking import Entry, by_subject, ranked
from chalicelib.evaluation.rawstore import freeze_tally
from chalicelib.evaluation.roster import freeze_roster
from chalicelib.evaluation.runs import Placing, Run, run_digest
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import Unavailable

FINISH_BODIES = 60_000
"""Bodies whose rank is written per message: well within the time of one invocation, and few enough
messages, as each of them ranks everybody anew."""
TELL_BODIES = 10_000
"""Results looked at per message for whom to tell: there is time to tell them all."""


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
    elif job == "tally":
        tally_run(platform, run_id)
    elif job == "settle":
        work_settle(platform, run_id, int(message["chunk"]))
    elif job == "finish":
        finish_run(platform, run_id)
    elif job == "tell":
        tell_bodies(platform, run_id)
    elif job == "replay":
        replay_id = str(message["replay_id"])
        replays.replay_chunk(platform, run_id, replay_id, int(message["chunk"]))
    elif job == "replay_finish":
        replays.finish_replay(platform, run_id, str(message["replay_id"]))
    else:
        raise ValueError(f"unknown job {job}")


def plan_run(platform: Platform, run_id: str) -> None:
    """Freeze who is evaluated, and what is taken over from an earlier run; send the chunks; of a
    run that has begun, those still open."""
    run = _run(platform, run_id)
    if run.status == "planned":
        basis = basis_for(platform, run)
        roster = freeze_roster(platform, run, scoring.scheme_of(platform, run))
        try:
            at = instant_text(platform.clock())
            run = store.begin_run(platform, run, roster, basis, at)
        except ConditionFailed:
            run = _run(platform, run_id)
    send_next(platform, run)


def work_chunk(platform: Platform, run_id: str, chunk: int, finished: FinishedUploads) -> None:
    """Freeze and gather one chunk. Of a run that has not begun there is nothing to do: its `plan`
    will send every open chunk."""
    run = _run(platform, run_id)
    if run.status != "running":
        return
    if chunkstore.load_chunk(platform, run_id, chunk) is None:
        gather_chunk(platform, run, chunk, finished)
        run = _run(platform, run_id)
    if run.status == "running" and run.all_gathered and run.tally is None:
        send_next(platform, run)


def tally_run(platform: Platform, run_id: str) -> None:
    """Add up what all chunks come to, once, and have them settled. Too early, it does nothing."""
    run = _run(platform, run_id)
    if run.status != "running" or not run.all_gathered:
        return
    if run.tally is None:
        pin = freeze_tally(platform, run, scoring.plan_for(platform, run))
        run = store.tally_run(platform, run, pin, instant_text(platform.clock()))
    send_next(platform, run)


def work_settle(platform: Platform, run_id: str, chunk: int) -> None:
    """Settle one chunk; the last one sends `finish`. Before the tally there is nothing to do: it
    will send every open chunk."""
    run = _run(platform, run_id)
    if run.status != "running" or run.tally is None:
        return
    if not chunkstore.is_settled(platform, run_id, chunk):
        settle_chunk(platform, run, chunk, run.tally)
        run = _run(platform, run_id)
    if run.status == "running" and run.all_done:
        send_next(platform, run)


def finish_run(platform: Platform, run_id: str) -> None:
    """Rank all results, FINISH_BODIES a message, have those told who must be, and complete the run,
    once. Too early, it does nothing: whoever does the last chunk sends `finish` again. Interrupted,
    it goes on where it stopped."""
    run = _run(platform, run_id)
    if run.status == "running" and run.all_done:
        run = _finished(platform, run)
    if run.status == "completed":
        stale.run_completed(platform, run)


def _finished(platform: Platform, run: Run) -> Run:
    digests: dict[int, str] = {}

    def entries() -> Iterator[Entry]:
        for found in chunkstore.standings_of(platform, run.run_id):
            digests[found.chunk] = found.digest
            yield from found.entries

    placings = list(ranked(entries()))
    if len(placings) != run.bodies:
        raise Unavailable(f"评价 {run.run_id} 应有 {run.bodies} 个结果，读到 {len(placings)} 个")
    try:
        after = _ranked_further(platform, run, placings)
        if after.ranked < after.bodies or not _is_told(after):
            job = "finish" if after.ranked < after.bodies else "tell"
            platform.evaluation_queue.send({"job": job, "run_id": run.run_id})
            return after
        digest = run_digest(digests, by_subject(placings))
        return store.complete_run(platform, after, digest, instant_text(platform.clock()))
    except ConditionFailed:
        return _run(platform, run.run_id)  # another delivery has come as far, with the same digits


def _ranked_further(
    platform: Platform, run: Run, placings: Sequence[tuple[str, Placing]]
) -> Run:
    if run.ranked >= run.bodies:
        return run
    end = min(run.ranked + FINISH_BODIES, run.bodies)
    store.put_placings(platform, run.run_id, islice(placings, run.ranked, end))
    return finishstore.ranked_to(platform, run, end, instant_text(platform.clock()))


def _is_told(run: Run) -> bool:
    return run.all_told or run.draft or scoring.pinned_scheme(run).notice is None


def tell_bodies(platform: Platform, run_id: str) -> None:
    """Tell those with poor results, TELL_BODIES looked at a message; after the last of them the run
    is finished. Before all are ranked, it does nothing. Interrupted, it goes on where it stopped.
    Raises ConditionFailed where another delivery told the same at the same time."""
    run = _run(platform, run_id)
    if run.status != "running" or not run.all_done or run.ranked < run.bodies:
        return
    if not _is_told(run):
        part = list(islice(store.results_of(platform, run_id, run.told_to), TELL_BODIES))
        notices.tell(platform, run, part)
        last = part[-1].body.subject_id if len(part) == TELL_BODIES else ""
        run = finishstore.told_to(platform, run, last, instant_text(platform.clock()))
    job = "finish" if _is_told(run) else "tell"
    platform.evaluation_queue.send({"job": job, "run_id": run_id})


def _run(platform: Platform, run_id: str) -> Run:
    run = store.load_run(platform, run_id)
    if run is None:
        raise ValueError(f"no run {run_id}")
    return run
