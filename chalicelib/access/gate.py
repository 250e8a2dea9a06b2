"""From a bearer token to a registered caller, with what may be remembered between requests."""

from __future__ import annotations

from chalicelib.access import store
from chalicelib.access.jwks import check_issuer
from chalicelib.access.model import Agency, Client
from chalicelib.access.permissions import SUBJECT
from chalicelib.access.tokens import Verifier
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.web.model import Caller

REGISTER_SECONDS = 60.0
_CALLERS_KEPT = 2000


class Gate:
    """Turns tokens into callers for one platform; remembers tokens and, up to a minute, the
    register's word on their clients."""

    def __init__(self, platform: Platform, verifier: Verifier | None = None) -> None:
        check_issuer(platform.settings)
        self.platform = platform
        self._verifier = Verifier(platform.settings) if verifier is None else verifier
        self._callers: dict[str, tuple[Caller, float]] = {}

    def caller_of(self, token: str) -> Caller:
        """The registered caller behind `token`. Raises Unauthenticated, Unavailable."""
        now = self.platform.clock()
        identity = self._verifier.verify(token, now)
        instant = now.timestamp()
        kept = self._callers.get(identity.client_id)
        if kept is not None and 0 <= instant - kept[1] < REGISTER_SECONDS:
            return kept[0]
        caller = self._registered(identity.client_id)
        if len(self._callers) >= _CALLERS_KEPT:
            self._callers.clear()
        self._callers[identity.client_id] = (caller, instant)
        return caller

    def _registered(self, client_id: str) -> Caller:
        unknown = Unauthenticated(
            "这个客户端没有在平台登记，或已停用；请联系所在地信用办", code="unknown_client"
        )
        self._callers.pop(client_id, None)
        caller = registered_caller(self.platform, client_id)
        if caller is None:
            raise unknown
        return caller


def registered_caller(platform: Platform, client_id: str) -> Caller | None:
    """The caller a client is by the register now; None unless it and its agency are active."""
    client = store.load_client(platform, client_id)
    if client is None or not client.active:
        return None
    agency = None
    if client.agency_code:
        agency = store.load_agency(platform, client.agency_code)
        if agency is None or not agency.active:
            return None
    return caller_from(client, agency)


def caller_from(client: Client, agency: Agency | None) -> Caller:
    """The caller a client is. A role taken from the agency is taken from its clients too; a
    subject acts for itself alone, whatever agency it belongs to."""
    if SUBJECT in client.roles or agency is None:
        return Caller(
            client_id=client.client_id,
            agency_code="",
            agency_name="" if agency is None else agency.name,
            jurisdiction=client.jurisdiction,
            region="",
            level="",
            roles=client.roles & {SUBJECT},
            subject_id=client.subject_id,
        )
    return Caller(
        client_id=client.client_id,
        agency_code=agency.agency_code,
        agency_name=agency.name,
        jurisdiction=client.jurisdiction,
        region=agency.region,
        level=agency.level,
        roles=client.roles & agency.roles,
    )


_gate: Gate | None = None


def gate_of(platform: Platform) -> Gate:
    """This worker's gate (one platform per worker)."""
    global _gate
    if _gate is None or _gate.platform is not platform:
        _gate = Gate(platform)
    return _gate
