"""What must hold for the notice and the appeal of an evaluation scheme."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.policy.rules_types import Finding
from chalicelib.policy.scheme import Scheme


def check_notice(scheme: Scheme) -> Iterator[Finding]:
    """Every rule broken by what a scheme says of being told and being heard."""
    if scheme.notice is None:
        return
    known = {grade.code for grade in scheme.grades}
    for grade in scheme.notice.grades:
        if grade not in known:
            yield "notice.grades", f"没有等级 {grade}"
    if len(set(scheme.notice.grades)) != len(scheme.notice.grades):
        yield "notice.grades", "等级重复"
