"""Events of intake: jobs of the intake queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.intake.filework import do_job


def work_intake_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs on uploaded files; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_intake_queue` on a given platform."""
    return work_messages(event, lambda message: do_job(platform, message))
