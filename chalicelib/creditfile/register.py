"""Keeping the register of subjects: who is registered, changed, or erased.

A subject first seen in a licence or penalty keeps its id and key when it is registered later. All
of this is safe to repeat: the same registration again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.access.service import allowed_codes, region_covers
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import Key, commit
from chalicelib.creditfile import service, store
from chalicelib.creditfile.model import PersonProfile, Subject
from chalicelib.creditfile.reach import MAX_DEPTH, check_scope
from chalicelib.creditfile.registration import COLUMNS, Registration, examine_registration
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    PreconditionFailed,
    Unavailable,
)
from chalicelib.kernel.keyring import Erased
from chalicelib.kernel.masking import scrub
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Caller, Scope

_RACES = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What the register holds at the places a registration speaks of."""

    items: Mapping[Key, Subject]
    """Subjects by their place (a person by the place of its look-up item)."""

    def subject(self, platform: Platform, wanted: Registration) -> Subject | None:
        """The subject a registration is about."""
        return self.items.get(service.subject_place(platform, wanted.identification))

    def is_registered(self, platform: Platform, unified_code: str) -> bool:
        """Whether a body of this code is registered."""
        place = store.subject_key(platform, service.body_id(unified_code))
        found = self.items.get(place)
        return found is not None and found.registered


def look_up(platform: Platform, wanted: Iterable[Registration]) -> Known:
    """What is known of these registrations, their superiors and employers (persons in full)."""
    places: dict[Key, None] = {}
    for one in wanted:
        places[service.subject_place(platform, one.identification)] = None
        for _, code in one.references:
            places[store.subject_key(platform, service.body_id(code))] = None
    found = batch_get(list(places))
    items = {place: store.subject_from(item) for place, item in found.items()}
    people = {
        store.subject_key(platform, subject.subject_id): place
        for place, subject in items.items()
        if subject.is_person
    }
    for key, item in batch_get(list(people)).items():
        items[people[key]] = store.subject_from(item)
    return Known(items)


def examined(platform: Platform, caller: Caller, given: Mapping[str, str]) -> Registration:
    """A registration that meets every rule and lies in the caller's region. Raises Invalid,
    Forbidden."""
    today = civil_date(platform.clock())
    pack = pack_for(caller.jurisdiction, today)
    found = examine_registration(pack, given, today, allowed_codes(platform))
    if isinstance(found, tuple):
        raise Invalid(f"有 {len(found)} 处不符合要求", faults=found)
    if not region_covers(caller.region, found.region):
        raise Forbidden("只能登记本行政区划及以下的主体", code="outside_region")
    return found


def register_subject(
    platform: Platform, caller: Caller, given: Mapping[str, str]
) -> tuple[Subject, bool]:
    """Register one subject; (subject, whether it was unknown). The same again changes nothing.

    Raises Invalid, Forbidden, and Conflict where it is registered with other content.
    """
    wanted = examined(platform, caller, given)
    for _ in range(_RACES):
        known = look_up(platform, [wanted])
        before = known.subject(platform, wanted)
        check_standing(caller, before)
        check_references(platform, wanted, known)
        if before is None:
            try:
                return create(platform, caller, wanted), True
            except ConditionFailed:
                continue  # named by somebody else a moment ago
        after = amended(platform, caller, before, wanted)
        if after == before:
            return before, False
        if before.registered:
            message = "该主体已登记，内容不同；请读取现有登记后用 PATCH 修改"
            raise Conflict(message, code="subject_exists")
        try:
            return update(platform, before, after), False
        except ConditionFailed:
            continue
    raise Unavailable("该主体正被其他请求登记，请稍后重试")


def change_registration(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    subject_id: str,
    changes: Mapping[str, str],
    version: int,
) -> Subject:
    """Change what is named in `changes` (an empty text clears); repeating a change that was made
    answers it again. Raises NotFound, Forbidden, Conflict, Erased, Invalid, PreconditionFailed."""
    before = service.find_subject(platform, subject_id)
    check_scope(platform, caller, scope, before)
    if before.is_erased:
        raise Erased()
    if not before.registered:
        message = "该主体尚未登记，请先用 POST /v1/subjects 登记"
        raise Conflict(message, code="subject_not_registered_yet")
    wanted = examined(platform, caller, {**_as_given(platform, before), **changes})
    after = amended(platform, caller, before, wanted)
    if after == before and version in (before.version, before.version - 1):
        return before  # nothing to change, or this very change was made and its answer lost
    if before.version != version:
        raise PreconditionFailed()
    check_references(platform, wanted, look_up(platform, [wanted]))
    if after.superior != before.superior:
        _check_no_loop(platform, after)
    try:
        return update(platform, before, after)
    except ConditionFailed as error:
        raise PreconditionFailed() from error


