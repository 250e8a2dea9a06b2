"""The work of a cross-check, in pieces of the register; every piece may come twice.

    commit -> {step 1} -> {step 2} ... -> the last piece read -> {leavers and report} -> done

A piece reads the pinned file from its beginning, so that it knows who stood in earlier pieces
without anything about a person being kept between them. What a piece finds lies in the work
bucket; the register itself is deleted, in every version, once the check has ended.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO, cast

from chalicelib.access.service import allowed_codes, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed, Missing
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import commit, update
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.crosscheck import store
from chalicelib.crosscheck.model import CrossCheck, Entry, Finding
from chalicelib.crosscheck.parts import Part, parts_of, write_part, write_report
from chalicelib.crosscheck.rules import (
    columns_of,
    compare,
    entry_of,
    finding_of,
    known_names,
    leaver_of,
)
from chalicelib.kernel.clock import civil_date, instant_text, parse_instant
from chalicelib.policy.service import pack_for
from chalicelib.sheets.model import SheetRefused
from chalicelib.sheets.service import open_table

COMMIT_WITHIN = timedelta(days=1)
"""A register that was posted and not committed for longer is deleted: it holds citizen codes."""
STEP_ROWS = 5_000
MAX_ROWS = 200_000
_LOOKED_UP_AT_ONCE = 100
_LEAVERS_PER_PART = 2_000
_CIVIL_SERVANT = "civil_servant"


def work(platform: Platform, message: Mapping[str, Any]) -> None:
    """One message `{"job": "crosscheck", "crosscheck_id": ..., "step": n}`."""
    check = store.load(platform, str(message["crosscheck_id"]))
    if check.state in ("completed", "failed"):
        platform.inbox.delete_all_versions(check.object_key)
        return
    if check.state == "awaiting_file":
        if platform.clock() - parse_instant(check.created_at) > COMMIT_WITHIN:
            _fail(platform, check, "not_committed", "名册没有在一天内提交，已经删除，请重新申请")
        return
    if message["step"] != check.step:
        # This piece is done; the message for the next may have been lost.
        send(platform, check.crosscheck_id, check.step)
        return
    try:
        if check.state == "reading":
            _read_piece(platform, check)
        else:
            _conclude(platform, check)
    except SheetRefused as refused:
        place = f"第 {refused.row} 行：" if refused.row and "行" not in refused.message else ""
        _fail(platform, check, refused.code, f"{place}{refused.message}")
    except Missing:
        _fail(platform, check, "file_expired", "名册已过保存期，没有核对完，请重新申请")


def send(platform: Platform, crosscheck_id: str, step: int) -> None:
    """Ask for a piece."""
    platform.intake_queue.send({"job": "crosscheck", "crosscheck_id": crosscheck_id, "step": step})


def _move(platform: Platform, check: CrossCheck, changes: Item) -> CrossCheck:
    """The check taken on; another worker having done the same is just as well."""
    try:
        return store.crosscheck_from(update(store.move(platform, check, changes)))
    except ConditionFailed:
        return store.load(platform, check.crosscheck_id)


def _fail(platform: Platform, check: CrossCheck, code: str, message: str) -> None:
    _end(platform, check, {"state": "failed", "problem": [code, message]})


def _end(platform: Platform, check: CrossCheck, changes: Item) -> None:
    ended = {**changes, "completed_at": instant_text(platform.clock())}
    try:
        commit([store.move(platform, check, ended), store.close_mark(platform, check)])
    except ConditionFailed:
        found = store.load(platform, check.crosscheck_id)
        if found.state not in ("completed", "failed"):
            return  # it was committed just now: whoever works it needs the register
    platform.inbox.delete_all_versions(check.object_key)


# -- reading the register -----------------------------------------------------------------------


def _read_piece(platform: Platform, check: CrossCheck) -> None:
    reach = frozenset(regions_below(platform, check))
    begin, part = (check.step - 1) * STEP_ROWS, Part()
    first_rows: dict[bytes, int] = {}
    with _entries(platform, check) as (entries, notes):
        for entry in islice(entries, begin):
            _note_row(platform, first_rows, entry)
        piece = islice(entries, STEP_ROWS)
        while batch := list(islice(piece, _LOOKED_UP_AT_ONCE)):
            _check_batch(platform, batch, first_rows, part, reach)
        is_last = next(entries, None) is None
        told = notes() if is_last else ()
    if is_last and not begin + part.rows:
        raise SheetRefused("no_rows", "名册中没有数据行")
    if begin + part.rows > MAX_ROWS:
        raise SheetRefused("too_many_rows", f"名册超过 {MAX_ROWS} 行，请按单位分开核对")
    write_part(platform, check.crosscheck_id, check.step, part)
    counts = Counter(check.counts)
    counts.update(finding.kind for finding in part.findings)
    counts["unchanged"] += part.unchanged
    changes: Item = {
        "state": "comparing" if is_last else "reading",
        "step": check.step + 1,
        "rows": begin + part.rows,
        "counts": dict(counts),
        "notes": list(told),
    }
    moved = _move(platform, check, changes)
    send(platform, moved.crosscheck_id, moved.step)


@contextmanager
def _entries(platform: Platform, check: CrossCheck) -> Iterator[tuple[Iterator[Entry], Any]]:
    """The rows of the pinned register, and what to ask for the reader's notes after the last."""
    with tempfile.TemporaryFile() as file:
        for block in platform.inbox.stream(check.object_key, check.object_version):
            file.write(block)
        with open_table(cast(BinaryIO, file), check.format, known_names) as table:
            columns, allowed = columns_of(table.header), allowed_codes(platform)
            entries = (entry_of(columns, row, allowed) for row in table.rows())
            yield entries, lambda: table.notes


