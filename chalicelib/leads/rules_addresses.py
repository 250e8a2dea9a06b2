"""Of an address only a hash is ever used, under a key that lives for one day.

Who is behind it cannot be said afterwards, not even by those who run the platform: the key is
random, is deleted the day after, and lies in a table of which no backup is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from typing import Any, Final

KEY_BYTES: Final = 32
_HOME_BITS: Final = 64
"""One household or handset is given a whole /64 (RFC 6177)."""


def address_of(event: Mapping[str, Any], trusted_proxies: int) -> str:
    """Where a request came from, as the gateway says. With proxies of our own before it: what the
    outermost of them saw; further left in X-Forwarded-For stands whatever the caller likes."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    peer = str(identity.get("sourceIp") or "")
    if trusted_proxies <= 0:
        return peer
    headers = event.get("headers") or {}
    forwarded = next((v for n, v in headers.items() if n.lower() == "x-forwarded-for"), "")
    hops = [hop.strip() for hop in str(forwarded).split(",") if hop.strip()]
    return hops[-trusted_proxies - 1] if len(hops) > trusted_proxies else peer


def hashed(key: bytes, address: str) -> str:
    """What stands for an address today. An IPv6 address stands for its whole /64."""
    return hmac.new(key, _network(address).encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _HOME_BITS), strict=False))
