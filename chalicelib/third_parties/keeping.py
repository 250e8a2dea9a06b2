"""Institutions and their indicator systems, kept by the credit office of their region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.access.permissions import THIRD_PARTY
from chalicelib.access.service import find_agency, may_act_on, region_covers
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.policy.service import pack_for
from chalicelib.third_parties import store
from chalicelib.third_parties.model import (
    Grade,
    Indicator,
    Institution,
    InstitutionKind,
    PeriodKind,
    RatingSystem,
    Scale,
    SigningKey,
)
from chalicelib.third_parties.rules import system_faults
from chalicelib.third_parties.rules_signing import is_usable, thumbprint
from chalicelib.web.model import Caller, Scope

MECHANISM = "third_party"
MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class SystemContent:
    """What an institution says of its system; a new version may change all of it."""

    title: str
    method: str
    scale: Scale
    grades: tuple[Grade, ...]
    indicators: tuple[Indicator, ...]
    kinds: tuple[str, ...]
    period: PeriodKind


def must_have(platform: Platform, jurisdiction: str) -> None:
    """Raises NotFound where the local document has no evaluation by third parties."""
    mechanisms = pack_for(jurisdiction, civil_date(platform.clock())).mechanisms
    found = mechanisms.get(MECHANISM)
    if found is None or found.state == "off":
        raise NotFound("本地文件没有第三方评价的规定", code="third_parties_not_regulated")


# -- institutions ---------------------------------------------------------------------------------


def register_institution(
    platform: Platform, caller: Caller, code: str, kind: InstitutionKind, jwk: Mapping[str, str]
) -> tuple[Institution, bool]:
    """Register an agency that has the role as an institution, with its first key; the same again is
    answered as it is (False). Raises NotFound, Invalid, Forbidden, Conflict."""
    must_have(platform, caller.jurisdiction)
    agency = find_agency(platform, code)
    if agency is None or not agency.active or THIRD_PARTY not in agency.roles:
        message = "单位名册中没有这个单位，或者它没有第三方评价机构的角色"
        raise Invalid("机构不能登记", faults=[Fault("/unified_code", "not_third_party", message)])
    if not region_covers(caller.region, agency.region):
        raise Forbidden("只能登记本行政区划内的机构", code="outside_region")
    at = instant_text(platform.clock())
    one = Institution(
        code=code,
        name=agency.name,
        kind=kind,
        jurisdiction=caller.jurisdiction,
        region=agency.region,
        keys=(_new_key(jwk, at),),
        created_at=at,
    )
    try:
        store.put_institution(platform, one)
    except ConditionFailed as error:
        before = store.load_institution(platform, code)
        if before is None or before.kind != kind or before.key(one.keys[0].kid) is None:
            message = "这个机构已经登记，内容不同；公钥可以另外增加"
            raise Conflict(message, code="institution_exists") from error
        return before, False
    return one, True


def _new_key(jwk: Mapping[str, str], at: str) -> SigningKey:
    if not is_usable(jwk):
        fault = Fault("/key", "unusable_key", "应为 P-256 曲线上的公钥（JWK，RFC 7517）")
        raise Invalid("公钥无法使用", faults=[fault])
    return SigningKey(thumbprint(jwk), dict(jwk), at)


def find_institution(platform: Platform, caller: Caller, scope: Scope, code: str) -> Institution:
    """An institution within the caller's scope. Raises NotFound alike outside of it."""
    one = store.load_institution(platform, code)
    if one is None or one.jurisdiction != caller.jurisdiction:
        raise NotFound("没有登记这个机构")
    if not may_act_on(caller, scope, one.code, one.region):
        raise NotFound("没有登记这个机构")
    return one


def add_key(
    platform: Platform, one: Institution, jwk: Mapping[str, str], version: int
) -> Institution:
    """Let an institution sign with a further key. Adding it again changes nothing. Raises Invalid,
    Conflict, PreconditionFailed."""
    key = _new_key(jwk, instant_text(platform.clock()))
    known = one.key(key.kid)
    if known is not None and not known.retired_at:
        return one
    if known is not None or len(one.keys) >= MOST_KEYS:
        text = "这个公钥已经停用，不能再启用" if known else f"一个机构最多 {MOST_KEYS} 个公钥"
        raise Conflict(text, code="key_not_added")
    return _changed(platform, one, version, (*one.keys, key))


