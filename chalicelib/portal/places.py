"""The places whose policy the platform knows, as readers choose among them."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.kernel.clock import civil_date, day_end
from chalicelib.policy.model import Pack
from chalicelib.policy.service import BASE, jurisdictions, pack_for
from chalicelib.portal.rendering import CACHE_SECONDS
from chalicelib.web import request


@dataclass(frozen=True, slots=True)
class Place:
    """A place with a policy pack of its own."""

    jurisdiction: str
    title: str
    region: str
    """Its division code; for a pack that names only areas within, what they have in common."""


def places() -> tuple[Place, ...]:
    """Every place with a pack that holds today, in the order of division codes."""
    found = [_place(pack_today(code)) for code in jurisdictions() if code != BASE]
    return tuple(sorted(found, key=lambda place: place.region))


def find_place(jurisdiction: str) -> Place | None:
    """The place of that code, if there is one."""
    return next((place for place in places() if place.jurisdiction == jurisdiction), None)


def pack_today(jurisdiction: str) -> Pack:
    """The pack in force today. Raises NotFound."""
    return pack_for(jurisdiction, civil_date(request.platform().clock()))


def kept_today() -> int:
    """How many seconds a page made from packs may be kept: a pack may give way at midnight."""
    now = request.platform().clock()
    return min(CACHE_SECONDS, int((day_end(civil_date(now)) - now).total_seconds()))


def _place(pack: Pack) -> Place:
    tops = [region.code for region in pack.regions.values() if region.parent not in pack.regions]
    common = min(tops) if len(tops) == 1 else f"{min(tops, default='00')[:2]}0000"
    return Place(pack.jurisdiction, pack.title, common)
