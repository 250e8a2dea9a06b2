"""Events of intake: jobs of the intake queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.intake.exports import work_export
from chalicelib.intake.filework import do_job
from chalicelib.intake.recounting import recount

Deed = Callable[[Platform, Mapping[str, Any]], None]

_OTHER_JOBS: Final[dict[str, Deed]] = {"deadlines": recount, "export": work_export}
"""Jobs that are not about an uploaded file of records."""


def know_job(job: str, deed: Deed) -> None:
    """Let a capability that stands above have its files worked by this queue as well."""
    _OTHER_JOBS[job] = deed


def work_intake_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs on uploaded files and on what was collected; answers which messages have to come
    again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_intake_queue` on a given platform."""
    return work_messages(event, lambda message: work_job(platform, message))


def work_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """One job of the intake queue. Raises for anything that should be tried again."""
    _OTHER_JOBS.get(str(message["job"]), do_job)(platform, message)
