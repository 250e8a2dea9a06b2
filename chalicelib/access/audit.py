"""The audit trail: every look into a person's file and every appointment, append only, and
tampering shows.

    pk TRAIL#<partition>    sk <seq, 12 digits>    the trail of one jurisdiction: a chain
    pk LOOKED#<subject id>  sk <instant>#<seq>     the same entry, for the subject to see

A list of persons is one entry that names all of them, with a copy for each that names nobody else.
Checks of business systems note theirs so too, in a chain per client (`joint`).

Entry n carries a keyed digest (the key is in no table) over its content and over the digest of
entry n - 1. So an altered entry does not verify, a removed one leaves a gap, and an inserted one
breaks a link; a copy that is missing or differs shows too. The function may put and query here,
never update or delete. What this cannot show is that the *newest* entries of the trail and their
copies were removed together: for that the head has to be noted elsewhere.

Access patterns: append (head of a trail, one transaction of its put and those of
its copies); a trail newest first; one
client's entries by time (by_actor); one subject's readers newest first; a stretch, to verify it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from chalicelib.access.model import AuditEntry, ReaderOut, TrailFlaw, TrailReport
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import ABSENT, MAX_TRANSACTION_ITEMS, Put, Write, commit
from chalicelib.kernel.canonical import canonical_json
from chalicelib.kernel.clock import instant_text, parse_instant
from chalicelib.kernel.errors import Fault, Invalid, Unavailable
from chalicelib.kernel.keyring import Keyring
from chalicelib.web.model import Caller

READ_FILE = "read_person_file"
SEVERAL = ","
"""Stands between the subjects of an entry that names several."""
VERIFY_AT_MOST = 1000
_SEQ_DIGITS = 12
_TRIES = 12
_MAX_REASON = 200
_MOST_NAMED = MAX_TRANSACTION_ITEMS - 1


def record_read(
    platform: Platform, caller: Caller, subject_id: str, purpose: str, approval: str
) -> AuditEntry:
    """Note that `caller` reads the file of `subject_id`, before it is answered. The trail is that
    of the caller's jurisdiction. Raises Invalid without a purpose, Unavailable when it could not
    be noted: then nothing may be shown."""
    _must_be_stated(purpose, approval)
    return _append(platform, caller, _Deed(READ_FILE, subject_id, purpose, approval), ())


def record_reads(
    platform: Platform, caller: Caller, subject_ids: Sequence[str], purpose: str, approval: str
) -> None:
    """`record_read` of several files shown together: one entry for as many as a transaction takes,
    and each of them sees it."""
    _must_be_stated(purpose, approval)
    for first in range(0, len(subject_ids), _MOST_NAMED):
        named = SEVERAL.join(subject_ids[first : first + _MOST_NAMED])
        _append(platform, caller, _Deed(READ_FILE, named, purpose, approval), ())


def _must_be_stated(purpose: str, approval: str) -> None:
    if not purpose or len(purpose) > _MAX_REASON or len(approval) > _MAX_REASON:
        fault = Fault(
            "/header/Purpose-Code", "required", f"须注明查询目的，不超过 {_MAX_REASON} 个字"
        )
        raise Invalid("查询个人信用档案必须注明目的", faults=[fault])


def record_deed(
    platform: Platform,
    caller: Caller,
    action: str,
    subject_id: str,
    detail: str,
    writes: Sequence[Write],
) -> AuditEntry:
    """Make `writes` and the entry that says who made them happen together or not at all. Raises
    ConditionFailed (index in `writes` -> what was there) and Unavailable."""
    return _append(platform, caller, _Deed(action, subject_id, detail[:_MAX_REASON], ""), writes)


@dataclass(frozen=True, slots=True)
class _Deed:
    """What an entry says was done."""

    action: str
    subject_id: str
    purpose: str
    approval: str


def _append(platform: Platform, caller: Caller, deed: _Deed, writes: Sequence[Write]) -> AuditEntry:
    partition = caller.jurisdiction
    for _ in range(_TRIES):
        head = _head(platform, partition)
        entry = signed(
            platform.keyring,
            AuditEntry(
                partition=partition,
                entry_id=platform.ids.new("aud"),
                seq=1 if head is None else head.seq + 1,
                at=instant_text(platform.clock()),
                client_id=caller.client_id,
                agency_code=caller.agency_code,
                agency_name=caller.agency_name,
                action=deed.action,
                subject_id=deed.subject_id,
                purpose=deed.purpose,
                approval=deed.approval,
                previous="" if head is None else head.mac,
            ),
        )
        copies = (replace(entry, subject_id=one) for one in subjects_of(entry))
        own = [trail_put(platform, entry), *(copy_put(platform, copy) for copy in copies)]
        try:
            commit([*own, *writes])
        except ConditionFailed as error:
            there = error.items.get(0)
            if there is not None and entry_from(there) == entry:
                return entry  # it took effect, and was sent again
            others = {i - len(own): item for i, item in error.items.items() if i >= len(own)}
            if others:
                raise ConditionFailed(others) from error
            continue  # another worker was faster: link to its entry
        except Unavailable:
            if not _is_there(platform, entry):
                raise
        return entry
    raise Unavailable("审计记录暂时写不进去，请稍后重试")


def _is_there(platform: Platform, entry: AuditEntry) -> bool:
    """Whether a write that was not answered took effect."""
    head = _head(platform, entry.partition)
    return head is not None and head == entry


def list_trail(platform: Platform, partition: str, limit: int, start: Item | None) -> Page:
    """One page of a trail, newest first."""
    return platform.audit.query(_trail(partition), descending=True, limit=limit, start=start)


def list_by_client(platform: Platform, client_id: str, limit: int, start: Item | None) -> Page:
    """One page of what a client has looked at, newest first."""
    return platform.audit.query_index(
        "by_actor", client_id, descending=True, limit=limit, start=start
    )


def list_readers(platform: Platform, subject_id: str, limit: int, start: Item | None) -> Page:
    """One page of who looked at a subject's file, newest first."""
    return platform.audit.query(_looked(subject_id), descending=True, limit=limit, start=start)


