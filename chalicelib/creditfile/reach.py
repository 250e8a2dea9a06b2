"""How far a right reaches over subjects: own, the bodies below one's own, a region, all.

What lies below a body is told by the chain of superiors in the register of subjects; a public
official lies where the employer does.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.access.service import may_act_on
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import store
from chalicelib.creditfile.model import Subject, body_id
from chalicelib.kernel.errors import Forbidden
from chalicelib.web.model import Caller, Scope

MAX_DEPTH = 12
"""How far up a chain of superiors is followed: no administration is deeper."""


class Chain:
    """The superiors of bodies, each read once."""

    def __init__(self, platform: Platform, known: Iterable[Subject] = ()) -> None:
        self._platform = platform
        self._above = {one.unified_code: one.superior for one in known if one.unified_code}

    def superior_of(self, code: str) -> str:
        """The unified code of the body above, empty for none."""
        if code not in self._above:
            found = store.load_subject(self._platform, body_id(code))
            self._above[code] = found.superior if found else ""
        return self._above[code]

    def holds(self, top: str, code: str) -> bool:
        """Whether the body of this code is `top` or stands below it."""
        for _ in range(MAX_DEPTH):
            if not code or not top:
                return False
            if code == top:
                return True
            code = self.superior_of(code)
        return False

    def covers(self, top: str, subject: Subject) -> bool:
        """Whether a body is `top` or below it, or a person is employed by such a body."""
        if subject.is_person:
            return self.holds(top, subject.employer)
        return subject.unified_code == top or self.holds(top, subject.superior)


def reaches_body(
    platform: Platform, caller: Caller, scope: Scope, code: str, region: str = ""
) -> bool:
    """Whether a body (an agency too) lies within the caller's scope."""
    if may_act_on(caller, scope, code, region):
        return True
    return scope is Scope.BELOW and Chain(platform).holds(caller.agency_code, code)


def reaches(platform: Platform, caller: Caller, scope: Scope, subject: Subject) -> bool:
    """Whether a subject lies within the caller's scope."""
    if may_act_on(caller, scope, subject.unified_code, subject.region, subject.subject_id):
        return True
    return scope is Scope.BELOW and Chain(platform).covers(caller.agency_code, subject)


def check_scope(platform: Platform, caller: Caller, scope: Scope, subject: Subject) -> None:
    """Raises Forbidden unless the subject lies within the caller's scope."""
    if not reaches(platform, caller, scope, subject):
        raise Forbidden("该主体不在本单位的管辖范围内", code="outside_scope")
