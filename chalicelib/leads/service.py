"""What anyone may report, from where and how often."""

from __future__ import annotations

from chalicelib.aws.platform import Platform
from chalicelib.cases.service import kinds_of
from chalicelib.kernel.clock import civil_date
from chalicelib.leads import limits
from chalicelib.policy.case_kinds import CaseAction, CaseKind
from chalicelib.policy.model import Pack
from chalicelib.policy.service import jurisdiction_of, pack_for

drop_day_keys = limits.drop_day_keys


def pack_of_region(platform: Platform, region: str) -> Pack:
    """The pack in force in a region today. Raises NotFound unless `region` is a division code."""
    return pack_for(jurisdiction_of(region), civil_date(platform.clock()))


def open_kinds(pack: Pack) -> list[tuple[CaseKind, CaseAction]]:
    """The kinds anyone may open a case of about a body, each with the action that opens it."""
    found = ((kind, opening_of(kind)) for kind in kinds_of(pack) if kind.about == "body")
    return [(kind, action) for kind, action in found if action is not None]


def opening_of(kind: CaseKind) -> CaseAction | None:
    """The action with which anyone may open a case of this kind."""
    return next((one for one in kind.actions if one.opens and "anyone" in one.by), None)
