"""What Lambda calls for evaluation: jobs from the queue, and the daily look at the clock."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.evaluation import service
from chalicelib.evaluation.freezing import FinishedUploads
from chalicelib.evaluation.work import work
from chalicelib.intake.service import finished_uploads

JOB_FAILED = "evaluation_job_failed"
RUNS_STARTED = "evaluations_started"


def work_evaluation_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs of evaluation runs; answers which messages have to come again."""
    return work_jobs(current_platform(), event, finished_uploads)


def start_due_evaluations(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """EventBridge Scheduler: a tick. What is due is decided by the clock, never by the tick."""
    started = service.start_due_runs(current_platform())
    _logger().info(RUNS_STARTED, extra={"runs": started})
    return {"started": started}


def work_jobs(
    platform: Platform, event: Mapping[str, Any], finished: FinishedUploads
) -> dict[str, Any]:
    """Work the messages of one SQS event one by one."""

    def report(message_id: str, error: Exception) -> None:
        # The kind of error only: its text may quote what does not belong into a log.
        _logger().warning(
            JOB_FAILED, extra={"message_id": message_id, "error": type(error).__name__}
        )

    return work_messages(event, lambda message: work(platform, message, finished), report)


@functools.cache
def _logger() -> Logger:
    return Logger(service="govcredit", use_rfc3339=True, utc=True)
