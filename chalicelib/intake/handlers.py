"""Events of intake: jobs of the intake queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform
from chalicelib.intake.filework import do_job
from chalicelib.kernel.log import report_failure


def work(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """Work the queue's messages; those that failed come again."""
    return work_messages(event, lambda message: do_job(platform, message), report_failure)
