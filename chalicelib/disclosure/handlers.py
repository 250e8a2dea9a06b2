"""What Lambda calls for disclosure: streams to forward, the disclosure queue to work, the sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from chalicelib.accounts.service import sweep as sweep_accounts
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.events import Change, Consumer, changes_in, forward, work_messages
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.cases.service import send_due
from chalicelib.crosscheck.service import resend_open as resend_crosschecks
from chalicelib.disclosure import case_results, projection, runs, third_party_ratings, upkeep
from chalicelib.disclosure.projection import Progress
from chalicelib.evaluation.service import publish_due, resend_lost
from chalicelib.intake.service import resend_exports, resend_open, send_recounts
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.errors import GovcreditError, Misconfigured
from chalicelib.kernel.log import log_event
from chalicelib.leads.service import drop_day_keys
from chalicelib.measures import service as measures
from chalicelib.registers.service import remind_keepers

WANTED: Final = (
    "record",
    "subject",
    "upload",
    "evaluation_run",
    "keyring",
    "case_result",
    "result_contest",
    "third_party_rating",
)
"""Entities whose changes concern the public."""

UPLOAD_PATIENCE: Final = timedelta(minutes=15)
"""A file that was committed longer ago and is not finished has lost a message."""

SWEPT: Final = "swept"
_FAILURES: Final = (GovcreditError, ConditionFailed, Missing, ValueError, LookupError, TypeError)


def forward_stream(event: Mapping[str, Any], context: object) -> None:
    """DynamoDB streams: forward the keys of what changed."""
    forward_changes(current_platform(), event)


def work_disclosure_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: changes to project; answers which messages have to come again."""
    return project_changes(current_platform(), event)


def forward_changes(platform: Platform, event: Mapping[str, Any]) -> None:
    """Stream function: send the keys of what changed to the consumers' queues. Raises Unavailable
    when it cannot, so that the stream delivers again, and Misconfigured for a stream of a table
    it does not know: dropping changes in silence would be worse."""
    settings = platform.settings
    tables = {
        settings.records_table: "records",
        settings.intake_table: "intake",
        settings.evaluation_table: "evaluation",
        settings.keys_table: "keys",
        settings.cases_table: "cases",
    }
    tables.pop("", None)
    for record in event.get("Records", []):
        parts = str(record.get("eventSourceARN", "")).split("/")
        if len(parts) < 2 or parts[1] not in tables:
            raise Misconfigured("收到未知数据表的变更，无法转发")
    forward(changes_in(event, tables), consumers(platform))


def consumers(platform: Platform) -> tuple[Consumer, ...]:
    """Who is told of which changes: one line each."""
    return (
        Consumer(platform.disclosure_queue, WANTED),
        Consumer(platform.evaluation_queue, ("record",), wants=_is_change_of_what_was),
        Consumer(platform.cases_queue, ("record",), wants=_is_of_dishonesty),
        Consumer(platform.measures_queue, measures.GROUNDS, wants=measures.wants),
    )


def _is_change_of_what_was(change: Change) -> bool:
    # First versions come by the million, in files, and nothing was made from them yet.
    return change.version > 1


def _is_of_dishonesty(change: Change) -> bool:
    # Licences and penalties come by the million and give rise to no case.
    return change.dishonesty


def project_changes(
    platform: Platform, event: Mapping[str, Any]
) -> dict[str, list[dict[str, str]]]:
    """Disclosure function: work the messages of the disclosure queue; which of them failed.

    What was projected is noted before any message leaves the queue: if the note fails, all come
    again, which does no harm.
    """
    progress = Progress()
    answer = work_messages(event, lambda message: work(platform, message, progress))
    progress.note(platform)
    return answer


def work(platform: Platform, message: Mapping[str, Any], progress: Progress) -> None:
    """One message: a change, a chunk of a finished file, a slice of a rebuild. Raises ValueError
    for anything else."""
    if "chunk" in message:
        upload_id, chunk = str(message["upload_id"]), int(message["chunk"])
        projection.project_chunk(platform, upload_id, chunk, progress)
    elif "run_id" in message:
        runs.project_run(platform, str(message["run_id"]), str(message["after"]), progress)
    elif "reporter" in message:
        upkeep.rebuild_reporter(platform, str(message["reporter"]), str(message["from"]), progress)
    else:
        _work_change(platform, str(message["entity"]), str(message["key"]), progress)


def _work_change(platform: Platform, entity: str, key: str, progress: Progress) -> None:
    name = key.partition("#")[2]
    if entity == "record":
        projection.project_records(platform, [name], progress)
    elif entity == "subject":
        projection.project_subject(platform, name, progress)
    elif entity == "upload":
        projection.fan_out_upload(platform, name)
    elif entity == "evaluation_run":
        runs.follow_run(platform, name, progress)
    elif entity == "result_contest":
        run_id, _, subject_id = name.partition("#")
        runs.follow_contest(platform, run_id, subject_id, progress)
    elif entity == "keyring":
        projection.project_keys(platform)
    elif entity == "case_result":
        case_results.project_result(platform, name, progress)
    elif entity == "third_party_rating":
        third_party_ratings.project_rating(platform, name, progress)
    else:
        raise ValueError(f"no projection of {entity}")


def sweep(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """EventBridge Scheduler: find what got lost in any room. Every part has its turn, even when
    one fails; then the failure is raised, so that the schedule tries again and the alarm rings.
    Invoked as a day begins with `{"tick": "daily"}`: only what the new day asks of cases. Invoked
    by the operator with `{"rebuild": true}`: have everything public projected again."""
    platform = current_platform()
    if event.get("rebuild") is True:
        rebuilt = {"rebuild_messages": upkeep.rebuild(platform)}
        log_event("INFO", SWEPT, failed=[], **rebuilt)
        return rebuilt
    if event.get("tick") == "daily":
        sent = {"due_cases": send_due(platform)}
        log_event("INFO", SWEPT, failed=[], **sent)
        return sent
    long_ago = instant_text(platform.clock() - UPLOAD_PATIENCE)
    parts: tuple[Callable[[], Mapping[str, int]], ...] = (
        lambda: {"uploads": resend_open(platform, long_ago)},
        lambda: {"exports": resend_exports(platform, long_ago)},
        lambda: {"crosschecks": resend_crosschecks(platform, long_ago)},
        lambda: {"recounts": send_recounts(platform)},
        lambda: sweep_accounts(platform),
        lambda: {"due_cases": send_due(platform)},
        lambda: {"evaluation_jobs": resend_lost(platform)},
        lambda: {"published_results": publish_due(platform)},
        lambda: {"reminders": remind_keepers(platform)},
        lambda: {"day_keys": drop_day_keys(platform)},
        lambda: sweep_disclosure(platform),
    )
    done: dict[str, int] = {}
    failures: list[Exception] = []
    for part in parts:
        try:
            done.update(part())
        except _FAILURES as error:
            failures.append(error)
    log_event("INFO", SWEPT, failed=[_kind(error) for error in failures], **done)
    if failures:
        raise failures[0]
    return done


def _kind(error: Exception) -> str:
    """What went wrong, without the error's text: that may quote what is on file."""
    return error.code if isinstance(error, GovcreditError) else type(error).__name__


def sweep_disclosure(platform: Platform) -> dict[str, int]:
    """Sweep function, this room's part: end terms, then find what was lost."""
    return {
        "ended": upkeep.end_terms(platform),
        "behind": upkeep.reconcile(platform),
        "unnumbered": upkeep.resend_waiting(platform),
    }
