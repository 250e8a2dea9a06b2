"""Items of accounts in the intake table.

| item | pk | sk | read by |
|---|---|---|---|
| account | ACCOUNT#<agency>#<month> | - | agency and month; by_listing (a month, by region) |
| declaration as it was | ACCOUNT#<agency>#<month> | DECLARED#<type>#<version> | agency and month |
| refused rows of a file | ACCOUNT#<agency>#<month> | REFUSED#<upload>#<part> | agency and month |
| closure of a refused row | ACCOUNT#<agency>#<month> | CLOSED#<row> | agency and month |
| open refused rows | ACCOUNT#<agency>#<month> | OPEN#<part> | agency, month and part |
| coverage | COVERAGE#<region> | <figure> | by_listing `coverage#<figure>` |
| how far the sweep has come | ACCOUNTS | SWEPT | key |

Declarations and counts are attributes of their own on one item: an agency's declaration and a job
that counts never overwrite each other, and an account is read in one call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from chalicelib.accounts.model import Account, Closure, Count, Declaration, Figure, RefusedRow
from chalicelib.aws.attributes import Item, Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import ABSENT, Condition, Put, Update

ROWS_PER_PART = 500
"""Refused rows one item holds: some 150 kB."""
_DECLARED = "declared_"


def account_pk(agency: str, month: str) -> str:
    """The partition of an agency's account of a month."""
    return f"ACCOUNT#{agency}#{month}"


def load_account(platform: Platform, agency: str, month: str) -> Account | None:
    """An account; None if nobody declared or counted anything yet."""
    item = platform.intake.get(account_pk(agency, month))
    return None if item is None else account_from(item)


def load_accounts(platform: Platform, agency: str, months: Iterable[str]) -> list[Account]:
    """Those of an agency's accounts of some months that exist, the oldest first."""
    keys = [platform.intake.key(account_pk(agency, month)) for month in months]
    found = [account_from(item) for item in batch_get(keys).values()]
    return sorted(found, key=lambda account: account.month)


def load_accounts_of(
    platform: Platform, agencies: Iterable[str], months: Sequence[str]
) -> dict[str, list[Account]]:
    """Those accounts of some agencies and months that exist, by agency, the oldest first; one call
    per 100 of them."""
    keys = [
        platform.intake.key(account_pk(agency, month)) for agency in agencies for month in months
    ]
    found: dict[str, list[Account]] = {}
    for account in map(account_from, batch_get(keys).values()):
        found.setdefault(account.agency, []).append(account)
    return {agency: sorted(some, key=lambda one: one.month) for agency, some in found.items()}


def accounts_in(platform: Platform, month: str, region_prefix: str) -> Iterator[Account]:
    """The accounts of a month in a region and below it, by region and agency."""
    within = (region_prefix or "0", f"{region_prefix or '9'}~")
    for item in platform.intake.each_in_index("by_listing", f"accounts#{month}", between=within):
        yield account_from(item)


def account_from(item: Item) -> Account:
    """The account an item holds."""
    body = cast("dict[str, Any]", item)
    declarations = {
        name.removeprefix(_DECLARED): Declaration(type=name.removeprefix(_DECLARED), **value)
        for name, value in body.items()
        if name.startswith(_DECLARED)
    }
    names = ("agency", "agency_name", "jurisdiction", "region", "month")
    return Account(
        **{name: str(body[name]) for name in names},
        types=tuple(body.get("types", ())),
        declarations=declarations,
        counts={code: Count(**value) for code, value in body.get("counts", {}).items()},
        computed_at=body.get("computed_at", ""),
        open_parts=body.get("open_parts", 0),
        confirmed_at=body.get("confirmed_at", ""),
        confirmed_by=body.get("confirmed_by", ""),
        version=body["version"],
    )


def _frame(account: Account) -> Item:
    return {
        "agency": account.agency,
        "agency_name": account.agency_name,
        "jurisdiction": account.jurisdiction,
        "region": account.region,
        "month": account.month,
        "listing": f"accounts#{account.month}",
        "position": f"{account.region}#{account.agency}",
    }


