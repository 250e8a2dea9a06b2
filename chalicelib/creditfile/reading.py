"""Reading credit files and records: who may, under which purpose, and what they see of a person.

Every look into a person's file is in the audit trail before anything is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.access.service import find_agency, may_act_on, record_read, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Condition
from chalicelib.creditfile import briefs, service, store
from chalicelib.creditfile.model import Identification, Record, Subject
from chalicelib.creditfile.reach import Chain, check_scope, reaches, reaches_body
from chalicelib.creditfile.rules import is_shared_with, sees_full
from chalicelib.creditfile.rules_standing import is_archived
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Forbidden, NotFound
from chalicelib.policy.base import PERSONS
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller, Scope

OWN_READING = "self"
"""The purpose in the audit trail where a person reads its own file."""
_MOST_QUERIES = 40


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, how far the right reaches, and what for (the two request headers)."""

    caller: Caller
    scope: Scope
    purpose: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see of a subject: its values in full, or masked."""

    subject: Subject
    full: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records of a list are wanted."""

    type: str = ""
    category: str = ""
    dishonesty: bool | None = None
    withdrawn: bool = False
    archived: bool | None = None
    """Whether only those that are repaired or exempted, or only the others."""

    def keeps(self, record: Record) -> bool:
        """The part of the filter that is not said in the table's words."""
        return self.archived is None or is_archived(record.standing) == self.archived

    def condition(self) -> Condition | None:
        """The filter in the table's words."""
        parts: list[str] = []
        values: dict[str, str | bool] = {}
        for name in ("type", "category"):
            if getattr(self, name):
                parts.append(f"#{name} = :{name}")
                values[name] = getattr(self, name)
        if self.dishonesty is not None:
            parts.append("#dishonesty = :dishonesty")
            values["dishonesty"] = self.dishonesty
        if not self.withdrawn:
            parts.append("#status = :active")
            values["active"] = "active"
        return Condition(" AND ".join(parts), dict(values)) if parts else None


def look_at(platform: Platform, reader: Reader, subject: Subject) -> Sight:
    """Let a reader look at a subject; a look at a person is noted first. Raises Forbidden,
    Invalid (no purpose, no approval) and Unavailable where it could not be noted."""
    check_scope(platform, reader.caller, reader.scope, subject)
    return note(platform, reader, subject)


def note(platform: Platform, reader: Reader, subject: Subject) -> Sight:
    """Note a look at a person whose scope is checked. A body's file needs no note."""
    if not subject.is_person:
        return Sight(subject)
    caller = reader.caller
    if caller.subject_id == subject.subject_id:
        record_read(platform, caller, subject.subject_id, OWN_READING, "")
        return Sight(subject, full=sees_full(caller, subject))
    purpose, approval = _stated(reader)
    record_read(platform, caller, subject.subject_id, purpose, approval)
    return Sight(subject, full=sees_full(caller, subject))


def _stated(reader: Reader) -> tuple[str, str]:
    return service.purpose_of(reader.caller, reader.purpose, reader.approval)


def look_up(platform: Platform, reader: Reader, named: Identification) -> Sight:
    """Let a reader look at a subject by code and name; a look at a person is noted first. Nobody
    learns here who exists: an unknown code, a wrong name and a subject outside the scope are
    answered alike (NotFound), and a person's code without a purpose is not looked for (Invalid)."""
    if named.is_person:
        _stated(reader)
    nobody = NotFound("没有代码与名称都相符的信用主体")
    try:
        subject = service.find_by_code(platform, named)
    except NotFound as error:
        raise nobody from error
    if named.name and subject.name_mac != service.name_mac(platform.keyring, named.name):
        raise nobody
    if not reaches(platform, reader.caller, reader.scope, subject):
        raise nobody
    return note(platform, reader, subject)


def read_record(platform: Platform, reader: Reader, record_id: str) -> tuple[Record, Sight]:
    """A record within the reader's scope, through its reporter or its subject. Raises NotFound,
    Forbidden, Invalid."""
    record = service.find_record(platform, record_id)
    caller, scope = reader.caller, reader.scope
    if not is_shared_with(caller, record):
        raise NotFound("没有这条信用信息")
    subject = service.find_subject(platform, record.subject_id)
    if not may_act_on(caller, scope, record.reporter, record.region):
        # A body below one's own is read with what it reported, but not the persons it reported on.
        reported = not subject.is_person and reaches_body(platform, caller, scope, record.reporter)
        if not reported and not reaches(platform, caller, scope, subject):
            message = "只能查看本单位报送的，或者管辖范围内主体的信用信息"
            raise Forbidden(message, code="outside_scope")
    return record, note(platform, reader, subject)


