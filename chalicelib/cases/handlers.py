"""Events of cases: jobs of the cases queue, and records that came or changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.cases.arising import record_changed
from chalicelib.cases.clockwork import settle_due


def work_cases_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: cases that time is to move; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_cases_queue` on a given platform."""
    return work_messages(event, lambda message: work(platform, message))


def work(platform: Platform, message: Mapping[str, Any]) -> None:
    """Do the job a message asks for, or look at what a changed record gives rise to. Raises
    ValueError (no job), and as the job does."""
    if "entity" in message:
        if message["entity"] != "record":
            raise ValueError(f"no case follows {message['entity']}")
        record_changed(platform, str(message["key"]).partition("#")[2])
        return
    if message["job"] != "due":
        raise ValueError(f"unknown job {message['job']}")
    settle_due(platform, str(message["case_id"]), date.fromisoformat(str(message["day"])))
