"""Pure decisions of access: how far a right reaches, what it covers, who may appoint whom."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.access.permissions import FOUNDING_ONLY_ROLES, PERMISSIONS
from chalicelib.web.model import Caller, Scope

# Digits per level of GB/T 2260 (province, city, county) and GB/T 10114 (township, village).
_LEVELS = (2, 2, 2, 3, 3)


def significant_part(region: str) -> str:
    """The leading digits of a division code that name it: `320100` -> `3201`, `000000` -> ``."""
    end, significant = 0, 0
    for width in _LEVELS:
        part = region[end : end + width]
        if not part:
            break
        end += width
        if part.strip("0"):
            significant = end
    return region[:significant]


def region_covers(outer: str, inner: str) -> bool:
    """Whether `inner` lies in `outer` or is it. An empty region covers nothing."""
    return bool(outer) and bool(inner) and inner.startswith(significant_part(outer))


def scope_of(roles: Iterable[str], operation: str) -> Scope | None:
    """The furthest scope any of `roles` has for `operation`, None for no right."""
    rights = PERMISSIONS.get(operation, {})
    return max((rights[role] for role in roles if role in rights), default=None)


def may_act_on(
    caller: Caller, scope: Scope, agency_code: str, region: str, subject_id: str = ""
) -> bool:
    """Whether an object lies within the caller's scope: `agency_code` owns it, it lies in
    `region`, and it is about `subject_id` (each empty where it does not apply)."""
    if scope is Scope.ALL:
        return True
    if agency_code and caller.agency_code == agency_code:
        return True
    if subject_id and caller.subject_id == subject_id:
        return True
    return scope is Scope.REGION and region_covers(caller.region, region)


def may_appoint(appointer_region: str, agency_region: str, roles: Iterable[str]) -> bool:
    """Whether a credit office may give `roles` to an agency of `agency_region`."""
    return region_covers(appointer_region, agency_region) and not (FOUNDING_ONLY_ROLES & set(roles))