def _set(
    platform: Platform,
    account: Account,
    values: Item,
    condition: Condition | None,
    removed: Sequence[str] = (),
) -> Update:
    """The write that sets attributes of an account, making it where it is not there yet."""
    changes = {**_frame(account), **values}
    sets = ", ".join(f"#{name} = :{name}" for name in changes)
    key = platform.intake.key(account_pk(account.agency, account.month))
    # Counting again is no new version: that is for what the agency itself has changed.
    step = 0 if "counts" in values else 1
    removes = f" REMOVE {', '.join(f'#{name}' for name in removed)}" if removed else ""
    expression = f"SET {sets}{removes} ADD #version :step"
    return Update(key, expression, {**changes, "step": step}, condition)


def declaring_writes(
    platform: Platform, account: Account, declaration: Declaration
) -> list[Update | Put]:
    """The writes that make `declaration` the current one, over the version before it, and keep
    it as history. What was confirmed of the account was another declaration: it is no longer."""
    name = f"{_DECLARED}{declaration.type}"
    body: dict[str, Value] = {
        "produced": declaration.produced,
        "note": declaration.note,
        "declared_at": declaration.declared_at,
        "declared_by": declaration.declared_by,
        "version": declaration.version,
    }
    free = Condition(f"attribute_not_exists(#{name})")
    over = Condition(f"#{name}.#version = :before", {"before": declaration.version - 1})
    history: Item = {
        "pk": account_pk(account.agency, account.month),
        "sk": f"DECLARED#{declaration.type}#{declaration.version:08d}",
        **body,
    }
    condition = free if declaration.version == 1 else over
    return [
        _set(platform, account, {name: body}, condition, ("confirmed_at", "confirmed_by")),
        Put(platform.intake.name, history, ABSENT),
    ]


def declarations_of(
    platform: Platform, agency: str, month: str, type_code: str
) -> list[Declaration]:
    """Every version of a declaration, the oldest first."""
    prefix = f"DECLARED#{type_code}#"
    names = ("produced", "note", "declared_at", "declared_by", "version")
    found: list[Declaration] = []
    for item in platform.intake.each(account_pk(agency, month), prefix=prefix):
        body = cast("dict[str, Any]", item)
        found.append(Declaration(type=type_code, **{name: body[name] for name in names}))
    return found


def counted_write(platform: Platform, account: Account) -> Update:
    """The write of what was counted; it fails where a count that began later is there already."""
    counts: dict[str, Value] = {
        code: {
            "accepted": count.accepted,
            "late": count.late,
            "rejected": count.rejected,
            "closed": count.closed,
            "first_due_on": count.first_due_on,
        }
        for code, count in account.counts.items()
    }
    values: Item = {
        "types": list(account.types),
        "counts": counts,
        "computed_at": account.computed_at,
        "open_parts": account.open_parts,
    }
    newer = Condition(
        "attribute_not_exists(#computed_at) OR #computed_at <= :counted_at",
        {"counted_at": account.computed_at},
    )
    return _set(platform, account, values, newer)


def confirming_write(platform: Platform, account: Account, at: str, by: str) -> Update:
    """The write with which an agency confirms the version of its account that was read, once."""
    values: Item = {"confirmed_at": at, "confirmed_by": by}
    unchanged = Condition(
        "attribute_not_exists(#confirmed_at) AND #version = :seen_version",
        {"seen_version": account.version},
    )
    return _set(platform, account, values, unchanged)


def put_refused(
    platform: Platform, agency: str, month: str, upload_id: str, part: int, rows: Sequence[str]
) -> None:
    """Keep a part of the refused rows of a file (each as `row_text`); repeating changes nothing."""
    platform.intake.put(
        {
            "pk": account_pk(agency, month),
            "sk": f"REFUSED#{upload_id}#{part:05d}",
            "rows": list(rows),
        }
    )


