"""Deadlines that were provisional, counted again once the holidays of their year are published.

    hourly sweep -> {deadlines} per jurisdiction whose calendar reaches further now -> slices

The next version of the record says so; what was said before, the receipt included, stays as it
was. A job may come twice, or again after a crash: what is settled is no longer listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.creditfile.rules import reporting_due
from chalicelib.intake.uploads import finished_uploads
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.model import Pack
from chalicelib.policy.service import jurisdictions, pack_for, pack_version, versions_of

SLICE: Final = 100
"""Records one message settles."""

REASON: Final = "放假安排已公布，按正式的工作日历重新推算报送期限"


def send_recounts(platform: Platform) -> int:
    """Sweep: a job for each jurisdiction that has provisional deadlines its calendar can settle by
    now; how many."""
    wanted = [
        {"job": "deadlines", "jurisdiction": jurisdiction, "after": ""}
        for jurisdiction in jurisdictions()
        if _page(platform, jurisdiction, 1)
    ]
    platform.intake_queue.send_many(wanted)
    return len(wanted)


def recount(platform: Platform, message: Mapping[str, object]) -> None:
    """Settle one slice of provisional deadlines; the rest is left to a message of its own."""
    jurisdiction = str(message["jurisdiction"])
    records = _page(platform, jurisdiction, SLICE, str(message["after"]))
    pack = pack_for(jurisdiction, civil_date(platform.clock()))
    uploads = {record.upload.upload_id for record in records if record.upload is not None}
    finished = finished_uploads(platform, uploads) if uploads else set()
    for record in records:
        # Until its file is finished a record may still change hands; the next sweep finds it.
        if record.upload is None or record.upload.upload_id in finished:
            _settle(platform, record, pack)
    if len(records) == SLICE:
        last = f"{records[-1].due_on}#{records[-1].record_id}"
        platform.intake_queue.send({**message, "after": last})


def _page(platform: Platform, jurisdiction: str, limit: int, after: str = "") -> list[Record]:
    today = civil_date(platform.clock())
    if versions_of(jurisdiction)[0] > today.isoformat():
        return []  # its first pack is still to come
    known = pack_for(jurisdiction, today).calendar.working_days.known_years
    if not known:
        return []
    return files.provisional_page(platform, jurisdiction, f"{max(known)}-12-31", limit, after)


def _settle(platform: Platform, record: Record, pack: Pack) -> None:
    settled = recounted(record, pack)
    if settled == record:
        return
    after = replace(
        settled,
        version=record.version + 1,
        # Why it was withdrawn is not overwritten.
        reason=record.reason if record.status == "withdrawn" else REASON,
        submitted_by="",
        changed_at=instant_text(platform.clock()),
    )
    try:
        commit(files.next_version_writes(platform, record, after))
    except ConditionFailed:
        return  # settled, corrected or withdrawn a moment ago; if need be the next sweep finds it


def recounted(record: Record, pack: Pack) -> Record:
    """The record with its deadline by the calendar of `pack`, the one in force today. The limit
    is that of the pack the record was decided under. Pure."""
    decided_under = pack_version(record.jurisdiction, record.pack)
    counted = decided_under.model_copy(update={"calendar": pack.calendar})
    due_on, provisional = reporting_due(
        counted, decided_under.types[record.type], record.occurred_on
    )
    if provisional and due_on == record.due_on:
        return record
    received_on = civil_date(parse_instant(record.received_at))
    return replace(
        record,
        due_on=due_on,
        on_time=received_on.isoformat() <= due_on,
        due_provisional=provisional,
        due_calendar=pack.version,
    )
