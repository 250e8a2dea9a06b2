"""Searching earlier decisions on exemption, to judge alike what is alike (容错先例)."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.cases import resultstore
from chalicelib.cases.kinds import find_kind
from chalicelib.cases.model_results import Precedent
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.case_effects import KeepPrecedent
from chalicelib.policy.service import pack_for

EXEMPTION = "exemption"
READS = 5
"""Queries one search makes at most: a page may be short, and still name a next one."""
_READ_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which precedents are looked for; empty fields do not narrow."""

    ground: str = ""
    record_type: str = ""
    outcome: str = ""
    sphere: str = ""
    subject_kind: str = ""
    text: str = ""

    @property
    def equal(self) -> dict[str, str]:
        """What must be equal."""
        names = ("ground", "record_type", "outcome", "sphere", "subject_kind")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def search_precedents(
    platform: Platform, jurisdiction: str, wanted: Wanted, limit: int, start: Item | None
) -> tuple[list[Precedent], Item | None]:
    """One page of the precedents of a place, the newest year first. Raises NotFound where the
    local document has no exemption."""
    find_kind(pack_for(jurisdiction, civil_date(platform.clock())), EXEMPTION)
    where = resultstore.condition(wanted.equal, wanted.text)
    found: list[Precedent] = []
    for _ in range(READS):
        size = limit - len(found) if where is None else _READ_AT_A_TIME
        page = resultstore.page_of_precedents(
            platform, (jurisdiction, EXEMPTION), where, size, start
        )
        for item in page.items:
            found.append(resultstore.precedent_from(item))
            if len(found) == limit:
                return found, _place(item)
        start = page.next_start
        if start is None:
            break
    return found, start


def _place(item: Item) -> Item:
    return {name: item[name] for name in ("pk", "sk", "listing", "position")}


def ground_titles(platform: Platform, jurisdiction: str) -> dict[str, str]:
    """The grounds that can be claimed, code -> title, of the pack in force. Raises NotFound."""
    kind = find_kind(pack_for(jurisdiction, civil_date(platform.clock())), EXEMPTION)
    codes = {
        effect.ground_field
        for action in kind.actions
        for effect in action.effects
        if isinstance(effect, KeepPrecedent)
    }
    return {
        choice.code: choice.title
        for action in kind.actions
        for field in action.fields
        if field.code in codes
        for choice in field.values
    }
