"""Where a body stands in the classified supervision of its jurisdiction (信用分类监管)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.creditfile.contents import File
from chalicelib.creditfile.model import Subject
from chalicelib.creditfile.rules_supervision import counts_in_force, supervision_class_of
from chalicelib.creditfile.views import SupervisionStanding
from chalicelib.kernel.clock import civil_date
from chalicelib.policy.service import pack_for, pack_version


def standing_of(subject: Subject, file: File, now: datetime) -> SupervisionStanding | None:
    """The class of classified supervision a body is in at `now`, by the pack in force that day."""
    today = civil_date(now)
    pack = pack_for(subject.jurisdiction, today)
    if not any(subject.kind in one.about for one in pack.supervision.values()):
        return None
    decided_under = ((one, pack_version(one.jurisdiction, one.pack)) for one in file.dishonest)
    counts = counts_in_force(decided_under, today)
    found = supervision_class_of(pack, subject.kind, counts)
    if found is None:
        return None
    return SupervisionStanding(
        code=found.code,
        title=found.title,
        measures=list(found.measures),
        warned=found.warned,
        in_force={level: counts[level] for level in counts},
        basis=f"{found.basis.document} {found.basis.clause}".strip(),
    )
