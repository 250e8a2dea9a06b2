"""Who may see which run and whose result: pure, over the caller, the scope and what was frozen."""

from __future__ import annotations

from chalicelib.access.rules import may_act_on, region_covers
from chalicelib.evaluation.runs import Body, Run
from chalicelib.kernel.errors import Conflict
from chalicelib.policy.base import PERSONS
from chalicelib.web.model import Caller, Scope


def sees_run(caller: Caller, scope: Scope, run: Run) -> bool:
    """A run is seen where it reaches into: by an office whose region it touches, by an agency of
    one of its regions, and by a subject of the jurisdiction. It holds counts only. A draft is seen
    by the office that tries it."""
    if run.draft:
        return bool(caller.agency_code) and caller.agency_code == run.requested_by
    if scope is Scope.ALL:
        return True
    if caller.jurisdiction != run.jurisdiction:
        return False
    if not caller.region:
        return bool(caller.subject_id)
    return any(
        region_covers(caller.region, region) or region_covers(region, caller.region)
        for region in run.regions
    )


def sees_result(caller: Caller, scope: Scope, body: Body) -> bool:
    """A result is seen by the body itself, by the offices above it, and by those who see all; a
    person's by the person alone (personnel departments: `persons`)."""
    if body.kind in PERSONS:
        return bool(caller.subject_id) and caller.subject_id == body.subject_id
    return may_act_on(caller, scope, body.unified_code, body.region, body.subject_id)


def must_be_of_bodies(run: Run) -> None:
    """Raises Conflict for an evaluation of persons: it is read person by person, for a purpose, and
    every look is noted (`persons`)."""
    if run.of_persons:
        message = "这是公职人员的评价，只供内部按用途查阅，不列名单、不画排名，也不作比较和导出"
        raise Conflict(message, code="of_persons")
