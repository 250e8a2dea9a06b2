"""What other rooms and the edge ask of access: who is calling, what they may do."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.access import store
from chalicelib.access.audit import last_readers, record_deed, record_read, record_reads
from chalicelib.access.exceptions import allowed_codes
from chalicelib.access.gate import gate_of, registered_caller
from chalicelib.access.joint import (
    Head,
    Look,
    copy_puts,
    distinct,
    joint_entry,
    newest,
    trail_put,
)
from chalicelib.access.model import Agency
from chalicelib.access.permissions import PERMISSIONS
from chalicelib.access.register import AgencyPage, know_subjects, list_agencies
from chalicelib.access.rules import may_act_on, region_covers, scope_of, significant_part
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Forbidden
from chalicelib.web.model import Caller, Scope

__all__ = [
    "AgencyPage",
    "Head",
    "Look",
    "Superiors",
    "agency_from",
    "agency_key",
    "allowed_codes",
    "authenticate",
    "authorize",
    "copy_puts",
    "distinct",
    "each_agency",
    "find_agency",
    "joint_entry",
    "know_subjects",
    "last_readers",
    "list_agencies",
    "may_act_on",
    "may_still",
    "newest",
    "permissions_of",
    "record_deed",
    "record_read",
    "record_reads",
    "region_covers",
    "significant_part",
    "trail_put",
]

agency_key = store.agency_key
agency_from = store.agency_from

MAX_DEPTH = 12
"""How far up a chain of superiors is followed: no administration is deeper."""


def authenticate(platform: Platform, token: str) -> Caller:
    """The registered caller behind a bearer token. Raises Unauthenticated, Unavailable, and
    Misconfigured where the platform must not run."""
    return gate_of(platform).caller_of(token)


def authorize(caller: Caller, operation: str) -> Scope:
    """How far `caller` may go with `operation`. Raises Forbidden, and LookupError for an
    operation that is not in the table."""
    if operation not in PERMISSIONS:
        raise LookupError(f"operation {operation} is not in access/permissions.py")
    scope = scope_of(caller.roles, operation)
    if scope is None:
        raise Forbidden("这个客户端的角色不包含该操作")
    return scope


def may_still(platform: Platform, client_id: str, operation: str) -> bool:
    """Whether a client is active and has a right now: asked before work in its name goes on."""
    caller = registered_caller(platform, client_id)
    return caller is not None and scope_of(caller.roles, operation) is not None


def permissions_of(caller: Caller) -> dict[str, str]:
    """Every operation the caller has a right to, with its scope in small letters."""
    found = {name: scope_of(caller.roles, name) for name in PERMISSIONS}
    return {name: scope.name.lower() for name, scope in found.items() if scope is not None}


def find_agency(platform: Platform, agency_code: str) -> Agency | None:
    """A registered agency, or None."""
    return store.load_agency(platform, agency_code)


class Superiors:
    """Which agencies stand below which, by the register of agencies; each is read once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._above: dict[str, str] = {}

    def reach(self, caller: Caller, scope: Scope, agency_code: str, region: str) -> bool:
        """Whether what belongs to an agency lies within the caller's scope."""
        if may_act_on(caller, scope, agency_code, region):
            return True
        return scope is Scope.BELOW and self._is_below(caller.agency_code, agency_code)

    def _is_below(self, top: str, code: str) -> bool:
        for _ in range(MAX_DEPTH):
            if not code or not top:
                return False
            if code not in self._above:
                found = store.load_agency(self._platform, code)
                self._above[code] = "" if found is None else found.superior
            code = self._above[code]
            if code == top:
                return True
        return False


def each_agency(platform: Platform) -> Iterator[Agency]:
    """Every registered agency, by region and code."""
    return store.each_agency(platform)
