"""What Lambda calls for snapshots: messages that ask for one, of the night's tick too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from chalicelib.aws.events import retried_soon, retry_soon, work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.snapshots.model import REASONS, Reason, Wish
from chalicelib.snapshots.service import bring_up


def work_snapshots_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: see that there are snapshots as wished for; which messages have to come again."""
    return bring_up_all(current_platform(), event)


def bring_up_all(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """Work the messages of one event. The first builds what all of them ask for; the others find
    it there, as do those that were sent while it was being built."""
    # A build has long to run: what was withdrawn shall not stay in the files that long after one
    # failure.
    with retried_soon(platform.snapshots_queue, event):
        answer = work_messages(event, lambda message: work(platform, message))
    failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
    retry_soon(platform.snapshots_queue, event, failed)
    return answer


def work(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message: `{"reason": ..., "seq": n}`. Raises ValueError for any other."""
    reason, seq = message.get("reason"), message.get("seq", 0)
    if reason not in REASONS or not isinstance(seq, int) or seq < 0:
        raise ValueError("not a message of the snapshots queue")
    bring_up(platform, Wish(cast(Reason, reason), seq))
