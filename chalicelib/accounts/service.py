"""What other rooms ask of accounts: figures of collection and coverage, and the sweep's part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from chalicelib.access.service import each_agency, significant_part
from chalicelib.accounts import store
from chalicelib.accounts.messages import count_message, cover_message
from chalicelib.accounts.model import Account, Figure, FigureCode
from chalicelib.accounts.rules import assessed_month, collection_of, figure_of
from chalicelib.accounts.rules_reminders import reminded_months
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import MAX_BATCH_GET
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import RecordBrief
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.service import pack_for

__all__ = ["Figure", "FigureCode", "accounts_of", "figure", "sweep"]

COVERAGE: tuple[FigureCode, ...] = ("bodies_recorded_share", "officials_recorded_share")
CLERK = "clerk"
SETTLING = timedelta(minutes=2)
"""A younger change may not be in the index yet."""
CATCH_UP_HOURS = 72
"""Hours of changes one sweep makes up for."""


def figure(
    platform: Platform,
    code: FigureCode,
    *,
    jurisdiction: str,
    on: date,
    agency: str = "",
    region: str = "",
) -> Figure:
    """A figure of one agency, or of a region and those below it, as it stood on a day: rates of
    the latest month whose day of declaration had passed, coverage as last counted (every day).

    A share over nothing (`value` None) where nobody counted yet, or where the figure does not
    apply: coverage is a figure of regions.
    """
    prefix = significant_part(region)
    if code in COVERAGE:
        found = [] if agency else list(store.coverage_in(platform, code, prefix))
        return Figure(
            code,
            sum(numerator for numerator, _, _ in found),
            sum(denominator for _, denominator, _ in found),
            min((computed_at for _, _, computed_at in found), default=""),
        )
    assessment = collection_of(pack_for(jurisdiction, on))
    if assessment is None:
        return Figure(code, 0, 0, "")
    month = assessed_month(assessment, on)
    if agency:
        accounts = store.load_accounts(platform, agency, [month])
    else:
        accounts = list(store.accounts_in(platform, month, prefix))
    return figure_of(code, accounts, assessment)


def accounts_of(
    platform: Platform, agencies: Iterable[str], months: Sequence[str]
) -> dict[str, list[Account]]:
    """The accounts of some agencies and months, by agency: what was counted of each last."""
    return store.load_accounts_of(platform, agencies, months)


def sweep(platform: Platform) -> dict[str, int]:
    """Have counted what has changed since the last sweep, and once a day every agency's recent
    months and every region's coverage; how many jobs were sent. Harmless to repeat."""
    now = platform.clock()
    known, last_day = store.swept(platform)
    today = civil_date(now).isoformat()
    first = parse_instant(f"{known}:00:00.000Z") if known else now - timedelta(hours=3)
    hours: list[str] = []
    moment = first.replace(minute=0, second=0, microsecond=0)
    while moment + timedelta(hours=1) + SETTLING <= now and len(hours) < CATCH_UP_HOURS:
        hours.append(instant_text(moment)[:13])
        moment += timedelta(hours=1)
    jobs = list(_changed(platform, hours))
    if today != last_day:
        jobs += _daily(platform, civil_date(now))
    platform.accounts_queue.send_many(jobs)
    if hours or today != last_day:
        store.note_swept(platform, instant_text(moment)[:13], today)
    return {"accounts": len(jobs)}


def _changed(platform: Platform, hours: list[str]) -> Iterator[dict[str, object]]:
    """The jobs for what was recorded, corrected or withdrawn in some hours: one per agency and
    month, however many records changed."""
    touched: set[tuple[str, str, str]] = set()
    for hour in hours:
        keys = (key for key, _ in files.changed_in(platform, hour))
        ids = (key.removeprefix("RECORD#") for key in keys if key.startswith("RECORD#"))
        while some := list(islice(ids, MAX_BATCH_GET)):
            for brief in files.briefs_of(platform, some).values():
                for month in _months_of(platform, brief):
                    touched.add((brief.jurisdiction, brief.reporter, month))
    for jurisdiction, agency, month in sorted(touched):
        yield count_message(agency, month, jurisdiction)


def _months_of(platform: Platform, brief: RecordBrief) -> set[str]:
    """The months a record counts to, or counted to before its date was corrected."""
    if brief.version == 1:
        return {brief.occurred_on[:7]}
    versions = files.find_versions(platform, brief.record_id)
    return {version.occurred_on[:7] for version in versions}


def _daily(platform: Platform, today: date) -> Iterator[dict[str, object]]:
    regions: set[str] = set()
    for agency in each_agency(platform):
        regions.add(agency.region)
        if agency.active and CLERK in agency.roles:
            for month in reminded_months(today):
                yield count_message(agency.agency_code, month)
    for region in sorted(regions):
        yield cover_message(region)