def retire_key(platform: Platform, one: Institution, kid: str, version: int) -> Institution:
    """Let nothing new be signed with a key; it stays, for what was signed. Raises NotFound,
    PreconditionFailed."""
    known = one.key(kid)
    if known is None:
        raise NotFound("这个机构没有这个编号的公钥")
    if known.retired_at:
        return one
    retired = replace(known, retired_at=instant_text(platform.clock()))
    keys = tuple(retired if key.kid == kid else key for key in one.keys)
    return _changed(platform, one, version, keys)


def _changed(
    platform: Platform, one: Institution, version: int, keys: tuple[SigningKey, ...]
) -> Institution:
    _check_version(one.version, version)
    after = replace(one, keys=keys, version=version + 1)
    try:
        store.put_institution(platform, after)
    except ConditionFailed as error:
        raise PreconditionFailed("这个机构的登记刚刚被修改，请重新读取") from error
    return after


def _check_version(there: int, expected: int) -> None:
    if there != expected:
        raise PreconditionFailed(f"已是第 {there} 版，请重新读取")


# -- systems --------------------------------------------------------------------------------------


def register_system(
    platform: Platform, one: Institution, code: str, content: SystemContent
) -> tuple[RatingSystem, bool]:
    """Register a system of an institution; the same again is answered as it is (False). Raises
    NotFound, Invalid, and Conflict where the code is taken."""
    must_have(platform, one.jurisdiction)
    system = _system(platform, one, code, content)
    try:
        store.put_system(platform, system)
    except ConditionFailed as error:
        before = store.load_system(platform, code)
        if before is None or replace(before, created_at=system.created_at) != system:
            message = "这个代码已用于另一套指标体系；修改内容请用 PUT"
            raise Conflict(message, code="system_exists") from error
        return before, False
    return system, True


def _system(
    platform: Platform, one: Institution, code: str, content: SystemContent
) -> RatingSystem:
    faults = system_faults(content.scale, content.grades, content.indicators)
    if faults:
        raise Invalid(f"指标体系有 {len(faults)} 处不符合要求", faults=faults)
    return RatingSystem(
        code=code,
        institution=one.code,
        institution_name=one.name,
        institution_kind=one.kind,
        jurisdiction=one.jurisdiction,
        region=one.region,
        title=content.title,
        method=content.method,
        scale=content.scale,
        grades=content.grades,
        indicators=content.indicators,
        kinds=content.kinds,
        period=content.period,
        created_at=instant_text(platform.clock()),
    )


def find_system(platform: Platform, code: str) -> RatingSystem:
    """A system as it is now. Raises NotFound."""
    system = store.load_system(platform, code)
    if system is None:
        raise NotFound("没有这套指标体系")
    return system


def find_system_of(platform: Platform, jurisdiction: str, code: str) -> RatingSystem:
    """A system of a jurisdiction. Raises NotFound alike for one of another."""
    system = find_system(platform, code)
    if system.jurisdiction != jurisdiction:
        raise NotFound("没有这套指标体系")
    return system


def find_visible_system(
    platform: Platform, caller: Caller, scope: Scope, code: str
) -> RatingSystem:
    """A system within the caller's scope. Raises NotFound alike outside of it."""
    system = find_system_of(platform, caller.jurisdiction, code)
    if not may_act_on(caller, scope, system.institution, system.region):
        raise NotFound("没有这套指标体系")
    return system


def change_system(
    platform: Platform, system: RatingSystem, content: SystemContent, version: int
) -> RatingSystem:
    """The next version of a system: what was rated stays rated by the version it was rated by.
    Raises Invalid, Conflict for a withdrawn one, PreconditionFailed."""
    one = store.load_institution(platform, system.institution)
    if one is None:
        raise NotFound("没有登记这个机构")
    draft = _system(platform, one, system.code, content)
    after = replace(draft, version=version + 1)
    if after == replace(system, created_at=after.created_at):
        return system
    return _replaced(platform, system, after)


def withdraw_system(
    platform: Platform, system: RatingSystem, reason: str, version: int
) -> RatingSystem:
    """Let a system take no new ratings; those there are stay public. Again with the same reason
    changes nothing. Raises Conflict, PreconditionFailed."""
    if system.withdrawn_at and system.reason == reason and system.version == version + 1:
        return system
    at = instant_text(platform.clock())
    after = replace(system, version=version + 1, withdrawn_at=at, reason=reason)
    return _replaced(platform, system, after)


def _replaced(platform: Platform, system: RatingSystem, after: RatingSystem) -> RatingSystem:
    _check_version(system.version, after.version - 1)
    if system.withdrawn_at:
        raise Conflict("这套指标体系已经停用", code="system_withdrawn")
    try:
        store.put_system(platform, after)
    except ConditionFailed as error:
        raise PreconditionFailed("这套指标体系刚刚被修改，请重新读取") from error
    return after
