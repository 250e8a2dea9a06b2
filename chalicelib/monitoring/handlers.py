"""What Lambda calls for monitoring: jobs of runs, cases of warnings, and the day's tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.intake.service import finished_uploads
from chalicelib.kernel.log import log_event
from chalicelib.monitoring.casework import settle_case
from chalicelib.monitoring.looking import finish_run, plan_run, work_chunk
from chalicelib.monitoring.starting import start_daily

RUNS_STARTED: Final = "monitoring_started"


def work_monitoring_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs of the monitoring queue; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """Work the messages of one event one by one."""
    return work_messages(event, lambda message: do_job(platform, message))


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message. Raises ValueError for what is none, and what the job raises."""
    job = message.get("job")
    if job == "daily":
        log_event("INFO", RUNS_STARTED, runs=start_daily(platform))
    elif job == "plan":
        plan_run(platform, str(message["run_id"]))
    elif job == "chunk":
        work_chunk(platform, str(message["run_id"]), int(message["chunk"]), finished_uploads)
    elif job == "finish":
        finish_run(platform, str(message["run_id"]))
    elif job == "case":
        settle_case(platform, str(message["warning_id"]))
    else:
        raise ValueError("not a message of the monitoring queue")
