"""The messages of the monitoring queue."""

from __future__ import annotations

from chalicelib.aws.platform import Platform
from chalicelib.monitoring.model_runs import Run

Message = dict[str, object]


def send_next(platform: Platform, run: Run) -> int:
    """Send what a run waits for, for the first time or again; how many messages."""
    messages = next_messages(run)
    if len(messages) == 1:
        platform.monitoring_queue.send(messages[0])
    else:
        platform.monitoring_queue.send_many(messages)
    return len(messages)


def next_messages(run: Run) -> list[Message]:
    """What has to be done for a run in this state. Which chunks are done is told by the chunks: of
    a run under way all are sent, and those that are done do nothing."""
    if run.is_over:
        return []
    if run.status == "planned":
        return [{"job": "plan", "run_id": run.run_id}]
    if run.all_done:
        return [{"job": "finish", "run_id": run.run_id}]
    return [
        {"job": "chunk", "run_id": run.run_id, "chunk": chunk} for chunk in range(run.chunks)
    ]


def send_cases(platform: Platform, warning_ids: list[str]) -> None:
    """Have the cases of these warnings opened or moved."""
    platform.monitoring_queue.send_many([{"job": "case", "warning_id": one} for one in warning_ids])
