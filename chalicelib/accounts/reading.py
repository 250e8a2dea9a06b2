"""Accounts, rankings, lists and reminders as they are read. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.access.permissions import CLERK
from chalicelib.access.service import (
    Superiors,
    find_agency,
    region_covers,
    significant_part,
)
from chalicelib.accounts import store
from chalicelib.accounts.model import Account, RateCode, RefusedRow, Reminder, Standing
from chalicelib.accounts.rules import (
    collection_of,
    first_day,
    is_month,
    last_day,
    obliged_types,
    office_sees,
    ranking,
)
from chalicelib.accounts.rules_reminders import reminded_months, reminders_of
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Record
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Forbidden, Invalid, NotFound
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Assessment
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller, Scope


@dataclass(frozen=True, slots=True)
class Frame:
    """The rules accounts are read by today."""

    pack: Pack
    assessment: Assessment
    today: date


def frame_of(platform: Platform, jurisdiction: str) -> Frame:
    """The rules of a jurisdiction today. Raises NotFound where its pack assesses nothing."""
    today = civil_date(platform.clock())
    pack = pack_for(jurisdiction, today)
    assessment = collection_of(pack)
    if assessment is None:
        raise NotFound("本地的政策包没有规定归集台账", code="no_assessment")
    return Frame(pack, assessment, today)


def checked_month(month: str) -> str:
    """`month` if it names one. Raises Invalid."""
    if not is_month(month):
        message = "月份应写作 2026-05"
        raise Invalid(message, faults=[Fault("/month", "month", message)])
    return month


def account_of(platform: Platform, caller: Caller, month: str) -> Account:
    """The account of the caller's own agency; where nothing was declared or counted yet, an empty
    one."""
    kept = store.load_account(platform, caller.agency_code, checked_month(month))
    return _empty(caller, month) if kept is None else kept


def _empty(caller: Caller, month: str) -> Account:
    return Account(
        agency=caller.agency_code,
        agency_name=caller.agency_name,
        jurisdiction=caller.jurisdiction,
        region=caller.region,
        month=month,
    )


def find_account(
    platform: Platform, caller: Caller, scope: Scope, month: str, agency: str
) -> Account:
    """An account the caller may see: its own at any time; another's only once it was confirmed or
    its day of declaration has passed. Raises Forbidden, NotFound."""
    if not agency or agency == caller.agency_code:
        return _with_types(platform, account_of(platform, caller, month), caller.roles)
    registered = find_agency(platform, agency)
    region = "" if registered is None else registered.region
    if not Superiors(platform).reach(caller, scope, agency, region):
        raise Forbidden("只能查看本单位的归集台账", code="not_your_account")
    account = store.load_account(platform, agency, checked_month(month))
    if account is None:
        raise NotFound("这个单位还没有这个月的归集台账")
    if not _is_open(platform, account):
        raise NotFound(
            "这个月的归集台账还没有经报送单位确认，申报期也没有结束", code="account_not_open_yet"
        )
    return _with_types(platform, account, () if registered is None else registered.roles)


def _with_types(platform: Platform, account: Account, roles: Iterable[str]) -> Account:
    """The account with what an agency of these roles accounts for, where it was not counted yet."""
    if account.types:
        return account
    frame = frame_of(platform, account.jurisdiction)
    return replace(account, types=obliged_types(frame.pack, frame.assessment, roles))


def _is_open(platform: Platform, account: Account) -> bool:
    """Whether others than the agency may see an account, by the pack the agency acts under."""
    today = civil_date(platform.clock())
    assessment = collection_of(pack_for(account.jurisdiction, today))
    return assessment is not None and office_sees(account, assessment, today)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The agencies of a region by one rate; `withheld` are not to be seen yet."""

    standings: tuple[Standing, ...]
    withheld: int


def rank(
    platform: Platform, caller: Caller, scope: Scope, month: str, region: str, by: RateCode
) -> Ranking:
    """The ranking of a month in `region` (the caller's own if empty) and below it; for a
    supervisor, of the agencies below its own. Raises Forbidden outside the caller's region."""
    frame = frame_of(platform, caller.jurisdiction)
    superiors, prefix = Superiors(platform), _prefix(caller, scope, region)
    accounts = [
        account
        for account in store.accounts_in(platform, checked_month(month), prefix)
        if superiors.reach(caller, scope, account.agency, account.region)
    ]
    seen = [one for one in accounts if _is_open(platform, one)]
    standings = ranking(seen, frame.assessment, by)
    return Ranking(standings, len(accounts) - len(seen))


def _prefix(caller: Caller, scope: Scope, region: str) -> str:
    wanted = region or ("" if scope is Scope.ALL else caller.region)
    if scope is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划内的归集台账", code="out_of_scope")
    return significant_part(wanted)


def reminders(platform: Platform, caller: Caller, scope: Scope) -> tuple[Reminder, ...]:
    """What the caller's own agency is reminded of, if it reports; for a credit office also what is
    overdue in its region, of accounts it may see."""
    frame = frame_of(platform, caller.jurisdiction)
    months = reminded_months(frame.today)
    own: list[Account] = []
    if CLERK in caller.roles:
        own = _own_accounts(platform, caller, frame, months)
    found = reminders_of(frame.pack, frame.assessment, own, frame.today)
    if scope is Scope.OWN:
        return found
    prefix = _prefix(caller, scope, "")
    others = [
        account
        for month in months
        for account in store.accounts_in(platform, month, prefix)
        if account.agency != caller.agency_code and _is_open(platform, account)
    ]
    late = reminders_of(frame.pack, frame.assessment, others, frame.today)
    return (*found, *(one for one in late if one.overdue))


def _own_accounts(
    platform: Platform, caller: Caller, frame: Frame, months: Sequence[str]
) -> list[Account]:
    """The caller's accounts of `months`, with an empty one for a month nobody counted yet."""
    kept = {one.month: one for one in store.load_accounts(platform, caller.agency_code, months)}
    types = obliged_types(frame.pack, frame.assessment, caller.roles)
    accounts = [kept.get(month, _empty(caller, month)) for month in months]
    return [one if one.types else replace(one, types=types) for one in accounts]


def late_records(
    platform: Platform, account: Account, limit: int, start: Item | None
) -> tuple[list[Record], Item | None]:
    """A page of the records of an account that came late (of the types it covers), and where the
    next page starts."""
    days = (first_day(account.month).isoformat(), last_day(account.month).isoformat())
    found, cursor = files.page_of_late(platform, account.agency, days, limit, start)
    return [record for record in found if record.type in account.types], cursor


def refused_rows(
    platform: Platform, account: Account, limit: int, start: Item | None
) -> tuple[list[RefusedRow], Item | None]:
    """A page of the open refused rows of an account, as last counted, and where the next starts."""
    part, at = (1, 0) if start is None else (int(str(start["part"])), int(str(start["at"])))
    if part > account.open_parts:
        return [], None
    rows = store.open_rows(platform, account.agency, account.month, part)
    shown = rows[at : at + limit]
    if at + limit < len(rows):
        return shown, {"part": part, "at": at + limit}
    return shown, {"part": part + 1, "at": 0} if part < account.open_parts else None