def refused_in(platform: Platform, agency: str, month: str) -> Iterator[RefusedRow]:
    """Every refused row of every file, in no particular order, repeated as often as it was sent."""
    for item in platform.intake.each(account_pk(agency, month), prefix="REFUSED#"):
        for text in cast("list[str]", item["rows"]):
            yield row_from(text)


def put_open(
    platform: Platform, agency: str, month: str, part: int, rows: Sequence[RefusedRow]
) -> None:
    """List a part of the rows that are still open."""
    platform.intake.put(
        {
            "pk": account_pk(agency, month),
            "sk": f"OPEN#{part:05d}",
            "rows": [row_text(row) for row in rows],
        }
    )


def open_rows(platform: Platform, agency: str, month: str, part: int) -> list[RefusedRow]:
    """One part (from 1) of the open refused rows."""
    item = platform.intake.get(account_pk(agency, month), f"OPEN#{part:05d}")
    return [] if item is None else [row_from(text) for text in cast("list[str]", item["rows"])]


def row_text(row: RefusedRow) -> str:
    """A refused row as one short text: an item holds hundreds of them."""
    faults = [list(fault) for fault in row.faults]
    body = [row.row_id, row.type, row.decided_on, row.due_on, row.upload_id, row.row, faults]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def row_from(text: str) -> RefusedRow:
    """The inverse of `row_text`."""
    row_id, type_code, decided_on, due_on, upload_id, row, faults = json.loads(text)
    told = tuple((str(where), str(rule)) for where, rule in faults)
    return RefusedRow(row_id, type_code, decided_on, due_on, upload_id, int(row), told)


def closing_put(platform: Platform, agency: str, month: str, closure: Closure) -> Put:
    """The write that closes a refused row, once."""
    item: Item = {
        "pk": account_pk(agency, month),
        "sk": f"CLOSED#{closure.row_id}",
        "row_id": closure.row_id,
        "type": closure.type,
        "reason": closure.reason,
        "closed_at": closure.closed_at,
        "closed_by": closure.closed_by,
    }
    return Put(platform.intake.name, item, ABSENT)


def closures_of(platform: Platform, agency: str, month: str) -> dict[str, Closure]:
    """The closed rows of an account, by row."""
    names = ("row_id", "type", "reason", "closed_at", "closed_by")
    found: dict[str, Closure] = {}
    for item in platform.intake.each(account_pk(agency, month), prefix="CLOSED#"):
        closure = Closure(**{name: str(item[name]) for name in names})
        found[closure.row_id] = closure
    return found


def put_coverage(platform: Platform, region: str, figure: Figure) -> None:
    """Keep a coverage figure of one region (those below it have their own)."""
    platform.intake.put(
        {
            "pk": f"COVERAGE#{region}",
            "sk": figure.code,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "computed_at": figure.computed_at,
            "listing": f"coverage#{figure.code}",
            "position": region,
        }
    )


def coverage_in(
    platform: Platform, code: str, region_prefix: str
) -> Iterator[tuple[int, int, str]]:
    """(numerator, denominator, computed at) of each region within a region."""
    within = (region_prefix or "0", f"{region_prefix or '9'}~")
    for item in platform.intake.each_in_index("by_listing", f"coverage#{code}", between=within):
        body = cast("dict[str, Any]", item)
        yield body["numerator"], body["denominator"], body["computed_at"]


def swept(platform: Platform) -> tuple[str, str]:
    """(hour up to which changes were looked at, last day all agencies were counted); empty before
    the first sweep."""
    item = platform.intake.get("ACCOUNTS", "SWEPT") or {}
    return str(item.get("changes", "")), str(item.get("day", ""))


def note_swept(platform: Platform, changes: str, day: str) -> None:
    """Keep how far the sweep has come."""
    platform.intake.put({"pk": "ACCOUNTS", "sk": "SWEPT", "changes": changes, "day": day})