def _note_row(platform: Platform, first_rows: dict[bytes, int], entry: Entry) -> int:
    """The first row with this code (this one, if there was none). Codes are held as keyed digests
    of sixteen bytes."""
    if entry.fault and entry.fault[0] in ("unreadable", "code_invalid"):
        return entry.row
    digest = platform.keyring.mac("crosscheck_row", entry.citizen_code)[:16]
    return first_rows.setdefault(digest, entry.row)


def _check_batch(
    platform: Platform,
    batch: list[Entry],
    first_rows: dict[bytes, int],
    part: Part,
    reach: frozenset[str],
) -> None:
    """Compare up to a hundred rows, with one look-up for all of them."""
    keyring = platform.keyring
    macs = {
        entry.row: files.code_mac(keyring, entry.citizen_code)
        for entry in batch
        if not entry.fault or entry.fault[0] == "employer_invalid"
    }
    people = files.people_by_mac(platform, macs.values())
    for entry in batch:
        part.rows += 1
        known = people.get(macs.get(entry.row, ""))
        if known is not None:
            part.seen.append(known.subject_id)
        if entry.kind and entry.kind not in part.kinds:
            part.kinds.append(entry.kind)
        first = _note_row(platform, first_rows, entry)
        found = _findings(entry, known, first, files.name_mac(keyring, entry.name), reach)
        part.findings += found
        part.unchanged += not found


def _findings(
    entry: Entry, known: Subject | None, first: int, name_mac: str, reach: frozenset[str]
) -> list[Finding]:
    if entry.fault:
        return [finding_of(entry, *entry.fault)]
    if first != entry.row:
        return [finding_of(entry, "duplicate_row", f"与第 {first} 行是同一人")]
    in_reach = known is not None and known.region in reach
    return compare(entry, known, name_mac, in_reach=in_reach)


# -- who left -----------------------------------------------------------------------------------


def regions_below(platform: Platform, check: CrossCheck) -> list[str]:
    """The regions a check is about: its own and those below."""
    day = civil_date(parse_instant(check.created_at))
    regions = pack_for(check.jurisdiction, day).regions
    return sorted(code for code in regions if region_covers(check.region, code))


def _conclude(platform: Platform, check: CrossCheck) -> None:
    """Find who is in no row, write the report, end the check."""
    last = check.step - 1
    seen: set[str] = set()
    kinds: set[str] = set()
    for part in parts_of(platform, check.crosscheck_id, last):
        seen.update(part.seen)
        kinds.update(part.kinds)
    # A register of civil servants says nothing about others, unless it names their kind.
    leavers = _leavers(platform, check, seen, kinds or {_CIVIL_SERVANT})
    total = 0
    while findings := list(islice(leavers, _LEAVERS_PER_PART)):
        last += 1
        total += len(findings)
        write_part(platform, check.crosscheck_id, last, Part(findings))
    write_report(platform, check, last)
    counts: Item = {**check.counts, "leaver": total}
    _end(platform, check, {"state": "completed", "parts": last, "counts": counts})


def _leavers(
    platform: Platform, check: CrossCheck, seen: set[str], kinds: set[str]
) -> Iterator[Finding]:
    for subject in files.officials(platform, check.jurisdiction, regions_below(platform, check)):
        if subject.subject_id in seen or subject.is_erased or subject.kind not in kinds:
            continue
        yield leaver_of(subject, files.open_profile(platform, subject).name)
