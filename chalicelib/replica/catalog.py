"""What the public API asks of the catalog."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import NotFound
from chalicelib.policy import service as policy
from chalicelib.policy.model import RecordType
from chalicelib.replica.national import LAYOUT
from chalicelib.web import request


def double_publicity() -> tuple[str, ...]:
    """The types the national standard has columns for: licences and penalties (双公示)."""
    today = civil_date(request.platform().clock())
    found: set[str] = set()
    for jurisdiction in policy.jurisdictions():
        try:
            pack = policy.pack_for(jurisdiction, today)
        except NotFound:
            continue
        found |= _of_pack(pack.jurisdiction, pack.version)
    return tuple(sorted(found))


@functools.lru_cache(maxsize=64)
def _of_pack(jurisdiction: str, version: str) -> frozenset[str]:
    pack = policy.pack_version(jurisdiction, version)
    return frozenset(code for code, kind in pack.types.items() if LAYOUT in kind.layouts)


def type_of(pack: Mapping[str, str], code: str) -> RecordType | None:
    """A type as the pack that a record was published under has it."""
    try:
        return policy.pack_version(pack["jurisdiction"], pack["version"]).types.get(code)
    except NotFound:
        return None