def reader_out(entry: AuditEntry) -> ReaderOut:
    """One look at a file, as the subject sees it."""
    return ReaderOut(
        at=parse_instant(entry.at),
        agency_code=entry.agency_code,
        agency_name=entry.agency_name,
        action=entry.action,
        purpose=entry.purpose,
        approval=entry.approval,
    )


def last_readers(platform: Platform, subject_id: str, most: int) -> list[ReaderOut]:
    """Who looked at a subject's file last, the newest first."""
    page = list_readers(platform, subject_id, most, None)
    return [reader_out(entry_from(item)) for item in page.items]


def verify_trail(platform: Platform, partition: str, first: int = 1) -> TrailReport:
    """Check up to VERIFY_AT_MOST entries from number `first` on, and their copies; `last` of the
    report says how far it came (first - 1: there is nothing)."""
    entries = _stretch(platform, partition, max(first - 1, 1))
    flaws: list[tuple[int, TrailFlaw]] = []
    before: AuditEntry | None = None
    expected = max(first - 1, 1)
    for entry in entries:
        flaws += [(seq, TrailFlaw.MISSING) for seq in range(expected, entry.seq)]
        if entry.seq >= first:
            flaws += [(entry.seq, flaw) for flaw in _flaws(platform, entry, before)]
        before, expected = entry, entry.seq + 1
    return TrailReport(partition, first, expected - 1 if entries else first - 1, tuple(flaws))


def entry_from(item: Item) -> AuditEntry:
    """The entry in an item."""
    values = {name: item.get(name, "") for name in AuditEntry.__dataclass_fields__}
    seq = values.pop("seq")
    return AuditEntry(
        seq=seq if isinstance(seq, int) else 0,
        **{name: str(value) for name, value in values.items()},
    )


def _flaws(platform: Platform, entry: AuditEntry, before: AuditEntry | None) -> list[TrailFlaw]:
    found: list[TrailFlaw] = []
    if not hmac.compare_digest(entry.mac, signed(platform.keyring, entry).mac):
        found.append(TrailFlaw.ALTERED)
    if (entry.seq == 1 and entry.previous) or (
        before is not None and before.seq == entry.seq - 1 and before.mac != entry.previous
    ):
        found.append(TrailFlaw.BROKEN_LINK)
    if not all(_is_copied(platform, entry, one) for one in subjects_of(entry)):
        found.append(TrailFlaw.COPY_DIFFERS)
    return found


def _is_copied(platform: Platform, entry: AuditEntry, subject_id: str) -> bool:
    copies = platform.audit.query(_looked(subject_id), prefix=_copy_place(entry)).items
    return [entry_from(item) for item in copies] == [replace(entry, subject_id=subject_id)]


def _stretch(platform: Platform, partition: str, first: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    span = (_place(first), _place(first + VERIFY_AT_MOST))
    start: Item | None = None
    while True:
        page = platform.audit.query(_trail(partition), between=span, start=start)
        entries += [entry_from(item) for item in page.items]
        start = page.next_start
        if start is None:
            return entries


def _head(platform: Platform, partition: str) -> AuditEntry | None:
    page = platform.audit.query(_trail(partition), descending=True, limit=1)
    return entry_from(page.items[0]) if page.items else None


def checks_partition(client_id: str) -> str:
    """The trail of the checks a client makes."""
    return f"checks#{client_id}"


def subjects_of(entry: AuditEntry) -> list[str]:
    """Whom an entry is about."""
    return entry.subject_id.split(SEVERAL)


def signed(keyring: Keyring, entry: AuditEntry) -> AuditEntry:
    """The entry with the keyed digest over its content."""
    content = {name: value for name, value in asdict(entry).items() if name != "mac"}
    return replace(entry, mac=keyring.mac("audit_trail", canonical_json(content)).hex())


def trail_put(platform: Platform, entry: AuditEntry) -> Put:
    """The write that appends an entry to its trail."""
    item: Item = {
        "pk": _trail(entry.partition),
        "sk": _place(entry.seq),
        "entity": "audit_entry",
        "version": 1,
        "actor": entry.client_id,
        **asdict(entry),
    }
    return Put(platform.audit.name, item, ABSENT)


def copy_put(platform: Platform, entry: AuditEntry) -> Put:
    """The write by which the subject sees an entry."""
    item: Item = {
        "pk": _looked(entry.subject_id),
        "sk": _copy_place(entry),
        "entity": "audit_copy",
        "version": 1,
        **asdict(entry),
    }
    return Put(platform.audit.name, item, ABSENT)


def _trail(partition: str) -> str:
    return f"TRAIL#{partition}"


def _looked(subject_id: str) -> str:
    return f"LOOKED#{subject_id}"


def _place(seq: int) -> str:
    return f"{seq:0{_SEQ_DIGITS}d}"


def _copy_place(entry: AuditEntry) -> str:
    return f"{entry.at}#{entry.partition}#{_place(entry.seq)}"
