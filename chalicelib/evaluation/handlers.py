"""What Lambda calls for evaluation: jobs from the queue, and the daily look at the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.evaluation import service
from chalicelib.evaluation.freezing import FinishedUploads
from chalicelib.evaluation.work import work
from chalicelib.intake.service import finished_uploads
from chalicelib.kernel.log import log_event

RUNS_STARTED = "evaluations_started"


def work_evaluation_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs of evaluation runs; answers which messages have to come again."""
    return work_jobs(current_platform(), event, finished_uploads)


def start_due_evaluations(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """EventBridge Scheduler: a tick. What is due is decided by the clock, never by the tick."""
    started = service.start_due_runs(current_platform())
    log_event("INFO", RUNS_STARTED, runs=started)
    return {"started": started}


def work_jobs(
    platform: Platform, event: Mapping[str, Any], finished: FinishedUploads
) -> dict[str, Any]:
    """Work the messages of one SQS event one by one."""

    return work_messages(event, lambda message: work(platform, message, finished))
