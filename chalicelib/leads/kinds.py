"""Which kinds of case anyone may open in a place."""

from __future__ import annotations

from chalicelib.aws.platform import Platform
from chalicelib.cases.service import kinds_of
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.case_kinds import CaseAction, CaseKind
from chalicelib.policy.model import Pack
from chalicelib.policy.service import jurisdiction_of, pack_for


def pack_of_place(platform: Platform, region: str, jurisdiction: str) -> Pack:
    """The pack in force today: of the jurisdiction, or where none is said of the region. Raises
    NotFound for what is neither."""
    return pack_for(jurisdiction or jurisdiction_of(region), civil_date(platform.clock()))


def open_kinds(pack: Pack) -> list[tuple[CaseKind, CaseAction]]:
    """The kinds anyone may open a case of about a body, each with the action that opens it."""
    found = ((kind, _opening_of(kind)) for kind in kinds_of(pack) if kind.about == "body")
    return [(kind, action) for kind, action in found if action is not None]


def channels_of(kind: CaseKind) -> dict[str, str]:
    """The channels through which the offices take the same up: code -> title."""
    return {
        choice.code: choice.title
        for action in kind.actions
        if action.opens
        for field in action.fields
        if field.code == "channel"
        for choice in field.values
    }


def _opening_of(kind: CaseKind) -> CaseAction | None:
    return next((one for one in kind.actions if one.opens and "anyone" in one.by), None)
