"""How bodies and persons kept the limits of cases in which it was their turn to act."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final, Literal

from chalicelib.aws.platform import Platform
from chalicelib.cases import store
from chalicelib.cases.presenting import calendar_for, kind_of
from chalicelib.cases.rules_duties import Duty, due_and_missed
from chalicelib.kernel.clock import civil_date, day_start, instant_text
from chalicelib.policy.case_kinds import Relation
from chalicelib.policy.figures import limits_of

Part = Literal["subject", "source", "superior"]

_WHERE: Final[dict[Part, tuple[str, tuple[Relation, ...]]]] = {
    "subject": ("by_subject", ("subject",)),
    "source": ("by_reporter", ("source_agency", "determining_agency")),
    "superior": ("by_actor", ("superior",)),
}
LOOK_BACK: Final = timedelta(days=1_100)
"""Cases opened longer ago than this before the first day have no limit that falls due after it:
three years, where the longest limit of the documents with its extension is one."""


def parts_in(owners: Collection[Relation]) -> tuple[Part, ...]:
    """The parts in cases by which cases of such owners are found."""
    return tuple(part for part, (_, own) in _WHERE.items() if set(own) & set(owners))


def duties_of(
    platform: Platform, part: Part, whose: str, kinds: Collection[str], days: tuple[date, date]
) -> Iterator[Duty]:
    """How whoever has a part (`whose`: the id of a subject, the unified code of an agency) kept the
    limits of cases of some kinds that fell due on the days given, both inclusive. One call per page
    of the cases they had the part in."""
    index, owners = _WHERE[part]
    now = platform.clock()
    first, last = days
    opened = (
        instant_text(day_start(first - LOOK_BACK)),
        instant_text(day_start(last + timedelta(days=1))),
    )
    for item in platform.cases.each_in_index(index, whose, between=opened):
        if item.get("kind") not in kinds:
            continue
        file = store.file_from(item)
        kind = kind_of(file)
        limits = {limit.code for limit in limits_of(kind, owners)}
        calendar = calendar_for(file, now)
        found = due_and_missed(kind, file.case, limits, calendar, civil_date(now))
        if found is not None and first <= found[0] <= last:
            yield Duty(file.case_id, file.case.version, file.kind, *found)
