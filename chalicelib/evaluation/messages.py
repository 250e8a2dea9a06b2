"""The messages of the evaluation queue, and when one that seems lost is sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chalicelib.aws.platform import Platform
from chalicelib.evaluation import chunkstore, replaystore
from chalicelib.evaluation.runs import Replay, Run
from chalicelib.kernel.clock import parse_instant

Message = dict[str, object]

RESEND_AFTER = timedelta(minutes=15)
"""Without progress for longer than the queue hides a message being worked, it counts as lost."""


def send_next(platform: Platform, run: Run) -> int:
    """Send what the run waits for, be it the first time or again; returns how many messages."""
    chunks: Iterable[int] = ()
    if run.status == "running" and not run.all_gathered:
        chunks = chunkstore.ungathered(platform, run)
    elif run.status == "running" and run.tally is not None and not run.all_done:
        chunks = chunkstore.unsettled(platform, run)
    return _send(platform, next_messages(run, chunks))


def next_messages(run: Run, open_chunks: Iterable[int]) -> list[Message]:
    """What has to be done for a run in this state, those chunks being open; nothing for a completed
    one."""
    if run.status == "completed":
        return []
    if run.status == "planned":
        return [{"job": "plan", "run_id": run.run_id}]
    if run.all_done:
        return [{"job": "finish", "run_id": run.run_id}]
    if run.all_gathered and run.tally is None:
        return [{"job": "tally", "run_id": run.run_id}]
    job = "settle" if run.all_gathered else "chunk"
    return [{"job": job, "run_id": run.run_id, "chunk": chunk} for chunk in open_chunks]


def send_next_replay(platform: Platform, replay: Replay) -> int:
    """`send_next` for a replay."""
    chunks: Iterable[int] = ()
    if not replay.all_done:
        chunks = replaystore.open_chunks(platform, replay)
    return _send(platform, next_replay_messages(replay, chunks))


def next_replay_messages(replay: Replay, open_chunks: Iterable[int]) -> list[Message]:
    """`next_messages` for a replay."""
    if replay.status == "completed":
        return []
    named: Message = {"run_id": replay.run_id, "replay_id": replay.replay_id}
    if replay.all_done:
        return [{"job": "replay_finish", **named}]
    return [{"job": "replay", **named, "chunk": chunk} for chunk in open_chunks]


def is_stalled(platform: Platform, last_progress: str) -> bool:
    """Whether nothing has moved for RESEND_AFTER."""
    return platform.clock() - parse_instant(last_progress) >= RESEND_AFTER


def _send(platform: Platform, messages: Sequence[Message]) -> int:
    if len(messages) == 1:
        platform.evaluation_queue.send(messages[0])
    else:
        platform.evaluation_queue.send_many(messages)
    return len(messages)