def erase_person(
    platform: Platform, caller: Caller, scope: Scope, subject_id: str, reason: str, version: int
) -> Subject:
    """Destroy a person's data key and look-up item in one transaction: what was sealed under it,
    here and in the archive, can never be read again. Repeating it answers it again.

    Raises NotFound, Forbidden, Conflict (a body), PreconditionFailed.
    """
    before = service.find_subject(platform, subject_id)
    check_scope(platform, caller, scope, before)
    if not before.is_person:
        raise Conflict("只有个人的数据可以删除；单位的登记不能删除", code="not_a_person")
    if before.is_erased:
        if version in (before.version, before.version - 1):
            return before
        raise PreconditionFailed()
    if before.version != version:
        raise PreconditionFailed()
    mac = service.code_mac(platform.keyring, service.open_profile(platform, before).citizen_code)
    now = instant_text(platform.clock())
    after = replace(
        before,
        wrapped_key="",
        sealed_profile="",
        name_mac="",
        employer="",
        registered=False,
        updated_at=now,
        erased_at=now,
        erased_by=caller.client_id,
        erasure_reason=scrub(reason),
    )
    try:
        commit(store.erasing_writes(platform, after, mac))
    except ConditionFailed as error:
        raise PreconditionFailed() from error
    return replace(after, version=before.version + 1)


def standing_fault(caller: Caller, before: Subject | None) -> Fault | None:
    """Why the caller may not take over a subject that is known already."""
    if before is None or not before.registered:
        return None
    if before.jurisdiction == caller.jurisdiction and region_covers(caller.region, before.region):
        return None
    message = "该主体已由其他行政区划登记，请共同的上级信用办办理"
    return Fault("/region", "registered_elsewhere", message)


def check_standing(caller: Caller, before: Subject | None) -> None:
    """Raises Forbidden where the subject is on another region's register."""
    fault = standing_fault(caller, before)
    if fault is not None:
        raise Forbidden(fault.message, code=fault.code)


def reference_fault(field: str) -> Fault:
    """A superior or an employer nobody has registered."""
    title = "上级单位" if field == "superior" else "所在单位"
    return Fault(f"/{field}", "not_registered", f"“{title}”没有登记，请先登记")


def check_references(platform: Platform, wanted: Registration, known: Known) -> None:
    """Raises Invalid unless the superior and the employer are registered."""
    faults = [
        reference_fault(field)
        for field, code in wanted.references
        if not known.is_registered(platform, code)
    ]
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)


def loops(platform: Platform, code: str, superior: str, planned: Mapping[str, str]) -> bool:
    """Whether `code` would be above its own superior; `planned` are superiors about to be set."""
    above = superior
    for _ in range(MAX_DEPTH):
        if not above:
            return False
        if above == code:
            return True
        if above in planned:
            above = planned[above]
            continue
        found = store.load_subject(platform, service.body_id(above))
        above = found.superior if found else ""
    return True


def loop_fault() -> Fault:
    """A body that would be its own superior through others."""
    return Fault("/superior", "superior_loop", "上级单位的上级不能又是本单位")


def create(platform: Platform, caller: Caller, wanted: Registration) -> Subject:
    """Write a subject nobody knew. Raises ConditionFailed if somebody does by now."""
    named = wanted.identification
    subject = service.new_subject(
        platform,
        named,
        kind=wanted.kind,
        jurisdiction=caller.jurisdiction,
        region=wanted.region,
        registered=True,
        details={
            "level": wanted.level,
            "superior": wanted.superior,
            "employer": wanted.employer,
            "post": wanted.post,
        },
    )
    mac = service.code_mac(platform.keyring, named.citizen_code) if named.is_person else ""
    commit(service.subject_writes(platform, subject, mac))
    return subject


def amended(platform: Platform, caller: Caller, before: Subject, wanted: Registration) -> Subject:
    """`before` as the registration wants it; equal to it if nothing differs. Id, key and version
    stay. Raises Erased."""
    mac = service.name_mac(platform.keyring, wanted.name)
    after = replace(
        before,
        kind=wanted.kind,
        jurisdiction=caller.jurisdiction,
        region=wanted.region,
        name="" if before.is_person else wanted.name,
        name_mac=mac,
        level=wanted.level,
        superior=wanted.superior,
        employer=wanted.employer,
        registered=True,
    )
    if not before.is_person:
        return after
    profile = PersonProfile(wanted.name, wanted.citizen_code, wanted.post)
    if service.open_profile(platform, before) == profile:
        return after
    key = platform.keyring.open_key(before.subject_id, before.wrapped_key)
    return replace(after, sealed_profile=service.seal_profile(key, profile, platform))


def update(platform: Platform, before: Subject, after: Subject) -> Subject:
    """Write the next version of a subject. Raises ConditionFailed if it changed meanwhile."""
    commit(service.register_again(platform, before, after))
    now = instant_text(platform.clock())
    return replace(after, version=before.version + 1, updated_at=now)


def _check_no_loop(platform: Platform, subject: Subject) -> None:
    if loops(platform, subject.unified_code, subject.superior, {}):
        fault = loop_fault()
        raise Invalid(fault.message, faults=[fault])


def _as_given(platform: Platform, subject: Subject) -> dict[str, str]:
    """A registered subject as its registration would read."""
    values = {name: str(getattr(subject, name, "")) for name in COLUMNS}
    if subject.is_person:
        profile = service.open_profile(platform, subject)
        values["name"] = profile.name
        values["citizen_code"] = profile.citizen_code
        values["post"] = profile.post
    return values
