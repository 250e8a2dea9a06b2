"""What Lambda calls for checks: files to be checked, answers that changed, the day's tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.checks import asking, delivering, feedback, filing


def work_checks_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs of the checks queue; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """Work the messages of one event one by one."""
    return work_messages(event, lambda message: do_job(platform, message))


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message. Raises ValueError for what is none."""
    job = message.get("job")
    if job == "changed":
        delivering.note_changes(platform, str(message["subject"]))
    elif job == "deliver":
        delivering.deliver(platform, str(message["subscription_id"]))
    elif job == "redeliver":
        delivering.redeliver(platform, message)
    elif job == "file":
        filing.work(platform, message)
    elif job == "daily":
        feedback.begin_day(platform)
    elif job == "upkeep":
        _do_part(platform, message)
    else:
        raise ValueError("not a message of the checks queue")


def _do_part(platform: Platform, message: Mapping[str, Any]) -> None:
    """A part of the day's work."""
    part = message["part"]
    if part == "looks":
        asking.finish_all_looks(platform)
    elif part == "files":
        filing.resend(platform)
    elif part == "deliveries":
        delivering.resend(platform)
    else:
        feedback.look_at_day(platform, message)
