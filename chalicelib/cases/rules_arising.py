"""Which cases a record gives rise to, by the kinds of its pack. Pure.

A record that came opens what the pack wants opened when a dishonesty record comes (告知, 两书同达,
整改); one that says something else than before opens what is wanted when it changes. What cases do
to a record besides, a mark, a statement, a delivery, changes nothing of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.creditfile.model import Record
from chalicelib.policy.case_kinds import CaseKind, Trigger
from chalicelib.policy.model import Pack


@dataclass(frozen=True, slots=True)
class Arising:
    """A case the platform is to open: the trigger, and the version of the record that pulled it."""

    kind: CaseKind
    trigger: Trigger
    action: str
    version: int


def arising(pack: Pack, versions: Sequence[Record]) -> Iterator[tuple[Arising, ...]]:
    """The cases to be opened about a record with these versions (the oldest first): for each kind
    the first of the alternatives that can be. Who has not been told of the record yet is told of
    it as it is now, and needs no word of its changes. About a record that gave its place to another
    nothing is opened: the other has its own."""
    record = versions[-1]
    if record.superseded_by:
        return
    changed = last_change(versions)
    for kind in sorted(pack.case_kinds.values(), key=lambda one: (one.order, one.code)):
        if kind.about == "body" and (record.supersedes or not _counts(record)):
            continue  # a correction is no new dishonesty, and what does not count needs no remedy
        found = []
        for trigger, version in (("dishonesty_recorded", 1), ("dishonesty_changed", changed)):
            for wanted, action in kind.opened_when.items():
                if wanted == trigger and version:
                    found.append(Arising(kind, wanted, action, version))
        if found:
            yield tuple(found)


def last_change(versions: Sequence[Record]) -> int:
    """The newest version that says something else than the one before it, or than the record whose
    place it took; 0 if none. A record that gave its place to another has not changed: the other
    tells of it."""
    if versions[-1].superseded_by:
        return 0
    found = versions[0].version if versions[0].supersedes else 0
    for before, after in pairwise(versions):
        if _says(before) != _says(after):
            found = after.version
    return found


def is_concerned(record: Record) -> bool:
    """Whether the record is, or was until its exemption, one of dishonesty."""
    return record.dishonesty or record.standing.exempted is not None


def _counts(record: Record) -> bool:
    standing = record.standing
    is_over = standing.exempted is not None or standing.repaired is not None
    return record.dishonesty and record.status == "active" and not is_over


def _says(record: Record) -> tuple[object, ...]:
    # Of what is sealed only the digest tells whether it is the same.
    sealed = record.content_mac if record.sealed else ""
    return (
        record.status,
        record.type,
        record.severity,
        record.occurred_on,
        dict(record.fields),
        sealed,
    )
