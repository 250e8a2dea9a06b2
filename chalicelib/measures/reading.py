"""Who may look at measures: of one subject, of oneself, of everybody in a region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.access.service import record_read, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Forbidden
from chalicelib.measures import store
from chalicelib.measures.model import Standing, Turn
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller, Scope

OWN_READING = "self"
"""The purpose in the audit trail where a person asks about itself."""
CHANGES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, how far the right reaches, and what for (the two request headers)."""

    caller: Caller
    scope: Scope
    purpose: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """A subject as it stands, and how that came about, the newest change first."""

    subject: Subject
    standing: Standing | None
    turns: tuple[Turn, ...]


def look_at(platform: Platform, asking: Asking, subject_id: str) -> Sight:
    """The standing of a subject. A look at a person is noted first. Raises NotFound, Forbidden
    outside the scope, Invalid without a purpose (personnel: and an approval)."""
    subject = files.find_subject(platform, subject_id)
    files.check_scope(platform, asking.caller, asking.scope, subject)
    if subject.is_person:
        _note(platform, asking, subject)
    place = store.place_of(platform, subject)
    if place is None or subject.is_erased:
        return Sight(subject, None, ())
    turns, _ = store.load_turns(platform, place, CHANGES_SHOWN, None)
    return Sight(subject, store.load_kept(platform, place).standing, tuple(turns))


def _note(platform: Platform, asking: Asking, subject: Subject) -> None:
    caller = asking.caller
    if caller.subject_id == subject.subject_id:
        record_read(platform, caller, subject.subject_id, OWN_READING, "")
        return
    stated = files.purpose_of(caller, asking.purpose, asking.approval)
    record_read(platform, caller, subject.subject_id, *stated)


def list_bodies(
    platform: Platform, asking: Asking, region: str, code: str, limit: int, start: Item | None
) -> tuple[list[tuple[Standing, str]], Item | None]:
    """A page of the bodies of one region (the caller's if empty) that are under a measure, or under
    one measure, each with its name; and where the next page starts. Raises Forbidden."""
    caller = asking.caller
    wanted = _region(asking, region)
    listing = store.listing_of(caller.jurisdiction, wanted, persons=False)
    page = store.page_of_standings(platform, listing, code, limit, start)
    found = [store.standing_from(item) for item in page.items]
    known = files.subjects_by_id(platform, [one.subject_id for one in found]) if found else {}
    named = [
        (one, known[one.subject_id].name if one.subject_id in known else "") for one in found
    ]
    return named, page.next_start


def count(platform: Platform, asking: Asking, region: str) -> dict[str, tuple[int, int]]:
    """Of a region and those below it: measure -> how many bodies and how many persons are under
    it. Raises Forbidden."""
    wanted = _region(asking, region)
    jurisdiction = asking.caller.jurisdiction
    pack = pack_for(jurisdiction, civil_date(platform.clock()))
    regions = [code for code in sorted(pack.regions) if region_covers(wanted, code)]
    bodies = Counter(_codes(platform, jurisdiction, regions, persons=False))
    persons = Counter(_codes(platform, jurisdiction, regions, persons=True))
    return {code: (bodies[code], persons[code]) for code in sorted(bodies | persons)}


def _codes(
    platform: Platform, jurisdiction: str, regions: list[str], *, persons: bool
) -> Iterator[str]:
    for region in regions:
        listing = store.listing_of(jurisdiction, region, persons=persons)
        for codes in store.codes_in(platform, listing):
            yield from codes


def _region(asking: Asking, region: str) -> str:
    caller = asking.caller
    wanted = region or caller.region
    if asking.scope is not Scope.ALL and not region_covers(caller.region, wanted):
        raise Forbidden("只能查看本行政区划及以下的情况", code="outside_region")
    return wanted
