"""What Lambda calls for the feed: the sequencer's queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.aws.events import retried_soon, work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.feed import publishing, recovery, sequencer
from chalicelib.kernel.log import log_event

SEQUENCED: Final = "sequenced"


def work_sequencer_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: documents whose changes are to be numbered; answers which messages nobody
    understands."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_sequencer_queue` on a given platform. All messages of an event are one piece of work:
    if it fails, all come again."""
    ids: list[str] = []
    answer = work_messages(event, lambda message: ids.extend(_ids_in(message)))
    with retried_soon(platform.sequencer_queue, event):
        recovery.catch_up(platform)
        done = sequencer.sequence(platform, ids)
        published = publishing.publish(platform)
    if not published.is_whole:
        platform.sequencer_queue.send({"job": "sequence", "ids": []})
    log_event("INFO", SEQUENCED, changes=done.changes, seq=done.head.seq, published=published.size)
    return answer


def _ids_in(message: Mapping[str, Any]) -> list[str]:
    if message["job"] != "sequence":
        raise ValueError("unknown job")
    return [str(name) for name in message["ids"]]
