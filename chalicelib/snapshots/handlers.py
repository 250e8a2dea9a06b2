"""Events of the snapshots: jobs of their queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform


def work_snapshots_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: snapshots to be built; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_snapshots_queue` on a given platform."""
    return work_messages(event, lambda message: do_job(platform, message))


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message of the queue. Raises ValueError for one nobody understands."""
    if message["job"] != "build":
        raise ValueError("unknown job")
