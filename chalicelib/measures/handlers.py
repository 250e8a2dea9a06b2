"""What Lambda calls for measures: changes of what measures rest on, and the day's tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.measures import events
from chalicelib.measures.model import Cause
from chalicelib.measures.work import restand


def work_measures_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: jobs of the measures queue; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """Work the messages of one event one by one."""
    return work_messages(event, lambda message: do_job(platform, message))


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message. Raises ValueError for what is none."""
    if "entity" in message:
        _work_change(platform, str(message["entity"]), str(message["key"]))
    elif message.get("job") == "run":
        events.run_changed(platform, str(message["run_id"]), str(message["after"]))
    elif message.get("job") == "subject":
        restand(platform, str(message["subject"]), Cause("day"))
    elif message.get("job") == "rebuild":
        events.rebuild(platform, str(message["jurisdiction"]))
    elif message.get("job") == "region":
        jurisdiction, region = str(message["jurisdiction"]), str(message["region"])
        events.rebuild_region(platform, jurisdiction, region, message["persons"] is True)
    elif message.get("job") == "reporter":
        events.rebuild_reporter(platform, str(message["reporter"]), str(message["after"]))
    elif message.get("job") == "missed":
        jurisdiction, since = str(message["jurisdiction"]), str(message["since"])
        events.look_at_missed(platform, jurisdiction, since, str(message["after"]))
    elif message.get("job") == "daily":
        events.new_day(platform)
    else:
        raise ValueError("not a message of the measures queue")


def _work_change(platform: Platform, entity: str, key: str) -> None:
    name = key.partition("#")[2]
    if entity == "record":
        events.record_changed(platform, name)
    elif entity == "case":
        events.case_changed(platform, name)
    elif entity == "subject":
        events.subject_changed(platform, name)
    elif entity == "evaluation_run":
        events.run_changed(platform, name)
    else:
        raise ValueError(f"no measure rests on {entity}")
