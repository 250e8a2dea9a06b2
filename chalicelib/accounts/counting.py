"""Jobs of the accounts queue: take over refused rows, count a month, count coverage.

Every job may come twice, late or out of turn: it reads what is there and writes what it would
write again; a count that began earlier never replaces one that began later.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from chalicelib.access.model import Agency
from chalicelib.access.service import find_agency
from chalicelib.accounts import store
from chalicelib.accounts.messages import count_message
from chalicelib.accounts.model import Account, Count, Figure, FigureCode, RefusedRow
from chalicelib.accounts.rules import collection_of, first_day, last_day, obliged_types
from chalicelib.accounts.store import ROWS_PER_PART
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import MAX_BATCH_GET
from chalicelib.aws.writes import update
from chalicelib.creditfile import service as files
from chalicelib.intake import service as intake
from chalicelib.intake.model import RefusedFact
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.policy.service import jurisdiction_of, jurisdictions, pack_for

_T = TypeVar("_T")

MOST_LISTED = 10_000
"""Open refused rows that are listed one by one; all of them are counted."""


def do_job(platform: Platform, message: Mapping[str, Any]) -> None:
    """Do one queued job. Raises ValueError for one nobody knows."""
    job = message["job"]
    if job == "gather":
        gather(platform, str(message["upload_id"]))
    elif job == "count":
        jurisdiction = str(message["jurisdiction"])
        count(platform, str(message["agency"]), str(message["month"]), jurisdiction)
    elif job == "cover":
        cover(platform, str(message["region"]))
    else:
        raise ValueError(f"no such job: {job}")


def gather(platform: Platform, upload_id: str) -> None:
    """Take over what a finished file was refused, month by month, before the results of its
    chunks are tidied away; then have every month counted that the file says something about."""
    origin = intake.find_upload(platform, upload_id)
    months: set[str] = set()
    waiting: dict[str, list[str]] = {}
    parts: dict[str, int] = {}

    def keep(month: str) -> None:
        parts[month] = part = parts.get(month, 0) + 1
        store.put_refused(platform, origin.agency, month, upload_id, part, waiting.pop(month))

    for result in intake.results_of(platform, origin):
        months.update(result.months)
        for row in result.refused:
            month = row.decided_on[:7] or origin.received_on[:7]
            months.add(month)
            rows = waiting.setdefault(month, [])
            rows.append(store.row_text(_refused(row, upload_id)))
            if len(rows) == ROWS_PER_PART:
                keep(month)
    for month in sorted(waiting):
        keep(month)
    platform.accounts_queue.send_many(
        [count_message(origin.agency, month, origin.jurisdiction) for month in sorted(months)]
    )


def _refused(row: RefusedFact, upload_id: str) -> RefusedRow:
    faults = tuple((where, rule) for where, rule in row.faults)
    return RefusedRow(row.row_id, row.type, row.decided_on, row.due_on, upload_id, row.row, faults)


def count(platform: Platform, agency_code: str, month: str, jurisdiction: str = "") -> None:
    """Count what an agency reported of a month's decisions. Nothing is counted for an agency that
    is not registered, or where the pack assesses nothing."""
    agency = find_agency(platform, agency_code)
    if agency is None:
        return
    account = _account_of(platform, agency, month, jurisdiction)
    pack = pack_for(account.jurisdiction, civil_date(platform.clock()))
    assessment = collection_of(pack)
    if assessment is None:
        return
    types = obliged_types(pack, assessment, agency.roles)
    counts = {code: Count() for code in types}
    days = (first_day(month).isoformat(), last_day(month).isoformat())
    for brief in files.reported_in_brief(platform, agency_code, *days):
        known = counts.get(brief.type)
        if known is not None and brief.is_active:
            late = known.late + (not brief.on_time)
            counts[brief.type] = replace(known, accepted=known.accepted + 1, late=late)
    parts = _count_refused(platform, account, counts)
    counted = replace(account, types=types, counts=counts, open_parts=parts)
    try:
        update(store.counted_write(platform, counted))
    except ConditionFailed:
        return  # a count that began later, and saw more, was faster


def _account_of(platform: Platform, agency: Agency, month: str, jurisdiction: str) -> Account:
    """The account to be counted, as of now: what is read after this moment is in it."""
    kept = store.load_account(platform, agency.agency_code, month)
    known = "" if kept is None else kept.jurisdiction
    return Account(
        agency=agency.agency_code,
        agency_name=agency.name,
        jurisdiction=jurisdiction or known or jurisdiction_of(agency.region[:6]),
        region=agency.region,
        month=month,
        computed_at=instant_text(platform.clock()),
    )


def _count_refused(platform: Platform, account: Account, counts: dict[str, Count]) -> int:
    """Count the refused rows into `counts` and list those that are open; in how many parts."""
    closed = store.closures_of(platform, account.agency, account.month)
    distinct = _distinct(store.refused_in(platform, account.agency, account.month))
    waiting = (row for row in _not_accepted(platform, distinct) if row.type in counts)
    parts = 0
    for rows in _in_batches(_still_open(waiting, closed, counts), ROWS_PER_PART):
        for row in rows:
            known = counts[row.type]
            first = min(filter(None, (known.first_due_on, row.due_on)), default="")
            counts[row.type] = replace(known, rejected=known.rejected + 1, first_due_on=first)
        if parts * ROWS_PER_PART < MOST_LISTED:
            parts += 1
            store.put_open(platform, account.agency, account.month, parts, rows)
    return parts


def _still_open(
    rows: Iterable[RefusedRow], closed: Container[str], counts: dict[str, Count]
) -> Iterator[RefusedRow]:
    """The rows nobody has closed; those that were are counted into `counts`. A row that was closed
    and is on file all the same counts as what it is."""
    for row in rows:
        if row.row_id in closed:
            known = counts[row.type]
            counts[row.type] = replace(known, closed=known.closed + 1)
        else:
            yield row


def _in_batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    source = iter(items)
    while some := list(islice(source, size)):
        yield some


def _distinct(rows: Iterable[RefusedRow]) -> Iterator[RefusedRow]:
    """Each row once, however often it was sent."""
    seen: set[str] = set()
    for row in rows:
        if row.row_id not in seen:
            seen.add(row.row_id)
            yield row


def _not_accepted(platform: Platform, rows: Iterable[RefusedRow]) -> Iterator[RefusedRow]:
    """The rows whose fact is not on file; one call per 100 rows that tell their record."""
    for some in _in_batches(rows, MAX_BATCH_GET):
        ids = [row.row_id for row in some if row.row_id.startswith("r_")]
        known = files.briefs_of(platform, ids) if ids else {}
        for row in some:
            brief = known.get(row.row_id)
            if brief is None or not brief.is_active:
                yield row


def cover(platform: Platform, region: str) -> None:
    """Count how many registered bodies and officials of a region have anything on file."""
    shares: tuple[tuple[FigureCode, bool], ...] = (
        ("bodies_recorded_share", False),
        ("officials_recorded_share", True),
    )
    now = instant_text(platform.clock())
    for code, persons in shares:
        recorded = everybody = 0
        for jurisdiction in jurisdictions():
            listed = files.listed_subjects(platform, jurisdiction, region, persons=persons)
            for found in _recorded(platform, listed):
                everybody += 1
                recorded += found
        store.put_coverage(platform, region, Figure(code, recorded, everybody, now))


def _recorded(platform: Platform, subject_ids: Iterable[str]) -> Iterator[bool]:
    threads = platform.settings.write_threads
    with ThreadPoolExecutor(threads) as pool:
        for some in _in_batches(subject_ids, MAX_BATCH_GET):
            yield from pool.map(lambda one: files.has_records(platform, one), some)
