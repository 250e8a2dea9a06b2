"""What an agency does with its account: declare, confirm, close a refused row, have it counted.

Every write is conditional and may be sent again: what is there already as it was asked for is
answered as if it had just been done.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.accounts import store
from chalicelib.accounts.messages import count_message
from chalicelib.accounts.model import Account, Closure, Declaration
from chalicelib.accounts.reading import account_of, frame_of
from chalicelib.accounts.rules import is_month, month_of, obliged_types, undeclared_types
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit, update
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.kernel.masking import scrub
from chalicelib.web.model import Caller


@dataclass(frozen=True, slots=True)
class Declared:
    """What an agency wants to declare; `expected` is the version it saw, 0 for the first."""

    month: str
    type: str
    produced: int
    note: str
    expected: int


def declare(platform: Platform, caller: Caller, wanted: Declared) -> tuple[Declaration, bool]:
    """State how many decisions were made; 0 is a zero report. A change takes back the confirmation
    of the account. (declaration, whether it is the first). Raises Invalid, PreconditionFailed."""
    account = _open_account(platform, caller, wanted.month)
    _check(platform, account, caller, wanted)
    now = account.declarations.get(wanted.type)
    same = now is not None and (now.produced, now.note) == (wanted.produced, wanted.note)
    if now is not None and same and wanted.expected in (now.version - 1, now.version):
        return now, now.version == 1
    if wanted.expected != (0 if now is None else now.version):
        raise PreconditionFailed("所依据的版本不是现行的一版，请重新读取后再改")
    declaration = Declaration(
        type=wanted.type,
        produced=wanted.produced,
        note=wanted.note,
        declared_at=instant_text(platform.clock()),
        declared_by=caller.client_id,
        version=1 if now is None else now.version + 1,
    )
    try:
        commit(store.declaring_writes(platform, account, declaration))
    except ConditionFailed:
        raise PreconditionFailed("这份申报刚刚被修改过，请重新读取后再改") from None
    return declaration, now is None


def _check(platform: Platform, account: Account, caller: Caller, wanted: Declared) -> None:
    frame = frame_of(platform, account.jurisdiction)
    types = account.types or obliged_types(frame.pack, frame.assessment, caller.roles)
    if wanted.type not in types:
        message = "本单位不就这类信息申报；应申报的类型见归集台账"
        raise Invalid(message, faults=[Fault("/type", "not_accounted_for", message)])
    if scrub(wanted.note) != wanted.note:
        message = "说明里请不要写公民身份号码或手机号码"
        raise Invalid(message, faults=[Fault("/note", "personal_number", message)])


def _open_account(platform: Platform, caller: Caller, month: str) -> Account:
    """The caller's account of a month that has begun."""
    if not is_month(month) or month > month_of(civil_date(platform.clock())):
        message = "月份应写作 2026-05，并且已经开始"
        raise Invalid(message, faults=[Fault("/month", "month", message)])
    return account_of(platform, caller, month)


def confirm(platform: Platform, caller: Caller, month: str) -> Account:
    """Confirm that the account is right, after which the credit office sees it before its day.
    Raises Conflict while a type is not declared, PreconditionFailed where it was just changed."""
    account = _open_account(platform, caller, month)
    if account.confirmed_at:
        return account
    frame = frame_of(platform, account.jurisdiction)
    types = account.types or obliged_types(frame.pack, frame.assessment, caller.roles)
    missing = undeclared_types(account, types)
    if missing:
        names = "、".join(frame.pack.types[code].title for code in missing)
        raise Conflict(f"还没有申报：{names}；没有决定的也要作零报告", code="not_declared")
    at = instant_text(platform.clock())
    try:
        update(store.confirming_write(platform, account, at, caller.client_id))
    except ConditionFailed:
        found = account_of(platform, caller, month)
        if not found.confirmed_at:
            raise PreconditionFailed("申报刚刚被修改过，请重新查看后再确认") from None
        return found
    return account_of(platform, caller, month)


def close_row(platform: Platform, caller: Caller, month: str, row_id: str, reason: str) -> Closure:
    """Close a refused row that needs no correction, with the reason; it is kept. Raises NotFound
    for a row that is not open, Invalid, Conflict for another reason than the one given before."""
    account = _open_account(platform, caller, month)
    if scrub(reason) != reason:
        message = "理由里请不要写公民身份号码或手机号码"
        raise Invalid(message, faults=[Fault("/reason", "personal_number", message)])
    kept = store.closures_of(platform, caller.agency_code, month).get(row_id)
    if kept is None:
        refused = store.refused_in(platform, caller.agency_code, month)
        row = next((one for one in refused if one.row_id == row_id), None)
        if row is None:
            raise NotFound("没有这条退回的信息")
        now = instant_text(platform.clock())
        kept = Closure(row_id, row.type, reason, now, caller.client_id)
        try:
            commit([store.closing_put(platform, caller.agency_code, month, kept)])
        except ConditionFailed:
            kept = store.closures_of(platform, caller.agency_code, month)[row_id]
    if kept.reason != reason:
        raise Conflict("这条退回的信息已经因别的理由办结", code="row_closed")
    _send_count(platform, account)
    return kept


def refresh(platform: Platform, caller: Caller, month: str) -> Account:
    """Have the account counted again, soon. The account as it is now."""
    account = _open_account(platform, caller, month)
    _send_count(platform, account)
    return account


def _send_count(platform: Platform, account: Account) -> None:
    message = count_message(account.agency, account.month, account.jurisdiction)
    platform.accounts_queue.send(message)