def check_reporter(platform: Platform, reader: Reader, reporter: str) -> None:
    """Raises Forbidden unless the reader may list what this agency reported; NotFound for an
    agency nobody registered."""
    if reader.caller.agency_code == reporter and reporter:
        return
    agency = find_agency(platform, reporter)
    region = agency.region if agency else ""
    if not reaches_body(platform, reader.caller, reader.scope, reporter, region):
        raise Forbidden("只能查看本单位或管辖范围内单位报送的信用信息", code="outside_scope")
    if agency is None:
        raise NotFound("没有这个报送单位")


def list_records(
    platform: Platform,
    caller: Caller,
    place: tuple[str, str],
    wanted: Filter,
    limit: int,
    start: Item | None,
) -> tuple[list[Record], Item | None]:
    """One page of `place`, (`by_subject` or `by_reporter`, value), the newest occurrence first, and
    where the next one starts. Records no longer shared with the caller are left out."""
    found: list[Record] = []
    while True:
        page = store.page_of_records(
            platform, *place, limit - len(found), start, wanted.condition()
        )
        read = map(store.record_from, page.items)
        found += [one for one in read if wanted.keeps(one) and is_shared_with(caller, one)]
        start = page.next_start
        if start is None or len(found) >= limit:
            return found, start


def place_after(record: Record, *, by_subject: bool) -> Item:
    """Where a page of `list_records` starts that follows this record."""
    item = store.record_item(record)
    index_keys = ("subject" if by_subject else "reporter", "occurred")
    return {name: item[name] for name in ("pk", "sk", *index_keys)}


def list_subjects(
    platform: Platform,
    reader: Reader,
    region: str,
    kind: str,
    limit: int,
    start: Item | None,
) -> tuple[list[Subject], Item | None]:
    """One page of the register: subjects of `region` (the reader's if empty) and below, of one
    kind if given (bodies otherwise), by region. With the smallest scope: the reader's own; with
    the next one: of these, those that stand below it, and a page may then be short of `limit`.

    Raises Forbidden for a region outside the scope.
    """
    caller = reader.caller
    if reader.scope is Scope.OWN:
        return _own(platform, caller, kind), None
    wanted = region or caller.region
    if reader.scope is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划及以下的主体", code="outside_region")
    pack = pack_for(caller.jurisdiction, civil_date(platform.clock()))
    regions = sorted(code for code in pack.regions if region_covers(wanted, code))
    found: list[Subject] = []
    chain = Chain(platform) if reader.scope is Scope.BELOW else None
    at, begin, queries = *_cursor(start, regions), 0
    while at < len(regions):
        listing = store.listing_of(caller.jurisdiction, regions[at], kind in PERSONS)
        page = briefs.page_of_subjects(platform, listing, limit - len(found), begin, kind)
        listed = [store.subject_from(item) for item in page.items]
        found += listed if chain is None else _below(chain, caller, listed)
        begin = page.next_start
        if begin is None:
            at += 1
        queries += 1
        # Few of a region may stand below one body: then a page ends short rather than late.
        if len(found) >= limit or (chain is not None and (found or queries >= _MOST_QUERIES)):
            break
    if at >= len(regions):
        return found, None
    return found, {"region": regions[at], "start": begin}


def _below(chain: Chain, caller: Caller, listed: Iterable[Subject]) -> list[Subject]:
    return [one for one in listed if chain.covers(caller.agency_code, one)]


def _cursor(start: Item | None, regions: Sequence[str]) -> tuple[int, Item | None]:
    if start is None:
        return 0, None
    begin = start["start"]
    at = next((i for i, code in enumerate(regions) if code >= str(start["region"])), len(regions))
    return at, begin if isinstance(begin, dict) else None


def _own(platform: Platform, caller: Caller, kind: str) -> list[Subject]:
    own = caller.subject_id or service.body_id(caller.agency_code)
    subject = store.load_subject(platform, own)
    if subject is None or (kind and subject.kind != kind):
        return []
    return [subject]


def names_of(platform: Platform, codes: Iterable[str]) -> dict[str, str]:
    """The names of bodies and agencies by unified code; the unknown are left out."""
    wanted = sorted({code for code in codes if code})
    subjects = service.subjects_by_id(platform, [service.body_id(code) for code in wanted])
    names = {one.unified_code: one.name for one in subjects.values() if one.name}
    for code in wanted:
        if code not in names:
            agency = find_agency(platform, code)
            if agency is not None:
                names[code] = agency.name
    return names
